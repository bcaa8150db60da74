"""The entry price of a tool in figures, and the kind that each of its prices is."""

from collections.abc import Sequence
from typing import Final

from panel.domain.price_terms import SIDES, Kind, PriceTerms, read_terms
from panel.domain.tool import Price, Tool
from panel.publish.fact_words import say_entry
from panel.publish.figures import per, sum_of

KINDS: dict[Kind, str] = {
    "seats": "Seats",
    "subscription": "Subscription",
    "usage": "Usage",
    "one-off": "One-off",
}
FREE: Final = frozenset({"free", "freemium"})
"""The terms of an entry price by which a tool costs nothing at first."""
_ORDER = ("free", "freemium", "paid", "contact", None)


def entry_figure(tool: Tool) -> str | None:
    """Return the entry price of `tool` in figures, None where the text states none or nobody looked.

    The cheapest price of the first kind that is stated: `free, then $12 per seat and month`,
    `$20 in / $80 out per 1M tokens`; the first one where units or currencies differ.
    """
    free = say_entry(tool.entry) if tool.entry in FREE else None
    figure = _figure(tool.prices)
    if tool.entry == "free" or figure is None:
        return free or (say_entry("contact") if tool.entry == "contact" else None)
    return f"free, then {figure}" if free else figure


def entry_order(tool: Tool) -> int:
    """Return what lists order tools by: free, free to start, paid, on request, not stated.

    Prices are each per a unit of its own, so no amount ranks before another.
    """
    return _ORDER.index(tool.entry)


def _figure(prices: Sequence[Price]) -> str | None:
    read = [(price, read_terms(price)) for price in prices]
    if pair := _tokens(read):
        return pair
    for kind in KINDS:
        found = [price for price, terms in read if terms.kind == kind and not price.is_free]
        if found and len({(price.currency, price.counted_in, price.unit) for price in found}) == 1:
            lowest = min(found, key=lambda price: price.amount)
            said = f"{sum_of(lowest)} {per(lowest.unit)}"
            return said if len(found) == 1 or said.startswith("from ") else f"from {said}"
        if found:
            return f"{sum_of(found[0])} {per(found[0].unit)}"
    return None


def _tokens(read: Sequence[tuple[Price, PriceTerms]]) -> str | None:
    """Return one input and one output price of tokens as a pair."""
    ins, outs = (
        [price for price, terms in read if terms.thing == "token" and terms.side == side]
        for side in ("input", "output")
    )
    if len(ins) != 1 or len(outs) != 1:
        return None
    (one,), (other,) = ins, outs
    units = [_without_side(price.unit or "") for price in (one, other)]
    if units[0] != units[1]:
        return f"{sum_of(one)} {per(one.unit)} in / {sum_of(other)} {per(other.unit)} out"
    return f"{sum_of(one)} in / {sum_of(other)} out {per(units[0])}"


def _without_side(unit: str) -> str:
    return " ".join(word for word in unit.split() if word.casefold() not in SIDES)
