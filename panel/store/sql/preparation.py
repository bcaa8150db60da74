"""How the tables of a database are made, and checked before anything is written to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
class Version:
    """The version of a schema: a `number` in the one row of `table`.

    `older` has the versions that can be brought up to this one.
    """

    table: Table
    number: int
    older: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Schema:
    """Tables that are made together.

    `first_rows` are the rows that some tables have from the beginning, besides the `version`, if there
    is one. Two processes never make the tables at once: on Postgres by an advisory lock.
    """

    metadata: MetaData
    lock: AdvisoryLock
    version: Version | None = None
    first_rows: Mapping[Table, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def rows(self) -> Mapping[Table, Mapping[str, Any]]:
        """The first rows, the version among them."""
        if self.version is None:
            return self.first_rows
        return {**self.first_rows, self.version.table: {"id": 1, "version": self.version.number}}


def has_tables(connection: Connection, schema: Schema, name: str) -> bool:
    """Tell whether the tables of this Shipskip are there. Nothing is written.

    Those of an older one that can be brought up are not. Raises StoreError where they are of a newer
    one, or not as they should be. `name` is the database's, for the error.
    """
    found = _columns(connection)
    if found.keys().isdisjoint(schema.metadata.tables):
        return False
    known = schema.version
    number = None if known is None else _number(connection, known, found)
    if known is not None and number is not None:
        if number in known.older:
            return False
        _check_version(number, known, name)
        found = _columns(connection)  # no older than the version, which another process may change
    faults = [fault for table in schema.metadata.sorted_tables for fault in _lacks(table, found)]
    faults += [
        f"the table {table.name} has no row"
        for table in schema.rows
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
    known = schema.version
    number = None if known is None else _number(connection, known, _columns(connection))
    if known is not None and number is not None:
        from panel.store.sql.upgrade import bring_up  # noqa: PLC0415 - 0.9 s, and seldom needed

        bring_up(connection, schema, known, number, name)
        return
    schema.metadata.create_all(connection)
    for table, row in schema.rows.items():
        connection.execute(insert(table).values(**row))


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of each table that is there."""
    found: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(_COLUMNS[connection.dialect.name]):
        found.setdefault(table, set()).add(column)
    return found


def _number(connection: Connection, known: Version, found: Mapping[str, set[str]]) -> Any:  # noqa: ANN401 - a damaged row may hold anything
    """Return the version that the tables say they have; None where they do not say it."""
    if list(_lacks(known.table, found)):
        return None
    return connection.scalar(select(known.table.c.version))


def _check_version(found: Any, known: Version, name: str) -> None:  # noqa: ANN401 - as above
    if found == known.number:
        return
    if isinstance(found, int) and found > known.number:
        age, advice = "a newer", "Install that one, or name another ledger."
    else:
        age, advice = "an older", "Go on with that one, or name another ledger."
    raise StoreError(
        f"{name}: it was written by {age} Shipskip (tables of version {found}, this one knows "
        f"{known.number}), and nothing is written to it. {advice}"
    )


def _lacks(table: Table, found: Mapping[str, set[str]]) -> Iterator[str]:
    if table.name not in found:
        yield f"the table {table.name} is missing"
        return
    for column in table.columns:
        if column.name not in found[table.name]:
            yield f"the table {table.name} has no column {column.name}"
