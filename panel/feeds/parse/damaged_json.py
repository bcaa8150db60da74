"""The items of a JSON feed that no parser reads whole: each alone, so that a bad one costs itself.

The list is cut at the braces of its items, outside strings. A quotation mark too many or too few
hides what follows, so an item that cannot be read ends where the next one begins: with the key that
the first item begins with, as programs write them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from panel.feeds.parse.items import Damage, Row

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_LIST: Final = re.compile(r"\s*+:\s*+\[")
_ITEM: Final = re.compile(r"[^{\]]*+(?=\{)")
_FIRST_KEY: Final = re.compile(r'\{\s*+("[^"\\]{1,80}+")\s*+:')
_BREAKS_OFF: Final = "the feed breaks off in it"
_NESTED: Final = "its JSON is nested too deeply"
_ILL_FORMED: Final = "its JSON cannot be read"


def read_json(text: str, *, strict: bool = True) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON document, its numbers as they are written. Raises ValueError, RecursionError."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, strict=strict)


def find_items(text: str) -> int | None:
    """Return where the items of a feed begin, behind the bracket of their list; None without any.

    >>> find_items('{"title": "x", "items": [{"id": 1},')
    25
    """
    start = len(text) - len(text.lstrip())
    is_list = text.startswith("[", start)
    at = start + 1 if is_list else _list_of_items(text, start)
    return at if at is not None and _ITEM.match(text, at) else None


def head_of(text: str, start: int) -> Any:  # noqa: ANN401 - JSON
    """Return what a feed says before its items, which begin at `start`; None where that is damaged."""
    try:
        return read_json(f"{text[:start]}]}}", strict=False)
    except (ValueError, RecursionError):
        return None


def damaged_items(text: str, start: int) -> Iterator[Row]:
    """Yield each item of the list that begins at `start`, or the Damage that stands in its place."""
    first = _FIRST_KEY.match(text, found.end()) if (found := _ITEM.match(text, start)) else None
    key = re.escape(first[1]) if first else r"\Z"
    following = re.compile(rf"\}}\s*+,\s*+(?=\{{\s*+{key}\s*+:)")
    at, number = start, 0
    while begin := _ITEM.match(text, at):
        number += 1
        end = _end_of(text, begin.end())
        row = _item(text[begin.end() : end], is_whole=end is not None)
        again = None
        if isinstance(row, Damage) and row.why != _NESTED:
            again = following.search(text, begin.end(), end or len(text))
        yield f"item {number}", Damage(_ILL_FORMED) if again else row
        if again is None and end is None:
            return
        at = again.end() if again else (end or 0)


def _list_of_items(text: str, start: int) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == '"items"' and depth == 1 and (found := _LIST.match(text, token.end())):
            return found.end()
        depth += _step(token[0])
    return None


def _item(source: str, *, is_whole: bool) -> object:
    if not is_whole:
        return Damage(_BREAKS_OFF)
    try:
        return read_json(source, strict=False)
    except RecursionError:
        return Damage(_NESTED)
    except ValueError:
        return Damage(_ILL_FORMED)


def _end_of(text: str, start: int) -> int | None:
    """Return where the object ends that begins at `start`, None where the text ends before it."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += _step(token[0])
        if not depth:
            return token.end()
    return None


def _step(token: str) -> int:
    return {"{": 1, "[": 1, "}": -1, "]": -1}.get(token, 0)
