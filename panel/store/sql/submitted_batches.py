"""Batches at providers' batch services, as the ledger keeps them; each step is in the journal."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from panel.domain.submitted_batch import SubmittedBatch
from panel.store.sql.journal import Journal, JournalEnd, value_digest
from panel.store.sql.mapping import fetch, string
from panel.store.sql.schema import SUBMITTED

_ACTOR = "batch"
_OPEN = (
    select(SUBMITTED).where(SUBMITTED.c.closed.is_(None)).order_by(SUBMITTED.c.at, SUBMITTED.c.id)
)


class SubmittedBatches:
    """The submitted batches; see `ports.SubmittedBatches`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def add(self, submitted: SubmittedBatch) -> None:
        """Keep a batch that a service has taken, until it is closed. Idempotent."""

        def work(connection: Connection, end: JournalEnd) -> None:
            if connection.execute(select(SUBMITTED.c.id).where(_is(submitted))).first() is None:
                row = {**dict(submitted), "request_keys": "\n".join(submitted.request_keys)}
                connection.execute(insert(SUBMITTED).values(row))
                end.add(
                    submitted.at,
                    _ACTOR,
                    f"posted {len(submitted.request_keys)} requests",
                    f"{submitted.provider} {submitted.id}",
                    after=value_digest(submitted),
                )

        self._journal.write(work)

    def open(self) -> tuple[SubmittedBatch, ...]:
        """Return the batches that are not closed, oldest first."""
        found = self._journal.database.read(lambda c: fetch(c, _OPEN, _read, "a submitted batch"))
        return tuple(found)

    def close(self, submitted: SubmittedBatch, at: datetime, reason: str) -> None:
        """Write down how a batch ended: its answers are in their runs by now. Idempotent."""

        def work(connection: Connection, end: JournalEnd) -> None:
            is_open = _is(submitted) & SUBMITTED.c.closed.is_(None)
            if connection.execute(update(SUBMITTED).where(is_open).values(closed=at)).rowcount:
                end.add(
                    at,
                    _ACTOR,
                    "collected",
                    f"{submitted.provider} {submitted.id}",
                    before=value_digest(submitted),
                    reason=reason,
                )

        self._journal.write(work)


def _read(row: Row[Any]) -> SubmittedBatch:
    return SubmittedBatch(
        id=row.id,
        provider=row.provider,
        model=row.model,
        request_keys=tuple(string(row.request_keys).split("\n")),
        at=row.at,
    )


def _is(submitted: SubmittedBatch) -> ColumnElement[bool]:
    return and_(SUBMITTED.c.provider == submitted.provider, SUBMITTED.c.id == submitted.id)
