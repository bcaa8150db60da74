"""Evidence is verbatim after folding; numbers come from the text or from a sum that holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.grounding import (
    Missing,
    Place,
    foreign_numbers,
    is_verbatim,
    locate,
    numbers,
    ungrounded_numbers,
    wrong_sums,
)

TEXT = """It isn’t free: input costs $20 per million tokens,
output $80. A 10-million-row table took 1.4 s. Plans start at 1,000 rows, 0,5 € each."""


@pytest.mark.parametrize(
    "passage",
    [
        "It isn't free",
        "“input costs $20 per million tokens, output $80.”",
        "per million tokens, output",
        "10‑million‑row table",
        "1.4 s",
    ],
)
def test_a_passage_is_verbatim_after_folding(passage: str) -> None:
    assert is_verbatim(passage, TEXT)


@pytest.mark.parametrize(
    "passage", ["it isn't free", "input cost", "put costs", "costs $2", "", '"."', "free input"]
)
def test_a_passage_that_is_changed_or_cut_in_a_word_is_not(passage: str) -> None:
    assert not is_verbatim(passage, TEXT)


def test_a_later_place_counts_where_an_earlier_one_is_inside_a_word() -> None:
    assert is_verbatim("art", "smart art")


def test_scripts_without_spaces_have_no_word_borders() -> None:
    assert is_verbatim("無料", "これは無料です")


MARKDOWN = """**Ledgerline** checks a folder of [invoices](https://ledgerline.example/docs) against
a *bank* export, made by [Ledgerline Labs][1].

| Plan | Price | Unit |
|------|:-----:|------|
| **Team** | **$12** | per seat and month |
| Solo | free | one user |

- It runs `ledgerline --all` on _your own_ machine.
- Licensed under the [MIT License](LICENSE) &mdash; “as is”.
"""


@pytest.mark.parametrize(
    "passage",
    [
        "Ledgerline checks a folder of invoices against a bank export",
        "made by Ledgerline Labs",
        "Team $12 per seat and month",
        "| **Team** | **$12** |",
        "Team | $12 | per seat and month",
        "**Ledgerline** checks a folder of invoices",
        "https://ledgerline.example/docs",
        "[invoices](https://ledgerline.example/docs)",
        "runs `ledgerline --all` on your own machine",
        "It runs ledgerline --all",
        'Licensed under the MIT License — "as is"',
        "Licensed under the MIT License - 'as is'",
        "- Licensed under the MIT License",
    ],
)
def test_a_passage_is_verbatim_as_the_source_or_as_a_page_has_it(passage: str) -> None:
    assert is_verbatim(passage, MARKDOWN)


@pytest.mark.parametrize(
    "passage",
    [
        "Team free one user",
        "Team $1",
        "checks three folders of invoices",
        "Ledgerline checks a folder of invoices against an export",
        "Licensed under the GPL License",
    ],
)
def test_markdown_makes_no_passage_verbatim_that_is_changed(passage: str) -> None:
    assert not is_verbatim(passage, MARKDOWN)


def test_a_place_is_in_the_source() -> None:
    place = locate("Team $12 per seat", MARKDOWN)
    assert isinstance(place, Place)
    assert MARKDOWN[place.start : place.end] == "Team** | **$12** | per seat"
    end = locate("It costs 5 euros", "— It costs 5\u00a0euros")
    assert end == Place(2, 18)


@pytest.mark.parametrize(
    ("passage", "why"),
    [
        ("$12 per seat for the Team plan, per month", Missing.UNMATCHED),
        ("made by Labs", Missing.UNMATCHED),
        ("Enterprise plans start at $900", Missing.ABSENT),
        ("", Missing.ABSENT),
        ("...", Missing.ABSENT),
    ],
)
def test_a_passage_in_other_form_is_told_from_one_that_the_text_lacks(
    passage: str, why: Missing
) -> None:
    assert locate(passage, MARKDOWN) is why


WORD = st.sampled_from(["row", "boat", "index", "table", "9", "step", "naïve", "ﬁne", "写", "v2.1"])
MARKED = st.tuples(
    WORD,
    st.sampled_from(
        ["{}", "**{}**", "*{}*", "`{}`", "__{}__", "_{}_", "~~{}~~", "[{}](https://a.example/x)",
         "<b>{}</b>", "[{}][1]", "![{}](a.png)", "“{}”"]
    ),
    st.sampled_from([" ", "\n", " | ", "\n- ", "\n> ", "\n## ", "\u00a0", " — ", "  ", "\n1. "]),
)  # fmt: skip


@given(st.lists(MARKED, min_size=1, max_size=20), st.data())
def test_what_a_page_shows_of_marked_words_is_found(
    marked: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    source = "".join(form.format(word) + gap for word, form, gap in marked)
    start = data.draw(st.integers(0, len(marked) - 1))
    end = data.draw(st.integers(start + 1, len(marked)))
    shown = [f"'{word}'" if form == "“{}”" else word for word, form, _ in marked[start:end]]
    assert is_verbatim(" ".join(shown), source)


def test_numbers_are_read_in_either_notation() -> None:
    found = {str(number) for number in numbers("1,000 and 1.50 and 0,5 and 12.5.2026")}
    assert found == {"1E+3", "1.5", "0.5", "1252026"}


def test_a_number_that_the_text_lacks_is_named() -> None:
    assert foreign_numbers("It costs $20, not $30.", TEXT) == ("30",)
    assert foreign_numbers("It costs 20.", TEXT) == ()


@pytest.mark.parametrize(
    ("sentence", "foreign"),
    [
        ("Ten-million-row tables of 10 million rows", ()),
        ("10,000,000 rows in 1.4 s", ()),
        ("10m rows, 1k rows", ()),
        ("It costs 20 million dollars", ("20",)),
        ("Plans start at 1,000 million rows", ("1,000",)),
        ("80k of output", ()),
    ],
)
def test_a_word_of_scale_is_part_of_a_number(sentence: str, foreign: tuple[str, ...]) -> None:
    assert foreign_numbers(sentence, TEXT) == foreign


def test_a_computed_number_is_in_the_text_in_a_sum_or_assumed() -> None:
    assert ungrounded_numbers("80 / 20 = 4 times as much", TEXT) == ()
    assert ungrounded_numbers("It is 4 times as much", TEXT) == ("4",)
    assert ungrounded_numbers("Assume 7 calls a day", TEXT) == ()
    assert ungrounded_numbers("80 / 20 = 4, so 9 in all", TEXT) == ("9",)
    assert ungrounded_numbers("Only 20 / 80, or about 25%, is input", TEXT) == ()
    assert ungrounded_numbers("A p99 of 80 against two is 80 / 2 = 40 times", TEXT) == ("99",)
    assert ungrounded_numbers("Only some, or about 25%, is input", TEXT) == ("25",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Assume 7 calls, each of 50 tokens",
        "At, say, 7 calls a day it is 20 x 7 = 140",
        "If 7 people use it, they pay 7 x 20 = 140",
        "On a $50 bill the markup is 50 x 20 = 1,000",
        "Taking hundreds as only 200, a month is 200 x 30 = 6,000",
        "At a rate of 7 a day",
    ],
)
def test_a_number_that_is_assumed_or_stands_in_a_shown_sum_comes_from_somewhere(
    sentence: str,
) -> None:
    assert ungrounded_numbers(sentence, TEXT) == ()


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("If you ask me, it saves 94000 euros", "94000"),
        ("It pays 97 times over at a glance", "97"),
        ("They say 12 people use it", "12"),
        ("Assume 7 calls; it saves 940 euros", "940"),
    ],
)
def test_a_word_of_assuming_elsewhere_covers_no_number(sentence: str, number: str) -> None:
    assert ungrounded_numbers(sentence, TEXT) == (number,)


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
        "2 + = 5",
        "10 / 0 = 5",
        "3 4 = 7 + 0",
        "(+ 2) x 3 = 9",
    ],
)
def test_a_sum_that_holds_or_cannot_be_read_is_let_pass(sentence: str) -> None:
    assert wrong_sums(sentence) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "29 / 50 = 0.85 euros",
        "2 + 2 = 5",
        "39 / 141 = 0.28 %",
        "2 x 3 = 6000",
        "(2 + 3) x 4 = 14",
        "9 - 4 = 6.",
    ],
)
def test_a_sum_that_does_not_come_out_is_named(sentence: str) -> None:
    assert len(wrong_sums(sentence)) == 1
