"""HTML into plain text, in time that grows with its length and no faster, whatever it holds."""

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<rest>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
)
_ATTRIBUTE = re.compile(r"([^\s=\"'/>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
_QUOTE = re.compile("[\"']")
_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_SPACE_RUN = re.compile(r" {2,}")
_AROUND_BREAK = re.compile(r" ?\n ?")
_BREAKS = re.compile(r"\n{3,}")
# html.unescape turns any run of digits into an int, which takes quadratic time and then fails.
_LONG_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{7,}|[0-9]{8,});?")
# Tags that hold no word and hide none: most of what feeds are made of.
_OPEN_TAG = re.compile(
    r"</?(?:a|b|i|p|u|br|em|li|ol|td|th|tr|ul|div|h[1-6]|hr|img|pre|code|span|strong|table|tbody|thead"
    r"|blockquote)(?:\s++(?:class=(?:\"[\w\s-]*+\"|'[\w\s-]*+')"
    r"|(?!style|hidden|aria)[a-z-]++=(?:\"[^\"<>\s]*+\"|'[^'<>\s]*+')))*+\s*+/?>",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")

# What stands in these is no text for a reader; a tag inside them is none.
DROPPED: Final = frozenset(
    "script style template iframe noembed noframes xmp object svg math head title".split()
)
_RAW: Final = frozenset("script style iframe noembed noframes xmp textarea title".split())
_PARAGRAPH: Final = frozenset(
    "p div section article main header footer aside nav h1 h2 h3 h4 h5 h6 ul ol dl pre table "
    "blockquote figure form fieldset body hr address details".split()
)
_CODE: Final = frozenset(("script", "style"))
_UNSEEN: Final = frozenset(("hidden", "style", "aria-hidden"))
_WORDLESS: Final = frozenset("class srcset sizes d points rel sandbox allow".split())
_LINE: Final = frozenset("br li tr dt dd option figcaption summary legend caption".split())


class Token(NamedTuple):
    """A piece of a page: `text` between tags, or a tag by its `name` in lower case.

    `rest` is what stands in a start tag behind its name; see `attributes`.
    """

    kind: str
    name: str = ""
    text: str = ""
    rest: str = ""


def tokens(markup: str) -> Iterator[Token]:
    """Yield the texts (entities decoded), the tags and the comments of `markup`.

    Never raises: what is broken is read as a browser would, or as text. The content of script and
    style is yielded as `raw`, undecoded.
    """
    at = 0
    quoted = True
    while at < len(markup):
        start = markup.find("<", at)
        start = len(markup) if start < 0 else start
        if start > at:
            yield Token("text", text=decode(markup[at:start]))
        if markup.startswith(("<!", "<?"), start):
            at, token = _read_declaration(markup, start)
            yield token
            continue
        if not _begins_tag(markup, start):
            yield Token("text", text=markup[start : start + 1])
            at = start + 1
            continue
        tag = _TAG.match(markup, start) if quoted else None
        at = tag.end() if tag else _tag_end(markup, start)
        if tag is None:
            # A quote is open to the end. It is looked for once: from here on a tag ends at its >.
            quoted = False
            tag = _TAG.match(_QUOTE.sub(" ", markup[start:at]))
        if tag is not None:
            name = tag["name"].casefold()
            yield Token("end" if tag["end"] else "start", name=name, rest=tag["rest"])
            if name in _RAW and not tag["end"]:
                end = _find_end(markup, name, at)
                yield _content(name, markup[at:end])
                at = end


def attributes(rest: str) -> dict[str, str]:
    """Return the attributes in a start tag by their names in lower case; the first of two counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest):
        name, *values = match.groups()
        found.setdefault(name.casefold(), decode(next((v for v in values if v), "")))
    return found


def decode(text: str) -> str:
    """Return `text` with its character references resolved; impossible ones become U+FFFD."""
    if "&" not in text:
        return text
    return _SURROGATE.sub("\ufffd", html.unescape(_LONG_REFERENCE.sub("\ufffd", text)))


def plain_text(markup: str, *, dropped: frozenset[str] = DROPPED) -> str:
    """Return what a reader sees of `markup`: a blank line between paragraphs, `- ` before items.

    Scripts, styles and embedded objects are dropped with what they hold.
    """
    pieces: list[str] = []
    hidden: dict[str, int] = {}
    for token in tokens(markup):
        if token.kind in ("start", "end") and token.name in dropped:
            step = 1 if token.kind == "start" else -1
            depth = max(0, hidden.get(token.name, 0) + (0 if token.rest.endswith("/") else step))
            hidden.pop(token.name, None)
            if depth:
                hidden[token.name] = depth
            if token.name == "head" and token.kind == "end":
                hidden.clear()
        elif hidden:
            if token.name == "body":
                hidden.clear()  # a head that was never closed ends here, as in a browser
        elif token.kind == "text":
            pieces.append(_SPACE.sub(" ", token.text))
        elif token.kind in ("start", "end"):
            pieces.append(_break(token))
    text = _AROUND_BREAK.sub("\n", _SPACE_RUN.sub(" ", "".join(pieces)))
    return _BREAKS.sub("\n\n", text).strip()


def all_words(markup: str) -> str:
    """Return `markup` without code, links and what else in it is no word.

    What no reader sees stays, as markup: comments, unseen elements, the texts in attributes. It is
    empty where readers see all words.
    """
    if "<" not in _OPEN_TAG.sub("", markup):
        return ""
    return "".join(map(_worded, tokens(markup)))


def _worded(token: Token) -> str:
    if token.kind == "text":
        return token.text
    if token.kind == "comment":
        return f"<!--{token.text}-->"
    if token.kind == "raw":
        return "" if token.name in _CODE else token.text
    if token.kind == "end":
        return f"</{token.name}>"
    return f"<{token.name}{_worded_attributes(token.rest)}>"


def _worded_attributes(rest: str) -> str:
    stored = []
    for name, value in attributes(rest).items() if rest else ():
        if not value:
            stored.append(f" {name}")
        elif name in _UNSEEN or (" " in value.strip() and name not in _WORDLESS):
            quoted = value.replace('"', "'")
            stored.append(f' {name}="{quoted}"')
    return "".join(stored)


def _break(token: Token) -> str:
    if token.name in _PARAGRAPH:
        return "\n\n"
    if token.name == "li" and token.kind == "start":
        return "\n- "
    if token.name in _LINE:
        return "\n"
    return " " if token.name in ("td", "th") else ""


def _content(name: str, inside: str) -> Token:
    """Return what stands in an element that holds no tags: text, or what is not for readers."""
    if name in ("title", "textarea"):
        return Token("text", text=decode(inside))
    return Token("raw", name=name, text=inside)


def _tag_end(markup: str, start: int) -> int:
    close = markup.find(">", start)
    return len(markup) if close < 0 else close + 1


def _begins_tag(markup: str, start: int) -> bool:
    following = markup[start + 1 : start + 3]
    letter = following[1:] if following.startswith("/") else following[:1]
    return letter.isascii() and letter.isalpha()


def _read_declaration(markup: str, start: int) -> tuple[int, Token]:
    """Return where a comment, CDATA section or declaration ends, and what it holds.

    Any other declaration is a comment, as in a browser.
    """
    if markup.startswith("<!--", start):
        kind, opened, close = "comment", start + 4, "-->"
        found = markup.find(close, start + 2)
    elif markup.startswith("<![CDATA[", start):
        kind, opened, close = "text", start + 9, "]]>"
        found = markup.find(close, opened)
    else:
        kind, opened, close = "comment", start + 2, ">"
        found = markup.find(close, start)
    end = len(markup) if found < 0 else found
    return min(end + len(close), len(markup)), Token(kind, text=markup[opened:end])


def _find_end(markup: str, name: str, at: int) -> int:
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, at)
    return found.start() if found else len(markup)
