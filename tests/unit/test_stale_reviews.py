"""Stale reviews: who wrote of a fact that was corrected since, and what clears that."""

from collections.abc import Sequence
from typing import Any

import pytest

from panel.domain.ballot import Sentence
from panel.domain.decision import EditorialDecision
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.editorial.fields import change_of
from panel.editorial.gates import check_gates
from panel.editorial.publication import publication_of
from panel.editorial.stale_reviews import StaleReview, stale_reviews
from tests.decisions import a_decision
from tests.factories import (
    a_ballot,
    a_price,
    a_run,
    a_scorecard,
    a_sentence,
    a_tool,
    an_abstention,
)

ON_PRICE = a_sentence("A seat is dear.", "quoted", "It costs 9 dollars a seat")
ON_SUM = a_sentence("Ten seats are 10 x 9 = 90 dollars.", "computed", "each month")
ON_LICENCE = a_sentence("MIT lets you fork it.", "judged")
ON_FILES = a_sentence("It keeps notes.", "quoted", "notes in plain files")
UNLICENSED = a_sentence("No licence is named.", "absent")


def by(*takes: Sequence[Sentence]) -> list[Scorecard]:
    """Return a scorecard for each take, of reviewers `a`, `b` and so on."""
    return [
        a_scorecard(key, ballot=a_ballot(take=tuple(take)))
        for key, take in zip("abcde", takes, strict=False)
    ]


def of(run: Run, *decisions: EditorialDecision) -> tuple[StaleReview, ...]:
    return stale_reviews(run, publication_of(run, decisions))


def edited(run: Run, number: int, field: str, value: str | None) -> EditorialDecision:
    return a_decision(run, number, "edit", changes=(change_of(run, field, value),))


PRICED = a_price(evidence="9 dollars a seat each month")


def a_case(**tool: Any) -> Run:
    given = {"prices": (PRICED,), **tool}
    return a_run(a_tool(**given), by([ON_PRICE], [ON_SUM], [ON_LICENCE, ON_FILES], [ON_FILES]))


@pytest.mark.parametrize(
    ("field", "value", "who"),
    [
        ("price.1", "team: 12 USD per seat and month", ["a", "b"]),
        ("price.1", None, ["a", "b"]),
        ("licence", "EUPL-1.2", ["c"]),
        ("vendor", "Quill Labs", []),
        ("price.2", "backup: 3 USD per month", []),
    ],
)
def test_who_wrote_of_a_fact_is_named_and_nobody_else(
    field: str, value: str | None, who: list[str]
) -> None:
    run = a_case()
    assert of(run) == ()
    assert [one.reviewer for one in of(run, edited(run, 1, field, value))] == who


@pytest.mark.parametrize(
    ("licence", "sentence", "is_stale"),
    [
        ("AGPL-3.0-only", "The AGPLv3 keeps forks open.", True),
        ("AGPL-3.0-only", "AGPL is copyleft.", True),
        ("AGPL-3.0-only", "GPL is copyleft.", False),
        ("MIT (code); CC-BY-NC-4.0 (weights)", "CC BY-NC 4.0 forbids selling.", True),
        ("MIT", "It permits a lot.", False),
    ],
)
def test_a_licence_is_named_in_any_spelling(licence: str, sentence: str, *, is_stale: bool) -> None:
    run = a_run(a_tool(licence=licence), by([a_sentence(sentence, "judged")]))
    assert bool(of(run, edited(run, 1, "licence", "EUPL-1.2"))) is is_stale


def test_who_gave_no_review_is_not_asked() -> None:
    run = a_run(a_tool(), [*by([ON_LICENCE]), an_abstention("skeptic")])
    assert [one.reviewer for one in of(run, edited(run, 1, "licence", "EUPL-1.2"))] == ["a"]


def test_a_fact_of_the_form_rests_on_its_line() -> None:
    quoted = a_sentence("It is permissive.", "quoted", "licence: MIT")
    run = a_run(a_tool(), by([quoted], [ON_FILES]))
    (stale,) = of(run, edited(run, 1, "licence", None))
    assert (stale.id, stale.facts) == ("stale.a", ("licence: MIT, now not stated",))
    assert stale.words == "It is permissive."


@pytest.mark.parametrize(
    ("tool", "field", "value", "sentence"),
    [
        ({"licence": None, "not_stated": ("licence",)}, "licence", "MIT", UNLICENSED),
        (
            {"prices": (), "not_stated": ("prices",)},
            "price.1",
            "team: 12 USD per seat",
            a_sentence("The pricing page is missing.", "absent"),
        ),
    ],
)
def test_who_missed_a_fact_that_is_there_now_is_named(
    tool: dict[str, Any], field: str, value: str, sentence: Sentence
) -> None:
    judged = a_sentence(sentence.text, "judged")
    run = a_run(a_tool(**tool), by([sentence], [judged], [a_sentence("No logo.", "absent")]))
    assert [one.reviewer for one in of(run, edited(run, 1, field, value))] == ["a"]


def test_a_fact_that_is_as_it_was_again_makes_nobody_stale() -> None:
    run = a_case()
    there = edited(run, 1, "licence", "EUPL-1.2")
    back = a_decision(
        run, 2, "edit", changes=(there.changes[0].model_copy(update={"after": "MIT"}),)
    )
    assert of(run, there, back) == ()
    assert of(run, there, a_decision(run, 2, "undo", undoes=1)) == ()


def test_the_gate_is_cleared_by_an_answer_that_is_younger_than_the_correction() -> None:
    run = a_case()
    licence = edited(run, 2, "licence", "EUPL-1.2")
    early = a_decision(run, 1, "edit", answers={"stale.c": "Still true."})
    late = a_decision(run, 3, "edit", answers={"stale.c": "EUPL lets you fork it too."})
    assert gate(run, early, licence) == ("stale.c",)
    assert gate(run, licence, late) == ()
    assert gate(run, licence, answers={"stale.c": "It stands."}) == ()
    again = edited(run, 4, "price.1", "team: 12 USD per seat and month")
    assert gate(run, licence, late, again) == ("stale.a", "stale.b", "stale.c")


def test_a_sentence_that_an_editor_changed_has_been_judged() -> None:
    run = a_case()
    licence = edited(run, 1, "licence", "EUPL-1.2")
    assert of(run, licence, edited(run, 2, "c.take.1", "EUPL lets you fork it.")) == ()
    assert of(run, licence, edited(run, 2, "c.take.2", "It keeps notes safe."))


def test_findings_and_conditions_rest_on_facts_too() -> None:
    card = a_scorecard("a", ballot=a_ballot(take=(ON_FILES,), avoid_if="You need more than MIT."))
    run = a_run(a_tool(prices=(PRICED,)), [card])
    licence = edited(run, 1, "licence", "EUPL-1.2")
    assert [one.words for one in of(run, licence)] == ["You need more than MIT."]
    assert of(run, licence, edited(run, 2, "a.avoid_if", "You need more than EUPL.")) == ()


def gate(
    run: Run, *decisions: EditorialDecision, answers: dict[str, str] | None = None
) -> tuple[str, ...]:
    """Return what the gate misses."""
    checked = check_gates(run, publication_of(run, decisions), answers=answers)
    (found,) = (one for one in checked if one.name == "stale")
    assert found.passed is (not found.missing)
    return found.missing
