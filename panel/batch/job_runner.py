"""One job of a batch: its tool is screened, its panel convened, its page written, its end kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath

from panel.app.costs import spent_on_run
from panel.app.panel_budget import PanelBudgets
from panel.app.panels import Around, PanelRunner, ProviderSource, ReviewOptions, StoredRun
from panel.app.sources import read_link
from panel.batch.pages import UNCLEAR_NAMESAKE, PageWriter, explain_place
from panel.batch.stop import StopReason
from panel.domain.decision import subject_of
from panel.domain.feed import lacks_text
from panel.domain.job import Job, JobState, Outcome
from panel.domain.job_outcome import job_reason, job_state, outcome_of
from panel.domain.run import Pending, Release, Run
from panel.domain.tool import Tool
from panel.domain.wording import in_one_line
from panel.errors import ConfigError, Stopped, Tampered
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger
from panel.screening.screener import areason_to_hold

ACTOR = "batch"
_SAYS_NOTHING = "The feed has no description of it, and no page that could be read."
_READ = "an editor has read its text"
_DECIDED = "an editor has decided on it, so nothing was asked again"
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class JobRunner:
    """Runs the jobs of `batch`, any number at a time; every step is written to the ledger.

    `on_done` hears of each job that ended, `on_notice` of each damaged run that was set aside. With
    a `fetcher`, short entries are completed from the pages that they link to. A panel begins only
    where `budgets` have room for all of its calls; without them each call is charged by itself.
    """

    panels: PanelRunner
    ledger: Ledger
    pages: PageWriter
    providers: ProviderSource
    budgets: PanelBudgets | None
    options: ReviewOptions
    batch: str
    day: date
    stop_reason: StopReason
    on_done: Callable[[Job], None]
    on_notice: Callable[[str], None]
    actor: str = ACTOR
    fetcher: Fetcher | None = None

    async def run(self, job_id: str) -> Job:
        """Return the job of that id as far as it came: in review, set aside, held, failed or left.

        Raises Busy where another process has locked the run, whose job it is then, and StoreError
        where nothing can be written; what is under way is kept.
        """
        job = await asyncio.to_thread(self.ledger.jobs.get, job_id)
        tool = job.tool
        aside = None if job.run or job.tries or job.cleared else job.reason
        if job.run is None and aside is None and self.fetcher is not None:
            tool = await read_link(tool, self.fetcher)
        # A job with a run was screened before that began.
        if aside is not None:
            job = await self._transition(job, "set_aside", aside)
        elif job.run is None and not job.cleared and (reason := await areason_to_hold(tool)):
            job = await self._transition(job, "held", reason)
        elif job.run is None and lacks_text(tool):
            job = await self._transition(job, "set_aside", _SAYS_NOTHING)
        else:
            job = await self._run_panel(job, tool)
        self.stop_reason.check_stop(job)
        self.on_done(job)
        return job

    async def _run_panel(self, job: Job, tool: Tool) -> Job:
        """Return the job after its panel; a damaged run is set aside, and its panel begun anew."""
        named = (job.run_date, job.run) if job.run_date and job.run else None
        try:
            try:
                return await self._convene(job, tool, named)
            except Tampered as error:
                if named is None:
                    raise
                damage = await self._set_aside(named, error)
            self.on_notice(damage)
            job = await asyncio.to_thread(self.ledger.jobs.get, job.id)
            return await self._convene(job, tool, None, note=damage)
        except (ConfigError, Tampered) as error:
            return await self._transition(job, "failed", str(error))

    async def _convene(
        self, job: Job, tool: Tool, named: tuple[date, str] | None, note: str | None = None
    ) -> Job:
        stored = await asyncio.to_thread(self.panels.begin_job, tool, self.options, self.day, named)
        if stored.resumed and stored.run.is_final and await self._is_decided(stored.run):
            return await asyncio.to_thread(self._leave, job, stored, note)
        if job.cleared and stored.run.release is None:
            stored = replace(stored, run=_released(job, stored.run))
        try:
            async with self._reserve(stored):
                if self.stop_reason.forbids_calls:
                    return job  # it was set while this panel waited for the budget
                return await self._review(job, stored, note)
        except Stopped as error:
            return await self._stop_before(job, stored, error)

    async def _review(self, job: Job, stored: StoredRun, note: str | None) -> Job:
        """Return the job after its panel; the threads that open and close the run move it."""
        clock, began = self.panels.workspace.clock, 0.0

        def name_run() -> None:
            nonlocal job, began
            # Before it begins: a batch that dies in it finds the run again.
            job = self._move(job, "running", stored=stored)
            began = clock.monotonic()

        def close(done: StoredRun) -> None:
            nonlocal job
            job = self._close(job, done, round((clock.monotonic() - began) * 1000), note)

        around = Around(before=name_run, after=close)
        await self.panels.convene(stored, self.providers, self.options, around=around)
        return job

    async def _is_decided(self, run: Run) -> bool:
        """Tell whether an editor has decided on a finished run: asked again it would be another one."""
        subject = subject_of(run)
        made = await asyncio.to_thread(self.ledger.decisions.of_tool, subject.tool)
        return any(one.subject == subject for one in made)

    def _leave(self, job: Job, stored: StoredRun, note: str | None) -> Job:
        """Return the job with its run as the editor saw it, whatever failed in it."""
        recording = self.panels.workspace.runs.load(stored.path)
        stored = replace(stored, run=recording.run, exchanges=recording.exchanges)
        job = self._move(job, "running", stored=stored)
        return self._close(job, stored, 0, in_one_line(note, _DECIDED))

    @asynccontextmanager
    async def _reserve(self, stored: StoredRun) -> AsyncIterator[None]:
        """Reserve what the rest of a panel may cost, for this block.

        Raises Stopped where the cap has no room for it.
        """
        if self.budgets is None:
            yield
            return
        run, spent = stored.run, _NOTHING
        if stored.resumed and self.budgets.has_cap:
            workspace = self.panels.workspace
            spent = await asyncio.to_thread(spent_on_run, workspace, run.inputs.date, run.id)
        async with self.budgets.reserve(run.inputs, spent):
            yield

    async def _stop_before(self, job: Job, stored: StoredRun, error: Stopped) -> Job:
        """Return the job queued again, because the budget has no room for its panel.

        The first run that this befalls is kept with the reason: whoever reports on the batch reads
        it there.
        """
        if self.stop_reason.reason is not None:
            return job
        self.stop_reason.stop(error.cause, str(error))
        pending = Pending(reviewer="intake", reason=str(error), cause=error.cause)
        run = stored.run.model_copy(update={"state": "stopped", "pending": (pending,)})
        return await asyncio.to_thread(self._queue_again, job, replace(stored, run=run), str(error))

    def _queue_again(self, job: Job, stored: StoredRun, reason: str) -> Job:
        job = self._move(job, "running", stored=stored)
        with self.panels.workspace.runs.lock(stored.run) as folder:
            folder.save(stored.run)
        return self._move(job, "queued", reason=reason)

    def _close(self, job: Job, stored: StoredRun, ms: int, note: str | None) -> Job:
        """Return the job in the state that its run leads to, its page written."""
        for one in stored.run.pending:
            if one.cause != "answer":
                self.stop_reason.stop(one.cause, one.reason)
        outcome = outcome_of(stored.run, stored.exchanges, ms)
        to, notes = job_state(stored.run), [job_reason(stored.run), note]
        if to == "failed" and not outcome.retryable:
            notes[0] = f"{notes[0]}; asking again would give the same answers"
        if stored.run.verdict is not None:
            place = self.pages.write(job, stored)
            if place.is_unclear:
                flags = (*outcome.flags, UNCLEAR_NAMESAKE)
                outcome = outcome.model_copy(update={"flags": flags})
                notes.append(explain_place(place))
        reason = in_one_line(*notes) or None
        return self._move(job, to, reason=reason, outcome=outcome)

    async def _set_aside(self, named: tuple[date, str], error: Tampered) -> str:
        """Return what was damaged and where the run lies now."""
        runs = self.panels.workspace.runs
        path = await asyncio.to_thread(runs.find, *named)
        place: PurePath | None = None
        if path is not None:
            place = await asyncio.to_thread(runs.set_aside, path)
        what = str(error).partition(". ")[0]
        return f"{what}. The run was set aside as {place}, and its panel was convened anew"

    async def _transition(self, job: Job, to: JobState, reason: str) -> Job:
        return await asyncio.to_thread(self._move, job, to, reason=reason)

    def _move(
        self,
        job: Job,
        to: JobState,
        *,
        reason: str | None = None,
        stored: StoredRun | None = None,
        outcome: Outcome | None = None,
    ) -> Job:
        run = (stored.run.inputs.date, stored.run.id) if stored else None
        return self.ledger.jobs.transition(
            job.id,
            to,
            self._now(),
            actor=self.actor,
            batch=self.batch,
            run=run,
            reason=reason,
            outcome=outcome,
            seen=job,
        )

    def _now(self) -> datetime:
        return self.panels.workspace.clock.now()


def _released(job: Job, run: Run) -> Run:
    """Return `run` of a job whose text a person read and let go on before any reviewer saw it."""
    release = Release(reason=job.reason or _READ, at=job.moved, run=run.id)
    return run.model_copy(update={"release": release})
