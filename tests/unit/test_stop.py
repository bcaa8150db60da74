"""When a batch takes up no further tool."""

from datetime import UTC, datetime
from threading import Thread

from panel.batch.stop import StopReason
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
    stop_reason = StopReason(Hand())
    assert list(stop_reason.jobs("abc")) == ["a", "b", "c"]
    assert stop_reason.reason is None


def test_as_many_tools_as_were_asked_for_and_the_rest_is_told() -> None:
    stop_reason = StopReason(Hand())
    assert list(stop_reason.jobs("abc", most=2)) == ["a", "b"]
    assert stop_reason.reason == "max_tools"
    exact = StopReason(Hand())
    assert list(exact.jobs("abc", most=3)) == ["a", "b", "c"]
    assert exact.reason is None


def test_after_the_deadline_no_tool_is_begun() -> None:
    clock = Hand()
    stop_reason = StopReason(clock, deadline_s=60)
    jobs = stop_reason.jobs("abc")
    assert next(jobs) == "a"
    clock.at = 60
    assert list(jobs) == []
    assert stop_reason.reason == "deadline"


def test_five_panels_in_a_row_without_any_answer_mean_that_the_provider_is_down() -> None:
    stop_reason = StopReason(Hand())
    for _ in range(4):
        stop_reason.check_stop(a_job("failed", calls=3))
    stop_reason.check_stop(a_job("in_review", calls=4, scorecards=4))
    for _ in range(4):
        stop_reason.check_stop(a_job("failed", calls=3))
    stop_reason.check_stop(a_job("held"))
    assert list(stop_reason.jobs("a")) == ["a"]
    stop_reason.check_stop(a_job("failed", calls=3))
    assert list(stop_reason.jobs("a")) == []
    assert stop_reason.reason == "provider"
    assert stop_reason.detail == "the server is down"


def test_a_tool_that_is_set_aside_ends_the_row_only_where_somebody_answered() -> None:
    stop_reason = StopReason(Hand())
    for job in (a_job("set_aside", calls=1), a_job("set_aside")):
        for _ in range(4):
            stop_reason.check_stop(a_job("failed", calls=3))
        assert stop_reason.reason is None
        stop_reason.check_stop(job)
    stop_reason.check_stop(a_job("failed", calls=3))
    assert stop_reason.reason == "provider"


def test_a_panel_with_some_answers_is_no_outage() -> None:
    stop_reason = StopReason(Hand())
    for _ in range(9):
        stop_reason.check_stop(a_job("failed", calls=4, scorecards=2))
    assert stop_reason.reason is None


def test_the_first_reason_is_told_and_a_signal_goes_before_it() -> None:
    stop_reason = StopReason(Hand())
    stop_reason.stop("cap", "5 dollars are spent")
    stop_reason.stop("key")
    assert (stop_reason.reason, stop_reason.detail) == ("cap", "5 dollars are spent")
    stop_reason.stop("signal")
    assert stop_reason.reason == "signal"
    assert list(stop_reason.jobs("abc")) == []


class Interrupted(StopReason):
    """One to which a signal comes while a thread is just setting another reason."""

    signal: Thread | None = None

    def __setattr__(self, name: str, value: object) -> None:
        if name == "reason" and value == "cap":
            self.signal = Thread(target=self.stop, args=("signal",))
            self.signal.start()
            self.signal.join(0.2)
        super().__setattr__(name, value)


def test_a_signal_is_not_lost_to_a_thread_that_stops_at_the_same_moment() -> None:
    stop_reason = Interrupted(Hand())
    stop_reason.stop("cap", "5 dollars are spent")
    assert stop_reason.signal is not None
    stop_reason.signal.join(30)
    assert (stop_reason.reason, stop_reason.detail) == ("signal", None)
