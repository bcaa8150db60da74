"""The time of this machine."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The wall clock in UTC, and the monotonic clock for waits."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()
