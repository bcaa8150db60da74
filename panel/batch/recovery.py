"""What an unfinished batch left behind: what it cost so far, and which of its files are damaged."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from panel.app.costs import spent_on_run
from panel.app.panels import ReviewOptions, StoredRun, panel_inputs
from panel.app.workspace import Workspace
from panel.batch.pages import PageWriter
from panel.batch.report import jobs_of
from panel.domain.job import Batch, Job
from panel.domain.run import Inputs
from panel.domain.run_document import MissingRun
from panel.errors import Tampered
from panel.ports import Ledger

WorstCost = Callable[[Inputs], Decimal]
_NOTHING: Final = Decimal(0)


class Recovery:
    """Looks at what the processes before this one left of a batch."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, options: ReviewOptions, worst_cost: WorstCost
    ) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._options = options
        self._worst_cost = worst_cost

    def spent(self, batch: Batch, *, collects: bool) -> Decimal:
        """Return what the batch has spent, panels under way included, in US dollars.

        One that `collects` has also spent what the jobs cost that wait for a batch service.
        """
        return sum(
            (self._cost(job) for job in jobs_of(self._ledger, batch, collects=collects)), _NOTHING
        )

    async def check_files(self, batch: Batch, pages: PageWriter) -> list[str]:
        """Return what was damaged of the panels that are done, each file by its name.

        A page that is missing or not as it was written is written anew; a run stays as it is, since
        its verdict is in the ledger too. A damaged manifest is named as well.
        """
        listed = await asyncio.to_thread(self._workspace.runs.missing)
        damaged = [one.why for one in listed if not isinstance(one, MissingRun)]
        for job in await asyncio.to_thread(lambda: list(self._ledger.jobs.of_batch(batch.id))):
            if job.state == "in_review" and job.run_date and job.run:
                line = await self._check(job, (job.run_date, job.run), pages)
                damaged += [line] if line else []
        return damaged

    async def _check(self, job: Job, named: tuple[date, str], pages: PageWriter) -> str | None:
        runs = self._workspace.runs
        try:
            path = await asyncio.to_thread(runs.find, *named)
            if path is None:
                return f"{runs.name}: the run {named[1]} is gone; its verdict is in the ledger"
            recording = await asyncio.to_thread(runs.load, path)
        except Tampered as error:
            what = str(error).partition(". ")[0]
            return f"{what}. Its verdict is in the ledger; restore the run from a backup"
        return await pages.renew(job, StoredRun(recording.run, path, resumed=True))

    def _cost(self, job: Job) -> Decimal:
        if job.outcome is not None:
            return job.outcome.cost_usd or _NOTHING
        if job.run_date is None or job.run is None:
            return _NOTHING
        try:
            return spent_on_run(self._workspace, job.run_date, job.run)
        except Tampered:  # nobody knows: so that the cap holds, all that it may have cost
            inputs = panel_inputs(self._workspace, job.tool, self._options, job.run_date)
            return self._worst_cost(inputs)
