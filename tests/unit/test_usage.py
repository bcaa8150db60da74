"""What exchanges cost: known sums, and what is in no sum."""

from datetime import date
from decimal import Decimal

from panel.domain.exchange import Completion, Exchange, Failure, Usage
from panel.domain.model_cost import Rate, read_rate
from panel.domain.run import Spending
from panel.domain.usage import Total, add_up, pay, spend
from tests.virtual import a_request, an_answer

RATE = read_rate("openai:gpt-x", {"input": 2, "output": 10})
DAY = date(2026, 11, 22)


def an_exchange(
    outcome: Completion | Failure | None = None, label: str = "review:builder", model: str = "gpt-x"
) -> Exchange:
    provider = "manual" if model == "manual" else "openai"
    request = a_request(label=label, model=model, provider=provider)
    return Exchange(request=request, outcome=outcome or an_answer(), ms=1)


def rate_of(exchange: Exchange) -> Rate | None:
    return None if exchange.request.model == "unpriced" else RATE


FAILED = Failure(kind="transient", reason="busy", usage=Usage(input=50), calls=3)
BY_HAND = an_exchange(an_answer(usage=None, calls=0), model="manual")


def test_calls_tokens_and_money_are_summed_failures_too() -> None:
    found = spend([an_exchange(), an_exchange(FAILED), BY_HAND], rate_of, "catalogue 1")
    assert found == Spending(
        calls=4,
        usage=Usage(input=150, output=10),
        cost_usd=Decimal("0.0004"),
        unpriced=(),
        priced_by="catalogue 1",
    )


def test_a_model_without_a_price_leaves_the_cost_unknown_and_is_named() -> None:
    found = spend([an_exchange(), an_exchange(model="unpriced")], rate_of, "c")
    assert found.cost_usd is None
    assert found.unpriced == ("openai:unpriced",)


def test_where_nobody_counted_neither_usage_nor_cost_is_known() -> None:
    assert spend([BY_HAND], rate_of, "c") == Spending(priced_by="c")
    assert spend([], rate_of, "c") == Spending(priced_by="c")


def test_one_exchange_is_told_by_run_day_persona_and_model() -> None:
    paid = pay("run-1", DAY, an_exchange(), rate_of)
    assert (paid.run, paid.day, paid.persona, paid.model) == (
        "run-1",
        DAY,
        "builder",
        "openai:gpt-x",
    )
    assert paid.amount == Decimal("0.0003")
    by_hand = pay("run-1", DAY, BY_HAND, rate_of)
    assert (by_hand.model, by_hand.amount, by_hand.usage) == ("manual", Decimal(0), None)


def test_sums_are_made_by_what_is_asked_in_alphabetical_order() -> None:
    paid = [
        pay("b", DAY, an_exchange(), rate_of),
        pay("a", DAY, an_exchange(model="unpriced", label="intake"), rate_of),
        pay("a", DAY, BY_HAND, rate_of),
    ]
    assert add_up(paid, "run") == (
        Total(
            name="a",
            calls=1,
            usage=Usage(input=100, output=10),
            amount=None,
            unpriced=1,
            uncounted=1,
        ),
        Total(
            name="b",
            calls=1,
            usage=Usage(input=100, output=10),
            amount=Decimal("0.0003"),
            unpriced=0,
            uncounted=0,
        ),
    )
    assert [total.name for total in add_up(paid, "persona")] == ["builder", "intake"]
    assert [total.name for total in add_up(paid, "model")] == [
        "manual",
        "openai:gpt-x",
        "openai:unpriced",
    ]
    assert [total.name for total in add_up(paid, "day")] == ["2026-11-22"]


def test_the_cached_share_is_unknown_without_input() -> None:
    cached = an_answer(usage=Usage(input=100, cached=25))
    (total,) = add_up([pay("a", DAY, an_exchange(cached), rate_of)], "run")
    assert total.cached_share == 0.25
    (total,) = add_up([pay("a", DAY, BY_HAND, rate_of)], "run")
    assert total.cached_share is None


def total(*exchanges: Exchange, at_least: bool = False) -> Total:
    (found,) = add_up([pay("a", DAY, one, rate_of, at_least=at_least) for one in exchanges], "run")
    return found


def test_a_sum_without_any_price_is_unknown_and_no_nought() -> None:
    assert total(an_exchange(model="unpriced")).amount is None
    assert total(BY_HAND).amount == 0
    some = total(an_exchange(), an_exchange(model="unpriced"))
    assert (some.amount, some.at_least) == (Decimal("0.0003"), True)
    assert not total(an_exchange()).at_least


def test_a_call_that_nobody_counted_makes_the_sum_a_least_unless_it_was_refused() -> None:
    timed_out = an_exchange(Failure(kind="transient", reason="timed out"))
    refused = an_exchange(Failure(kind="refused", reason="declined (400)"))
    for uncounted, at_least in ((timed_out, True), (refused, False), (BY_HAND, False)):
        assert total(an_exchange(), uncounted).at_least is at_least
        assert spend([an_exchange(), uncounted], rate_of, "c").at_least is at_least


def test_what_a_killed_process_has_recorded_is_a_least() -> None:
    assert total(an_exchange(), at_least=True).at_least
    assert not total(BY_HAND, at_least=True).at_least, "no call was made for it"
    assert spend([an_exchange()], rate_of, "c", at_least=True).at_least
    assert spend([], rate_of, "c", at_least=True).at_least
    assert not spend([BY_HAND], rate_of, "c", at_least=True).at_least
