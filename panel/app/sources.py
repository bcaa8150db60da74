"""Where tools come from: feeds in files, on standard input and at addresses, and web pages."""

import asyncio
import errno
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from io import UnsupportedOperation
from pathlib import Path
from typing import TypeVar

from panel.app.event_loop import run_async
from panel.app.settings import Settings
from panel.domain.addresses import is_address, redact_source, redact_url
from panel.domain.exchange import digest
from panel.domain.feed import Feed, Unread, Validators
from panel.domain.tool import MOST_OF_A_LINE, Tool
from panel.domain.value import Value
from panel.errors import ConfigError, FeedError, FetchError, PanelError, ToolError
from panel.feeds.decompression import MOST_BYTES
from panel.feeds.fetch import Fetched, Fetcher, Unchanged
from panel.feeds.reader import read_feed, read_page
from panel.screening.original import akeep_original
from panel.store.tool_files import parse_tool, read_tool

T = TypeVar("T")
_AT_ONCE = 4
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_STDIN = "-"
_CHUNK = 1 << 16
_PAGES = ("text/html", "application/xhtml+xml", "")
_SUFFIXES = {
    "text/markdown": ".md",
    "text/plain": ".md",
    "application/json": ".json",
    "application/yaml": ".yaml",
    "application/x-yaml": ".yaml",
    "text/yaml": ".yaml",
}
_MOST_OF_A_NAME = 200
_ENOUGH = 150  # words: who says more in a feed has said what there is to say
_MOST_OF_A_PAGE = 8_000


class FeedRead(Value):
    """What one feed gave, and what to ask its server with next time where it has an address."""

    source: str
    outcome: Feed | Unread | Unchanged
    validators: Validators | None = None


def feed_name(name: str) -> str:
    """Return what the ledger calls a feed: an address whose query or user may be a secret is masked.

    A digest stands in for what was masked, so that two feeds of one server stay two.
    """
    masked = redact_source(name)
    return name if masked == name else f"{masked}?{digest([name])[:12]}"


def has_scheme(source: str) -> bool:
    """Return whether `source` is an address of whatever scheme, and names no file."""
    return _SCHEME.match(source) is not None


async def load_tool(source: str | Path) -> Tool:
    """Return the tool in a file or at a web address. Raises ToolError, FetchError and FeedError."""
    if is_address(str(source)):
        return await fetch_tool(str(source), Fetcher())
    if has_scheme(str(source)):
        raise ToolError(f"{_unread_scheme(str(source))} Name a tool's file or address.")
    return await _wait_for(partial(read_tool, Path(source)))


def parse_pasted(text: str) -> Tool:
    """Return the tool in a pasted text, by its heading or front matter. Raises ToolError."""
    return parse_tool(text.encode("utf-8", "replace"), source="the pasted text")


def load_tools(sources: Sequence[str]) -> list[Tool]:
    """Return the tools at `sources`, in order: files, web addresses, or - for standard input.

    Raises ToolError, which names every fault, and ConfigError where two of them would be filed under
    one name.
    """
    tools, faults = [], []
    for source in sources:
        try:
            tools.append(_load(source))
        except (ToolError, FetchError, FeedError) as error:
            faults.append(str(error))
    if faults:
        raise ToolError("\n".join(faults))
    slugs = [tool.slug for tool in tools]
    twice = next((slug for slug in slugs if slugs.count(slug) > 1), None)
    if twice:
        raise ConfigError(
            f"two of the tools would be filed as {twice!r}. Rename one, or review them apart."
        )
    return tools


def _load(source: str) -> Tool:
    if source == _STDIN:  # not on the loop, where Ctrl-C would wait for its end
        return parse_tool(read_stdin(), source="standard input")
    return run_async(lambda: load_tool(source))


async def read_feeds(
    names: Sequence[str], fetcher: Fetcher, known: Mapping[str, Validators] | None = None
) -> tuple[FeedRead, ...]:
    """Return what each of the feeds gave, in their order: files, addresses, or - for stdin.

    `known` has the validators of earlier reads by name. Raises nothing that one feed can cause: a
    feed that cannot be had is Unread, with the reason.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> FeedRead:
        async with gate:
            try:
                return await _read(name, fetcher, (known or {}).get(name) or Validators())
            except (FeedError, FetchError) as error:
                return FeedRead(source=name, outcome=Unread(source=name, why=str(error)))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(name)) for name in names]
    return tuple(task.result() for task in tasks)


async def fetch_tool(url: str, fetcher: Fetcher) -> Tool:
    """Return the tool that the page at `url` is about: its name from the title, its text described.

    A tool's own file (Markdown, YAML, JSON) is read as from disk. Raises
    FetchError, FeedError or ToolError.
    """
    return await page_tool(await fetcher.fetch(url))


async def page_tool(page: Fetched) -> Tool:
    """Return the tool that a page is about, as `fetch_tool` does. Raises FeedError or ToolError."""
    source = redact_url(page.url)
    suffix = _SUFFIXES.get(page.content_type)
    if suffix:
        return parse_tool(page.data, source=source, suffix=suffix)
    if page.content_type not in _PAGES:
        raise ToolError(
            f"{source}: {page.content_type[:60]} is not a page that can be read. Save its text to a "
            "file that begins with `# Name`, and name that."
        )
    return await _described(page, source)


async def read_link(tool: Tool, fetcher: Fetcher) -> Tool:
    """Return `tool` with what its own page says after its description, where that is short.

    It is returned as it is where it has no link, where the page cannot be had or read, or adds
    nothing: a feed's entry is put before the panel with what there is.
    """
    if tool.url is None or not is_address(tool.url) or len(tool.description.split()) > _ENOUGH:
        return tool
    try:
        page = await fetcher.fetch(tool.url)
        if page.content_type not in _PAGES:
            return tool
        found = await read_page(page.data, charset=page.charset, source=redact_url(page.url))
    except (FetchError, FeedError):
        return tool
    more = found.text[:_MOST_OF_A_PAGE].strip()
    if len(more.split()) <= len(tool.description.split()):
        return tool
    said = f"{tool.description.strip()}\n\nFrom its page:\n\n{more}"
    return await akeep_original(tool.model_copy(update={"description": said}), found.markup)


async def _described(page: Fetched, source: str) -> Tool:
    found = await read_page(page.data, charset=page.charset, source=source)
    if not found.name or not found.text:
        lacks = "text" if found.name else "title"
        raise ToolError(
            f"{source}: the page has no {lacks}, as where a script writes it. Save what it says to a "
            "file that begins with `# Name`, and name that."
        )
    fields = {"name": found.name[:_MOST_OF_A_NAME], "description": found.text}
    if len(page.url) <= MOST_OF_A_LINE:
        fields["url"] = page.url
    # Through the checks of any tool that is handed in, size and encoding among them.
    data = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return await akeep_original(parse_tool(data, source=source, suffix=".json"), found.markup)


async def _read(name: str, fetcher: Fetcher, known: Validators) -> FeedRead:
    if not is_address(name):
        data = await _wait_for(read_stdin if name == _STDIN else partial(_bytes_of, name))
        label = "standard input" if name == _STDIN else name
        return FeedRead(source=name, outcome=await read_feed(data, source=label))
    fetched = await fetcher.fetch(name, known)
    if isinstance(fetched, Unchanged):
        return FeedRead(source=name, outcome=fetched, validators=known)
    feed = await read_feed(fetched.data, source=redact_url(name))
    return FeedRead(source=name, outcome=feed, validators=fetched.validators)


async def _wait_for(read: Callable[[], T]) -> T:
    """Return what `read` does on a daemon thread. Raises what it raises of our errors.

    So a process may end while it waits for a pipe that nobody writes to.
    """
    loop = asyncio.get_running_loop()
    came: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        settle: Callable[[], object] = came.cancel  # a bug: the thread says which
        try:
            settle = partial(came.set_result, read())
        except PanelError as error:
            settle = partial(came.set_exception, error)
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits for it any more
                loop.call_soon_threadsafe(lambda: came.done() or settle())

    threading.Thread(target=work, daemon=True).start()
    return await came


def read_stdin() -> bytes:
    """Return what stands on standard input, one byte over the limit at most.

    Raises FeedError where it is closed or cannot be read.
    """
    if sys.stdin is None:  # it was closed as the process began; another file may have its number
        raise _unread_stdin(os.strerror(errno.EBADF))
    try:
        return _bytes_of_stdin()
    except OSError as error:
        raise _unread_stdin(error.strerror) from error


def _unread_stdin(why: str | None) -> FeedError:
    return FeedError(f"standard input: it cannot be read ({why}). Name a file instead.")


def _bytes_of_stdin() -> bytes:
    try:
        handle = sys.stdin.fileno()
    except UnsupportedOperation:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    data = b""
    # Past the buffer, whose lock would keep the interpreter from ending.
    while len(data) <= MOST_BYTES and (more := os.read(handle, _CHUNK)):
        data += more
    return data


def _bytes_of(name: str) -> bytes:
    """Return what stands in a file, one byte over the limit at most."""
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        why = _unread_scheme(name) if has_scheme(name) else f"{name}: {error.strerror}."
        raise FeedError(f"{why} Name a feed's file or address.") from error


def _unread_scheme(name: str) -> str:
    return f"{redact_url(name)}: only http and https addresses are read."


def page_fetcher(settings: Settings) -> Fetcher | None:
    """Return who fetches the pages that short entries are filled up from; None where none is to be."""
    wanted = settings.batch.read_links
    reads = find_spec("trafilatura") is not None if wanted is None else wanted
    return Fetcher() if reads else None
