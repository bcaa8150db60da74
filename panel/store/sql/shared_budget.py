"""One cost cap for any number of processes."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from panel.domain.reservation import Reservation, reached
from panel.errors import Stopped, StoreError
from panel.store.group_commit import GroupCommit
from panel.store.sql.database import Database
from panel.store.sql.shared_tables import BUDGETS, RESERVATIONS

_NOTHING = Decimal(0)
_ASK_AGAIN_S = 0.25


@dataclass(slots=True)
class _Ask:
    """A worst case to reserve; `is_held` stays False where calls in flight leave no room."""

    reservation: Reservation
    cap: Decimal
    is_held: bool = False
    fault: Stopped | StoreError | None = None


@dataclass(frozen=True, slots=True)
class _Settlement:
    """A call that ended, by the key of its reservation, and what it cost."""

    key: str
    paid: Decimal


class SharedBudget:
    """What may be spent by all workers together, under one name.

    A worst case is reserved in one transaction that locks the budget's row, and refused where spent +
    reserved + worst would pass the cap. The lock is needed: at READ COMMITTED two transactions could
    both see room for one call, and both take it. A settled call gives its reservation back and spends
    what it cost. What comes at the same time is one transaction. What a worker leaves behind counts as
    spent when it is written off (`write_off`); a settlement that comes after that changes nothing.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        worker: str,
        *,
        cap: Decimal | None,
        allow_unpriced: bool = False,
    ) -> None:
        self.cap = cap
        self.allow_unpriced = allow_unpriced
        self._database = database
        self._name = name
        self._worker = worker
        self._unsettled: tuple[_Settlement, ...] = ()
        thread = ThreadPoolExecutor(1, thread_name_prefix="budget")
        self._changes: GroupCommit[_Ask | _Settlement] = GroupCommit(self._write, thread)

    @classmethod
    def open(
        cls,
        database: Database,
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

    async def reserve(self, amount: Decimal) -> Reservation:
        """Reserve `amount`. Raises Stopped where the cap forbids it, and StoreError.

        Where only calls in flight stand in the way, of any worker, it asks again until they settle.
        A caller that is cancelled here has nothing reserved.
        """
        if self.cap is None:
            return Reservation(amount)
        while True:
            ask = _Ask(Reservation(amount, uuid4().hex), self.cap)
            try:
                await self._changes.write(ask)
            except asyncio.CancelledError:
                if not self._changes.discard(ask):  # it may be made by now: give it back
                    self.settle(ask.reservation, _NOTHING)
                raise
            if ask.fault is not None:
                raise ask.fault
            if ask.is_held:
                return ask.reservation
            await asyncio.sleep(_ASK_AGAIN_S)

    def settle(self, reservation: Reservation, paid: Decimal) -> None:
        """Give back what was reserved, and spend what was paid. It does not wait."""
        if reservation.key:
            self._changes.add(_Settlement(reservation.key, paid))

    def flush(self) -> None:
        """Have every settlement written. Raises StoreError."""
        self._changes.flush()
        if self._unsettled:  # of a write that failed: they go with whatever is written next
            self._changes.write_here(_Settlement("", _NOTHING))
        if self._unsettled:
            raise StoreError(f"{self._database.name}: some costs could not be settled.")

    def spent(self) -> tuple[Decimal, Decimal]:
        """Return what all workers have spent, and what is reserved. Raises StoreError."""
        return self._database.read(lambda session: _sums(session, self._name))

    def _write(self, changes: Sequence[_Ask | _Settlement]) -> None:
        """Settle and reserve; a settlement that cannot be written goes with the next group."""
        asks = [one for one in changes if isinstance(one, _Ask)]
        settled = (*self._unsettled, *(one for one in changes if isinstance(one, _Settlement)))
        try:
            self._database.write(lambda session: self._settle_and_reserve(session, asks, settled))
        except StoreError as error:
            self._unsettled = settled
            for ask in asks:
                ask.fault = error
        else:
            self._unsettled = ()

    def _settle_and_reserve(
        self, session: Connection, asks: Sequence[_Ask], settled: Sequence[_Settlement]
    ) -> None:
        """Settle, then reserve. Idempotent: each key is made and ended once."""
        lock_budget(session, self._name, self.cap)
        self._spend(session, {one.key: one.paid for one in settled})
        spent, reserved = _sums(session, self._name)
        keys = [ask.reservation.key for ask in asks]
        made = set(session.scalars(select(RESERVATIONS.c.key).where(RESERVATIONS.c.key.in_(keys))))
        rows = []
        for ask in asks:
            amount = ask.reservation.amount
            if ask.reservation.key in made:
                ask.is_held = True
            elif spent + amount > ask.cap:
                ask.fault = reached(ask.cap, spent, amount)
            elif spent + reserved + amount <= ask.cap:
                ask.is_held = True
                reserved += amount
                row = {"key": ask.reservation.key, "budget": self._name, "worker": self._worker}
                rows.append({**row, "amount": amount})
        if rows:
            session.execute(insert(RESERVATIONS), rows)

    def _spend(self, session: Connection, paid: dict[str, Decimal]) -> None:
        if not paid:
            return
        ended = session.scalars(
            delete(RESERVATIONS).where(RESERVATIONS.c.key.in_(paid)).returning(RESERVATIONS.c.key)
        )
        add_spent(session, self._name, sum((paid[key] for key in ended), _NOTHING))


def set_cap(database: Database, name: str, cap: Decimal | None) -> None:
    """Have the budget of that name end at `cap`, whatever is spent of it. Raises StoreError.

    A worker that has it open goes on with the cap that it knows.
    """

    def write(session: Connection) -> None:
        lock_budget(session, name, cap)
        session.execute(update(BUDGETS).where(BUDGETS.c.name == name).values(cap=cap))

    database.write(write)


def lock_budget(session: Connection, name: str, cap: Decimal | None) -> None:
    """Lock the budget's row until the transaction ends; it is made where it is missing."""
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
    for name in sorted(
        session.scalars(names)
    ):  # in one order, so that no two transactions deadlock
        lock_budget(session, name, None)
        ended = session.scalars(
            delete(RESERVATIONS)
            .where(of_worker, RESERVATIONS.c.budget == name)
            .returning(RESERVATIONS.c.amount)
        )
        add_spent(session, name, sum(ended, _NOTHING))


def _sums(session: Connection, name: str) -> tuple[Decimal, Decimal]:
    """Return what is spent and what is reserved, in one statement: both are of one moment."""
    of_name = RESERVATIONS.c.budget == name
    reserved = select(func.sum(RESERVATIONS.c.amount)).where(of_name).scalar_subquery()
    spent = select(BUDGETS.c.spent).where(BUDGETS.c.name == name).scalar_subquery()
    found = session.execute(select(spent.label("spent"), reserved.label("reserved"))).one()
    return found.spent or _NOTHING, found.reserved or _NOTHING
