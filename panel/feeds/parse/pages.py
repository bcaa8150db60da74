"""A web page: its name and what it says. The one module that imports trafilatura, where it is there."""

from collections.abc import Callable
from contextlib import suppress

from selectolax.lexbor import LexborNode

from panel.feeds.markup import DROPPED, hidden_words, parse_html, visible_text
from panel.feeds.parse.encoding import decode
from panel.feeds.parse.items import ReadPage

extract: Callable[..., str | None] | None = None
with suppress(ImportError):  # where the extra [web] is not installed
    import trafilatura

    extract = trafilatura.extract

# What stands round the text of a page and is the same on every page of a site.
_FURNITURE = DROPPED | {"nav", "footer", "aside", "form", "button", "select", "noscript", "dialog"}
_FEW = 200


def read_page(data: bytes, charset: str | None) -> ReadPage:
    """Return the name and the text of an HTML page; either may be empty."""
    markup, _ = decode(data, charset)
    root = parse_html(markup)
    if root is None:
        return {"name": "", "text": "", "markup": ""}
    name, description = _named(root)
    text = _with_trafilatura(markup) or _own_text(root)
    if description and description not in text:
        text = f"{description}\n\n{text}".strip()
    return {"name": name, "text": text, "markup": hidden_words(markup)}


def _named(root: LexborNode) -> tuple[str, str]:
    """Return the page's name and description, each empty where the page does not give it."""
    found: dict[str, str] = {}
    for meta in root.css("meta"):
        given = meta.attributes
        key = given.get("property") or given.get("name") or ""
        found.setdefault(key.casefold(), " ".join((given.get("content") or "").split()))
    title = root.css_first("title")
    name = found.get("og:title") or (" ".join(title.text().split()) if title else "")
    return name, found.get("og:description") or found.get("description") or ""


def _own_text(root: LexborNode) -> str:
    """Return the main part of a page where it has one of some length, else all but its furniture."""
    for name in ("main", "article"):
        part = root.css_first(name)
        if part is not None and len(text := visible_text(part, dropped=_FURNITURE)) >= _FEW:
            return text
    return visible_text(root, dropped=_FURNITURE)


def _with_trafilatura(markup: str) -> str:
    """Return the text that trafilatura finds, empty where the extra is not installed."""
    if extract is None:
        return ""
    return extract(markup, include_comments=False, include_tables=True) or ""
