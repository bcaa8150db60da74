"""A call that is turned away with a wait: whom else it concerns."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.domain.exchange import Completion
from panel.domain.rate_limit import Limit
from panel.errors import Refused, Transient
from panel.ports import Provider
from panel.providers.middleware.circuit_breaker import CircuitBreaker
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from panel.providers.middleware.retry import Retry
from tests.virtual import Outcome, Told, VirtualClock, a_request, all_of, an_answer, outcome_of, run


def away(seconds: float = 1.0) -> Transient:
    return Transient("slow down (429)", retry_after=seconds)


def limited(inner: Provider, limit: Limit | None = None, concurrency: int = 64) -> RateLimiter:
    limits = {} if limit is None else {"openai": limit}
    return RateLimiter(inner, ModelQueues(limits, clock=VirtualClock(), concurrency=concurrency))


async def ask(provider: Provider, times: int) -> list[Completion | Exception]:
    """Ask one call after the other."""
    return [await outcome_of(provider.complete(a_request())) for _ in range(times)]


async def at_once(provider: Provider, times: int) -> None:
    await all_of([outcome_of(provider.complete(a_request())) for _ in range(times)])


def moments(*outcomes: Outcome | Callable[[], Outcome], limit: Limit | None = None) -> list[float]:
    """Return when each call began, one asked after the other."""
    inner = Told(*outcomes)
    run(ask(limited(inner, limit), len(outcomes)))
    return inner.began


def test_a_stray_one_holds_nobody_else() -> None:
    assert moments(away(), away(), an_answer(), away(), away(5), an_answer()) == [0] * 6


def test_the_third_in_a_row_holds_everybody() -> None:
    assert moments(away(), away(), away(2), an_answer()) == [0, 0, 0, 2]


def test_a_long_wait_holds_everybody_at_once() -> None:
    assert moments(away(5.5), an_answer()) == [0, 5.5]


def test_under_a_known_limit_each_holds_everybody() -> None:
    began = moments(away(3), an_answer(), limit=Limit(requests_per_minute=60_000))
    assert began == pytest.approx([0, 3], abs=0.1)
    began = moments(away(3), an_answer(), limit=Limit(tokens_per_minute=10**9))
    assert began == pytest.approx([0, 3], abs=0.1)


def test_a_bound_on_places_is_no_known_limit() -> None:
    assert moments(away(), an_answer(), limit=Limit(concurrency=2)) == [0, 0]


def test_an_answer_of_any_kind_ends_the_row() -> None:
    assert moments(away(), away(), Refused("no"), away(), away(), an_answer()) == [0] * 6


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_senseless_wait_is_in_no_row(seconds: float) -> None:
    inner = Told(*[away(seconds)] * 4, an_answer(), takes=1)

    async def main() -> None:
        provider = limited(inner)
        await ask(provider, 4)
        await at_once(provider, 3)

    run(main())
    assert inner.began == [0, 1, 2, 3, 4, 4, 4]


def test_a_failure_that_names_no_wait_ends_the_row() -> None:
    assert moments(away(), away(), Transient("in trouble"), away(), an_answer()) == [0] * 5


def test_many_strays_that_come_back_before_the_answers_hold_nobody() -> None:
    """Every other call is turned away at once, the rest are answered later."""
    inner = Told(*(away() if n % 2 else an_answer() for n in range(20)), takes=[1.0, 0.0])

    async def main() -> None:
        provider = limited(inner, concurrency=20)
        await all_of([outcome_of(provider.complete(a_request())) for _ in range(30)])

    run(main())
    assert max(inner.began) <= 1


def test_after_a_pause_one_goes_first_and_each_answer_makes_room_for_one_more() -> None:
    inner = Told(*[away] * 3, an_answer(), takes=[0.0] * 3 + [1.0] * 20)

    async def main() -> None:
        provider = limited(inner)
        await ask(provider, 3)
        await at_once(provider, 10)

    run(main())
    assert inner.began == [0, 0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4]


def test_a_call_that_ends_without_an_answer_gives_its_room_to_the_next() -> None:
    inner = Told(*[away] * 3, Transient("in trouble"), an_answer())

    async def main() -> None:
        provider = limited(inner)
        await ask(provider, 3)
        await at_once(provider, 2)

    run(main())
    assert inner.began == [0, 0, 0, 1, 1]


def test_who_is_turned_away_alone_is_asked_again_when_the_server_said() -> None:
    inner = Told(away(4), an_answer())

    async def main() -> None:
        again = Retry(limited(inner), clock=VirtualClock(), random=lambda: 0.0)
        await all_of([again.complete(a_request()) for _ in range(3)])

    run(main())
    assert inner.began == [0, 0, 0, 4]


class Shut:
    """A server that turns everybody away for a while, in 10 ms."""

    def __init__(self, seconds: float, wait_s: float) -> None:
        self._seconds = seconds
        self._wait_s = wait_s
        self.turned_away = 0

    async def complete(self, request: object) -> Completion:  # noqa: ARG002 - whoever asks
        late = asyncio.get_running_loop().time() >= self._seconds
        await asyncio.sleep(0.01)
        if late:
            return an_answer()
        self.turned_away += 1
        raise away(self._wait_s)


@pytest.mark.parametrize("wait_s", [0.5, 1.0, 20.0])
def test_a_server_that_turns_everybody_away_is_soon_left_alone(wait_s: float) -> None:
    server = Shut(60, wait_s)

    async def main() -> Sequence[Completion | Exception]:
        clock = VirtualClock()
        limiter = ModelQueues({}, clock=clock, concurrency=16)
        chain = Retry(
            RateLimiter(CircuitBreaker(server, clock=clock), limiter),
            clock=clock,
            longest_wait_s=60,
        )
        return await all_of([outcome_of(chain.complete(a_request())) for _ in range(200)])

    outcomes = run(main())
    assert all(isinstance(outcome, Completion) for outcome in outcomes)
    assert server.turned_away <= 16 + 10


def test_without_the_breaker_too_it_is_asked_once_a_pause() -> None:
    server = Shut(60, 1)

    async def main() -> None:
        provider = limited(server, concurrency=16)
        while asyncio.get_running_loop().time() < 60:
            await at_once(provider, 16)

    run(main())
    assert server.turned_away <= 16 + 60


ENDS = st.lists(st.booleans(), min_size=1, max_size=60)


@settings(deadline=None)
@given(ends=ENDS, takes=st.lists(st.sampled_from([0.0, 0.5, 3.0]), min_size=1, max_size=7))
def test_only_three_in_a_row_by_their_beginning_hold_anybody(
    ends: list[bool], takes: list[float]
) -> None:
    inner = Told(*(an_answer() if end else away() for end in ends), takes=takes)

    async def main() -> None:
        provider = limited(inner, concurrency=len(ends))
        await at_once(provider, len(ends))  # all begin at once: what comes back holds nobody here
        began = asyncio.get_running_loop().time()
        inner.began.clear()
        await at_once(provider, 1)
        assert (inner.began[0] > began) <= has_three

    has_three = any(not any(ends[n : n + 3]) for n in range(len(ends) - 2))
    run(main())
