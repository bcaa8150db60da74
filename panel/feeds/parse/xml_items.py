"""The items of an RSS or Atom document, each parsed alone: a bad one takes no other along.

The document is cut at the tags of its items, outside comments and CDATA. Each item is parsed by
expat within the start tag of the root, which declares the namespaces. No document type reaches the
parser: entities are never expanded. An item that is not well-formed is read child by child.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import Final
from xml.etree import ElementTree as ET

from panel.feeds.parse.items import UnreadableFeedError

_HIDDEN: Final = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN_BETWEEN: Final = (("<![CDATA[", "]]>"), ("<!--", "-->"))
_ROOT_END: Final = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)\s*+>")
_TAIL: Final = 1_000
_ROOT: Final = re.compile(
    r"<(?P<name>(?:[\w.-]{1,40}:)?(?:rss|feed|RDF))(?=[\s>/])[^<>]{0,10000}+>"
)
_ANY_ROOT: Final = re.compile(r"<([A-Za-z][\w.:-]{0,40})(?=[\s>/])")
_ITEM: Final = re.compile(r"<((?:[\w.-]{1,40}:)?(?:item|entry))(?=[\s>/])")
_DECLARATION: Final = re.compile(r"<\?xml\s")
_ENTITIES: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE: Final = re.compile(
    r"&(?:#(?:[xX](?P<hex>[0-9a-fA-F]++)|(?P<number>[0-9]++));?|(?P<name>[A-Za-z][A-Za-z0-9]{0,31});)?"
)
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_CHILD: Final = re.compile(
    r"<(?P<name>[A-Za-z_][\w.:-]{0,80})(?P<given>(?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+')*+)(?P<empty>/?)>"
)
_ATTRIBUTE: Final = re.compile(r"([\w.:-]{1,80})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_XML_NAMES: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_HIGHEST: Final = 0x10FFFF
_LONGEST_NUMBER: Final = 8
_MOST_CHILDREN: Final = 1_000
_NAMESPACES: Final = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism",
    "http://www.w3.org/2005/atom": "atom",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
}


@dataclass(slots=True)
class Element:
    """A child of an item or a channel: `name` is `title`, or `dc:title` in a known namespace.

    `text` is what stands in it: markup where it holds elements, which `is_markup` tells.
    """

    name: str
    attributes: dict[str, str]
    text: str
    is_markup: bool = False


@dataclass(slots=True)
class XmlItem:
    """One item, the `number`-th: its children, its own attributes, and the comments between them."""

    number: int
    children: list[Element]
    attributes: dict[str, str]
    comments: str = ""
    is_sound: bool = True


@dataclass(slots=True)
class XmlFeed:
    """A document cut into its channel and its items.

    `notes` says what is wrong with it outside its items; `broken` is the number of the item in which
    it breaks off, 0 where it does in none.
    """

    channel: list[Element]
    attributes: dict[str, str]
    notes: list[str]
    bounds: list[tuple[int, int]]
    broken: int
    text: str
    frame: tuple[str, str]

    def items(self, most: int) -> Iterator[XmlItem]:
        """Yield the first `most` items, each parsed when it is asked for."""
        for number, (start, end) in enumerate(self.bounds[:most], start=1):
            yield _parse(self.text[start:end], self.frame, number)


def cut_feed(text: str) -> XmlFeed:
    """Return the document in `text`, its items not parsed yet. Raises UnreadableFeedError."""
    bare = _without_hidden(text)
    root = _ROOT.search(bare)
    if root is None:
        other = _ANY_ROOT.search(bare)
        named = f": it begins with <{other[1]}>" if other else ""
        raise UnreadableFeedError(f"there is no RSS and no Atom in it{named}")
    notes = _before_root(bare[: root.start()])
    closing = re.compile(rf"</(?:channel|{re.escape(root['name'])})\s*+>")
    bounds, open_at = _cut_items(bare, root.end())
    broken = 0
    if open_at is not None:
        end = closing.search(bare, open_at)
        if end is None:
            broken = len(bounds) + 1
        else:
            bounds.append((open_at, end.start()))
    is_whole = root[0].endswith("/>") or re.search(rf"</{re.escape(root['name'])}\s*+>", bare)
    if not is_whole:
        notes.append("it breaks off")
        if not bounds:
            raise UnreadableFeedError("it breaks off before the end of its first item")
    channel = _read_channel(text, root.start(), bounds, open_at if broken else None)
    if is_whole and not channel.is_sound:
        notes.append("it is not well-formed outside its items")
    start_tag = re.search(
        r"<channel(?=\s)[^<>]*?xmlns[^<>]*+>", bare[root.end() : root.end() + 20_000]
    )
    frame = (root[0].replace("/>", ">"), f"</{root['name']}>")
    if start_tag:
        frame = (f"{frame[0]}{start_tag[0]}", f"</channel>{frame[1]}")
    return XmlFeed(channel.children, channel.attributes, notes, bounds, broken, text, frame)


def _without_hidden(text: str) -> str:
    """Return `text` with its comments and CDATA blank; one that is never closed hides its start alone.

    A document that breaks off may do so in one of them: then it hides the rest.
    """
    if _ROOT_END.search(text[-_TAIL:]):
        for opening, closing in _HIDDEN_BETWEEN:
            end = text.rfind(closing) + 1
            text = text[:end] + text[end:].replace(opening, " " * len(opening))
    return _HIDDEN.sub(lambda found: " " * len(found[0]), text)


def _before_root(prolog: str) -> list[str]:
    """Return what is wrong with that which stands before the root element."""
    notes = []
    if _ENTITIES.search(prolog):
        notes.append("it declares XML entities, which were left out")
    declared = _DECLARATION.search(prolog)
    if declared and prolog[: declared.start()].strip("\ufeff"):
        notes.append("something else stands before its XML")
    return notes


def _cut_items(bare: str, start: int) -> tuple[list[tuple[int, int]], int | None]:
    """Return where items begin and end, and where one begins that does not end."""
    first = _ITEM.search(bare, start)
    if first is None:
        return [], None
    name = re.escape(first[1])
    tags = re.compile(rf"<{name}(?=[\s>/])(?:[^<>]*+>)?|</{name}\s*+>")
    bounds: list[tuple[int, int]] = []
    open_at: int | None = None
    for tag in tags.finditer(bare, first.start()):
        if tag[0].startswith("</"):
            if open_at is not None:
                bounds.append((open_at, tag.end()))
            open_at = None
            continue
        if open_at is not None:
            bounds.append((open_at, tag.start()))
        if tag[0].endswith("/>"):
            bounds.append(tag.span())
            open_at = None
        else:
            open_at = tag.start()
    return bounds, open_at


def _read_channel(
    text: str, start: int, bounds: list[tuple[int, int]], broken_at: int | None
) -> XmlItem:
    """Return the children of the channel, or of an Atom feed: of all that stands outside the items."""
    pieces, at = [], start
    for begin, end in bounds:
        pieces.append(text[at:begin])
        at = end
    pieces.append(text[at:broken_at])
    outside = "".join(pieces)
    try:
        root = _tree(outside)
    except (ET.ParseError, ValueError):
        children = _children_of_text(outside[:20_000].partition("<channel")[2] or outside[:20_000])
        return XmlItem(0, children, {}, is_sound=False)
    inner = next((child for child in root if _local(child) == "channel"), root)
    found = _children_of(inner)
    found.attributes = {**_attributes(root), **found.attributes}
    return found


def _parse(source: str, frame: tuple[str, str], number: int) -> XmlItem:
    for is_sound, attempt in ((True, source), (False, _mend(source))):
        try:
            item = _children_of(_inside(_tree(f"{frame[0]}{attempt}{frame[1]}")))
        except (ET.ParseError, ValueError, RecursionError):
            continue
        item.number, item.is_sound = number, is_sound
        return item
    tag = _CHILD.match(source)
    children = _children_of_text(source[tag.end() if tag else 0 :])
    return XmlItem(number, children, _given(tag["given"]) if tag else {}, is_sound=False)


def _tree(source: str) -> ET.Element:
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    return ET.fromstring(source, parser=ET.XMLParser(target=builder))  # noqa: S314 - no document type


def _inside(root: ET.Element) -> ET.Element:
    """Return the item within its frame. Raises ValueError where there is none."""
    for child in root:
        if _local(child) in ("item", "entry"):
            return child
        if _local(child) == "channel":
            return _inside(child)
    raise ValueError("no item")


def _children_of(parent: ET.Element) -> XmlItem:
    own = parent.tag.rpartition("}")[0]
    children: list[Element] = []
    comments: list[str] = []
    for child in parent:
        if not isinstance(child.tag, str):
            comments.append(f"<!--{child.text or ''}-->")
            continue
        space, _, local = child.tag.rpartition("}")
        prefix = "" if space == own else _NAMESPACES.get(space.lstrip("{").casefold(), "other")
        name = local.casefold() if prefix in ("", "atom") and not own else _named(prefix, local)
        attributes = _attributes(child)
        if len(child):
            children.append(Element(name, attributes, _serialise(child), is_markup=True))
        else:
            children.append(Element(name, attributes, (child.text or "").strip()))
    return XmlItem(0, children, _attributes(parent), "\n".join(comments))


def _named(prefix: str, local: str) -> str:
    return f"{prefix}:{local.casefold()}" if prefix else local.casefold()


def _attributes(element: ET.Element) -> dict[str, str]:
    return {
        ("xml:base" if name.endswith("namespace}base") else name.rpartition("}")[2]): value
        for name, value in element.attrib.items()
    }


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _serialise(element: ET.Element) -> str:
    """Return what stands in an element as HTML. Raises RecursionError where it is nested too deep."""
    for each in element.iter():
        if isinstance(each.tag, str):
            each.tag = _local(each)
            each.attrib = _attributes(each)
    element.tag, element.attrib, element.tail = "div", {}, None
    return ET.tostring(element, encoding="unicode", method="html")


def _mend(source: str) -> str:
    """Return an item without impossible characters, and with its ampersands and references mended."""
    pieces = []
    at = 0
    for hidden in _HIDDEN.finditer(source):
        pieces += [_REFERENCE.sub(_mended, source[at : hidden.start()]), hidden[0]]
        at = hidden.end()
    pieces.append(_REFERENCE.sub(_mended, source[at:]))
    return _NOT_XML.sub("\ufffd", "".join(pieces))


def _mended(found: re.Match[str]) -> str:
    if name := found["name"]:
        return found[0] if name in _XML_NAMES else html5.get(f"{name};", f"&amp;{name};")
    digits = (found["hex"] or found["number"] or "").lstrip("0")
    if not found["hex"] and not found["number"]:
        return "&amp;"
    code = int(digits or "0", 16 if found["hex"] else 10) if len(digits) <= _LONGEST_NUMBER else 0
    exists = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code <= _HIGHEST  # noqa: PLR2004 - XML 1.0, 2.2
    return f"&#{code};" if exists else "\ufffd"


def _children_of_text(source: str) -> list[Element]:
    """Return the children of an item that no parser reads: each from its start tag to its end tag."""
    bare = _HIDDEN.sub(lambda found: " " * len(found[0]), source)
    children: list[Element] = []
    at = 0
    while len(children) < _MOST_CHILDREN and (tag := _CHILD.search(bare, at)):
        at = tag.end()
        text, end = "", at
        if not tag["empty"]:
            close = bare.find(f"</{tag['name']}", at)
            if close < 0:
                following = bare.find("<", at)
                close = end = following if following >= 0 else len(bare)
            else:
                end = close + len(tag["name"]) + 2
            text = source[at:close]
        name = tag["name"].casefold().removeprefix("atom:").removeprefix("rss:")
        is_markup = "<" in bare[at:end].removesuffix(f"</{tag['name']}")
        children.append(Element(name, _given(tag["given"]), _text(text, is_markup), is_markup))
        at = end
    return children


def _given(attributes: str) -> dict[str, str]:
    return {
        found[1]: unescape(found[2] if found[2] is not None else found[3])
        for found in _ATTRIBUTE.finditer(attributes)
    }


def _text(source: str, is_markup: bool) -> str:
    """Return what stands between two tags: CDATA as it is, the rest with its references resolved."""
    pieces, at = [], 0
    for data in _CDATA.finditer(source):
        before = source[at : data.start()]
        pieces += [before if is_markup else _unescape(before), data[1]]
        at = data.end()
    rest = source[at:]
    pieces.append(rest if is_markup else _unescape(rest))
    return "".join(pieces).strip()


def _unescape(text: str) -> str:
    return unescape(_REFERENCE.sub(_mended, text)) if "&" in text else text
