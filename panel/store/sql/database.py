"""An open database: transactions that are run again after an outage, and errors of one kind."""

import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from panel.domain.addresses import redact_url
from panel.errors import ConfigError, StoreError
from panel.store.atomic_write import alone_in, write_alone
from panel.store.disk_errors import translated
from panel.store.sql.batch_lock import BatchLock, FileLock, SessionLock
from panel.store.sql.engines import postgres_engines, sqlite_engine
from panel.store.sql.faults import Unreadable, damaged_log, explain, is_outage, unreadable
from panel.store.sql.preparation import Schema, has_tables, make_tables
from panel.store.sql.schema import LEDGER
from panel.store.sql.shared_tables import SHARED
from panel.store.sql.write_ahead_log import find_damage

T = TypeVar("T")
PATIENCE_S: Final = 120.0
_AT_OPENING_S: Final = 5.0
_BESIDE: Final = ("journal", "shm", "wal")
_PUT_BACK: Final = "Put a backup in its place, or take it away to begin anew."
_AGAIN: Final = "shipskip_again"


class Database:
    """A database with the tables of `schema`; may be used from any thread.

    A transaction that breaks because Postgres went away is run again on a new connection, for
    `patience_s` in all. So whatever is written has to be idempotent: its first commit may have been
    done though the connection broke before the answer came.

    Reads run as READ COMMITTED on Postgres, and each is one statement, so none sees half of a
    transaction. Writes take a lock first (BEGIN IMMEDIATE on SQLite; on Postgres a row or an advisory
    lock, see `journal` and `shared_budget`), so that none works on what another is just changing.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        schema: Schema,
        *,
        batch_lock: BatchLock,
        address: str = "",
        secret: str = "",
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.engine = engine
        self.name = name
        self.address = address
        self._schema = schema
        self._batch_lock = batch_lock
        self._secret = secret
        self._patience_s = patience_s
        self._preparing = Lock()
        self._is_prepared = False
        self._begin = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else None
        # Whoever forgets this object, or leaves the process, leaves no session behind.
        weakref.finalize(self, engine.dispose)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work`, one statement, finds. Raises StoreError and Busy."""
        self.prepare()
        return self._run(work, self._patience_s, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` came to, committed. Raises StoreError and Busy."""
        self.prepare()
        return self._run(work, self._patience_s, writes=True)

    def try_writing(self, work: Callable[[Connection], object]) -> None:
        """Do `work` as if it were to be written, and take it back. Raises StoreError and Busy."""

        def undone(connection: Connection) -> None:
            work(connection)
            connection.rollback()

        self.write(undone)

    def connect(self) -> Connection:
        """Return a session of one's own. Raises SQLAlchemyError and StoreError."""
        self.prepare()
        return self.engine.connect()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one batch on this database for a while. Raises Busy where another is.

        An SQLite file is read whole first, so that a damaged one raises StoreError before anything is
        written to it. Postgres checks its pages itself, where its data checksums are on.
        """
        with self._translated():
            self._batch_lock.take()
        try:
            if self.engine.dialect.name == "sqlite":
                self.read(_check_integrity)
            yield
        finally:
            self._batch_lock.release()

    def prepare(self) -> None:
        """Make the tables of a new database, and check those of one that has them, once.

        Raises StoreError where they are of another version or damaged: nothing is written then. A
        server that never answered is not waited for long, since its address may be wrong.
        """
        if self._is_prepared:
            return
        with self._preparing:
            if not self._is_prepared:
                patience = min(self._patience_s, _AT_OPENING_S)
                has, make = (
                    partial(step, schema=self._schema, name=self.name)
                    for step in (has_tables, make_tables)
                )
                if not self._run(has, patience, writes=False):
                    self._run(make, patience, writes=True)
                self._is_prepared = True

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def retry(self, attempt: Callable[[], T]) -> T:
        """Return what `attempt` comes to; it is made again while the server is away.

        Raises StoreError.
        """
        return self._retry(attempt, self._patience_s)

    def _retry(self, attempt: Callable[[], T], patience_s: float) -> T:
        with self._translated():
            try:
                return attempt()
            except SQLAlchemyError as error:  # often a pooled connection that an outage has ended
                if not is_outage(error):
                    raise
            from panel.store.outage_retry import OutageRetry  # noqa: PLC0415 - only an outage needs it

            return OutageRetry(is_outage, patience_s=patience_s).call(attempt)

    def _run(self, work: Callable[[Connection], T], patience_s: float, *, writes: bool) -> T:
        is_again = False

        def attempt() -> T:
            nonlocal is_again
            if is_again:
                self._batch_lock.renew()
            with self.engine.connect() as connection:
                if is_again:
                    connection.execution_options(**{_AGAIN: True})
                is_again = True
                if not writes:
                    return work(connection)
                if self._begin is not None:
                    connection.exec_driver_sql(self._begin)
                done = work(connection)
                connection.commit()
                return done

        return self._retry(attempt, patience_s)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise explain(error, self.name, self._secret) from error
        except UnicodeDecodeError as error:  # SQLite's own message has a damaged byte in it
            raise unreadable(self.name, Unreadable("its schema")) from error
        except Unreadable as error:
            raise unreadable(self.name, error) from error


def _check_integrity(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if found != "ok":
        raise Unreadable(f"it is damaged ({' '.join(str(found).split())[:160]}): some of it")


def is_again(connection: Connection) -> bool:
    """Tell whether this transaction was tried before, and may have been committed then."""
    return bool(connection.get_execution_options().get(_AGAIN))


def open_ledger_database(address: str | Path, *, patience_s: float = PATIENCE_S) -> Database:
    """Return the database of a file, or of a `postgresql://` address, with the ledger's tables.

    Raises ConfigError for an address that is none, StoreError and Busy.
    """
    return open_database(address, LEDGER, patience_s=patience_s)


def open_database(
    address: str | Path, schema: Schema, *, patience_s: float = PATIENCE_S
) -> Database:
    """Return the database of a file, or of a `postgresql://` address, with the tables of `schema`.

    Raises ConfigError for an address that is none, StoreError and Busy.
    """
    if isinstance(address, str) and "://" in address:
        database = _postgres(address, schema, patience_s)
    else:
        database = _sqlite(Path(address), schema, patience_s)
    try:
        database.prepare()
    except BaseException:
        database.close()
        raise
    return database


def open_shared_database(address: str, *, patience_s: float = PATIENCE_S) -> Database:
    """Return the Postgres database that many machines share; it is connected to when first used.

    Raises ConfigError for an address that is none.

    `open_shared_database("postgresql://user:password@host/shipskip")`
    """
    return _postgres(address, SHARED, patience_s)


def _sqlite(file: Path, schema: Schema, patience_s: float) -> Database:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{file.parent}: {error.strerror}. Name a folder that can be written to."
        ) from error
    _check_file(file)
    # Before SQLite opens it: whoever closes it last deletes the log, and all that could be saved.
    if (damage := find_damage(file)) is not None:
        raise damaged_log(str(file), damage)
    engine = sqlite_engine(file, pool_timeout_s=patience_s)
    return Database(engine, str(file), schema, batch_lock=FileLock(file), patience_s=patience_s)


def _check_file(file: Path) -> None:
    """Begin a new database where none is. Raises StoreError where one cannot be read there.

    A new one comes into being with its header, so that a file without it has lost what it held.
    """
    for beside in (file.with_name(f"{file.name}-{kind}") for kind in _BESIDE):
        if os.path.lexists(beside) and not beside.is_file():  # SQLite would wait for a pipe
            raise StoreError(f"{beside}: it is no file. Take it away; {file.name} stays.")
    log = _log(
        file
    )  # looked for first: another process may be making the database, and then its log
    if not os.path.lexists(file):
        if log is not None:
            raise StoreError(
                f"{file}: it is gone, and its log {log} is there. "
                "Put a backup in the place of both, or take the log away to begin anew."
            )
        _begin(file)
    elif not file.exists():
        raise StoreError(f"{file}: it leads nowhere. {_PUT_BACK}")
    elif not file.is_file():
        raise StoreError(f"{file}: it is no file. {_PUT_BACK}")
    elif not file.stat().st_size:
        if log is not None:
            raise StoreError(
                f"{file}: it is empty, and its log {log} is there. "
                "Put a backup in the place of both, or take both away to begin anew."
            )
        raise StoreError(f"{file}: it is empty: what it held is lost. {_PUT_BACK}")


def _log(file: Path) -> str | None:
    """Return the name of the log of `file` where it holds something."""
    log = file.with_name(f"{file.name}-wal")
    try:
        return log.name if log.stat().st_size else None
    except OSError:  # whoever closes the database last deletes it
        return None


def _begin(file: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA user_version = 0")
        header = connection.serialize()
    with translated(file), alone_in(file.parent):
        if not os.path.lexists(file):  # else another process was faster
            write_alone(file, header)


def _postgres(address: str, schema: Schema, patience_s: float) -> Database:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise _no_address() from error
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise _no_address()
    engine, lock_engine = postgres_engines(url, pool_timeout_s=patience_s)
    name = redact_url(url.set(drivername="postgresql").render_as_string())
    options: dict[str, Any] = {"address": address, "secret": str(url.password or "")}
    lock = SessionLock(lock_engine, name)
    return Database(engine, name, schema, batch_lock=lock, patience_s=patience_s, **options)


def _no_address() -> ConfigError:
    return ConfigError(
        "database_url: it is no address of a Postgres. "
        "Write postgresql://USER:PASSWORD@HOST/DATABASE."
    )
