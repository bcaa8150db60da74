"""The pricing read: stated prices side by side, and example months computed from nothing else."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from panel.domain.price_terms import SIDES, PriceTerms, read_terms
from panel.domain.tool import FactName, Price, Tool
from panel.domain.value import Value, is_empty, is_none
from panel.domain.wording import counted, plural, spelled

Metering = Literal["tokens", "seats", "other", "none"]
Bound = Literal["at least", "at most"]
_Read = tuple[Price, PriceTerms]
_WORD = re.compile(r"\w+")
_ANY_PRICE = frozenset("price prices pricing cost costs rate token tokens".split())


class Month(Value):
    """One example month: tokens in and out for a token price, seats for a seat price."""

    label: str
    input_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    seats: Annotated[int, Field(ge=0)]


MONTHS = (
    Month(label="Trial", input_tokens=2_000_000, output_tokens=500_000, seats=1),
    Month(label="One feature", input_tokens=50_000_000, output_tokens=10_000_000, seats=10),
    Month(label="Heavy use", input_tokens=1_000_000_000, output_tokens=200_000_000, seats=100),
)


class Term(Value):
    """A product in the sum of an example month: what is counted, and what each `per` of it costs."""

    count: str
    rate: Decimal
    per: str


class MonthCost(Value):
    """What an example month costs on the stated prices, and the products that add up to it.

    `bound` tells that prices are stated "from" or "up to" a sum, so that a month costs that at least
    or at most. `leaves_out` names in plain words what is stated besides and is not in the sum.
    """

    label: str
    amount: Decimal
    currency: str
    terms: tuple[Term, ...]
    bound: Bound | None = Field(default=None, exclude_if=is_none)
    leaves_out: tuple[str, ...] = Field(default=(), exclude_if=is_empty)


class PricingRead(Value):
    """What one tool's text says about money.

    Where `months` is empty `uncomputed` says why: "not stated", "not read", "not looked up", or "not
    computed: " and the reason.
    """

    slug: str
    metering: Metering
    prices: tuple[Price, ...]
    months: tuple[MonthCost, ...]
    uncomputed: str | None = Field(default=None, exclude_if=is_none)


@dataclass(frozen=True)
class _Uncomputed:
    """Why no month can be computed."""

    why: str


def read_pricing(
    tool: Tool, months: Sequence[Month] = MONTHS, slug: str | None = None
) -> PricingRead:
    """Return the stated prices of `tool` and the example months that they allow.

    `slug` is the one that the tool was reviewed under, which a corrected name does not change. Tokens
    need one price in and one out of the same thing in one currency, seats one price per seat and
    month. Everything else is listed and not computed, and the reason is said.
    """
    slug = slug or tool.slug
    found = _compute(tool, months) if tool.prices else _Uncomputed(absence(tool, "prices"))
    if isinstance(found, _Uncomputed):
        metering: Metering = "other" if tool.prices else "none"
        return PricingRead(
            slug=slug, metering=metering, prices=tool.prices, months=(), uncomputed=found.why
        )
    metering, costs = found
    return PricingRead(slug=slug, metering=metering, prices=tool.prices, months=costs)


def absence(tool: Tool, fact: FactName) -> str:
    """Return why `tool` is without a fact: "not stated", "not read" or "not looked up"."""
    if fact in tool.not_stated:
        return "not stated"
    return "not read" if fact in tool.not_read else "not looked up"


def _compute(
    tool: Tool, months: Sequence[Month]
) -> tuple[Metering, tuple[MonthCost, ...]] | _Uncomputed:
    read = [(price, read_terms(price)) for price in tool.prices]
    tokens = [one for one in read if one[1].thing == "token" and one[1].side]
    seats = [one for one in read if one[1].kind == "seats" and not one[0].is_free]
    if tokens:
        other = next(filter(None, (_other_name(price, tool) for price, _ in tokens)), None)
        if other:
            return _not(f"a price of {other}")
        costs = _compute_tokens(tokens, read, months)
    elif seats:
        costs = _compute_seats(seats, read, months)
    else:
        units = dict.fromkeys(map(_unit, tool.prices))
        return _not("no price by seat or token" if len(units) > 1 else next(iter(units)))
    return costs if isinstance(costs, _Uncomputed) else ("tokens" if tokens else "seats", costs)


def _unit(price: Price) -> str:
    if price.unit is None:
        return "the unit is not stated"
    return "paid once" if price.unit == "once" else f"priced per {price.unit}"


def _not(why: str) -> _Uncomputed:
    return _Uncomputed(f"not computed: {why}")


def _compute_tokens(
    tokens: Sequence[_Read], read: Sequence[_Read], months: Sequence[Month]
) -> tuple[MonthCost, ...] | _Uncomputed:
    """Return the months of one price in and one price out; both of one thing, in one currency."""
    ins = [one for one in tokens if one[1].side == "input"]
    outs = [one for one in tokens if one[1].side == "output"]
    for found, side in ((ins, "input"), (outs, "output")):
        if len(found) != 1:
            return _not(f"{spelled(len(found))} {side} {plural(len(found), 'price')}")
    (one, of_one), (other, of_other) = ins[0], outs[0]
    if fault := _fault((one, other)):
        return fault
    if _subject(one) != _subject(other):
        return _not("input and output prices of different things")
    million = Decimal(1_000_000)
    rates = (one.amount * million / of_one.quantity, other.amount * million / of_other.quantity)
    costs = (_tokens(month, *rates, one.currency or "") for month in months)
    return _bounded(costs, read, (one, other))


def _compute_seats(
    seats: Sequence[_Read], read: Sequence[_Read], months: Sequence[Month]
) -> tuple[MonthCost, ...] | _Uncomputed:
    if len(seats) > 1:
        return _not(f"{spelled(len(seats))} seat prices")
    price, terms = seats[0]
    if fault := _fault((price,)):
        return fault
    if terms.period != "month":
        return _not(f"the seat price is {_by(terms.period)}, not by the month")
    if terms.quantity != 1:
        return _not(f"the price is for {_plain(terms.quantity)} seats together")
    if terms.unread:
        return _not(f"a condition of the price, {terms.unread}")
    costs = (_seats(month, price, terms.least or 0) for month in months)
    return _bounded(costs, read, (price,))


def _by(period: str | None) -> str:
    return (
        "without a period"
        if period is None
        else "paid once"
        if period == "once"
        else f"by the {period}"
    )


def _fault(prices: Sequence[Price]) -> _Uncomputed | None:
    """Return why prices cannot be multiplied and added, None where they can."""
    currencies = {price.currency for price in prices}
    if None in currencies:
        return _not("the currency is not stated")
    if len(currencies) > 1:
        return _not("prices in different currencies")
    if any(price.up_to is not None for price in prices):
        return _not("a range of prices")
    return None


def _subject(price: Price) -> frozenset[str]:
    """Return what a price of tokens is of: the words of its label without the side."""
    words = _WORD.findall(price.label.casefold())
    return frozenset(word for word in words if word not in SIDES and word not in _ANY_PRICE)


def _other_name(price: Price, tool: Tool) -> str | None:
    """Return a name in the label of a price that is not the tool's: "GPT" of "GPT-4 input".

    A first word with one capital may be an ordinary one.
    """
    own = set(_WORD.findall(f"{tool.name} {tool.vendor or ''}".casefold()))
    for number, word in enumerate(map(str, _WORD.findall(price.label))):
        is_name = word[0].isupper() if number else word[1:] != word[1:].lower()
        if is_name and word.casefold() not in own | SIDES.keys():
            return word
    return None


def _bounded(
    costs: Iterable[MonthCost], read: Sequence[_Read], counted_in: Sequence[Price]
) -> tuple[MonthCost, ...] | _Uncomputed:
    """Return months with what their sums leave out, and whether they are a lower or an upper bound.

    A sum of one price from an amount and one up to another is neither.
    """
    others = (price.label for price, _ in read if not (price.is_free or price in counted_in))
    terms = [terms for price, terms in read if price in counted_in]
    said = (
        ("tax", any(one.untaxed for one in terms)),
        ("steps in the price", any(one.tiered for one in terms)),
        ("what this comes on top of", any(one.on_top for one in terms)),
    )
    left = tuple(dict.fromkeys((*others, *(name for name, holds in said if holds))))
    starts, ends = any(one.starts_there for one in terms), any(one.ends_there for one in terms)
    if starts and ends:
        return _not("prices are from a sum and up to a sum")
    bound: Bound | None = "at least" if starts else "at most" if ends else None
    return tuple(cost.model_copy(update={"bound": bound, "leaves_out": left}) for cost in costs)


def _tokens(month: Month, rate_in: Decimal, rate_out: Decimal, currency: str) -> MonthCost:
    millions_in = Decimal(month.input_tokens) / 1_000_000
    millions_out = Decimal(month.output_tokens) / 1_000_000
    return MonthCost(
        label=month.label,
        amount=millions_in * rate_in + millions_out * rate_out,
        currency=currency,
        terms=(
            Term(count=f"{_plain(millions_in)}M tokens in", rate=rate_in, per="million"),
            Term(count=f"{_plain(millions_out)}M tokens out", rate=rate_out, per="million"),
        ),
    )


def _seats(month: Month, price: Price, least: int) -> MonthCost:
    seats = max(month.seats, least)
    return MonthCost(
        label=month.label,
        amount=price.amount * seats,
        currency=price.currency or "",
        terms=(Term(count=counted(seats, "seat"), rate=price.amount, per="seat"),),
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"
