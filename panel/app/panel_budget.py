"""The cost cap, kept for whole panels: one that begins can be paid to its end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from panel.domain.estimate import estimate
from panel.domain.reservation import Reservation, uncalled
from panel.domain.run import Inputs
from panel.domain.wording import dollars
from panel.errors import Stopped
from panel.providers.middleware.cost_cap import Budget, LocalBudget
from panel.providers.price_list import PriceList

__all__ = ["Budget", "CurrentBudget", "PanelBudgets", "local_budget", "worst_cost_of"]

_NOTHING = Decimal(0)
_CURRENT: ContextVar[Budget] = ContextVar("the budget of the panel at work")
_LONGEST_WAIT_S: Final = 60.0
_AT_ONCE_S: Final = 0.25
_MARGIN: Final = Decimal("1.25")
"""Panels vary: what a usual one costs is taken a quarter higher."""


def worst_cost_of(inputs: Inputs, prices: PriceList) -> Decimal:
    """Return the most that the calls of one panel can cost, in US dollars.

    Each answer is counted at its full length; calls without a known price are left out.
    """
    return estimate([inputs], prices.rate).most_usd


class CurrentBudget:
    """The budget of whichever panel a call belongs to: see `use`."""

    @contextmanager
    def use(self, budget: Budget) -> Iterator[None]:
        """Charge what is called in this block, and in the tasks that it starts, to `budget`."""
        token = _CURRENT.set(budget)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    @property
    def cap(self) -> Decimal | None:
        """What may be spent in all, None where there is no cap."""
        return _CURRENT.get().cap

    @property
    def allow_unpriced(self) -> bool:
        """Whether a call without a known price may be made in spite of a cap."""
        return _CURRENT.get().allow_unpriced

    async def reserve(self, amount: Decimal) -> Reservation:
        """Reserve `amount`. Raises Stopped where the cap forbids it, and StoreError."""
        return await _CURRENT.get().reserve(amount)

    def settle(self, reservation: Reservation, paid: Decimal) -> None:
        """Release what was reserved, and spend what was paid. It does not wait."""
        _CURRENT.get().settle(reservation, paid)


@dataclass(frozen=True)
class _PanelReservation(Reservation):
    """A part of what a panel has reserved, for one of its calls."""


class _PanelBudget:
    """The budget of one panel, of which `reserved` is reserved.

    Its calls draw on that. Where they need more they take what `whole` has free, else wait for each
    other. A call that waits for other panels does not wait for ever: they may wait as well.
    """

    def __init__(self, whole: Budget, reserved: Decimal) -> None:
        self.paid = _NOTHING
        self.extra = _NOTHING
        self._whole = whole
        self._reserved = reserved
        self._held = _NOTHING
        self._settled = asyncio.Event()

    @property
    def cap(self) -> Decimal | None:
        """What may be spent in all, None where there is no cap."""
        return self._whole.cap

    @property
    def allow_unpriced(self) -> bool:
        """Whether a call without a known price may be made in spite of a cap."""
        return self._whole.allow_unpriced

    async def reserve(self, amount: Decimal) -> Reservation:
        """Reserve `amount`. Raises Stopped where neither the panel nor the cap has room for it."""
        while self.paid + self._held + amount > self._reserved:
            is_alone = not self._held or self.paid + amount > self._reserved
            more = await self._reserve_more(amount, _LONGEST_WAIT_S if is_alone else _AT_ONCE_S)
            if more is not None:
                return more
            if is_alone:
                raise _no_room(self.cap, amount, "call")
            self._settled.clear()
            if self._held:
                await self._settled.wait()
        self._held += amount
        return _PanelReservation(amount)

    def settle(self, reservation: Reservation, paid: Decimal) -> None:
        """Release what was reserved, and spend what was paid."""
        if not isinstance(reservation, _PanelReservation):
            self.extra += paid
            self._whole.settle(reservation, paid)
            return
        self._held -= reservation.amount
        self.paid += paid
        self._settled.set()

    async def _reserve_more(self, amount: Decimal, seconds: float) -> Reservation | None:
        """Return a reservation of the whole budget, None where it has no room for so long."""
        try:
            return await asyncio.wait_for(self._whole.reserve(amount), seconds)
        except (TimeoutError, Stopped):
            return None


class PanelBudgets:
    """The budgets of a batch's panels: none begins that the cap could leave half paid.

    A panel reserves its worst case before it begins. Where the cap has no room for that any more,
    what a panel usually costs has to do: the estimate, or the most expensive panel so far, and one
    call's worst case for the last one.

    async with budgets.reserve(inputs):  # Stopped: the cap has no room for another panel
        run = await convene(inputs)
    """

    def __init__(self, whole: Budget, prices: PriceList, current: CurrentBudget) -> None:
        self._whole = whole
        self._prices = prices
        self._current = current
        self._most_expensive = _NOTHING

    @property
    def has_cap(self) -> bool:
        """Whether there is a cap to be kept."""
        return self._whole.cap is not None

    @asynccontextmanager
    async def reserve(self, inputs: Inputs, spent: Decimal = _NOTHING) -> AsyncIterator[None]:
        """Reserve what a panel of `inputs` may cost, `spent` of which is paid, until its end.

        Where only panels at work stand in the way it waits for them. Raises Stopped where the cap
        has no room for it.
        """
        if not self.has_cap:
            with self._current.use(self._whole):
                yield
            return
        reservation = await self._reserve(inputs, spent)
        budget = _PanelBudget(self._whole, reservation.amount)
        try:
            with self._current.use(budget):
                yield
        finally:
            self._most_expensive = max(self._most_expensive, spent + budget.paid + budget.extra)
            self._whole.settle(reservation, budget.paid)

    async def _reserve(self, inputs: Inputs, spent: Decimal) -> Reservation:
        found = estimate([inputs], self._prices.rate)
        last = found.most_usd / max(1, found.calls)
        usual = max(_MARGIN * found.about_usd, self._most_expensive) + last
        try:
            return await self._whole.reserve(max(_NOTHING, found.most_usd - spent))
        except Stopped:
            amount = max(last, min(usual, found.most_usd) - spent)
        try:
            return await self._whole.reserve(amount)
        except Stopped as error:
            raise _no_room(self._whole.cap, amount, "panel") from error


def local_budget(
    cap: Decimal | None, *, spent: Decimal = _NOTHING, allow_unpriced: bool = False
) -> Budget:
    """Return the budget of one process that has `spent` some of it before."""
    return LocalBudget(cap, spent=spent, allow_unpriced=allow_unpriced)


def _no_room(cap: Decimal | None, amount: Decimal, of_what: str) -> Stopped:
    return uncalled(
        f"the cost cap of {dollars(cap or _NOTHING)} is reached: the next {of_what} may cost "
        f"{dollars(amount)}; raise --max-cost and run again, answers are kept",
        cause="cap",
    )
