import asyncio
from collections import deque
from typing import Any

import pytest

from panel.domain.exchange import Completion, Request
from panel.domain.rate_limit import Limit
from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.middleware.circuit_breaker import CircuitBreaker
from panel.providers.middleware.cost_cap import CostCap, LocalBudget
from panel.providers.middleware.deadline import Deadline
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from panel.providers.middleware.retry import Retry
from tests.virtual import Listed, Told, VirtualClock, a_request, an_answer, outcome_of, run


def down() -> Transient:
    return Transient("in trouble (503)")


def breaking(inner: Told, **options: Any) -> CircuitBreaker:
    return CircuitBreaker(inner, clock=VirtualClock(), **{"cool_down_s": 30.0, **options})


async def ask(calls: CircuitBreaker, times: int = 1, **changes: Any) -> Completion | ProviderError:
    for _ in range(times):
        outcome = await outcome_of(calls.complete(a_request(**changes)))
    return outcome


def test_five_failures_in_a_row_open_the_circuit() -> None:
    inner = Told(down)
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert "openai:gpt-x failed 5 times in a row" in str(refused)
        assert (refused.retry_after, refused.calls, refused.tokens) == (30, 0, {})

    run(main())
    assert len(inner.began) == 5


@pytest.mark.parametrize(
    "outcome",
    [an_answer(), Refused("no"), Unusable("empty"), Stopped("no key", cause="key")],
)
def test_any_answer_in_between_starts_the_count_anew(outcome: Completion | ProviderError) -> None:
    inner = Told(down, down, down, down, outcome, down, down, down, down, an_answer())
    provider = breaking(inner)
    assert isinstance(run(ask(provider, 10)), Completion)


def test_the_circuit_stays_open_for_the_cool_down() -> None:
    inner = Told(down, down, down, down, down, an_answer())
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(29)
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert refused.retry_after == 1
        await asyncio.sleep(1)
        assert isinstance(await ask(provider, 9), Completion)

    run(main())


def test_half_open_lets_one_probe_through() -> None:
    inner = Told(down, down, down, down, down, an_answer(), takes=[0, 0, 0, 0, 0, 20])
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(30)
        probe = asyncio.create_task(ask(provider))
        await asyncio.sleep(10)
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert (refused.retry_after, refused.calls) == (1, 0)
        assert isinstance(await probe, Completion)
        assert isinstance(await ask(provider), Completion)

    run(main())
    assert len(inner.began) == 7


def test_each_failed_probe_doubles_the_cool_down_up_to_the_longest() -> None:
    inner = Told(down)
    provider = breaking(inner)

    async def main() -> list[float]:
        await ask(provider, 5)
        waits = []
        for _ in range(6):
            refused = await ask(provider)
            assert isinstance(refused, Transient)
            assert refused.retry_after is not None
            waits.append(refused.retry_after)
            await asyncio.sleep(refused.retry_after)
            await ask(provider)
        return waits

    assert run(main()) == [30, 60, 120, 240, 300, 300]


def test_a_successful_probe_makes_the_next_cool_down_short_again() -> None:
    inner = Told(*[down] * 6, an_answer(), *[down] * 5)
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(30)
        await ask(provider)
        await asyncio.sleep(60)
        await ask(provider, 6)
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert refused.retry_after == 30

    run(main())


def test_after_a_successful_probe_failures_are_counted_anew() -> None:
    inner = Told(*[down] * 5, an_answer(), *[down] * 4, an_answer())
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(30)
        assert isinstance(await ask(provider, 6), Completion)

    run(main())


def test_failures_that_come_back_before_the_answers_are_in_no_row() -> None:
    """Every other one of sixteen calls at once fails, and fails first."""
    inner = Told(*(an_answer() if n % 2 else down() for n in range(16)), takes=[0.0, 1.0])
    provider = breaking(inner)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(ask(provider))
        assert isinstance(await ask(provider), Completion)

    run(main())


def test_the_server_says_how_long_the_first_opening_is() -> None:
    provider = breaking(Told(lambda: Transient("slow down (429)", retry_after=2)))

    async def main() -> None:
        refused = await ask(provider, 6)
        assert isinstance(refused, Transient)
        assert (refused.retry_after, refused.calls) == (2, 0)

    run(main())


def test_a_server_cannot_close_the_door_for_good() -> None:
    provider = breaking(Told(lambda: Transient("slow down (429)", retry_after=1e9)))

    async def main() -> None:
        refused = await ask(provider, 6)
        assert isinstance(refused, Transient)
        assert (refused.retry_after, refused.calls) == (300, 0)

    run(main())


def test_a_cancelled_probe_makes_room_for_the_next() -> None:
    inner = Told(*[down] * 5, an_answer(), takes=[0, 0, 0, 0, 0, 20])
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(30)
        probe = asyncio.create_task(ask(provider))
        await asyncio.sleep(1)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert isinstance(await ask(provider), Completion)

    run(main())


def test_calls_that_began_before_the_opening_decide_nothing() -> None:
    inner = Told(*[down] * 5, an_answer(), down, takes=[1, 1, 1, 1, 1, 2, 3])
    provider = breaking(inner)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(7):
                group.create_task(ask(provider))
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert refused.retry_after == 28

    run(main())


@pytest.mark.parametrize("uncalled", [Transient("a long pause", calls=0), Refused("no", calls=0)])
def test_what_was_not_called_decides_nothing(uncalled: ProviderError) -> None:
    inner = Told(down, down, down, down, uncalled, down, an_answer())
    provider = breaking(inner)

    async def main() -> None:
        assert await ask(provider, 5) is uncalled
        assert await ask(provider) is not uncalled
        refused = await ask(provider)
        assert isinstance(refused, Transient)
        assert refused.calls == 0

    run(main())
    assert len(inner.began) == 6


def test_a_probe_that_was_not_called_leaves_the_circuit_half_open() -> None:
    uncalled = Transient("a long pause", calls=0)
    inner = Told(*[down] * 5, uncalled, an_answer())
    provider = breaking(inner)

    async def main() -> None:
        await ask(provider, 5)
        await asyncio.sleep(30)
        assert await ask(provider) is uncalled
        assert isinstance(await ask(provider), Completion)

    run(main())


class Outage:
    """A provider that is down for an hour, then up."""

    def __init__(self, retry_after: float | None) -> None:
        self.retry_after = retry_after
        self.calls_while_down = 0
        self.calls = 0

    async def complete(self, request: Request) -> Completion:
        await asyncio.sleep(1)
        self.calls += 1
        if asyncio.get_running_loop().time() >= 3600:
            return an_answer(model=request.model)
        self.calls_while_down += 1
        raise Transient("overloaded (503)", retry_after=self.retry_after, tokens={})


@pytest.mark.parametrize("retry_after", [None, 0, 0.5, 5, 120])
def test_an_hour_of_outage_costs_few_calls_and_every_item_is_done_later(
    retry_after: float | None,
) -> None:
    outage = Outage(retry_after)

    async def main() -> int:
        clock = VirtualClock()
        limiter = ModelQueues({"openai": Limit(requests_per_minute=600)}, clock=clock)
        live = Retry(
            CostCap(
                RateLimiter(CircuitBreaker(Deadline(outage, 60), clock=clock), limiter),
                LocalBudget(None),
                Listed({}),
            ),
            clock=clock,
        )
        waiting = deque(a_request(label=f"{n}:{p}") for n in range(100) for p in range(4))
        done = 0

        async def work() -> None:
            nonlocal done
            while waiting:
                request = waiting.popleft()
                outcome = await outcome_of(live.complete(request))
                if isinstance(outcome, Completion):
                    done += 1
                else:
                    assert isinstance(outcome, Transient)
                    waiting.append(request)
                    await asyncio.sleep(outcome.retry_after or 60)

        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(work())
        return done

    assert run(main()) == 400
    assert outage.calls_while_down <= 150
    assert outage.calls == outage.calls_while_down + 400
