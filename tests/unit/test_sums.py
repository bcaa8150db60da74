"""A stated equation is false within the rounding shown or is not; the rest is followed or marked."""

import pytest

from panel.domain.sums import FalseSum, Sums, read_sums

TEXT = """It isn’t free: input costs $20 per million tokens,
output $80. A 10-million-row table took 1.4 s. Plans start at 1,000 rows, 0,5 € each."""
PRICES = "input costs $20 per million tokens, output $80"


def unproved(sentence: str, text: str = TEXT, evidence: str | None = PRICES) -> tuple[str, ...]:
    return read_sums(sentence, text, evidence).unproved


def false(sentence: str, text: str = TEXT) -> tuple[str, ...]:
    return tuple(one.stated for one in read_sums(sentence, text).false)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("7 / 212 = 3.3 per cent", "7 of 212 failed"),
        ("17,988 dollars a seat (12 x 1,499)", "$1,499 a seat and month"),
        ("133 / 11,700 = .0114", "133 of 11,700 pages"),
        ("1.7T / 500K = 3.4 million", "1.7T tokens for $500K"),
        ("98.1 % found, so 1.9 % slips by: 190 of an assumed 10,000", "it found 98.1 % of them"),
        ("71 wrong and 29 right, 2.4 for each good one", "71 wrong and 29 right"),
        ("300 seconds over 30,060 (8h21min)", "300 s of work in 8h21min"),
        ("120 x 0.006³ = 0.000026", "120 of them at 0.006"),
        ("Forty seats at 9 come to 40 x 9 = 360, 4,320 a year", "9 a seat; 40 seats"),
        ("Half of 1,200 is 600", "1,200 calls"),
        ("It was 80 of 96, 83 per cent", "80 of 96 passed"),
        ("About 17k dollars (12 x 1,499)", "$1,499 a seat and month"),
        ("0.5 x 0.5 = 0.25 or 25 %", "0.5 each"),
        (
            "At an assumed 2,000 tokens in and 5,000 out it is 0.002 × $20 + 0.005 × $80 = $0.44",
            "input costs $20 per million tokens, output $80",
        ),
        ("At an assumed $2.50, 4 × $2.50 × 730 = $7,300 a month", "it takes 4 of them"),
        ("10^-6 x 3,000,000 = 3", "one in 10^-6, of 3,000,000"),
        ("1.5e6 / 3 = 500,000", "1.5e6 rows in 3 parts"),
    ],
)
def test_a_right_sentence_has_neither_a_false_nor_an_unproved_number(
    sentence: str, text: str
) -> None:
    assert read_sums(sentence, text, text) == Sums((), ())


@pytest.mark.parametrize(
    "sentence",
    [
        "29 / 50 = 0.58 euros",
        "500 x 1.08 + 19 = $559",
        "500 × 0.08 + 19 = $59",
        "10 million x $80 per million = $800",
        "5 x $20 + 10 x $80 = $900",
        "(2 + 3) x 4 = 20",
        "99 - 29 = 70",
        "100 ÷ 3 ≈ 33",
        "8% x 500 = 40",
        "two seats a = 7",
        "39 / 141 = 28% of the parameters",
        "141 billion parameters × an assumed 2 bytes = 282 GB",
        "Of 8x24B it keeps 141 x 2 = 282 GB",
        "20,000 × $80 / 1,000,000 = $1.60",
        "9 / 100 = 9 cents",
        "100 - 98.1 = 1.9%",
        "100 - 98.1% = 1.9%",
        "(0.5 - 0.5)^2 = 0",
        "2^1.5 = 9",
        "12 x 1,499 = 18,000",
        "12 x 1,499 makes about 17,000",
        "5 seats at $20 x 12 months = $1,200",
        "500 calls x 1.4 s = 11.7 minutes",
        "20M x $80 = $1,600",
        "17,988 = 12 x 1,499",
        "For 10 seats = 10 x 9 = 90",
        "0.33 x 300 = 100",
        # What cannot be read as one sum is not judged.
        "2 + = 5",
        "10 / 0 = 5",
        "3 4 = 7 + 0",
        "(+ 2) x 3 = 9",
        "9^99 = 5",
        "((9^24)^24)^24 = 5",
        "2026-11-22 = 1993",
        "5-10 x 20 = 100-200",
        "(" * 30 + "2 + 2" + ")" * 30 + " = 5",
        "p99 = 80",
        "5 to 10 seats x $9 = $45 to $90",
        "5 to 10 seats x $9 = $45–90 a month",
        "12 x $9 = $100-$120",
    ],
)
def test_an_equation_that_holds_or_cannot_be_read_is_not_false(sentence: str) -> None:
    assert false(sentence) == ()


@pytest.mark.parametrize(
    ("sentence", "result"),
    [
        ("29 / 50 = 0.85 euros", "0.85"),
        ("2 + 2 = 5", "5"),
        ("39 / 141 = 0.28 %", "0.28"),
        ("2 x 3 = 6000", "6000"),
        ("(2 + 3) x 4 = 14", "14"),
        ("9 - 4 = 6.", "6"),
        ("2 x 45 = 100", "100"),
        ("12 x 9 makes 98 a year", "98"),
        ("120 x 0.006^3 = 0.26", "0.26"),
        ("12 x 1,499 comes to about 12,000", "12,000"),
        ("7 / 212 = 33 per cent", "33"),
    ],
)
def test_an_equation_that_does_not_come_out_is_false(sentence: str, result: str) -> None:
    assert false(sentence) == (result,)


def test_each_equation_of_a_chain_is_judged() -> None:
    assert false("9 x 10 = 90, and 90 x 12 = 1,080") == ()
    assert false("9 x 10 = 90, and 90 x 12 = 1,180") == ("1,180",)
    assert false("9 x 10 = 95, and 95 x 12 = 1,140") == ("95",)


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("80 / 20 = 4 times as much", ()),
        ("It is 4 times as much", ()),
        ("Assume 7 calls a day", ()),
        ("80 / 20 = 4, so 9 in all", ("9",)),
        ("Only 20 / 80, or about 25%, is input", ()),
        ("A p99 of 80 against two is 80 / 2 = 40 times", ()),
        ("Assume 7 calls, each of 50 tokens", ()),
        ("At, say, 7 calls a day it is 20 x 7 = 140", ()),
        ("If 7 people use it, they pay 7 x 20 = 140", ()),
        ("Taking it as only 200, a month is 200 x 30 = 6,000", ("200", "200")),
        ("If you ask me, it saves 94000 euros", ("94000",)),
        ("It pays 97 times over at a glance", ("97",)),
        ("They say 13 people use it", ("13",)),
        ("Assume 7 calls; it saves 940 euros", ("940",)),
        ("13 x 80 = 1,040", ("13",)),
        ("29 / 50 = 0.85", ("29", "50", "0.85")),
    ],
)
def test_a_number_is_followed_or_named(sentence: str, numbers: tuple[str, ...]) -> None:
    assert unproved(sentence) == numbers


@pytest.mark.parametrize(
    ("sentence", "has_sum"),
    [
        ("Nothing is counted.", False),
        ("Twenty-seven dollars a month is the smallest cheque", False),
        ("Input is $20 and output $80 per million", False),
        ("120 x 0.006^3 of them", False),  # what it comes to is left to the reader
        ("Output costs four times as much, $80 against $20", True),
        ("Output costs five times as much, $80 against $20", False),
        ("Ten seats at $20 come to 200", True),
    ],
)
def test_a_sentence_without_a_sum_is_told_from_one_that_is_followed(
    sentence: str, *, has_sum: bool
) -> None:
    assert read_sums(sentence, f"{TEXT} 120 at 0.006") == Sums((), (), has_sum)


TEAM = "$9 an editor and month, minimum three editors"


@pytest.mark.parametrize(
    "sentence",
    [
        "Three editors x $9 x 12 months = $324",
        "Three editors × $9 = twenty-seven dollars a month",
        "$9 times three = $27, or $324 a year",
        "One hundred and twenty editors x $9 = $1,080",
        "Two thousand x $9 = $18,000",
        "A hundred x $9 = $900",
        "All-in-one editors x 3 x $9 = $27",
        "A one-time 3 x $9 = $27",
        "The one 3 x $9 = $27",
    ],
)
def test_numbers_in_words_are_part_of_a_sum(sentence: str) -> None:
    assert read_sums(sentence, TEAM, TEAM) == Sums((), ())


@pytest.mark.parametrize(
    ("sentence", "result", "comes_to"),
    [
        ("Three editors x $9 x 12 months = $234", "234", "324"),
        ("Three editors x $9 = thirty dollars", "thirty", "27"),
        ("2 x 4.5 = 6", "6", "9"),
        ("7 / 212 = 33 per cent", "33", "3.30189"),
        ("1,000 x $9 = $8k", "8", "9"),
        ("1,000 x 1,000 x 9 = 8", "8", "9,000,000"),
        ("1e20 x 1e20 x 9 = 8", "8", "9.00000e+40"),
        ("40 + 50 = 80 per cent", "80", "90"),
        ("3 x 90 minutes = 6 hours", "6", "4.5"),
        ("20 x 5 cents = 2 dollars", "2", "1"),
        ("20% x 50 = 80", "80", "10"),
        ("3 + 9 x 12 = 108.5", "108.5", "111"),
        ("5 - 5 = 3", "3", "0"),
        ("10 / (1 - 1%) = 50", "50", "10.101"),
    ],
)
def test_a_false_sum_says_what_it_comes_to(sentence: str, result: str, comes_to: str) -> None:
    assert read_sums(sentence, TEAM).false == (FalseSum(result, comes_to),)
