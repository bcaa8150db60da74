"""What exchanges used and what that cost, in sums by run, persona, model and day."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from panel.domain.exchange import Exchange, Usage
from panel.domain.money import Rate, cost
from panel.domain.run import Spending
from panel.domain.value import Value

RateOf = Callable[[Exchange], Rate | None]
By = Literal["run", "persona", "model", "day"]


class Paid(Value):
    """One exchange's cost: `amount` is None where no price is known, `usage` where nobody counted."""

    run: str
    day: date
    persona: str
    model: str
    calls: int
    usage: Usage | None
    amount: Decimal | None


class Total(Value):
    """A sum of costs. `unpriced` counts the exchanges that are in no sum."""

    name: str
    calls: int
    usage: Usage
    amount: Decimal
    unpriced: int
    uncounted: int

    @property
    def cached_share(self) -> float | None:
        """The share of input tokens that came from a prompt cache; None without input."""
        return self.usage.cached / self.usage.input if self.usage.input else None


def spend(exchanges: Sequence[Exchange], rate_of: RateOf, priced_by: str) -> Spending:
    """Return what `exchanges` used in all and what it cost at the rates known now."""
    paid = [pay("", date.min, exchange, rate_of) for exchange in exchanges]
    counted = [one.usage for one in paid if one.usage is not None]
    unpriced = tuple(sorted({one.model for one in paid if one.amount is None}))
    amounts = [one.amount for one in paid if one.amount is not None]
    return Spending(
        calls=sum(one.calls for one in paid),
        usage=sum(counted, Usage()) if counted else None,
        cost_usd=None if unpriced or not counted else sum(amounts, Decimal(0)),
        unpriced=unpriced,
        priced_by=priced_by,
    )


def pay(run: str, day: date, exchange: Exchange, rate_of: RateOf) -> Paid:
    """Return what one exchange cost. An exchange that nobody counted cost nothing here."""
    usage, rate = exchange.outcome.usage, rate_of(exchange)
    request = exchange.request
    amount = Decimal(0) if usage is None else None if rate is None else cost(usage, rate)
    return Paid(
        run=run,
        day=day,
        persona=request.label.removeprefix("review:"),
        model=request.model
        if request.model == request.provider
        else f"{request.provider}:{request.model}",
        calls=exchange.outcome.calls,
        usage=usage,
        amount=amount,
    )


def add_up(paid: Iterable[Paid], by: By) -> tuple[Total, ...]:
    """Return the sums of `paid` by run, persona, model or day, in alphabetical order."""
    groups: dict[str, list[Paid]] = {}
    for one in paid:
        groups.setdefault(str(getattr(one, by)), []).append(one)
    return tuple(_total(name, groups[name]) for name in sorted(groups))


def _total(name: str, paid: Sequence[Paid]) -> Total:
    return Total(
        name=name,
        calls=sum(one.calls for one in paid),
        usage=sum((one.usage for one in paid if one.usage), Usage()),
        amount=sum((one.amount for one in paid if one.amount), Decimal(0)),
        unpriced=sum(one.amount is None for one in paid),
        uncounted=sum(one.usage is None for one in paid),
    )
