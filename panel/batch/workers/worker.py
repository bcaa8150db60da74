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

from panel.app.assembly import Providers, page_fetcher
from panel.app.session import Session
from panel.app.workspace import Wish
from panel.batch.job_runner import Floor
from panel.batch.runner import Order
from panel.batch.stop import Halt
from panel.batch.workers.enqueue import enqueue, queue_address
from panel.domain.cost_cap import Hold
from panel.domain.job import Job, JobState
from panel.errors import Busy, ConfigError, StoreError
from panel.ports import Ledger
from panel.store.queue import Daily, PanelQueue, is_cron
from panel.store.sql.shared_budget import SharedBudget
from panel.store.sql.shared_database import Reach
from panel.store.sql.worker_registry import Crew

Tell = Callable[[str], None]
_DONE: Final[frozenset[JobState]] = frozenset({"in_review", "set_aside", "held", "waiting"})
_CURRENT: ContextVar[str] = ContextVar("the batch of the panel that is convened")


class BatchPurse:
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

    async def hold(self, amount: Decimal) -> Hold:
        """Set `amount` aside. Raises Stopped where the cap forbids it, and StoreError."""
        return await self._budget.hold(amount)

    def settle(self, hold: Hold, paid: Decimal) -> None:
        """Give back what was held, and spend what was paid. It does not wait."""
        self._budget.settle(hold, paid)

    def flush(self) -> None:
        """Have every settlement written. Raises StoreError."""
        for budget in self._budgets.values():
            budget.flush()

    @property
    def _budget(self) -> SharedBudget:
        return self._budgets[_CURRENT.get()]


@dataclass(frozen=True)
class Shift:
    """How a worker works: panels at a time, and whether it ends when nothing is left."""

    concurrency: int | None = None
    until_empty: bool = False


class Worker:
    """One of any number of processes that work one queue off.

    A job may be given to it twice, or while another worker is still at it: what is done is not done
    again, and who holds the run is let finish.
    """

    def __init__(self, session: Session, ledger: Ledger, tell: Tell) -> None:
        self._session = session
        self._workspace = session.workspace
        self._ledger = ledger
        self._tell = tell
        self._halts: dict[str, Halt] = {}

    async def work(self, shift: Shift, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises ConfigError and StoreError."""
        workspace = self._workspace
        reach, limits = Reach(queue_address(workspace)), workspace.settings.limits
        purse = BatchPurse(
            lambda name: SharedBudget.open(
                reach,
                name,
                crew.id,
                cap=limits.max_cost_usd,
                allow_unpriced=limits.allow_unpriced,
            )
        )
        opened = workspace.providers(Wish(), leader_first=True, purse=purse)
        async with (
            aclosing(opened) as providers,
            PanelQueue(reach.address, daily=self._daily()) as q,
        ):
            crew = Crew(reach, share=providers.share)
            attending = asyncio.create_task(crew.attend())
            try:
                await _either(crew.admitted(), stop.wait(), attending)
                self._tell(f"{crew.name}: at work, one of {crew.workers}")
                await q.work(
                    lambda id_: self._do(id_, providers, purse, crew.name),
                    concurrency=shift.concurrency or max(2, limits.concurrency // 4),
                    stop=stop,
                    until_empty=shift.until_empty,
                    tell=self._tell,
                )
            finally:
                attending.cancel()
                await asyncio.wait([attending])
                with suppress(StoreError):
                    await asyncio.to_thread(purse.flush)
                    await crew.leave()

    async def _do(self, id: str, providers: Providers, purse: BatchPurse, actor: str) -> None:  # noqa: A002 - the ledger's word
        """Bring one job as far as it goes. Raises Busy and StoreError: then it is given out again."""
        job = await asyncio.to_thread(self._ledger.job, id)
        halt = self._halts.setdefault(job.batch, Halt(self._workspace.clock))
        if job.state in _DONE or halt.reason is not None:
            return
        await purse.open(job.batch)
        floor = Floor(
            session=self._session,
            ledger=self._ledger,
            providers=providers,
            wish=Wish(),
            batch=job.batch,
            day=date.fromisoformat(job.batch[:10]),
            halt=halt,
            tell=self._say,
            actor=actor,
            fetcher=page_fetcher(self._workspace.settings),
        )
        with purse.within(job.batch):
            await floor.work(id)
        if halt.reason == "provider":  # it may be back in a while, and nobody starts us again
            del self._halts[job.batch]
            raise Busy(halt.detail or "the provider is down")
        if halt.reason is not None:
            self._tell(f"{job.batch}: no further call ({halt.reason}): {halt.detail}")

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
        last = await asyncio.to_thread(self._ledger.last_batch)
        if last is not None and last.date >= day:
            return
        found = await enqueue(self._workspace, self._ledger, Order(feeds=feeds))
        self._tell(f"{found.batch.id}: {found.count} enqueued")


async def _either(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks[:-1]:
        if task not in done:
            task.cancel()
    for task in done:
        task.result()
