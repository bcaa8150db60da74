"""What a database's own errors mean, in the one place where they become ours."""

import sqlite3
from pathlib import PurePath
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from panel.errors import Busy, PanelError, StoreError, UnreadableRow

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_GONE: Final = ("57P01", "57P02", "57P03", "57P05", "25P03", "08")
_COLLIDED: Final = ("40001", "40P01")
_TOO_MANY: Final = "53300"
_SAY_AGAIN = "Then run the same command again: what is written stays."
# A log that is left beside another file is applied to it: the three go together.
_ANEW: Final = (
    "Take {0}, {0}-wal and {0}-shm away together, then put a backup in place as {0}. Without the old "
    "ledger every tool is new again, and is reviewed again."
)
_NEXT: Final = {
    sqlite3.SQLITE_FULL: f"Free some space. {_SAY_AGAIN}",
    sqlite3.SQLITE_IOERR: f"Check the disk. {_SAY_AGAIN}",
    sqlite3.SQLITE_READONLY: (
        f"Make {{0}}, {{0}}-wal, {{0}}-shm and their folder writable. {_SAY_AGAIN}"
    ),
    sqlite3.SQLITE_CANTOPEN: (
        f"Make {{0}}, {{0}}-wal, {{0}}-shm and their folder readable and writable. {_SAY_AGAIN}"
    ),
    sqlite3.SQLITE_NOTADB: _ANEW,
    sqlite3.SQLITE_CORRUPT: _ANEW,
}
_ON_SERVER = f"Check that the server runs and lets you in. {_SAY_AGAIN}"
_OTHERWISE = f"{_SAY_AGAIN} If it is damaged: {_ANEW[0].lower()}{_ANEW[1:]}"


class Unreadable(Exception):
    """What a row holds is not what was written; the text names the row. Never leaves `store.sql`."""


class Unavailable(StoreError):
    """A server that did not come back in time: whatever else is asked of it would fail as well."""


def is_outage(error: BaseException) -> bool:
    """Tell whether a new connection may do what this one could not: a Postgres that went away."""
    if not isinstance(error, DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # the library's own: nobody was there to send a state
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith((*_GONE, *_COLLIDED, _TOO_MANY))


def is_undecodable(error: BaseException) -> bool:
    """Tell whether a text in a file is no UTF-8: its library's message has all of that text in it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, sqlite3.OperationalError) and not hasattr(cause, "sqlite_errorcode")


def explain(error: SQLAlchemyError | sqlite3.Error, name: str, secret: str = "") -> PanelError:
    """Return the error to raise: one line of what, why and what to do next, without `secret`."""
    if is_undecodable(error):
        return unreadable(name, Unreadable("some of it"))
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = _first_line(cause or error)
    if secret:
        why = why.replace(secret, "***")
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Busy(f"{name}: another process is writing to it. Wait for it, or stop it.")
        do_next = _NEXT.get(code, _OTHERWISE).format(PurePath(name).name)
        return StoreError(f"{name}: {why}. {do_next}")
    kind = Unavailable if isinstance(error, SQLAlchemyError) and is_outage(error) else StoreError
    return kind(f"{name}: {why}. {_ON_SERVER}")


def unreadable(name: str, error: Unreadable) -> UnreadableRow:
    """Return the error to raise for a row of the database `name` that cannot be read."""
    return UnreadableRow(
        f"{name}: {error} cannot be read; it was changed by hand, by another Shipskip, or damaged. "
        "Restore the ledger from a backup."
    )


def damaged_log(name: str, at: int) -> StoreError:
    """Return the error to raise where the log of the file `name` is damaged at byte `at`."""
    file = PurePath(name).name
    return StoreError(
        f"{name}-wal: it is damaged at byte {at}, and what was written since would be forgotten. "
        f"{_ANEW.format(file)}"
    )


def _first_line(error: BaseException) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__).rstrip(".")
