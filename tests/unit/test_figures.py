"""Numbers, dates and lists in the one form that pages print."""

from datetime import date
from decimal import Decimal

import pytest

from panel.domain.monthly_cost import MonthCost, Term
from panel.domain.scale import percent
from panel.domain.wording import listed, spelled
from panel.publish.figures import add_up, long_date, money, per, web_link


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0"), (0.6667, "67"), (0.125, "13"), (0.625, "63"), (1.0, "100")]
)
def test_a_share_is_rounded_half_up(share: float, shown: str) -> None:
    assert f"{percent(share)}" == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "USD", "$0"),
        ("1800", "USD", "$1,800"),
        ("7.5", "EUR", "€7.50"),
        ("0.15", "GBP", "£0.15"),
        ("0.0004", "USD", "$0.0004"),
        ("1234.505", "CHF", "1,234.51 CHF"),
        ("2E+1", "USD", "$20"),
    ],
)
def test_money_has_its_currency_and_no_needless_digits(
    amount: str, currency: str, shown: str
) -> None:
    assert money(Decimal(amount), currency) == shown


def test_the_sum_of_a_month_is_exact() -> None:
    terms = (
        Term(count="2M tokens in", rate=Decimal("1.2345"), per="million"),
        Term(count="1M tokens out", rate=Decimal(20), per="million"),
    )
    month = MonthCost(label="x", amount=Decimal("22.469"), currency="USD", terms=terms)
    assert add_up(month) == "2M tokens in × $1.2345 a million + 1M tokens out × $20 a million"
    francs = month.model_copy(update={"currency": "CHF", "terms": terms[:1]})
    assert add_up(francs) == "2M tokens in × 1.2345 CHF a million"


def test_dates_counts_and_lists_read_as_english() -> None:
    assert long_date(date(2026, 3, 1)) == "1 March 2026"
    assert [spelled(number) for number in (0, 4, 13)] == ["no", "four", "13"]
    assert [listed(names) for names in ((), ("A",), ("A", "B", "C"))] == ["", "A", "A, B and C"]


@pytest.mark.parametrize(
    "address",
    [
        "https://quill.example",
        "http://quill.example:8080/a/b.html?c=d&e=%20#f",
        "HTTPS://bücher.example/ü",
    ],
)
def test_plain_web_links_are_links(address: str) -> None:
    assert web_link(address) == address


def test_a_unit_that_nobody_found_is_said_to_be_missing() -> None:
    assert per("seat and month") == "per seat and month"
    assert per("not stated") == per("unit not stated") == "(unit not stated)"
