"""What the report of a batch says of a run."""

import pytest

from panel.domain.exchange import Exchange, Failure
from panel.domain.flag import Flag
from panel.domain.job import JobState
from panel.domain.job_outcome import is_retryable, job_reason, job_state, outcome_of
from panel.domain.run import Pending, State
from panel.publish.columns import build_columns
from panel.publish.pick import dissents
from tests.factories import a_ballot, a_panel, a_run, a_scorecard, a_sentence, an_abstention
from tests.virtual import a_request, an_answer

LOST = Failure(kind="transient", reason="the server is busy", calls=3)
UNREADABLE = Failure(kind="unusable", reason="the answer is empty")


def exchange(outcome: object = None, **request: object) -> Exchange:
    return Exchange.model_validate(
        {"request": a_request(**request), "outcome": outcome or an_answer(), "ms": 5}
    )


@pytest.mark.parametrize(
    ("state", "job"),
    [
        ("open", "queued"),
        ("stopped", "queued"),
        ("waiting", "waiting"),
        ("set_aside", "set_aside"),
        ("finished", "in_review"),
    ],
)
def test_a_run_leaves_its_job_where_it_can_go_on(state: State, job: JobState) -> None:
    assert job_state(a_run(state=state)) == job


def test_a_run_without_a_quorum_is_a_failed_job() -> None:
    run = a_run(reviews=a_panel("ship none none skip"))
    assert job_state(run) == "failed"
    assert job_reason(run) == (
        "2 of 4 reviewers gave no valid review: no readable answer after 2 tries"
    )


def test_the_reason_is_what_intake_said_or_what_is_waited_for() -> None:
    assert job_reason(a_run()) is None
    assert job_reason(a_run(reason="a job offer", state="set_aside")) == "a job offer"
    waits = Pending(reviewer="skeptic", reason="the cap is reached", cause="cap")
    assert job_reason(a_run(pending=(waits,), state="stopped")) == "the cap is reached"


def test_of_an_even_panel_page_and_report_name_those_who_skip() -> None:
    tied = a_run(reviews=a_panel("ship skip ship skip"))
    (column,) = build_columns((tied,))
    named = {dissent.card.key for dissent in dissents(column)}
    assert set(outcome_of(tied, [], 0).split) == named == {"skeptic", "business_analyst"}


def test_only_a_last_attempt_that_failed_can_be_made_good() -> None:
    assert not is_retryable([])
    assert is_retryable([exchange(), exchange(LOST, label="review:skeptic")])
    mended = [exchange(LOST, label="intake"), exchange(label="intake", attempt=1)]
    assert not is_retryable(mended)


def test_calls_beyond_the_first_are_retries_and_answers_that_could_not_be_counted_invalid() -> None:
    repair = a_request().but(
        messages=(
            *a_request().messages,
            a_request().messages[0].model_copy(update={"role": "assistant"}),
        )
    )
    exchanges = [
        exchange(an_answer(calls=2)),
        exchange(LOST),
        exchange(UNREADABLE),
        Exchange(request=repair, outcome=an_answer(), ms=1),
    ]
    found = outcome_of(a_run(), exchanges, 1234)
    assert (found.exchanges, found.retries, found.invalid, found.ms) == (4, 3, 2, 1234)
    assert (found.calls, found.tokens_in, found.tokens_out) == (4, 9000, 1200)


def test_who_differs_from_most_is_the_split() -> None:
    assert outcome_of(a_run(reviews=a_panel("ship ship skip ship")), [], 0).split == ("futurist",)
    assert outcome_of(a_run(), [], 0).split == ()
    assert outcome_of(a_run(reviews=a_panel("none none none none")), [], 0).split == ()


def test_an_abstention_has_no_verdict_and_no_score() -> None:
    found = outcome_of(a_run(reviews=[a_scorecard(), an_abstention()]), [], 0)
    assert [(persona_set.verdict, persona_set.score) for persona_set in found.voices] == [
        ("ship", 8.0),
        (None, None),
    ]
    assert (found.scorecards, found.ships) == (1, 1)


def test_a_run_that_reached_no_verdict_has_none() -> None:
    found = outcome_of(a_run(reviews=[], verdict=None, state="stopped"), [], 0)
    assert (found.decision, found.mean, found.scorecards, found.seats) == (None, None, 0, 4)


def test_evidence_is_counted_and_where_it_was_flagged_looked_up_again() -> None:
    findings = (
        *a_ballot().findings[1:],
        a_ballot().findings[0].model_copy(update={"evidence": None}),
    )
    sound = a_scorecard(ballot=a_ballot(findings=findings))
    invented = a_ballot(take=(a_sentence("It is fast.", "quoted", "twice as fast as paper"),))
    fault = Flag(kind="ballot", message="the evidence does not stand there", holds=False)
    flagged = a_scorecard("skeptic", ballot=invented, flags=(fault,))
    found = outcome_of(a_run(reviews=[sound, flagged]), [], 0)
    assert (found.evidence, found.verbatim) == (8, 7)


def test_a_panel_smaller_than_the_quorum_is_said_to_be_that() -> None:
    run = a_run(reviews=a_panel("ship skip"))
    assert job_state(run) == "failed"
    assert job_reason(run) == "2 reviewers are fewer than the quorum of 3"
