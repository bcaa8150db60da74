"""What every format is read into, and what leaves the child: plain data, no values yet."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict

MOST_ITEMS = 50_000
MOST_OF_A_TEXT = 200_000
_SURROGATE = re.compile("[\ud800-\udfff]")

Kind = Literal["entry", "release", "package", "launch", "post", "paper", "episode", "news"]


@dataclass(slots=True)
class RawItem:
    """One item as its format has it: `place` is where, `published` is ISO 8601 with a zone.

    `html` is what `text` was read out of, empty where that was plain; `markup` has what readers do
    not see. `media` is the type of what is enclosed (`audio/mpeg`), `paper` whether the item gives
    the identifiers of a publication.
    """

    place: str
    id: str | None = None
    link: str | None = None
    title: str | None = None
    text: str = ""
    html: str = ""
    markup: str = ""
    categories: list[str] = field(default_factory=list)
    published: str | None = None
    media: str = ""
    paper: bool = False
    has_author: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """What stands where an item should: `why` it is none."""

    why: str


Row = tuple[str, object]
"""Where an item stands, and what does: its fields, Damage, or what is no item."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed says of itself; each is empty where it does not."""

    title: str = ""
    link: str = ""
    id: str = ""
    generator: str = ""


class Item(TypedDict):
    """One item as an entry is made of it.

    `title` is the tool's name where the kind of item tells it; then `version` is set apart, and
    `project` is the address that all of its versions share. `aside` is why no review is needed.
    """

    place: str
    id: str | None
    link: str | None
    title: str | None
    text: str
    markup: str
    category: str | None
    published: str | None
    kind: Kind
    version: str | None
    project: str | None
    aside: str | None


class Summary(TypedDict):
    """What is said of a feed as a whole, on the last line.

    `malformed` is what is wrong with it, `left_out` has a line for each item that is no entry, and
    `beyond` counts those behind the most that are read. `fields` says which fields its
    items have and which are read, empty where the format leaves no choice; `unread` names those that
    hold a text and are not read.
    """

    malformed: str | None
    left_out: list[str]
    beyond: int
    fields: str
    unread: list[str]


class ReadPage(TypedDict):
    """A page's own name, what a reader sees of it, and its markup with what no reader sees."""

    name: str
    text: str
    markup: str


class UnreadableFeedError(Exception):
    """Nothing of a feed can be read; the text says why."""


def json_line(document: Mapping[str, object]) -> bytes:
    """Return `document` as a line of JSON in UTF-8: half of a character, which is none, is U+FFFD."""
    return _SURROGATE.sub("\ufffd", json.dumps(document, ensure_ascii=False)).encode() + b"\n"


def too_long(place: str, text: str) -> str | None:
    """Return why an item with this text is left out, None where it is not."""
    if len(text) * 4 <= MOST_OF_A_TEXT or len(text.encode("utf-8", "replace")) <= MOST_OF_A_TEXT:
        return None
    return f"{place}: more than {MOST_OF_A_TEXT:,} bytes of text, the most a description may have"
