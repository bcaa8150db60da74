"""A cost cap that holds over any number of processes."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from panel.domain.cost_cap import Reservation, reached
from panel.errors import Stopped, StoreError
from panel.store.sql.shared_database import SharedDatabase
from panel.store.sql.shared_tables import BUDGETS, RESERVATIONS

_NOTHING = Decimal(0)
_ASK_AGAIN_S = 0.25


@dataclass(slots=True)
class _Ask:
    """A worst case to reserve; `held` None where calls in flight stand in the way for now."""

    reserve: Reservation
    held: bool | None = None
    fault: Stopped | StoreError | None = None


class SharedBudget:
    """What may be spent by all workers together, under one name.

    A worst case is reserved in one transaction that locks the budget's row, and refused where spent +
    reserved + worst would pass the cap; so the sum of what workers began never does. A settled call
    gives its reservation back and spends what it cost. What waits is done together in one turn, by
    one thread. What a worker leaves behind counts as spent when it is written off (`write_off`); a
    settlement that comes after that changes nothing.
    """

    def __init__(
        self,
        database: SharedDatabase,
        name: str,
        worker: str,
        *,
        cap: Decimal | None,
        allow_unpriced: bool = False,
    ) -> None:
        self.cap = cap
        self.allow_unpriced = allow_unpriced
        self.unpriced = 0
        self._reach = database
        self._name = name
        self._worker = worker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="budget")
        self._asks: list[_Ask] = []
        self._settled: list[tuple[str, Decimal]] = []
        self._next: Future[None] | None = None
        self._gate = Lock()

    @classmethod
    def open(
        cls,
        database: SharedDatabase,
        name: str,
        worker: str,
        *,
        cap: Decimal | None,
        allow_unpriced: bool = False,
    ) -> "SharedBudget":
        """Return the budget of that name with the cap that it was given first, `cap` if none was.

        Raises StoreError.
        """

        def look(session: Connection) -> Decimal | None:
            lock_budget(session, name, cap)
            return session.scalar(select(BUDGETS.c.cap).where(BUDGETS.c.name == name))

        return cls(database, name, worker, cap=database.write(look), allow_unpriced=allow_unpriced)

    def count_unpriced(self) -> None:
        """Count a call that is in no sum."""
        self.unpriced += 1

    async def reserve(self, amount: Decimal) -> Reservation:
        """Set `amount` aside. Raises Stopped where the cap forbids it, and StoreError.

        Where only calls in flight stand in the way, of any worker, it asks again until they settle.
        Who is cancelled in here holds nothing.
        """
        if self.cap is None:
            return Reservation(amount)
        while True:
            ask = _Ask(Reservation(amount, uuid4().hex))
            self._asks.append(ask)
            try:
                await asyncio.shield(asyncio.wrap_future(self._turn()))
            except asyncio.CancelledError:
                self._take_back(ask)
                raise
            if ask.fault is not None:
                raise ask.fault
            if ask.held:
                return ask.reserve
            await asyncio.sleep(_ASK_AGAIN_S)

    def settle(self, reserve: Reservation, paid: Decimal) -> None:
        """Give back what was held, and spend what was paid. It does not wait."""
        if reserve.key:
            self._settled.append((reserve.key, paid))
            self._turn()

    def flush(self) -> None:
        """Have every settlement written. Raises StoreError."""
        self._turn().result()
        if self._settled:
            raise StoreError(f"{self._reach.name}: some costs could not be settled.")

    def spent(self) -> tuple[Decimal, Decimal]:
        """Return what all workers have spent, and what is reserved. Raises StoreError."""
        return self._reach.read(lambda session: _standing(session, self._name))

    def _turn(self) -> Future[None]:
        with self._gate:  # or the turn could begin, and forget itself, before it is remembered
            if self._next is None:
                self._next = self._thread.submit(self._settle_and_hold)
            return self._next

    def _take_back(self, ask: _Ask) -> None:
        """See that a reservation nobody waits for is given back, whether it is made or not."""
        try:
            self._asks.remove(ask)
        except ValueError:  # a turn has it: the next one settles what that one makes
            self.settle(ask.reserve, _NOTHING)

    def _settle_and_hold(self) -> None:
        with self._gate:
            self._next = (
                None  # before the look at what waits: who comes later asks for another turn
            )
        asks, self._asks = self._asks, []
        settled = tuple(self._settled)
        if not asks and not settled:
            return
        try:
            self._reach.write(lambda session: self._book(session, asks, settled))
        except StoreError as error:
            for ask in asks:
                ask.fault = error
        else:
            del self._settled[: len(settled)]

    def _book(
        self, session: Connection, asks: Sequence[_Ask], settled: Sequence[tuple[str, Decimal]]
    ) -> None:
        """Settle, then reserve. Done twice it comes to the same: each key is made and ended once."""
        lock_budget(session, self._name, self.cap)
        self._spend(session, dict(settled))
        spent, reserved = _standing(session, self._name)
        keys = [ask.reserve.key for ask in asks]
        made = set(session.scalars(select(RESERVATIONS.c.key).where(RESERVATIONS.c.key.in_(keys))))
        assert self.cap is not None  # noqa: S101 - else nobody asks
        rows = []
        for ask in asks:
            amount = ask.reserve.amount
            if ask.reserve.key in made:
                ask.held = True
            elif spent + amount > self.cap:
                ask.fault = reached(self.cap, spent, amount)
            elif spent + reserved + amount <= self.cap:
                ask.held = True
                reserved += amount
                rows.append(
                    {
                        "key": ask.reserve.key,
                        "budget": self._name,
                        "worker": self._worker,
                        "amount": amount,
                    }
                )
        if rows:
            session.execute(insert(RESERVATIONS), rows)

    def _spend(self, session: Connection, paid: dict[str, Decimal]) -> None:
        if not paid:
            return
        ended = session.scalars(
            delete(RESERVATIONS).where(RESERVATIONS.c.key.in_(paid)).returning(RESERVATIONS.c.key)
        )
        add_spent(session, self._name, sum((paid[key] for key in ended), _NOTHING))


def set_cap(database: SharedDatabase, name: str, cap: Decimal | None) -> None:
    """Have the budget of that name end at `cap`, whatever is spent of it. Raises StoreError.

    A worker that has it open goes on with the cap that it knows.
    """

    def write(session: Connection) -> None:
        lock_budget(session, name, cap)
        session.execute(update(BUDGETS).where(BUDGETS.c.name == name).values(cap=cap))

    database.write(write)


def lock_budget(session: Connection, name: str, cap: Decimal | None) -> None:
    """Have the budget to this transaction alone, made where it is not there yet."""
    row = postgresql.insert(BUDGETS).values(name=name, cap=cap, spent=_NOTHING)
    session.execute(row.on_conflict_do_nothing())
    session.execute(select(BUDGETS.c.name).where(BUDGETS.c.name == name).with_for_update())


def add_spent(session: Connection, name: str, amount: Decimal) -> None:
    """Count `amount` as spent."""
    if amount:
        spent = BUDGETS.c.spent + amount
        session.execute(update(BUDGETS).where(BUDGETS.c.name == name).values(spent=spent))


def write_off(session: Connection, worker: str) -> None:
    """Count all that a worker had reserved as spent: it died, and what became of it nobody knows."""
    of_worker = RESERVATIONS.c.worker == worker
    names = select(RESERVATIONS.c.budget).where(of_worker).distinct()
    for name in sorted(session.scalars(names)):  # in one order, so that two never wait in a ring
        lock_budget(session, name, None)
        ended = session.scalars(
            delete(RESERVATIONS)
            .where(of_worker, RESERVATIONS.c.budget == name)
            .returning(RESERVATIONS.c.amount)
        )
        add_spent(session, name, sum(ended, _NOTHING))


def _standing(session: Connection, name: str) -> tuple[Decimal, Decimal]:
    spent = session.scalar(select(BUDGETS.c.spent).where(BUDGETS.c.name == name))
    reserved = session.scalar(
        select(func.sum(RESERVATIONS.c.amount)).where(RESERVATIONS.c.budget == name)
    )
    return spent or _NOTHING, reserved or _NOTHING
