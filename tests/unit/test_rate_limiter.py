import asyncio
from typing import Any

import pytest

from panel.domain.exchange import Usage
from panel.domain.rate_limit import Limit, prompt_tokens
from panel.errors import Refused, Transient
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from tests.virtual import Told, VirtualClock, a_request, all_of, an_answer, outcome_of, run

PROMPT = prompt_tokens(a_request())
PACE = 61_200  # tokens a minute: a thousand a second, with the headroom of two in a hundred
SMALL = {"max_output_tokens": 1000 - PROMPT}  # with the prompt a call of 1,000 tokens


def limited(inner: Told, limit: Limit | None = None, **options: Any) -> RateLimiter:
    limits = {} if limit is None else {"openai": limit}
    return RateLimiter(inner, ModelQueues(limits, clock=VirtualClock(), **options))


async def at_once(provider: RateLimiter, times: int, **changes: Any) -> None:
    await all_of([outcome_of(provider.complete(a_request(**changes))) for _ in range(times)])


def test_an_answer_passes_as_it_is() -> None:
    answer = an_answer()
    assert run(limited(Told(answer)).complete(a_request())) is answer


def test_without_a_limit_nobody_waits() -> None:
    inner = Told(takes=1)
    run(at_once(limited(inner), 16))
    assert inner.began == [0] * 16


def test_requests_are_paced_under_a_known_limit() -> None:
    inner = Told()
    run(at_once(limited(inner, Limit(requests_per_minute=102)), 5))
    assert inner.began == pytest.approx([0, 0.6, 1.2, 1.8, 2.4])


def test_tokens_are_paced_by_their_worst_case() -> None:
    inner = Told(an_answer(usage=None))
    run(at_once(limited(inner, Limit(tokens_per_minute=PACE)), 4, **SMALL))
    assert inner.began == pytest.approx([0, 0.9, 1.9, 2.9])


def test_tokens_that_were_not_used_are_given_back_to_who_waits() -> None:
    inner = Told(an_answer(usage=Usage(input=400, output=100)), takes=0.2)
    run(at_once(limited(inner, Limit(tokens_per_minute=PACE)), 4, **SMALL))
    # each takes 1 s worth, and gives half of it back 0.2 s later
    assert inner.began == pytest.approx([0, 0.4, 0.9, 1.4])


@pytest.mark.parametrize(("requests", "began"), [(51, [0, 1.2, 2.4]), (102, [0, 0.9, 1.9])])
def test_requests_and_tokens_are_taken_together(requests: int, began: list[float]) -> None:
    inner = Told(an_answer(usage=None))
    limit = Limit(requests_per_minute=requests, tokens_per_minute=PACE)
    run(at_once(limited(inner, limit), 3, **SMALL))
    assert inner.began == pytest.approx(began)


def test_first_come_is_first_served_whatever_the_size() -> None:
    inner = Told(an_answer(usage=None))
    provider = limited(inner, Limit(tokens_per_minute=PACE))

    async def main() -> None:
        sizes = [1000, 30_000, 100, 100]
        await all_of([provider.complete(a_request(max_output_tokens=size)) for size in sizes])

    run(main())
    assert [request.max_output_tokens for request in inner.asked] == [1000, 30_000, 100, 100]


def test_calls_in_flight_are_bounded() -> None:
    inner = Told(takes=1)
    run(at_once(limited(inner, concurrency=3), 10))
    assert inner.most_in_flight == 3
    assert inner.ended[-1] == 4


def test_a_model_can_have_a_bound_of_its_own() -> None:
    inner = Told(takes=1)
    provider = limited(inner, Limit(concurrency=1), concurrency=3)

    async def main() -> None:
        await all_of(
            [provider.complete(a_request()) for _ in range(3)]
            + [provider.complete(a_request(provider="mistral")) for _ in range(3)]
        )

    run(main())
    assert inner.most_in_flight == 3
    assert [request.provider for request in inner.asked].count("openai") == 3
    assert inner.ended[-1] == 3


def test_a_call_that_waited_for_a_place_looks_at_the_limits_again() -> None:
    """The pause comes while the next call already stands before the last place."""
    inner = Told(Transient("slow down (429)", retry_after=10), an_answer(), takes=1)
    run(at_once(limited(inner, concurrency=1), 2))
    assert inner.began == pytest.approx([0, 11])


def test_retry_after_pauses_the_model_for_everybody() -> None:
    inner = Told(Transient("slow down (429)", retry_after=10), an_answer())
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 1)
        await at_once(provider, 2)
        await provider.complete(a_request(model="gpt-y"))

    run(main())
    assert inner.began == [0, 10, 10, 10]


def test_another_model_is_not_paused() -> None:
    inner = Told(Transient("slow down (429)", retry_after=10), an_answer())
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 1)
        await provider.complete(a_request(model="gpt-y"))

    run(main())
    assert inner.began == [0, 0]


def test_a_pause_that_comes_while_somebody_waits_holds_for_them_too() -> None:
    inner = Told(Transient("slow down (429)", retry_after=10), an_answer(), takes=0.5)
    run(at_once(limited(inner, Limit(requests_per_minute=60)), 2))
    assert inner.began == pytest.approx([0, 10.5])


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    inner = Told(
        Transient("slow down (429)", retry_after=20),
        Transient("slow down (429)", retry_after=1),
        an_answer(),
        takes=[1, 2, 0],
    )
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 2)
        await at_once(provider, 1)

    run(main())
    assert inner.began == [0, 0, 21]


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_senseless_wait_pauses_nobody(seconds: float) -> None:
    inner = Told(Transient("slow down (429)", retry_after=seconds), an_answer())
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 1)
        await at_once(provider, 1)

    run(main())
    assert inner.began == [0, 0]


def test_a_long_pause_puts_calls_off_instead_of_holding_them() -> None:
    inner = Told(Transient("slow down (429)", retry_after=600), an_answer())
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 1)
        put_off = await outcome_of(provider.complete(a_request()))
        assert isinstance(put_off, Transient)
        assert (put_off.retry_after, put_off.calls, put_off.tokens) == (600, 0, {})
        assert "openai:gpt-x asked for a pause; 600 s of it are left" in str(put_off)
        await asyncio.sleep(540)
        await provider.complete(a_request())

    run(main())
    assert inner.began == [0, 600]


def test_a_call_that_was_put_off_leaves_its_place() -> None:
    inner = Told(Transient("slow down (429)", retry_after=600), an_answer(), takes=1)
    provider = limited(inner, Limit(concurrency=1), concurrency=1)

    async def main() -> None:
        await at_once(provider, 9)
        await asyncio.sleep(600)
        await at_once(provider, 2)

    run(main())
    assert len(inner.began) == 3


def test_a_pause_is_believed_for_an_hour_at_most() -> None:
    inner = Told(Transient("slow down (429)", retry_after=1e9), an_answer())
    provider = limited(inner)

    async def main() -> None:
        await at_once(provider, 1)
        await asyncio.sleep(3600)
        await provider.complete(a_request())

    run(main())
    assert inner.began == [0, 3600]


def test_a_waiter_who_is_cancelled_takes_nothing_with_him() -> None:
    inner = Told(an_answer(usage=None))
    provider = limited(inner, Limit(requests_per_minute=102, concurrency=1), concurrency=1)

    async def main() -> None:
        calls = [asyncio.create_task(provider.complete(a_request())) for _ in range(5)]
        await asyncio.sleep(0.5)
        for cancelled in (calls[1], calls[3]):  # the head of the queue and one behind it
            cancelled.cancel()
        await asyncio.wait(calls)
        assert [call.cancelled() for call in calls] == [False, True, False, True, False]

    run(main())
    assert inner.began == pytest.approx([0, 0.6, 1.2])


def test_a_waiter_who_is_cancelled_leaves_no_task_behind() -> None:
    provider = limited(Told(), Limit(requests_per_minute=1))

    async def main() -> None:
        await at_once(provider, 1)
        call = asyncio.create_task(provider.complete(a_request()))
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.wait([call])
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())


def test_a_waiter_for_a_place_who_is_cancelled_leaves_it_to_the_next() -> None:
    inner = Told(takes=10)
    provider = limited(inner, concurrency=1)

    async def main() -> None:
        calls = [asyncio.create_task(provider.complete(a_request())) for _ in range(3)]
        await asyncio.sleep(1)
        calls[1].cancel()
        await asyncio.wait(calls)

    run(main())
    assert inner.began == [0, 10]


def test_a_call_that_is_cancelled_in_flight_gives_its_place_back_and_keeps_its_tokens() -> None:
    inner = Told(an_answer(usage=None), takes=[30, 0])
    provider = limited(inner, Limit(tokens_per_minute=PACE), concurrency=1)

    async def main() -> None:
        call = asyncio.create_task(provider.complete(a_request(**SMALL)))
        await asyncio.sleep(0.5)
        call.cancel()
        await asyncio.wait([call])
        await provider.complete(a_request(**SMALL))

    run(main())
    assert inner.began == pytest.approx([0, 0.9])


def test_a_failed_call_is_settled_with_the_tokens_it_used() -> None:
    inner = Told(Refused("filtered", tokens={"input": 400, "output": 0}), an_answer())
    run(at_once(limited(inner, Limit(tokens_per_minute=PACE)), 2, **SMALL))
    assert inner.began == pytest.approx([0, 0.3])


def test_a_failed_call_that_nobody_counted_keeps_its_tokens() -> None:
    inner = Told(Refused("declined"), an_answer())
    run(at_once(limited(inner, Limit(tokens_per_minute=PACE)), 2, **SMALL))
    assert inner.began == pytest.approx([0, 0.9])


@pytest.mark.parametrize("limit", [Limit(requests_per_minute=1), Limit(tokens_per_minute=1000)])
def test_what_was_not_called_has_taken_nothing(limit: Limit) -> None:
    inner = Told(Transient("left alone", retry_after=30, calls=0), an_answer(), takes=5)
    run(at_once(limited(inner, limit), 2, **SMALL))
    assert inner.began == [0, 5]


def test_a_share_of_the_limits_holds_for_models_that_were_asked_and_for_new_ones() -> None:
    inner = Told()
    limiter = ModelQueues({"openai": Limit(requests_per_minute=102)}, clock=VirtualClock())
    provider = RateLimiter(inner, limiter)

    async def main() -> None:
        await at_once(provider, 1)
        limiter.share(2)
        await at_once(provider, 2)
        await at_once(provider, 2, model="gpt-y")

    run(main())
    assert inner.began == pytest.approx([0, 1.2, 2.4, 2.4, 3.6])


def test_who_waits_goes_earlier_once_the_share_is_larger() -> None:
    inner = Told()
    limiter = ModelQueues({"openai": Limit(requests_per_minute=102)}, clock=VirtualClock())
    limiter.share(10)

    async def main() -> None:
        calls = asyncio.create_task(at_once(RateLimiter(inner, limiter), 3))
        await asyncio.sleep(3)  # half of the six seconds that the second call has to wait
        limiter.share(1)
        await calls

    run(main())
    assert inner.began == pytest.approx([0, 3.3, 3.9])


@pytest.mark.parametrize("limits", [{}, {"openai": Limit(requests_per_minute=102)}])
def test_a_worker_without_a_share_lets_nobody_in_until_it_has_one(limits: dict[str, Limit]) -> None:
    inner = Told()
    limiter = ModelQueues(limits, clock=VirtualClock())

    async def main() -> None:
        for _ in range(2):
            limiter.share(0)
            call = asyncio.create_task(RateLimiter(inner, limiter).complete(a_request()))
            await asyncio.sleep(5)
            assert not call.done()
            limiter.share(1)
            await call

    run(main())
    assert inner.began == pytest.approx([5, 10])
