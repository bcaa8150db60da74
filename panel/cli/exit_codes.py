"""Which exit code says most where several tools ended differently."""

from collections.abc import Iterable

from panel.errors import ExitCode

_LEAST_TO_WORST = (
    ExitCode.DONE,
    ExitCode.SOME_FAILED,
    ExitCode.WAITING,
    ExitCode.NOTHING_EVALUATED,
    ExitCode.GATE,
    ExitCode.BUSY,
    ExitCode.CAPPED,
    ExitCode.DIFFERS,
    ExitCode.USAGE,
    ExitCode.BUG,
)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code of `codes` that has most to say; `DONE` where there is none."""
    return max(codes, key=_LEAST_TO_WORST.index, default=ExitCode.DONE)
