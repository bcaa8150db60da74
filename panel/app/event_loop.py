"""The event loop that a command runs on."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, TypeVar

T = TypeVar("T")
_THREADS = 32  # may wait for a disk or a server at a time: on few cores a loop has fewer of its own


def run_async(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what `task` comes to, on uvloop where it is installed."""
    factory = None
    if find_spec("uvloop"):
        with suppress(ImportError):
            import uvloop  # noqa: PLC0415 - optional

            factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.get_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
        return runner.run(task())
