"""The pricing read as a page prints it: one row a kind of price, and the entry price in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from panel.domain.pricing import PricingRead
from panel.domain.tool import Price, Tool
from panel.publish.columns import Column
from panel.publish.figures import add_up, listed, money, per

Kind = Literal["seats", "subscription", "usage", "one-off"]
KINDS: dict[Kind, str] = {
    "seats": "Seats",
    "subscription": "Subscription",
    "usage": "Usage",
    "one-off": "One-off",
}
_ABSENT: dict[Kind, str] = {
    "seats": "by seat",
    "subscription": "by month or year",
    "usage": "by usage",
    "one-off": "to pay once",
}
_SEAT = ("seat", "user", "member", "developer", "person", "editor", "agent")
_TIME = ("month", "year", "annum", "week", "quarter", "day")
_ONCE = ("once", "one-off", "one-time", "one time", "lifetime", "perpetual", "purchase")
_FREE = {"free": "free", "freemium": "free to start"}
_SHOWN = 3  # prices of a kind in full; the others stand in small beneath


@dataclass(frozen=True)
class PriceCell:
    """What one tool states of a kind: `text` first, `details` beneath; no text says why in `lacks`."""

    text: str = ""
    details: tuple[str, ...] = ()
    lacks: str = ""


@dataclass(frozen=True)
class PriceRow:
    """One kind of price across the columns."""

    label: str
    cells: tuple[PriceCell, ...]


def kind_of(price: Price) -> Kind:
    """Return what a price is charged by, as its unit says: who, how long, how often or how much."""
    unit = price.unit.casefold()
    if any(word in unit for word in _SEAT):
        return "seats"
    if any(word in unit for word in _TIME):
        return "subscription"
    return "one-off" if any(word in unit for word in _ONCE) else "usage"


def entry_figure(tool: Tool) -> str | None:
    """Return the entry price of `tool` in figures, None where the text states none or nobody looked.

    The cheapest price of the first kind that is stated: `free, then $12 per seat and month`,
    `$20 in / $80 out per 1M tokens`; the first one where units or currencies differ.
    """
    free = _FREE.get(tool.entry or "")
    figure = _figure(tool.prices)
    if tool.entry == "free" or figure is None:
        return free or ("on request" if tool.entry == "contact" else None)
    return f"free, then {figure}" if free else figure


def _figure(prices: Sequence[Price]) -> str | None:
    if pair := _tokens(prices):
        return pair
    for kind in KINDS:
        found = [price for price in prices if kind_of(price) == kind and price.amount]
        if found and len({(price.currency, price.unit) for price in found}) == 1:
            lowest = min(found, key=lambda price: price.amount)
            start = "from " if len(found) > 1 else ""
            return f"{start}{_money(lowest)}"
        if found:
            return _money(found[0])
    return None


def _tokens(prices: Sequence[Price]) -> str | None:
    """Return one input and one output price of tokens as a pair."""
    ins = [price for price in prices if price.label.casefold().startswith("in")]
    outs = [price for price in prices if price.label.casefold().startswith("out")]
    if len(ins) != 1 or len(outs) != 1 or "token" not in ins[0].unit.casefold():
        return None
    (one,), (other,) = ins, outs
    if (one.unit, one.currency) != (other.unit, other.currency):
        return f"{_money(one)} in / {_money(other)} out"
    prices_of = [money(price.amount, price.currency) for price in (one, other)]
    return f"{prices_of[0]} in / {prices_of[1]} out {per(one.unit)}"


def _money(price: Price) -> str:
    return f"{money(price.amount, price.currency)} {per(price.unit)}"


def list_prices(columns: Sequence[Column]) -> list[PriceRow]:
    """Return a row for a free tier, for each kind that any tool states, and for the licence."""
    rows = []
    if any(column.tool.entry in _FREE for column in columns):
        rows.append(PriceRow("Free tier", tuple(_free(column) for column in columns)))
    for kind, label in KINDS.items():
        cells = tuple(_cell(column, kind) for column in columns)
        if any(cell.text for cell in cells):
            rows.append(PriceRow(label, cells))
    rows.append(PriceRow("Licence", tuple(_licence(column) for column in columns)))
    return rows


def absent_kinds(columns: Sequence[Column]) -> str:
    """Return in one sentence which kinds of price no tool states, empty where each is stated."""
    stated = {kind_of(price) for column in columns for price in column.tool.prices}
    missing = [phrase for kind, phrase in _ABSENT.items() if kind not in stated]
    if not missing or any(
        "prices" not in column.tool.not_stated and not column.tool.prices for column in columns
    ):
        return ""
    if not stated:
        return "No price is stated."
    return f"No price {listed(missing).replace(' and ', ' or ')} is stated."


def _free(column: Column) -> PriceCell:
    tool = column.tool
    if tool.entry in _FREE:
        return PriceCell(_FREE[tool.entry].capitalize())
    return PriceCell(lacks=_lacks(is_known=tool.entry is not None or "entry" in tool.not_stated))


def _cell(column: Column, kind: Kind) -> PriceCell:
    found = [price for price in column.tool.prices if kind_of(price) == kind]
    if not found:
        known = bool(column.tool.prices) or "prices" in column.tool.not_stated
        return PriceCell(lacks=_lacks(is_known=known))
    lines = tuple(f"{price.label}: {_money(price)}" for price in found)
    return PriceCell("; ".join(lines[:_SHOWN]), lines[_SHOWN:])


def _licence(column: Column) -> PriceCell:
    fact = column.fact("licence")
    return PriceCell(fact.text) if fact.known else PriceCell(lacks=fact.text)


def _lacks(*, is_known: bool) -> str:
    return "none stated" if is_known else "not looked up"


@dataclass(frozen=True)
class MonthCell:
    """What an example month costs and the sum that shows it; or why there is none."""

    amount: str = ""
    sum: str = ""
    lacks: str = ""


@dataclass(frozen=True)
class MonthRow:
    """One example month across the columns."""

    label: str
    cells: tuple[MonthCell, ...]


def list_months(reads: Sequence[PricingRead]) -> list[MonthRow]:
    """Return the example months that at least one tool's prices allow."""
    labels = dict.fromkeys(month.label for read in reads for month in read.months)
    return [
        MonthRow(_title(label, reads), tuple(_month(read, label) for read in reads))
        for label in labels
    ]


def _title(label: str, reads: Sequence[PricingRead]) -> str:
    """Return a month's title: what is counted, where that is the same for every tool, else its label.

    The labels tell how much work a month of tokens is; of seats they would tell nothing.
    """
    counted = {
        tuple(term.count for term in month.terms)
        for read in reads
        for month in read.months
        if month.label == label
    }
    only = counted.pop() if len(counted) == 1 else ()
    return f"{only[0] if len(only) == 1 else label}, one month"


def _month(read: PricingRead, label: str) -> MonthCell:
    for month in read.months:
        if month.label == label:
            return MonthCell(money(month.amount, month.currency), add_up(month))
    return MonthCell(
        lacks="not computed from these prices" if read.prices else "no price to compute from"
    )
