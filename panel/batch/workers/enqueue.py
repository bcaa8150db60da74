"""A batch is opened and its jobs are put into the queue that workers share."""

import asyncio
from dataclasses import dataclass
from datetime import date

from panel.app.shared_work import SharedWork
from panel.app.workspace import Workspace
from panel.batch.ingest import ingest_feeds
from panel.batch.options import BatchOptions
from panel.batch.report import cost_cap
from panel.domain.batch_report import FeedLine
from panel.domain.job import Batch
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger


@dataclass(frozen=True)
class Enqueued:
    """What was put into the queue: `count` new ones of the `jobs` that are due."""

    batch: Batch
    feeds: tuple[FeedLine, ...]
    jobs: tuple[str, ...]
    count: int


async def enqueue(workspace: Workspace, ledger: Ledger, options: BatchOptions) -> Enqueued:
    """Return what is in the queue once the feeds of `options` were read. The batch stays open.

    Its cost cap holds over all workers, and is that of the command that named one last. What is in the
    queue already stays as it is. Raises Busy, ConfigError and StoreError.
    """
    shared = SharedWork.of(workspace)
    engine = options.check(workspace)
    began = workspace.clock.now()
    day = workspace.settings.batch.day_of(began)
    with ledger.lock():
        cap = options.options.max_cost
        batch = await asyncio.to_thread(ledger.batches.open, day, began, engine, cap)
        feeds = await ingest_feeds(options.feeds, Fetcher(), ledger, batch.id, began)
        jobs = (await asyncio.to_thread(ledger.jobs.ids, options.states))[: options.max_tools]
    await asyncio.to_thread(shared.set_cap, batch.id, cost_cap(workspace, batch.max_cost))
    async with shared.queue() as queue:
        count = await queue.enqueue(jobs)
    return Enqueued(batch, feeds, jobs, count)


async def enqueue_day(
    workspace: Workspace, ledger: Ledger, day: date, feeds: tuple[str, ...]
) -> Enqueued | None:
    """Return what `enqueue` does for the scheduled batch of `day`; None where that batch has ended.

    A night in which clocks go back has 02:30 twice. A batch that has not ended may be one that was
    opened and never filled: whoever comes second reads the feeds again, and queues only what is new.
    Raises as `enqueue` does.
    """
    last = await asyncio.to_thread(ledger.batches.last)
    if last is not None and last.date >= day and last.ended is not None:
        return None
    return await enqueue(workspace, ledger, BatchOptions(feeds=feeds))
