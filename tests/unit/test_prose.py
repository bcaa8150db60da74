"""A description is read as prose: its sentences, without code, tables and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.checklist.prose import MOST_QUOTED, read_prose
from panel.domain.cleaning import clean
from panel.domain.grounding import is_verbatim


def sentences(text: str) -> list[str]:
    return [sentence.text.replace("\x1f", "") for sentence in read_prose(text).sentences]


def quote(text: str, word: str, most: int = MOST_QUOTED) -> str | None:
    (sentence,) = read_prose(text).sentences
    return sentence.quote(sentence.text.index(word), most)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One line.\nTwo lines\nare one. Three!", ["One line.", "Two lines\nare one.", "Three!"]),
        ("It is 1.5 GB. It works, e.g. On macOS.", ["It is 1.5 GB.", "It works, e.g. On macOS."]),
        ("Cheap. $9 a month. `pip install x`.", ["Cheap.", "$9 a month.", "`pip install x`."]),
        ("It is out. iOS first. o3 next.", ["It is out.", "iOS first.", "o3 next."]),
        ("It is vs. the rest.", ["It is vs. the rest."]),
        ("About:\n- one thing\n- another\n\nEnd", ["About:", "one thing", "another", "End"]),
        ("1. one\n2) two\n> three", ["one", "two\nthree"]),
        ("**Bold.** And more.", ["**Bold.**", "And more."]),
        ("便宜。很快！", ["便宜。", "很快！"]),
        ("Is it fast? It is. “Really?” Yes.", ["It is.", "Yes."]),
        ("  \n\n !?", []),
        ("", []),
    ],
)
def test_a_text_is_cut_at_its_sentences_and_questions_are_left_out(
    text: str, cut: list[str]
) -> None:
    assert sentences(text) == cut


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A tool.\n\n```sh\npip install x\n$5\n```\n\nEnd.", ["A tool.", "End."]),
        ("A tool.\n~~~~\nx\n~~~\n~~~~\nEnd.", ["A tool.", "End."]),
        ("A tool.\n\n    indented code\n\n    more\n\nEnd.", ["A tool.", "End."]),
        ("- a point\n\n    goes on here", ["a point", "goes on here"]),
        ("A tool.\n\n```\nnever closed", ["A tool."]),
        ("```npm i``` installs it.\n\nEnd.", ["```npm i``` installs it.", "End."]),
        ("A tool.\n\n| Plan | Price |\n|------|------|\n| Pro | $9 |\n\nEnd.", ["A tool.", "End."]),
        ("<!-- The best tool. --> A tool.", ["A tool."]),
        ("A tool.\n<!-- never closed. $5", ["A tool."]),
        ("[![b](https://x.example/b.svg)](https://x.example) A tool.", ["[ A tool."]),
        ("See [docs](https://x.example/d) for it.", ["See [docs for it."]),
        ("See https://x.example/a.b?c=d or mail me@x.example now.", ["See  or mail  now."]),
        ("It is <b>fast</b> and <img src='x'> small.", ["It is fast and  small."]),
        ("[x]: https://x.example\nA tool.", ["A tool."]),
        ("If a < b and c > d it stops.", ["If a < b and c > d it stops."]),
    ],
)
def test_code_tables_comments_tags_and_addresses_are_no_words(text: str, left: list[str]) -> None:
    assert sentences(text) == left


def test_a_heading_is_told_from_a_sentence() -> None:
    found = read_prose("# Quill\nIt is new.\n## Limits\n\nNone.").sentences
    assert [(one.text, one.is_heading) for one in found] == [
        ("Quill", True),
        ("It is new.", False),
        ("Limits", True),
        ("None.", False),
    ]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("A tool.\n\n```sh\npip install x\n```\nEnd.", ("```sh", "pip install x", "```")),
        (
            "| Plan | Price |\n|--|--|\n| Pro | $9 |",
            ("| Plan | Price |", "|--|--|", "| Pro | $9 |"),
        ),
        ("![License: MIT](https://x.example/b.svg) A tool.", ("License: MIT",)),
        ("<!-- hidden: $5 --> A [tool](https://x.example).", ()),
    ],
)
def test_what_is_no_prose_is_kept_as_unread(text: str, unread: tuple[str, ...]) -> None:
    assert read_prose(text).unread == unread


def test_a_heading_names_a_thing_and_says_nothing() -> None:
    assert not read_prose("# Quill\n\n```\nquill --help\n```").says_something
    assert read_prose("# Quill\n\nNotes.").says_something


def test_fields_at_the_top_are_claims_unless_they_claim_nothing() -> None:
    prose = read_prose(
        "name: Quill\ntagline: Plain files\nvendor: Q\nurl: https://q.example/\nprice: seat: 9 USD"
        "\n\nIt is new."
    )
    assert prose.name == "Quill"
    assert [one.text for one in prose.claims] == ["tagline: Plain files", "price: seat: 9 USD"]
    assert [one.text for one in prose.sentences] == ["It is new."]


def test_a_head_with_any_other_line_is_text() -> None:
    prose = read_prose("name: Quill\nIt is new.\n\nIt is old.")
    assert (prose.name, prose.claims) == ("", ())
    assert [one.text for one in prose.sentences] == ["name: Quill\nIt is new.", "It is old."]


LONG = (
    "When it starts it counts the rooms of the house, which has ninety rooms and one door, and "
    "then it writes down what stands in them one after the other until the evening of the day."
)


@pytest.mark.parametrize(
    ("word", "most", "wanted"),
    [
        ("ninety", 8, "which has ninety rooms and one door"),
        ("ninety", 4, "which has ninety rooms"),
        ("evening", 8, "the other until the evening of the day"),
        ("When", 3, "When it starts"),
    ],
)
def test_a_long_sentence_is_quoted_around_the_word(word: str, most: int, wanted: str) -> None:
    assert quote(LONG, word, most) == wanted


def test_a_short_sentence_is_quoted_whole_and_nothing_across_a_gap() -> None:
    assert quote("It has ninety rooms!", "ninety") == "It has ninety rooms"
    assert quote("See [the docs](https://x.example) for ninety rooms.", "ninety") == (
        "for ninety rooms"
    )


def test_an_endless_word_is_not_quoted() -> None:
    assert quote("a" * 400, "a") is None


def test_what_goes_on_without_a_full_stop_is_cut() -> None:
    assert max(map(len, sentences("word " * 50_000))) <= 1_000
    assert max(map(len, sentences("a" * 50_000))) <= 1_000


@given(st.text() | st.text("ab .\n`*|<!->[]()#\t!?"), st.integers(1, 30))
def test_whatever_is_quoted_stands_verbatim_in_the_text(text: str, most: int) -> None:
    shown = clean(text).text
    for sentence in read_prose(shown).sentences:
        found = sentence.quote(len(sentence.text) // 2, most)
        assert found is None or (is_verbatim(found, shown) and len(found.split()) <= most)
