"""How often, and how long, a database server that went away is asked again."""

from collections.abc import Callable
from typing import TypedDict

from tenacity import retry_if_exception, stop_before_delay, wait_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0


class RetryRules(TypedDict):
    """What tenacity's `Retrying` and `AsyncRetrying` take."""

    retry: retry_base
    stop: stop_base
    wait: wait_base
    reraise: bool


def retry_during_outage(
    is_outage: Callable[[BaseException], bool], patience_s: float
) -> RetryRules:
    """Return the rules by which a call is made again while the server is away.

    The waits double from 0.2 to 5 seconds, and none ends later than `patience_s` after the first
    call: then the last error is raised. One that is no outage is raised at once.

    `Retrying(**retry_during_outage(is_outage, 120.0))(attempt)`
    """
    return {
        "retry": retry_if_exception(is_outage),
        "stop": stop_before_delay(patience_s),
        "wait": wait_exponential(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S),
        "reraise": True,
    }
