"""The report of a batch, made from what the ledger has of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from panel.app.workspace import Workspace
from panel.domain.batch_report import BatchReport, Standing, Stop, report_batch
from panel.domain.drift import find_drift
from panel.domain.job import Batch, Job, JobState, ReviewerResult
from panel.ports import Ledger

_DRIFT_WINDOW: Final = timedelta(days=30)


def make_report(
    ledger: Ledger,
    batch: Batch,
    *,
    ended: datetime,
    stop: Stop | None = None,
    cap: Decimal | None = None,
    before: Batch | None = None,
    collects: bool = False,
    notices: Sequence[str] = (),
) -> BatchReport:
    """Return the report on all that was done in `batch`, by processes that were killed too.

    One that `collects` also reports what other batches have submitted and still wait for; `before`
    is the batch to compare the cost with. `notices` are what else the reader has to know.
    """
    results = (result for job in ledger.jobs.of_batch(batch.id) for result in _results(job))
    return report_batch(
        batch,
        ledger.entries.of_batch(batch.id),
        jobs_of(ledger, batch, collects=collects),
        ledger.feeds.of_batch(batch.id),
        stop=stop,
        standing=_standing(ledger, batch),
        cap=cap,
        yesterday=_cost(ledger, before) if before and before.id != batch.id else None,
        drift=find_drift(results, ledger.results.between(batch.began - _DRIFT_WINDOW, batch.began)),
        ended=ended,
        notices=notices,
    )


def cost_cap(workspace: Workspace, own: Decimal | None) -> Decimal | None:
    """Return the cap of a command or a batch, that of the settings where it has no `own`, if any."""
    return own if own is not None else workspace.settings.limits.max_cost_usd


def jobs_of(ledger: Ledger, batch: Batch, *, collects: bool) -> Iterator[Job]:
    """Yield the jobs of `batch`; where it `collects`, those too that wait for a batch service."""
    yield from ledger.jobs.of_batch(batch.id)
    if collects:
        for id_ in ledger.jobs.ids(frozenset({"waiting"})):
            job = ledger.jobs.get(id_)
            if job.batch != batch.id:
                yield job


def _standing(ledger: Ledger, batch: Batch) -> Standing:
    """Return how many tools of other batches wait for a person to do something about them."""

    def elsewhere(state: JobState) -> int:
        states = frozenset({state})
        return len(ledger.jobs.ids(states)) - len(ledger.jobs.ids(states, batch.id))

    return Standing(held=elsewhere("held"), failed=elsewhere("failed"))


def _results(job: Job) -> Iterator[ReviewerResult]:
    if job.outcome and job.state == "in_review":
        yield from job.outcome.voices


def _cost(ledger: Ledger, batch: Batch) -> Decimal | None:
    """Return what a batch cost, None where that of one of its runs is not known."""
    costs = [job.outcome.cost_usd for job in ledger.jobs.of_batch(batch.id) if job.outcome]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
