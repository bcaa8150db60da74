"""Passages: what reviewers cited is found in the text as published, and marked in it."""

from hypothesis import given
from hypothesis import strategies as st

from panel.domain.grounding import is_verbatim
from panel.publish.passages import GivenText, Span, mark_passages
from tests.factories import a_tool

WORDS = st.lists(
    st.sampled_from(
        ["plain", "files", "“9", "dollars”", "ﬁne", "naïve", "a\u200bb", "写", "50\u00a0000"]
    ),
    min_size=3,
    max_size=30,
)


def mark(description: str, *evidence: str) -> GivenText:
    return mark_passages(a_tool(description=description), evidence)


def marked(spans: tuple[Span, ...]) -> list[tuple[int | None, str]]:
    return [(span.number, span.text) for span in spans if span.number is not None]


def test_passages_are_numbered_in_the_order_of_the_text() -> None:
    found = mark("It is small. It is fast. It is free.", "free", "small")
    assert marked(found.description) == [(1, "small"), (2, "free")]
    assert found.numbers == {"small": 1, "free": 2}


def test_passages_that_overlap_are_one() -> None:
    found = mark("one two three four five", "two three", "three four", "five")
    assert marked(found.description) == [(1, "two three four"), (2, "five")]
    assert found.numbers == {"two three": 1, "three four": 1, "five": 2}


def test_a_passage_inside_another_takes_nothing_off_its_end_and_one_beside_it_is_apart() -> None:
    given = mark("Fast tests for small teams.", "tests", "Fast tests for small teams")
    assert marked(given.description) == [(1, "Fast tests for small teams")]
    assert set(given.numbers.values()) == {1}
    given = mark("速い試験静かな夜", "静かな夜", "速い試験")
    assert marked(given.description) == [(1, "速い試験"), (2, "静かな夜")]


def test_the_fields_can_be_cited_too() -> None:
    found = mark("Nothing else.", "entry: paid")
    assert [marked(line) for line in found.fields if marked(line)] == [[(1, "entry: paid")]]


def test_a_passage_is_found_across_quotes_line_ends_and_invisible_signs() -> None:
    found = mark(
        "He said “big\nnews”, i.e. 50\u00a0000 to\u200bkens — ﬁne.",
        '"big news"',
        "50 000 tokens",
        "fine",
    )
    assert found.numbers == {'"big news"': 1, "50 000 tokens": 2, "fine": 3}
    assert "".join(span.text for span in found.description).startswith("He said “big news”")


def test_a_passage_is_marked_across_markdown() -> None:
    found = mark("**Row** keeps a [table](https://a.example) in step.", "Row keeps a table")
    assert marked(found.description) == [(1, "Row** keeps a [table")]


def test_half_a_word_is_no_passage_and_neither_is_what_is_not_there() -> None:
    found = mark("It costs 75 dollars.", "7", "dollar", "free", "...")
    assert found.numbers == {}
    assert marked(found.description) == []


def test_wrapped_lines_flow_and_paragraphs_and_lists_stay() -> None:
    found = mark("One\nline.\n \n\n\nTwo:\n  - a\n  * b\n1. c\n")
    (span,) = found.description
    lines = [" ".join(line.split()) for line in span.text.split("\n")]
    assert lines == ["One line.", "", "Two:", "- a", "* b", "1. c"]


def test_a_long_run_of_blanks_is_read_once() -> None:
    """Read from each of its blanks to its end, it would take minutes."""
    text = f"It is small.{' ' * 200_000}It is fast."
    (span,) = mark(text).description
    assert span.text == text


@given(WORDS, st.data())
def test_every_verbatim_passage_is_found_and_no_text_is_lost(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    passage = " ".join(words[start:end]).replace("\u200b", "")
    found = mark(text, passage)
    assert "".join(span.text for span in found.description) == text
    assert (passage in found.numbers) == is_verbatim(passage, text.replace("\u200b", ""))
