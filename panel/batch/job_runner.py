"""The floor of a batch: where its jobs become panels, any number at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from panel.app.panels import PanelRunner, ProviderSource, ReviewOptions, StoredRun
from panel.app.publish import Publisher
from panel.app.sources import read_link
from panel.batch.stop import StopReason
from panel.domain.feed import lacks_text
from panel.domain.job import Job, JobState, Outcome
from panel.domain.outcome import job_reason, job_state, outcome_of
from panel.domain.run import Run
from panel.domain.tool import Tool, are_namesakes
from panel.errors import ConfigError, Tampered
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger
from panel.screening.screener import screen

ACTOR = "batch"
_SAYS_NOTHING = "The feed has no description of it, and no page that could be read."


@dataclass(frozen=True)
class JobRunner:
    """One process's place to convene panels in; the ledger hears of every step.

    `batch` and `day` are the sitting that takes the jobs over; `tell` hears of each job that ended.
    With a `fetcher`, short entries are filled up from the pages that they link to.
    """

    panels: PanelRunner
    publisher: Publisher
    ledger: Ledger
    providers: ProviderSource
    options: ReviewOptions
    batch: str
    day: date
    stop_reason: StopReason
    tell: Callable[[Job], None]
    actor: str = ACTOR
    fetcher: Fetcher | None = None

    async def work(self, id: str) -> Job:  # noqa: A002 - the ledger's word
        """Return the job of that id as far as it came: in review, set aside, held, failed, left.

        Raises Busy where another process has the run, whose job it is then, and StoreError where
        nothing can be written; what is under way is kept.
        """
        job = await asyncio.to_thread(self.ledger.jobs.get, id)
        tool = job.tool
        aside = None if job.run or job.tries or job.cleared else job.reason
        if job.run is None and aside is None and self.fetcher is not None:
            tool = await read_link(tool, self.fetcher)
        # One with a run was looked at before that began.
        if aside is not None:
            job = await self._move(job, "set_aside", reason=aside)
        elif job.run is None and not job.cleared and (reason := why_held(tool)):
            job = await self._move(job, "held", reason=reason)
        elif job.run is None and lacks_text(tool):
            job = await self._move(job, "set_aside", reason=_SAYS_NOTHING)
        else:
            job = await self._convene(job, tool)
        self.stop_reason.check_stop(job)
        self.tell(job)
        return job

    async def _convene(self, job: Job, tool: Tool) -> Job:
        run = (job.run_date, job.run) if job.run_date and job.run else None
        try:
            stored = await asyncio.to_thread(
                self.panels.begin_job, tool, self.options, self.day, run
            )
            # Named before it begins: a batch that dies in it finds the run again.
            job = await self._move(job, "running", stored=stored)
            clock = self.panels.workspace.clock
            began = clock.monotonic()
            stored = await self.panels.convene(stored, self.providers, self.options)
            ms = round((clock.monotonic() - began) * 1000)
            await self._publish(job, stored)
        except (ConfigError, Tampered) as error:
            return await self._move(job, "failed", reason=str(error))
        return await self._close(job, stored, ms)

    async def _close(self, job: Job, stored: StoredRun, ms: int) -> Job:
        """Return the job moved on to where its run leaves it."""
        self._heed(stored.run)
        outcome = outcome_of(stored.run, stored.exchanges, ms)
        to, reason = job_state(stored.run), job_reason(stored.run)
        if to == "failed" and not outcome.retryable:
            reason = f"{reason}; asking again would give the same answers"
        return await self._move(job, to, reason=reason, outcome=outcome)

    def _heed(self, run: Run) -> None:
        """Stop the batch where no further call may be made."""
        for one in run.pending:
            if one.cause != "answer":
                self.stop_reason.stop(one.cause, one.reason)

    async def _publish(self, job: Job, stored: StoredRun) -> None:
        """Write the page where there is a verdict and no newer text of the same tool."""
        if stored.run.verdict is None:
            return
        namesakes = await asyncio.to_thread(self.ledger.jobs.namesakes, job.tool.slug)
        folder = _folder(job, namesakes, stored.run.id)
        if folder is not None:
            self.publisher.publish_run(stored, folder)

    async def _move(
        self,
        job: Job,
        to: JobState,
        *,
        reason: str | None = None,
        stored: StoredRun | None = None,
        outcome: Outcome | None = None,
    ) -> Job:
        run = (stored.run.inputs.date, stored.run.id) if stored else None
        return await asyncio.to_thread(
            self.ledger.jobs.transition,
            job.id,
            to,
            self._now(),
            actor=self.actor,
            batch=self.batch,
            run=run,
            reason=reason,
            outcome=outcome,
        )

    def _now(self) -> datetime:
        return self.panels.workspace.clock.now()


def why_held(tool: Tool) -> str | None:
    """Return why a person has to look before any reviewer does, None where nobody has to."""
    flags = screen(tool.name, tool.screened())
    return next((flag.message for flag in flags if flag.holds), None)


def _folder(job: Job, namesakes: Sequence[tuple[str, str]], run: str) -> str | None:
    """Return the page's folder: the slug, or the run's id where another tool had the slug first.

    None where a newer text of the same tool is in the ledger: the page is that one's. So the site
    is the same in whatever order the panels end.
    """
    same = [id_ for id_, name in namesakes if are_namesakes(name, job.tool.name)]
    if same[-1:] != [job.id]:
        return None
    return job.tool.slug if namesakes[0][0] == same[0] else run
