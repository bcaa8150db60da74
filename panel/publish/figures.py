"""Numbers, dates and lists as the pages print them: one form each, rounded once."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from panel.domain.pricing import MonthCost

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_COUNTS = "no one two three four five six seven eight nine ten eleven twelve".split()
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_CENT = Decimal("0.01")
_URL = re.compile(
    r"https?://(?P<host>[^\W_](?:[\w-]|\.(?!\.))*)(?P<port>:\d{1,5})?"
    r"(?:[/?#](?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    re.IGNORECASE,
)
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


def cost(dollars: Decimal) -> str:
    """Return what a run cost in dollars, to the cent, and to a hundredth of one below a cent."""
    small = Decimal(0) < dollars < _CENT
    return f"${dollars.quantize(Decimal('0.0001') if small else _CENT, ROUND_HALF_UP)}"


def long_date(day: date) -> str:
    """Return a day as `22 November 2026`, whatever the machine's language."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def count(number: int) -> str:
    """Return a small number as a word, a large one in figures."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def listed(names: Sequence[str]) -> str:
    """Return names as running text: `A`, `A and B`, `A, B and C`."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def stopped(text: str) -> str:
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


def per(unit: str) -> str:
    """Return `per seat` for a unit, and that it is not stated where nobody found one."""
    return "(unit not stated)" if unit.endswith(_UNSTATED) else f"per {unit}"
