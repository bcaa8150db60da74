"""Text by the cells that it takes on a terminal, with nothing in it that steers one."""

import re
import unicodedata
from typing import Final

_BIDI: Final = dict.fromkeys(
    (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_FROM_THE_RIGHT: Final = ("R", "AL", "AN")
_FROM_THE_LEFT: Final = "\u200e"


def plain(text: str) -> str:
    """Return `text` on one line and without characters that steer a terminal or turn its direction."""
    return "".join(map(_plain, text.translate(_BIDI)))


def cells(text: str) -> int:
    """Return how many cells of a terminal `text` takes: two for a wide sign, none for a mark on one."""
    return sum(_cells(sign) for sign in text)


def cut(text: str, most: int) -> str:
    """Return `text` plain and cut to `most` cells, with a mark where something was cut."""
    text = plain(text)
    if cells(text) <= most:
        return text
    left, kept = most - 1, ""
    for sign in text:
        left -= _cells(sign)
        if left < 0:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def pad(text: str, to: int, *, right: bool = False) -> str:
    """Return `text` with spaces up to `to` cells, after it or, for figures, before it.

    A text that runs from right to left is set between marks that keep the row in its order.
    """
    space = " " * (to - cells(text))
    if any(unicodedata.bidirectional(sign) in _FROM_THE_RIGHT for sign in text):
        text = f"{_FROM_THE_LEFT}{text}{_FROM_THE_LEFT}"
    return space + text if right else text + space


def fold(text: str, first: str, rest: str, width: int) -> list[str]:
    """Return `text` plain, in lines of `width` cells; `first` stands before the first, `rest` after.

    Words stay whole: a path that is longer than a line can still be copied.
    """
    lines, line = [], first
    fresh = True
    for word in re.findall(r"\S+ *", plain(text)):
        if not fresh and cells(line) + cells(word.rstrip()) > width:
            lines.append(line.rstrip())
            line = rest
        line += word
        fresh = False
    return [*lines, line.rstrip()]


def _plain(sign: str) -> str:
    if sign.isspace():
        return " "
    return "�" if unicodedata.category(sign) in ("Cc", "Cs") else sign


def _cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
