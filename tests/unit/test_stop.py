"""When a batch takes up no further tool."""

from datetime import UTC, datetime

from panel.batch.stop import Halt
from panel.domain.job import Job, JobState, Outcome
from tests.factories import a_tool


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at


def a_job(state: JobState, **outcome: int) -> Job:
    return Job(
        id="a",
        batch="2026-11-22",
        source="feed",
        tool=a_tool(),
        state=state,
        reason="the server is down",
        outcome=Outcome.model_validate(outcome),
        moved=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_all_jobs_go_on_where_nothing_stops_them() -> None:
    halt = Halt(Hand())
    assert list(halt.jobs("abc")) == ["a", "b", "c"]
    assert halt.reason is None


def test_as_many_tools_as_were_asked_for_and_the_rest_is_told() -> None:
    halt = Halt(Hand())
    assert list(halt.jobs("abc", most=2)) == ["a", "b"]
    assert halt.reason == "max_tools"
    exact = Halt(Hand())
    assert list(exact.jobs("abc", most=3)) == ["a", "b", "c"]
    assert exact.reason is None


def test_after_the_deadline_no_tool_is_begun() -> None:
    clock = Hand()
    halt = Halt(clock, deadline_s=60)
    jobs = halt.jobs("abc")
    assert next(jobs) == "a"
    clock.at = 60
    assert list(jobs) == []
    assert halt.reason == "deadline"


def test_five_panels_in_a_row_without_any_answer_mean_that_the_provider_is_down() -> None:
    halt = Halt(Hand())
    for _ in range(4):
        halt.heed(a_job("failed", calls=3))
    halt.heed(a_job("in_review", calls=4, scorecards=4))
    for _ in range(4):
        halt.heed(a_job("failed", calls=3))
    halt.heed(a_job("held"))
    assert list(halt.jobs("a")) == ["a"]
    halt.heed(a_job("failed", calls=3))
    assert list(halt.jobs("a")) == []
    assert halt.reason == "provider"
    assert halt.detail == "the server is down"


def test_a_panel_with_some_answers_is_no_outage() -> None:
    halt = Halt(Hand())
    for _ in range(9):
        halt.heed(a_job("failed", calls=4, scorecards=2))
    assert halt.reason is None


def test_the_first_reason_is_told_and_a_signal_goes_before_it() -> None:
    halt = Halt(Hand())
    halt.stop("cap", "5 dollars are spent")
    halt.stop("key")
    assert (halt.reason, halt.detail) == ("cap", "5 dollars are spent")
    halt.stop("signal")
    assert halt.reason == "signal"
    assert list(halt.jobs("abc")) == []
