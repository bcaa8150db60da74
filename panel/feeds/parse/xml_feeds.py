"""RSS and Atom. The one module that imports feedparser."""

import re
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import feedparser

from panel.feeds.markup import hidden_words, plain_text
from panel.feeds.parse.items import MOST_ITEMS, Found, Item, too_long, unreadable

_SAID = 120
_BROKEN = "it breaks off"
_ITEM = re.compile(rb"<(?:[\w.-]++:)?+(?:item|entry)(?=[\s>/])")
_ITEM_ENDS = re.compile(rb"</(?:[\w.-]++:)?+(?:item|entry)\s*+>")
_EMPTY = re.compile(rb"<[^>]*+(?<=/)>")
_UNREAD = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_PLACE = re.compile(r"<unknown>:(\d+):\d+: ")
_ROOT = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|RDF))(?=[\s>])")
_CHANNEL_ENDS = re.compile(rb"</channel\s*+>")
_ELEMENT = re.compile(rb"<\w")
_XML_DECLARATION = re.compile(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}\?>")
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)
_NUMBERED = re.compile(rb"&#(?:[xX]([0-9a-fA-F]++)|([0-9]++));?")
_HIGHEST = 0x10FFFF
_LONGEST_REFERENCE = 8
_MARKUP = ("text/html", "application/xhtml+xml")
# What feedparser has been seen to raise on hostile feeds, and the rest of its kind.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    re.error,
)


def read_xml(data: bytes) -> Found:
    """Return the items of an RSS or Atom document; a bad item does not take the others along."""
    data, notes = _disarm(data)
    if notes is None:
        return unreadable("it declares XML entities in an encoding that hides them")
    data, beyond = _cut(data)
    data, half = _without_half(data)
    try:
        parsed = _parse(data)
    except _FAULTS as error:
        found = _salvage(data, f"feedparser gave up on it: {type(error).__name__}")
    else:
        if not parsed.entries and not parsed.get("version"):
            return unreadable("; ".join((*notes, "there is no RSS and no Atom in it")))
        found = _gather(parsed.entries)
        if half:
            notes.append(_BROKEN)
        elif parsed.bozo and not beyond:
            notes.append(_line(parsed.get("bozo_exception")))
        if not parsed.entries and any(note.endswith(_BROKEN) for note in notes):
            return unreadable("it breaks off before the end of its first item")
    if found.get("malformed"):
        notes.append(str(found["malformed"]))
    found["left_out"] = [*found.get("left_out", []), *half]
    found["malformed"] = "; ".join(note for note in notes if note) or None
    found["beyond"] = beyond + found.get("beyond", 0)
    return found


def _parse(data: bytes) -> Any:  # noqa: ANN401 - feedparser has no types
    # A stream, because bytes that name a file would be opened; sanitising is left to plain text.
    return feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


def _disarm(data: bytes) -> tuple[bytes, list[str] | None]:
    """Return the feed without entity declarations and impossible characters, and what was wrong."""
    notes = []
    start = _ELEMENT.search(data)
    prolog = data[: start.start()] if start else data
    if _ENTITIES.search(prolog.replace(b"\x00", b"")):
        if b"\x00" in prolog:
            return data, None
        declaration = _XML_DECLARATION.match(prolog)
        data = (declaration.group() if declaration else b"") + data[len(prolog) :]
        notes.append("it declares XML entities, which were left out")
    mended = _NUMBERED.sub(_possible, data)
    wrong = mended.count(b"&#xFFFD;") - data.count(b"&#xFFFD;")
    if wrong:
        notes.append("it names characters that do not exist")
    return mended, notes


def _possible(match: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = match.groups()
    digits = (hexadecimal or decimal).lstrip(b"0") or b"0"
    if len(digits) > _LONGEST_REFERENCE:
        return b"&#xFFFD;"
    code = int(digits, 16 if hexadecimal else 10)
    exists = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code <= _HIGHEST  # noqa: PLR2004 - XML 1.0, 2.2
    return match.group() if exists else b"&#xFFFD;"


def _cut(data: bytes) -> tuple[bytes, int]:
    """Return the feed up to its 5,000th item, closed again, and how many items come after that."""
    starts = [match.start() for match in _ITEM.finditer(data)]
    if len(starts) <= MOST_ITEMS:
        return data, 0
    root = _ROOT.search(data[: starts[0]])
    name = root.group(1) if root else b"rss"
    channel = b"</channel>" if name == b"rss" else b""
    return data[: starts[MOST_ITEMS]] + channel + b"</" + name + b">", len(starts) - MOST_ITEMS


def _without_half(data: bytes) -> tuple[bytes, list[str]]:
    """Return a feed that breaks off in an item up to that item, and a line on it; others as is."""
    root = _ROOT.search(data)
    if root is None or re.search(rb"</" + re.escape(root.group(1)) + rb"\s*+>", data):
        return data, []
    bare = _UNREAD.sub(lambda match: b" " * len(match.group()), data)
    starts = [match.start() for match in _ITEM.finditer(bare)]
    if not starts or _EMPTY.match(bare, starts[-1]) or _ITEM_ENDS.search(bare, starts[-1]):
        return data, []
    return data[: starts[-1]], [f"item {len(starts)}: the feed breaks off in it"]


def _salvage(data: bytes, why: str) -> Found:
    """Return the items that can be read when each is put into the feed's frame alone."""
    starts = [match.start() for match in _ITEM.finditer(data)]
    if not starts:
        return unreadable(why)
    frame, bounds = data[: starts[0]], [*starts, len(data)]
    items: list[Item] = []
    left_out = []
    for number, (begin, end) in enumerate(pairwise(bounds), start=1):
        try:
            found = _gather(_parse(frame + data[begin:end]).entries[:1], first=number)
        except _FAULTS as error:
            left_out.append(f"item {number}: it cannot be read ({type(error).__name__})")
        else:
            items += found["items"]
            left_out += found.get("left_out", [])
    if not items:
        return unreadable(why)
    return {"items": items, "left_out": left_out, "malformed": why}


def _gather(entries: list[Any], first: int = 1) -> Found:
    items: list[Item] = []
    left_out: list[str] = []
    for number, entry in enumerate(entries[:MOST_ITEMS], start=first):
        item = _item(f"item {number}", entry)
        fault = too_long(item["place"], item["text"])
        if fault:
            left_out.append(fault)
        else:
            items.append(item)
    return {
        "items": items,
        "left_out": left_out,
        "beyond": max(0, len(entries) - MOST_ITEMS),
    }


def _item(place: str, entry: Any) -> Item:  # noqa: ANN401 - feedparser has no types
    title = entry.get("title_detail")
    parts = [*entry.get("content", []), entry.get("summary_detail")]
    tags = [tag.get("label") or tag.get("term") for tag in entry.get("tags", [])]
    return {
        "place": place,
        "id": entry.get("id"),
        "link": entry.get("link"),
        "title": _plain(title) or None,
        "text": max(map(_plain, parts), key=len),
        "markup": "\n".join(filter(None, map(_markup, (title, *parts)))),
        "category": next((tag for tag in tags if tag), None),
        "published": _moment(entry.get("published_parsed") or entry.get("updated_parsed")),
    }


def _plain(detail: Any) -> str:  # noqa: ANN401 - feedparser has no types
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return plain_text(value) if detail.get("type") in _MARKUP else value.strip()


def _markup(detail: Any) -> str:  # noqa: ANN401 - feedparser has no types
    value = str(detail.get("value") or "") if detail else ""
    return hidden_words(value) if value and detail.get("type") in _MARKUP else ""


def _moment(parts: Any) -> str | None:  # noqa: ANN401 - feedparser has no types
    """Return a moment that feedparser put into UTC; a date that does not exist is no date."""
    if not parts:
        return None
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat()
    except (ValueError, TypeError):
        return None


def _line(fault: object) -> str:
    said = _PLACE.sub(r"line \1: ", " ".join(str(fault).split()))
    said = said.replace("no element found", _BROKEN)
    return said[:_SAID] or type(fault).__name__
