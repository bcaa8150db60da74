"""A worker takes jobs from the shared queue and runs their panels as a batch would."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from panel.app.panel_budget import CurrentBudget, PanelBudgets
from panel.app.panels import PanelRunner, ReviewOptions, open_providers
from panel.app.providers import Providers
from panel.app.publish import Publisher
from panel.app.shared_work import Daily, SharedBudgets, SharedWork, is_cron
from panel.app.sources import page_fetcher
from panel.app.workspace import Workspace
from panel.batch.job_runner import JobRunner
from panel.batch.pages import PageWriter
from panel.batch.stop import StopReason
from panel.batch.workers.enqueue import enqueue_day
from panel.domain.job import Job, JobState
from panel.errors import Busy, ConfigError, StoreError
from panel.ports import Ledger

_DONE: Final[frozenset[JobState]] = frozenset({"in_review", "set_aside", "held", "waiting"})


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker works: panels at a time, and whether it ends when nothing is left."""

    concurrency: int | None = None
    until_empty: bool = False


@dataclass(frozen=True)
class WorkerListener:
    """Callbacks of a worker: its name and the number of workers as it `began`, its jobs as it `ended`.

    `info` and `warning` get lines of its log, `job` each job that ended.
    """

    began: Callable[[str, int], None]
    ended: Callable[[str, int], None]
    info: Callable[[str], None]
    warning: Callable[[str], None]
    job: Callable[[Job], None]


@dataclass(frozen=True)
class _Open:
    """What a worker has open while it is at work."""

    name: str
    providers: Providers
    budgets: SharedBudgets
    current_budget: CurrentBudget


class Worker:
    """One of any number of processes that work on one queue.

    A job may be given to it twice, or while another worker is still at it: what is done is not done
    again, and a run that another process has locked is left to it.
    """

    def __init__(
        self,
        workspace: Workspace,
        publisher: Publisher,
        ledger: Ledger,
        listener: WorkerListener,
    ) -> None:
        self._workspace = workspace
        self._panels = PanelRunner(workspace)
        self._ledger = ledger
        self._listener = listener
        self._pages = PageWriter(publisher, ledger)
        self._jobs = 0
        self._budgets: dict[str, PanelBudgets] = {}
        self._stop_reasons: dict[str, StopReason] = {}

    async def work(self, options: WorkerOptions, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises ConfigError and StoreError."""
        workspace, shared = self._workspace, SharedWork.of(self._workspace)
        current = CurrentBudget()
        own = open_providers(workspace, ReviewOptions(), leader_first=True, budget=current)
        async with aclosing(own) as providers, shared.queue(self._daily()) as queue:
            registry = shared.registry(providers)
            budgets = shared.budgets(registry.id)
            opened = _Open(registry.name, providers, budgets, current)
            attending = asyncio.create_task(registry.attend())
            attending.add_done_callback(lambda _: stop.set())
            try:
                await _first_of(registry.admitted(), stop.wait(), attending)
                self._listener.began(registry.name, registry.workers)
                await queue.work(
                    lambda id_: self._run(id_, opened),
                    concurrency=options.concurrency
                    or max(2, workspace.settings.limits.concurrency // 4),
                    stop=stop,
                    until_empty=options.until_empty,
                    tell=self._listener.warning,
                )
                if attending.done():
                    attending.result()
            finally:
                attending.cancel()
                await asyncio.wait([attending])
                with suppress(StoreError):
                    await asyncio.to_thread(budgets.flush)
                with suppress(StoreError):
                    await registry.leave()
                self._listener.ended(registry.name, self._jobs)

    async def _run(self, job_id: str, opened: _Open) -> None:
        """Run one job as far as it goes. Raises Busy and StoreError: then it is queued again."""
        job = await asyncio.to_thread(self._ledger.jobs.get, job_id)
        stop_reason = self._stop_reasons.setdefault(job.batch, StopReason(self._workspace.clock))
        if job.state in _DONE or stop_reason.reason is not None:
            return
        runner = JobRunner(
            panels=self._panels,
            ledger=self._ledger,
            pages=self._pages,
            providers=opened.providers,
            budgets=await self._panel_budgets(job.batch, opened),
            options=ReviewOptions(),
            batch=job.batch,
            day=date.fromisoformat(job.batch[:10]),
            stop_reason=stop_reason,
            on_done=self._on_done,
            on_notice=self._listener.warning,
            actor=opened.name,
            fetcher=page_fetcher(self._workspace.settings),
        )
        await runner.run(job_id)
        if stop_reason.reason == "provider":
            # It may be back in a while, and nobody starts this process again.
            if self._stop_reasons.get(job.batch) is stop_reason:  # and another job was not faster
                del self._stop_reasons[job.batch]
            raise Busy(stop_reason.detail or "the provider is down")
        if stop_reason.reason is not None:
            self._listener.warning(
                f"{job.batch}: no further call ({stop_reason.reason}): {stop_reason.detail}"
            )

    async def _panel_budgets(self, batch: str, opened: _Open) -> PanelBudgets:
        """Return the budgets of the panels of `batch`, the same ones for each job."""
        if batch not in self._budgets:
            whole = await opened.budgets.of(batch)
            self._budgets.setdefault(
                batch, PanelBudgets(whole, opened.providers.prices, opened.current_budget)
            )
        return self._budgets[batch]

    def _on_done(self, job: Job) -> None:
        self._jobs += 1
        self._listener.job(job)

    def _daily(self) -> Daily | None:
        schedule = self._workspace.settings.schedule
        if schedule is None:
            return None
        if not is_cron(schedule.cron):
            raise ConfigError(f"schedule.cron: {schedule.cron!r} is no time of cron.")
        zone = ZoneInfo(self._workspace.settings.batch.zone)
        return Daily(schedule.cron, zone, lambda day: self._begin(day, schedule.feeds))

    async def _begin(self, day: date, feeds: tuple[str, ...]) -> None:
        found = await enqueue_day(self._workspace, self._ledger, day, feeds)
        if found is not None:
            self._listener.info(f"{found.batch.id}: {found.count} enqueued")


async def _first_of(*waits: object) -> None:
    """Return once one of `waits` has ended; the last one goes on. Raises as it does."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks[:-1]:
        if task not in done:
            task.cancel()
    for task in done:
        task.result()
