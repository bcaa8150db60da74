"""Sums for any numbers: a right one is never false, a wrong one is, and no text stops the reader."""

from fractions import Fraction

from hypothesis import assume, example, given
from hypothesis import strategies as st

from panel.domain.quantities import evaluate, read_digits, read_tokens
from panel.domain.sums import Sums, read_sums
from tests.hang_guard import guarded

WHOLE = st.integers(2, 9_999)
OPERATORS = st.sampled_from(["+", "-", "x", "*", "/", "×", "÷"])


def come_to(one: int, operator: str, other: int) -> Fraction:
    if operator in "+-":
        return Fraction(one + (other if operator == "+" else -other))
    return Fraction(one * other) if operator in "x*×" else Fraction(one, other)


def written(value: Fraction, digits: int, rounding: int) -> str:
    """Return `value` with so many digits after the point, rounded up (1), down (0) or off (2)."""
    shift = 10**digits
    scaled = value * shift
    number = -(-scaled.numerator // scaled.denominator) if rounding == 1 else int(scaled)
    number = round(scaled) if rounding == 2 else number
    whole, rest = divmod(number, shift)
    return f"{whole:,}" + (f".{rest:0{digits}}" if digits else "")


@given(
    st.tuples(WHOLE, OPERATORS, WHOLE), st.integers(0, 4), st.integers(0, 2), st.sampled_from("01")
)
def test_a_right_equation_is_never_false_however_it_is_rounded(
    terms: tuple[int, str, int], digits: int, rounding: int, turned: str
) -> None:
    one, operator, other = terms
    value = come_to(one, operator, other)
    assume(value > 0)
    result = written(value, digits, rounding)
    assume(Fraction(result.replace(",", "")) > 0)
    expression = f"{one:,} {operator} {other}"
    sentence = (
        f"{result} = {expression}" if turned == "1" else f"It is {expression} = {result} in all"
    )
    assert read_sums(sentence, f"{one} and {other}") == Sums((), ())


@given(WHOLE, OPERATORS, WHOLE, st.integers(0, 3), st.integers(-60, 60))
def test_an_equation_that_is_out_by_more_than_its_rounding_is_false(
    one: int, operator: str, other: int, digits: int, off: int
) -> None:
    value = come_to(one, operator, other)
    result = written(abs(value) * (100 + off) / 100, digits, 2)
    stated = Fraction(result.replace(",", ""))
    assume(abs(stated - abs(value)) >= max(Fraction(2, 10**digits), abs(value) / 20))
    found = read_sums(f"{one} {operator} {other} = {result}", f"{one} and {other}")
    assert [one.stated for one in found.false] == [result]


@given(st.lists(WHOLE, min_size=1, max_size=5), st.sampled_from([" and ", "; ", ", then "]))
def test_a_number_that_stands_in_the_text_is_borne_out(numbers: list[int], between: str) -> None:
    text = between.join(f"{number:,}" for number in numbers)
    assert read_sums(f"There are {text}.", f"({text})") == Sums((), (), has_sum=False)


@given(WHOLE, WHOLE, st.integers(2, 12))
def test_steps_may_be_chained(one: int, other: int, times: int) -> None:
    text = f"{one} in {other}"
    product = one * other
    sentence = f"So {product} at first, {product * times} for {times} of them"
    assert read_sums(sentence, f"{text}, {times} times", text) == Sums((), ())


@given(st.integers(0, 10**12), st.integers(0, 6))
def test_digits_are_read_exactly(number: int, digits: int) -> None:
    shown = written(Fraction(number, 10**digits), digits, 2)
    value, step = read_digits(shown)
    assert value == Fraction(number, 10**digits)
    assert step == Fraction(1, 10**digits) if digits else step >= 1


PIECES = st.lists(
    st.sampled_from(
        [*"0123456789.,$€%()+-*/=xX≈ ^³²½", "million", "per ", "hours", "8h21min", "e9", " makes "]
    ),
    max_size=80,
).map("".join)


@given(PIECES, PIECES)
@example("9 x " * 60 + "= 1", "9")
@example("(" * 400 + "1+1" + ")" * 400 + " = 2", "")
@example("9^9^9^9 = 1", "9^99999")
@example("1e99 x 1e99 = 1e99", "1.1.1.1")
@example(f"((({'9' * 24}^24)^24)^24)^24 = 5", "")
@example("9" * 1200 + " = " + "9" * 1200, "9" * 5_000)
@example("(1) " * 300, "")
def test_no_text_stops_the_reader(sentence: str, text: str) -> None:
    with guarded("the reader of sums"):
        found = read_sums(sentence, text, text)
    allowed = set("0123456789., hmin\u2009\u202f")
    assert set(
        "".join((*(one.stated for one in found.false), *found.unproved)).casefold()
    ) <= allowed | set("ourst")


@given(st.lists(st.tuples(OPERATORS, WHOLE), min_size=1, max_size=6), WHOLE)
def test_an_expression_comes_to_what_its_operators_say(
    steps: list[tuple[str, int]], first: int
) -> None:
    text = str(first) + "".join(f" {sign} {number}" for sign, number in steps)
    plain = text.translate(str.maketrans("x×÷", "**/"))
    exact = eval(  # noqa: S307 - digits and operators alone
        "".join(f"Fraction({part})" if part.isdigit() else part for part in plain.split())
    )
    value = evaluate(read_tokens(text.replace("×", "x")))
    assert value is not None
    assert value.low == value.high == exact
