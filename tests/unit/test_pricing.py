"""Example months come from stated prices and from nothing else."""

from decimal import Decimal

import pytest

from panel.domain.pricing import MONTHS, PricingRead, read_pricing
from panel.domain.tool import Price
from tests.factories import a_price, a_tool


def tokens(unit: str = "1M tokens", **fields: str) -> tuple[Price, ...]:
    return (
        a_price("input", "2", unit=unit),
        a_price("output", "6", **{"unit": unit} | fields),
    )


def read(*prices: Price) -> PricingRead:
    return read_pricing(a_tool(prices=prices))


def test_token_prices_make_three_months_with_their_sums() -> None:
    found = read(*tokens())
    assert (found.metering, found.slug) == ("tokens", "quillbase")
    assert [(month.label, month.amount, month.currency) for month in found.months] == [
        ("Trial", Decimal(7), "USD"),
        ("One feature", Decimal(160), "USD"),
        ("Heavy use", Decimal(3200), "USD"),
    ]
    assert [(term.count, term.rate, term.per) for term in found.months[0].terms] == [
        ("2M tokens in", Decimal(2), "million"),
        ("0.5M tokens out", Decimal(6), "million"),
    ]
    assert [term.count for term in found.months[2].terms] == [
        "1,000M tokens in",
        "200M tokens out",
    ]


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("1M tokens", 1),
        ("1m tokens", 1),
        ("million tokens", 1),
        ("1 million tokens", 1),
        ("per 1 M tokens", 1),
        ("MTok", 1),
        ("1K tokens", 1000),
        ("1,000 tokens", 1000),
        ("thousand tokens", 1000),
        ("token", 1_000_000),
        ("million input tokens", None),
        ("request", None),
    ],
)
def test_a_token_price_is_read_by_its_unit(unit: str, times: int | None) -> None:
    found = read(*tokens(unit))
    if times is None:
        assert (found.metering, found.months) == ("other", ())
    else:
        assert found.months[0].amount == 7 * times


@pytest.mark.parametrize(
    "prices",
    [
        tokens()[:1],
        tokens()[1:],
        (*tokens(), a_price("input, cached", "1", unit="1M tokens")),
        (*tokens(), a_price("output, batch", "1", unit="1M tokens")),
        tokens(currency="EUR"),
        (a_price("\x1c", unit="1M tokens"),),
    ],
)
def test_token_prices_that_leave_a_choice_are_listed_and_not_computed(
    prices: tuple[Price, ...],
) -> None:
    assert read(*prices).metering == "other"
    assert read(*prices).prices == prices
    assert read(*prices).months == ()


def test_a_seat_price_makes_three_months() -> None:
    found = read(a_price("team", "9.50", unit="user / month"), a_price("setup", unit="once"))
    assert found.metering == "seats"
    terms = [term for month in found.months for term in month.terms]
    assert [month.amount for month in found.months] == [Decimal("9.5"), 95, 950]
    assert [term.count for term in terms] == ["1 seat", "10 seats", "100 seats"]
    assert {(term.rate, term.per) for term in terms} == {(Decimal("9.5"), "seat")}


def test_two_seat_prices_or_a_yearly_one_are_not_computed() -> None:
    assert read(a_price("team"), a_price("firm")).metering == "other"
    assert read(a_price(unit="seat a year")).metering == "other"


def test_where_no_price_is_stated_none_is_made_up() -> None:
    found = read_pricing(a_tool(prices=()), MONTHS)
    assert (found.metering, found.prices, found.months) == ("none", (), ())
