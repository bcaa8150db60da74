"""Lines that fit this terminal: cut, or folded at its width."""

import shutil

from panel.publish import cells

_WIDEST = 100
_NARROWEST = 40
_UNKNOWN = 80


def width() -> int:
    """Return how many cells a line may take: those of the terminal, at most 100; 80 without one."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_UNKNOWN, 24)).columns))


def clip(text: str, most: int | None = None) -> str:
    """Return `text` plain and cut to `most` cells (the terminal's, where none are named)."""
    return cells.cut(text, width() if most is None else most)


def wrap(text: str, first: str, rest: str | None = None) -> str:
    """Return `text` plain and wrapped at the terminal's width.

    `first` stands before the first line and `rest` before the others: as much space, where it is not
    named. Words stay whole: a path that is longer than a line can still be copied.
    """
    after = " " * cells.cells(first) if rest is None else rest
    return "\n".join(cells.wrap(text, first, after, width()))
