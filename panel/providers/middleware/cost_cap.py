"""The cost cap: a call whose worst case would exceed it is not made."""

import asyncio
from decimal import Decimal
from typing import Protocol

from panel.domain.exchange import Completion, Request, Usage
from panel.domain.model_cost import cost, worst_cost
from panel.domain.rate_limit import prompt_tokens
from panel.domain.reservation import Reservation, reached, uncalled
from panel.domain.wording import dollars
from panel.errors import ProviderError, Refused, Stopped, Transient
from panel.ports import Provider
from panel.providers.price_list import PriceList

_NOTHING = Decimal(0)


class Budget(Protocol):
    """What may be spent: LocalBudget for one process, SharedBudget for many."""

    @property
    def cap(self) -> Decimal | None:
        """What may be spent in all, None where there is no cap."""
        ...

    @property
    def allow_unpriced(self) -> bool:
        """Whether a call may be made that no price is known for, in spite of a cap."""
        ...

    async def reserve(self, amount: Decimal) -> Reservation:
        """Reserve `amount`. Raises Stopped where the cap forbids it.

        It waits where only the reservations of other calls stand in the way. A call that is
        cancelled while it waits has reserved nothing.
        """
        ...

    def settle(self, reservation: Reservation, paid: Decimal) -> None:
        """Release `reservation` and count `paid` as spent. It does not wait."""
        ...


class LocalBudget:
    """The budget of one process: what may be spent, is reserved for calls under way, and is spent.

    `cap` None is no cap. `spent` has the worst case of calls whose outcome is unknown; calls that no
    price is known for are in no sum. Example, inside an event loop:
    `reservation = await LocalBudget(Decimal(6)).reserve(Decimal("0.02"))`.
    """

    def __init__(
        self, cap: Decimal | None, *, spent: Decimal = _NOTHING, allow_unpriced: bool = False
    ) -> None:
        self.cap = cap
        self.spent = spent
        self.reserved = _NOTHING
        self.allow_unpriced = allow_unpriced
        self._settled = asyncio.Event()

    async def reserve(self, amount: Decimal) -> Reservation:
        """Reserve `amount`. Raises Stopped where the cap forbids it: see Budget.

        Calls reserve their worst case and use less, so it is worth waiting for them.
        """
        while self.cap is not None and self.spent + self.reserved + amount > self.cap:
            if self.spent + amount > self.cap:
                raise reached(self.cap, self.spent, amount)
            self._settled.clear()
            await self._settled.wait()
        self.reserved += amount
        return Reservation(amount)

    def settle(self, reservation: Reservation, paid: Decimal) -> None:
        """Release `reservation` and count `paid` as spent."""
        self.reserved -= reservation.amount
        self.spent += paid
        self._settled.set()


class CostCap:
    """A provider that makes a call only where its worst case fits into the budget.

    The worst case is the upper bound of the prompt at the highest input price and the whole output
    limit. After the call the tokens that it used are paid, also where it failed.
    """

    def __init__(self, inner: Provider, budget: Budget, prices: PriceList) -> None:
        self._inner = inner
        self._budget = budget
        self._prices = prices
        self._answered: dict[tuple[str, str], str] = {}

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer. Raises Stopped at the cap, or where no price is known."""
        worst = self._worst(request)
        if worst is None:
            admit_unpriced(self._budget, request, self._prices.describe(request.provider))
            return await self._inner.complete(request)
        reservation = await self._budget.reserve(worst)
        paid = worst  # stays so where the call is cancelled: its outcome is unknown
        try:
            completion = await self._inner.complete(request)
            self._answered[request.provider, request.model] = completion.model
            paid = self._paid(request, completion.usage, completion.model, worst)
        except ProviderError as error:
            paid = self._owed(request, error, worst)
            raise
        finally:
            self._budget.settle(reservation, paid)
        return completion

    def _worst(self, request: Request) -> Decimal | None:
        """Return the most that the call can cost, None where no price is known.

        A model name may be an alias, answered by a model with another price: the higher one counts.
        """
        prompt = prompt_tokens(request)
        seen = self._answered.get((request.provider, request.model))
        rates = [
            self._prices.rate(
                request.provider, request.model, answered_by=model, input_tokens=prompt
            )
            for model in {None, seen}
        ]
        return max(
            (worst_cost(prompt, request.max_output_tokens, rate) for rate in rates if rate),
            default=None,
        )

    def _paid(
        self, request: Request, usage: Usage | None, answered_by: str, worst: Decimal
    ) -> Decimal:
        if usage is None:
            return worst
        rate = self._prices.rate(
            request.provider, request.model, answered_by=answered_by, input_tokens=usage.input
        )
        return worst if rate is None else cost(usage, rate)

    def _owed(self, request: Request, error: ProviderError, worst: Decimal) -> Decimal:
        """Return what a failed call has cost: its tokens, nothing, or its worst case."""
        if error.tokens is not None:
            return self._paid(request, Usage(**error.tokens), request.model, worst)
        return _NOTHING if costs_nothing(error) else worst


def costs_nothing(error: ProviderError) -> bool:
    """Tell whether a server that answers with `error` has declined what it was sent, unworked on."""
    if isinstance(error, Refused | Stopped) or error.calls == 0:
        return True
    return isinstance(error, Transient) and error.retry_after is not None


def admit_unpriced(budget: Budget, request: Request, looked_for: str = "price") -> None:
    """Let a request pass that no price is known for. Raises Stopped where a cap cannot be kept.

    `looked_for` says which price its service charges: `PriceList.describe`.
    """
    name = f"{request.provider}:{request.model}"
    if budget.cap is not None and not budget.allow_unpriced:
        raise uncalled(
            f"no {looked_for} is known for {name}, so the cost cap of {dollars(budget.cap)} "
            f'cannot be kept; give [prices."{name}"] input and output in shipskip.toml '
            "(0 for a model of your own), or allow_unpriced = true",
            cause="price",
        )
