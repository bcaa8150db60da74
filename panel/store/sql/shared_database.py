"""The database that many machines share: opened when first needed, waited for when it goes away."""

import time
import weakref
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection, func, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from panel.store.sql.engine import PATIENCE_S, Database, no_address, open_database
from panel.store.sql.faults import explain, is_passing, redact_url
from panel.store.sql.shared_tables import SHARED

T = TypeVar("T")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
# Two processes never make the tables at once. Advisory locks are counted by database.
_MAKING_TABLES = 0x5B1B_5C20


class SharedDatabase:
    """A Postgres database by its address; the shared tables are made where they are missing.

    A server that never answered is not waited for, since its address may be wrong; one that went
    away is, for `patience_s`.
    """

    def __init__(self, address: str, *, patience_s: float = PATIENCE_S) -> None:
        try:
            url = make_url(address)
        except (ArgumentError, ValueError) as error:
            raise no_address() from error
        self.name = redact_url(url)
        self._secret = str(url.password or "")
        self.address = address
        self._patience_s = patience_s
        self._opening = Lock()
        self._opened: Database | None = None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in one transaction. Raises StoreError."""
        return self._database().read(work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` came to, committed; it is right to do it twice. Raises StoreError."""
        return self._database().write(work)

    def connect(self) -> Connection:
        """Return a session of one's own. Raises SQLAlchemyError and StoreError."""
        return self._database().engine.connect()

    def insist(self, attempt: Callable[[], T]) -> T:
        """Return what `attempt` comes to; it is made again while the server is away.

        Raises StoreError.
        """
        until, wait = time.monotonic() + self._patience_s, _FIRST_WAIT_S
        while True:
            try:
                return attempt()
            except SQLAlchemyError as error:
                if not is_passing(error) or time.monotonic() + wait > until:
                    raise explain(error, self.name, self._secret) from error
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _database(self) -> Database:
        with self._opening:
            if self._opened is None:
                database = open_database(self.address, patience_s=self._patience_s)
                # Who forgets this object, or leaves the process, leaves no session behind.
                weakref.finalize(self, database.close)
                database.write(self._make_tables)
                self._opened = database
        return self._opened

    def _make_tables(self, connection: Connection) -> None:
        connection.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))
        SHARED.create_all(connection)
