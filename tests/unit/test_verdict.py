"""The verdict follows its printed rule."""

import itertools

import pytest

from panel.domain.verdict import Rules, aggregate, reviewer_score
from tests.factories import REVIEWERS, a_ballot, a_panel, a_scorecard, an_abstention, some_findings


@pytest.mark.parametrize(
    ("votes", "decision", "share", "split"),
    [
        ("ship ship ship ship", "ship", 1.0, False),
        ("ship ship ship skip", "ship", 0.75, False),
        ("ship ship skip skip", "skip", 0.5, True),
        ("ship skip skip skip", "skip", 0.25, False),
        ("skip skip skip skip", "skip", 0.0, False),
        ("ship ship skip none", "ship", 0.6667, False),
        ("ship ship none none", None, 1.0, False),
        ("none none none none", None, None, False),
    ],
)
def test_more_than_half_ships_and_a_missing_quorum_decides_nothing(
    votes: str, decision: str | None, share: float | None, *, split: bool
) -> None:
    verdict = aggregate(a_panel(votes), Rules())
    assert verdict.decision == decision
    assert verdict.ship_share == share
    assert verdict.split is split
    assert verdict.quorate is (votes.split().count("none") < 2)


def test_a_tie_goes_as_the_settings_say() -> None:
    reviews = a_panel("ship ship skip skip")
    assert aggregate(reviews, Rules(tie="ship")).decision == "ship"


@pytest.mark.parametrize("missing", list(itertools.product([True, False], repeat=4)))
def test_every_subset_of_missing_reviewers_gives_the_documented_result(
    missing: tuple[bool, ...],
) -> None:
    reviews = [
        an_abstention(key) if gone else a_scorecard(key, "ship")
        for key, gone in zip(REVIEWERS, missing, strict=True)
    ]
    verdict = aggregate(reviews, Rules())
    there = missing.count(False)
    assert verdict.quorate is (there >= 3)
    assert verdict.decision == ("ship" if there >= 3 else None)
    assert verdict.abstentions == tuple(
        sorted(key for key, gone in zip(REVIEWERS, missing, strict=True) if gone)
    )
    assert len(verdict.ships) == there


@pytest.mark.parametrize(
    ("steps", "score"), [((5, 5, 5), 10.0), ((1, 2, 2), 3.3), ((4, 4, 5), 8.7), ((1, 1, 1), 2.0)]
)
def test_a_reviewers_score_is_the_plain_mean_of_its_criteria(
    steps: tuple[int, int, int], score: float
) -> None:
    assert reviewer_score(a_ballot(findings=some_findings(*steps))) == score


def test_the_panels_score_is_the_mean_of_its_cards() -> None:
    cards = [
        a_scorecard(key, ballot=a_ballot(step=s)) for key, s in zip("abc", (5, 4, 4), strict=True)
    ]
    assert aggregate(cards, Rules()).score == 8.7
