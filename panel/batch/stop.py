"""Why a batch takes up no further tool: said once, by whoever notices first."""

from collections.abc import Iterable, Iterator
from typing import Final

from panel.domain.batch_report import Stop
from panel.domain.job import Job
from panel.ports import Clock

_DOWN_AFTER: Final = 5
"""Panels in a row that got no answer at all: then the provider is down, and the rest can wait."""


class StopReason:
    """Whether a batch goes on, shared by all who work on it."""

    def __init__(self, clock: Clock, deadline_s: float | None = None) -> None:
        self.reason: Stop | None = None
        self.detail: str | None = None
        self._clock = clock
        self._until = None if deadline_s is None else clock.monotonic() + deadline_s
        self._unanswered = 0

    def stop(self, reason: Stop, detail: str | None = None) -> None:
        """Take up nothing more. The first reason is the one that is told, a signal excepted."""
        if self.reason is None or reason == "signal":
            self.reason, self.detail = reason, detail

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
        """Stop where panel after panel gets no answer from anybody."""
        outcome = job.outcome
        if job.state == "failed" and outcome and not outcome.scorecards and outcome.calls:
            self._unanswered += 1
        elif job.state in ("in_review", "set_aside"):
            self._unanswered = 0
        if self._unanswered >= _DOWN_AFTER:
            self.stop("provider", job.reason)
