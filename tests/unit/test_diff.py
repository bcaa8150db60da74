"""What differs between two runs of one panel, most visible first."""

from typing import Any

import pytest

from panel.domain.flag import Flag
from panel.pipeline.diff import differences
from tests.factories import a_ballot, a_panel, a_run, a_scorecard, an_abstention

BEFORE = a_run()


def differing(**fields: Any) -> list[str]:
    return list(differences(BEFORE, BEFORE.model_copy(update=fields)))


def test_a_run_does_not_differ_from_itself() -> None:
    assert differing() == []


def test_neither_id_nor_cost_nor_version_is_a_difference() -> None:
    assert differing(id="other", versions={}, spending=a_run().spending) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"state": "stopped"}, ["state: finished -> stopped"]),
        ({"verdict": None}, ["verdict: ship -> None"]),
        (
            {"flags": (Flag(kind="ballot", message="m", holds=False),)},
            ["flags: [] -> ['ballot']"],
        ),
        ({"tool": BEFORE.tool.model_copy(update={"licence": None})}, ["facts: licence changed"]),
        (
            {"tool": BEFORE.tool.model_copy(update={"entry": None, "tagline": "T"})},
            ["facts: tagline, entry changed"],
        ),
        (
            {"assignments": (BEFORE.assignments[0].model_copy(update={"model": "gpt-new"}),)},
            [f"seats: {['openai:gpt-test'] * 4} -> ['openai:gpt-new']"],
        ),
        (
            {"reviews": BEFORE.reviews[1:]},
            ["builder: is no longer on the panel"],
        ),
        (
            {"reviews": (*BEFORE.reviews, a_scorecard("auditor"))},
            ["auditor: was not on the panel"],
        ),
        (
            {"reviews": (an_abstention("builder"), *BEFORE.reviews[1:])},
            ["builder: kind, ballot, score, flags, reason changed"],
        ),
    ],
)
def test_a_difference_is_told_by_what_a_reader_would_see(
    fields: dict[str, Any], found: list[str]
) -> None:
    assert differing(**fields) == found


def test_a_verdict_that_is_there_now_is_told() -> None:
    without = BEFORE.model_copy(update={"verdict": None})
    assert list(differences(without, BEFORE)) == ["verdict: none -> ship"]
    assert list(differences(without, without)) == []


def test_the_verdict_comes_first_then_its_parts_then_the_reviews() -> None:
    after = a_run(reviews=a_panel("ship skip skip skip"))
    found = list(differences(BEFORE, after))
    assert found[:3] == [
        "verdict.decision: ship -> skip",
        "verdict.ship_share: 1.0 -> 0.25",
        "verdict.score: 8.0 -> 5.0",
    ]
    assert found[-1].startswith("business_analyst: ")
    assert "verdict.findings: a criterion's mean, spread or dissenters differ" in found


def test_a_take_in_other_words_is_a_changed_ballot() -> None:
    ballot = a_ballot(best_for="someone else")
    after = BEFORE.model_copy(update={"reviews": (a_scorecard(ballot=ballot), *BEFORE.reviews[1:])})
    assert list(differences(BEFORE, after)) == ["builder: ballot changed"]
