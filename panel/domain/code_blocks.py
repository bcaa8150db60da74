"""Blocks of code in Markdown: the lines between two fences, as CommonMark has them."""

import re
from collections.abc import Iterator
from typing import Final

_OPENING: Final = re.compile(r" {0,3}(?:(?P<ticks>`{3,})[^`]*|(?P<tildes>~{3,}).*)")
_CLOSING: Final = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})[ \t]*")


def fence_after(line: str, fence: str) -> str:
    """Return the fence that is open below `line`, where `fence` is open above it; "" for none.

    A line is of a block of code where either is open. A fence is closed by one of the same signs that
    is no shorter and has nothing behind it. ```` ```npm i``` ```` is code inside a line and opens none.

    Example: `fence_after("~~~~ sh", "")` is `"~~~~"`, and `fence_after("~~~", "~~~~")` too.
    """
    if fence:
        closing = _CLOSING.fullmatch(line)
        return "" if closing and closing["marks"].startswith(fence) else fence
    opening = _OPENING.fullmatch(line)
    return (opening["ticks"] or opening["tildes"]) if opening else ""


def lines_with_code(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line of `text`, and whether it is of a block of code; its fences are, too."""
    fence = ""
    for line in text.split("\n"):
        above, fence = fence, fence_after(line, fence)
        yield line, bool(above or fence)
