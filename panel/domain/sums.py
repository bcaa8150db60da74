"""Sums: which numbers of a sentence are borne out, and which stated equation is false.

A number is borne out where it stands in the text, where the sentence calls it assumed, where a sum
that is shown comes to it, or where it follows from two such numbers by one step (plus, minus, times,
divided by, what is left of a whole). Steps may be chained. Only an equation that is stated and comes
out under no reading of its units is false. A number that cannot be followed is not borne out, and that
is all that is said of it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise

from panel.domain.folded_text import PANELS_UNDER_WAY, fold
from panel.domain.quantities import (
    HUNDREDTH,
    MOST_DIGITS,
    Interval,
    Quantity,
    Sign,
    Token,
    add,
    divide,
    evaluate,
    multiply,
    read_number_words,
    read_tokens,
    read_words,
    spell_powers,
    subtract,
)

_EQUALS = re.compile(r"[=≈]|\b(?:equals?|makes|gives|comes? to)\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"[≈~]|\b(?:about|almost|around|nearly|roughly|some|over|under|close to|more than|less than)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:-|to\s)[$€£]?\d", re.IGNORECASE)  # behind its first number
_CLAUSE = r"(?:[^,;]|(?<=\d),(?=\d))*"  # a comma inside a number ends none
_ASSUMED = re.compile(
    rf"\b(?:assum|suppos|imagin)\w*[^;]*|\b(?:if|at an?)\b{_CLAUSE}"
    rf"|(?:^|[,(-]\s?)say\b,?{_CLAUSE}",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"\(([^()]{1,120})\)")
_MOST_TOKENS = 16  # on either side of an equation
_MOST_OPERANDS = 20
_BETWEEN = 16  # characters between an equals sign and its number: a currency, "about"
_CLOSE, _ROUGHLY = Fraction(1, 50), Fraction(1, 10)
_HUNDRED = Fraction(100)
_SHOWN_DIGITS = 6
_USUAL = frozenset(map(Fraction, (100, 12, 52, 365, 30, 7, 24, 60, 3600, 730)))
"""Numbers that nobody has to state: per cent, the parts of a year, a week, a day, an hour, a month."""
_POWERS_OF_A_THOUSAND = tuple(Fraction(1000) ** n for n in range(-4, 5))
_OF_TIME = (60, 3600, 24, 1440, 86_400, 7, 30, 365, 12)
_TIMES = tuple(f for n in _OF_TIME for f in (Fraction(n), Fraction(1, n)))


@dataclass(frozen=True, slots=True)
class FalseSum:
    """A stated equation that does not come out: its result as it is written, and what it comes to."""

    stated: str
    comes_to: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What the sums of a sentence come to.

    `false` has the stated equations that do not come out; `unproved` the digits of the numbers that are
    not borne out; both in their order. `has_sum` tells whether anything was computed at all: a sentence
    may as well repeat numbers of the text, or have none.
    """

    false: tuple[FalseSum, ...]
    unproved: tuple[str, ...]
    has_sum: bool = True


@lru_cache(maxsize=32)  # a ballot is checked, then marked
def read_sums(sentence: str, text: str, evidence: str | None = None) -> Sums:
    """Return what the sums of `sentence` come to, given the whole `text` and the passage it cites.

    `read_sums("7 / 212 = 3.3 per cent", "7 of 212 failed")` has neither a false nor an unproved number.
    """
    shown = fold(spell_powers(sentence))
    tokens = read_tokens(shown)
    written = list(_written(tokens))
    known, assumed = _values_shown(text), [found.span() for found in _ASSUMED.finditer(shown)]
    proved = [
        one
        for one in written
        if one.value in known
        or _plain(one) in known
        or any(start <= one.start < end for start, end in assumed)
    ]
    words, sums = read_words(shown), list(_equations(shown, tokens))
    unproved = _follow(written, proved, sums, _operands(words, evidence))
    is_settled = not unproved and (sums or len(proved) < len(written))
    if not is_settled and (explained := list(_explained(shown, tokens))):
        sums += explained
        unproved = _follow(written, proved, sums, _operands(words, evidence))
    return Sums(
        false=tuple(FalseSum(_said(one, shown), one.comes_to) for one in sums if one.is_false),
        unproved=tuple(one.digits for one in unproved),
        has_sum=bool(sums) or len(proved) < len(written) or _compares(written, words),
    )


def _operands(words: Iterable[Fraction], evidence: str | None) -> Iterator[Fraction]:
    yield from words
    if evidence:
        yield from _values(evidence)


def _said(a_sum: "_Sum", shown: str) -> str:
    return a_sum.stated.digits or shown[a_sum.stated.start : a_sum.stated.end]


def _compares(written: Sequence[Quantity], words: Iterable[Fraction]) -> bool:
    """Tell whether a number in words is the ratio of two in digits: "four times, $80 against $20"."""
    pairs = list(combinations([one.value for one in written[:_MOST_OPERANDS]], 2))
    return any(
        word != 1 and any(word * one == other or word * other == one for one, other in pairs)
        for word in words
    )


def _written(tokens: Sequence[Token]) -> Iterator[Quantity]:
    """Yield the numbers that a sentence states: not its exponents, nor the scale in "per million"."""
    before = ""
    for token in tokens:
        if isinstance(token, Quantity) and token.digits and before != "^":
            yield token
        is_minus = isinstance(token, Sign) and token.text == "-"
        if not (before == "^" and is_minus):
            before = token.text if isinstance(token, Sign) else ""


@lru_cache(maxsize=PANELS_UNDER_WAY)
def _values_shown(text: str) -> frozenset[Fraction]:
    return _values(text)


def _values(text: str) -> frozenset[Fraction]:
    """Return the numbers that stand in `text`, in digits with and without their scale, or in words."""
    shown = fold(spell_powers(text))
    found = [token for token in read_tokens(shown) if isinstance(token, Quantity)]
    found += read_number_words(shown)
    return frozenset(one.value for one in found) | frozenset(map(_plain, found))


def _plain(quantity: Quantity) -> Fraction:
    return quantity.value if quantity.scale == 1 else quantity.value / quantity.scale


# Shown sums


@dataclass(frozen=True, slots=True)
class _Sum:
    """An expression and the number that it is stated, or may be meant, to come to."""

    stated: Quantity
    operands: tuple[Quantity, ...] = ()
    is_right: bool = False
    is_false: bool = False
    comes_to: str = ""


def _equations(shown: str, tokens: Sequence[Token]) -> Iterator[_Sum]:
    """Yield each equation of which one side is an expression and the other a number.

    It is read with its numbers in words and without them, and is right where one of the two is.
    """
    worded = _with_words(shown, tokens)
    marks = [found.span() for found in _EQUALS.finditer(shown)]
    for number in range(len(marks)):
        judged = list(_equation(shown, worded, marks, number))
        if len(worded) > len(tokens) and not any(one.is_right for one in judged):
            plain = list(_equation(shown, tokens, marks, number))
            judged = plain if any(one.is_right for one in plain) else judged or plain
        yield from judged


def _equation(
    shown: str, tokens: Sequence[Token], marks: Sequence[tuple[int, int]], number: int
) -> Iterator[_Sum]:
    """Yield the equation round one of the `marks`, where there is one; a range is never false."""
    start, end = marks[number]
    before = marks[number - 1][1] if number else 0
    after = marks[number + 1][0] if number + 1 < len(marks) else len(shown)
    left = [one for one in tokens if before <= one.start < start][-_MOST_TOKENS:]
    right = [one for one in tokens if end <= one.start < after][:_MOST_TOKENS]
    if left and right and right[0].start - end <= _BETWEEN:
        about = _ABOUT.search(shown[start : right[0].start]) is not None
        is_range = _RANGE.match(shown, right[0].end) is not None
        for one in _judge(left, right, about=about):
            yield _Sum(one.stated) if one.is_false and is_range else one


def _with_words(shown: str, tokens: Sequence[Token]) -> list[Token]:
    """Return `tokens` with the numbers in words that an operator or an equals sign stands beside."""
    taken = {place for token in tokens for place in range(token.start, token.end)}
    words = {one for one in read_number_words(shown) if one.start not in taken}
    merged = sorted([*tokens, *words], key=lambda token: token.start)
    return [
        token
        for place, token in enumerate(merged)
        if token not in words
        or shown[max(0, token.start - _BETWEEN) : token.start].rstrip(" $€£").endswith("=")
        or any(_is_operator(beside) for beside in merged[max(0, place - 1) : place + 2])
    ]


def _is_operator(token: Token) -> bool:
    return isinstance(token, Sign) and token.text in "+*/"


def _judge(left: list[Token], right: list[Token], *, about: bool) -> Iterator[_Sum]:
    """Yield what is stated: an expression and then a number; or the reverse, where that is right.

    A number before the sign may as well be what the sum is about, as in "for 10 seats = 10 x 9".
    """
    first, last = right[0], left[-1]
    if isinstance(first, Quantity) and _has_sum(left):
        yield _compare(list(_endings(left)), left, first, about=about)
    elif isinstance(last, Quantity) and (turned := _match(_beginnings(right), last, about=about)):
        yield turned


def _compare(
    expressions: Sequence[Sequence[Token]], side: Sequence[Token], stated: Quantity, *, about: bool
) -> _Sum:
    """Return whether some expression of `side` comes to `stated`, and whether it is false if none does.

    It is false where an expression can be read, no hyphen may mean a range, and none comes to it with
    another number of the side, which words may have tied to it, either.
    """
    if right := _match(expressions, stated, about=about):
        return right
    found = [(tokens, value) for tokens in expressions for value in _readings(tokens)]
    tied = any(
        _fits(step, stated, side, about=about)
        for tokens, value in found
        for other in _quantities(side)
        if other not in tokens
        for step in _steps(value, other.interval)
    )
    ranges = any(isinstance(token, Sign) and token.tight for token in side)
    if not found or tied or ranges:
        return _Sum(stated)
    longest = found[0][0]
    comes_to = (
        abs(value.low + value.high) / 2 * factor
        for tokens, value in found
        if tokens is longest
        for factor in _unit_factors(stated, longest)
    )
    return _Sum(stated, is_false=True, comes_to=_in_digits(_nearest(comes_to, stated), stated))


def _nearest(values: Iterable[Fraction], stated: Quantity) -> Fraction:
    """Return the one of `values`, of which none is negative, that is the fewest times off `stated`.

    What a sum comes to may be meant in several units: 3 times 90 minutes are 270 of them or 4.5 hours.
    """

    def times_off(value: Fraction) -> Fraction:
        low, high = sorted((value, stated.value))
        return high / low if low else high + 1

    return min(values, key=times_off)


def _in_digits(value: Fraction, stated: Quantity) -> str:
    """Return what a sum comes to in the scale of `stated`, to six digits."""
    middle = value / stated.scale
    with localcontext(prec=_SHOWN_DIGITS):
        shown = Decimal(middle.numerator) / Decimal(middle.denominator)
    is_long = not -_SHOWN_DIGITS <= shown.adjusted() <= MOST_DIGITS
    return f"{shown:e}" if is_long else f"{shown.normalize():,f}"


def _match(expressions: Iterable[Sequence[Token]], stated: Quantity, *, about: bool) -> _Sum | None:
    """Return the sum of the first of `expressions` that comes to `stated`; None where none does."""
    for tokens in expressions:
        if any(_fits(value, stated, tokens, about=about) for value in _readings(tokens)):
            return _Sum(stated, tuple(_written(tokens)), is_right=True)
    return None


def _quantities(tokens: Iterable[Token]) -> Iterator[Quantity]:
    return (token for token in tokens if isinstance(token, Quantity))


def _has_sum(tokens: Sequence[Token]) -> bool:
    return any(isinstance(token, Sign) and token.text in "+-*/^" for token in tokens)


def _endings(tokens: list[Token]) -> Iterator[Sequence[Token]]:
    """Yield what ends `tokens` and may be an expression with an operator, the longest first."""
    for start in range(len(tokens)):
        if _has_sum(tokens[start:]):
            yield tokens[start:]


def _beginnings(tokens: list[Token]) -> Iterator[Sequence[Token]]:
    for end in range(len(tokens), 0, -1):
        if _has_sum(tokens[:end]):
            yield tokens[:end]


def _readings(tokens: Sequence[Token]) -> Iterator[Interval]:
    """Yield what an expression comes to: with hundredths for per cent, and as the numbers stand."""
    value = evaluate(tokens)
    if value is None:
        return
    yield value
    if any(isinstance(token, Quantity) and token.unit == "percent" for token in tokens):
        plain = evaluate(tokens, percent=False)
        if plain is not None:
            yield plain


def _fits(value: Interval, stated: Quantity, tokens: Sequence[Token], *, about: bool) -> bool:
    """Tell whether `value` is what `stated` says, in some unit that the two sides may have."""
    value = value if value.high > 0 else Interval(-value.high, -value.low)
    low, high = _rounding(stated, about=about)
    return any(
        (value.low * factor < high and low < value.high * factor)
        or value.low * factor == stated.value
        for factor in _factors(stated, tokens)
    )


def _rounding(stated: Quantity, *, about: bool) -> Interval:
    """Return between which numbers, both excluded, all may be shown as `stated`, up or down."""
    step = stated.step
    if step >= 10 * stated.scale or about:  # zeros at its end may be digits or a rounding
        step = min(step, stated.value * _CLOSE) if not about else stated.value * _ROUGHLY
        step = max(step, min(stated.step, stated.scale))
    return Interval(stated.value - step, stated.value + step)


def _factors(stated: Quantity, tokens: Sequence[Token]) -> tuple[Fraction, ...]:
    """Return by what a value may be multiplied to stand in the unit and the scale of `stated`."""
    has_scale = any(one.scale != 1 for one in (stated, *_quantities(tokens)))
    return (*_unit_factors(stated, tokens), *(_POWERS_OF_A_THOUSAND if has_scale else ()))


def _unit_factors(stated: Quantity, tokens: Sequence[Token]) -> tuple[Fraction, ...]:
    """Return by what a value may be multiplied to stand in the unit of `stated`."""
    units = {one.unit for one in (stated, *_quantities(tokens))}
    factors = [Fraction(1)]
    divides = any(isinstance(token, Sign) and token.text == "/" for token in tokens)
    if stated.unit == "percent":
        factors = [_HUNDRED] if divides else [Fraction(1), _HUNDRED]
    elif "cents" in units:
        factors += [_HUNDRED, 1 / _HUNDRED]
    elif "percent" in units:
        factors.append(_HUNDRED)
    if "time" in units:
        factors += _TIMES
    return tuple(factors)


# What follows without an equals sign


def _explained(shown: str, tokens: Sequence[Token]) -> Iterator[_Sum]:
    """Yield each sum with the number that it comes to: before it, or after it without an equals sign.

    A duration in parentheses explains a number of seconds.
    """
    for found in _PARENTHESES.finditer(shown):
        inside = [one for one in tokens if found.start(1) <= one.start < found.end(1)]
        before = [token for token in tokens if token.end <= found.start()]
        for one in _quantities(before[-_MOST_TOKENS:]):
            if right := _match([inside], one, about=True):
                yield right
    for run, after in _runs(tokens):
        if right := _match([run], after, about=True):
            yield right


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[Sequence[Token], Quantity]]:
    """Yield each expression with the number that comes next after it."""
    for place, (token, following) in enumerate(pairwise(tokens), start=1):
        if isinstance(token, Quantity) and isinstance(following, Quantity):
            for run in _endings(list(tokens[max(0, place - _MOST_TOKENS) : place])):
                yield run, following


def _follow(
    written: Sequence[Quantity],
    proved: Sequence[Quantity],
    sums: Sequence[_Sum],
    operands: Iterator[Fraction],
) -> list[Quantity]:
    """Return which of `written` are neither proved, nor the result of a sum, nor follow from others.

    A result is built on only where all that it came from is proved; a usual number is.
    """
    right = [one for one in sums if one.is_right]
    results = {one.stated for one in right}
    parts = [one for a_sum in right for one in a_sum.operands if one.value in _USUAL]
    borne_out, pool = dict.fromkeys([*proved, *parts]), list[Fraction]()  # in their order
    while True:
        borne_out |= dict.fromkeys(
            [one.stated for one in right if all(part in borne_out for part in one.operands)]
        )
        open_ones = [one for one in written if one not in borne_out and one not in results]
        if not open_ones:
            return []
        pool += operands  # read at the first need
        known = list(dict.fromkeys([*(one.value for one in borne_out), *pool]))[:_MOST_OPERANDS]
        following = [one for one in open_ones if _follows(one, known)]
        if not following:
            return open_ones
        borne_out |= dict.fromkeys(following)


def _follows(quantity: Quantity, known: Sequence[Fraction]) -> bool:
    """Tell whether one step comes to it: with two of `known`, or with one and a usual number."""
    if any(quantity.value == value * power for value in known for power in _POWERS_OF_A_THOUSAND):
        return True
    values = [Interval(value, value) for value in known]
    if quantity.unit == "percent":
        values.append(Interval(_HUNDRED, _HUNDRED))
    shown_as = _shown_as(quantity)
    steps = (step for one in values for other in values for step in _steps(one, other))
    if any(low <= step.low <= high for step in steps for low, high in shown_as):
        return True
    if len(quantity.digits) == 1:
        return False
    usual = [Interval(value, value) for value in _USUAL]
    steps = (step for one in values for other in usual for step in _scalings(one, other))
    return any(low <= step.low <= high for step in steps for low, high in shown_as)


def _shown_as(quantity: Quantity) -> list[Interval]:
    """Return the numbers that are `quantity` once rounded to the digits shown, in each unit."""
    half = quantity.step / 2
    if quantity.step > quantity.scale:
        half = max(quantity.scale / 2, min(half, quantity.value * _CLOSE))
    low, high = quantity.value - half, quantity.value + half
    return [Interval(low / factor, high / factor) for factor in _factors(quantity, ())]


def _steps(one: Interval, other: Interval) -> Iterator[Interval]:
    """Yield what two numbers come to by one usual step."""
    yield from _scalings(one, other)
    yield add(one, other)
    yield subtract(one, other)


def _scalings(one: Interval, other: Interval) -> Iterator[Interval]:
    """Yield what one number comes to times another, per cent of it, and divided by it."""
    product = multiply(one, other)
    yield product
    yield multiply(product, HUNDREDTH)
    yield from (found for found in (divide(one, other), divide(other, one)) if found is not None)
