"""Who is at work: heartbeats, and how many parts a rate limit is divided into."""

import asyncio
import math
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql

from panel.store.advisory_locks import AdvisoryLock
from panel.store.postgres import DEAD_AFTER_S
from panel.store.sql.database import Database
from panel.store.sql.faults import Unavailable
from panel.store.sql.shared_budget import write_off
from panel.store.sql.shared_tables import WORKERS

STOPS_CALLS_AFTER_S = 14.0
BEAT_S = 3.0
JOINING_BEAT_S = 0.5
_LOOK_S = 1.0


@dataclass(frozen=True)
class _BeatResult:
    """What a beat found: how many are at work, ourselves included, and whether we are admitted."""

    began: float
    workers: int
    admitted: bool


class WorkerRegistry:
    """The place of a process among the workers on one database.

    The rule. Each worker divides every limit into `parts`, and makes calls at one part. The sum is
    never more than the whole, because at all times each admitted worker divides by at least as many
    as are admitted:

    - A worker counts all workers that are not dead, those included that are still outside, and
      divides by that number. It takes a smaller part before it says so in its row, and says that it
      takes a larger one before it does.
    - A new worker stays outside, and makes no call, until every admitted worker's row says that it
      divides by all of them, the new one included. Then it is admitted, in the same transaction.
    - A worker whose last heartbeat is older than 20 s is dead: whoever notices deletes its row
      and counts what it had reserved of a cost cap as spent. A worker that could not write its
      heartbeat for 14 s makes no call from then on, so it has stopped before anybody takes its
      part; when it is back and finds its row gone it is a new worker.

    Every heartbeat is one transaction, and one lock has them one after the other. Moments are the
    server's.
    """

    def __init__(
        self,
        database: Database,
        *,
        share: Callable[[int], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = uuid4().hex
        self.name = f"{socket.gethostname()[:60]}-{self.id[:6]}"
        self.workers = 0
        self._database = database
        self._share = share
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worker-registry")
        self._parts = 0
        self._admitted = asyncio.Event()
        self._last = -math.inf
        share(0)

    async def attend(self) -> None:
        """Beat, and keep to our part, until cancelled; however long the server is away.

        Raises StoreError for anything else that is wrong with the database.
        """
        watching = asyncio.create_task(self._watch())
        try:
            while True:
                try:
                    pause = await self.beat()
                except Unavailable:  # no call goes meanwhile: see `watch`
                    pause = BEAT_S
                await asyncio.sleep(pause)
        finally:
            watching.cancel()

    async def admitted(self) -> None:
        """Wait until this worker may make calls; `attend` has to be under way."""
        await self._admitted.wait()

    async def beat(self) -> float:
        """Say that this worker lives, take its part, and return the seconds to the next beat.

        Waits for the server while it is away. Raises StoreError.
        """
        loop = asyncio.get_running_loop()
        while True:
            parts = self._parts
            found = await loop.run_in_executor(self._thread, self._write_beat)
            self._last, self.workers, self._parts = found.began, found.workers, found.workers
            self._share(self._parts if found.admitted else 0)
            if found.workers > parts:
                continue  # the limits are divided by more now: the next heartbeat says so
            if found.admitted:
                self._admitted.set()
            return BEAT_S if found.admitted else JOINING_BEAT_S

    def watch(self) -> None:
        """Let no call go where the last heartbeat is too old; `beat` lets them go again."""
        if self._monotonic() - self._last >= STOPS_CALLS_AFTER_S:
            self._admitted.clear()
            self._share(0)

    async def leave(self) -> None:
        """Take this worker out, once it makes no more calls. Raises StoreError."""
        self._admitted.clear()
        self._share(0)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._thread, self._database.write, lambda session: _take_out(session, self.id)
        )

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self.watch()

    def _write_beat(self) -> _BeatResult:
        return self._database.write(self._beat)

    def _beat(self, session: Connection) -> _BeatResult:
        began, parts = self._monotonic(), self._parts
        session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.WORKERS.value)))
        now = session.execute(select(func.clock_timestamp())).scalar_one()
        dead = select(WORKERS.c.id).where(
            WORKERS.c.beat < now - timedelta(seconds=DEAD_AFTER_S), WORKERS.c.id != self.id
        )
        for id_ in session.scalars(dead).all():
            _take_out(session, id_)
        row = postgresql.insert(WORKERS).values(
            id=self.id, name=self.name, beat=now, parts=parts, admitted=False
        )
        session.execute(row.on_conflict_do_nothing())
        workers = session.execute(select(func.count()).select_from(WORKERS)).scalar_one()
        ours = WORKERS.c.id == self.id
        divides_by = min(parts, workers)
        session.execute(update(WORKERS).where(ours).values(beat=now, parts=divides_by))
        others = session.scalars(select(WORKERS.c.parts).where(~ours, WORKERS.c.admitted)).all()
        if divides_by >= workers and all(other >= workers for other in others):
            session.execute(update(WORKERS).where(ours).values(admitted=True))
        admitted = session.scalar(select(WORKERS.c.admitted).where(ours))
        return _BeatResult(began, workers, bool(admitted))


def _take_out(session: Connection, id: str) -> None:  # noqa: A002 - its word
    """Forget a worker; what it had reserved counts as spent."""
    session.execute(delete(WORKERS).where(WORKERS.c.id == id))
    write_off(session, id)
