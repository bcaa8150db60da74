"""The pricing read as a page prints it: a row for each kind of price, and for example months."""

from collections.abc import Sequence
from dataclasses import dataclass

from panel.domain.licence import Licence, read_licences
from panel.domain.monthly_cost import PricingRead, absence
from panel.domain.price_terms import Kind, read_terms
from panel.domain.tool import Price, Tool
from panel.domain.wording import listed
from panel.publish.columns import Column
from panel.publish.entry_price import FREE, KINDS
from panel.publish.fact_words import say_entry
from panel.publish.figures import add_up, money, price_in_words
from panel.spdx import licence_table

_ABSENT: dict[Kind, str] = {
    "seats": "by seat",
    "subscription": "by month or year",
    "usage": "by usage",
    "one-off": "to pay once",
}
_NONE_STATED = "none stated"
_UNCLASSIFIED = "not classified"
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


def list_prices(columns: Sequence[Column]) -> list[PriceRow]:
    """Return a row for a free tier, for each kind that any tool states, and for the licence."""
    rows = []
    if any(_is_free(column.tool) for column in columns):
        rows.append(PriceRow("Free tier", tuple(_free(column) for column in columns)))
    for kind, label in KINDS.items():
        cells = tuple(_cell(column, kind) for column in columns)
        if any(cell.text for cell in cells):
            rows.append(PriceRow(label, cells))
    rows.append(PriceRow("Licence", tuple(_licence(column) for column in columns)))
    return rows


def absent_kinds(columns: Sequence[Column]) -> str:
    """Return in one sentence which kinds of price no tool states, or whose prices are not known.

    Empty where each kind is stated.
    """
    stated = {read_terms(price).kind for column in columns for price in column.tool.prices}
    missing = [phrase for kind, phrase in _ABSENT.items() if kind not in stated]
    unknown = [column for column in columns if _is_unknown(column.tool)]
    if unknown:
        return " ".join(_unknown(column, alone=len(columns) == 1) for column in unknown)
    if not stated:
        return "No price is stated."
    return f"No price {listed(missing).replace(' and ', ' or ')} is stated." if missing else ""


def _is_unknown(tool: Tool) -> bool:
    return not tool.prices and "prices" not in tool.not_stated


def _unknown(column: Column, *, alone: bool) -> str:
    """Return that the prices of a tool are not known: its text has sums, or nobody looked."""
    whose = "" if alone else f"{column.name}: "
    if absence(column.tool, "prices") == "not read":
        why = "Prices not read: none could be told to be the tool’s own."
        return f"{whose}{why}" if alone else f"{whose}{why[:1].lower()}{why[1:]}"
    return f"{whose}{'Prices' if alone else 'prices'} not looked up."


def _is_free(tool: Tool) -> bool:
    return tool.entry in FREE or any(price.is_free for price in tool.prices)


def _free(column: Column) -> PriceCell:
    tool = column.tool
    free = [f"{price.label}: {_free_of(price)}" for price in tool.prices if price.is_free]
    if free or tool.entry in FREE:
        return PriceCell("; ".join(free) or say_entry(tool.entry or "").capitalize())
    known = tool.entry is not None or "entry" in tool.not_stated
    return PriceCell(lacks=_NONE_STATED if known else absence(tool, "entry"))


def _free_of(price: Price) -> str:
    return f"free{f' ({said})' if (said := '; '.join(price.terms)) else ''}"


def _cell(column: Column, kind: Kind) -> PriceCell:
    """Return what a tool states of a kind: the first three prices in full, the others beneath."""
    tool = column.tool
    paid = (price for price in tool.prices if not price.is_free)
    found = [price for price in paid if read_terms(price).kind == kind]
    if not found:
        known = bool(tool.prices) or "prices" in tool.not_stated
        return PriceCell(lacks=_NONE_STATED if known else absence(tool, "prices"))
    lines = tuple(f"{price.label}: {price_in_words(price)}" for price in found)
    return PriceCell("; ".join(lines[:_SHOWN]), lines[_SHOWN:])


def _licence(column: Column) -> PriceCell:
    fact = column.fact("licence")
    if not fact.known:
        return PriceCell(lacks=fact.text)
    read = read_licences(column.tool.licence or "", licence_table())
    return PriceCell("; ".join(map(_classified, read)))


def _classified(licence: Licence) -> str:
    openness = licence.openness or _UNCLASSIFIED
    return licence.text if licence.text == openness else f"{licence.text}, {openness}"


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
    """Return the example months that at least one tool's prices allow; else one row that says why not.

    The last row has what the sums leave out. There is no row where no tool has a price.
    """
    labels = dict.fromkeys(month.label for read in reads for month in read.months)
    rows = [
        MonthRow(_title(label, reads), tuple(_month(read, label) for read in reads))
        for label in labels
    ]
    if rows:
        left = tuple(map(_left_out, reads))
        return (
            [*rows, MonthRow("Left out of these sums", left)] if any(c.sum for c in left) else rows
        )
    if not any(read.prices for read in reads):
        return []
    return [MonthRow("An example month", tuple(_month(read, "") for read in reads))]


def _left_out(read: PricingRead) -> MonthCell:
    """Return what the months of a tool leave out, the same for each of them."""
    if not read.months:
        return MonthCell(lacks="no sum")
    left = listed(read.months[0].leaves_out)
    return MonthCell(sum=left, lacks="" if left else "nothing that is stated")


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
            bound = f"{month.bound} " if month.bound else ""
            return MonthCell(f"{bound}{money(month.amount, month.currency)}", add_up(month))
    return MonthCell(lacks=read.uncomputed or "not computed")
