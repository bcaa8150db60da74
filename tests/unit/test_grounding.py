"""Evidence is verbatim after folding; the numbers of a quotation stand in the text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.grounding import (
    Missing,
    Place,
    copies_of,
    foreign_numbers,
    is_verbatim,
    locate,
    numbers,
)
from tests.hang_guard import guarded

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


AS_WRITTEN = """**Rowtally** is a *command-line* tool that checks a folder of [receipts][1] against a
bank export. It reads `CSV` and names every payment that has no receipt.

[1]: https://rowtally.example/receipts
"""


@pytest.mark.parametrize(
    "passage",
    [
        "Rowtally is a command-line tool that checks a folder of receipts against a bank export",
        "It reads CSV and names every payment that has no receipt",
        "a folder of receipts against a bank export. It reads CSV",
    ],
)
def test_a_quote_as_a_reader_sees_it_stands_word_for_word(passage: str) -> None:
    assert is_verbatim(passage, AS_WRITTEN)


@pytest.mark.parametrize(
    "passage",
    [
        "names three payments that have no receipt",
        "names every payment that has no invoice",
        "It reads CSV and XLSX",
    ],
)
def test_a_quote_with_one_word_changed_does_not(passage: str) -> None:
    assert not is_verbatim(passage, AS_WRITTEN)


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


@pytest.mark.parametrize("word", ["MİLLİON", "mıllıon", "bıllıon"])
def test_a_word_that_only_looks_like_one_of_scale_is_none(word: str) -> None:
    assert numbers(f"5 {word}, and 7 MILLION") == {Decimal(5), Decimal(7), Decimal(7_000_000)}


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


@pytest.mark.parametrize("space", [" ", "\u2009", "\u202f", "\u00a0"])
def test_groups_of_digits_are_one_number_whatever_space_stands_between_them(space: str) -> None:
    text = f"It holds 12{space}345{space}678 rows, and version 2 has 1{space}000."
    assert {Decimal(12345678), Decimal(1000), Decimal(2)} <= numbers(text)
    assert foreign_numbers("It holds 12,345,678 rows, not 12,345.", text) == ("12,345",)
    assert foreign_numbers(f"It holds 1{space}000, not 2{space}000.", "1,000 rows") == ("2", "000")
    assert numbers(f"In 2024{space}300 came.") == {Decimal(2024), Decimal(300)}


def whole_words(wanted: str, text: str) -> list[int]:
    """Return the places of `wanted` one by one, as the rule says and no faster."""
    found, at = [], 0
    while at < len(text):
        around = text[max(0, at - 1) : at + 1], text[at + len(wanted) - 1 : at + len(wanted) + 1]
        is_whole = not any(len(pair) > 1 and all(map(goes_on, pair)) for pair in around)
        if is_whole and text.startswith(wanted, at):
            found.append(at)
            at += len(wanted)
        else:
            at += 1
    return found


def goes_on(char: str) -> bool:
    return char.isalnum() and char != "写"


SIGNS = st.text(st.sampled_from("ab1 -é写"), min_size=1, max_size=4)


@given(SIGNS, st.lists(SIGNS, max_size=12).map("".join))
def test_the_copies_of_a_passage_are_those_between_the_borders_of_words(
    wanted: str, text: str
) -> None:
    assert list(copies_of(wanted, text)) == whole_words(wanted, text)


@pytest.mark.no_cover  # traced, it would take four times as long
@pytest.mark.parametrize(("passage", "piece"), [("a" * 2_000, "a"), ("ab " * 666 + "a", "ab ")])
def test_a_passage_is_looked_for_in_a_text_of_its_own_pieces_once(passage: str, piece: str) -> None:
    text = piece * (100_000 // len(piece))
    with guarded("a long passage in a longer row of its pieces"):
        assert not any(is_verbatim(passage[cut:], text) for cut in (0, 3))
