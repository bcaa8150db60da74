"""Quantities: the numbers of a sentence with their scale, unit and rounding, and what sums come to.

Numbers are exact fractions. One that is written with decimals stands for the interval that rounds to
it, so that a sum of rounded numbers is compared within the rounding shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

Unit = Literal["", "percent", "cents", "time"]
MOST_DIGITS, MOST_DEPTH, MOST_EXPONENT = 24, 12, 24
_MOST_BITS = 10_000  # of a power: any number that can be written down has it, a tower of powers not
_SCALES: dict[str, int] = {
    "hundred": 100,
    **dict.fromkeys(("k", "kb", "kib", "thousand"), 10**3),
    **dict.fromkeys(("m", "mb", "mib", "mn", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "g", "gb", "gib", "billion"), 10**9),
    **dict.fromkeys(("t", "tb", "tib", "trillion"), 10**12),
}
_WORDED = "|".join(sorted((scale for scale in _SCALES if len(scale) > 1), key=len, reverse=True))
_LETTER = "|".join(scale for scale in _SCALES if len(scale) == 1)
_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBER_WORDS: dict[str, int] = {
    **{word: number for number, word in enumerate(_UNITS, start=1)},
    **{word: 10 * number for number, word in enumerate(_TENS, start=2)},
}
_MULTIPLES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 10**9}
_SHARES: dict[str, Fraction] = {
    "dozen": Fraction(12),
    "twice": Fraction(2),
    "double": Fraction(2),
    "half": Fraction(1, 2),
    "third": Fraction(1, 3),
    "quarter": Fraction(1, 4),
}
_POWERS = str.maketrans({sign: f"^{n}" for n, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
_SIGNS = {"x": "*", "times": "*", "÷": "/", "**": "^"}
_TOKEN = re.compile(
    rf"""
    (?=[-\d.+*/()^÷xtpae])(?:  # with one of these each of them begins: most characters are others
    (?P<hours>\d{{1,6}})\s?h(?:ours?|rs?)?\s?(?P<minutes>\d{{1,2}})(?:\s?m(?:in(?:utes?)?)?)?\b
  | (?P<digits>(?<![\d.])(?:\d+(?:[.,\u2009\u202f]\d+)*|\.\d+))
    (?:e(?P<exponent>[-+]?\d{{1,2}})\b)?
    (?:[\s-]?(?P<scale>(?:{_WORDED})|(?<![\s-])(?:{_LETTER}))\b)?
    (?:\s?(?:(?P<percent>%|per\s?cent\b)|(?P<cents>cents?\b|pence\b)
      |(?P<time>(?:s|secs?|seconds?|min|minutes?|h|hours?|days?|weeks?|months?|years?)\b)))?
  | \b(?:per|a|each)\s(?P<per>hundred|thousand|million|billion)\b
  | (?P<sign>\*\*|[-+*/()^÷]|\bx(?=\s?[\d(.$€£])|(?<=\d)x\b|\btimes\b))    """,
    re.VERBOSE,
)
_SMALL = "|".join(reversed(_UNITS))  # "seventeen" before "seven"
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_UNITS[:9])})\b)?|(?:{_SMALL}))"
_HUNDREDS = rf"(?:a|{_SMALL})\shundred(?:\s(?:and\s)?{_BELOW_HUNDRED})?"
_BELOW_THOUSAND = rf"(?:{_HUNDREDS}|{_BELOW_HUNDRED})"
_NUMBER = re.compile(
    rf"(?<![\w-])(?:a\s(?:thousand|million|billion)|{_BELOW_THOUSAND}"
    rf"(?:\s(?:thousand|million|billion)(?:\s(?:and\s)?{_BELOW_THOUSAND})?)?)(?![\w-])"
)
_SHARE = re.compile(rf"\b(?:{'|'.join(_SHARES)})\b")
_GROUPED = re.compile(r"\d{1,3}(?:[,\u2009\u202f]\d{3})+(?:\.\d+)?")
_ZEROS = re.compile(r"0+$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands in a sentence, from `start` to before `end`.

    `value` has its scale applied; `step` is one of the last digit shown, in the same scale. A duration
    of hours and minutes is in seconds.
    """

    value: Fraction = field(hash=False)  # its place tells it apart: fractions are slow to hash
    step: Fraction = field(hash=False)
    start: int
    end: int
    digits: str = ""
    scale: Fraction = field(default=Fraction(1), hash=False)
    unit: Unit = ""

    @property
    def interval(self) -> "Interval":
        """What the number may stand for: half a step to either side where it has decimals."""
        if self.step >= self.scale:
            return Interval(self.value, self.value)
        return Interval(self.value - self.step / 2, self.value + self.step / 2)


class Interval(NamedTuple):
    """Every number from `low` to `high`, which are one object where the number is exact."""

    low: Fraction
    high: Fraction


_A_HUNDREDTH = Fraction(1, 100)
HUNDREDTH = Interval(_A_HUNDREDTH, _A_HUNDREDTH)


class Sign(NamedTuple):
    """An operator or a parenthesis; `tight` is a hyphen between digits, which may mean a range."""

    text: str
    start: int
    end: int
    tight: bool = False


Token: TypeAlias = Quantity | Sign


def spell_powers(text: str) -> str:
    """Return `text` with raised digits written as powers, before folding makes plain digits of them.

    `spell_powers("0.006³")` is `"0.006^3"`.
    """
    return text.translate(_POWERS)


def read_tokens(text: str) -> list[Token]:
    """Return the numbers, operators and parentheses of a folded text, in order.

    A number that a letter stands before is part of a name, as in `p99`, and left out, and so is one of
    more than 24 digits.
    """
    lowered = text.casefold()
    found: list[Token] = []
    for match in _TOKEN.finditer(lowered):
        start = match.start()
        if match["sign"]:
            sign = _SIGNS.get(match["sign"], match["sign"])
            tight = sign == "-" and lowered[start - 1 : start].isdigit()
            tight = tight and lowered[match.end() : match.end() + 1].isdigit()
            found.append(Sign(sign, start, match.end(), tight))
        elif match["per"]:
            found.append(Sign("/", start, start + 1))
            value = Fraction(_SCALES[match["per"]])
            found.append(Quantity(value, value, start + 1, match.end(), "", value))
        elif not _is_in_a_name(lowered, start) and len(match["digits"] or "") <= MOST_DIGITS:
            found.append(_read_quantity(match))
    return found


def read_words(text: str) -> tuple[Fraction, ...]:
    """Return the numbers that `text` has in words: `read_words("Ten seats, half of them")`."""
    lowered = text.casefold()
    shares = (_SHARES[word] for word in _SHARE.findall(lowered))
    return (*(one.value for one in read_number_words(text)), *shares)


def read_number_words(text: str) -> list[Quantity]:
    """Return the whole numbers that a folded text spells out, without digits: "twenty-seven" is 27.

    One that a hyphen ties to another word, as in `one-time`, counts nothing and is left out.
    """
    return [
        Quantity(Fraction(value), Fraction(1), found.start(), found.end())
        for found in _NUMBER.finditer(text.casefold())
        if (value := _spelled_out(re.split(r"[\s-]", found[0])))
    ]


def _spelled_out(words: Sequence[str]) -> int:
    """Return the number that English number words make."""
    total, below = 0, 0
    for word in words:
        multiple = _MULTIPLES.get(word, 1)
        if multiple > 100:  # noqa: PLR2004 - "two hundred thousand": the hundreds are read by then
            total, below = total + (below or 1) * multiple, 0
        elif multiple > 1:
            below = (below or 1) * multiple
        else:
            below += _NUMBER_WORDS.get(word, 0)  # "a", "and"
    return total + below


def _is_in_a_name(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    return before.isalpha() and not (before == "x" and text[start - 2 : start - 1].isdigit())


def _read_quantity(match: re.Match[str]) -> Quantity:
    if match["hours"]:
        seconds = Fraction(int(match["hours"]) * 3600 + int(match["minutes"]) * 60)
        return Quantity(seconds, Fraction(60), match.start(), match.end(), match[0], unit="time")
    number, step = read_digits(match["digits"])
    unit: Unit = "percent" if match["percent"] else "cents" if match["cents"] else ""
    unit = "time" if match["time"] else unit
    start, end, digits = match.start(), match.end(), match["digits"]
    if not match["scale"] and not match["exponent"]:
        return Quantity(number, step, start, end, digits, unit=unit)
    scale = Fraction(_SCALES.get(match["scale"] or "", 1))
    if match["exponent"]:
        scale *= Fraction(10) ** int(match["exponent"])
    return Quantity(number * scale, step * scale, start, end, digits, scale, unit)


def read_digits(digits: str) -> tuple[Fraction, Fraction]:
    """Return the number that `digits` are and one of the last digit shown; 1,000 is a thousand.

    Of a whole number that ends in zeros the last digit shown is the last before them.
    """
    plain = digits.replace("\u2009", "").replace("\u202f", "")
    plain = plain.replace(",", "") if _GROUPED.fullmatch(digits) else plain.replace(",", ".")
    whole, _, decimals = plain.partition(".")
    decimals = decimals.replace(".", "")
    value = Fraction(int(f"{whole}{decimals}"), 10 ** len(decimals))
    if decimals:
        return value, Fraction(1, 10 ** len(decimals))
    zeros = _ZEROS.search(whole.lstrip("0"))
    return value, Fraction(10 ** (len(zeros[0]) if zeros else 0))


def evaluate(tokens: Sequence[Token], *, percent: bool = True) -> Interval | None:
    """Return what `tokens` come to as one expression; None where they are none.

    With `percent` a number of per cent is a hundredth of it, else it is taken as it stands. Two
    numbers side by side, a division by what may be zero and a power that `power` refuses are none.
    """
    parser = _Parser(tokens, percent=percent)
    value = parser.read_sum(0)
    return value if parser.at == len(tokens) else None


class _Parser:
    """Reads an expression by recursive descent; `at` is the token that comes next."""

    def __init__(self, tokens: Sequence[Token], *, percent: bool) -> None:
        self._tokens = tokens
        self._percent = percent
        self.at = 0

    def read_sum(self, depth: int) -> Interval | None:
        value = self._read_product(depth)
        while value is not None and (sign := self._take("+-")):
            other = self._read_product(depth)
            if other is None:
                return None
            value = add(value, other) if sign == "+" else subtract(value, other)
        return value

    def _read_product(self, depth: int) -> Interval | None:
        value = self._read_power(depth)
        while value is not None and (sign := self._take("*/")):
            other = self._read_power(depth)
            if other is None:
                return None
            value = multiply(value, other) if sign == "*" else divide(value, other)
        return value

    def _read_power(self, depth: int) -> Interval | None:
        base = self._read_atom(depth)
        if base is None or not self._take("^"):
            return base
        sign = -1 if self._take("-") else 1
        exponent = self._next()
        self.at += 1
        if not isinstance(exponent, Quantity) or exponent.value.denominator != 1:
            return None
        return power(base, sign * exponent.value.numerator)

    def _read_atom(self, depth: int) -> Interval | None:
        token = self._next()
        self.at += 1
        if isinstance(token, Quantity):
            is_share = self._percent and token.unit == "percent"
            return multiply(token.interval, HUNDREDTH) if is_share else token.interval
        if token is None or token.text != "(" or depth == MOST_DEPTH:
            return None
        value = self.read_sum(depth + 1)
        return value if self._take(")") else None

    def _next(self) -> Token | None:
        return self._tokens[self.at] if self.at < len(self._tokens) else None

    def _take(self, signs: str) -> str | None:
        token = self._next()
        if not isinstance(token, Sign) or token.text not in signs:
            return None
        self.at += 1
        return token.text


def add(one: Interval, other: Interval) -> Interval:
    """Return every sum of a number of `one` and a number of `other`."""
    low = one.low + other.low
    return Interval(low, low if _are_exact(one, other) else one.high + other.high)


def subtract(one: Interval, other: Interval) -> Interval:
    """Return every difference of a number of `one` and a number of `other`."""
    low = one.low - other.high
    return Interval(low, low if _are_exact(one, other) else one.high - other.low)


def multiply(one: Interval, other: Interval) -> Interval:
    """Return every product of a number of `one` and a number of `other`."""
    if _are_exact(one, other):
        product = one.low * other.low
        return Interval(product, product)
    found = [a * b for a in one for b in other]
    return Interval(min(found), max(found))


def divide(one: Interval, other: Interval) -> Interval | None:
    """Return every quotient of a number of `one` and a number of `other`; None where one may be 0."""
    if other.low <= 0 <= other.high:
        return None
    low = 1 / other.high
    return multiply(one, Interval(low, low if other.low is other.high else 1 / other.low))


def _are_exact(one: Interval, other: Interval) -> bool:
    """Tell whether both are known to be one number: most are, and need half of the arithmetic."""
    return one.low is one.high and other.low is other.high


def power(base: Interval, exponent: int) -> Interval | None:
    """Return every power of a number of `base`.

    None beyond an exponent of 24 or some 3,000 digits, and where it has none.
    """
    if abs(exponent) > MOST_EXPONENT or (exponent < 0 and base.low <= 0 <= base.high):
        return None
    parts = (part for end in base for part in end.as_integer_ratio())
    if max(map(int.bit_length, parts)) * abs(exponent) > _MOST_BITS:
        return None
    found = [base.low**exponent, base.high**exponent]
    if base.low < 0 < base.high:
        found.append(Fraction(0))
    return Interval(min(found), max(found))
