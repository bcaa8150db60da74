"""Batches at the makers' services, as the ledger keeps them; each step is a row of the journal."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from panel.domain.submitted_batch import SubmittedBatch
from panel.store.sql.journal import value_digest, writing
from panel.store.sql.schema import POSTED

_BATCH = "batch"


def post(connection: Connection, *, posted: SubmittedBatch) -> None:
    """Keep `posted`, once."""
    with writing(connection) as end:
        if connection.execute(select(POSTED.c.id).where(_is(posted))).first() is None:
            row = {**dict(posted), "request_keys": "\n".join(posted.request_keys)}
            connection.execute(insert(POSTED).values(row))
            end.add(
                posted.at,
                _BATCH,
                f"posted {len(posted.request_keys)} requests",
                f"{posted.provider} {posted.id}",
                after=value_digest(posted),
            )


def open_posted(connection: Connection) -> tuple[SubmittedBatch, ...]:
    """Return those that are not closed, oldest first."""
    found = select(POSTED).where(POSTED.c.closed.is_(None)).order_by(POSTED.c.at, POSTED.c.id)
    return tuple(
        SubmittedBatch(
            id=row.id,
            provider=row.provider,
            model=row.model,
            request_keys=tuple(row.request_keys.split("\n")),
            at=row.at,
        )
        for row in connection.execute(found)
    )


def close_posted(
    connection: Connection, *, posted: SubmittedBatch, at: datetime, reason: str
) -> None:
    """Close `posted`, once."""
    with writing(connection) as end:
        unclosed = update(POSTED).where(_is(posted), POSTED.c.closed.is_(None)).values(closed=at)
        if connection.execute(unclosed).rowcount:
            end.add(
                at,
                _BATCH,
                "collected",
                f"{posted.provider} {posted.id}",
                before=value_digest(posted),
                reason=reason,
            )


def _is(posted: SubmittedBatch) -> ColumnElement[bool]:
    return and_(POSTED.c.provider == posted.provider, POSTED.c.id == posted.id)
