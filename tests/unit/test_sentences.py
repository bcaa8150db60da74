"""A description is cut into sentences, and what is quoted from it stands in it word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.checklist.sentences import MOST_WORDS, read_sentences
from panel.domain.grounding import is_verbatim


def lines(text: str) -> tuple[str, ...]:
    return read_sentences(text).lines


def quote(text: str, word: str, most: int = MOST_WORDS) -> str | None:
    sentences = read_sentences(text)
    return sentences.quote(sentences.folded.index(word), most)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One line.\nTwo lines\nare one. Three!", ("One line.", "Two lines are one.", "Three!")),
        ("It is 1.5 GB. It works, e.g. On macOS.", ("It is 1.5 GB.", "It works, e.g. On macOS.")),
        ("It is (so to say.) Done?", ("It is (so to say.)", "Done?")),
        ("Cheap. $9 a month. `pip install x`.", ("Cheap.", "$9 a month.", "`pip install x`.")),
        ("It is out. iOS first. o3 next.", ("It is out.", "iOS first.", "o3 next.")),
        ("About:\n- one thing\n- another\n\nEnd", ("About:", "one thing", "another", "End")),
        ("便宜。很快！", ("便宜。", "很快！")),
        ("  \n\n !?", ("!?",)),
        ("", ()),
    ],
)
def test_a_text_is_cut_at_its_sentences(text: str, cut: tuple[str, ...]) -> None:
    assert lines(text) == cut


def test_fields_at_the_top_are_sentences_unless_they_claim_nothing() -> None:
    sentences = read_sentences(
        "name: Quill\ntagline: Plain files\nvendor: Q\nurl: https://q.example/\nprice: seat: 9 USD"
        "\n\nIt is new."
    )
    assert sentences.name == "Quill"
    assert sentences.lines == ("Plain files", "price: seat: 9 USD", "It is new.")
    assert sentences.lines[sentences.body :] == ("It is new.",)


def test_a_head_with_any_other_line_is_text() -> None:
    sentences = read_sentences("name: Quill\nIt is new.\n\nIt is old.")
    assert (sentences.name, sentences.body) == (None, 0)
    assert sentences.lines == ("name: Quill It is new.", "It is old.")


def test_a_short_sentence_is_quoted_whole_without_its_last_sign() -> None:
    assert quote("Hello. (It has ninety rooms.) Bye.", "ninety") == "(It has ninety rooms.)"
    assert quote("Hello. It has ninety rooms! Bye.", "ninety") == "It has ninety rooms"


def test_a_part_between_semicolons_is_quoted_alone() -> None:
    assert quote("It is small; it has ninety rooms; it is old.", "ninety") == "it has ninety rooms"


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
        ("starts", 10, "When it starts it counts the rooms of the house"),
        ("writes", 6, "and then it writes down"),
    ],
)
def test_a_long_sentence_is_cut_at_word_borders_around_the_word(
    word: str, most: int, wanted: str
) -> None:
    found = quote(LONG, word, most)
    assert found is not None
    assert word in found
    assert len(found.split()) <= most
    assert is_verbatim(found, LONG)
    assert found == wanted


def test_brackets_and_quotes_without_their_other_half_are_left_out() -> None:
    assert quote("(one; two) three", "two") == "two) three"
    assert quote("one; (two", "two") == "two"
    assert quote("one; two)", "two") == "two"
    assert quote("one; “two” three", "two") == "“two” three"


def test_words_that_only_folding_parts_are_quoted_as_folded() -> None:
    assert quote("It is so´called ﬁne.", "fine") == "It is so ́called fine"


def test_an_endless_word_is_cut_only_where_its_script_has_no_spaces() -> None:
    assert quote("工具" * 200, "工具") == "工具" * 40
    assert quote("a" * 400, "a") is None
    assert len(quote("ninety " + "b" * 300, "ninety") or "") == len("ninety")


@pytest.mark.parametrize("text", ["ninety\x00rooms", "ninety\u202erooms", "ninety \ud800 rooms"])
def test_a_hidden_character_is_not_quoted(text: str) -> None:
    assert quote(text, "ninety") is None


def test_joiners_that_a_script_needs_are_quoted() -> None:
    assert quote("برنامه\u200cای", "برنامه") == "برنامه\u200cای"


def test_only_the_description_decides_whether_it_is_legible() -> None:
    assert read_sentences("name: 工具\ntagline: 本地运行\n\nIt keeps notes.").legible
    assert not read_sentences("name: The tool for you\n\n本地运行的代码搜索工具").legible


@given(st.text(), st.integers(1, 30))
def test_whatever_is_quoted_stands_verbatim_in_the_text(text: str, most: int) -> None:
    sentences = read_sentences(text)
    assert len(sentences.lowered) == len(sentences.folded)
    for start in sentences.starts:
        found = sentences.quote(start, most)
        assert found is None or (is_verbatim(found, text) and len(found.split()) <= most)


@given(st.text())
def test_every_position_lies_in_the_sentence_that_is_named(text: str) -> None:
    sentences = read_sentences(text)
    for number, start in enumerate(sentences.starts):
        assert sentences.place(start) == number
