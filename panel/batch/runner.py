"""One batch from its feeds to its report."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from panel.app.deferred import DeferredProviders
from panel.app.event_loop import run_async
from panel.app.panel_budget import (
    Budget,
    CurrentBudget,
    PanelBudgets,
    local_budget,
    worst_cost_of,
)
from panel.app.panels import PanelRunner, open_providers, panel_assignments
from panel.app.providers import Providers
from panel.app.publish import Publisher
from panel.app.sources import page_fetcher
from panel.app.workspace import Workspace
from panel.batch.ingest import ingest_feeds
from panel.batch.job_runner import JobRunner
from panel.batch.options import BatchListener, BatchOptions
from panel.batch.pages import PageWriter
from panel.batch.pool import panels_at_a_time, run_pool
from panel.batch.provider_batches import ProviderBatches
from panel.batch.recovery import Recovery
from panel.batch.report import cost_cap, make_report
from panel.batch.stop import SignalHandler, StopReason
from panel.domain.batch_report import BatchReport, FeedLine, report_batch
from panel.domain.job import Batch, JobState
from panel.errors import Busy
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger

_WAITING: Final[frozenset[JobState]] = frozenset({"waiting"})
_NOTHING: Final = Decimal(0)
_UNREAD: Final = "a signal ended the batch before this feed was read"


class BatchRunner:
    """Runs one batch in a workspace, on a ledger that it locks against any other batch.

    BatchRunner(workspace, publisher, ledger, BatchOptions(feeds=("today.xml",)), listener).run()
    """

    def __init__(
        self,
        workspace: Workspace,
        publisher: Publisher,
        ledger: Ledger,
        options: BatchOptions,
        listener: BatchListener,
    ) -> None:
        self._workspace = workspace
        self._publisher = publisher
        self._panels = PanelRunner(workspace)
        self._ledger = ledger
        self._options = options
        self._listener = listener
        self._stop_reason = StopReason(self._workspace.clock, options.deadline_s)
        self._signals = SignalHandler(self._stop_reason)
        self._notices: list[str] = []

    def run(self) -> BatchReport:
        """Return the report. Resumes an unfinished batch instead of opening a new one.

        Raises Busy, ConfigError and StoreError; Tampered where the ledger is damaged: then nothing
        was written.
        """
        engine = self._options.check(self._workspace)
        with self._ledger.lock():
            if self._workspace.settings.database_url is None:
                self._ledger.journal.verify()
            self._options = self._with_remembered_cap()
            return run_async(lambda: self._run(engine))

    def _with_remembered_cap(self) -> BatchOptions:
        """Return the options; who collects without a cost cap has that of who submitted."""
        options = self._options
        if not options.collect or options.options.max_cost is not None:
            return options
        cap = self._ledger.batches.cap_of_waiting()
        return replace(options, options=replace(options.options, max_cost=cap))

    def is_due(self) -> bool:
        """Tell whether there is anything to read, to review or to collect; else no batch is opened."""
        if self._options.feeds:
            return True
        states = _WAITING if self._options.collect else self._options.states
        last = self._ledger.batches.last()
        return bool(self._ledger.jobs.ids(states)) or (last is not None and last.ended is None)

    def empty_report(self) -> BatchReport:
        """Return the report of a batch that was not opened, because there was nothing to do."""
        now = self._workspace.clock.now()
        none = Batch(
            id="none", date=now.date(), began=now, engine=self._options.check(self._workspace)
        )
        return report_batch(none, (), (), ended=now)

    async def _run(self, engine: str) -> BatchReport:
        with self._signals.installed():
            began, ledger = self._workspace.clock.now(), self._ledger
            before = ledger.batches.last()
            day = self._workspace.settings.batch.day_of(began)
            cap = self._options.options.max_cost
            batch = ledger.batches.open(day, began, engine, cap)
            self._listener.began(batch)
            await self._ingest(batch)
            if self._stop_reason.reason != "signal":
                await self._work(batch)
            if self._stop_reason.detail:
                self._listener.stopped(self._stop_reason.detail)
            ended = self._workspace.clock.now()
            report = make_report(
                ledger,
                batch,
                ended=ended,
                stop=self._stop_reason.reason,
                cap=cost_cap(self._workspace, self._options.options.max_cost),
                before=before,
                collects=self._options.collect,
                notices=self._notices,
            )
            if report.stop != "signal":
                ledger.batches.end(batch.id, ended, report.exit)
            return report

    async def _ingest(self, batch: Batch) -> None:
        """Read the feeds; those that a signal cuts off are said to be unread."""
        feeds = self._options.feeds
        reading = ingest_feeds(feeds, Fetcher(), self._ledger, batch.id, batch.began)
        lines = await self._signals.run(reading, at_once=True)
        if lines is None:
            lines = tuple(FeedLine(source=name, entries=None, why=_UNREAD) for name in feeds)
            self._ledger.feeds.record(batch.id, lines)
        for feed in lines:
            self._listener.feed(feed)
        for announced in self._ledger.entries.of_batch(batch.id):
            self._listener.announced(announced)

    async def _work(self, batch: Batch) -> None:
        """Run the jobs that are due; submit requests to batch services, or collect their answers."""
        current = CurrentBudget()
        review = self._options.options
        opened = open_providers(self._workspace, review, leader_first=True, budget=current)
        async with aclosing(opened) as providers:
            pages = PageWriter(self._publisher, self._ledger)
            budget = await self._recover(batch, providers, pages)
            with current.use(budget):
                budgets = PanelBudgets(budget, providers.prices, current)
                await self._run_jobs(batch, _Open(providers, pages, budgets))

    async def _recover(self, batch: Batch, providers: Providers, pages: PageWriter) -> Budget:
        """Return the budget that is left, once the files of an unfinished batch are checked."""
        review, spent = self._options.options, _NOTHING
        recovery = Recovery(
            self._workspace,
            self._ledger,
            review,
            lambda inputs: worst_cost_of(inputs, providers.prices),
        )
        if batch.resumed:
            for notice in await recovery.check_files(batch, pages):
                self._on_notice(notice)
        if batch.resumed or self._options.collect:
            spent = recovery.spent(batch, collects=self._options.collect)
        return local_budget(
            cost_cap(self._workspace, review.max_cost),
            spent=spent,
            allow_unpriced=self._workspace.settings.limits.allow_unpriced,
        )

    async def _run_jobs(self, batch: Batch, opened: "_Open") -> None:
        options, stop_reason = self._options, self._stop_reason
        services = ProviderBatches(
            self._panels,
            self._ledger,
            opened.providers,
            options.options,
            stop_reason,
            on_notice=self._on_notice,
        )
        if options.collect:
            # At once: what is not recorded yet is still with the service.
            ids = await self._signals.run(services.collect(batch), at_once=True)
            if ids is None:
                return
        else:
            ids = self._ledger.jobs.ids(options.states)
        self._listener.ingested(len(ids))
        await self._run_pool(ids, self._job_runner(batch, opened))
        if (options.batch_api or options.collect) and stop_reason.reason != "signal":
            await self._signals.run(services.submit(batch))

    async def _run_pool(self, ids: Sequence[str], runner: JobRunner) -> None:
        """Run the jobs `ids`, so many at a time that as many calls are in flight as may be."""
        options, limits = self._options.options, self._workspace.settings.limits
        jobs = self._stop_reason.jobs(ids, self._options.max_tools)
        reviewers = len(panel_assignments(self._workspace, options)) - 1
        workers = panels_at_a_time(options.concurrency or limits.concurrency, reviewers)
        pool = run_pool(jobs, _unless_busy(runner), _forget, workers=min(workers, len(ids)))
        await self._signals.run(pool)

    def _job_runner(self, batch: Batch, opened: "_Open") -> JobRunner:
        options, providers = self._options, opened.providers
        is_live = not (options.batch_api or options.collect)
        return JobRunner(
            panels=self._panels,
            ledger=self._ledger,
            pages=opened.pages,
            providers=DeferredProviders(providers, live_too=True)
            if options.batch_api
            else providers,
            budgets=opened.budgets if is_live else None,
            options=options.options,
            batch=batch.id,
            day=batch.date,
            stop_reason=self._stop_reason,
            on_done=self._listener.job,
            on_notice=self._on_notice,
            fetcher=page_fetcher(self._workspace.settings),
        )

    def _on_notice(self, line: str) -> None:
        self._notices.append(line)
        self._listener.notice(line)


@dataclass(frozen=True)
class _Open:
    """What a batch has open while its jobs run."""

    providers: Providers
    pages: PageWriter
    budgets: PanelBudgets


def _unless_busy(runner: JobRunner) -> Callable[[str], Awaitable[None]]:
    """Return the work on one job; a job whose run another process has locked is left to that one."""

    async def work(job_id: str) -> None:
        with suppress(Busy):
            await runner.run(job_id)

    return work


def _forget(_: None) -> None:
    """Keep nothing of a job that ended: the ledger has it."""
