"""A ledger of an older Shipskip brought up to the tables of this one, in one transaction.

Of a file a copy is kept beside it first; of a Postgres its own back-ups have one. alembic is imported
here and nowhere else, so that only an upgrade pays for it.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, update

from panel.errors import StoreError
from panel.store.atomic_write import sync_folder
from panel.store.disk_errors import store_error
from panel.store.sql.faults import explain
from panel.store.sql.migrations import STEPS
from panel.store.sql.preparation import Schema, Version, has_tables

_LOG: Final = logging.getLogger(__name__)
_KEEP_NEXT: Final = "Nothing was changed. Free some space, then run the same command again."


def bring_up(connection: Connection, schema: Schema, known: Version, found: int, name: str) -> None:
    """Change the tables of version `found` to those of `schema`, whose version is `known`.

    It is done in the transaction of `connection`. `name` is the database's: the file of an SQLite one,
    of which a copy is kept beside it. Raises StoreError where the tables are not as they should be
    then, or no copy can be written; whoever takes the transaction back has the ledger as it was.
    """
    op = Operations(MigrationContext.configure(connection))
    for version in range(found + 1, known.number + 1):
        STEPS[version](op)
    connection.execute(update(known.table).values(version=known.number))
    has_tables(connection, schema, name)
    copy = _keep_copy(Path(name), found) if connection.dialect.name == "sqlite" else None
    kept = f"; as it was, it is kept in {copy}" if copy else ""
    _LOG.warning("%s: brought from tables of version %d to %d%s", name, found, known.number, kept)


def _keep_copy(file: Path, version: int) -> Path:
    """Return a copy of the ledger as it was committed last, beside it. Raises StoreError.

    The transaction that asks for it has the lock of the writers, so that nobody changes it meanwhile.
    """
    copy = _free_name(file, version)
    draft = copy.with_name(f".{copy.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(draft)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        draft.replace(copy)
        sync_folder(copy.parent)
    except OSError as error:
        raise store_error(copy, error, _KEEP_NEXT) from error
    except sqlite3.Error as error:
        draft.unlink(missing_ok=True)
        raise StoreError(f"{explain(error, str(copy))} {_KEEP_NEXT}") from error
    return copy


def _free_name(file: Path, version: int) -> Path:
    """Return a name beside `file` that nothing has: `ledger.db.version-1`, then `...-1.2`."""
    number, name = 1, f"{file.name}.version-{version}"
    while (copy := file.with_name(name)).exists():
        number += 1
        name = f"{file.name}.version-{version}.{number}"
    return copy
