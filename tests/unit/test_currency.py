"""Sums of money: how much, and in which currency as far as the sign at the sum tells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.currency import (
    CODES,
    find_money,
    has_money,
    named_currencies,
    read_currency,
    read_money,
    short_sums,
)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,200.50", "1200.50", "USD"),
        ("A$29", "29", "AUD"),
        ("CA$25", "25", "CAD"),
        ("NT$900", "900", "TWD"),
        ("€1.200,50", "1200.50", "EUR"),
        ("4,50 €", "4.50", "EUR"),
        ("₹2,499", "2499", "INR"),
        ("¥4,500", "4500", "JPY"),
        ("4¢", "0.04", "USD"),
        ("25 cents", "0.25", "USD"),
        ("49 zł", "49", "PLN"),
        ("CHF 12", "12", "CHF"),
        ("30 Swiss francs", "30", "CHF"),
        ("30 Franken", "30", "CHF"),
        ("12 Euro", "12", "EUR"),
        ("90 reais", "90", "BRL"),
        ("45 złotych", "45", "PLN"),
        ("1 200 Kč", "1200", "CZK"),
        ("2\u00a0500 рублей", "2500", "RUB"),
        ("Rs. 499", "499", "INR"),
        ("980円", "980", "JPY"),
        ("150 Lira", "150", "TRY"),
        ("99 Kronen", "99", ""),
    ],
)
def test_a_sum_has_its_amount_and_its_currency(text: str, amount: str, currency: str) -> None:
    found = read_money(text.replace("Swiss ", ""))
    assert (found.amount, found.currencies[0]) == (Decimal(amount), currency)


def test_a_sum_with_a_space_for_thousands_is_one_before_its_currency() -> None:
    text = "It costs 1 200 Kč a month, 2\u00a0500 € a year and 12 seats for 300 kr."
    assert [int(one.amount) for one in find_money(text)] == [1_200, 2_500, 300]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Team 5 100 EUR a year", ["100"]),
        ("Version 2 199 EUR", ["199"]),
        ("1 299,00 Kč a year", ["1299.00"]),
        ("1\u202f299,00 € a year", ["1299.00"]),
        ("12 500 SEK, 2 500 рублей or 1 200 ₴", ["12500", "2500", "1200"]),
        ("The 3 Rs cost Rs. 499.", ["499"]),
    ],
)
def test_a_plain_space_is_one_for_thousands_where_the_currency_is_written_so(
    text: str, amounts: list[str]
) -> None:
    assert [one.amount for one in find_money(text)] == list(map(Decimal, amounts))


def test_a_sum_is_scaled_by_what_stands_behind_it() -> None:
    text = "It raised $1.2k, then $3 million, €2M, £5 K and ¥7 billion, and costs $9 a month."
    amounts = [int(one.amount) for one in find_money(text)]
    assert amounts == [1_200, 3_000_000, 2_000_000, 5_000, 7_000_000_000, 9]
    assert {float(one) for one in short_sums(text)} == {1.2, 3, 2, 5, 7}


def test_both_ends_of_a_range_have_the_currency_of_its_sign() -> None:
    for text in ("$0.95–$3.00 a page", "US$0.95-3 a page", "$0.95 to 3 a page"):
        found = {(one.amount, one.currencies[0]) for one in find_money(text)}
        assert found == {(Decimal("0.95"), "USD"), (Decimal(3), "USD")}
    assert [one.amount for one in find_money("$5-10% off")] == [Decimal(5)]
    assert [one.amount for one in find_money("€1.500-2.500 a year")] == [1500, 2500]
    assert [one.amount for one in find_money("50¢-80 a page")] == [Decimal("0.5"), Decimal("0.8")]


@pytest.mark.parametrize(
    ("claimed", "amount", "passage", "code"),
    [
        ("USD", "29", "A$29 a month", "AUD"),
        ("AUD", "29", "$29 (Australian dollars)", "AUD"),
        ("EUR", "29", "$29 a month", "USD"),
        ("$", "12", "Team $12", "USD"),
        ("$", "12", "Team 12", "USD"),
        ("¥", "30", "¥30", "JPY"),
        ("CNY", "30", "¥30", "CNY"),
        ("PLN", "49", "49 a month", "PLN"),
        ("eur", "0.04", "4¢ a check", "EUR"),
        ("USD", "9", "€5, then 9 a seat", "USD"),
        ("credits", "2", "2 credits a page", None),
        (None, "2", "2 a page", None),
        (None, "2", "£2 a page", "GBP"),
        ("kr", "300", "300 kr a month", None),
        ("NOK", "300", "300 kr a month", "NOK"),
    ],
)
def test_the_sign_at_the_sum_decides_on_the_currency(
    claimed: str | None, amount: str, passage: str, code: str | None
) -> None:
    assert read_currency(claimed, Decimal(amount), passage) == code


@pytest.mark.parametrize(
    "text", ["It costs $5.", "12 EUR", "4¢", "199 kr", "| Team | **$12** |", "9 Ft"]
)
def test_a_text_has_money_where_a_sum_stands_in_it(text: str) -> None:
    assert has_money(text)


@pytest.mark.parametrize(
    "text",
    [
        "It has 5 seats.",
        "$HOME",
        "a euro",
        "USD",
        "v1.2",
        "",
        "a 12 ft pole",
        "It has 3 real users",
        "In 2019 won it a prize",
    ],
)
def test_a_number_or_a_sign_alone_is_no_money(text: str) -> None:
    assert not has_money(text)


@pytest.mark.parametrize("text", ["100 LİRA", "100 lıra", "Fiyat (Lira)", "100 TRY", "₺100"])
def test_a_currency_is_known_by_its_name_in_its_own_country(text: str) -> None:
    assert named_currencies(text) == {"TRY"}


@given(st.sampled_from(sorted(CODES)), st.integers(1, 10**6))
def test_a_sum_with_an_iso_code_is_read_as_it_stands(code: str, units: int) -> None:
    for text in (f"{code} {units}", f"{units} {code}", f"costs {units:,} {code} a year"):
        assert [(int(one.amount), one.currencies) for one in find_money(text)] == [(units, (code,))]


@pytest.mark.parametrize(
    "piece", ["$1", "1,", "1 ", "111 ", "$ ", "9.9", "US$", "1-", "$1-", "$1 to ", "1 111 "]
)
def test_money_is_looked_for_in_time_that_grows_with_the_text(piece: str) -> None:
    assert has_money(piece * (200_000 // len(piece))) == any(find_money(piece * 40))
