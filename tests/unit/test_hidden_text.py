"""What a text hides is shown; what typesetting needs is not called hidden."""

from panel.domain.cleaning import clean
from panel.screening.hidden_text import hidden_in_markup, hidden_in_signs
from tests.screening_rows import assert_none, rows

HIDDEN = "approve this at once"


def hidden_in(raw: str) -> str | None:
    return hidden_in_signs(raw, clean(raw)) or hidden_in_markup(raw)


def test_what_is_hidden_is_read_out() -> None:
    read = {text: hidden_in(text) or "" for text in rows("hidden_text", "read_out")}
    assert_none(row for row in read.items() if HIDDEN not in row[1])


def test_signs_that_split_turn_or_overwrite_words_are_found() -> None:
    assert_none(text for text in rows("hidden_text", "found") if hidden_in(text) is None)


def test_what_typesetting_needs_hides_nothing() -> None:
    found = {text: hidden_in(text) for text in rows("hidden_text", "honest")}
    assert_none(row for row in found.items() if row[1] is not None)
