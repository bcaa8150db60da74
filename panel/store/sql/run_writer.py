"""The one database session of a process in which it locks runs and writes them."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError

from panel.domain.exchange import Exchange, Request
from panel.domain.run import Run
from panel.domain.run_document import read_exchange, write_exchange, write_run
from panel.errors import Busy, StoreError, Tampered
from panel.store.group_commit import GroupCommit
from panel.store.sql.database import Database
from panel.store.sql.shared_tables import EXCHANGES, RUNS

T = TypeVar("T")
_END_MS = 5000


@dataclass(slots=True)
class Line:
    """An exchange on its way to the database; `fault` is why it is not known to be there."""

    run: "OpenRunRows"
    exchange: Exchange
    digest: str
    text: str
    stored: bool = False
    fault: StoreError | Busy | None = None


@dataclass
class OpenRunRows:
    """One run that this process writes: the log of its exchanges, and the run."""

    path: PurePath
    writer: "RunWriter"
    day: date
    id: str
    lost: Busy | None = None
    digests: list[str] = field(default_factory=list)
    sent: dict[str, Line] = field(default_factory=dict)
    _found: dict[str, Exchange] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """The number of its lock."""
        return lock_key(self.path)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order in which they ended."""
        return tuple(self._found.values())

    def find(self, request: Request) -> Exchange | None:
        """Return the recorded exchange of exactly this request, if there is one."""
        return self._found.get(request.key)

    async def append(self, exchange: Exchange) -> None:
        """Write one exchange and have it committed before returning. Raises Busy and StoreError.

        What comes in meanwhile, of all runs of this process, is committed together, in its order.
        Who is cancelled here leaves the exchange to be written.
        """
        digest, line = write_exchange(exchange)
        await self.writer.write(Line(self, exchange, digest, line.decode()))

    def save(self, run: Run) -> None:
        """Write the run whole or not at all. Raises Busy and StoreError."""
        self.writer.save(self, run)

    def take_up(self, digest: str, exchange: Exchange) -> None:
        """Count an exchange as written."""
        self._found[exchange.request.key] = exchange
        self.digests.append(digest)
        if (line := self.sent.pop(digest, None)) is not None:
            line.stored = True


class RunWriter:
    """The one session of a process that locks runs and writes them, all from one thread.

    A run's lock belongs to the session (`pg_try_advisory_lock`), and the server releases it when the
    process or its connection ends: no lock outlives a crash. Every row of a locked run is written in
    the session that has its lock, so nobody writes without it. A session that was lost is opened
    again: a run whose lock another process has by then, or whose rows are not those that this process
    left, is `lost`, and each further write to it is Busy. Where nobody can tell whether a lost commit
    was done, the rows tell.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="run-writer")
        self._lines: GroupCommit[Line] = GroupCommit(self._write_lines, self._thread)
        self._session: Connection | None = None
        self._backend: Row[Any] | None = None
        self._open_runs: dict[int, OpenRunRows] = {}

    def take(self, path: PurePath, day: date, id: str) -> OpenRunRows:  # noqa: A002 - its word
        """Return the run locked, with the exchanges that it has. Raises Busy, Tampered, StoreError."""
        return self._thread.submit(self._take, OpenRunRows(path, self, day, id)).result()

    def release(self, run: OpenRunRows) -> None:
        """Write what still waits and unlock the run."""
        self._thread.submit(self._release, run).result()

    def save(self, run: OpenRunRows, content: Run) -> None:
        """Write the run as it is now. Raises Busy and StoreError."""
        self._thread.submit(self._save, run, content).result()

    def remove(self, run: OpenRunRows) -> None:
        """Delete a locked run and its exchanges. Raises Busy and StoreError."""
        self._thread.submit(self._remove, run).result()

    def set_aside(self, path: PurePath, day: date, id: str) -> None:  # noqa: A002 - its word
        """Have a damaged run count as one that cannot go on. Raises Busy and StoreError."""
        self._thread.submit(self._set_aside, OpenRunRows(path, self, day, id)).result()

    async def write(self, line: Line) -> None:
        """Have `line` committed, with all that waits by then. Raises Busy and StoreError."""
        await self._lines.write(line)
        if line.fault is not None:
            raise line.fault

    def _take(self, run: OpenRunRows) -> OpenRunRows:
        if run.key in self._open_runs:
            raise _busy(run)
        try:
            self._in_session(lambda session: self._lock(session, run))
        except Tampered:
            self._unlock(run)
            raise
        self._open_runs[run.key] = run
        return run

    def _lock(self, session: Connection, run: OpenRunRows) -> None:
        if not _try_lock(session, run):
            raise _busy(run)
        run.digests.clear()
        for _, digest, exchange in read_rows(session, run.day, run.id):
            run.take_up(digest, exchange)

    def _release(self, run: OpenRunRows) -> None:
        self._lines.flush()
        del self._open_runs[run.key]
        self._unlock(run)

    def _unlock(self, run: OpenRunRows) -> None:
        if self._session is None:
            return
        try:
            self._session.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": run.key})
            self._session.commit()
        except SQLAlchemyError:
            self._drop()
        if not self._open_runs:
            self._leave()

    def _save(self, run: OpenRunRows, content: Run) -> None:
        def upsert(session: Connection) -> None:
            if run.lost is not None:
                raise run.lost
            values = {
                "task": content.inputs.task,
                "final": content.is_final,
                "document": write_run(content, tuple(run.digests)).decode(),
            }
            row = postgresql.insert(RUNS).values(day=run.day, id=run.id, **values)
            session.execute(row.on_conflict_do_update(index_elements=["day", "id"], set_=values))

        self._in_session(upsert)

    def _remove(self, run: OpenRunRows) -> None:
        def delete_rows(session: Connection) -> None:
            if run.lost is not None:
                raise run.lost
            for table in (EXCHANGES, RUNS):
                session.execute(delete(table).where(table.c.day == run.day, table.c.id == run.id))

        self._in_session(delete_rows)

    def _set_aside(self, run: OpenRunRows) -> None:
        if run.key in self._open_runs:
            raise _busy(run)

        def end(session: Connection) -> None:
            if not _try_lock(session, run):
                raise _busy(run)
            of_run = (RUNS.c.day == run.day) & (RUNS.c.id == run.id)
            session.execute(update(RUNS).where(of_run).values(final=True))

        try:
            self._in_session(end)
        finally:
            self._unlock(run)

    def _write_lines(self, lines: Sequence[Line]) -> None:
        for line in lines:
            line.run.sent[line.digest] = line
        try:
            self._in_session(lambda session: _insert(session, lines))
        except StoreError as error:
            for line in lines:
                line.fault = line.fault or (None if line.stored else error)
        else:
            for line in lines:
                if line.fault is None and not line.stored:
                    line.run.take_up(line.digest, line.exchange)

    def _in_session(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` comes to, committed, in the session that has the locks."""

        def attempt() -> T:
            session = self._open()
            try:
                done = work(session)
                session.commit()
            except SQLAlchemyError:
                self._drop()
                raise
            except (Busy, Tampered):
                session.rollback()
                raise
            return done

        return self._database.retry(attempt)

    def _open(self) -> Connection:
        if self._session is None:
            session = self._database.connect()
            try:
                self._end_old_session(session)
                for run in self._open_runs.values():
                    if run.lost is None:
                        _retake(session, run)
                session.commit()
            except BaseException:
                session.invalidate()
                session.close()
                raise
            self._session = session
        return self._session

    def _end_old_session(self, session: Connection) -> None:
        """End our lost session: the server may not know yet, and keep it with its locks."""
        if self._backend is not None:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid, :wait) FROM pg_stat_activity "
                    "WHERE pid = :pid AND backend_start = :start"
                ),
                {"wait": _END_MS, "pid": self._backend.pid, "start": self._backend.backend_start},
            )
        self._backend = session.execute(
            text("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        ).one()

    def _drop(self) -> None:
        """Forget the session; it may have died, and its locks with it."""
        if self._session is not None:
            with suppress(SQLAlchemyError):
                self._session.invalidate()
            self._session.close()
            self._session = None

    def _leave(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session, self._backend = None, None


def lock_key(path: PurePath) -> int:
    """Return the number of the lock on the run in a place."""
    name = hashlib.sha256(f"shipskip run {path}".encode()).digest()
    return int.from_bytes(name[:8], signed=True)


def read_rows(session: Connection, day: date, id: str) -> list[tuple[int, str, Exchange]]:  # noqa: A002
    """Return number, digest and exchange of each row of a run, in order. Raises Tampered."""
    found = []
    for number, row in enumerate(session.execute(_rows_of(day, id)), start=1):
        where = f"the exchange {row.number} of the run {day}/{id}"
        digest, exchange = read_exchange(where, row.line.encode())
        if (row.number, row.digest) != (number, digest):
            raise Tampered(
                f"{where}: it is not the one that was recorded as number {number}. "
                "Restore the table from a backup."
            )
        found.append((number, digest, exchange))
    return found


def _rows_of(day: date, id: str) -> Any:  # noqa: A002, ANN401 - a statement
    columns = (EXCHANGES.c.number, EXCHANGES.c.digest, EXCHANGES.c.line)
    of_run = (EXCHANGES.c.day == day) & (EXCHANGES.c.id == id)
    return select(*columns).where(of_run).order_by(EXCHANGES.c.number)


def _insert(session: Connection, lines: Sequence[Line]) -> None:
    rows: list[dict[str, object]] = []
    counts: dict[int, int] = {}
    for line in lines:
        run = line.run
        if run.lost is not None:
            line.fault = run.lost
        if line.stored or line.fault is not None:
            continue
        number = counts[run.key] = counts.get(run.key, len(run.digests)) + 1
        row = {"day": run.day, "id": run.id, "number": number}
        rows.append({**row, "digest": line.digest, "line": line.text})
    if rows:
        session.execute(insert(EXCHANGES), rows)


def _retake(session: Connection, run: OpenRunRows) -> None:
    """Lock a run again in a new session, or mark it as lost."""
    if not _try_lock(session, run):
        run.lost = _busy(run)
        return
    rows = session.execute(_rows_of(run.day, run.id)).all()
    known = len(run.digests)
    beyond = [row.digest for row in rows[known:]]
    same = [row.digest for row in rows[:known]] == run.digests
    if not same or not all(digest in run.sent for digest in beyond):
        run.lost = _busy(run)
        return
    for digest in beyond:  # their commit was done, though nobody was left to hear of it
        run.take_up(digest, run.sent[digest].exchange)


def _try_lock(session: Connection, run: OpenRunRows) -> bool:
    found = session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": run.key})
    return bool(found.scalar_one())


def _busy(run: OpenRunRows) -> Busy:
    return Busy(f"{run.path}: another process is at work on this run. Wait for it, or stop it.")
