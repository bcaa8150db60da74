"""Text by the cells that it takes on a terminal, with nothing in it that controls one.

wcwidth has the width of each character. What is measured, cut or padded here went through `plain`
before, or does so here: it holds no control sequence that wcwidth would have to follow.
"""

import re
import unicodedata
from typing import Final

_BIDI: Final = dict.fromkeys(
    (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_RIGHT_TO_LEFT: Final = ("R", "AL", "AN")
_LEFT_TO_RIGHT_MARK: Final = "\u200e"
_WORD: Final = re.compile(r"\S+ *")


def plain(text: str) -> str:
    """Return `text` on one line and without characters that control a terminal or its direction."""
    if _is_simple(text):
        return text
    return "".join(map(_plain, text.translate(_BIDI)))


def cells(text: str) -> int:
    """Return how many cells `text` takes: two for a wide character, none for a combining mark.

    `cells("名前")` is 4.
    """
    if _is_simple(text):
        return len(text)
    import wcwidth  # noqa: PLC0415 - 30 ms, and most text is simple

    return wcwidth.width(text, control_codes="ignore")


def cut(text: str, most: int) -> str:
    """Return `text` plain and cut to `most` cells, ending in `…` where something was cut."""
    text = plain(text)
    if cells(text) <= most:
        return text
    import wcwidth  # noqa: PLC0415 - as above

    kept = wcwidth.clip(text, 0, most - 1, fillchar=" ", control_codes="ignore")
    return f"{kept.rstrip()}…"


def pad(text: str, to: int, *, right: bool = False) -> str:
    """Return `text` filled with spaces to `to` cells: after it, or before it with `right`.

    Text that runs from right to left is set between marks that keep the row in its order.
    """
    space = " " * (to - cells(text))
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text):
        text = f"{_LEFT_TO_RIGHT_MARK}{text}{_LEFT_TO_RIGHT_MARK}"
    return space + text if right else text + space


def wrap(text: str, first: str, rest: str, width: int) -> list[str]:
    """Return `text` plain in lines of `width` cells; `first` stands before the first, `rest` after.

    Words stay whole: a path that is longer than a line can still be copied.
    """
    text = plain(text).strip()
    if cells(first) + cells(text) <= width:
        return [f"{first}{text}".rstrip()]
    lines, line = [], first
    begun = False
    for word in _WORD.findall(text):
        if begun and cells(line) + cells(word.rstrip()) > width:
            lines.append(line.rstrip())
            line = rest
        line += word
        begun = True
    return [*lines, line.rstrip()]


def _is_simple(text: str) -> bool:
    """Tell whether each character of `text` is one cell and shown as it is: most text is."""
    return text.isascii() and text.isprintable()


def _plain(sign: str) -> str:
    if sign.isspace():
        return " "
    return "�" if unicodedata.category(sign) in ("Cc", "Cs") else sign
