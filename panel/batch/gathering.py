"""Gathering: feeds are read and their entries announced to the ledger."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from panel.adapters.fetching import Fetcher, Unchanged
from panel.domain.batch_report import FeedLine, feed_line
from panel.domain.feed import Feed
from panel.ports import Ledger
from panel.sources import FeedRead, read_feeds


async def gather(
    names: Sequence[str], fetcher: Fetcher, ledger: Ledger, batch: str, at: datetime
) -> tuple[FeedLine, ...]:
    """Return a line on each feed, its entries announced. A feed that cannot be read stops no other.

    Raises StoreError.
    """
    known = await asyncio.to_thread(ledger.validators)
    lines = []
    for read in await read_feeds(names, fetcher, known):
        if isinstance(read.outcome, Feed):
            await asyncio.to_thread(ledger.announce, batch, read.source, read.outcome.entries, at)
            if read.validators:
                # After the entries: a batch that dies between the two reads the feed again.
                await asyncio.to_thread(ledger.remember, read.source, read.validators)
        lines.append(describe(read))
    if lines:
        await asyncio.to_thread(ledger.keep_feeds, batch, lines)
    return tuple(lines)


def describe(read: FeedRead) -> FeedLine:
    """Return what a report says of a feed."""
    if isinstance(read.outcome, Unchanged):
        return FeedLine(source=read.source, entries=0, unchanged=True)
    return feed_line(read.outcome)
