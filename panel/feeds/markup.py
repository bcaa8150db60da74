"""HTML read with a browser's parser: what a reader sees of it, and the words that nobody sees."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
_MOST_OPEN: Final = 5_000
_SPACE_RUN: Final = re.compile(r" {2,}")
_AROUND_BREAK: Final = re.compile(r" ?\n ?")
_BREAKS: Final = re.compile(r"\n{3,}")
# A colon, a value, and no more of a style: most of them say nothing of hiding.
_UNSEEN_STYLE: Final = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.IGNORECASE)

# What stands in these is no text for a reader.
DROPPED: Final = frozenset(
    "script style template iframe noembed noframes xmp object svg math head title".split()
)
_PARAGRAPH: Final = frozenset(
    "p div section article main header footer aside nav h1 h2 h3 h4 h5 h6 ul ol dl pre table "
    "blockquote figure form fieldset body hr address details".split()
)
_LINE: Final = frozenset("figcaption summary legend caption".split())
_NEW_LINE: Final = frozenset("br tr dt dd option".split())
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
_CLOSED_BY_NEXT: Final = frozenset("p li dt dd tr td th thead tbody tfoot option".split())
_OPAQUE: Final = frozenset(("script", "style", "template"))
_CODE: Final = frozenset(("script", "style"))
_HIDING: Final = frozenset(("hidden", "style", "aria-hidden"))
_WORDLESS: Final = frozenset("class srcset sizes d points rel sandbox allow".split())


class TooDeep(ValueError):
    """Markup whose elements are nested deeper than 5,000 levels."""


def parse_html(markup: str) -> LexborNode | None:
    """Return the root of what a browser makes of `markup`, None where that is nothing.

    Raises TooDeep: a browser's parser looks at all open elements with each tag.
    """
    _refuse_depth(markup)
    text = _SURROGATE.sub("\ufffd", markup)
    options = LexborDocumentOptions.WO_EVENTS
    return LexborHTMLParser(text, is_fragment=True, options=options).root


def _refuse_depth(markup: str) -> None:
    """Raise TooDeep where too many elements are open at once; a stray end tag closes none.

    Elements that need no end tag do not count: alone they are never deep.
    """
    if markup.count("<") <= _MOST_OPEN:
        return
    opened: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(markup):
        name = tag[2].casefold()
        if name in _VOID or name in _CLOSED_BY_NEXT:
            continue
        if not tag[1]:
            opened[name] += 1
            depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > _MOST_OPEN:
            raise TooDeep("its markup is nested too deeply")


def plain_text(markup: str, *, dropped: frozenset[str] = DROPPED) -> str:
    r"""Return what a reader sees of `markup`: a blank line between paragraphs, `- ` before items.

    Scripts, styles, embedded objects and hidden elements are left out with what they hold.
    `plain_text("<p>Row<b>boat</b><ul><li>fast")` is `"Rowboat\n\n- fast"`.
    """
    if "<" not in markup and "&" not in markup:
        return _tidy(_SPACE.sub(" ", markup))
    root = parse_html(markup)
    return visible_text(root, dropped=dropped) if root is not None else ""


def visible_text(root: LexborNode, *, dropped: frozenset[str] = DROPPED) -> str:
    """Return what a reader sees of an element, as `plain_text` does."""
    pieces: list[str] = []
    for node, entered in _walk(root, lambda node: node.tag in dropped or _is_unseen(node)):
        if node.is_text_node:
            pieces.append(_SPACE.sub(" ", node.text_content or ""))
        elif node.is_element_node:
            pieces.append(_break(node.tag or "", entered=entered))
    return _tidy("".join(pieces))


def links_in(markup: str, *, most: int = 100) -> list[tuple[str, str]]:
    """Return the text and the address of the first links in `markup`, in order."""
    root = parse_html(markup) if "<a" in markup or "<A" in markup else None
    found = root.css("a[href]")[:most] if root is not None else []
    return [(" ".join(a.text().split()), (a.attributes.get("href") or "").strip()) for a in found]


def hidden_words(markup: str) -> str:
    """Return `markup` with all of its words and without code and links, for screening.

    What no reader sees stays, as markup: comments, unseen elements, the texts in attributes. It is
    empty where readers see all of the words.
    """
    root = parse_html(markup) if "<" in markup else None
    if root is None:
        return ""
    pieces: list[str] = []
    hides = False
    for node, entered in _walk(root, lambda node: node.tag in _OPAQUE):
        if node.is_text_node:
            pieces.append(node.text_content or "")
        elif not node.is_element_node:
            hides = True
            pieces.append(f"<!--{node.comment_content or node.html or ''}-->")
        elif entered:
            attributes = "" if node.tag in _CODE else "".join(_worded(node))
            hides = hides or bool(attributes) or node.tag in DROPPED
            pieces.append(f"<{node.tag}{attributes}>{_template(node)}")
        elif node.tag not in _VOID:
            pieces.append(f"</{node.tag}>")
    return "".join(pieces) if hides else ""


def _walk(
    root: LexborNode, is_closed: Callable[[LexborNode], bool]
) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node below `root`, an element when it is entered (True) and when it is left.

    What stands in an element that `is_closed` is passed over.
    """
    ways: list[tuple[LexborNode, Iterator[LexborNode]]] = [(root, root.iter(include_text=True))]
    while ways:
        parent, inside = ways[-1]
        node = next(inside, None)
        if node is None:
            ways.pop()
            if ways:
                yield parent, False
        elif not node.is_element_node:
            yield node, True
        else:
            yield node, True
            children = iter(()) if is_closed(node) else node.iter(include_text=True)
            ways.append((node, children))


def _template(node: LexborNode) -> str:
    """Return what a template holds, which is no part of the tree."""
    if node.tag != "template":
        return ""
    return "".join(inside.html or "" for inside in node.template_fragments())


def _is_unseen(node: LexborNode) -> bool:
    if not node.is_element_node:
        return False
    attributes = node.attributes
    return "hidden" in attributes or bool(_UNSEEN_STYLE.search(attributes.get("style") or ""))


def _worded(node: LexborNode) -> Iterator[str]:
    """Yield the attributes that hold words or hide the element."""
    for name, value in node.attributes.items():
        if not value:
            if name in _HIDING:
                yield f" {name}"
        elif name in _HIDING or (" " in value.strip() and name not in _WORDLESS):
            quoted = value.replace('"', "'")
            yield f' {name}="{quoted}"'


def _break(name: str, *, entered: bool) -> str:
    if name in _PARAGRAPH:
        return "\n\n"
    if name == "li":
        return "\n- " if entered else ""
    if name in _LINE or (name in _NEW_LINE and entered):
        return "\n"
    return " " if name in ("td", "th") else ""


def _tidy(text: str) -> str:
    lines = _AROUND_BREAK.sub("\n", _SPACE_RUN.sub(" ", text))
    return _BREAKS.sub("\n\n", lines).strip()
