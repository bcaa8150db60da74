"""The journal: one row for each move, each bound to the row before it, none ever changed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, Text, insert, select, type_coerce, update

from panel.domain.exchange import digest
from panel.domain.job import Transition
from panel.domain.value import Value
from panel.errors import Tampered
from panel.store.sql.columns import moment_text, words
from panel.store.sql.engine import Database, is_again
from panel.store.sql.mapping import fields
from panel.store.sql.schema import JOURNAL, JOURNAL_HEAD

_PAGE: Final = 1_000
_RECENT: Final = 100_000  # more rows than are written while a transaction is tried again
# Made once: what is made anew for each row takes as long again as to run it.
_END: Final = select(JOURNAL_HEAD).with_for_update()
_ADD: Final = insert(JOURNAL)
_MOVE_END: Final = update(JOURNAL_HEAD)
_SAID: Final = ("at", "actor", "action", "object", "before", "after", "reason")


class Writing:
    """The journal's end, held by one transaction: nobody else writes until it is over."""

    def __init__(self, number: int, chain: str) -> None:
        self.number = number
        self.chain = chain
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        at: datetime,
        actor: str,
        action: str,
        object: str,  # noqa: A002 - its word
        *,
        before: str | None = None,
        after: str | None = None,
        reason: str | None = None,
        ticket: str | None = None,
    ) -> None:
        """Write down who did what to which object, `before` and `after` being its digests."""
        self.number += 1
        said: dict[str, Any] = {
            "at": moment_text(at),
            "actor": words(actor),
            "action": action,
            "object": words(object),
        }
        said |= {"before": before, "after": after, "reason": words(reason)}
        self.chain = _link(self.chain, self.number, said)
        row = {"number": self.number, **said, "at": at, "chain": self.chain, "ticket": ticket}
        self.rows.append(row)


@contextmanager
def writing(connection: Connection) -> Iterator[Writing]:
    """Yield the end of the journal, to be written with the rest of the transaction.

    Whoever writes begins with it: its lock puts all writers in one line.
    """
    head = connection.execute(_END).one()
    end = Writing(head.number, head.chain)
    yield end
    if end.rows:
        connection.execute(_ADD, end.rows)
        connection.execute(_MOVE_END, {"number": end.number, "chain": end.chain})


def is_written(connection: Connection, ticket: str) -> bool:
    """Tell whether this transaction was committed before, though its connection broke."""
    if not is_again(connection):
        return False
    recent = select(JOURNAL_HEAD.c.number - _RECENT).scalar_subquery()
    ours = (JOURNAL.c.number > recent) & (JOURNAL.c.ticket == ticket)
    return connection.execute(select(JOURNAL.c.number).where(ours)).first() is not None


def value_digest(value: Value) -> str:
    """Return the SHA-256 of what `value` says, in hex."""
    return digest(value.model_dump(mode="json"))


def read_journal(database: Database) -> Iterator[Transition]:
    """Yield every row, oldest first, without holding a transaction open meanwhile."""
    for row in _rows(database):
        yield Transition(**{**fields(Transition, row), "at": datetime.fromisoformat(row.at)})


def verify(database: Database) -> int:
    """Return how many rows the journal has. Raises Tampered, which names the first that does not fit.

    A row fits where its number follows that of the row before, and its chain is the digest of that
    row's chain and of all that it says itself. The end must be where the last writer left it.
    """
    head = database.read(lambda connection: connection.execute(select(JOURNAL_HEAD)).one())
    number, chain = 0, ""
    for row in _rows(database):
        number += 1
        said = {name: getattr(row, name) for name in _SAID}
        if row.number != number:
            raise _broken(database, number, "is missing")
        if row.chain != _link(chain, number, said):
            raise _broken(database, number, "is not what was written")
        chain = row.chain
        if number == head.number and chain != head.chain:
            raise _broken(database, number, "is not the one that was written last")
    if number < head.number:
        raise _broken(database, number + 1, "is missing")
    return number


def _rows(database: Database) -> Iterator[Row[Any]]:
    last = 0
    while rows := database.read(partial(_page, after=last)):
        yield from rows
        last = rows[-1].number


def _page(connection: Connection, after: int) -> Sequence[Row[Any]]:
    at_the_text = type_coerce(JOURNAL.c.at, Text).label("at")  # as it is stored, sound or not
    others = [JOURNAL.c[name] for name in Transition.model_fields if name != "at"]
    found = select(at_the_text, *others).where(JOURNAL.c.number > after)
    return connection.execute(found.order_by(JOURNAL.c.number).limit(_PAGE)).all()


def _link(chain: str, number: int, said: Mapping[str, Any]) -> str:
    return digest([chain, number, *(said[name] for name in _SAID)])


def _broken(database: Database, number: int, how: str) -> Tampered:
    return Tampered(
        f"{database.name}: row {number} of the journal {how}. Restore the ledger from a backup."
    )
