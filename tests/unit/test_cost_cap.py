import asyncio
from decimal import Decimal
from typing import Any

import pytest

from panel.domain.exchange import Usage
from panel.domain.model_cost import Rate
from panel.domain.rate_limit import prompt_tokens
from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.middleware.cost_cap import CostCap, LocalBudget
from tests.virtual import Listed, Told, a_request, all_of, an_answer, outcome_of, run

PROMPT = prompt_tokens(a_request())
WORST = Decimal(PROMPT + 1000 * 2)  # in dollars: a million a million tokens, output at twice that
NOTHING = Decimal(0)
USED = Decimal(100 + 10 * 2)


def a_rate(price: int = 1_000_000) -> Rate:
    amount = Decimal(price)
    return Rate(input=amount, cached=amount, cache_write=amount, output=amount * 2, source="a test")


def budgeted(inner: Told, budget: LocalBudget, rates: dict[str, Rate] | None = None) -> CostCap:
    return CostCap(inner, budget, Listed(rates or {"gpt-x": a_rate()}))


async def at_once(provider: CostCap, times: int, **changes: Any) -> list[object]:
    return await all_of([outcome_of(provider.complete(a_request(**changes))) for _ in range(times)])


def test_an_answer_is_paid_by_what_it_used() -> None:
    budget = LocalBudget(Decimal(5000))
    answer = an_answer()
    assert run(budgeted(Told(answer), budget).complete(a_request())) is answer
    assert (budget.spent, budget.reserved) == (USED, NOTHING)


def test_the_worst_case_is_held_while_the_call_is_in_flight() -> None:
    budget = LocalBudget(Decimal(5000))

    async def main() -> None:
        call = asyncio.create_task(budgeted(Told(takes=1), budget).complete(a_request()))
        await asyncio.sleep(0.5)
        assert (budget.reserved, budget.spent) == (WORST, NOTHING)
        await call

    run(main())


def test_a_call_whose_worst_case_just_fits_is_made() -> None:
    inner = Told()
    run(budgeted(inner, LocalBudget(WORST)).complete(a_request()))
    assert len(inner.began) == 1


def test_a_call_whose_worst_case_does_not_fit_is_not_made() -> None:
    inner = Told()
    budget = LocalBudget(WORST - Decimal("0.01"))
    with pytest.raises(Stopped) as caught:
        run(budgeted(inner, budget).complete(a_request()))
    assert inner.began == []
    assert (caught.value.cause, caught.value.calls) == ("cap", 0)
    assert (budget.spent, budget.reserved) == (NOTHING, NOTHING)


def test_the_message_says_what_why_and_what_next_in_one_line() -> None:
    budget = LocalBudget(Decimal("0.5"), spent=Decimal("0.4821"))
    rate = a_rate(20)
    with pytest.raises(Stopped) as caught:
        run(budgeted(Told(), budget, {"gpt-x": rate}).complete(a_request()))
    assert str(caught.value) == (
        "the cost cap of $0.50 is reached: $0.4821 spent, the next call may cost $0.0406; "
        "raise --max-cost and run again, answers are kept"
    )


def test_what_an_earlier_start_has_spent_counts() -> None:
    inner = Told()
    with pytest.raises(Stopped):
        run(budgeted(inner, LocalBudget(WORST, spent=Decimal(1))).complete(a_request()))


def test_a_call_waits_for_those_in_flight_where_only_they_stand_in_the_way() -> None:
    inner = Told(takes=1)
    budget = LocalBudget(WORST + USED * 5)
    outcomes = run(at_once(budgeted(inner, budget), 6))
    assert not any(isinstance(outcome, ProviderError) for outcome in outcomes)
    assert inner.began == [0, 1, 2, 3, 4, 5]
    assert budget.spent == USED * 6


def test_all_who_wait_are_told_when_the_cap_is_reached() -> None:
    inner = Told(an_answer(usage=None), takes=1)
    budget = LocalBudget(WORST * 2)
    outcomes = run(at_once(budgeted(inner, budget), 16))
    assert sum(isinstance(outcome, Stopped) for outcome in outcomes) == 14
    assert budget.spent == WORST * 2


def test_who_is_cancelled_while_waiting_holds_nothing() -> None:
    inner = Told(takes=1)
    budget = LocalBudget(WORST)

    async def main() -> None:
        provider = budgeted(inner, budget)
        calls = [asyncio.create_task(provider.complete(a_request())) for _ in range(2)]
        await asyncio.sleep(0.5)
        calls[1].cancel()
        await asyncio.wait(calls)

    run(main())
    assert (budget.reserved, budget.spent) == (NOTHING, USED)


def test_a_call_that_is_cancelled_in_flight_keeps_its_worst_case_spent() -> None:
    budget = LocalBudget(WORST)

    async def main() -> None:
        call = asyncio.create_task(budgeted(Told(takes=9), budget).complete(a_request()))
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.wait([call])

    run(main())
    assert (budget.reserved, budget.spent) == (NOTHING, WORST)


@pytest.mark.parametrize(
    ("error", "paid"),
    [
        (Unusable("filtered", tokens={"input": 100, "output": 10}), USED),
        (Transient("cut off", tokens={"input": 100, "output": 10}), USED),
        (Transient("overloaded (503)", tokens={}), NOTHING),
        (Transient("slow down (429)", retry_after=1), NOTHING),
        (Transient("left alone", calls=0), NOTHING),
        (Refused("declined (400)"), NOTHING),
        (Stopped("no key", cause="key"), NOTHING),
        (Transient("no whole answer in 60 s"), WORST),
        (Unusable("a web page"), WORST),
    ],
)
def test_a_failed_call_is_paid_too(error: ProviderError, paid: Decimal) -> None:
    budget = LocalBudget(Decimal(5000))
    with pytest.raises(type(error)):
        run(budgeted(Told(error), budget).complete(a_request()))
    assert (budget.spent, budget.reserved) == (paid, NOTHING)


def test_an_answer_that_nobody_counted_is_paid_at_its_worst() -> None:
    budget = LocalBudget(Decimal(5000))
    run(budgeted(Told(an_answer(usage=None)), budget).complete(a_request()))
    assert budget.spent == WORST


def test_the_model_that_answered_is_paid() -> None:
    budget = LocalBudget(Decimal(5000))
    inner = Told(an_answer(model="gpt-old"))
    run(
        budgeted(inner, budget, {"gpt-x": a_rate(), "gpt-old": a_rate(500_000)}).complete(
            a_request()
        )
    )
    assert budget.spent == USED / 2


def test_once_a_dearer_model_answered_to_the_name_its_price_is_held() -> None:
    budget = LocalBudget(Decimal(5000))
    inner = Told(an_answer(model="gpt-new"))
    provider = budgeted(inner, budget, {"gpt-x": a_rate(), "gpt-new": a_rate(3_000_000)})

    async def main() -> None:
        await provider.complete(a_request())
        assert budget.spent == USED * 3
        with pytest.raises(Stopped):
            await provider.complete(a_request())

    run(main())
    assert len(inner.began) == 1


def test_a_price_that_vanishes_keeps_the_worst_case() -> None:
    prices = Listed({"gpt-x": a_rate()})

    def answer() -> Any:
        prices.rates = {}
        return an_answer()

    budget = LocalBudget(Decimal(5000))
    run(CostCap(Told(answer), budget, prices).complete(a_request()))
    assert budget.spent == WORST


def test_an_unknown_price_is_refused_under_a_cap_and_says_how_to_give_one() -> None:
    inner = Told()
    with pytest.raises(Stopped) as caught:
        run(budgeted(inner, LocalBudget(Decimal(1))).complete(a_request(model="llama")))
    said = str(caught.value)
    assert "no price is known for openai:llama" in said
    assert '[prices."openai:llama"]' in said
    assert "allow_unpriced = true" in said
    assert "\n" not in said
    assert (caught.value.cause, caught.value.calls) == ("price", 0)
    assert inner.began == []


def test_an_unknown_price_can_be_allowed_and_is_never_summed() -> None:
    budget = LocalBudget(Decimal(1), allow_unpriced=True)
    run(budgeted(Told(), budget).complete(a_request(model="llama")))
    assert budget.spent == NOTHING


def test_without_a_cap_everything_is_made_and_what_has_a_price_is_summed() -> None:
    budget = LocalBudget(None)

    async def main() -> None:
        provider = budgeted(Told(), budget)
        await provider.complete(a_request())
        await provider.complete(a_request(model="llama"))

    run(main())
    assert budget.spent == USED


def test_a_price_of_nothing_is_a_price() -> None:
    budget = LocalBudget(Decimal(0))
    run(budgeted(Told(), budget, {"gpt-x": a_rate(0)}).complete(a_request()))
    assert budget.spent == NOTHING


def test_usage_by_kind_is_paid_by_kind() -> None:
    rate = Rate(
        input=Decimal(1_000_000),
        cached=Decimal(100_000),
        cache_write=Decimal(1_250_000),
        output=Decimal(0),
        source="a test",
    )
    budget = LocalBudget(None)
    inner = Told(an_answer(usage=Usage(input=100, cached=50, cache_written=40)))
    run(budgeted(inner, budget, {"gpt-x": rate}).complete(a_request()))
    assert budget.spent == 10 + 5 + 50
