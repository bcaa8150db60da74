"""The pricing read: stated prices side by side, and example months computed from nothing else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from panel.domain.tool import Price, Tool
from panel.domain.value import Value
from panel.domain.wording import counted

Metering = Literal["tokens", "seats", "other", "none"]
_TOKEN_UNITS = {"token": 1, "1k tokens": 1_000, "1m tokens": 1_000_000}
_WORDS = (("million", "m"), ("thousand", "k"), ("mtok", "m tokens"), ("ktok", "k tokens"))
_SEATS = ("seat", "user", "member", "developer")


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
    """What an example month costs on the stated prices, and the products that add up to it."""

    label: str
    amount: Decimal
    currency: str
    terms: tuple[Term, ...]


class PricingRead(Value):
    """What one tool's text says about money; `months` is empty where nothing can be computed."""

    slug: str
    metering: Metering
    prices: tuple[Price, ...]
    months: tuple[MonthCost, ...]


def read_pricing(tool: Tool, months: Sequence[Month] = MONTHS) -> PricingRead:
    """Return the stated prices of `tool` and the example months that they allow.

    Token-priced tools need one input and one output price in one currency; seat-priced ones a price
    per seat and month. Everything else is listed and not computed.
    """
    metering, costs = _meter(tool.prices, months)
    return PricingRead(slug=tool.slug, metering=metering, prices=tool.prices, months=costs)


def _meter(
    prices: Sequence[Price], months: Sequence[Month]
) -> tuple[Metering, tuple[MonthCost, ...]]:
    tokens = _token_rates(prices)
    if tokens:
        rate_in, rate_out, currency = tokens
        return "tokens", tuple(_tokens(month, rate_in, rate_out, currency) for month in months)
    seats = [price for price in prices if _is_seat(price)]
    if len(seats) == 1:
        return "seats", tuple(_seats(month, seats[0]) for month in months)
    return ("other", ()) if prices else ("none", ())


def _token_rates(prices: Sequence[Price]) -> tuple[Decimal, Decimal, str] | None:
    """Return the prices of a million tokens in and out, or None."""
    found = [(price, per) for price in prices if (per := _token_unit(price.unit))]
    ins = [(p, per) for p, per in found if p.label.casefold().startswith("in")]
    outs = [(p, per) for p, per in found if p.label.casefold().startswith("out")]
    if len(ins) != 1 or len(outs) != 1 or ins[0][0].currency != outs[0][0].currency:
        return None
    (price_in, per_in), (price_out, per_out) = ins[0], outs[0]
    million = Decimal(1_000_000)
    return (
        price_in.amount * million / per_in,
        price_out.amount * million / per_out,
        price_in.currency,
    )


def _token_unit(unit: str) -> int | None:
    plain = " ".join(unit.casefold().replace("per ", "").split())
    for word, letter in _WORDS:
        plain = plain.replace(f"{word} tokens", f"{letter} tokens").replace(word, letter)
    plain = plain.replace(" m tokens", "m tokens").replace(" k tokens", "k tokens")
    plain = {"m tokens": "1m tokens", "k tokens": "1k tokens"}.get(plain, plain)
    return _TOKEN_UNITS.get(plain)


def _is_seat(price: Price) -> bool:
    unit = price.unit.casefold()
    return any(word in unit for word in _SEATS) and "month" in unit


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


def _seats(month: Month, price: Price) -> MonthCost:
    count = counted(month.seats, "seat")
    return MonthCost(
        label=month.label,
        amount=price.amount * month.seats,
        currency=price.currency,
        terms=(Term(count=count, rate=price.amount, per="seat"),),
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"
