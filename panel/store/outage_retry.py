"""How often, and how long, a database server that went away is asked again."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, ParamSpec, TypeVar

from tenacity import AsyncRetrying, Retrying, retry_if_exception, stop_before_delay
from tenacity.wait import wait_exponential

T = TypeVar("T")
P = ParamSpec("P")
_WAIT: Final = wait_exponential(multiplier=0.2, max=5.0)  # seconds: 0.2, 0.4, 0.8 ... 5


class OutageRetry:
    """Calls that are made again while the server is away.

    The waits double from 0.2 to 5 seconds, and none ends later than `patience_s` after the first
    retry: then the last error is raised. An error that is no outage is raised at once.

    `OutageRetry(is_outage, patience_s=120.0).call(attempt)`
    """

    def __init__(self, is_outage: Callable[[BaseException], bool], *, patience_s: float) -> None:
        self._rules: dict[str, Any] = {
            "retry": retry_if_exception(is_outage),
            "stop": stop_before_delay(patience_s),
            "wait": _WAIT,
            "reraise": True,
        }

    def call(self, attempt: Callable[[], T]) -> T:
        """Return what `attempt` comes to."""
        return Retrying(**self._rules)(attempt)

    async def call_async(
        self, attempt: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `attempt` comes to; other work goes on meanwhile."""
        return await AsyncRetrying(**self._rules)(attempt, *args, **kwargs)
