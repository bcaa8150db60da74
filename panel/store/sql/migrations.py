"""What was changed in the tables of a ledger, version by version, in the words of alembic.

To change the tables: change `schema`, count its VERSION up, and add the step that makes the tables of
the version before into the new ones. A step is run in one transaction, on SQLite and on Postgres.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, Text, column

from panel.store.sql.columns import DecimalColumn, TextColumn, UtcColumn

if TYPE_CHECKING:
    from alembic.operations import Operations


def _add_documents(op: "Operations") -> None:
    """Rows of the journal get a document: the decisions of the editors."""
    op.add_column("journal", Column("document", Text))
    has_document = column("document").is_not(None)
    for columns in (("object", "number"), ("number",)):
        op.create_index(
            "_".join(("ix_journal_documents_by", *columns)),
            "journal",
            list(columns),
            sqlite_where=has_document,
            postgresql_where=has_document,
        )


def _add_watched_pages(op: "Operations") -> None:
    """The pages of published tools are watched; a batch keeps its cost cap."""
    op.add_column("batches", Column("max_cost", DecimalColumn))
    op.create_table(
        "watched_pages",
        Column("tool", Text, nullable=False),
        Column("decided", Integer, nullable=False),
        Column("name", TextColumn, nullable=False),
        Column("day", Date),
        Column("run", Text),
        Column("url", TextColumn),
        Column("etag", TextColumn),
        Column("last_modified", TextColumn),
        Column("checked", UtcColumn),
        Column("answer", Text),
        Column("why", TextColumn),
        Column("text", TextColumn),
        PrimaryKeyConstraint("tool", name="pk_watched_pages"),
    )


def _add_unconfirmed_texts(op: "Operations") -> None:
    """What a page says otherwise waits until it says so on another day too."""
    op.add_column("watched_pages", Column("unconfirmed", TextColumn))


STEPS: Final[Mapping[int, Callable[["Operations"], None]]] = {
    2: _add_documents,
    3: _add_watched_pages,
    4: _add_unconfirmed_texts,
}
"""The step to each version from the one before it."""
