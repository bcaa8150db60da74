"""Example months come from stated prices and from nothing else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.monthly_cost import MONTHS, Month, PricingRead, read_pricing
from panel.domain.tool import Price
from tests.factories import a_price, a_tool


def tokens(unit: str = "1M tokens", **fields: str) -> tuple[Price, ...]:
    return (
        a_price("input", "2", unit=unit),
        a_price("output", "6", **{"unit": unit} | fields),
    )


def a_token_price(label: str) -> Price:
    return a_price(label, "2", unit="1M tokens")


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


def priced(amount: str, unit: str | None, *terms: str, **fields: Any) -> Price:
    return a_price(fields.pop("label", "plan"), amount, unit=unit, terms=terms, **fields)


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ([a_price("team"), a_price("firm"), a_price("club")], "three seat prices"),
        ([priced("9", "seat a year")], "the seat price is by the year, not by the month"),
        ([priced("9", "seat, paid once")], "the seat price is paid once, not by the month"),
        ([priced("9", "seat")], "the seat price is without a period, not by the month"),
        ([priced("30", "3 seats a month")], "the price is for 3 seats together"),
        ([priced("9", "seat a month", currency=None)], "the currency is not stated"),
        ([priced("9", "seat a month", up_to=Decimal(12))], "a range of prices"),
        ([priced("9", "month")], "priced per month"),
        ([priced("9", "once")], "paid once"),
        ([priced("9", None)], "the unit is not stated"),
        ([priced("9", "month"), priced("2", "image")], "no price by seat or token"),
        (
            [priced("12", "seat a month", "sold in packs of five")],
            "a condition of the price, sold in packs of five",
        ),
        (tokens()[:1], "no output prices"),
        (tokens()[1:], "no input prices"),
        ([*tokens(), *tokens()], "two input prices"),
        (tokens(currency="EUR"), "prices in different currencies"),
        (
            [
                priced("2", "1M tokens", label="mini input"),
                priced("6", "1M tokens", label="pro output"),
            ],
            "input and output prices of different things",
        ),
        (
            [
                priced("2", "1M tokens", label="GPT-4 input"),
                priced("6", "1M tokens", label="GPT-4 output"),
            ],
            "a price of GPT",
        ),
        (
            [
                priced("2", "1M tokens", label="input (Sonnet)"),
                priced("6", "1M tokens", label="output"),
            ],
            "a price of Sonnet",
        ),
    ],
)
def test_a_month_that_cannot_be_computed_says_why(prices: Sequence[Price], why: str) -> None:
    found = read(*prices)
    assert (found.metering, found.months) == ("other", ())
    assert found.uncomputed == f"not computed: {why}"
    assert found.prices == tuple(prices)


def test_prices_of_the_tools_own_models_are_computed() -> None:
    both = [a_token_price(f"Quillbase X {side}") for side in ("input", "output")]
    assert read(*both).uncomputed == "not computed: a price of X"
    own = [a_token_price(f"Quillbase {side}") for side in ("input", "output")]
    assert [month.amount for month in read(*own).months] == [5, 120, 2400]
    standard = [a_token_price(f"Standard {side}") for side in ("input", "output")]
    assert len(read(*standard).months) == 3


def test_a_price_from_a_sum_and_one_up_to_a_sum_make_no_bound() -> None:
    first, second = (
        a_price(side, "2", unit="1M tokens", terms=(term,))
        for side, term in (("input", "from"), ("output", "up to"))
    )
    assert read(first, second).uncomputed == "not computed: prices are from a sum and up to a sum"


@pytest.mark.parametrize(
    ("terms", "left", "bound"),
    [
        ((), (), None),
        (("plus VAT",), ("tax",), None),
        (("from",), (), "at least"),
        (("up to",), (), "at most"),
        (
            ("first 10 free", "on top of Pro"),
            ("steps in the price", "what this comes on top of"),
            None,
        ),
    ],
)
def test_a_month_says_what_it_leaves_out_and_whether_it_is_a_bound(
    terms: tuple[str, ...], left: tuple[str, ...], bound: str | None
) -> None:
    found = read(
        priced("9", "seat a month", *terms),
        priced("50", "once", label="setup"),
        priced("0", "seat a month", label="free"),
    )
    assert {month.leaves_out for month in found.months} == {("setup", *left)}
    assert {month.bound for month in found.months} == {bound}
    assert found.uncomputed is None


def test_no_month_has_fewer_seats_than_are_sold() -> None:
    found = read(priced("12", "seat a month", "minimum 5 seats"))
    assert [month.amount for month in found.months] == [60, 120, 1200]
    assert [month.terms[0].count for month in found.months] == ["5 seats", "10 seats", "100 seats"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"not_stated": ("prices",)}, "not stated"),
        ({"not_read": ("prices",)}, "not read"),
        ({}, "not looked up"),
    ],
)
def test_where_no_price_is_stated_none_is_made_up(fields: dict[str, Any], why: str) -> None:
    found = read_pricing(a_tool(prices=(), **fields), MONTHS)
    assert (found.metering, found.prices, found.months) == ("none", (), ())
    assert found.uncomputed == why


UNITS = st.sampled_from(
    [None, "month", "seat a month", "1K tokens", "1M input tokens", "0 tokens", "image", "once"]
)
ANY_PRICE = st.builds(
    Price,
    label=st.sampled_from(["input", "output", "plan", "GPT-4 output", "Quillbase input"]),
    amount=st.decimals(0, 1000, places=3),
    up_to=st.none() | st.just(Decimal(2000)),
    currency=st.sampled_from(["USD", "EUR", None]),
    unit=UNITS,
    terms=st.lists(st.sampled_from(["from", "plus VAT", "minimum 5 seats"]), max_size=2).map(tuple),
)


@given(st.lists(ANY_PRICE, max_size=4), st.sampled_from([MONTHS, ()]))
def test_a_month_is_computed_or_it_is_said_why_not(
    prices: list[Price], months: tuple[Month, ...]
) -> None:
    found = read_pricing(a_tool(prices=tuple(prices)), months)
    assert (found.uncomputed is None) == (found.metering in ("tokens", "seats"))
    assert bool(found.months) == (found.uncomputed is None and bool(months))
    for month in found.months:
        assert month.currency in {price.currency for price in prices}
        labels = {price.label for price in prices if price.amount}
        assert len(labels) <= 1 + len(month.terms) or month.leaves_out
