"""Notes and numbers in English."""

from decimal import Decimal

import pytest

from panel.domain.wording import dollars, in_one_line, listed, small_dollars


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


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.5", "$0.50"),
        ("0", "$0.00"),
        ("0.0123", "$0.0123"),
        ("1.2345", "$1.23"),
        ("12.3456", "$12.35"),
        ("2", "$2.00"),
        ("0.00004231", "$0.00004"),
        ("0.00996", "$0.0100"),
        ("1e30", f"$1{'0' * 30}.00"),
    ],
)
def test_dollars_are_written_so_that_small_sums_show(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


def test_no_dollars_at_all_have_two_places() -> None:
    assert small_dollars(Decimal("0.000")) == "$0.00"


@pytest.mark.parametrize(
    ("names", "text"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")]
)
def test_names_are_listed_as_a_sentence_has_them(names: str, text: str) -> None:
    assert listed(list(names)) == text
