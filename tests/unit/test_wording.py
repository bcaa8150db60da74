"""Notes and numbers in English."""

import pytest

from panel.domain.wording import in_one_line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ((), ""),
        ((None, ""), ""),
        (("It is an advert.",), "It is an advert."),
        (("It is an advert.", "seen before"), "It is an advert; seen before"),
        (("held", None, "It is short. It is old.", "Ask."), "held; It is short. It is old; Ask."),
    ],
)
def test_notes_are_one_line_with_a_full_stop_at_its_end_only(
    said: tuple[str | None, ...], line: str
) -> None:
    assert in_one_line(*said) == line
