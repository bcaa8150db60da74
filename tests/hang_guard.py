"""A guard against code that does not end: it measures nothing, it only stops waiting."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDLESS_S = 4.0
"""A hundred times what anything that is guarded takes of a processor."""


class Hang(AssertionError):
    """What was guarded did not end."""


@contextmanager
def guarded(what: str, seconds: float = ENDLESS_S) -> Iterator[None]:
    """Fail with `what` where the block takes so much of the processor."""

    def stop(*_: object) -> None:
        raise Hang(f"it does not end: {what}")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
