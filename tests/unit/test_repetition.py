"""What a persona wrote lately is kept, named to it and found again."""

import pytest

from panel.domain.repetition import opening, phrases, recent_takes_of, repeated_words
from tests.factories import a_sentence


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Receipts beat promises, and this shows them.", "receipts beat promises"),
        ("“Nine dollars — a seat.”", "nine dollars a"),
        ("It's one-way traffic.", "it's one-way traffic"),
        ("Too short.", None),
        ("", None),
        (f"Words {'x' * 25} follow.", None),
    ],
)
def test_an_opening_is_the_first_three_words(text: str, found: str | None) -> None:
    sentences = [a_sentence(text)] if text else []
    assert opening(sentences) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A cost curve that falls through a threshold.", []),
        ("One steep cost curve bends.", ["steep cost curve", "cost curve bends"]),
        ("Steep, cost curve", []),
        ("Steep cost - curve bends", []),
        ("Version 3 notes files", []),
    ],
)
def test_a_phrase_is_three_words_of_a_clause_that_all_carry_meaning(
    text: str, found: list[str]
) -> None:
    assert list(phrases(text)) == found


def test_the_last_thirty_takes_are_kept_and_ten_openings_named() -> None:
    signs = "abcdefghijklmnopqrstuvwxyzABCDEFGH"  # no case is kept: the first 30 are 26 openings
    takes = [[a_sentence(f"{sign * 5} plain opening.")] for sign in signs]
    recent = recent_takes_of("builder", takes)
    assert len(recent.openings) == 26
    said = recent.render()
    assert said.count("“") == 10
    assert "“aaaaa plain opening”" in said
    assert recent_takes_of("builder", []).render() == ""


def test_a_phrase_of_the_tool_itself_repeats_nothing_but_an_opening_does() -> None:
    recent = recent_takes_of("builder", [[a_sentence("Grid battery storage pays.")]])
    again = [a_sentence("Grid battery storage falls.")]
    assert repeated_words(again, recent, "") == ("grid battery storage",)
    assert repeated_words(again, recent, "It is grid battery storage.") == ("grid battery storage",)
    later = [a_sentence("Cheap."), *again]
    assert repeated_words(later, recent, "") == ("grid battery storage",)
    assert repeated_words(later, recent, "It is grid battery storage.") == ()
    assert repeated_words(later, None, "") == ()
