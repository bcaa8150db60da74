"""Feeds and pages out of bytes, each in a child process of its own with little time and memory."""

import asyncio
import json
import signal
import sys
from datetime import datetime
from typing import Any

from panel.domain.feed import Entry, Feed, Unread, make_entry
from panel.domain.value import Value
from panel.errors import FeedError
from panel.feeds.decompression import MOST_BYTES

MOST_MEGABYTES = 190
MOST_SECONDS = 1.3
SLOWEST_S = 10.0
_MOST_SAID = 40_000_000
_OUT_OF_TIME = -getattr(signal, "SIGPROF", 27)
_CHILD = "panel.feeds.parse"
_NEXT = "Give an RSS or Atom feed, a JSON Feed, JSON Lines, or a CSV table with a header line."


class Page(Value):
    """A web page: its own name, empty where it has none, and what a reader sees of it.

    `markup` is what that was read out of, with the words that no reader sees.
    """

    name: str
    text: str
    markup: str


async def read_feed(data: bytes, *, source: str) -> Feed:
    """Return the feed in `data`: RSS, Atom, JSON Feed, JSON Lines or CSV, packed with gzip or not.

    `source` names it. At most 5,000,000 bytes are read, when opened, and 5,000 items; more items are
    counted in `beyond`. Raises FeedError where there is nothing to be read.
    """
    if len(data) > MOST_BYTES:
        raise FeedError(f"{source}: more than {MOST_BYTES:,} bytes. Split it and name the parts.")
    return feed_of(await _in_a_child("feed", "", data, source), source=source)


def feed_of(found: dict[str, Any], *, source: str) -> Feed:
    """Return the feed in what a child `found`. Raises FeedError where there is nothing to be read."""
    if "fault" in found:
        raise FeedError(f"{source}: {found['fault']}. {_NEXT}")
    if found["left_out"] and not found["items"]:
        raise FeedError(
            f"{source}: none of its items can be read ({found['left_out'][0]}). {_NEXT}"
        )
    entries: list[Entry] = []
    left_out: list[str] = list(found["left_out"])
    for item in found["items"]:
        entry = _entry(item)
        if entry is None:
            left_out.append(f"{item['place']}: it has no title and no text")
        else:
            entries.append(entry)
    return Feed(
        source=source,
        entries=tuple(entries),
        malformed=found["malformed"] or _missing(left_out),
        left_out=tuple(left_out),
        beyond=found["beyond"],
    )


async def read_page(data: bytes, *, charset: str | None, source: str) -> Page:
    """Return the name and text of the HTML page in `data`. Raises FeedError."""
    found = await _in_a_child("page", charset or "", data, source)
    if "fault" in found:
        raise FeedError(f"{source}: {found['fault']}. Save its text to a file and name that.")
    return Page(name=found["name"], text=found["text"], markup=found["markup"])


async def try_feed(data: bytes, *, source: str) -> Feed | Unread:
    """Return the feed in `data`, or why there is none: a bad feed never ends the others."""
    try:
        return await read_feed(data, source=source)
    except FeedError as error:
        return Unread(source=source, why=str(error))


def _missing(left_out: list[str]) -> str | None:
    return f"{len(left_out):,} of its items cannot be read" if left_out else None


def _entry(item: dict[str, Any]) -> Entry | None:
    published = item["published"]
    return make_entry(
        id=item["id"],
        link=item["link"],
        title=item["title"],
        text=item["text"],
        category=item["category"],
        markup=item["markup"],
        published=datetime.fromisoformat(published) if published else None,
    )


async def _in_a_child(kind: str, charset: str, data: bytes, source: str) -> Any:  # noqa: ANN401 - JSON
    """Return the child's document. Raises FeedError where it was ended or has ended itself."""
    command = (sys.executable, "-I", "-m", _CHILD, kind, charset)
    child = await asyncio.create_subprocess_exec(
        *command,
        str(MOST_MEGABYTES),
        str(MOST_SECONDS),
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
        raise FeedError(f"{source}: reading it takes too long. {_NEXT}") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == _OUT_OF_TIME:
        raise FeedError(f"{source}: reading it takes too long. {_NEXT}")
    if child.returncode or len(said) > _MOST_SAID:
        why = trouble.decode("utf-8", "replace").strip().rpartition("\n")[2][:120]
        raise FeedError(f"{source}: it cannot be read ({why or 'the reader stopped'}). {_NEXT}")
    return json.loads(said)
