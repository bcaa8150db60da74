"""A batch that workers are at is followed to its end, and reported."""

import asyncio
from typing import Final

from panel.app.shared_work import SharedWork
from panel.app.workspace import Workspace
from panel.batch.options import BatchListener, BatchOptions
from panel.batch.report import cost_cap, make_report
from panel.domain.batch_report import BatchReport, Stop
from panel.domain.job import Batch, JobState
from panel.errors import ConfigError, Tampered
from panel.ports import Ledger

_POLL_S: Final = 2.0
_ENDED: Final[frozenset[JobState]] = frozenset({"in_review", "set_aside", "held", "failed"})
_LEFT: Final[frozenset[JobState]] = frozenset({"queued", "running"})


async def watch(
    workspace: Workspace, ledger: Ledger, options: BatchOptions, listener: BatchListener
) -> BatchReport:
    """Return the report of the batch that workers are at, once their queue is empty; then it has ended.

    Raises ConfigError where no batch is open, and StoreError.
    """
    batch = await asyncio.to_thread(ledger.batches.last)
    if batch is None or batch.ended is not None:
        raise ConfigError(
            "no batch is under way. `shipskip batch FEED --enqueue` begins one for the workers."
        )
    listener.began(batch)
    await _follow(workspace, ledger, batch, options, listener)
    stop = await asyncio.to_thread(_find_stop, workspace, ledger, batch)
    if stop is not None:
        listener.stopped(stop[1])
    now = workspace.clock.now()
    report = await asyncio.to_thread(
        lambda: make_report(
            ledger,
            batch,
            ended=now,
            stop=stop[0] if stop else None,
            cap=cost_cap(workspace, batch.max_cost),
        )
    )
    await asyncio.to_thread(ledger.batches.end, batch.id, now, report.exit)
    return report


async def _follow(
    workspace: Workspace,
    ledger: Ledger,
    batch: Batch,
    options: BatchOptions,
    listener: BatchListener,
) -> None:
    """Report each job as it ends, until no worker has one and none waits."""
    reported: set[str] = set()
    listener.ingested(len(await asyncio.to_thread(ledger.jobs.ids, options.states)))
    async with SharedWork.of(workspace).queue() as queue:
        while True:
            empty = (await queue.counts()).is_empty  # before the jobs: what ends now is seen
            for id_ in await asyncio.to_thread(ledger.jobs.ids, _ENDED, batch.id):
                if id_ not in reported:
                    reported.add(id_)
                    listener.job(await asyncio.to_thread(ledger.jobs.get, id_))
            if empty:
                return
            await asyncio.sleep(_POLL_S)


def _find_stop(workspace: Workspace, ledger: Ledger, batch: Batch) -> tuple[Stop, str] | None:
    """Return why workers left jobs of `batch`: the cause and a sentence, None where none was left.

    The run of a panel that was stopped says why: see JobRunner.
    """
    for id_ in ledger.jobs.ids(_LEFT, batch.id):
        job = ledger.jobs.get(id_)
        if job.run_date is None or job.run is None:
            continue
        path = workspace.runs.find(job.run_date, job.run)
        if path is None:
            continue
        try:
            pending = workspace.runs.read(path).pending
        except Tampered:
            continue
        for one in pending:
            if one.cause != "answer":
                return one.cause, one.reason
    return None
