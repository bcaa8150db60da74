"""What panels would take."""

from decimal import Decimal

from panel.domain.estimate import TYPICAL_OUTPUT, estimate
from panel.domain.model_cost import Rate
from tests.factories import a_tool
from tests.panels import panel_inputs

RATE = Rate(
    input=Decimal(2), cached=Decimal(1), cache_write=Decimal(3), output=Decimal(10), source="here"
)


def test_a_tool_whose_facts_are_given_takes_a_call_a_reviewer() -> None:
    found = estimate([panel_inputs()], lambda *_: RATE)
    assert (found.tools, found.calls) == (1, 4)
    assert found.tokens_out == 4 * TYPICAL_OUTPUT["review"]
    assert found.most_out == 4 * 4000
    assert found.about_usd == (found.tokens_in * 2 + found.tokens_out * 10) / Decimal(10**6)
    assert found.most_usd == (found.tokens_in * 3 + found.most_out * 10) / Decimal(10**6)


def test_intake_is_one_call_more() -> None:
    bare = panel_inputs(a_tool(vendor=None))
    found = estimate([bare, panel_inputs()], lambda *_: RATE)
    assert (found.tools, found.calls) == (2, 9)
    assert found.tokens_out == 8 * TYPICAL_OUTPUT["review"] + TYPICAL_OUTPUT["intake"]


def test_a_model_without_a_price_is_named_and_in_no_sum() -> None:
    found = estimate([panel_inputs()], lambda *_: None)
    assert found.unpriced == ("openai:gpt-test",)
    assert found.about_usd == found.most_usd == 0
    assert estimate([], lambda *_: None).tools == 0
