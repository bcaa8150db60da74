"""Calls in any number, size and order, and what a limiter may not do with them: cases and checks.

`test_limits.py` draws a few of them, `tests/bars/test_s17_cases.py` ten thousand.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import strategies as st

from panel.domain.exchange import Completion, Request, Usage
from panel.domain.rate_limit import MINUTE_S, Admission, Limit, RateLimit, prompt_tokens
from panel.errors import ProviderError, Transient
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from tests.virtual import VirtualClock, a_request, an_answer, digits, outcome_of, run


def most_in_a_minute(admitted: list[tuple[float, int]]) -> int:
    """Return the largest sum over all half-open minutes; the largest begins with an admission."""
    return max(
        (
            sum(units for at, units in admitted if first <= at < first + MINUTE_S)
            for first, _ in admitted
        ),
        default=0,
    )


# A call in one number, which Hypothesis draws and shrinks faster than a value of many fields.
NUMBERS = st.integers(0, 2**48)


def seconds(digit: int) -> float:
    """Return whole 32nds: sums of them are exact, so a window's edge is where it seems to be."""
    return digit / 32


@dataclass(frozen=True)
class Pace:
    """A rate limit, and what is asked of it: when, how much, and how much of it is used."""

    per_minute: int
    burst_s: float
    numbers: Sequence[int]


PACES = st.builds(
    Pace,
    per_minute=st.integers(1, 500),
    burst_s=st.sampled_from([0.0, 0.1, 1.0, 60.0]),
    numbers=st.lists(NUMBERS, min_size=1, max_size=25),
)


def check_pace(case: Pace) -> None:
    """Fail where any minute holds more than the limit."""
    limit = RateLimit(case.per_minute, burst_s=case.burst_s)
    now = 0.0
    admitted: list[Admission] = []
    for number in case.numbers:
        later, units, tenths_used = digits(number, 32 * 40, 600, 12)
        asked = now + seconds(later)
        now = limit.ready_at(units, asked)
        assert now >= asked
        assert limit.ready_at(units, now) == pytest.approx(now)
        admitted.append(limit.take(units, now))
        if tenths_used <= 10:
            limit.settle(admitted[-1], admitted[-1].units * tenths_used // 10)
    assert most_in_a_minute([(one.at, one.units) for one in admitted]) <= case.per_minute


@dataclass(frozen=True)
class Ask:
    """One call: when it comes, how large it is, how long it takes, how it ends."""

    at: float
    output_limit: int
    share_used: float | None
    takes: float
    ends: str
    cancelled_after: float | None

    @classmethod
    def read(cls, number: int) -> "Ask":
        at, limit, tenths_used, takes, ends, cancelled = digits(number, 32 * 40, 1500, 12, 4, 5, 6)
        return cls(
            at=seconds(at),
            output_limit=1 + limit,
            share_used=tenths_used / 10 if tenths_used <= 10 else None,
            takes=(0.0, 0.125, 1.0, 30.0)[takes],
            ends=("answers", "answers", "answers", "fails", "asks to wait")[ends],
            cancelled_after=(None, None, None, 0.0, 0.5, 20.0)[cancelled],
        )


class Watched:
    """A provider that keeps the calls it got: the moment, and the tokens that it counted."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, int]] = []
        self.order: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.asks: dict[str, Ask] = {}

    async def complete(self, request: Request) -> Completion:
        ask = self.asks[request.label]
        self.order.append(request.label)
        largest = prompt_tokens(request) + request.max_output_tokens
        used = largest if ask.share_used is None else int(largest * ask.share_used)
        at = asyncio.get_running_loop().time()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        counted = ask.ends == "answers" and ask.share_used is not None
        number = len(self.calls)
        self.calls.append((at, largest))
        try:
            await asyncio.sleep(ask.takes)
        finally:
            self.in_flight -= 1
        if ask.ends == "fails":
            raise Transient("in trouble (503)")
        if ask.ends == "asks to wait":
            raise Transient("slow down (429)", retry_after=5)
        if counted:
            self.calls[number] = (at, used)
        return an_answer(usage=Usage(input=used) if counted else None)


@dataclass(frozen=True)
class Rush:
    """Limits, and the calls that come upon them."""

    requests: int | None
    tokens: int | None
    concurrency: int
    asks: Sequence[Ask]


RUSHES = st.builds(
    Rush,
    requests=st.none() | st.integers(1, 60),
    tokens=st.none() | st.integers(1600, 20_000),
    concurrency=st.integers(1, 16),
    asks=st.lists(NUMBERS.map(Ask.read), min_size=1, max_size=16),
)


def check_rush(case: Rush) -> None:
    """Fail where the calls exceed a limit, overtake each other, or one of them is forgotten."""
    watched = Watched()
    came: list[str] = []

    async def call(
        provider: RateLimiter, number: int, ask: Ask
    ) -> Completion | ProviderError | None:
        await asyncio.sleep(ask.at)
        request = a_request(label=str(number), max_output_tokens=ask.output_limit)
        watched.asks[request.label] = ask
        came.append(request.label)
        try:
            async with asyncio.timeout(ask.cancelled_after):
                return await outcome_of(provider.complete(request))
        except TimeoutError:
            return None

    async def main() -> None:
        limit = Limit(requests_per_minute=case.requests, tokens_per_minute=case.tokens)
        limiter = ModelQueues({"openai": limit}, clock=VirtualClock(), concurrency=case.concurrency)
        provider = RateLimiter(watched, limiter)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call(provider, n, ask)) for n, ask in enumerate(case.asks)]
        # Nobody is forgotten: who was not cancelled was called.
        for number, (task, ask) in enumerate(zip(tasks, case.asks, strict=True)):
            assert str(number) in watched.order or task.result() is None, ask

    run(main())
    assert watched.most_in_flight <= case.concurrency
    assert most_in_a_minute([(at, 1) for at, _ in watched.calls]) <= (case.requests or 16)
    assert case.tokens is None or most_in_a_minute(watched.calls) <= case.tokens
    assert watched.order == [label for label in came if label in watched.order]
