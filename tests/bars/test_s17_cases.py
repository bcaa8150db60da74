"""S17: ten thousand cases each for the ballot parser, the limiter and the budget."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from panel.domain.json_answer import MOST_BYTES
from tests.bars.ballot_texts import ANY_TEXT, BALLOT, MUTATED, ODD_JSON, check_text
from tests.bars.conftest import Show
from tests.property.limited_calls import PACES, RUSHES, check_pace, check_rush
from tests.property.paid_calls import SPREES, check_spree

CASES = 10_000
T = TypeVar("T")


def try_cases(
    number: int, cases: SearchStrategy[T], check: Callable[[T], object]
) -> Counter[object]:
    """Return how often `check` returned what over at least `number` of `cases`; it raises for none."""
    came: Counter[object] = Counter()

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def try_one(case: T) -> None:
        came[check(case)] += 1

    try_one()
    assert came.total() >= number
    return came


def test_s17_no_text_is_read_as_another_ballot(show: Show) -> None:
    came = sum(
        (try_cases(CASES // 3 + 1, x, check_text) for x in (ANY_TEXT, ODD_JSON, MUTATED)), Counter()
    )
    show(
        f"S17, ballot parser: {came.total():,} cases of text, JSON and mutated ballots: "
        f"{came[True]:,} read with the very scores that stand in them, "
        f"{came[False]:,} refused in a line, other errors 0"
    )
    # The bar would hold for nothing at all, were none read.
    assert min(came[True], came[False]) > 100


@pytest.mark.parametrize("size", [MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1, 10**6])
@pytest.mark.parametrize(
    "unit", ["[", '{"a":', '"', "\\", "```\n", "{" * 3 + "}" * 3, "9", " ", "é"]
)
def test_s17_a_long_text_is_refused(unit: str, size: int) -> None:
    assert not check_text(unit * (size // len(unit)))


def test_s17_a_key_that_a_model_made_up_does_not_break_the_line_that_names_it() -> None:
    key = "a\\nshipskip: all is well\\u2028"
    assert not check_text(BALLOT.replace('"findings":[{', f'"findings":[{{"{key}":1,'))


def test_s17_no_order_of_calls_exceeds_a_limit(show: Show) -> None:
    paces = try_cases(CASES * 6 // 10, PACES, check_pace).total()
    rushes = try_cases(CASES * 4 // 10, RUSHES, check_rush).total()
    show(
        f"S17, limiter: {paces:,} allowances asked up to 25 times and {rushes:,} rushes of up to 16 "
        "calls: no minute over a limit, nobody overtaken or forgotten, errors 0"
    )


def test_s17_no_order_of_calls_breaks_a_cap(show: Show) -> None:
    sprees = try_cases(CASES, SPREES, check_spree).total()
    show(
        f"S17, budget: {sprees:,} sprees of up to 16 calls: earned <= spent <= cap in each, nobody "
        "stopped without need, errors 0"
    )
