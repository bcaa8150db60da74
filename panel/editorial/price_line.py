"""A price as an editor reads and types it: one line that is read back as the same price.

`Team: 11 USD per editor a month (billed annually; minimum 3 editors)` is label, amount, currency, unit
and terms. A part that would be read as another one stands in quotes, written as in JSON.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from panel.domain.currency import MONEY
from panel.domain.tool import Price, price_line

FORM: Final = "`Team: 11 USD per editor a month (billed annually; minimum 3 editors)`"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_UNSTATED: Final = "(currency not stated)"
# Where a part ends is settled before the next one is read: the time grows with the line alone.
_LINE: Final = re.compile(
    rf"(?>(?P<label>{_QUOTED}|.{{1,400}}?):\s*+(?P<amount>[-+.\d]\S{{0,39}}+)\s++)"
    rf"(?>(?P<counted>{_QUOTED}|{re.escape(_UNSTATED)}|[^\"()]{{1,400}}?)(?=\s++per\s|\s*+(?:\(|\Z)))"
    rf"(?:\s++per\s++(?P<unit>{_QUOTED}|.{{1,400}}?))?"
    rf"(?:\s*+\((?P<terms>(?:{_QUOTED}|[^\"()])++)\))?",
    re.DOTALL,
)
_TERM: Final = re.compile(rf'(?:{_QUOTED}|[^";])++', re.DOTALL)
_MOST: Final = re.compile(r"up to (\d{1,10}(?:\.\d{1,12})?)", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z]{3}")
_MONEY: Final = re.compile(MONEY)
_TWO_LABELS: Final = re.compile(r":\s*[-+.\d]")
_PER: Final = re.compile(r"\sper(?:\s|\Z)")
_LONGEST: Final = 2_000


def print_price(price: Price) -> str:
    """Return `price` as one line that `parse_price` reads; its evidence is no part of it."""
    counted = price.counted_in
    return price_line(
        price.model_copy(
            update={
                "label": _quote(price.label, is_odd=_TWO_LABELS.search(price.label) is not None),
                "counted_in": counted and _quote(counted, is_odd=_is_money(counted)),
                "unit": price.unit and _quote(price.unit),
                "terms": tuple(
                    _quote(term, is_odd=";" in term or _MOST.fullmatch(term) is not None)
                    for term in price.terms
                ),
            }
        )
    )


def parse_price(line: str, evidence: str | None = None) -> Price | None:
    """Return the price that `line` states, None where it is not of the form.

    `parse_price("team: 12 USD per seat (plus VAT)")` has the unit "seat" and the term "plus VAT".
    Raises ValidationError for an amount or a text that no price may have.
    """
    found = _LINE.fullmatch(line.strip()) if len(line) <= _LONGEST else None
    try:
        amount = Decimal(found["amount"]) if found else None
    except InvalidOperation:
        amount = None
    if found is None or amount is None:
        return None
    counted = found["counted"]
    is_code = _CODE.fullmatch(counted) is not None
    if not is_code and _is_money(counted):  # "dollars", "USD a month"
        return None
    terms = [term.strip() for term in _TERM.findall(found["terms"] or "") if term.strip()]
    most = _MOST.fullmatch(terms[0]) if terms else None
    return Price(
        label=_unquote(found["label"]),
        amount=amount,
        up_to=Decimal(most[1]) if most else None,
        currency=counted.upper() if is_code else None,
        counted_in=None if is_code or counted == _UNSTATED else _unquote(counted),
        unit=found["unit"] and _unquote(found["unit"]),
        terms=tuple(map(_unquote, terms[1:] if most else terms)),
        evidence=evidence,
    )


def _is_money(counted: str) -> bool:
    """Tell whether what is counted may be a currency, of which a price has the code."""
    spellings = (counted, counted.upper(), counted.casefold())
    is_money = any(_MONEY.match(f"1 {spelling}") for spelling in spellings)
    return is_money or _CODE.fullmatch(counted) is not None


def _quote(part: str, *, is_odd: bool = False) -> str:
    """Return `part` as it is typed: in quotes where it is odd, or would be taken for other parts."""
    is_plain = part == part.strip() and not any(sign in part for sign in '"()') and not is_odd
    return part if is_plain and not _PER.search(part) else json.dumps(part, ensure_ascii=False)


def _unquote(part: str) -> str:
    if not (len(part) > 1 and part.startswith('"') and part.endswith('"')):
        return part
    try:
        return str(json.loads(part, strict=False))
    except ValueError:
        return part
