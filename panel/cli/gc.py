"""How often Python looks for unused cycles of objects: seldom at a start, often in long work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_START = 100_000
_LONG_WORK = 10_000


def collect_rarely() -> None:
    """Look seldom: what the libraries load stays, and looking takes a tenth of a start."""
    gc.set_threshold(_START)


@contextmanager
def collect_later() -> Iterator[None]:
    """Do not look before the work itself does: a build of the site, once it has read its runs."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def collect_often() -> None:
    """Look often, which keeps the memory of a batch or a worker flat: 15 MB less than at a start."""
    gc.set_threshold(_LONG_WORK)


def collect_no_more() -> None:
    """Look no more: a process that ends gives all back, and a last look takes a fifth of a listing."""
    gc.freeze()
