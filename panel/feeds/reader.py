"""Feeds and pages out of bytes, each in a child process of its own with little time and memory."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

from panel.domain.feed import Entry, Feed, make_entry
from panel.domain.value import Value
from panel.domain.wording import counted
from panel.errors import FeedError
from panel.feeds.decompression import GZIP_MAGIC, MOST_BYTES
from panel.process_limits import OUT_OF_TIME

MOST_MEGABYTES: Final = 190
SLOWEST_S: Final = 60.0
_SECONDS: Final = 4.0
_SECONDS_A_MEGABYTE: Final = 1.6
_MEGABYTE: Final = 1_000_000
_CHILD: Final = "panel.feeds.parse"
_NEXT: Final = (
    "Give an RSS or Atom feed, a JSON Feed, JSON Lines, or a CSV table with a header line."
)
_TOO_LONG: Final = "reading it takes too long"


class WebPage(Value):
    """A web page: its own name, empty where it has none, and what a reader sees of it.

    `markup` is what that was read out of, with the words that no reader sees.
    """

    name: str
    text: str
    markup: str


def most_seconds(size: int) -> float:
    """Return how much processor time the child has for so many bytes: 12 s for 5 MB."""
    return _SECONDS + _SECONDS_A_MEGABYTE * size / _MEGABYTE


async def read_feed(data: bytes, *, source: str) -> Feed:
    """Return the feed in `data`: RSS, Atom, JSON Feed, JSON Lines or CSV, packed with gzip or not.

    `source` names it; where that is an address, links that are relative to it are resolved. At most
    5,000,000 bytes are read, when opened, and 50,000 items; more items are counted in `beyond`. What
    was read before a limit was reached is kept. Raises FeedError where there is nothing to be read.
    """
    if len(data) > MOST_BYTES:
        raise FeedError(f"{source}: more than {MOST_BYTES:,} bytes. Split it and name the parts.")
    return feed_of(*await _in_a_child("feed", "", data, source), source=source)


def feed_of(items: Sequence[dict[str, Any]], last: dict[str, Any], *, source: str) -> Feed:
    """Return the feed that a child has read into `items`, and `last`, what it says of the whole.

    Raises FeedError where there is nothing to be read.
    """
    fault = last.get("fault")
    if fault and not items:
        raise FeedError(f"{source}: {fault}. {_NEXT}")
    if last.get("left_out") and not items:
        raise FeedError(f"{source}: none of its items can be read ({last['left_out'][0]}). {_NEXT}")
    entries: list[Entry] = []
    left_out: list[str] = list(last.get("left_out", ()))
    has_bare_text = any(item["text"] and not item["title"] for item in items)
    for item in items:
        entry = _entry(item, source)
        if entry is None:
            left_out.append(f"{item['place']}: it has no title and no text")
        else:
            entries.append(entry)
    # A short text without a title is its own title, and is a description all the same.
    undescribed = None if fault or has_bare_text else _why_undescribed(entries, last)
    if undescribed and last.get("fields"):
        raise FeedError(f"{source}: {undescribed}. {last['fields']}")
    notes = (
        last.get("malformed"),
        undescribed,
        fault and f"{fault}: the items behind {len(items)} were not read",
    )
    return Feed(
        source=source,
        entries=tuple(entries),
        malformed="; ".join(filter(None, notes)) or _missing(left_out),
        left_out=tuple(left_out),
        beyond=last.get("beyond", 0),
    )


async def read_page(data: bytes, *, charset: str | None, source: str) -> WebPage:
    """Return the name and text of the HTML page in `data`. Raises FeedError."""
    _, found = await _in_a_child("page", charset or "", data, source)
    if "fault" in found:
        raise FeedError(f"{source}: {found['fault']}. Save its text to a file and name that.")
    return WebPage(name=found["name"], text=found["text"], markup=found["markup"])


def _why_undescribed(entries: Sequence[Entry], last: dict[str, Any]) -> str | None:
    """Return why no entry of a feed can be reviewed, where none is described; None where one may be.

    A page may describe an entry, but not where the feed has the description in a field of another
    name. An entry whose text is all markup is held for it, or set aside.
    """
    asked = [entry for entry in entries if entry.aside is None]
    unread = last.get("unread", [])
    if not asked or not all(entry.lacks_text and not entry.original for entry in asked):
        return None
    if not unread and any(entry.link for entry in asked):
        return None
    none = f"none of its {counted(len(asked), 'entry', 'entries')} has a description"
    maybe = f"; it may be in {' or '.join(unread)}" if unread else ", and none a link to a page"
    return none + maybe


def _missing(left_out: list[str]) -> str | None:
    return f"{len(left_out):,} of its items cannot be read" if left_out else None


def _entry(item: dict[str, Any], source: str) -> Entry | None:
    published, link = item["published"], item["link"]
    if link and "://" in source:
        with contextlib.suppress(ValueError):
            link = urljoin(source, link)
    return make_entry(
        id=item["id"],
        link=link,
        title=item["title"],
        text=item["text"],
        category=item["category"],
        markup=item["markup"],
        published=datetime.fromisoformat(published) if published else None,
        kind=item["kind"],
        version=item["version"],
        project=item["project"],
        aside=item["aside"],
    )


async def _in_a_child(
    kind: str, charset: str, data: bytes, source: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the items that a child has read, and what it says of the whole.

    One that is ended by a limit leaves the items that it has read, with a `fault` for the rest.
    Raises FeedError where it leaves nothing.
    """
    command = (sys.executable, "-I", "-m", _CHILD, kind, charset)
    child = await asyncio.create_subprocess_exec(
        *command,
        str(MOST_MEGABYTES),
        f"{most_seconds(_opened_size(data)):.2f}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # It reads what strangers wrote: it is handed no key. Windows does not start without.
        env=None if sys.platform == "win32" else {},
    )
    try:
        async with asyncio.timeout(SLOWEST_S):
            said, trouble = await child.communicate(data)
    except TimeoutError as error:
        raise FeedError(f"{source}: {_TOO_LONG}. {_NEXT}") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    items = [json.loads(line) for line in said.split(b"\n")[:-1]]
    if items and "last" in items[-1]:
        return items[:-1], items[-1]["last"]
    why = trouble.decode("utf-8", "replace").strip().rpartition("\n")[2][:120]
    stopped = f"it cannot be read ({why or 'the reader stopped'})"
    return items, {"fault": _TOO_LONG if child.returncode == OUT_OF_TIME else stopped}


def _opened_size(data: bytes) -> int:
    """Return how many bytes there are to read: the most that are, where they are packed."""
    return MOST_BYTES if data.startswith(GZIP_MAGIC) else len(data)
