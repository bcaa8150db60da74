"""The batches of a ledger: how each begins, is resumed and ends."""

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import Connection, exists, func, insert, select, update

from panel.domain.job import Batch
from panel.store.sql.columns import storable_text, utc
from panel.store.sql.journal import Journal, JournalEnd, is_written, value_digest
from panel.store.sql.mapping import BATCH_COLUMNS, fetch, read_batch
from panel.store.sql.schema import BATCHES, JOBS

_NEWEST = select(*BATCH_COLUMNS).order_by(BATCHES.c.number.desc()).limit(1)
_WHAT = "a batch"


class Batches:
    """The batches; see `ports.Batches`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def last(self) -> Batch | None:
        """Return the batch that began last, if there was one."""
        found = self._journal.database.read(lambda c: fetch(c, _NEWEST, read_batch, _WHAT))
        return found[0] if found else None

    def cap_of_waiting(self) -> Decimal | None:
        """Return the cost cap of the newest batch that has one and whose answers are waited for."""
        waiting = JOBS.c.batch == BATCHES.c.id, JOBS.c.state == "waiting"
        found = (
            select(BATCHES.c.max_cost)
            .where(BATCHES.c.max_cost.is_not(None), exists().where(*waiting))
            .order_by(BATCHES.c.number.desc())
            .limit(1)
        )
        caps = self._journal.database.read(lambda c: fetch(c, found, lambda r: r.max_cost, _WHAT))
        return caps[0] if caps else None

    def open(self, day: date, at: datetime, engine: str, max_cost: Decimal | None = None) -> Batch:
        """Return the batch that was begun and has not ended, `resumed`, or a new one of `day`.

        It has the cost cap `max_cost` from now on, where one is given.
        """
        at, ticket = utc(at), uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> Batch:
            unended = _NEWEST.where(BATCHES.c.ended.is_(None))
            before = next(iter(fetch(connection, unended, read_batch, _WHAT)), None)
            if before is not None and is_written(connection, ticket):
                return before
            if before is None:
                name = _new_id(connection, day)
                batch = Batch(
                    id=name, date=day, began=at, engine=storable_text(engine), max_cost=max_cost
                )
                number = select(func.coalesce(func.max(BATCHES.c.number), 0) + 1).scalar_subquery()
                connection.execute(insert(BATCHES).values(number=number, **dict(batch)))
            else:
                cap = before.max_cost if max_cost is None else max_cost
                batch = Batch(**{**dict(before), "resumed": True, "max_cost": cap})
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

        return self._journal.write(work)

    def end(self, id: str, at: datetime, exit: int) -> Batch:  # noqa: A002 - their words
        """Return the batch with its end written down. Raises KeyError."""
        at, ticket = utc(at), uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> Batch:
            wanted = select(*BATCH_COLUMNS).where(BATCHES.c.id == id)
            found = fetch(connection, wanted, read_batch, f"the batch {id}")
            if not found:
                raise KeyError(id)
            (before,) = found
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

        return self._journal.write(work)


def _new_id(connection: Connection, day: date) -> str:
    counted = select(func.count()).where(BATCHES.c.date == day)
    earlier = connection.execute(counted).scalar_one()
    return f"{day}-{earlier + 1}" if earlier else f"{day}"


def _save(connection: Connection, batch: Batch) -> None:
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch.id).values(**dict(batch)))
