"""When a job is done again, and when a day's job is due."""

import asyncio
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import attr
from croniter import croniter as cron_times
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.periodic import PeriodicTask

from panel.errors import Busy, StoreError

_BUSY_AGAIN_S = 5
_FAULT_AGAIN_S, _LONGEST_AGAIN_S = 10, 300


class PanelRetry(BaseRetryStrategy):
    """When a job whose work did not end is done again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return the moment, None where it would come to the same."""
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, Busy):
            return RetryDecision(retry_in={"seconds": _BUSY_AGAIN_S})
        if isinstance(exception, StoreError):
            wait = min(_FAULT_AGAIN_S * 2 ** min(job.attempts, 10), _LONGEST_AGAIN_S)
            return RetryDecision(retry_in={"seconds": wait})
        return None


@attr.dataclass(frozen=True)
class ZonedTask(PeriodicTask[Any, Any, Any]):
    """A periodic task whose times are those of a zone; the library's own are of UTC."""

    zone: ZoneInfo

    @cached_property
    def croniter(self) -> Any:  # noqa: ANN401 - the library's own, without types
        """The times, counted in the zone: it stays with them when a moment is set as a number."""
        return cron_times(self.cron, datetime.fromtimestamp(0, UTC).astimezone(self.zone))


def is_cron(text: str) -> bool:
    """Tell whether `text` is five fields of cron."""
    return len(text.split()) == 5 and bool(cron_times.is_valid(text))  # noqa: PLR2004
