"""An open database: transactions that may be run again, and an end to foreign errors."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from panel.errors import ConfigError, StoreError
from panel.store.sql.batch_lock import BatchLock, FileLock, SessionLock
from panel.store.sql.faults import explain, is_passing, redact_url
from panel.store.sql.schema import JOURNAL_HEAD, METADATA, VERSION, VERSIONS

T = TypeVar("T")
PATIENCE_S: Final = 120.0
_AT_OPENING_S = 5.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
_BUSY_TIMEOUT_S = 20.0
_CREATING: Final = 0x5B1B_5C1E
_BEGIN: Final = "sqlite_begin"
_AGAIN: Final = "shipskip_again"
# A peer that vanished without a word is found out within a minute, on both sides.
_KEEPALIVE = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
_SERVER_OPTIONS: Final = " ".join(
    [f"-c tcp_{name}={seconds}" for name, seconds in _KEEPALIVE.items()]
    + ["-c idle_in_transaction_session_timeout=60s"]
)


class Database:
    """A ledger's database; may be used from any thread.

    A transaction that breaks because Postgres went away is run again on a new connection, for
    `patience_s` in all, so whoever writes one makes it right to run it twice: its commit may have
    been done though nobody was left to say so.
    """

    def __init__(
        self, engine: Engine, name: str, *, holding: BatchLock, secret: str = "", patience_s: float
    ) -> None:
        self.engine = engine
        self.name = name
        self._holding = holding
        self._secret = secret
        self._patience_s = patience_s
        # SQLite's own wait for the other writer sleeps; threads of one process need not.
        self._one_writer: AbstractContextManager[Any] = (
            threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` finds in one transaction. Raises StoreError and Busy."""
        return self._insist(work, "BEGIN", self._patience_s)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` came to, committed. Raises StoreError and Busy."""
        with self._one_writer:
            return self._insist(work, "BEGIN IMMEDIATE", self._patience_s)

    def try_writing(self, work: Callable[[Connection], object]) -> None:
        """Do `work` as if it were to be written, and take it back. Raises StoreError and Busy."""

        def undone(connection: Connection) -> None:
            work(connection)
            connection.rollback()

        self.write(undone)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one holder of this database for a while. Raises Busy where another is."""
        with self._translated():
            self._holding.take()
        try:
            yield
        finally:
            self._holding.release()

    def prepare(self) -> None:
        """Make the tables where they are missing. Raises StoreError where they are too new."""
        patience = min(self._patience_s, _AT_OPENING_S)  # an address may just be wrong
        if not self._insist(self._is_prepared, "BEGIN", patience):
            self._insist(self._create, "BEGIN IMMEDIATE", patience)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def _insist(self, work: Callable[[Connection], T], begin: str, patience_s: float) -> T:
        until, wait, again = time.monotonic() + patience_s, _FIRST_WAIT_S, False
        while True:
            try:
                if again:
                    self._holding.renew()
                with self.engine.connect() as plain:
                    connection = plain.execution_options(**{_BEGIN: begin, _AGAIN: again})
                    with connection.begin():
                        return work(connection)
            except SQLAlchemyError as error:
                if not is_passing(error) or time.monotonic() + wait > until:
                    raise explain(error, self.name, self._secret) from error
            again = True
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise explain(error, self.name, self._secret) from error

    def _is_prepared(self, connection: Connection) -> bool:
        if not inspect(connection).has_table(VERSIONS.name):
            return False
        found = connection.execute(select(VERSIONS.c.version)).scalar_one()
        if found > VERSION:
            raise StoreError(
                f"{self.name}: it was written by a newer Shipskip (tables of version {found}, this "
                f"one knows {VERSION}). Install that one, or name another ledger."
            )
        return True

    def _create(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        if self._is_prepared(connection):
            return
        METADATA.create_all(connection)
        connection.execute(insert(JOURNAL_HEAD).values(id=1, number=0, chain=""))
        connection.execute(insert(VERSIONS).values(id=1, version=VERSION))


def is_again(connection: Connection) -> bool:
    """Tell whether this transaction was tried before, and may have been committed then."""
    return bool(connection.get_execution_options().get(_AGAIN))


def open_database(address: str | Path, *, patience_s: float = PATIENCE_S) -> Database:
    """Return the database of a file, or of a `postgresql://` address, with its tables made.

    Raises ConfigError for an address that is none, StoreError and Busy.
    """
    if isinstance(address, str) and "://" in address:
        database = _open_postgres(address, patience_s)
    else:
        database = _open_sqlite(Path(address), patience_s)
    try:
        database.prepare()
    except BaseException:
        database.close()
        raise
    return database


def _open_sqlite(file: Path, patience_s: float) -> Database:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{file.parent}: {error.strerror}. Name a folder that can be written to."
        ) from error
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(file)),
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
        pool_size=4,
        max_overflow=60,
        pool_timeout=patience_s,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return Database(engine, str(file), holding=FileLock(file), patience_s=patience_s)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log; SQLite does not wait by itself where two begin that at once."""
    until = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _open_postgres(address: str, patience_s: float) -> Database:
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra, and 0.1 s
    except ImportError as error:
        raise ConfigError(
            "Postgres needs more packages: pip install 'shipskip[postgres]'"
        ) from error
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise no_address() from error
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise no_address()
    url = url.set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"connect_args": _connect_args(url), "hide_parameters": True}
    engine = create_engine(url, pool_size=4, max_overflow=8, pool_timeout=patience_s, **options)
    alone: Engine = create_engine(url, poolclass=NullPool, **options)
    name = redact_url(url)
    return Database(
        engine,
        name,
        holding=SessionLock(alone, name),
        secret=str(url.password or ""),
        patience_s=patience_s,
    )


def _connect_args(url: URL) -> dict[str, Any]:
    """Return what to ask the server for, where the address does not say it itself."""
    given = {
        "application_name": "shipskip",
        "connect_timeout": 10,
        "tcp_user_timeout": 30_000,
        **_KEEPALIVE,
    }
    own = {name: value for name, value in given.items() if name not in url.query}
    options = (_SERVER_OPTIONS, url.query.get("options"))
    return {**own, "options": " ".join(str(option) for option in options if option)}


def no_address() -> ConfigError:
    """Return the error of an address that is none of a Postgres."""
    return ConfigError(
        "database_url: it is no address of a Postgres. "
        "Write postgresql://USER:PASSWORD@HOST/DATABASE."
    )
