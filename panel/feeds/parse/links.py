"""Addresses taken apart; one that is none has no host and no path."""

from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit


def host(link: str | None) -> str:
    """Return the host of a link in lower case, without `www.` and port."""
    return _take_apart(link)[0] if link else ""


def segments(link: str | None) -> tuple[str, ...]:
    """Return the parts of a link's path: `/a/b%20c/` is `("a", "b c")`."""
    return _take_apart(link)[1] if link else ()


def resolve(base: str, link: str) -> str:
    """Return a link as it is meant in a document at `base`, itself where that makes no address."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


@lru_cache(maxsize=64)  # each rule asks again about the links of one item and its feed
def _take_apart(link: str) -> tuple[str, tuple[str, ...]]:
    try:
        parts = urlsplit(link)
        name = parts.hostname or ""
    except ValueError:
        return "", ()
    return name.removeprefix("www."), tuple(unquote(p) for p in parts.path.split("/") if p)
