"""What exchanges used and what that cost, in sums by run, persona, model and day."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime

from panel.domain.exchange import Exchange, Failure, Usage
from panel.domain.model_cost import Rate, cost
from panel.domain.run import Spending
from panel.domain.value import Value

RateOf = Callable[[Exchange], Rate | None]
By = Literal["run", "persona", "model", "day"]


class Paid(Value):
    """One exchange's cost: `amount` is None where no price is known, `usage` where nobody counted.

    `at_least`: it, or another call of its run, may have cost more than is recorded.
    """

    run: str
    day: date
    persona: str
    model: str
    calls: int
    usage: Usage | None
    amount: Decimal | None
    at_least: bool = False


class PaidQuestion(Value):
    """A call that belongs to no run: a question on the page of `tool`, and what it cost that day."""

    tool: str
    at: AwareDatetime
    paid: Paid


class Total(Value):
    """A sum of costs: `amount` is None where no call of it has a price.

    `unpriced` and `uncounted` count the exchanges that are in no sum; `at_least` tells whether more
    may have been paid.
    """

    name: str
    calls: int
    usage: Usage
    amount: Decimal | None
    unpriced: int
    uncounted: int
    at_least: bool = False

    @property
    def cached_share(self) -> float | None:
        """The share of input tokens that came from a prompt cache; None without input."""
        return self.usage.cached / self.usage.input if self.usage.input else None


def spend(
    exchanges: Sequence[Exchange], rate_of: RateOf, priced_by: str, *, at_least: bool = False
) -> Spending:
    """Return what `exchanges` used in all and what it cost at the rates known now.

    `at_least` says that calls were under way when a process ended: they are not among `exchanges`.
    """
    paid = [pay("", date.min, exchange, rate_of, at_least=at_least) for exchange in exchanges]
    counted = [one.usage for one in paid if one.usage is not None]
    unpriced = tuple(sorted({one.model for one in paid if one.amount is None}))
    amounts = [one.amount for one in paid if one.amount is not None]
    return Spending(
        calls=sum(one.calls for one in paid),
        usage=sum(counted, Usage()) if counted else None,
        cost_usd=None if unpriced or not counted else sum(amounts, Decimal(0)),
        unpriced=unpriced,
        priced_by=priced_by,
        at_least=any(one.at_least for one in paid) if paid else at_least,
    )


def pay(
    run: str, day: date, exchange: Exchange, rate_of: RateOf, *, at_least: bool = False
) -> Paid:
    """Return what one exchange cost. An exchange that nobody counted cost nothing here.

    `at_least` is that of its run; it does not concern an answer for which no call was made.
    """
    usage, rate = exchange.outcome.usage, rate_of(exchange)
    request = exchange.request
    amount = Decimal(0) if usage is None else None if rate is None else cost(usage, rate)
    return Paid(
        run=run,
        day=day,
        persona=request.reviewer or request.label,
        model=request.model
        if request.model == request.provider
        else f"{request.provider}:{request.model}",
        calls=exchange.outcome.calls,
        usage=usage,
        amount=amount,
        at_least=bool(at_least and exchange.outcome.calls) or _may_be_billed(exchange),
    )


def add_up(paid: Iterable[Paid], by: By) -> tuple[Total, ...]:
    """Return the sums of `paid` by run, persona, model or day, in alphabetical order."""
    groups: dict[str, list[Paid]] = {}
    for one in paid:
        groups.setdefault(str(getattr(one, by)), []).append(one)
    return tuple(_total(name, groups[name]) for name in sorted(groups))


def _may_be_billed(exchange: Exchange) -> bool:
    """Tell whether a call may have cost something that nobody counted: one refused costs nothing."""
    outcome = exchange.outcome
    was_refused = isinstance(outcome, Failure) and outcome.kind == "refused"
    return outcome.usage is None and outcome.calls > 0 and not was_refused


def _total(name: str, paid: Sequence[Paid]) -> Total:
    amounts = [one.amount for one in paid if one.usage is not None and one.amount is not None]
    unpriced = sum(one.amount is None for one in paid)
    at_least = any(one.at_least for one in paid)
    return Total(
        name=name,
        calls=sum(one.calls for one in paid),
        usage=sum((one.usage for one in paid if one.usage), Usage()),
        amount=sum(amounts, Decimal(0)) if amounts or not (unpriced or at_least) else None,
        unpriced=unpriced,
        uncounted=sum(one.usage is None for one in paid),
        at_least=at_least or bool(amounts and unpriced),
    )
