"""Draining: after a signal nothing new is begun, and what is under way gets a little time."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final

from panel.batch.stop import StopReason

DRAIN_S: Final = 25.0
"""How long panels may take after SIGTERM; with the report behind them it stays below 30 s."""


async def shut_down(
    work: Coroutine[Any, Any, None], stop_reason: StopReason, seconds: float = DRAIN_S
) -> None:
    """Wait for `work`. SIGTERM and SIGINT set `stop_reason`; a second one ends it.

    So do `seconds` after the first.
    What is cut off is recorded as far as it came, and is gone on with another time. Raises as `work`.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def end() -> None:
        if stop_reason.reason == "signal":
            task.cancel()
        stop_reason.stop("signal")
        loop.call_later(seconds, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    try:
        await task
    except asyncio.CancelledError:
        if stop_reason.reason != "signal":
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
