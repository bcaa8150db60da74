"""A cost cap that holds: a call that could break it is not made."""

import asyncio
from decimal import Decimal
from typing import Protocol

from panel.domain.cost_cap import Reservation, reached, uncalled
from panel.domain.exchange import Completion, Request, Usage
from panel.domain.money import Rate, cost, dollars, worst_cost
from panel.domain.rate_limit import prompt_tokens
from panel.errors import ProviderError, Refused, Stopped, Transient
from panel.ports import Provider

_NOTHING = Decimal(0)


class Prices(Protocol):
    """Where the price of a model is known."""

    def rate(
        self, provider: str, model: str, *, answered_by: str | None = None, input_tokens: int = 0
    ) -> Rate | None:
        """Return what a model charges for a prompt of this length, None where nobody knows.

        `answered_by` is the model that the response named, where there is one.
        """
        ...


class Budget(Protocol):
    """What may be spent, by this process or by many: see Budget."""

    @property
    def cap(self) -> Decimal | None:
        """What may be spent in all, None where there is no cap."""
        ...

    @property
    def allow_unpriced(self) -> bool:
        """Whether a call may be made that no price is known for, in spite of a cap."""
        ...

    def count_unpriced(self) -> None:
        """Count a call that is in no sum."""
        ...

    async def reserve(self, amount: Decimal) -> Reservation:
        """Set `amount` aside. Raises Stopped where the cap forbids it.

        Where only calls in flight stand in the way it waits for them. Who is cancelled in here
        holds nothing.
        """
        ...

    def settle(self, reserve: Reservation, paid: Decimal) -> None:
        """Give back what was held, and spend what was paid. It does not wait."""
        ...


class LocalBudget:
    """What may be spent, is held for calls in flight, and is spent; shared by all panels.

    `cap` None is no cap. `spent` counts calls whose fate is unknown with their worst case.
    `unpriced` counts the calls that no price is known for: they are in no sum.
    """

    def __init__(
        self, cap: Decimal | None, *, spent: Decimal = _NOTHING, allow_unpriced: bool = False
    ) -> None:
        self.cap = cap
        self.spent = spent
        self.held = _NOTHING
        self.unpriced = 0
        self.allow_unpriced = allow_unpriced
        self._settled = asyncio.Event()

    def count_unpriced(self) -> None:
        """Count a call that is in no sum."""
        self.unpriced += 1

    async def reserve(self, amount: Decimal) -> Reservation:
        """Set `amount` aside. Raises Stopped where the cap forbids it.

        Where only calls in flight stand in the way it waits for them: they hold their worst case
        and most of it comes back.
        """
        while self.cap is not None and self.spent + self.held + amount > self.cap:
            if self.spent + amount > self.cap:
                raise reached(self.cap, self.spent, amount)
            self._settled.clear()
            await self._settled.wait()
        self.held += amount
        return Reservation(amount)

    def settle(self, reserve: Reservation, paid: Decimal) -> None:
        """Give back what was held, and spend what was paid."""
        self.held -= reserve.amount
        self.spent += paid
        self._settled.set()


class CostCap:
    """A provider that makes a call only where its worst case fits into the budget.

    The worst case is the prompt's ceiling at the dearest input price and the whole output limit.
    After the call what was used is paid, by a failed call too.
    """

    def __init__(self, inner: Provider, budget: Budget, prices: Prices) -> None:
        self._inner = inner
        self._budget = budget
        self._prices = prices
        self._answered: dict[tuple[str, str], str] = {}

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer. Raises Stopped at the cap, or where no price is known."""
        worst = self._worst(request)
        if worst is None:
            admit_unpriced(self._budget, request)
            return await self._inner.complete(request)
        reserve = await self._budget.reserve(worst)
        paid = worst  # stays so where the call is cancelled: its fate is unknown
        try:
            completion = await self._inner.complete(request)
            self._answered[request.provider, request.model] = completion.model
            paid = self._paid(request, completion.usage, completion.model, worst)
        except ProviderError as error:
            paid = self._owed(request, error, worst)
            raise
        finally:
            self._budget.settle(reserve, paid)
        return completion

    def _worst(self, request: Request) -> Decimal | None:
        """Return the most that the call can cost, at the dearer of two rates.

        An alias may be answered by a dearer model than the one that its name is priced as.
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
        """Return what a failed call has cost: its tokens, nothing, or the worst that may be."""
        if error.tokens is not None:
            return self._paid(request, Usage(**error.tokens), request.model, worst)
        server_declined = isinstance(error, Refused | Stopped) or (
            isinstance(error, Transient) and error.retry_after is not None
        )
        return _NOTHING if server_declined or error.calls == 0 else worst


def admit_unpriced(budget: Budget, request: Request) -> None:
    """Count a request that no price is known for. Raises Stopped where a cap could not be kept."""
    name = f"{request.provider}:{request.model}"
    if budget.cap is not None and not budget.allow_unpriced:
        raise uncalled(
            f"no price is known for {name}, so the cost cap of {dollars(budget.cap)} "
            f'cannot be kept; give [prices."{name}"] input and output in shipskip.toml '
            "(0 for a model of your own), or allow_unpriced = true",
            cause="price",
        )
    budget.count_unpriced()
