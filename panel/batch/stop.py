"""Why a batch starts no further tool; the first reason counts, a signal overrides it."""

import asyncio
import signal
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, TypeVar

from panel.domain.batch_report import Stop
from panel.domain.job import Job
from panel.ports import Clock

T = TypeVar("T")

GRACE_S: Final = 25.0
"""How long panels may take after SIGTERM; with the report behind them it stays below 30 s."""

_OUTAGE_AFTER: Final = 5
"""Panels in a row without any answer: then the provider is down, and the rest can wait."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopReason:
    """Whether a batch goes on, shared by everything that works on it, in any thread."""

    def __init__(self, clock: Clock, deadline_s: float | None = None) -> None:
        self.reason: Stop | None = None
        self.detail: str | None = None
        self._clock = clock
        self._until = None if deadline_s is None else clock.monotonic() + deadline_s
        self._unanswered = 0
        self._lock = Lock()

    def stop(self, reason: Stop, detail: str | None = None) -> None:
        """Start nothing more. The first reason is kept, but a signal replaces any other."""
        with self._lock:
            if self.reason is None or reason == "signal":
                self.reason, self.detail = reason, detail

    @property
    def forbids_calls(self) -> bool:
        """Whether a panel that has not begun is not to begin, though its job was taken up."""
        return self.reason not in (None, "deadline", "max_tools")

    def jobs(self, ids: Iterable[str], most: int | None = None) -> Iterator[str]:
        """Yield `ids` for as long as the batch goes on, `most` at most."""
        for number, id_ in enumerate(ids):
            if number == most:
                self.stop("max_tools")
            if self._until is not None and self._clock.monotonic() >= self._until:
                self.stop("deadline")
            if self.reason is not None:
                return
            yield id_

    def check_stop(self, job: Job) -> None:
        """Stop where several panels in a row get no answer at all."""
        outcome = job.outcome
        if outcome is None or not outcome.calls:
            return
        if job.state == "failed" and not outcome.scorecards:
            self._unanswered += 1
        elif job.state in ("in_review", "set_aside"):
            self._unanswered = 0
        if self._unanswered >= _OUTAGE_AFTER:
            self.stop("provider", job.reason)


class SignalHandler:
    """Turns SIGTERM, SIGINT and SIGHUP into a stop of the batch, from its first step to its last.

    The first one sets `stop_reason`; a second one, or `grace_s` after the first, cancels what is
    under way. A SIGHUP that the process was started to ignore (`nohup`) stays ignored.
    """

    def __init__(self, stop_reason: StopReason, grace_s: float = GRACE_S) -> None:
        self._stop_reason = stop_reason
        self._grace_s = grace_s
        self._running: asyncio.Future[Any] | None = None
        self._at_once = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals in this block, which has to run in the event loop."""
        loop = asyncio.get_running_loop()
        before = {one: signal.getsignal(one) for one in _SIGNALS}
        handled = [one for one in _SIGNALS if before[one] is not signal.SIG_IGN]
        for number in handled:
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in handled:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number])

    async def run(self, work: Awaitable[T], *, at_once: bool = False) -> T | None:
        """Return the result of `work`, None where a signal cancelled it. Raises as `work` does.

        `at_once` is for work that loses nothing when the first signal cancels it. What is cut off
        is recorded as far as it came, and goes on with the next batch.
        """
        task = asyncio.ensure_future(work)
        self._running, self._at_once = task, at_once
        if at_once and self._stop_reason.reason == "signal":
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if self._stop_reason.reason != "signal":
                raise
            return None
        finally:
            self._running = None

    def _stop(self) -> None:
        second = self._stop_reason.reason == "signal"
        self._stop_reason.stop("signal")
        if second or self._at_once:
            self._cancel()
        else:
            asyncio.get_running_loop().call_later(self._grace_s, self._cancel)

    def _cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()
