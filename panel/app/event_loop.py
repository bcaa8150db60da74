"""The event loop that a command or a synchronous call of the Python API runs on."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, TypeVar

T = TypeVar("T")
_BEGUN_S = 5.0  # by then a task on the other thread has begun
_LOOK_S = 0.5
_THREADS = 8  # may wait for a disk or a server at a time; each keeps a pool of memory of its own


def run_async(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what `task` comes to, run on an event loop of its own, on uvloop where it is installed.

    Where this thread runs a loop already, as in a notebook, the new one runs in another thread and
    this one waits. A KeyboardInterrupt cancels the task before it is raised.

    >>> from panel.app.event_loop import run_async
    >>> async def answer() -> int:
    ...     return 42
    >>> run_async(answer)
    42
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(task)
    return _run_in_thread(task)


def _run(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    factory = None
    if find_spec("uvloop"):
        with suppress(ImportError):
            import uvloop  # noqa: PLC0415 - optional

            factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.get_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
        return runner.run(task())


def _run_in_thread(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def main() -> T:
        inner = asyncio.ensure_future(task())
        running.set_result((asyncio.get_running_loop(), inner))
        return await inner

    with ThreadPoolExecutor(1) as thread:
        # Started before the task: Ctrl-C during the start would leave a thread that nobody joins.
        thread.submit(int).result()
        try:
            return _wait(thread.submit(_run, main))
        except KeyboardInterrupt:
            with suppress(TimeoutError, RuntimeError):  # it has not begun, or has ended meanwhile
                loop, inner = running.result(timeout=_BEGUN_S)
                loop.call_soon_threadsafe(inner.cancel)
            raise


def _wait(future: Future[T]) -> T:
    """Return the result of `future`.

    A signal that comes just before a thread blocks does not wake it, so it looks up now and then.
    """
    while not wait([future], timeout=_LOOK_S).done:
        pass
    return future.result()
