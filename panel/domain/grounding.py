"""Grounding: passages that really stand in the text, and numbers that come from it."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, DivisionByZero, InvalidOperation
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from panel.domain.folded_text import fold, fold_plain, fold_rendered

_EDGES = " \t\n\"'.,;:!?…"
_WORD = re.compile(r"\w+")
_NEARLY_ALL = 0.8
_NUMBER = re.compile(r"\d+(?:[.,\u2009\u202f]\d+)*")
_SCALED = re.compile(  # possessive: else a long row of digits is tried from each of them
    r"(?<![\d.,])(\d++(?:[.,\u2009\u202f]\d++)*+)(?:[\s-]?(hundred|thousand|million|billion)|\s?([km]))\b",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ASSUMED = re.compile(
    r"\b(?:assum|suppos|imagin)\w*[^;]*|\b(?:if|at an?)\b[^,;]*|(?:^|[,(-]\s?)say\b,?[^,;]*",
    re.IGNORECASE,
)
_LEFT = r"(?P<left>[\d(][^=≈]{2,120}?)"
_RIGHT = r"\s*[^\d(\s]{0,4}\s*(?P<right>\d(?:[\d.,]*\d)?)(?P<unit>\s?(?:%|[a-z]+))?"
_SUM = re.compile(rf"{_LEFT}(?:=|≈){_RIGHT}", re.IGNORECASE)
_SAID = re.compile(
    rf"{_LEFT}(?:=|≈|,?\s(?:or|makes|gives|comes to|is)\s(?:about|roughly|some)?){_RIGHT}",
    re.IGNORECASE,
)
_START = re.compile(r"(?<![\d.,])[\d(]")
_SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "m": 10**6,
    "billion": 10**9,
}
_SHOWN_IN = {
    "": (Decimal(1),),
    **dict.fromkeys(("%", "cent", "cents", "pence"), (Decimal(100),)),
}
_UNITS = tuple(Decimal(10) ** -power for power in (0, 3, 6, 9, 12))
_TOKEN = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>hundred|thousand|million|billion|[km])?(?![a-z])(?P<percent>\s?%)?"
    r"|(?P<per>per|a|each)\s+(?P<unit>hundred|thousand|million|billion)"
    r"|(?P<op>[-+*/()]|\bx\b|\btimes\b|÷)"
)


class Place(NamedTuple):
    """Where a passage stands in a text: from `start` to before `end`."""

    start: int
    end: int


class Missing(Enum):
    """Why a passage has no place in a text.

    `UNMATCHED`: nearly all of its words are there, in another order or form. Who wrote it has read
    the text, so what it stands for is not "not stated". `ABSENT`: the text does not say it.
    """

    UNMATCHED = "unmatched"
    ABSENT = "absent"


def locate(passage: str, text: str) -> Place | Missing:
    """Return where `passage` stands word for word in `text`, or why it has no place there.

    It may be copied from the source or from what a page makes of it: Unicode forms, quotes, dashes,
    white space and Markdown do not count. Quotation marks and punctuation at its edges do not either;
    it begins and ends at the border of a word and has a letter or digit.

    `locate("Team $12", "| **Team** | $12 |")` is `Place(4, 16)`.
    """
    for folding in (fold_plain, fold_rendered):
        folded = folding(text)
        wanted = folding(passage).text.strip(_EDGES)
        at = _find(wanted, folded.text)
        if at is not None:
            return Place(*folded.span(at, at + len(wanted)))
    said = _words(passage)
    known = sum(word in _vocabulary(text) for word in said)
    return Missing.UNMATCHED if said and known >= _NEARLY_ALL * len(said) else Missing.ABSENT


def is_verbatim(passage: str, text: str) -> bool:
    """Return whether `passage` stands word for word in `text`, as `locate` has it."""
    return isinstance(locate(passage, text), Place)


def _find(wanted: str, text: str) -> int | None:
    """Return where `wanted` begins and ends at the border of a word, or None."""
    if not any(char.isalnum() for char in wanted):
        return None
    at = text.find(wanted)
    while at >= 0:
        if not (_joins(text, at - 1) or _joins(text, at + len(wanted) - 1)):
            return at
        at = text.find(wanted, at + 1)
    return None


def _joins(text: str, left: int) -> bool:
    """Return whether the characters at `left` and after it belong to one word."""
    return 0 <= left < len(text) - 1 and _goes_on(text[left]) and _goes_on(text[left + 1])


def _goes_on(char: str) -> bool:
    """Return whether a word may go on at `char`: not in scripts that put no spaces between words."""
    return char.isalnum() and unicodedata.category(char) != "Lo"


@lru_cache(maxsize=4)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_rendered(text).text.casefold())


@lru_cache(maxsize=1)
def numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers that stand in `text`; 1,000 and 1 000 are a thousand, 0,5 is a half.

    One with a word of scale stands for both: `9 million` is 9 and 9,000,000.
    """
    shown = fold(text)
    return frozenset(_as_number(match[0]) for match in _NUMBER.finditer(shown)) | frozenset(
        _scaled(match) for match in _SCALED.finditer(shown)
    )


def _scaled(found: re.Match[str]) -> Decimal:
    return (_as_number(found[1]) * _SCALES[(found[2] or found[3]).casefold()]).normalize()


def _as_number(digits: str) -> Decimal:
    plain = digits.replace("\u2009", "").replace("\u202f", "")
    if _GROUPED.fullmatch(plain):
        return Decimal(plain.replace(",", "")).normalize()
    whole, _, fraction = plain.replace(",", ".").partition(".")
    parts = [part for part in fraction.split(".") if part]
    if len(parts) > 1:
        return Decimal(whole + "".join(parts)).normalize()
    return Decimal(f"{whole}.{fraction}" if fraction else whole).normalize()


def foreign_numbers(sentence: str, text: str) -> tuple[str, ...]:
    """Return the numbers of a `quoted` sentence that `text` does not hold, in order.

    A word of scale is part of its number: from `9` in the text comes no `9 million`.
    """
    known, shown = numbers(text), fold(sentence)
    scaled = {found.start(): found for found in _SCALED.finditer(shown)}
    return tuple(
        match[0]
        for match in _NUMBER.finditer(shown)
        if not _is_known(match[0], scaled.get(match.start()), known)
    )


def _is_known(digits: str, scaled: re.Match[str] | None, known: frozenset[Decimal]) -> bool:
    if scaled and _scaled(scaled) in known:
        return True
    return not (scaled and scaled[2]) and _as_number(digits) in known


def wrong_sums(sentence: str) -> tuple[str, ...]:
    """Return the sums in `sentence` that do not come out, as `left = right` texts.

    Only what can be read as plain arithmetic is judged. A result may be rounded to 1 in 50, stand
    as a percentage, or in a unit a thousand, million or billion times as large.
    """
    return tuple(
        f"{found['left'].strip()} = {found['right']}"
        for found in _SUM.finditer(fold(sentence))
        if not _comes_out(found)
    )


def _comes_out(found: re.Match[str]) -> bool:
    """Tell whether a sum is right; one that cannot be read as arithmetic is let be."""
    value = None
    for _, value in _values(found["left"]):
        if _fits(value, found):
            return True
    return value is None


def ungrounded_numbers(sentence: str, text: str) -> tuple[str, ...]:
    """Return the numbers of a `computed` sentence that come from nowhere.

    A number comes from somewhere where `text` holds it, where the sentence shows it in a sum, wherever
    else it names it, or where the sentence says that it assumes it.
    """
    shown = fold(sentence)
    sums = [
        (found.start() + first[0], found.end())
        for form in (_SUM, _SAID)
        for found in form.finditer(shown)
        if (first := next(_values(found["left"]), None))
    ]
    assumed = [found.span() for found in _ASSUMED.finditer(shown)]
    in_sums = {
        _as_number(match[0]) for start, end in sums for match in _NUMBER.finditer(shown, start, end)
    }
    known = numbers(text) | in_sums
    return tuple(
        match[0]
        for match in _NUMBER.finditer(shown)
        if _as_number(match[0]) not in known
        and not any(start <= match.start() < end for start, end in assumed)
    )


def _values(left: str) -> Iterator[tuple[int, Decimal]]:
    """Yield where in the left side of a sum it may begin, and what it then comes to."""
    for found in _START.finditer(left):
        if (value := _evaluate(left[found.start() :])) is not None:
            yield found.start(), value


def _fits(value: Decimal, found: re.Match[str]) -> bool:
    right, unit = _as_number(found["right"]), (found["unit"] or "").strip()
    scales = _SHOWN_IN.get(unit, _UNITS)
    return any(abs(value * s - right) * 50 <= max(abs(right), abs(value * s)) for s in scales)


def _evaluate(expression: str) -> Decimal | None:
    """Return what `expression` comes to, or None where it is not plain arithmetic."""
    tokens = _tokens(expression)
    if tokens is None or not any(sign in "+-*/" for sign in tokens if isinstance(sign, str)):
        return None
    try:
        value, rest = _sum(tokens)
    except (IndexError, TypeError, InvalidOperation, DivisionByZero):
        return None
    return value if not rest else None


def _tokens(expression: str) -> list[Decimal | str] | None:
    """Return numbers and operators; words and currency signs between them are passed over."""
    tokens: list[Decimal | str] = []
    for found in _TOKEN.finditer(expression.casefold()):
        if found["number"]:
            value = _as_number(found["number"]) * _SCALES.get(found["scale"] or "", 1)
            tokens.append(value / 100 if found["percent"] else value)
        elif found["per"]:
            tokens += ["/", Decimal(_SCALES[found["unit"]])]
        else:
            tokens.append({"x": "*", "times": "*", "÷": "/"}.get(found["op"], found["op"]))
    if any(isinstance(a, Decimal) and isinstance(b, Decimal) for a, b in pairwise(tokens)):
        return None
    return tokens


_Tokens = list[Decimal | str]


def _sum(tokens: _Tokens) -> tuple[Decimal, _Tokens]:
    value, rest = _product(tokens)
    while rest and rest[0] in ("+", "-"):
        other, after = _product(rest[1:])
        value, rest = (value + other if rest[0] == "+" else value - other), after
    return value, rest


def _product(tokens: _Tokens) -> tuple[Decimal, _Tokens]:
    value, rest = _atom(tokens)
    while rest and rest[0] in ("*", "/"):
        other, after = _atom(rest[1:])
        value, rest = (value * other if rest[0] == "*" else value / other), after
    return value, rest


def _atom(tokens: _Tokens) -> tuple[Decimal, _Tokens]:
    if tokens[0] == "(":
        value, rest = _sum(tokens[1:])
        return value, rest[1:]
    if isinstance(tokens[0], Decimal):
        return tokens[0], tokens[1:]
    raise TypeError
