"""How connections to SQLite and to Postgres are set up."""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, NullPool, create_engine, event

from panel.store.postgres import KEEPALIVE, needs_packages

_BUSY_TIMEOUT_S = 20.0
_CACHE_KB: Final = 256
_SERVER_OPTIONS: Final = " ".join(
    [f"-c tcp_{name}={seconds}" for name, seconds in KEEPALIVE.items()]
    + ["-c idle_in_transaction_session_timeout=60s"]
)


def sqlite_engine(file: Path, *, pool_timeout_s: float) -> Engine:
    """Return an engine on a file, made where it is missing."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(file)),
        # No implicit BEGIN of the driver: reads need none, and writes say BEGIN IMMEDIATE. A plain
        # BEGIN takes the lock at the first write only, and fails where another process wrote since.
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
        pool_size=4,
        max_overflow=60,
        pool_timeout=pool_timeout_s,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        # With a write-ahead log readers and the one writer do not wait for each other.
        _write_ahead(connection)
        # FULL syncs the log at each commit. NORMAL would lose the last commits in a power cut, and
        # a job whose run the ledger has forgotten is paid for again.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cell_size_check=ON")  # a damaged page is found when it is read
        # Of 2 MB as a rule, which each connection would fill as the night's rows come in.
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")

    return engine


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


def postgres_engines(url: URL, *, pool_timeout_s: float) -> tuple[Engine, Engine]:
    """Return an engine with a pool, and one whose connections are each for one lock.

    Nothing is connected yet. Raises ConfigError where the driver is not installed.
    """
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra, and 0.1 s
    except ImportError as error:
        raise needs_packages() from error
    url = url.set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"connect_args": _connect_args(url), "hide_parameters": True}
    pooled = create_engine(url, pool_size=4, max_overflow=8, pool_timeout=pool_timeout_s, **options)
    return pooled, create_engine(url, poolclass=NullPool, **options)


def _connect_args(url: URL) -> dict[str, Any]:
    """Return what to ask the server for, where the address does not say it itself."""
    given = {
        "application_name": "shipskip",
        "connect_timeout": 10,
        "tcp_user_timeout": 30_000,
        **KEEPALIVE,
    }
    own = {name: value for name, value in given.items() if name not in url.query}
    options = (_SERVER_OPTIONS, url.query.get("options"))
    return {**own, "options": " ".join(str(option) for option in options if option)}
