"""Whole texts through the screen: what asks reviewers for something is held, tools are not."""

from panel.screening.flags import screen
from tests.screening_rows import assert_none, rows


def holds(text: str) -> bool:
    return any(flag.holds for flag in screen("Foobar", {"description": text}))


def test_requests_are_held_wherever_they_stand() -> None:
    held = rows("instructions", "held")
    assert_none(text for text in held if not holds(f"Foobar makes notes.\n\n{text}"))
    assert_none(text for text in held if not holds(f"It is free.\n\n{text}\n\nIt makes notes."))


def test_honest_texts_are_not_held() -> None:
    assert_none(text for text in rows("instructions", "honest") if holds(text))


def test_what_no_rule_finds_is_listed() -> None:
    """A text that is found by now belongs among those that are held."""
    assert_none(text for text in rows("instructions", "missed") if holds(text))
