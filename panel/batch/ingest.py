"""Feeds are read and their entries become jobs in the ledger."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from panel.app.sources import FeedRead, feed_name, read_feeds
from panel.domain.batch_report import FeedLine, feed_line
from panel.domain.feed import Feed
from panel.feeds.fetch import Fetcher, Unchanged
from panel.ports import Ledger


async def ingest_feeds(
    names: Sequence[str], fetcher: Fetcher, ledger: Ledger, batch: str, at: datetime
) -> tuple[FeedLine, ...]:
    """Return a line on each feed, once its entries are in the ledger.

    A feed that cannot be read has a line that says why, and the others are read. Raises StoreError.
    """
    stored = await asyncio.to_thread(ledger.feeds.validators)
    # Older ledgers have feeds under their whole addresses.
    known = {name: stored.get(feed_name(name)) or stored.get(name) for name in names}
    validators = {name: found for name, found in known.items() if found}
    lines = []
    for read in await read_feeds(names, fetcher, validators):
        source = feed_name(read.source)
        if isinstance(read.outcome, Feed):
            await asyncio.to_thread(
                ledger.entries.announce, batch, source, read.outcome.entries, at
            )
            if read.validators:
                # After the entries: a batch that dies between the two reads the feed again.
                await asyncio.to_thread(ledger.feeds.remember, source, read.validators)
        lines.append(describe_feed(read))
    if lines:
        await asyncio.to_thread(ledger.feeds.record, batch, lines)
    return tuple(lines)


def describe_feed(read: FeedRead) -> FeedLine:
    """Return the report's line on a feed."""
    if isinstance(read.outcome, Unchanged):
        return FeedLine(source=feed_name(read.source), entries=0, unchanged=True)
    line = feed_line(read.outcome)
    # A feed on standard input has a name of its own.
    named = feed_name(read.source if "://" in read.source else line.source)
    return line.model_copy(update={"source": named})
