"""Rate limits: calls wait until their model may be called, first come, first served."""

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from panel.domain.exchange import Completion, Request, Usage
from panel.domain.rate_limit import Admission, Limit, RateLimit, limit_for, prompt_tokens
from panel.errors import ProviderError, Transient
from panel.ports import Clock, Provider
from panel.providers.middleware.consecutive_failures import ConsecutiveFailures

Sleep = Callable[[float], Awaitable[None]]

# No pause is longer than an hour: a process that runs for weeks must not be stopped by a header.
_LONGEST_PAUSE_S = 3600.0
# A 429 with a short wait is no pause for others, unless it is the third in a row.
_SHORT_S = 5.0
_IGNORED = 2


@dataclass(slots=True)
class Lease:
    """Permission to make one call: what it took of each rate limit, and its number among the calls."""

    taken: tuple[Admission | None, ...]
    number: int


class ModelQueues:
    """The queue of each model, shared by all panels of one process (of one event loop).

    `concurrency` bounds the calls under way over all models. A call that finds its model paused for
    longer than `longest_wait_s` does not wait: Transient, with the rest of the pause as
    `retry_after`.
    """

    def __init__(
        self,
        limits: Mapping[str, Limit],
        *,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        concurrency: int = 16,
        longest_wait_s: float = 60.0,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._longest_wait_s = longest_wait_s
        self._in_flight = asyncio.Semaphore(concurrency)
        self._workers = 1
        self._queues: dict[tuple[str, str], ModelQueue] = {}

    def queue(self, provider: str, model: str) -> "ModelQueue":
        """Return the queue of one model, the same one every time."""
        key = (provider, model)
        if key not in self._queues:
            self._queues[key] = ModelQueue(
                f"{provider}:{model}",
                limit_for(self._limits, provider, model),
                clock=self._clock,
                sleep=self._sleep,
                in_flight=self._in_flight,
                longest_wait_s=self._longest_wait_s,
            )
            self._queues[key].share(self._workers)
        return self._queues[key]

    def share(self, workers: int) -> None:
        """Use one part in `workers` of every limit a minute from now on; the others use theirs.

        `concurrency` is each worker's own. With 0 no call is let in until there is a part again.
        """
        self._workers = workers
        for queue in self._queues.values():
            queue.share(workers)


class ModelQueue:
    """The calls that wait for one model: each takes its request and its tokens together or not at all.

    First come, first served: only the first in the queue looks at the rate limits. A call that is
    cancelled while it waits has taken nothing.

    A 429 is retried by Retry; the rule below decides whether the model's other calls pause too.
    Where a rate limit is configured they do: no 429 should have come, so the real limit is lower, or
    shared with others. Where none is configured they do if the wait is longer than 5 s, or if three
    calls that began one after the other got a 429; a busy server sends one or two with a short wait
    to calls at random. After such a pause one call goes alone, and each answer admits one more at a
    time: a server that refuses every call is asked once a pause.
    """

    def __init__(
        self,
        name: str,
        limit: Limit,
        *,
        clock: Clock,
        sleep: Sleep,
        in_flight: asyncio.Semaphore,
        longest_wait_s: float,
    ) -> None:
        self._name = name
        self._limits = _rate_limits(limit.requests_per_minute, limit.tokens_per_minute)
        self._clock = clock
        self._sleep = sleep
        self._all_models = in_flight
        self._this_model = asyncio.Semaphore(limit.concurrency or sys.maxsize)
        self._longest_wait_s = longest_wait_s
        self._turn = asyncio.Lock()
        self._is_limited = any(self._limits)
        self._paused_until = -math.inf
        self._refusals = ConsecutiveFailures()
        self._under_way = 0
        self._most_under_way = sys.maxsize
        self._is_closed = False
        self._sleeping: asyncio.Future[None] | None = None

    async def enter(self, tokens: int) -> Lease:
        """Return once a call of so many tokens may be made. Raises Transient in a long pause."""
        async with self._turn:
            await self._this_model.acquire()
            try:
                while True:
                    await self._until_ready(tokens)
                    await self._all_models.acquire()
                    if self._wait_s(tokens) <= 0:
                        return self._take(tokens)
                    self._all_models.release()
            except BaseException:
                self._this_model.release()
                raise

    def leave(self) -> None:
        """End a call, so that the next may begin."""
        self._all_models.release()
        self._this_model.release()
        self._under_way -= 1
        self._wake()

    def settle(self, lease: Lease, *, requests: int, tokens: int) -> None:
        """Replace what the lease took by what was used; calls that wait may go earlier now."""
        gave_back = False
        for limit, taken, used in zip(self._limits, lease.taken, (requests, tokens), strict=True):
            if limit is not None and taken is not None:
                gave_back |= used < taken.units
                limit.settle(taken, used)
        if gave_back:
            self._wake()

    def answered(self) -> None:
        """Count an answer or a refusal: after a pause it admits one more call at a time."""
        self._most_under_way += 1

    def asked_to_wait(self, lease: Lease, seconds: float) -> None:
        """Count a call that the server asked to wait for `seconds`; pause the others by the rule above.

        A shorter pause does not end a longer one.
        """
        is_random = self._refusals.fail(lease.number) <= _IGNORED and seconds <= _SHORT_S
        if is_random and not self._is_limited:
            return
        until = self._clock.monotonic() + min(seconds, _LONGEST_PAUSE_S)
        self._paused_until = max(self._paused_until, until)
        if not self._is_limited:
            self._most_under_way = 1

    def share(self, workers: int) -> None:
        """Use one part in `workers` of the rate limits, and look again when the next call may go."""
        self._is_closed = workers == 0
        if self._is_closed:
            return
        now = self._clock.monotonic()
        for limit in filter(None, self._limits):
            limit.share(workers, now)
        self._wake()

    def _wait_s(self, tokens: int) -> float:
        if self._is_closed or self._under_way >= self._most_under_way:
            return _LONGEST_PAUSE_S  # until a call ends, or there is a part
        now = self._clock.monotonic()
        ready = self._paused_until
        for limit, units in zip(self._limits, (1, tokens), strict=True):
            if limit is not None:
                ready = max(ready, limit.ready_at(units, now))
        return ready - now

    def _take(self, tokens: int) -> Lease:
        now = self._clock.monotonic()
        self._under_way += 1
        taken = tuple(
            None if limit is None else limit.take(units, now)
            for limit, units in zip(self._limits, (1, tokens), strict=True)
        )
        return Lease(taken, self._refusals.begin())

    async def _until_ready(self, tokens: int) -> None:
        while (wait := self._wait_s(tokens)) > 0:
            paused = self._paused_until - self._clock.monotonic()
            if paused > self._longest_wait_s:
                raise Transient(
                    f"{self._name} asked for a pause; {paused:.0f} s of it are left",
                    retry_after=paused,
                    tokens={},
                    calls=0,
                )
            await self._sleep_for(wait)

    def _wake(self) -> None:
        if self._sleeping is not None:
            self._sleeping.cancel()

    async def _sleep_for(self, seconds: float) -> None:
        """Sleep; a call that ends or gives tokens back ends the sleep early."""
        self._sleeping = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait([self._sleeping])
        finally:
            self._sleeping.cancel()
            self._sleeping = None


class RateLimiter:
    """A provider whose calls keep to the rate limits of their model.

    A call takes its worst case, the upper bound of the prompt and the whole output limit, and gives
    the rest back when it ends. A wait that the server asks for may pause the model's other calls:
    see ModelQueue. Example: `RateLimiter(inner, ModelQueues({"openai": Limit(requests_per_minute=60)},
    clock=clock))`.
    """

    def __init__(self, inner: Provider, queues: ModelQueues) -> None:
        self._inner = inner
        self._queues = queues

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer, in its turn. Raises Transient in a long pause."""
        queue = self._queues.queue(request.provider, request.model)
        lease = await queue.enter(prompt_tokens(request) + request.max_output_tokens)
        try:
            completion = await self._inner.complete(request)
        except ProviderError as error:
            _learn(queue, lease, error)
            raise
        finally:
            queue.leave()
        queue.answered()
        if completion.usage is not None:
            queue.settle(lease, requests=1, tokens=_size(completion.usage))
        return completion


def _learn(queue: ModelQueue, lease: Lease, error: ProviderError) -> None:
    """Settle what a failed call is known to have used; what is unknown stays taken."""
    if error.calls == 0:
        queue.settle(lease, requests=0, tokens=0)
        return
    if error.tokens is not None:
        queue.settle(lease, requests=1, tokens=_size(Usage(**error.tokens)))
    if not isinstance(error, Transient):
        queue.answered()
    elif error.retry_after is not None and error.retry_after > 0:
        queue.asked_to_wait(lease, error.retry_after)


def _size(usage: Usage) -> int:
    return usage.input + usage.output


def _rate_limits(*per_minute: int | None) -> tuple[RateLimit | None, ...]:
    return tuple(None if units is None else RateLimit(units) for units in per_minute)
