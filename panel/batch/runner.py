"""A sitting of the batch: feeds gathered, jobs worked off, a report made."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from panel.app.assignments import MANUAL, has_batch_service
from panel.app.costs import spent_on_run
from panel.app.event_loop import run_async
from panel.app.panels import (
    PanelRunner,
    ProviderSource,
    ReviewOptions,
    open_providers,
    panel_assignments,
)
from panel.app.providers import no_batch_service
from panel.app.publish import Publisher
from panel.app.sources import page_fetcher
from panel.app.workspace import Workspace
from panel.batch.ingest import ingest_feeds
from panel.batch.job_runner import JobRunner
from panel.batch.pool import run_pool
from panel.batch.provider_batches import DeferredProviders, ProviderBatches
from panel.batch.report import cap_of, report_sitting
from panel.batch.shut_down import shut_down
from panel.batch.stop import StopReason
from panel.domain.batch_report import BatchReport, FeedLine, report_batch
from panel.domain.job import Announced, Batch, Job, JobState
from panel.errors import Busy, ConfigError
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger

_OPEN: Final[frozenset[JobState]] = frozenset({"queued", "running"})
_WAITING: Final[frozenset[JobState]] = frozenset({"waiting"})
_NOTHING: Final = Decimal(0)
_FAILED: Final[frozenset[JobState]] = frozenset({"failed"})


@dataclass(frozen=True)
class BatchOptions:
    """What an operator asks of one sitting.

    `by_post` hands the reviews to the makers' batch services; `collect` brings them back.
    """

    feeds: tuple[str, ...] = ()
    options: ReviewOptions = field(default_factory=ReviewOptions)
    max_tools: int | None = None
    deadline_s: float | None = None
    only_failed: bool = False
    by_post: bool = False
    collect: bool = False

    def check(self, workspace: Workspace) -> str:
        """Return who would answer; raise ConfigError where no batch can be sat with them."""
        seats = panel_assignments(workspace, self.options)
        if self.by_post:
            for assignment in seats:
                if not has_batch_service(assignment):
                    raise no_batch_service(assignment.provider)
        if MANUAL in {assignment.provider for assignment in seats}:
            raise ConfigError(
                "nobody is there to answer a batch by hand. Give it --model openai:MODEL or another "
                "provider; `shipskip review --model manual` takes one tool at a time."
            )
        return ", ".join(sorted({assignment.ref for assignment in seats}))

    @property
    def states(self) -> frozenset[JobState]:
        """The states of the jobs that are taken up."""
        return _FAILED if self.only_failed else _OPEN


@dataclass(frozen=True)
class Listeners:
    """Who hears of a sitting while it goes on.

    `gathered` hears how many jobs are to be worked off, `halted` why some were left.
    """

    began: Callable[[Batch], None]
    feed: Callable[[FeedLine], None]
    announced: Callable[[Announced], None]
    gathered: Callable[[int], None]
    job: Callable[[Job], None]
    halted: Callable[[str], None]


class BatchRunner:
    """One sitting in a workspace, on one ledger, which it holds alone."""

    def __init__(
        self,
        workspace: Workspace,
        publisher: Publisher,
        ledger: Ledger,
        order: BatchOptions,
        listeners: Listeners,
    ) -> None:
        self._workspace = workspace
        self._publisher = publisher
        self._panels = PanelRunner(workspace)
        self._ledger = ledger
        self._order = order
        self._listeners = listeners
        self._halt = StopReason(self._workspace.clock, order.deadline_s)

    def sit(self) -> BatchReport:
        """Return the report. A sitting that died goes on under its own name, and none is begun.

        Raises Busy, ConfigError and StoreError.
        """
        engine = self._order.check(self._workspace)
        with self._ledger.lock():
            return run_async(lambda: self._sit(engine))

    def is_due(self) -> bool:
        """Tell whether there is anything to read, to convene or to fetch; else no batch is begun."""
        if self._order.feeds:
            return True
        states = _WAITING if self._order.collect else self._order.states
        last = self._ledger.batches.last()
        return bool(self._ledger.jobs.ids(states)) or (last is not None and last.ended is None)

    def idle(self) -> BatchReport:
        """Return the report of a batch that was not begun, for there was nothing to do."""
        now = self._workspace.clock.now()
        none = Batch(
            id="none", date=now.date(), began=now, engine=self._order.check(self._workspace)
        )
        return report_batch(none, (), (), ended=now)

    async def _sit(self, engine: str) -> BatchReport:
        began, ledger = self._workspace.clock.now(), self._ledger
        before = ledger.batches.last()
        batch = ledger.batches.open(self._workspace.settings.batch.day_of(began), began, engine)
        self._listeners.began(batch)
        feeds = await ingest_feeds(self._order.feeds, Fetcher(), ledger, batch.id, began)
        self._tell(batch, feeds)
        await self._work(batch)
        if self._halt.detail:
            self._listeners.halted(self._halt.detail)
        report = report_sitting(
            ledger,
            batch,
            ended=self._workspace.clock.now(),
            stop=self._halt.reason,
            cap=cap_of(self._workspace, self._order.options),
            before=before,
            collects=self._order.collect,
        )
        if report.stop != "signal":
            ledger.batches.end(batch.id, self._workspace.clock.now(), report.exit)
        return report

    async def _work(self, batch: Batch) -> None:
        """Convene the panels that are due, and exchange letters with the makers' services."""
        options, order = self._order.options, self._order
        spent = self._spent(batch) if batch.resumed else _NOTHING
        opened = open_providers(self._workspace, options, leader_first=True, spent=spent)
        async with aclosing(opened) as providers:
            office = ProviderBatches(self._panels, self._ledger, providers, options, self._halt)
            if order.collect:
                ids = await office.collect(await office.envelopes(batch))
            else:
                ids = self._ledger.jobs.ids(order.states)
            self._listeners.gathered(len(ids))
            answering = DeferredProviders(providers, live_too=True) if order.by_post else providers
            await self._work_off(batch, ids, answering)
            if (order.by_post or order.collect) and self._halt.reason != "signal":
                await office.post(await office.envelopes(batch))

    async def _work_off(self, batch: Batch, ids: Sequence[str], providers: ProviderSource) -> None:
        """Convene the panels of `ids`, as many at a time as calls may be in flight."""
        runner = JobRunner(
            panels=self._panels,
            publisher=self._publisher,
            ledger=self._ledger,
            providers=providers,
            options=self._order.options,
            batch=batch.id,
            day=batch.date,
            stop_reason=self._halt,
            tell=self._listeners.job,
            fetcher=page_fetcher(self._workspace.settings),
        )
        jobs = self._halt.jobs(ids, self._order.max_tools)
        most = self._order.options.concurrency or self._workspace.settings.limits.concurrency
        workers = min(most, len(ids))
        await shut_down(run_pool(jobs, _unless_busy(runner), _let_go, workers=workers), self._halt)

    def _spent(self, batch: Batch) -> Decimal:
        """Return what this sitting has spent before it died, the panels under way included."""
        spent = _NOTHING
        for job in self._ledger.jobs.of_batch(batch.id):
            if job.outcome is not None:
                spent += job.outcome.cost_usd or _NOTHING
            elif job.run_date and job.run:
                spent += spent_on_run(self._workspace, job.run_date, job.run)
        return spent

    def _tell(self, batch: Batch, feeds: Iterable[FeedLine]) -> None:
        for feed in feeds:
            self._listeners.feed(feed)
        for announced in self._ledger.entries.of_batch(batch.id):
            self._listeners.announced(announced)


def _unless_busy(runner: JobRunner) -> Callable[[str], Awaitable[None]]:
    """Return the floor's work; a job whose run another process has is left to that one."""

    async def work(id: str) -> None:  # noqa: A002 - the ledger's word
        with suppress(Busy):
            await runner.work(id)

    return work


def _let_go(_: None) -> None:
    """Keep nothing of a job that ended: the ledger has it."""
