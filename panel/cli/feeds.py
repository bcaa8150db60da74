"""`shipskip feeds check`: what a feed's entries would become, without a workspace."""

from typing import TYPE_CHECKING, Any, Literal

import click

from panel.cli.options import json_option
from panel.errors import ExitCode

if TYPE_CHECKING:
    from panel.app.sources import FeedRead
    from panel.domain.feed import Entry

Becomes = Literal["review", "set_aside", "held"]
_IF_ITS_PAGE_SAYS_MORE = "where its page says more: it has no description"
_NOTHING_SAID = "It has no description, and no link to a page that may have one."
_NAME_CELLS, _VERSION_CELLS, _KIND_CELLS = 30, 16, 8


@click.group(short_help="Look at feeds before a batch reads them.")
def feeds() -> None:
    """Look at feeds before a batch reads them."""


@feeds.command(short_help="Show what each entry would become: name, version, kind, aside and why.")
@click.argument("names", nargs=-1, required=True, metavar="FEED...")
@json_option
def check(*, names: tuple[str, ...], as_json: bool) -> int:
    """Show what each entry of a feed would become in a batch: nothing is written, no model is asked.

    FEED is a file, an address, or - for standard input. Exit 4 where nothing can be used of any of
    them, 3 where that is so of some.
    """
    from panel.app.event_loop import run_async
    from panel.app.sources import read_feeds
    from panel.cli.output import print_json
    from panel.domain.feed import Feed
    from panel.feeds.fetch import Fetcher

    reads = run_async(lambda: read_feeds(names, Fetcher()))
    useful = sum(isinstance(read.outcome, Feed) and bool(read.outcome.entries) for read in reads)
    code = ExitCode.SOME_FAILED if useful else ExitCode.NOTHING_EVALUATED
    code = ExitCode.DONE if useful == len(reads) else code
    if as_json:
        print_json({"v": 1, "kind": "feeds", "feeds": list(map(_document, reads)), "exit": code})
        return code
    for read in reads:
        _show(read)
    return code


def _show(read: "FeedRead") -> None:
    from panel.batch.ingest import describe_feed
    from panel.cli.terminal import wrap
    from panel.domain.feed import Feed
    from panel.domain.wording import counted
    from panel.publish.batch_summary import feeds_fact
    from panel.publish.cells import plain

    line = describe_feed(read)
    read_of_it = "not read" if line.entries is None else counted(line.entries, "entry", "entries")
    click.echo(f"{plain(line.source)}: {read_of_it}")
    for more in feeds_fact([line]).more:
        click.echo(wrap(more, "  ! "))
    for entry in read.outcome.entries if isinstance(read.outcome, Feed) else ():
        click.echo(_row(entry))


def _row(entry: "Entry") -> str:
    from panel.cli.terminal import wrap
    from panel.publish.cells import cells, cut, pad

    name = pad(cut(entry.title, _NAME_CELLS), _NAME_CELLS)
    version = pad(cut(entry.version or "-", _VERSION_CELLS), _VERSION_CELLS)
    first = f"  {name}  {version}  {entry.kind:<{_KIND_CELLS}}  "
    becomes, why = _what_becomes(entry)
    said = f"{becomes}: {why}" if why else becomes
    return wrap(said.replace("_", " "), first, " " * min(cells(first), _NAME_CELLS))


def _what_becomes(entry: "Entry") -> tuple[Becomes, str | None]:
    """Return what a batch makes of an entry, and why."""
    from panel.screening.original import entry_tool
    from panel.screening.screener import reason_to_hold

    if entry.aside is not None:
        return "set_aside", entry.aside
    tool = entry_tool(entry)
    if reason := reason_to_hold(tool):
        return "held", reason
    if not entry.lacks_text:
        return "review", None
    return ("review", _IF_ITS_PAGE_SAYS_MORE) if entry.link else ("set_aside", _NOTHING_SAID)


def _document(read: "FeedRead") -> dict[str, Any]:
    from panel.batch.ingest import describe_feed
    from panel.domain.feed import Feed

    entries = read.outcome.entries if isinstance(read.outcome, Feed) else ()
    left_out = read.outcome.left_out if isinstance(read.outcome, Feed) else ()
    line = describe_feed(read).model_dump(mode="json", exclude={"reasons", "left_out", "entries"})
    return {**line, "left_out": left_out, "entries": list(map(_entry_document, entries))}


def _entry_document(entry: "Entry") -> dict[str, Any]:
    becomes, why = _what_becomes(entry)
    return {
        "name": entry.title,
        "version": entry.version,
        "kind": entry.kind,
        "becomes": becomes,
        "why": why,
        "link": entry.link,
        "category": entry.category,
        "published": entry.published.isoformat() if entry.published else None,
        "words": len(entry.text.split()),
    }
