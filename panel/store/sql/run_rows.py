"""Runs in Postgres: the bytes of `run.json` and `exchanges.jsonl`, one exchange a row."""

from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path, PurePath

from sqlalchemy import ColumnElement, func, select, text

from panel.domain.run import Run
from panel.domain.run_document import Changes, Damaged, Recording, digest_of, read_run
from panel.errors import StoreError, Tampered
from panel.store.sql.database import Database, open_shared_database
from panel.store.sql.run_writer import OpenRunRows, RunWriter, lock_key, read_rows
from panel.store.sql.shared_tables import EXCHANGES, RUNS

# https://www.postgresql.org/docs/current/view-pg-locks.html: how a lock on one number of 64 bits stands
# there.
_IS_LOCKED = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
          AND classid = CAST(:high AS oid) AND objid = CAST(:low AS oid)
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


class RunRows:
    """All runs of a database. A place is `<date>/<id>`, and no file.

    `beside` is the folder for what a person writes by hand: prompts to paste and their answers.
    """

    def __init__(self, database: Database, beside: Path) -> None:
        self._database = database
        self._beside = beside
        self._writer = RunWriter(database)

    @classmethod
    def open(cls, address: str, *, beside: Path) -> "RunRows":
        """Return the runs of the database at `address`; nothing is connected yet."""
        return cls(open_shared_database(address), beside)

    @property
    def name(self) -> str:
        """The database's address without its password, for a message."""
        return self._database.name

    def place(self, run: Run) -> PurePath:
        """Return the place of `run`."""
        return PurePath(run.inputs.date.isoformat(), run.id)

    def beside(self, path: PurePath) -> Path:
        """Return the folder for what a person writes to a run by hand."""
        return self._beside / path

    def find(self, day: date, id: str) -> PurePath | None:  # noqa: A002 - its word
        """Return the place of the run of that date and id, if it was ever saved."""
        path = PurePath(day.isoformat(), id)
        return path if self._document(path) is not None else None

    def at(self, name: str) -> PurePath | None:
        """Return the place that is written `<date>/<id>`, if a run was saved there."""
        path = PurePath(name)
        return path if _of(path) is not None and self._document(path) is not None else None

    def paths(self) -> list[PurePath]:
        """Return the places of all runs, oldest date first."""
        wanted = select(RUNS.c.day, RUNS.c.id).order_by(RUNS.c.day, RUNS.c.id.collate("C"))
        rows = self._database.read(lambda session: session.execute(wanted).all())
        return [PurePath(row.day.isoformat(), row.id) for row in rows]

    def watch(self) -> "RowWatch":
        """Return what tells which runs have changed, by the versions of their rows."""
        return RowWatch(self._database)

    def version(self, path: PurePath) -> str:
        """Return the version of the run's row and the number of its exchanges."""
        day, name = path.parts[0], path.name
        counted = (
            select(func.count())
            .select_from(EXCHANGES)
            .where(EXCHANGES.c.day == date.fromisoformat(day), EXCHANGES.c.id == name)
            .scalar_subquery()
        )
        wanted = select(text("runs.xmin::text AS version"), counted.label("exchanges")).where(
            RUNS.c.day == date.fromisoformat(day), RUNS.c.id == name
        )
        row = self._database.read(lambda session: session.execute(wanted).first())
        return "" if row is None else f"{row.version}:{row.exchanges}"

    def load(self, path: PurePath) -> Recording:
        """Return the recording in the place `path`. Raises StoreError, and Tampered by name.

        A run that can go on may hold more exchanges than its document knows of; a final one may not.
        """
        run, digests, _ = self._run(path)
        rows = self._database.read(lambda session: read_rows(session, run.inputs.date, run.id))
        known = rows if run.is_final else rows[: len(digests)]
        if tuple(digest for _, digest, _ in known) != digests:
            raise Tampered(
                f"{path}: its exchanges are not the {len(digests)} that the run was written with. "
                "Restore both tables from a backup."
            )
        return Recording(path, run, tuple(exchange for *_, exchange in rows))

    def read(self, path: PurePath) -> Run:
        """Return the run in the place `path` without its exchanges."""
        return self._run(path)[0]

    def read_with_digest(self, path: PurePath) -> tuple[Run, str]:
        """Return the run in the place `path` and the digest of its document."""
        run, _, digest = self._run(path)
        return run, digest

    def unfinished(self, task: str) -> PurePath | None:
        """Return the newest run of the same task that can go on, if there is one.

        A damaged one is passed over.
        """
        wanted = (
            select(RUNS.c.day, RUNS.c.id)
            .where(RUNS.c.task == task, RUNS.c.final.is_(False))
            .order_by(RUNS.c.day.desc(), RUNS.c.id.collate("C").desc())
        )
        for row in self._database.read(lambda session: session.execute(wanted).all()):
            path = PurePath(row.day.isoformat(), row.id)
            with suppress(Tampered):
                self.read(path)
                return path
        return None

    def missing(self) -> tuple[Damaged, ...]:
        """Return nothing: a database has no manifest, and its backups are whole."""
        return ()

    def remove(self, path: PurePath, at: datetime, archive: str | None = None) -> None:  # noqa: ARG002 - a folder's manifest has them
        """Delete a run and its exchanges. Raises Busy and StoreError."""
        day, id_ = date.fromisoformat(path.parts[0]), path.name
        locked = self._writer.take(path, day, id_)
        try:
            self._writer.remove(locked)
        finally:
            self._writer.release(locked)

    def finish_removals(self) -> None:
        """Do nothing: a run and its exchanges go in one transaction."""

    def set_aside(self, path: PurePath) -> PurePath:
        """Return `path`: damaged rows stay where they are, and nobody goes on with that run.

        Who begins it anew does so under another id. Raises Busy and StoreError.
        """
        self._writer.set_aside(path, date.fromisoformat(path.parts[0]), path.name)
        return path

    def damaged(self) -> list[PurePath]:
        """Return nothing: damaged rows stay where they are."""
        return []

    @contextmanager
    def lock(self, run: Run) -> Iterator[OpenRunRows]:
        """Yield the run with this process as its one writer.

        Raises Busy where another process has it, and StoreError. See RunWriter for what happens where
        the connection is lost meanwhile.
        """
        locked = self._writer.take(self.place(run), run.inputs.date, run.id)
        try:
            yield locked
        finally:
            self._writer.release(locked)

    def is_at_work(self, path: PurePath) -> bool:
        """Tell whether a process has locked the run in a place at this moment."""
        # Read and not tried: a lock of the asker's own would keep a writer out who begins just then.
        key = lock_key(path) & 0xFFFF_FFFF_FFFF_FFFF
        asked = text(_IS_LOCKED).bindparams(high=key >> 32, low=key & 0xFFFF_FFFF)
        return bool(self._database.read(lambda session: session.execute(asked).scalar_one()))

    def _run(self, path: PurePath) -> tuple[Run, tuple[str, ...], str]:
        document = self._document(path)
        if document is None:
            raise StoreError(f"{path}: no such run in {self.name}. Look in `shipskip runs list`.")
        run, digests = read_run(f"the run {path}", document.encode())
        if self.place(run) != path:
            raise Tampered(
                f"the run {path}: its row holds {self.place(run)}. Restore the table from a backup."
            )
        return run, digests, digest_of(document.encode())

    def _document(self, path: PurePath) -> str | None:
        where = _of(path)
        if where is None:
            return None
        wanted = select(RUNS.c.document).where(where)
        return self._database.read(lambda session: session.execute(wanted).scalar_one_or_none())


class RowWatch:
    """Tells which runs of a database are new, changed or gone: Postgres numbers a row's versions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions: dict[PurePath, str] = {}

    def poll(self, settled: Container[PurePath] = ()) -> Changes:  # noqa: ARG002 - one query has all
        """Return what has changed since the last call; the first has every run as changed."""
        wanted = select(RUNS.c.day, RUNS.c.id, text("runs.xmin::text AS version"))
        rows = self._database.read(lambda session: session.execute(wanted).all())
        now = {PurePath(row.day.isoformat(), row.id): str(row.version) for row in rows}
        before, self._versions = self._versions, now
        changed = (path for path, version in now.items() if before.get(path) != version)
        return Changes(frozenset(changed), frozenset(before.keys() - now.keys()))


def _of(path: PurePath) -> ColumnElement[bool] | None:
    """Return what tells the row of a place, None where it is not written as one."""
    if len(path.parts) != 2:  # noqa: PLR2004 - a date and an id
        return None
    try:
        day = date.fromisoformat(path.parts[0])
    except ValueError:
        return None
    return (RUNS.c.day == day) & (RUNS.c.id == path.parts[1])
