"""What every format is read into, on its way out of the child: plain data, no values yet."""

import json
import re
from collections.abc import Mapping
from typing import NotRequired, TypedDict

MOST_ITEMS = 5_000
MOST_OF_A_TEXT = 200_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class Item(TypedDict):
    """One item as the feed has it, `place` being where; `published` is ISO 8601 with a zone.

    `markup` is what the texts were read out of, with what readers do not see; empty where none was.
    """

    place: str
    id: str | None
    link: str | None
    title: str | None
    text: str
    markup: str
    category: str | None
    published: str | None


class Found(TypedDict):
    """What a feed held. `fault` stands alone: with it nothing could be read."""

    items: list[Item]
    malformed: NotRequired[str | None]
    left_out: NotRequired[list[str]]
    beyond: NotRequired[int]
    fault: NotRequired[str]


class Page(TypedDict):
    """A page's own name, what a reader sees of it, and its markup with what no reader sees."""

    name: str
    text: str
    markup: str


def unreadable(fault: str) -> Found:
    """Return what is found in a feed of which nothing can be read."""
    return {"items": [], "fault": fault}


def written(document: Mapping[str, object]) -> bytes:
    """Return `document` as JSON in UTF-8: half of a character, which no file can hold, is U+FFFD."""
    return _SURROGATE.sub("\ufffd", json.dumps(document, ensure_ascii=False)).encode()


def too_long(place: str, text: str) -> str | None:
    """Return why an item with this text is left out, None where it is not."""
    if len(text.encode("utf-8", "replace")) <= MOST_OF_A_TEXT:
        return None
    return f"{place}: more than {MOST_OF_A_TEXT:,} bytes of text, the most a description may have"
