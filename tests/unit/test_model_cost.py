from decimal import Decimal

import pytest

from panel.domain.exchange import Usage
from panel.domain.model_cost import Rate, cost, read_rate, worst_cost
from panel.errors import ConfigError

RATE = Rate(
    input=Decimal(1),
    cached=Decimal("0.1"),
    cache_write=Decimal("1.25"),
    output=Decimal(10),
    source="test",
)


def test_each_kind_of_token_has_its_price() -> None:
    usage = Usage(input=1000, cached=600, cache_written=100, output=50)
    # 300 fresh at 1, 600 read at 0.1, 100 written at 1.25, 50 out at 10, per million
    assert cost(usage, RATE) == Decimal("0.000985")


def test_reasoning_is_part_of_the_output_and_not_paid_twice() -> None:
    assert cost(Usage(output=50, reasoning=40), RATE) == cost(Usage(output=50), RATE)


def test_more_cached_than_input_is_never_less_than_nothing() -> None:
    assert cost(Usage(input=10, cached=20), RATE) == Decimal("0.000002")


def test_the_worst_case_pays_the_dearest_input_and_the_whole_output() -> None:
    assert worst_cost(1000, 100, RATE) == Decimal("0.00225")


def test_the_worst_case_is_no_less_than_any_cost_within_it() -> None:
    for usage in (
        Usage(input=1000, output=100),
        Usage(input=1000, cache_written=1000, output=100),
        Usage(input=1000, cached=1000, output=100),
    ):
        assert cost(usage, RATE) <= worst_cost(1000, 100, RATE)


def test_a_rate_is_read_from_the_settings_exactly() -> None:
    rate = read_rate("openai:gpt-x", {"input": 0.1, "output": 2, "cached": "0.01"})
    assert rate == Rate(
        input=Decimal("0.1"),
        cached=Decimal("0.01"),
        cache_write=Decimal("0.1"),
        output=Decimal(2),
        source="shipskip.toml",
    )


def test_prices_that_are_not_given_are_the_input_price() -> None:
    rate = read_rate("openai:gpt-x", {"input": 3, "output": 2, "cache_write": 4})
    assert (rate.cached, rate.cache_write) == (Decimal(3), Decimal(4))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"input": 1}, "output is missing"),
        ({"output": 1}, "input is missing"),
        ({"input": 1, "output": 1, "price": 1}, "price is not a price"),
        ({"input": -1, "output": 1}, "input = -1 is not an amount"),
        ({"input": "cheap", "output": 1}, "input = 'cheap' is not an amount"),
        ({"input": 1, "output": float("nan")}, "output = nan is not an amount"),
        ({"input": 1, "output": float("inf")}, "output = inf is not an amount"),
        ({"input": True, "output": 1}, "input = True is not an amount"),
    ],
)
def test_a_wrong_price_is_named_with_its_table(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rate("openai:gpt-x", table)
    assert said in str(caught.value)
    assert '[prices."openai:gpt-x"]' in str(caught.value)
    assert "\n" not in str(caught.value)
