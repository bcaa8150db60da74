"""JSON Feed, JSON Lines and CSV."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from panel.feeds.markup import TooDeep, hidden_words, plain_text
from panel.feeds.parse.csv_rows import csv_rows
from panel.feeds.parse.damaged_json import damaged_items, find_items, head_of, read_json
from panel.feeds.parse.dates import moment
from panel.feeds.parse.items import (
    MOST_ITEMS,
    Channel,
    Damage,
    RawItem,
    Row,
    Summary,
    UnreadableFeedError,
    too_long,
)
from panel.feeds.parse.links import resolve

FIELDS: Final = {
    "id": ("id", "guid"),
    "link": ("url", "link", "external_url"),
    "title": ("title", "name"),
    "text": ("content_text", "text", "description", "summary"),
    "html": ("content_html", "html"),
    "either": ("content",),
    "category": ("category", "tags", "categories"),
    "published": ("date_published", "published", "date", "pubdate", "date_modified", "updated"),
}
_SAID: Final = 80
_DEEPEST: Final = 5
_SAYS: Final = (*FIELDS["text"], *FIELDS["html"], *FIELDS["either"])
_TELLING: Final = frozenset((*FIELDS["title"], *_SAYS))
_READ: Final = frozenset(name for names in FIELDS.values() for name in names)
_INSIDE: Final = ("rendered", "value")  # as WordPress and Atom put it in JSON
# A closing tag, or one of those that need none: Vec<T> in a plain text is no markup.
_MARKUP: Final = re.compile(
    r"</[a-z][a-z0-9]{0,20}\s?>|<(?:p|br|hr|img)\b[^<>]{0,300}>", re.IGNORECASE
)
# Not `splitlines`: a text may hold other characters that end a line, unescaped.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_MOST_FIELDS: Final = 20
_PROSE: Final = 5  # words


class JsonCsvReader:
    """A JSON Feed, JSON Lines or a CSV table, read an item at a time.

    Raises UnreadableFeedError where it is none of them. `summary` is complete once the items were read.
    """

    def __init__(self, text: str) -> None:
        self.channel = Channel()
        self._malformed: str | None = None
        self._left_out: list[str] = []
        self._fields: dict[str, bool] = {}
        self._rows: Iterator[Row] = iter(self._open(text))

    def items(self) -> Iterator[RawItem]:
        """Yield each item that can be read."""
        for place, row in islice(self._rows, MOST_ITEMS):
            if not isinstance(row, dict):
                why = row.why if isinstance(row, Damage) else "it is no item with fields"
                self._left_out.append(f"{place}: {why}")
                continue
            self._note_fields(row)
            try:
                item = _raw_item(place, row, self.channel.link)
            except TooDeep as error:
                self._left_out.append(f"{place}: {error}")
                continue
            if fault := too_long(place, item.text):
                self._left_out.append(fault)
            else:
                yield item

    @property
    def summary(self) -> Summary:
        """What is to be said of the feed as a whole."""
        beyond = sum(1 for _ in self._rows)
        return {
            "malformed": self._malformed,
            "left_out": self._left_out,
            "beyond": beyond,
            "fields": f"Its fields are {', '.join(self._fields)}; a description is read from "
            f"{', '.join(_SAYS)}. Rename the field.",
            "unread": [name for name, has_prose in self._fields.items() if has_prose],
        }

    def _note_fields(self, row: Mapping[str, Any]) -> None:
        """Note the fields of an item, and which hold a text that is not read."""
        for key, value in row.items():
            name = " ".join(str(key)[:_SAID].split())
            if name in self._fields or len(self._fields) < _MOST_FIELDS:
                has_prose = len((_one(value) or "").split(maxsplit=_PROSE)) >= _PROSE
                is_unread = has_prose and name.casefold() not in _READ
                self._fields[name] = is_unread or self._fields.get(name, False)

    def _open(self, text: str) -> Iterable[Row]:
        if text.lstrip()[:1] not in ("{", "["):
            return csv_rows(text, frozenset(FIELDS["title"]))
        try:
            document = read_json(text)
        except (ValueError, RecursionError) as error:
            start = None if _begins_with_a_line(text) else find_items(text)
            if start is None:
                return _lines(text, error)
            self._malformed = "it is not well-formed JSON"
            self.channel = _channel(head_of(text, start))
            return damaged_items(text, start)
        if isinstance(document, dict) and _is_feed(document):
            self.channel = _channel(document)
            document = document.get("items")
        elif isinstance(document, dict):
            _check_item(document)
            document = [document]
        if not isinstance(document, list):
            raise UnreadableFeedError("its items are no list")
        return ((f"item {n}", row) for n, row in enumerate(document, start=1))


def _channel(document: object) -> Channel:
    """Return what a JSON Feed says of itself: nothing where it is a bare list."""
    if not isinstance(document, dict):
        return Channel()
    link = _first(document, ("home_page_url", "feed_url", "link")) or ""
    return Channel(title=_first(document, ("title",)) or "", link=link)


def _is_feed(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is a feed, and not the one item that is handed in."""
    return "items" in document or "jsonfeed.org" in str(document.get("version"))


def _check_item(document: Mapping[str, Any]) -> None:
    """Raise UnreadableFeedError where an object is no item but a wrapper, with its items further in."""
    if _TELLING & {str(key).casefold() for key in document}:
        return
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), document)])
    while waiting:
        path, value = waiting.popleft()
        rows = value if isinstance(value, list) else []
        if any(isinstance(row, dict) and _TELLING & {*row} for row in rows[:3]):
            kind = "RSS written as JSON" if path[:2] == ("rss", "channel") else "a wrapper"
            raise UnreadableFeedError(
                f"it is {kind}: its items stand under {'.'.join(path)[:_SAID]}, where they are not "
                "read. Hand in that list"
            )
        if isinstance(value, dict) and len(path) < _DEEPEST:
            waiting += [((*path, str(key)), inside) for key, inside in value.items()]
    raise UnreadableFeedError(
        "it is a JSON object without items, and has neither a title nor a text"
    )


def _begins_with_a_line(text: str) -> bool:
    """Return whether the first line is a JSON object: then each line is one."""
    try:
        return isinstance(read_json(_LINE_END.split(text.lstrip(), maxsplit=1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def _lines(text: str, fault: Exception) -> Iterable[Row]:
    rows: list[Row] = []
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if line.strip():
            try:
                rows.append((f"line {number}", read_json(line)))
            except (ValueError, RecursionError):
                rows.append((f"line {number}", Damage("its JSON cannot be read")))
    if not any(isinstance(row, dict) for _, row in rows):
        raise UnreadableFeedError(f"its JSON cannot be read: {str(fault)[:_SAID]}")
    return rows


def _raw_item(place: str, row: Mapping[str, Any], base: str) -> RawItem:
    fields = {str(key).casefold(): value for key, value in row.items()}
    given = {name: _first(fields, FIELDS[name]) for name in ("id", "link", "title", "published")}
    plain = [text for key in FIELDS["text"] if (text := _one(fields.get(key)))]
    marked = [html for key in FIELDS["html"] if (html := _one(fields.get(key)))]
    for said in filter(None, (_one(fields.get(key)) for key in FIELDS["either"])):
        (marked if _MARKUP.search(said) else plain).append(said)
    texts = [*((text, "") for text in plain), *((plain_text(html), html) for html in marked)]
    text, html = max(texts, key=lambda one: len(one[0]), default=("", ""))
    return RawItem(
        place=place,
        id=given["id"],
        link=resolve(base, given["link"]) if given["link"] else None,
        title=given["title"],
        text=text,
        html=html,
        markup="\n".join(filter(None, map(hidden_words, marked))),
        categories=_categories(fields),
        published=moment(given["published"]),
        media=_media(fields),
        has_author=bool(fields.get("author") or fields.get("authors")),
    )


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next(filter(None, (_one(fields.get(key)) for key in keys)), None)


def _inside(value: object) -> object:
    """Return the text that an object wraps; any other value as it is."""
    if not isinstance(value, dict):
        return value
    return next((value[key] for key in _INSIDE if key in value), None)


def _one(value: object) -> str | None:
    """Return a field's text, of a list the first; None where it has none."""
    given = map(_inside, value if isinstance(value, list) else [value])
    return next((one.strip() for one in given if isinstance(one, str) and one.strip()), None)


def _categories(fields: Mapping[str, Any]) -> list[str]:
    for key in FIELDS["category"]:
        value = fields.get(key)
        given = value if isinstance(value, list) else [value]
        if found := [one.strip() for one in given if isinstance(one, str) and one.strip()]:
            return found[:20]
    return []


def _media(fields: Mapping[str, Any]) -> str:
    attachments = fields.get("attachments")
    for one in attachments if isinstance(attachments, list) else ():
        if isinstance(one, dict) and isinstance(one.get("mime_type"), str):
            return str(one["mime_type"]).casefold()
    return ""
