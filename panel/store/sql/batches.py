"""How a batch begins, is taken up again and ends, each in one transaction."""

from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from panel.domain.job import Batch
from panel.store.sql.columns import words
from panel.store.sql.journal import is_written, value_digest, writing
from panel.store.sql.mapping import BATCH_COLUMNS, read_batch
from panel.store.sql.schema import BATCHES

_NEWEST = select(*BATCH_COLUMNS).order_by(BATCHES.c.number.desc()).limit(1)


def last_batch(connection: Connection) -> Batch | None:
    """Return the batch that began last, if there was one."""
    row = connection.execute(_NEWEST).first()
    return None if row is None else read_batch(row)


def open_batch(
    connection: Connection, *, day: date, at: datetime, engine: str, ticket: str
) -> Batch:
    """Return the batch that has not ended, `resumed`, or a new one of `day`."""
    with writing(connection) as end:
        row = connection.execute(_NEWEST.where(BATCHES.c.ended.is_(None))).first()
        before = None if row is None else read_batch(row)
        if before is not None and is_written(connection, ticket):
            return before
        if before is None:
            name = _new_id(connection, day)
            batch = Batch(id=name, date=day, began=at, engine=words(engine))
            number = select(func.coalesce(func.max(BATCHES.c.number), 0) + 1).scalar_subquery()
            connection.execute(insert(BATCHES).values(number=number, **dict(batch)))
        else:
            batch = Batch(**{**dict(before), "resumed": True})
            _save(connection, batch)
        end.add(
            at,
            f"batch {batch.id}",
            "begun" if before is None else "resumed",
            f"batch {batch.id}",
            before=None if before is None else value_digest(before),
            after=value_digest(batch),
            ticket=ticket,
        )
    return batch


def end_batch(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - its word
    at: datetime,
    exit: int,  # noqa: A002 - its word
    ticket: str,
) -> Batch:
    """Return the batch with its end written down. Raises KeyError."""
    with writing(connection) as end:
        row = connection.execute(select(*BATCH_COLUMNS).where(BATCHES.c.id == id)).first()
        if row is None:
            raise KeyError(id)
        before = read_batch(row)
        if is_written(connection, ticket):
            return before
        batch = Batch(**{**dict(before), "ended": at, "exit": exit})
        _save(connection, batch)
        end.add(
            at,
            f"batch {id}",
            "ended",
            f"batch {id}",
            before=value_digest(before),
            after=value_digest(batch),
            reason=f"exit {exit}",
            ticket=ticket,
        )
    return batch


def _new_id(connection: Connection, day: date) -> str:
    counted = select(func.count()).where(BATCHES.c.date == day)
    earlier = connection.execute(counted).scalar_one()
    return f"{day}-{earlier + 1}" if earlier else f"{day}"


def _save(connection: Connection, batch: Batch) -> None:
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch.id).values(**dict(batch)))
