"""The journal: one row for each change of the ledger, each bound to the row before it.

Every change is written together with its rows, in one transaction. The head of the journal is one row
of a table of its own: whoever writes locks it first (SELECT FOR UPDATE; on SQLite BEGIN IMMEDIATE has
locked everything), so all writers, of any number of processes, come one after the other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy import Connection, Row, Text, insert, select, type_coerce, update

from panel.domain.exchange import digest
from panel.domain.job import Transition
from panel.domain.value import Value
from panel.errors import Busy, PanelError, StoreError, Tampered
from panel.store.group_commit import GroupCommit
from panel.store.sql.columns import moment_text, storable_text
from panel.store.sql.database import Database, is_again
from panel.store.sql.faults import Unavailable
from panel.store.sql.mapping import fetch, fields, integer, string
from panel.store.sql.schema import JOURNAL, JOURNAL_HEAD

T = TypeVar("T")
_PAGE: Final = 1_000
_RECENT: Final = 100_000  # more rows than are written while a transaction is tried again
# Statements made once: to build one takes as long again as to run it.
_HEAD: Final = select(JOURNAL_HEAD.c.number, JOURNAL_HEAD.c.chain)
_LOCK_HEAD: Final = _HEAD.with_for_update()
_ADD: Final = insert(JOURNAL)
_MOVE_HEAD: Final = update(JOURNAL_HEAD)
_CHAINED: Final = ("at", "actor", "action", "object", "before", "after", "reason")
# Rows without a document are bound as they were before there was such a column.
_LATER: Final = "document"


class JournalEnd:
    """The end of the journal in one transaction, which has its lock."""

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
        document: str | None = None,
        ticket: str | None = None,
    ) -> None:
        """Write down who did what to which object, `before` and `after` being its digests."""
        self.number += 1
        content: dict[str, Any] = {
            "at": moment_text(at),
            "actor": storable_text(actor),
            "action": action,
            "object": storable_text(object),
        }
        content |= {"before": before, "after": after, "reason": storable_text(reason)}
        content[_LATER] = document
        self.chain = _link(self.chain, self.number, content)
        row = {"number": self.number, **content, "at": at, "chain": self.chain, "ticket": ticket}
        self.rows.append(row)


@dataclass(slots=True)
class _Change(Generic[T]):
    """Work that waits to be committed, and what became of it."""

    work: Callable[[Connection, JournalEnd], T]
    is_done: bool = False
    done: T | None = None
    error: Exception | None = None


class Journal:
    """The journal of one ledger, through which everything in the ledger is changed.

    Changes that threads ask for at the same time are committed in one transaction: one sync of the
    disk, and one lock and one update of the head, for all of them. Where one of them fails, each is
    done in a transaction of its own.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._changes: GroupCommit[_Change[Any]] = GroupCommit(self._commit)

    def write(self, work: Callable[[Connection, JournalEnd], T]) -> T:
        """Return what `work` came to, committed with the rows that it added.

        Raises StoreError, Busy, and what `work` raises.
        """
        change = _Change(work)
        self._changes.write_here(change)
        if change.error is not None:
            raise change.error
        if not change.is_done:  # the thread that wrote for this one was interrupted
            raise StoreError(f"{self.database.name}: the change was interrupted. Try again.")
        return cast("T", change.done)

    def last(self) -> int:
        """Return the number of the newest row, 0 where there is none."""
        (head,) = self.database.read(lambda connection: fetch(connection, _HEAD, _head, "the head"))
        return head[0]

    def rows(self, after: int = 0) -> Iterator[Transition]:
        """Yield every row after the one of that number, oldest first.

        No transaction is held open meanwhile. Raises Tampered at a row that cannot be read.
        """
        for row in self._pages(after):
            try:
                at = datetime.fromisoformat(string(row.at))
                move = Transition(**{**fields(Transition, row), "at": at})
            except (ValueError, TypeError) as error:
                raise self._broken(row.number, "is not what was written") from error
            yield move

    def verify(self) -> int:
        """Return how many rows there are. Raises Tampered, which names the first that does not fit.

        A row fits where its number follows that of the row before, and its chain is the digest of
        that row's chain and of all that it says itself. The head must be where the last writer left
        it.
        """
        (head,) = self.database.read(lambda connection: fetch(connection, _HEAD, _head, "the head"))
        number, chain = 0, ""
        for row in self._pages():
            number += 1
            content = {name: getattr(row, name) for name in (*_CHAINED, _LATER)}
            if row.number != number:
                raise self._broken(number, "is missing")
            if any(not isinstance(text, str | None) for text in content.values()) or (
                row.chain != _link(chain, number, content)
            ):
                raise self._broken(number, "is not what was written")
            chain = row.chain
            if number == head[0] and chain != head[1]:
                raise self._broken(number, "is not the one that was written last")
        if number < head[0]:
            raise self._broken(number + 1, "is missing")
        return number

    def _commit(self, changes: Sequence[_Change[Any]]) -> None:
        try:
            done = self.database.write(partial(_do_all, changes=changes))
        except (Unavailable, Busy) as error:  # it would be the same for each alone
            for change in changes:
                change.error = error
        except (PanelError, KeyError, ValueError) as error:
            if changes[1:]:
                for change in changes:
                    self._commit([change])
            else:
                changes[0].error = error
        else:
            for change, one in zip(changes, done, strict=True):
                change.done, change.is_done = one, True

    def _pages(self, last: int = 0) -> Iterator[Row[Any]]:
        while rows := self.database.read(partial(_page, after=last)):
            yield from rows
            last = rows[-1].number

    def _broken(self, number: int, how: str) -> Tampered:
        return Tampered(
            f"{self.database.name}: row {number} of the journal {how}. Restore the ledger from a "
            "backup."
        )


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


def _do_all(connection: Connection, *, changes: Sequence[_Change[Any]]) -> list[Any]:
    """Return what each change came to, with their rows written."""
    (head,) = fetch(connection, _LOCK_HEAD, _head, "the head of the journal")
    end = JournalEnd(*head)
    done = [change.work(connection, end) for change in changes]
    if end.rows:
        connection.execute(_ADD, end.rows)
        connection.execute(_MOVE_HEAD, {"number": end.number, "chain": end.chain})
    return done


def _head(row: Row[Any]) -> tuple[int, str]:
    return integer(row.number), string(row.chain)


def _page(connection: Connection, after: int) -> Sequence[Row[Any]]:
    at_the_text = type_coerce(JOURNAL.c.at, Text).label("at")  # as it is stored, sound or not
    others = [JOURNAL.c[name] for name in Transition.model_fields if name != "at"]
    found = select(at_the_text, *others).where(JOURNAL.c.number > after)
    return connection.execute(found.order_by(JOURNAL.c.number).limit(_PAGE)).all()


def _link(chain: str, number: int, content: Mapping[str, Any]) -> str:
    later = () if content[_LATER] is None else (content[_LATER],)
    return digest([chain, number, *(content[name] for name in _CHAINED), *later])
