"""JSON Feed, JSON Lines and CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

from panel.feeds.markup import hidden_words, plain_text
from panel.feeds.parse.items import (
    MOST_ITEMS,
    MOST_OF_A_TEXT,
    Found,
    Item,
    too_long,
    unreadable,
)

_NAMES = {
    "id": ("id", "guid"),
    "link": ("url", "link", "external_url"),
    "title": ("title", "name"),
    "text": ("content_text", "text", "description", "summary"),
    "html": ("content_html", "html"),
    "category": ("category", "tags", "categories"),
    "published": ("date_published", "published", "date", "pubdate", "date_modified", "updated"),
}
_SAID = 80


def read_plain(data: bytes) -> Found:
    """Return the items of a JSON Feed, of JSON Lines or of a CSV table with a header line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return unreadable(f"it is not UTF-8 (byte {error.start + 1:,})")
    if text.lstrip()[:1] not in ("{", "["):
        return _read_csv(text)
    try:
        document = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        return _read_lines(text, error)
    if isinstance(document, dict):
        document = document.get("items") if _is_feed(document) else [document]
    if not isinstance(document, list):
        return unreadable("its items are no list")
    return _collect((f"item {n}", row) for n, row in enumerate(document, start=1))


def _is_feed(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a feed, and not the one item that is handed in."""
    return "items" in document or "jsonfeed.org" in str(document.get("version"))


def _read_lines(text: str, fault: Exception) -> Found:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    found = _collect((f"line {n}", _parsed(line)) for n, line in lines)
    if not found["items"]:
        return unreadable(f"its JSON cannot be read: {str(fault)[:_SAID]}")
    return found


def _parsed(line: str) -> object:
    try:
        return json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _read_csv(text: str) -> Found:
    csv.field_size_limit(MOST_OF_A_TEXT)
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
    except csv.Error as error:
        return unreadable(f"its first line is no CSV header: {error}")
    if not {"title", "name"} & set(header):
        return unreadable("it is no feed, and no CSV table whose first line has title or name")
    return _collect(_numbered(header, rows))


def _numbered(header: list[str], rows: Iterator[list[str]]) -> Iterator[tuple[str, object]]:
    number = 1
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield f"row {number}", None
            continue
        if row:
            yield f"row {number}", dict(zip(header, row, strict=False))


def _collect(rows: Iterable[tuple[str, object]]) -> Found:
    items: list[Item] = []
    left_out: list[str] = []
    rows = iter(rows)
    for place, row in islice(rows, MOST_ITEMS):
        if not isinstance(row, dict):
            left_out.append(f"{place}: it is no item with fields")
            continue
        item = _item(place, row)
        fault = too_long(place, item["text"])
        if fault:
            left_out.append(fault)
        else:
            items.append(item)
    return {
        "items": items,
        "left_out": left_out,
        "malformed": None,
        "beyond": sum(1 for _ in rows),
    }


def _item(place: str, row: Mapping[str, Any]) -> Item:
    fields = {str(key).casefold(): value for key, value in row.items()}
    given = {name: _first(fields, keys) for name, keys in _NAMES.items()}
    html = given["html"] or ""
    return {
        "place": place,
        "id": given["id"],
        "link": given["link"],
        "title": given["title"],
        "text": given["text"] or plain_text(html),
        "markup": hidden_words(html),
        "category": given["category"],
        "published": _moment(given["published"]),
    }


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            value = next((each for each in value if isinstance(each, str) and each.strip()), None)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _moment(text: str | None) -> str | None:
    """Return a date as ISO 8601 in UTC; one without a zone is taken for UTC, a strange one for none."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text or "")
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC).isoformat()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
