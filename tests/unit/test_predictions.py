"""Predictions: what is due, what came of it, and the record that is made of it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.app.predictions import due, predictions, records, resolve
from panel.app.workspace import Workspace
from panel.domain.ballot import DatedClaim
from panel.domain.calibration import COIN, brier_score, calibration_groups
from panel.domain.prediction import (
    Claim,
    ClaimOutcome,
    ClaimsTaken,
    Prediction,
    Resolution,
    claims_of,
    follow,
    record_predictions,
)
from panel.domain.run import Run
from panel.errors import ConfigError, Overtaken
from panel.store.sql.ledger import SqlLedger
from tests.factories import a_ballot, a_run, a_scorecard, a_tool, an_abstention
from tests.workspaces import lay_out

AT = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)


def a_claim(number: int = 0, probability: float = 0.6, **fields: object) -> Claim:
    run = f"quillbase-{number:08x}"
    given = {
        "id": f"{run}.builder",
        "tool": f"quillbase-{number}",
        "name": "Quillbase",
        "reviewer": "builder",
        "made": date(2026, 11, 22),
        "claim": "A hosted plan appears.",
        "by": date(2027, 6, 30),
        "probability": probability,
    }
    return Claim.model_validate(given | fields)


def resolved(claim: Claim, outcome: ClaimOutcome = "yes") -> Resolution:
    return Resolution(
        claim=claim.id,
        outcome=outcome,
        note="It is on the price page.",
        source="https://example.com/prices",
        editor="Duty editor",
        at=AT,
    )


def followed(said: Sequence[tuple[float, ClaimOutcome]]) -> tuple[Prediction, ...]:
    claims = [a_claim(number, probability) for number, (probability, _) in enumerate(said)]
    outcomes = [resolved(claim, outcome) for claim, (_, outcome) in zip(claims, said, strict=True)]
    return follow(claims, outcomes)


def test_the_brier_score_is_that_of_its_definition() -> None:
    # Rain at 70 %: .09 where it rains, .49 where it does not; at 100 % and at 0 % it is 0 or 1.
    assert brier_score([(0.7, True)]) == pytest.approx(0.09)
    assert brier_score([(0.7, False)]) == pytest.approx(0.49)
    assert brier_score([(1.0, True), (0.0, False), (0.0, True), (1.0, False)]) == 0.5
    assert brier_score([(0.5, True), (0.5, False)]) == COIN


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_a_brier_score_is_between_nought_and_one_and_turns_with_its_forecasts(
    forecasts: list[tuple[float, bool]],
) -> None:
    score = brier_score(forecasts)
    assert 0 <= score <= 1
    turned = [(1 - said, not happened) for said, happened in forecasts]
    assert brier_score(turned) == pytest.approx(score)


def test_groups_end_before_their_ends_and_small_ones_are_left_out() -> None:
    cases = [(0.2, 1.0)] * 10 + [(0.1999, 0.0)] * 9 + [(0.39, 0.0)] * 10
    (found,) = calibration_groups(cases, (0.2, 0.4))
    assert (found.cases, found.happened) == (20, 0.5)
    assert found.said == pytest.approx(0.295)
    assert found.low < 0.5 < found.high


def test_only_a_dated_claim_of_a_model_is_taken() -> None:
    undated = a_ballot(prediction=DatedClaim(claim="It grows.", by="some day", probability=0.5))
    run = a_run(
        reviews=(
            a_scorecard("builder"),
            a_scorecard("skeptic", ballot=undated),
            a_scorecard("futurist", provider="checklist"),
            an_abstention("business_analyst"),
        )
    )
    (claim,) = claims_of(run)
    assert (claim.id, claim.by) == (f"{run.id}.builder", date(2027, 6, 30))


def test_of_a_tool_that_was_reviewed_again_the_newest_claims_are_open() -> None:
    old, new = (
        a_claim(n, tool="quillbase", made=date(2026, 11, day)) for n, day in ((1, 20), (2, 22))
    )
    assert [one.claim for one in follow([new, old], [])] == [new]
    both = follow([new, old], [resolved(old, "no"), resolved(old, "void")])
    assert [one.claim for one in both] == [old, new]
    assert both[0].resolution == resolved(old, "void")
    assert follow([new], [], date(2027, 6, 29)) == ()
    assert len(follow([new], [], date(2027, 6, 30))) == 1


def test_of_two_reviews_on_one_day_the_later_has_the_open_claims() -> None:
    early, late = (
        a_claim(number, tool="quillbase", started=datetime(2026, 11, 22, hour, tzinfo=UTC))
        for number, hour in ((0xF0000000, 9), (0x10000000, 15))
    )
    before = a_claim(0xFFFFFFFF, tool="quillbase")
    assert [one.claim for one in follow([late, early, before], [])] == [late]
    run = a_run()
    assert {claim.started for claim in claims_of(run)} == {run.started}


def test_a_record_has_no_score_below_twenty_and_void_counts_nowhere() -> None:
    outcomes: list[ClaimOutcome] = ["yes" if n < 14 else "no" for n in range(19)]
    said: list[tuple[float, ClaimOutcome]] = [*((0.8, one) for one in outcomes), (0.1, "void")]
    few = record_predictions("builder", followed(said))
    assert (few.resolved, few.void, few.brier, few.groups) == (19, 1, None, ())
    enough = record_predictions("builder", followed([*said, (0.8, "yes")]))
    assert (enough.resolved, enough.came_true, enough.base_rate) == (20, 15, 0.75)
    assert enough.brier == pytest.approx((15 * 0.04 + 5 * 0.64) / 20)
    (group,) = enough.groups
    assert (group.cases, group.happened) == (20, 0.75)
    assert record_predictions("skeptic", followed(said)).resolved == 0


def test_claims_and_resolutions_are_rows_of_the_journal(ledger: SqlLedger) -> None:
    claim = a_claim()
    taken = ClaimsTaken(runs=("2026-11-22/quillbase-0",), claims=(claim,))
    ledger.predictions.take(taken, AT)
    (kept,) = ledger.predictions.taken()
    assert (kept.runs, kept.claims) == (taken.runs, taken.claims)
    assert ledger.predictions.taken(kept.number) == ()
    first = ledger.predictions.resolve(resolved(claim), seen=0)
    with pytest.raises(Overtaken, match="Duty editor resolved it meanwhile"):
        ledger.predictions.resolve(resolved(claim, "void"), seen=0)
    second = ledger.predictions.resolve(resolved(claim, "void"), seen=first.number)
    assert ledger.predictions.resolutions() == (first, second)
    assert list(ledger.decisions.after()) == []
    assert ledger.journal.verify() == second.number


def test_of_two_editors_at_once_one_wins(sqlite_ledger: SqlLedger) -> None:
    def work(outcome: ClaimOutcome) -> object:
        try:
            return sqlite_ledger.predictions.resolve(resolved(a_claim(), outcome), seen=0)
        except Overtaken as error:
            return error

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(work, ("yes", "no", "void", "yes")))
    assert sum(isinstance(one, Overtaken) for one in found) == 3
    assert len(sqlite_ledger.predictions.resolutions()) == 1


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(lay_out(tmp_path / "desk"))


def keep(workspace: Workspace, *runs: Run) -> None:
    for run in runs:
        with workspace.runs.lock(run) as folder:
            folder.save(run)


def test_claims_are_taken_once_and_resolved_by_name(workspace: Workspace) -> None:
    assert predictions(workspace) == ()
    assert not workspace.has_ledger
    run = a_run()
    keep(workspace, run, a_run(a_tool("Rowboat"), state="open", verdict=None))
    assert len(predictions(workspace)) == 4
    keep(workspace, a_run(a_tool("Pixelbroth")))
    assert len(predictions(workspace)) == 8
    with workspace.ledger() as ledger:
        assert [len(one.runs) for one in ledger.predictions.taken()] == [1, 1]
    assert due(workspace, date(2027, 6, 29)) == ()
    assert len(due(workspace, date(2027, 6, 30))) == 8
    seen = partial(resolve, workspace, note="Seen.", source="https://example.com/a", editor="Anna")
    made = seen(f"{run.id}.builder", "yes")
    assert made.resolution is not None
    assert len(due(workspace, date(2027, 6, 30))) == 7
    builder, *_ = records(predictions(workspace))
    assert (builder.reviewer, builder.came_true) == ("builder", 1)
    again = f"{run.id}.builder"
    with pytest.raises(ConfigError, match="Anna resolved it as yes"):
        seen(again, "void")
    seen(again, "void", again=True)
    assert records(predictions(workspace))[0].void == 1


@pytest.mark.parametrize(
    ("id", "outcome", "source", "says"),
    [
        ("nothing.builder", "yes", "https://example.com", "there is no such prediction"),
        ("quillbase-0a1b2c3d.builder", "yes", "a friend", "source: it is no web address"),
        ("quillbase-0a1b2c3d.builder", "no", "https://example.com", "its day is 2999-06-30"),
    ],
)
def test_what_cannot_be_resolved_is_refused_in_one_line(
    workspace: Workspace,
    id: str,  # noqa: A002
    outcome: ClaimOutcome,
    source: str,
    says: str,
) -> None:
    late = a_ballot(prediction=DatedClaim(claim="It is there.", by="2999-06-30", probability=0.6))
    keep(
        workspace, a_run(reviews=[a_scorecard(key, ballot=late) for key in ("builder", "skeptic")])
    )
    with pytest.raises(ConfigError, match=says) as error:
        resolve(workspace, id, outcome, note="Seen.", source=source, editor="Anna")
    assert "\n" not in str(error.value)
