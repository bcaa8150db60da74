"""Lines fit for a terminal: nothing that steers it, no wider than it is, folded where one reads on."""

import shutil
import textwrap
import unicodedata

_WIDEST = 100
_NARROWEST = 40
_UNKNOWN = 80
_BIDI = dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def width() -> int:
    """Return how many cells a line may take: those of the terminal, at most 100; 80 without one."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_UNKNOWN, 24)).columns))


def plain(text: str) -> str:
    """Return `text` on one line and without characters that steer a terminal or turn its direction."""
    return "".join(map(_plain, text.translate(_BIDI)))


def cells(text: str) -> int:
    """Return how many cells of a terminal `text` takes: two for a wide sign, none for a mark on one."""
    return sum(_cells(sign) for sign in text)


def clip(text: str, most: int | None = None) -> str:
    """Return `text` plain and cut to `most` cells (the terminal's, where none are named)."""
    text, most = plain(text), width() if most is None else most
    if cells(text) <= most:
        return text
    left, kept = most - 1, ""
    for sign in text:
        left -= _cells(sign)
        if left < 0:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def fold(text: str, first: str, rest: str | None = None) -> str:
    """Return `text` plain and folded at the terminal's width.

    `first` stands before the first line and `rest` before the others: as much space, where it is not
    named. Words stay whole: a path that is longer than a line can still be copied.
    """
    return textwrap.fill(
        plain(text),
        width(),
        initial_indent=first,
        subsequent_indent=" " * cells(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(sign: str) -> str:
    if sign.isspace():
        return " "
    return "�" if unicodedata.category(sign) in ("Cc", "Cs") else sign


def _cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
