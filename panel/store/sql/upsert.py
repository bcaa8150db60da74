"""Rows that are added, or change one that is there: SQLite and Postgres share the words of it."""

from typing import Any

from sqlalchemy import Table


def upsert_into(dialect: str, table: Table) -> Any:  # noqa: ANN401 - the dialects share no class
    """Return an INSERT into `table` that can say what is to become of a row that is there.

    `upsert_into("sqlite", VOTES).on_conflict_do_nothing()`
    """
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415 - 0.05 s, and seldom needed

    return (sqlite if dialect == "sqlite" else postgresql).insert(table)
