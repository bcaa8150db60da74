"""A text about another name than the title's is noticed; a comparison is not."""

from panel.screening.name_check import other_name
from tests.screening_rows import assert_none, rows


def texted(name: str, description: str) -> str | None:
    found = other_name(name, (description,))
    return found.texted if found else None


def test_another_name_in_the_text_is_noticed() -> None:
    found = {
        (name, text): (texted(name, text), other)
        for name, text, other in rows("name_check", "noticed")
    }
    assert_none(row for row in found.items() if row[1][0] != row[1][1])


def test_the_same_name_a_comparison_or_another_word_is_not() -> None:
    found = {(name, text): texted(name, text) for name, text in rows("name_check", "honest")}
    assert_none(row for row in found.items() if row[1] is not None)


def test_every_text_is_read() -> None:
    found = other_name("Foo 2X4", ("Foo 2X5 is here", "It makes notes."))
    assert found is not None
    assert (found.titled, found.texted) == ("Foo 2X4", "Foo 2X5")


def test_without_a_text_there_is_nothing_to_differ() -> None:
    assert other_name("Foobar 8x24B", ("", "")) is None
