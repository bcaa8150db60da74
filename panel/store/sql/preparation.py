"""How the tables of a database are made, and checked before anything is written to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, func, insert, select

from panel.errors import StoreError
from panel.store.advisory_locks import AdvisoryLock

_COLUMNS: Final = {
    "sqlite": (
        "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table'"
    ),
    "postgresql": (
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = ANY (current_schemas(false))"
    ),
}


@dataclass(frozen=True)
class Schema:
    """Tables that are made together.

    `first_rows` are the rows that some tables have from the beginning. `version` is a table with the
    version of all of them in its one row, if there is one, and `older` has the versions that can be
    brought up to this one. Two processes never make the tables at once: on Postgres by an advisory
    lock.
    """

    metadata: MetaData
    lock: AdvisoryLock
    first_rows: Mapping[Table, Mapping[str, Any]]
    version: Table | None = None
    older: frozenset[int] = frozenset()

    @property
    def version_number(self) -> int:
        """The version that this Shipskip knows."""
        assert self.version is not None  # noqa: S101 - typing
        return int(self.first_rows[self.version]["version"])


def has_tables(connection: Connection, schema: Schema, name: str) -> bool:
    """Tell whether the tables of this Shipskip are there. Nothing is written.

    Those of an older one that can be brought up are not. Raises StoreError where they are of a newer
    one, or not as they should be. `name` is the database's, for the error.
    """
    found = _columns(connection)
    if found.keys().isdisjoint(schema.metadata.tables):
        return False
    version = _version(connection, schema, found)
    if version in schema.older:
        return False
    if version is not None:
        _check_version(version, schema, name)
        found = _columns(connection)  # no older than the version, which another process may change
    faults = [fault for table in schema.metadata.sorted_tables for fault in _lacks(table, found)]
    faults += [
        f"the table {table.name} has no row"
        for table in schema.first_rows
        if not faults and connection.execute(select(table.c.id).limit(1)).first() is None
    ]
    if faults:
        raise StoreError(
            f"{name}: {faults[0]}; it was changed by hand or by another program, and nothing is "
            "written to it. Restore it from a backup."
        )
    return True


def make_tables(connection: Connection, schema: Schema, name: str) -> None:
    """Make the tables, or bring up those of an older Shipskip, unless another process was faster.

    Raises StoreError as `has_tables` does.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(schema.lock.value)))
    if has_tables(connection, schema, name):
        return
    if (version := _version(connection, schema, _columns(connection))) is not None:
        from panel.store.sql.upgrade import bring_up  # noqa: PLC0415 - 0.9 s, and seldom needed

        bring_up(connection, schema, version, name)
        return
    schema.metadata.create_all(connection)
    for table, row in schema.first_rows.items():
        connection.execute(insert(table).values(**row))


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of each table that is there."""
    found: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(_COLUMNS[connection.dialect.name]):
        found.setdefault(table, set()).add(column)
    return found


def _version(connection: Connection, schema: Schema, found: Mapping[str, set[str]]) -> Any:  # noqa: ANN401 - a damaged row may hold anything
    """Return the version that the tables say they have; None where they do not say it."""
    if schema.version is None or list(_lacks(schema.version, found)):
        return None
    return connection.scalar(select(schema.version.c.version))


def _check_version(found: Any, schema: Schema, name: str) -> None:  # noqa: ANN401 - as above
    known = schema.version_number
    if found == known:
        return
    if isinstance(found, int) and found > known:
        age, advice = "a newer", "Install that one, or name another ledger."
    else:
        age, advice = "an older", "Go on with that one, or name another ledger."
    raise StoreError(
        f"{name}: it was written by {age} Shipskip (tables of version {found}, this one knows "
        f"{known}), and nothing is written to it. {advice}"
    )


def _lacks(table: Table, found: Mapping[str, set[str]]) -> Iterator[str]:
    if table.name not in found:
        yield f"the table {table.name} is missing"
        return
    for column in table.columns:
        if column.name not in found[table.name]:
            yield f"the table {table.name} has no column {column.name}"
