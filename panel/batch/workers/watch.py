"""Watching: a batch that workers are at, followed to its end."""

import asyncio
from typing import Final

from panel.app.workspace import Workspace
from panel.batch.report import cap_of, report_sitting
from panel.batch.runner import BatchOptions, Listeners
from panel.batch.workers.enqueue import queue_address
from panel.domain.batch_report import BatchReport
from panel.domain.job import Batch, JobState
from panel.errors import ConfigError
from panel.ports import Ledger
from panel.store.queue import PanelQueue

_POLL_S: Final = 2.0
_ENDED: Final[frozenset[JobState]] = frozenset({"in_review", "set_aside", "held", "failed"})


async def watch(
    workspace: Workspace, ledger: Ledger, order: BatchOptions, listeners: Listeners
) -> BatchReport:
    """Return the report of the batch that workers are at, once their queue is empty; then it has ended.

    Raises ConfigError where none is under way, and StoreError.
    """
    batch = await asyncio.to_thread(ledger.batches.last)
    if batch is None or batch.ended is not None:
        raise ConfigError(
            "no batch is under way. `shipskip batch FEED --enqueue` begins one for the workers."
        )
    listeners.began(batch)
    await _follow(workspace, ledger, batch, order, listeners)
    now = workspace.clock.now()
    report = await asyncio.to_thread(
        lambda: report_sitting(ledger, batch, ended=now, cap=cap_of(workspace, order.options))
    )
    await asyncio.to_thread(ledger.batches.end, batch.id, now, report.exit)
    return report


async def _follow(
    workspace: Workspace, ledger: Ledger, batch: Batch, order: BatchOptions, listeners: Listeners
) -> None:
    """Tell of each job as it ends, until no worker has one and none waits."""
    told: set[str] = set()
    listeners.gathered(len(await asyncio.to_thread(ledger.jobs.ids, order.states)))
    async with PanelQueue(queue_address(workspace)) as queue:
        while True:
            empty = (await queue.standing()).is_empty  # before the jobs: what ends now is seen
            for id_ in await asyncio.to_thread(ledger.jobs.ids, _ENDED, batch.id):
                if id_ not in told:
                    told.add(id_)
                    listeners.job(await asyncio.to_thread(ledger.jobs.get, id_))
            if empty:
                return
            await asyncio.sleep(_POLL_S)
