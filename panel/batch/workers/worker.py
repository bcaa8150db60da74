"""A worker: it takes jobs from the queue and convenes their panels as a batch would."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from panel.app.panels import PanelRunner, ReviewOptions, open_providers
from panel.app.providers import Providers
from panel.app.publish import Publisher
from panel.app.sources import page_fetcher
from panel.app.workspace import Workspace
from panel.batch.job_runner import JobRunner
from panel.batch.runner import BatchOptions
from panel.batch.stop import StopReason
from panel.batch.workers.enqueue import enqueue, queue_address
from panel.domain.cost_cap import Reservation
from panel.domain.job import Job, JobState
from panel.errors import Busy, ConfigError, StoreError
from panel.ports import Ledger
from panel.store.queue import Daily, PanelQueue, is_cron
from panel.store.sql.database import open_shared_database
from panel.store.sql.shared_budget import SharedBudget
from panel.store.sql.worker_registry import WorkerRegistry

Tell = Callable[[str], None]
_DONE: Final[frozenset[JobState]] = frozenset({"in_review", "set_aside", "held", "waiting"})
_CURRENT: ContextVar[str] = ContextVar("the batch of the panel that is convened")


class BatchBudget:
    """The shared budget of whichever batch a call belongs to. See SharedBudget."""

    def __init__(self, open_budget: Callable[[str], SharedBudget]) -> None:
        self._open_budget = open_budget
        self._budgets: dict[str, SharedBudget] = {}
        self._opening = asyncio.Lock()

    @contextmanager
    def within(self, batch: str) -> Iterator[None]:
        """Count what is called inside to `batch`, which has to be open."""
        token = _CURRENT.set(batch)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    async def open(self, batch: str) -> None:
        """Learn the cap of `batch`. Raises StoreError."""
        async with self._opening:
            if batch not in self._budgets:
                self._budgets[batch] = await asyncio.to_thread(self._open_budget, batch)

    @property
    def cap(self) -> Decimal | None:
        """The cap of the batch at hand."""
        return self._budget.cap

    @property
    def allow_unpriced(self) -> bool:
        """Whether a call may be made that no price is known for, in spite of a cap."""
        return self._budget.allow_unpriced

    def count_unpriced(self) -> None:
        """Count a call that is in no sum."""
        self._budget.count_unpriced()

    async def reserve(self, amount: Decimal) -> Reservation:
        """Set `amount` aside. Raises Stopped where the cap forbids it, and StoreError."""
        return await self._budget.reserve(amount)

    def settle(self, reserve: Reservation, paid: Decimal) -> None:
        """Give back what was held, and spend what was paid. It does not wait."""
        self._budget.settle(reserve, paid)

    def flush(self) -> None:
        """Have every settlement written. Raises StoreError."""
        for budget in self._budgets.values():
            budget.flush()

    @property
    def _budget(self) -> SharedBudget:
        return self._budgets[_CURRENT.get()]


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker works: panels at a time, and whether it ends when nothing is left."""

    concurrency: int | None = None
    until_empty: bool = False


class Worker:
    """One of any number of processes that work one queue off.

    A job may be given to it twice, or while another worker is still at it: what is done is not done
    again, and who holds the run is let finish.
    """

    def __init__(
        self, workspace: Workspace, publisher: Publisher, ledger: Ledger, tell: Tell
    ) -> None:
        self._workspace = workspace
        self._publisher = publisher
        self._panels = PanelRunner(workspace)
        self._ledger = ledger
        self._tell = tell
        self._halts: dict[str, StopReason] = {}

    async def work(self, shift: WorkerOptions, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises ConfigError and StoreError."""
        workspace = self._workspace
        reach, limits = open_shared_database(queue_address(workspace)), workspace.settings.limits
        budget = BatchBudget(
            lambda name: SharedBudget.open(
                reach,
                name,
                registry.id,
                cap=limits.max_cost_usd,
                allow_unpriced=limits.allow_unpriced,
            )
        )
        opened = open_providers(workspace, ReviewOptions(), leader_first=True, budget=budget)
        async with (
            aclosing(opened) as providers,
            PanelQueue(reach.address, daily=self._daily()) as q,
        ):
            registry = WorkerRegistry(reach, share=providers.share)
            attending = asyncio.create_task(registry.attend())
            try:
                await _either(registry.admitted(), stop.wait(), attending)
                self._tell(f"{registry.name}: at work, one of {registry.workers}")
                await q.work(
                    lambda id_: self._do(id_, providers, budget, registry.name),
                    concurrency=shift.concurrency or max(2, limits.concurrency // 4),
                    stop=stop,
                    until_empty=shift.until_empty,
                    tell=self._tell,
                )
            finally:
                attending.cancel()
                await asyncio.wait([attending])
                with suppress(StoreError):
                    await asyncio.to_thread(budget.flush)
                    await registry.leave()

    async def _do(self, id: str, providers: Providers, budget: BatchBudget, actor: str) -> None:  # noqa: A002 - the ledger's word
        """Bring one job as far as it goes. Raises Busy and StoreError: then it is given out again."""
        job = await asyncio.to_thread(self._ledger.jobs.get, id)
        stop_reason = self._halts.setdefault(job.batch, StopReason(self._workspace.clock))
        if job.state in _DONE or stop_reason.reason is not None:
            return
        await budget.open(job.batch)
        job_runner = JobRunner(
            panels=self._panels,
            publisher=self._publisher,
            ledger=self._ledger,
            providers=providers,
            options=ReviewOptions(),
            batch=job.batch,
            day=date.fromisoformat(job.batch[:10]),
            stop_reason=stop_reason,
            tell=self._say,
            actor=actor,
            fetcher=page_fetcher(self._workspace.settings),
        )
        with budget.within(job.batch):
            await job_runner.work(id)
        if (
            stop_reason.reason == "provider"
        ):  # it may be back in a while, and nobody starts us again
            del self._halts[job.batch]
            raise Busy(stop_reason.detail or "the provider is down")
        if stop_reason.reason is not None:
            self._tell(f"{job.batch}: no further call ({stop_reason.reason}): {stop_reason.detail}")

    def _say(self, job: Job) -> None:
        decision = job.outcome.decision if job.outcome else None
        why = f" ({job.reason})" if job.reason else ""
        self._tell(f"{job.tool.name}: {decision or job.state}{why}")

    def _daily(self) -> Daily | None:
        schedule = self._workspace.settings.schedule
        if schedule is None:
            return None
        if not is_cron(schedule.cron):
            raise ConfigError(f"schedule.cron: {schedule.cron!r} is no time of cron.")
        zone = ZoneInfo(self._workspace.settings.batch.zone)
        return Daily(schedule.cron, zone, lambda day: self._begin(day, schedule.feeds))

    async def _begin(self, day: date, feeds: tuple[str, ...]) -> None:
        """Enqueue the day's batch, once: a night in which clocks go back has 02:30 twice."""
        last = await asyncio.to_thread(self._ledger.batches.last)
        if last is not None and last.date >= day:
            return
        found = await enqueue(self._workspace, self._ledger, BatchOptions(feeds=feeds))
        self._tell(f"{found.batch.id}: {found.count} enqueued")


async def _either(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks[:-1]:
        if task not in done:
            task.cancel()
    for task in done:
        task.result()
