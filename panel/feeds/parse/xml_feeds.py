"""RSS and Atom."""

import re
from collections.abc import Iterator
from typing import Final

from panel.domain.wording import counted
from panel.feeds.markup import TooDeep, hidden_words, plain_text
from panel.feeds.parse.dates import moment
from panel.feeds.parse.items import MOST_ITEMS, Channel, RawItem, Summary, too_long
from panel.feeds.parse.links import resolve
from panel.feeds.parse.xml_items import Element, XmlItem, cut_feed

_BODIES: Final = frozenset(
    "description content summary content:encoded dc:description itunes:summary fullitem body "
    "xhtml:body abstract tagline".split()
)
_DATES: Final = (
    "pubdate published dc:date dcterms:issued issued updated modified created date".split()
)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]|&(?:#\w{1,8}|[a-zA-Z]\w{1,31});")
# A title is text that may have some markup: "Vec<T>" has none.
_TITLE_MARKUP: Final = re.compile(
    r"</[a-zA-Z]|<(?:a|b|br|code|em|font|i|img|mark|small|span|strong|sub|sup|tt|u)[\s/>]"
    r"|<!--|&(?:#\w{1,8}|[a-zA-Z]\w{1,31});"
)
_HTML_TYPES: Final = frozenset(("html", "text/html", "xhtml", "application/xhtml+xml"))


class XmlReader:
    """A document of RSS or Atom, read an item at a time.

    Raises UnreadableFeedError where there is neither. `channel` is there from the start, `summary` is
    complete once the items were read.
    """

    def __init__(self, text: str) -> None:
        self._feed = cut_feed(text)
        links = [_href(child) for child in self._feed.channel if _is_alternate(child)]
        own = [
            _href(child) for child in self._feed.channel if child.attributes.get("rel") == "self"
        ]
        link = next(filter(None, links), "")
        self._base = self._feed.attributes.get("xml:base") or link or next(iter(own), "")
        self.channel = Channel(
            title=_said(_first(self._feed.channel, "title"), _TITLE_MARKUP)[0],
            link=link or next(iter(own), ""),
            id=_text(self._feed.channel, "id"),
            generator=_text(self._feed.channel, "generator"),
        )
        self._left_out: list[str] = []
        self._ill_formed = 0

    def items(self) -> Iterator[RawItem]:
        """Yield each item that can be read."""
        for item in self._feed.items(MOST_ITEMS):
            self._ill_formed += not item.is_sound
            try:
                read = _raw_item(item, self._base)
            except TooDeep as error:
                self._left_out.append(f"item {item.number}: {error}")
                continue
            if fault := too_long(read.place, read.text):
                self._left_out.append(fault)
            else:
                yield read

    @property
    def summary(self) -> Summary:
        """What is to be said of the feed as a whole."""
        notes = list(self._feed.notes)
        if self._ill_formed:
            items = counted(self._ill_formed, "item is", "items are")
            notes.append(f"{items} not well-formed XML")
        broken = self._feed.broken
        cut_off = [f"item {broken}: the feed breaks off in it"] if broken else []
        return {
            "malformed": "; ".join(notes) or None,
            "left_out": [*self._left_out, *cut_off],
            "beyond": max(0, len(self._feed.bounds) - MOST_ITEMS),
            "fields": "",
            "unread": [],
        }


def _raw_item(item: XmlItem, base: str) -> RawItem:
    children = item.children
    title, title_html = _said(
        _first(children, "title") or _first(children, "dc:title"), _TITLE_MARKUP
    )
    bodies = [_said(child, _MARKUP) for child in children if child.name in _BODIES]
    text, html = max(bodies, key=lambda body: len(body[0]), default=("", ""))
    sources = [title_html, *(html for _, html in bodies), item.comments]
    base = resolve(base, item.attributes.get("xml:base", ""))
    return RawItem(
        place=f"item {item.number}",
        id=_text(children, "guid") or _text(children, "id") or item.attributes.get("about"),
        link=_link(children, base),
        title=title or None,
        text=text,
        html=html,
        markup="\n".join(filter(None, map(hidden_words, filter(None, sources)))),
        categories=_categories(children),
        published=next(filter(None, (moment(_text(children, name)) for name in _DATES)), None),
        media=_media(children),
        has_author=any(child.name in ("author", "dc:creator") for child in children),
        paper=any(
            child.name.startswith("prism:")
            or (child.name == "dc:identifier" and child.text.casefold().startswith("doi"))
            for child in children
        ),
    )


def _said(element: Element | None, markup: re.Pattern[str]) -> tuple[str, str]:
    """Return the text of an element and, where it was read out of markup, that."""
    if element is None:
        return "", ""
    kind = element.attributes.get("type", "").casefold()
    if kind.partition("/")[0] in ("image", "audio", "video"):
        return "", ""
    plain = kind in ("text", "text/plain") or kind.startswith("text/markdown")
    html = element.is_markup or kind in _HTML_TYPES
    if html or (not plain and markup.search(element.text)):
        return plain_text(element.text), element.text
    return element.text, ""


def _first(children: list[Element], name: str) -> Element | None:
    return next((child for child in children if child.name == name), None)


def _text(children: list[Element], name: str) -> str:
    """Return the text of the first child of that name that has one."""
    return next((child.text for child in children if child.name == name and child.text), "")


def _is_alternate(child: Element) -> bool:
    """Return whether a child leads to the page of its item or feed."""
    return child.name in ("link", "atom:link") and child.attributes.get("rel", "alternate") in (
        "alternate",
        "",
    )


def _href(child: Element) -> str:
    return (child.attributes.get("href") or child.text).strip()


def _link(children: list[Element], base: str) -> str | None:
    links = [child for child in children if _is_alternate(child) and _href(child)]
    links.sort(key=lambda child: child.attributes.get("type", "text/html") != "text/html")
    found = [_text(children, "feedburner:origlink"), *map(_href, links)]
    guid = _first(children, "guid")
    if guid and guid.attributes.get("isPermaLink", guid.attributes.get("ispermalink")) != "false":
        found.append(guid.text if "://" in guid.text else "")
    link = next(filter(None, found), "")
    return resolve(base, link) if link else None


def _categories(children: list[Element]) -> list[str]:
    given = [child for child in children if child.name in ("category", "dc:subject")]
    named = (one.attributes.get("label") or one.attributes.get("term") or one.text for one in given)
    return [name for name in named if name.strip()][:20]


def _media(children: list[Element]) -> str:
    """Return the type of what is enclosed; an item with the marks of a podcast is audio."""
    for child in children:
        is_enclosed = child.name == "enclosure" or child.attributes.get("rel") == "enclosure"
        if is_enclosed and (kind := child.attributes.get("type")):
            return kind.casefold()
    marks = ("itunes:duration", "itunes:episode", "itunes:episodetype")
    return "audio" if any(child.name in marks for child in children) else ""
