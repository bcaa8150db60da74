"""An event loop on which hours pass in seconds, though its sockets are real."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from panel.app.clock import SystemClock

T = TypeVar("T")
_PATIENCE_S = 30.0


class _Impatient(selectors.DefaultSelector):
    """A selector that gives the sockets a moment and then jumps to the next timer.

    That holds as long as both ends of every socket are served by this one loop. While a thread is at
    `work` for the loop no time passes: on a busy machine a jump would end calls that were answered.
    """

    def __init__(self, grace_s: float) -> None:
        super().__init__()
        self._grace_s = grace_s
        self.elapsed = 0.0
        self.work = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or (timeout and self.work):
            ready = super().select(_PATIENCE_S)
            if not ready:
                raise RuntimeError("everybody waits and nothing will happen")
            return ready
        ready = super().select(min(timeout, self._grace_s))
        if not ready:
            self.elapsed += timeout
        return ready


class HastyLoop(asyncio.SelectorEventLoop):
    """A loop that does not wait where nothing can happen before the next timer."""

    def __init__(self, grace_s: float) -> None:
        self._impatient = _Impatient(grace_s)
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.elapsed

    def run_in_executor(  # type: ignore[override]
        self, *work: Any
    ) -> asyncio.Future[Any]:
        self._impatient.work += 1
        done = super().run_in_executor(*work)
        done.add_done_callback(self._end_work)
        return done

    def _end_work(self, _: object) -> None:
        self._impatient.work -= 1


class HastyClock(SystemClock):
    """The date of this machine, and for waits the time of the running hasty loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def run_hastily(task: Coroutine[Any, Any, T], *, grace_s: float = 0.015) -> T:
    """Return what `task` comes to on a loop that jumps; sockets have `grace_s` to speak up."""
    with asyncio.Runner(loop_factory=lambda: HastyLoop(grace_s)) as runner:
        return runner.run(task)
