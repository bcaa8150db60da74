"""What a model charges, what a call has cost, and what it may cost at most. US dollars, exactly."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field

from panel.domain.exchange import Usage
from panel.domain.value import Value
from panel.errors import ConfigError

Dollars = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]

_PER_MILLION = -6
_NEEDED = ("input", "output")
_OPTIONAL = ("cached", "cache_write")


class Rate(Value):
    """US dollars per million tokens, and where the figures come from.

    `cached` is the price of input read from a prompt cache, `cache_write` of input written to one.
    """

    input: Dollars
    cached: Dollars
    cache_write: Dollars
    output: Dollars
    source: str


def read_rate(model: str, table: Mapping[str, object]) -> Rate:
    """Return the rate that a table `[prices."provider:model"]` of shipskip.toml states.

    `input` and `output` are needed; `cached` and `cache_write` are the input price where they are
    not given. Raises ConfigError, which names the table and the key.
    """
    unknown = sorted(set(table) - {*_NEEDED, *_OPTIONAL})
    if unknown:
        raise _wrong(model, f"{unknown[0]} is not a price")
    for key in _NEEDED:
        if key not in table:
            raise _wrong(model, f"{key} is missing")
    prices = {key: _read_price(model, key, value) for key, value in table.items()}
    return Rate(
        input=prices["input"],
        cached=prices.get("cached", prices["input"]),
        cache_write=prices.get("cache_write", prices["input"]),
        output=prices["output"],
        source="shipskip.toml",
    )


def _read_price(model: str, key: str, value: object) -> Decimal:
    try:
        price = Decimal("nan") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        price = Decimal("nan")
    if not price.is_finite() or price < 0:
        raise _wrong(model, f"{key} = {value!r} is not an amount")
    return price


def _wrong(model: str, what: str) -> ConfigError:
    return ConfigError(
        f'shipskip.toml, [prices."{model}"]: {what}; '
        "give input and output (cached, cache_write) in US dollars per million tokens"
    )


def cost(usage: Usage, rate: Rate) -> Decimal:
    """Return what `usage` costs at `rate`, in dollars; reasoning is part of the output."""
    fresh = max(usage.input - usage.cached - usage.cache_written, 0)
    total = (
        fresh * rate.input
        + usage.cached * rate.cached
        + usage.cache_written * rate.cache_write
        + usage.output * rate.output
    )
    return total.scaleb(_PER_MILLION)


def worst_cost(prompt_tokens: int, output_tokens: int, rate: Rate) -> Decimal:
    """Return the most that a call can cost: the dearest kind of input, the whole output limit."""
    dearest = max(rate.input, rate.cached, rate.cache_write)
    return (prompt_tokens * dearest + output_tokens * rate.output).scaleb(_PER_MILLION)
