"""How one process is the only batch on a ledger for a while: by a lock that dies with it."""

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from panel.errors import Busy, StoreError
from panel.store.advisory_locks import AdvisoryLock

_KEY = AdvisoryLock.BATCH.value
_LONGEST_RELEASE_S = 5.0
_BUSY = "another batch is at work on this ledger. Wait for it, or stop it."


class BatchLock(Protocol):
    """A lock on a whole ledger."""

    def take(self) -> None:
        """Take the lock. Raises Busy where another has it."""
        ...

    def renew(self) -> None:
        """Take the lock again where it was lost. Raises Busy where another has it by now."""
        ...

    def release(self) -> None:
        """Let the lock go."""
        ...


class FileLock:
    """A lock on `<ledger>.lock`: the system lets it go when the process ends, however it does."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger.with_name(f"{ledger.name}.lock")
        self._name = str(ledger)
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock. Raises Busy where another has it, and StoreError."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                raise
        except BlockingIOError as error:
            raise Busy(f"{self._name}: {_BUSY}") from error
        except OSError as error:
            raise StoreError(
                f"{self._path}: {error.strerror}. Make the file and its folder writable."
            ) from error
        self._handle = handle

    def renew(self) -> None:
        """Do nothing: the lock is not lost while the process lives."""

    def release(self) -> None:
        """Let the lock go; the file stays, for another may have opened it to wait."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _unlock(connection: Connection) -> None:
    # The server may notice only later that a connection has ended, so it is told first.
    with suppress(SQLAlchemyError):
        connection.execute(select(func.pg_advisory_unlock(_KEY)))
    with suppress(SQLAlchemyError):
        connection.close()


class SessionLock:
    """A lock of Postgres on a connection of its own: the server lets it go when that ends.

    It is lost when the server is started again; `renew` takes it anew.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._wanted = False
        self._connection: Connection | None = None
        self._turn = threading.Lock()

    def take(self) -> None:
        """Take the lock. Raises Busy where another has it, and what SQLAlchemy raises."""
        with self._turn:
            self._take()
            self._wanted = True

    def renew(self) -> None:
        """Take the lock again where it was lost. Raises Busy where another has it by now."""
        with self._turn:
            if self._wanted and not self._lives():
                self._drop()
                self._take()

    def release(self) -> None:
        """Let the lock go, which is free for others from then on.

        A server that does not answer is waited for a little: it lets the lock go when it finds that
        the connection has ended.
        """
        with self._turn:
            self._wanted = False
            connection, self._connection = self._connection, None
        if connection is not None:
            unlocking = threading.Thread(target=_unlock, args=(connection,), daemon=True)
            unlocking.start()
            unlocking.join(_LONGEST_RELEASE_S)

    def _take(self) -> None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            taking = select(func.pg_try_advisory_lock(_KEY))
            is_ours = connection.execute(taking).scalar_one()
        except BaseException:
            connection.close()
            raise
        if not is_ours:
            connection.close()
            raise Busy(f"{self._name}: {_BUSY}")
        self._connection = connection

    def _lives(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(select(1))
        except SQLAlchemyError:
            return False
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(SQLAlchemyError):
                connection.close()
