"""What a price is charged by, and under which conditions, as code reads them off its words."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from panel.domain.folded_text import fold
from panel.domain.tool import Price
from panel.domain.value import Value
from panel.domain.wording import spelled

Kind = Literal["seats", "subscription", "usage", "one-off"]
Period = Literal["day", "week", "month", "quarter", "year", "once"]
TokenSide = Literal["input", "output"]
_PERIODS: Final[dict[str, Period]] = {
    "day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month", "mo": "month",
    "monthly": "month", "quarter": "quarter", "quarterly": "quarter", "year": "year", "yr": "year",
    "annum": "year", "yearly": "year", "annual": "year", "annually": "year", "once": "once",
    "off": "once", "lifetime": "once", "life": "once", "perpetual": "once", "time": "once",
    "purchase": "once",
}  # fmt: skip
_SEATS: Final = frozenset("seat user member developer person editor teammate head".split())
SIDES: Final[dict[str, TokenSide]] = {
    "input": "input", "in": "input", "prompt": "input", "output": "output", "out": "output",
    "completion": "output",
}  # fmt: skip
_SCALES: Final = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000, "mm": 1_000_000,
                  "hundred": 100, "billion": 10**9, "b": 10**9}  # fmt: skip
_SHORT: Final = {"mtok": "m token", "ktok": "k token", "tok": "token"}
_WORD: Final = re.compile(r"\d[\d,. ]*\d|\d|[^\W\d_]+")
_JOINING: Final = frozenset("a an per each every and or of the one by billed paid".split())
_OF: Final = re.compile(r"(?<!million)(?<!thousand)\sof\s", re.IGNORECASE)
_COUNT: Final = re.compile(r"\d{1,6}")
_SPELLED: Final = {spelled(number): number for number in range(1, 13)}
_LEAST: Final = re.compile(
    r"\b(?:minimum|(?<!\d )min|least|no(?:t)? (?:fewer|less) than|or more)\b", re.IGNORECASE
)
_PART: Final = re.compile(r"[;()]|,(?!\d)")
_BEFORE_A_CONDITION: Final = re.compile(
    r"\b(?=(?:minimum|min\W{1,2}\d|at least|plus|excl\w{0,8})\b)", re.IGNORECASE
)
_BILLED: Final = re.compile(r"\b(?:billed|paid|charged)\b", re.IGNORECASE)
_FROM: Final = re.compile(r"\b(?:from|start\w*)\b", re.IGNORECASE)
_AT_MOST: Final = re.compile(r"\b(?:up to|at most|max\w*|capped)\b", re.IGNORECASE)
_ON_TOP: Final = re.compile(
    r"\b(?:on top|add-?on|extra|additional\w*|in addition)\b", re.IGNORECASE
)
_UNTAXED: Final = re.compile(
    r"\b(?:plus|excl\w*|without|before|ex|net of)\W{1,3}(?:\w{1,12}\W{1,3})?(?:vat|gst|tax\w*)\b"
    r"|\b(?:vat|gst|tax\w*)\b.{0,20}\b(?:excl|extra|not incl|on top|added)",
    re.IGNORECASE,
)
_TIER: Final = re.compile(
    r"\b(?:first|then|beyond|above|over|after|next|below|under)\b", re.IGNORECASE
)


class PriceTerms(Value):
    """The terms of a price.

    A sum is charged for `quantity` of `thing`, a noun in the singular, None for a flat one, in each
    `period`. `side` tells tokens in from tokens out. `least` is the smallest count that is sold.
    `unread` is a condition with a count in it that says nothing known.
    """

    thing: str | None
    quantity: Decimal
    period: Period | None
    side: TokenSide | None
    least: int | None
    starts_there: bool
    ends_there: bool
    on_top: bool
    untaxed: bool
    tiered: bool
    unread: str | None

    @property
    def kind(self) -> Kind:
        """The row of a pricing read that the price belongs to: who, how long, how much or once."""
        if self.thing in _SEATS:
            return "seats"
        if self.period == "once":
            return "one-off"
        return "usage" if self.thing is not None or self.period is None else "subscription"


@lru_cache(maxsize=64)  # a page prints each price in several places
def read_terms(price: Price) -> PriceTerms:
    """Return the terms of a price by its unit and conditions.

    `seat a month` is a month of one seat, `1M input tokens` is a million tokens in. Words that say
    nothing known leave the price without that term; where they count something, they are `unread`. A
    condition may stand in the unit as well: `seat a month, minimum 3 seats`.
    """
    unit, conditions = _split_unit(price.unit or "")
    conditions += price.terms
    said = " ; ".join(conditions)
    words = _words(_OF.split(unit)[0])
    sides = [SIDES[word] for word in (*_words(price.label), *words) if word in SIDES]
    things = [
        word for word in words
        if word not in _PERIODS and word not in _SCALES and word not in SIDES and word.isalpha()
    ]  # fmt: skip
    seats = [word for word in things if word in _SEATS]
    periods = [_PERIODS[word] for word in words if word in _PERIODS]
    return PriceTerms(
        thing=next(reversed(seats or things), None),
        quantity=_quantity(words),
        period=periods[0] if periods else None,
        side=sides[0] if len(set(sides)) == 1 else None,
        least=_least(said),
        starts_there=_FROM.search(said) is not None,
        ends_there=_AT_MOST.search(said) is not None,
        on_top=_ON_TOP.search(said) is not None,
        untaxed=_UNTAXED.search(said) is not None,
        tiered=_TIER.search(said) is not None,
        unread=next((term for term in conditions if _is_unread(term)), None),
    )


def _split_unit(unit: str) -> tuple[str, tuple[str, ...]]:
    """Return a unit without the conditions in it, and those: "seat, minimum 3 seats" has one."""
    first, *rest = _PART.split(unit)
    head, *said = _BEFORE_A_CONDITION.split(first)
    parts = [*said, *rest]
    conditions = tuple(part for part in parts if _is_condition(part))
    return " , ".join((head, *(part for part in parts if part not in conditions))), conditions


def _is_condition(part: str) -> bool:
    counts = any(kind.search(part) for kind in (_LEAST, _BILLED)) and _count(part) is not None
    return counts or any(kind.search(part) for kind in (_ON_TOP, _UNTAXED))


def _words(text: str) -> list[str]:
    """Return the words of a unit in the singular, without those that only join them."""
    found: list[str] = []
    for word in _WORD.findall(fold(text).casefold()):
        for part in _SHORT.get(word.removesuffix("s"), word).split():
            single = part[:-1] if part.endswith("s") and len(part) > 3 and part[-2] != "s" else part  # noqa: PLR2004 - "gas"
            if single not in _JOINING:
                found.append(single)
    return found


def _quantity(words: list[str]) -> Decimal:
    count = Decimal(1)
    for word in words:
        if word[0].isdecimal():
            count *= _number(word)
        elif word in _SCALES:
            count *= _SCALES[word]
    return count or Decimal(1)


def _number(digits: str) -> Decimal:
    plain = digits.replace(",", "").replace(" ", "")
    return Decimal(plain) if plain.count(".") <= 1 else Decimal(1)


def _least(said: str) -> int | None:
    for term in _PART.split(said):
        if _LEAST.search(term) and (count := _count(term)) is not None:
            return count
    return None


def _count(term: str) -> int | None:
    """Return the first count of a condition, in figures or spelled; None where it has none."""
    if digits := _COUNT.search(term):
        return int(digits[0])
    return next(
        (_SPELLED[word] for word in _WORD.findall(term.casefold()) if word in _SPELLED), None
    )


def _is_unread(term: str) -> bool:
    """Tell whether a condition counts something and is of no known kind."""
    known = (_LEAST, _FROM, _AT_MOST, _ON_TOP, _UNTAXED, _TIER)
    return _count(term) is not None and not any(kind.search(term) for kind in known)
