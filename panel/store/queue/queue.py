"""The queue of panels on Postgres: jobs are given to workers, and taken over from those that died."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Self
from zoneinfo import ZoneInfo

import psycopg
from procrastinate import App, JobContext
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from panel.errors import StoreError
from panel.store.postgres import DEAD_AFTER_S
from panel.store.queue.connector import RetryingConnector, fault
from panel.store.queue.times import PanelRetry, ZonedTask

Work = Callable[[str], Awaitable[None]]
Tell = Callable[[str], None]

_CUT_OFF_S = 10.0
_PANELS, _DAYS = "panels", "days"
_BEAT_S = 4.0
_LOOK_S = 4.0
_POLL_S = 1.0
_GRACE_S = 20.0
_AFTER_A_FAULT_S = 2.0
_LATEST_S = 12 * 3600.0
_AT_ONCE = 500


@dataclass(frozen=True)
class QueueCounts:
    """How many panels wait, how many are under way, and how many were given up by a fault."""

    waiting: int
    under_way: int
    failed: int

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is left to do."""
        return not self.waiting and not self.under_way


@dataclass(frozen=True)
class Daily:
    """What is to be done every day at the times of `cron`, as clocks in `zone` show them.

    A time that daylight saving leaves out comes at the first moment after the gap; one that it shows
    twice comes twice, so `begin` has to be idempotent for a date. It gets the date in `zone`. What
    fell due while no worker ran is made up for within 12 hours, the last time only.
    """

    cron: str
    zone: ZoneInfo
    begin: Callable[[date], Awaitable[None]]


class PanelQueue:
    """The queue of one database, opened and closed by `async with`."""

    def __init__(self, address: str, *, daily: Daily | None = None) -> None:
        self._connector = RetryingConnector(conninfo=address)
        self._app = App(connector=self._connector, periodic_defaults={"max_delay": _LATEST_S})
        self._daily = daily
        self._work: Work = _refuse
        self._running: set[int | None] = set()
        self._worker: Worker | None = None
        retry = PanelRetry()
        self._panel = self._app.task(name="panel", queue=_PANELS, retry=retry, pass_context=True)(
            self._do_panel
        )
        if daily is not None:
            day = self._app.task(name="day", queue=_DAYS, retry=retry)(partial(_begin_day, daily))
            known = self._app.periodic_registry.periodic_tasks
            known[day.name, ""] = ZonedTask(day, daily.cron, "", {}, daily.zone)

    async def __aenter__(self) -> Self:
        """Connect, and make the tables where they are missing. Raises StoreError."""
        try:
            await self._app.open_async()
            await self._connector.make_tables()
        except (ConnectorException, psycopg.Error) as error:
            with suppress(ConnectorException, psycopg.Error):
                await self._app.close_async()
            raise fault(error) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        with suppress(ConnectorException, psycopg.Error):
            await self._app.close_async()

    async def enqueue(self, ids: Sequence[str]) -> int:
        """Return how many of the jobs were put into the queue; what waits there is left as it is.

        Raises StoreError.
        """
        count = 0
        try:
            for start in range(0, len(ids), _AT_ONCE):
                count += await self._enqueue(ids[start : start + _AT_ONCE])
        except ConnectorException as error:
            raise fault(error) from error
        return count

    async def counts(self) -> QueueCounts:
        """Return how many panels wait, are under way and were given up. Raises StoreError."""
        try:
            found = await self._app.job_manager.list_queues_async(queue=_PANELS)
        except ConnectorException as error:
            raise fault(error) from error
        rows = list(found)
        return QueueCounts(*(sum(row[key] for row in rows) for key in ("todo", "doing", "failed")))

    async def work(
        self,
        work: Work,
        *,
        concurrency: int,
        stop: asyncio.Event,
        until_empty: bool = False,
        tell: Tell = lambda _: None,
    ) -> None:
        """Take panels and do `work` on them, `concurrency` at a time, until `stop` is set.

        `work` has to be idempotent: it may be given the same job again, by this worker or another. A
        job whose work raises Busy or StoreError, or is cancelled, is done again later. On `stop` no
        job is taken any more, and what is under way after 20 s is cancelled. `until_empty` ends when
        no worker has anything left. While the server is away everything waits. A worker without a
        heartbeat for 20 s, at two checks, is dead: whoever notices queues its panels again. Who has
        not reached the server for 10 s itself waits 20 s first, in which the others come back.
        """
        self._work = work
        log = _pass_on_faults(tell)
        recovering = asyncio.create_task(self._recover_jobs(stop, until_empty=until_empty))
        try:
            while not stop.is_set():
                await self._run(concurrency, stop, tell)
        finally:
            recovering.cancel()
            with suppress(asyncio.CancelledError):
                await recovering
            logging.getLogger("procrastinate").removeHandler(log)

    async def _run(self, concurrency: int, stop: asyncio.Event, tell: Tell) -> None:
        """Work until `stop` is set, or until the server was away for longer than it is waited for."""
        self._worker = Worker(
            self._app,
            queues=[_PANELS, *([_DAYS] if self._daily else [])],
            concurrency=concurrency,
            fetch_job_polling_interval=_POLL_S,
            abort_job_polling_interval=3600.0,
            shutdown_graceful_timeout=_GRACE_S,
            listen_notify=False,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=_BEAT_S,
            stalled_worker_timeout=3600.0,
        )
        stopping = asyncio.create_task(self._stop_worker(self._worker, stop))
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        except ConnectorException as error:
            tell(f"{fault(error)}")
        finally:
            stopping.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _AFTER_A_FAULT_S)

    async def _stop_worker(self, worker: Worker, stop: asyncio.Event) -> None:
        await stop.wait()
        self._connector.shorten_patience()
        worker.stop()  # type: ignore[no-untyped-call]

    async def _recover_jobs(self, stop: asyncio.Event, *, until_empty: bool) -> None:
        """Queue again the jobs of dead workers, and those whose handing over to this one got lost."""
        before: set[tuple[int | None, int | None]] = set()
        looked = tells_from = time.monotonic()
        while True:
            await asyncio.sleep(_POLL_S if until_empty else _LOOK_S)
            with suppress(ConnectorException, StoreError):
                abandoned = await self._lost_jobs()
                stalled = await self._stalled_jobs()
                now = time.monotonic()
                if now - looked > _CUT_OFF_S:
                    tells_from = now + DEAD_AFTER_S
                looked = now
                if now >= tells_from:
                    abandoned += stalled
                for job in abandoned:
                    if (job.id, job.worker_id) in before:
                        await self._app.job_manager.retry_job(job)
                before = {(job.id, job.worker_id) for job in abandoned}
                if until_empty and (await self.counts()).is_empty:
                    stop.set()

    async def _stalled_jobs(self) -> list[Job]:
        stalled = self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S)
        return list(await stalled)

    async def _lost_jobs(self) -> list[Job]:
        """Return the jobs that the database has given to this worker, and that it never got."""
        if self._worker is None or self._worker.worker_id is None:
            return []
        ours = self._app.job_manager.list_jobs_async(
            status="doing", worker_id=self._worker.worker_id
        )
        return [job for job in await ours if job.id not in self._running]

    async def _enqueue(self, ids: Sequence[str]) -> int:
        jobs = [
            self._panel.configure(queueing_lock=id_, lock=id_, task_kwargs={"id": id_}).job
            for id_ in ids
        ]
        try:
            return len(await self._app.job_manager.batch_defer_jobs_async(jobs))
        except AlreadyEnqueued:  # one of them: then none was taken
            if len(ids) == 1:
                return 0
            half = len(ids) // 2
            return await self._enqueue(ids[:half]) + await self._enqueue(ids[half:])

    async def _do_panel(self, context: JobContext, id: str) -> None:  # noqa: A002 - its word
        self._running.add(context.job.id)
        try:
            await self._work(id)
        finally:
            self._running.discard(context.job.id)


async def _refuse(_: str) -> None:
    raise StoreError("the queue gave a job to a process that does no work. Start a worker.")


async def _begin_day(daily: Daily, timestamp: int) -> None:
    await daily.begin(datetime.fromtimestamp(timestamp, daily.zone).date())


class _FaultHandler(logging.Handler):
    """A log handler that passes each fault on as one line."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one fault on."""
        cause = record.exc_info[1] if record.exc_info else None
        why = f": {type(cause).__name__}: {cause}" if cause else ""
        self._tell(f"{record.getMessage()}{why}".splitlines()[0])


def _pass_on_faults(tell: Tell) -> logging.Handler:
    """Pass the libraries' faults on to `tell`, and keep their own lines off standard error."""
    log = _FaultHandler(tell)
    logging.getLogger("procrastinate").addHandler(log)
    for name in ("procrastinate", "psycopg"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return log
