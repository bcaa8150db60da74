"""What a price is charged by, and its conditions, read off its words."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.price_terms import PriceTerms, read_terms
from tests.factories import a_price


def terms(unit: str | None, *said: str, label: str = "plan") -> PriceTerms:
    return read_terms(a_price(label, unit=unit, terms=said))


@pytest.mark.parametrize(
    ("unit", "kind", "thing", "quantity", "period"),
    [
        ("seat a month", "seats", "seat", 1, "month"),
        ("user / month", "seats", "user", 1, "month"),
        ("editor per year", "seats", "editor", 1, "year"),
        ("3 seats a month", "seats", "seat", 3, "month"),
        ("month", "subscription", None, 1, "month"),
        ("mo", "subscription", None, 1, "month"),
        ("annually", "subscription", None, 1, "year"),
        ("1K tokens", "usage", "token", 1_000, None),
        ("1,000 credits", "usage", "credit", 1_000, None),
        ("1 million input tokens", "usage", "token", 1_000_000, None),
        ("million tokens", "usage", "token", 1_000_000, None),
        ("MTok", "usage", "token", 1_000_000, None),
        ("minute of audio", "usage", "minute", 1, None),
        ("GPU second", "usage", "second", 1, None),
        ("image", "usage", "image", 1, None),
        ("GB a month", "usage", "gb", 1, "month"),
        ("100,000 rows", "usage", "row", 100_000, None),
        ("1.2.3 rows", "usage", "row", 1, None),
        ("0 tokens", "usage", "token", 1, None),
        ("once", "one-off", None, 1, "once"),
        ("one-time purchase", "one-off", None, 1, "once"),
        ("lifetime licence", "one-off", "licence", 1, "once"),
        (None, "usage", None, 1, None),
    ],
)
def test_a_unit_says_what_is_counted_how_much_of_it_and_how_often(
    unit: str | None, kind: str, thing: str | None, quantity: int, period: str | None
) -> None:
    read = terms(unit)
    assert (read.kind, read.thing, read.quantity, read.period) == (
        kind,
        thing,
        Decimal(quantity),
        period,
    )


@pytest.mark.parametrize(
    ("label", "unit", "side"),
    [
        ("input", "1M tokens", "input"),
        ("Output, batch", "1M tokens", "output"),
        ("Prices", "1M input tokens", "input"),
        ("completion", "1K tokens", "output"),
        ("input and output", "1M tokens", None),
        ("team", "seat", None),
    ],
)
def test_tokens_in_are_told_from_tokens_out(label: str, unit: str, side: str | None) -> None:
    assert terms(unit, label=label).side == side


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("from", "starts_there", True),
        ("starting at", "starts_there", True),
        ("up to", "ends_there", True),
        ("at most 600", "ends_there", True),
        ("minimum 5 seats", "least", 5),
        ("at least 3 users", "least", 3),
        ("minimum spend", "least", None),
        ("at least five editors", "least", 5),
        ("no fewer than 12 seats", "least", 12),
        ("six seats or more", "least", 6),
        ("sold in packs of five", "unread", "sold in packs of five"),
        ("2 months are free", "unread", "2 months are free"),
        ("plus 19% VAT", "unread", None),
        ("billed yearly", "unread", None),
        ("on top of Pro", "on_top", True),
        ("an add-on", "on_top", True),
        ("plus VAT", "untaxed", True),
        ("excl. 19% VAT", "untaxed", True),
        ("VAT not included", "untaxed", True),
        ("tax is on us", "untaxed", False),
        ("first 10,000 free", "tiered", True),
        ("billed yearly", "tiered", False),
    ],
)
def test_a_condition_is_a_term_of_the_price(said: str, name: str, value: Any) -> None:
    assert getattr(terms("seat a month", said), name) == value
    assert getattr(terms("seat a month"), name) in (None, False)


@pytest.mark.parametrize(
    ("unit", "least", "quantity", "untaxed"),
    [
        ("seat a month (minimum 3 seats, billed annually)", 3, 1, False),
        ("editor a month (billed annually; minimum three editors)", 3, 1, False),
        ("user / month, billed 12 months ahead, 5 users minimum", 5, 1, False),
        ("seat and month min. 4 seats plus VAT", 4, 1, True),
        ("month, at least 2 seats excl. tax", 2, 1, True),
        ("5 min", None, 5, False),
        ("call (5 min)", None, 5, False),
        ("1,000 requests", None, 1_000, False),
    ],
)
def test_a_condition_in_a_unit_is_none_of_its_quantity(
    unit: str, least: int | None, quantity: int, *, untaxed: bool
) -> None:
    read = terms(unit)
    assert (read.least, read.quantity, read.untaxed) == (least, Decimal(quantity), untaxed)


def test_what_stands_in_brackets_and_is_no_condition_is_the_unit() -> None:
    assert terms("1M tokens (input)").side == "input"
    assert terms("seat (monthly)").period == "month"


def test_the_least_of_a_term_is_the_count_beside_its_word() -> None:
    assert terms("seat", "billed 12 months ahead, minimum 3 seats").least == 3


@given(
    st.text(max_size=60), st.lists(st.text(min_size=1, max_size=40).filter(str.strip), max_size=3)
)
def test_any_words_give_terms_with_a_quantity_to_divide_by(unit: str, said: list[str]) -> None:
    read = terms(unit.strip() or None, *said)
    assert read.quantity > 0
    assert read.kind in ("seats", "subscription", "usage", "one-off")
