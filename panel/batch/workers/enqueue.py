"""Enqueueing: a batch is opened and its jobs are put before workers, wherever they are."""

import asyncio
from dataclasses import dataclass

from panel.app.workspace import Workspace
from panel.batch.ingest import ingest_feeds
from panel.batch.report import cap_of
from panel.batch.runner import BatchOptions
from panel.domain.batch_report import FeedLine
from panel.domain.job import Batch
from panel.errors import ConfigError
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger
from panel.store.queue import PanelQueue
from panel.store.sql.database import open_shared_database
from panel.store.sql.shared_budget import set_cap


@dataclass(frozen=True)
class Enqueued:
    """What was put into the queue: `count` new ones of `jobs` that are due."""

    batch: Batch
    feeds: tuple[FeedLine, ...]
    jobs: tuple[str, ...]
    count: int


async def enqueue(workspace: Workspace, ledger: Ledger, order: BatchOptions) -> Enqueued:
    """Return what is in the queue after the feeds of `order` were read. The batch is not ended.

    Its cost cap holds over all workers. What waits there already is left as it is. Raises Busy,
    ConfigError and StoreError.
    """
    address = queue_address(workspace)
    engine = order.check(workspace)
    began = workspace.clock.now()
    day = workspace.settings.batch.day_of(began)
    with ledger.lock():
        batch = await asyncio.to_thread(ledger.batches.open, day, began, engine)
        feeds = await ingest_feeds(order.feeds, Fetcher(), ledger, batch.id, began)
        jobs = (await asyncio.to_thread(ledger.jobs.ids, order.states))[: order.max_tools]
    cap = cap_of(workspace, order.options)
    await asyncio.to_thread(set_cap, open_shared_database(address), batch.id, cap)
    async with PanelQueue(address) as queue:
        count = await queue.enqueue(jobs)
    return Enqueued(batch, feeds, jobs, count)


def queue_address(workspace: Workspace) -> str:
    """Return the address of the database that workers share. Raises ConfigError where there is none."""
    address = workspace.settings.database_url
    if address is None:
        raise ConfigError(
            "workers need a Postgres that they share. Set SHIPSKIP_DATABASE_URL, or database_url in "
            "shipskip.toml, to postgresql://USER:PASSWORD@HOST/DATABASE."
        )
    return address
