"""A web page: its name and what it says. The one module that imports trafilatura, where it is there."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from panel.feeds.markup import DROPPED, all_words, attributes, plain_text, tokens
from panel.feeds.parse.items import Page

extract: Callable[..., str | None] | None = None
with suppress(ImportError):  # where the extra [web] is not installed
    import trafilatura

    extract = trafilatura.extract

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_HEAD = 4_096
# What stands round the text of a page and is the same on every page of a site.
_FURNITURE = DROPPED | {"nav", "footer", "aside", "form", "button", "select", "noscript", "dialog"}
_FEW = 200


def read_page(data: bytes, charset: str | None) -> Page:
    """Return the name and the text of an HTML page; either may be empty."""
    markup = _decode(data, charset)
    named = _named(markup)
    text = _with_trafilatura(markup) or _own_text(markup)
    description = named.get("description", "")
    if description and description not in text:
        text = f"{description}\n\n{text}".strip()
    return {"name": named.get("name", ""), "text": text, "markup": all_words(markup)}


def _decode(data: bytes, charset: str | None) -> str:
    """Return the page's text: by its byte order mark, the server's word, its own, or UTF-8."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = next((name for mark, name in marks if data.startswith(mark)), None)
    meta = _META_CHARSET.search(data[:_HEAD])
    said = meta.group(1).decode("ascii") if meta else None
    for name in (marked, charset, said, "utf-8"):
        try:
            if name:
                return data.decode(name)
        except (LookupError, UnicodeError):
            continue
    return data.decode("utf-8", "replace")


def _named(markup: str) -> Mapping[str, str]:
    """Return the page's name and description by what its head says of them."""
    found: dict[str, str] = {}
    title: list[str] | None = None
    for token in tokens(markup):
        if token.kind == "start" and token.name == "meta":
            given = attributes(token.rest)
            key = (given.get("property") or given.get("name") or "").casefold()
            found.setdefault(key, " ".join(given.get("content", "").split()))
        elif token.kind == "start" and token.name == "title" and "title" not in found:
            title = []
        elif token.kind == "text" and title is not None:
            title.append(token.text)
        elif token.kind == "end" and token.name == "title" and title is not None:
            found["title"] = " ".join("".join(title).split())
            title = None
        elif token.name == "body":
            break
    name = found.get("og:title") or found.get("title") or ""
    description = found.get("og:description") or found.get("description") or ""
    return {"name": name, "description": description}


def _own_text(markup: str) -> str:
    """Return the main part of a page where it has one of some length, else all but its furniture."""
    for name in ("main", "article"):
        start = re.search(rf"<{name}[\s>]", markup, re.IGNORECASE)
        if start:
            end = markup.lower().rfind(f"</{name}")
            part = plain_text(markup[start.start() : end if end > 0 else None], dropped=_FURNITURE)
            if len(part) >= _FEW:
                return part
    return plain_text(markup, dropped=_FURNITURE)


def _with_trafilatura(markup: str) -> str:
    """Return the text that trafilatura finds, empty where the extra is not installed."""
    if extract is None:
        return ""
    return extract(markup, include_comments=False, include_tables=True) or ""
