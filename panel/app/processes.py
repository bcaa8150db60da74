"""Work on many items, shared out to a process for each processor."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import chain
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
MANY = 100
"""Items from which processes are worth their start."""
_PIECE = 25


def share_out(work: Callable[[Sequence[T]], list[R]], items: Sequence[T]) -> list[R]:
    """Return what `work` returns for `items`, which it is given in pieces, in their order.

    Where there are many, each processor takes pieces of its own: `work`, the items and the results are
    pickled. It is done in this process where another thread is in it, which a fork would not copy, on
    a system other than Linux, and where one of the processes was ended from outside. Raises what `work`
    raises.
    """
    if len(items) >= MANY and sys.platform == "linux" and threading.active_count() == 1:
        processors = len(os.sched_getaffinity(0))
        pieces = [items[start : start + _PIECE] for start in range(0, len(items), _PIECE)]
        # One that was ended, as where memory is short, leaves the work to this process.
        with (
            suppress(BrokenProcessPool),
            # Ctrl-C reaches all of them: this one answers it, and the others end with it.
            ProcessPoolExecutor(
                processors, get_context("fork"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
            ) as pool,
        ):
            return list(chain.from_iterable(pool.map(work, pieces)))
    return work(items)
