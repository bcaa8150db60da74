"""Numbers, dates and lists as the pages print them: one form each, rounded once."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from panel.domain.monthly_cost import MonthCost
from panel.domain.price_terms import read_terms
from panel.domain.tool import Price
from panel.domain.wording import small_dollars

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_CENT = Decimal("0.01")
_URL = re.compile(
    r"https?://(?P<host>[^\W_](?:[\w-]|\.(?!\.))*)(?P<port>:\d{1,5})?"
    r"(?:[/?#](?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    re.IGNORECASE,
)
_IN_SUM = ("from", "up to", "starting at", "starts at")
_UNSTATED = "not stated"  # as intake writes it, or the checklist: "unit not stated"


def points(value: float) -> str:
    """Return a score out of ten with its one decimal."""
    return f"{value:.1f}"


def amount(value: Decimal) -> str:
    """Return a sum of money without its currency: no decimals, or two, or all of a small one."""
    if value == value.to_integral_value():
        return f"{value:,.0f}"
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2 and value < 1:  # noqa: PLR2004 - cents
        return f"{value.normalize():,f}"
    return f"{value.quantize(_CENT, ROUND_HALF_UP):,.2f}"


def money(value: Decimal, currency: str) -> str:
    """Return a sum with its currency: `$1,800`, `0.15 CHF`."""
    sign = _SIGNS.get(currency)
    return f"{sign}{amount(value)}" if sign else f"{amount(value)} {currency}"


def add_up(month: MonthCost) -> str:
    """Return the sum of an example month, exact: `2M tokens in × $20 a million + ...`."""
    return " + ".join(
        f"{term.count} × {_rate(term.rate, month.currency)} a {term.per}" for term in month.terms
    )


def _rate(value: Decimal, currency: str) -> str:
    """Return a price as `money` does, with all of its decimals where there are more than two."""
    if value == value.quantize(_CENT):
        return money(value, currency)
    sign = _SIGNS.get(currency)
    return f"{sign or ''}{value.normalize():,f}{'' if sign else f' {currency}'}"


def as_number(value: Decimal | None) -> int | float | None:
    """Return an amount as a JSON number; None stays None."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def say_cost(dollars: Decimal) -> str:
    """Return what a run cost in dollars, to the cent; below a cent as messages do."""
    if Decimal(0) < dollars < _CENT:
        return small_dollars(dollars)
    return f"${dollars.quantize(_CENT, ROUND_HALF_UP)}"


def long_date(day: date) -> str:
    """Return a day as `22 November 2026`, whatever the machine's language."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def with_full_stop(text: str) -> str:
    """Return `text` with a full stop where it ends in a letter, a digit or a bracket."""
    return f"{text}." if text[-1:].isalnum() or text.endswith(")") else text


def web_link(address: str) -> str | None:
    """Return `address` if it is a plain http or https link that may stand in a page, else None.

    Anything else (another scheme, a name before the host, characters that a link may not have) is
    shown as text.
    """
    if not _URL.fullmatch(address):
        return None
    try:
        host, port = urlsplit(address).hostname, urlsplit(address).port
    except ValueError:
        return None
    return address if host and (port is None or port > 0) else None


def per(unit: str | None) -> str:
    """Return `per seat` for a unit, `once` for what is paid once, or that it is not stated."""
    if unit is None or unit.endswith(_UNSTATED):
        return "(unit not stated)"
    return unit if unit == "once" else f"per {unit}"


def sum_of(price: Price) -> str:
    """Return the sum of a price: `$12`, `$0.95 to $3`, `from $49`, `2 credits`."""
    terms = read_terms(price)
    start = "from " if terms.starts_there else "up to " if terms.ends_there else ""
    if price.up_to is not None:
        return f"{_counted(price, price.amount)} to {_counted(price, price.up_to)}"
    return f"{start}{_counted(price, price.amount)}"


def _counted(price: Price, value: Decimal) -> str:
    if price.currency:
        return money(value, price.currency)
    return f"{amount(value)} {price.counted_in or '(currency not stated)'}"


def price_in_words(price: Price) -> str:
    """Return a price with its unit and conditions: `$12 per seat a month (minimum 5 seats)`."""
    said = "; ".join(term for term in price.terms if term.casefold() not in _IN_SUM)
    return f"{sum_of(price)} {per(price.unit)}{said and f' ({said})'}"
