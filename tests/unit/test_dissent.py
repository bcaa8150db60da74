"""A panel that ships against one of its reviewers says so, and holds where they are far apart."""

import pytest

from panel.domain.dissent import dissent_flags
from panel.domain.review import Scorecard
from panel.domain.verdict import Rules, aggregate
from tests.factories import a_rubric, a_scorecard, an_abstention


def card(reviewer: str, verdict: str, score: float) -> Scorecard:
    return a_scorecard(reviewer, verdict).model_copy(update={"score": score})  # type: ignore[arg-type]


def kinds(*reviews: Scorecard) -> list[tuple[str, bool]]:
    verdict = aggregate(reviews, rubric=a_rubric(), rules=Rules())
    flags = dissent_flags(reviews, verdict)
    assert {flag.kind for flag in flags} <= {"dissent"}
    return [(flag.message, flag.holds) for flag in flags]


def test_three_that_were_turned_leave_the_fourth_far_behind() -> None:
    turned = [card(key, "ship", 10.0) for key in ("builder", "futurist", "skeptic")]
    ((message, holds),) = kinds(*turned, card("business_analyst", "skip", 4.0))
    assert holds
    assert "gives 4.0 of 10 where those who ship give 10.0" in message


@pytest.mark.parametrize(("score", "holds"), [(4.4, True), (4.5, False), (7.0, False)])
def test_three_points_hold_and_less_is_only_said(score: float, *, holds: bool) -> None:
    ships = [
        card("builder", "ship", 7.0),
        card("futurist", "ship", 7.9),
        card("skeptic", "ship", 7.3),
    ]
    ((_, held),) = kinds(*ships, card("business_analyst", "skip", score))
    assert held is holds


def test_who_agrees_is_not_flagged() -> None:
    assert kinds(*(card(key, "ship", 7.0) for key in ("a", "b", "c", "d"))) == []
    assert kinds(*(card(key, "skip", 3.0) for key in ("a", "b", "c", "d"))) == []


def test_a_lone_ship_among_skips_is_no_ship_and_not_flagged() -> None:
    assert (
        kinds(card("a", "ship", 10.0), *(card(key, "skip", 3.0) for key in ("b", "c", "d"))) == []
    )


def test_without_a_verdict_nothing_is_flagged() -> None:
    reviews = (card("a", "ship", 10.0), an_abstention("b"))
    verdict = aggregate(reviews, rubric=a_rubric(), rules=Rules())
    assert dissent_flags(reviews, verdict) == ()
