"""Exit codes: what each fault comes to, and which of several says most."""

from collections.abc import Iterable

from panel.errors import (
    Busy,
    ConfigError,
    FeedError,
    FetchError,
    PanelError,
    ReplayError,
    Stopped,
    StoreError,
    Tampered,
    Waiting,
)

DONE = 0
CAPPED = 5
DIFFERS = 6
INTERRUPTED = 130
_EXITS: tuple[tuple[type[PanelError], int], ...] = (
    (ConfigError, 2),
    (FetchError, 2),
    (FeedError, 2),
    (Tampered, 6),
    (StoreError, 2),
    (ReplayError, 6),
    (Waiting, 8),
    (Busy, 75),
    (Stopped, 4),
)
_LEAST_TO_WORST = (0, 3, 8, 4, 75, 5, 6, 2)


def exit_code(error: PanelError) -> int:
    """Return the exit code that the design gives to `error`."""
    if isinstance(error, Stopped) and error.cause == "cap":
        return CAPPED
    return next((code for kind, code in _EXITS if isinstance(error, kind)), 1)


def worst(codes: Iterable[int]) -> int:
    """Return the code that has most to say where several tools ended differently."""
    return max(codes, key=_LEAST_TO_WORST.index, default=DONE)
