"""Calls at the pace that a provider allows, first come first served."""

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

# A pause is believed for an hour at most: a desk that runs for weeks must not be shut by a header.
_LONGEST_PAUSE_S = 3600.0
_STRAY_S = 5.0
_STRAYS = 2  # in a row


@dataclass(slots=True)
class Lease:
    """Leave to make one call, and what it took from the allowances."""

    request: Admission | None
    tokens: Admission | None
    number: int


class ModelQueues:
    """The limits of every model, shared by all panels of a process (of one event loop).

    `concurrency` bounds the calls in flight over all models. A call that finds its model paused for
    longer than `longest_wait_s` is not held: Transient, with the rest of the pause as
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
        self._lanes: dict[tuple[str, str], ModelQueue] = {}

    def queue(self, provider: str, model: str) -> "ModelQueue":
        """Return the queue of one model, the same one every time."""
        key = (provider, model)
        if key not in self._lanes:
            self._lanes[key] = ModelQueue(
                f"{provider}:{model}",
                limit_for(self._limits, provider, model),
                clock=self._clock,
                sleep=self._sleep,
                in_flight=self._in_flight,
                longest_wait_s=self._longest_wait_s,
            )
            self._lanes[key].share(self._workers)
        return self._lanes[key]

    def share(self, workers: int) -> None:
        """Take one part in `workers` of what each provider allows a minute, from now on.

        The others have to take theirs as well. Places in flight are each worker's own. With 0 nobody
        is let in until there is a part again.
        """
        self._workers = workers
        for queue in self._lanes.values():
            queue.share(workers)


class ModelQueue:
    """The queue before one model: requests and tokens are taken together, or not at all.

    Only the head of the queue looks at the allowances, so nobody overtakes; who is cancelled while
    waiting has taken nothing.

    A call that is turned away with a wait is for its retry to make again; whether the others wait
    too goes by this rule. Under a known limit they do: nobody should have been turned away, so the
    limit is lower than we know, or shared with others. Under none they do where the wait is longer
    than 5 s, or where three calls that began one after the other were turned away; one or two are
    strays, as a busy server hands them out, and stop nobody. After such a pause one call goes
    first, and each answer lets one more be in flight: a server that turns everybody away is asked
    once a pause.
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
        self._requests = _allowance(limit.requests_per_minute)
        self._tokens = _allowance(limit.tokens_per_minute)
        self._clock = clock
        self._sleep = sleep
        self._everywhere = in_flight
        self._here = asyncio.Semaphore(limit.concurrency or sys.maxsize)
        self._longest_wait_s = longest_wait_s
        self._turn = asyncio.Lock()
        self._is_limited = self._requests is not None or self._tokens is not None
        self._paused_until = -math.inf
        self._turned_away = ConsecutiveFailures()
        self._inside = 0
        self._room = sys.maxsize
        self._is_shut = False
        self._nap: asyncio.Future[None] | None = None

    async def enter(self, tokens: int) -> Lease:
        """Return leave to call once it is due. Raises Transient in a long pause."""
        async with self._turn:
            await self._here.acquire()
            try:
                while True:
                    await self._until_ready(tokens)
                    await self._everywhere.acquire()
                    if self._wait_s(tokens) <= 0:
                        return self._take(tokens)
                    self._everywhere.release()
            except BaseException:
                self._here.release()
                raise

    def leave(self) -> None:
        """Give the place in flight to the next."""
        self._everywhere.release()
        self._here.release()
        self._inside -= 1
        self._wake()

    def settle(self, permit: Lease, *, requests: int, tokens: int) -> None:
        """Put what was used in the place of what was taken, and wake who may go earlier now."""
        gave_back = False
        if self._requests is not None and permit.request is not None:
            gave_back = requests < permit.request.units
            self._requests.settle(permit.request, requests)
        if self._tokens is not None and permit.tokens is not None:
            gave_back |= tokens < permit.tokens.units
            self._tokens.settle(permit.tokens, tokens)
        if gave_back:
            self._wake()

    def answered(self) -> None:
        """Count an answer, of whatever kind: after a pause it makes room for one call more."""
        self._room += 1

    def turned_away(self, permit: Lease, seconds: float) -> None:
        """Count a call that was turned away for `seconds`, and pause where that concerns all.

        A shorter pause does not end a longer one.
        """
        is_stray = self._turned_away.fail(permit.number) <= _STRAYS and seconds <= _STRAY_S
        if is_stray and not self._is_limited:
            return
        until = self._clock.monotonic() + min(seconds, _LONGEST_PAUSE_S)
        self._paused_until = max(self._paused_until, until)
        if not self._is_limited:
            self._room = 1

    def share(self, workers: int) -> None:
        """Take one part in `workers` of the allowances, and look again when the next may go."""
        self._is_shut = workers == 0
        if self._is_shut:
            return
        now = self._clock.monotonic()
        for allowance in (self._requests, self._tokens):
            if allowance is not None:
                allowance.share(workers, now)
        self._wake()

    def _wait_s(self, tokens: int) -> float:
        if self._is_shut or self._inside >= self._room:
            return _LONGEST_PAUSE_S  # until somebody leaves, or there is a part
        now = self._clock.monotonic()
        ready = self._paused_until
        if self._requests is not None:
            ready = max(ready, self._requests.ready_at(1, now))
        if self._tokens is not None:
            ready = max(ready, self._tokens.ready_at(tokens, now))
        return ready - now

    def _take(self, tokens: int) -> Lease:
        now = self._clock.monotonic()
        self._inside += 1
        return Lease(
            request=None if self._requests is None else self._requests.take(1, now),
            tokens=None if self._tokens is None else self._tokens.take(tokens, now),
            number=self._turned_away.begin(),
        )

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
            await self._rest(wait)

    def _wake(self) -> None:
        if self._nap is not None:
            self._nap.cancel()

    async def _rest(self, seconds: float) -> None:
        """Sleep; a settled call may end the sleep early, for it may have given tokens back."""
        self._nap = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait([self._nap])
        finally:
            self._nap.cancel()
            self._nap = None


class RateLimiter:
    """A provider that is asked at the pace of a shared limiter.

    A call takes its worst case, the prompt's ceiling and the whole output limit, and gives the rest
    back when it is done. A wait that the server asks for may pause the model for everybody: see Lane.
    """

    def __init__(self, inner: Provider, limiter: ModelQueues) -> None:
        self._inner = inner
        self._limiter = limiter

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer, in its turn. Raises Transient in a long pause."""
        queue = self._limiter.queue(request.provider, request.model)
        permit = await queue.enter(prompt_tokens(request) + request.max_output_tokens)
        try:
            completion = await self._inner.complete(request)
        except ProviderError as error:
            _learn(queue, permit, error)
            raise
        finally:
            queue.leave()
        queue.answered()
        if completion.usage is not None:
            queue.settle(permit, requests=1, tokens=_size(completion.usage))
        return completion


def _learn(queue: ModelQueue, permit: Lease, error: ProviderError) -> None:
    """Settle what a failed call is known to have used; what is not known stays taken."""
    if error.calls == 0:
        queue.settle(permit, requests=0, tokens=0)
        return
    if error.tokens is not None:
        queue.settle(permit, requests=1, tokens=_size(Usage(**error.tokens)))
    if not isinstance(error, Transient):
        queue.answered()
    elif error.retry_after is not None and error.retry_after > 0:
        queue.turned_away(permit, error.retry_after)


def _size(usage: Usage) -> int:
    return usage.input + usage.output


def _allowance(per_minute: int | None) -> RateLimit | None:
    return None if per_minute is None else RateLimit(per_minute)
