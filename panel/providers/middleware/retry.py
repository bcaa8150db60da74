"""Retries: the only place where a failed call to a model is made again."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from panel.domain.exchange import Completion, Request, Usage
from panel.errors import Amended, ProviderError, Transient
from panel.ports import Clock, Provider

Sleep = Callable[[float], Awaitable[None]]

_FIRST_WAIT_S = 1.0
_JITTER_S = 0.25
_MOST_AMENDMENTS = 16


@dataclass(slots=True)
class _Tally:
    """What one completion has taken so far, failed attempts included."""

    calls: int = 0
    amended: int = 0
    waited_s: float = 0.0
    tokens: Counter[str] = field(default_factory=Counter)

    @property
    def attempts(self) -> int:
        """The calls that were declined for no part that they could do without."""
        return self.calls - self.amended


class Retry:
    """A provider that retries after a Transient, with `attempts` HTTP calls in all.

    It waits as long as the server asked and a little more, else exponentially with jitter. Where the
    server asks for more than `longest_wait_s` it raises the Transient at once with its `retry_after`,
    so that the caller can try later. A Transient without a call (an open circuit) is no attempt, but
    all waits together are no longer than `attempts - 1` longest waits. After an Amended it asks again
    at once, which is no attempt either. Example:
    `Retry(inner, clock=clock, attempts=3)` calls at most three times.
    """

    def __init__(
        self,
        inner: Provider,
        *,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        attempts: int = 3,
        longest_wait_s: float = 60.0,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._sleep = sleep
        self._attempts = attempts
        self._longest_wait_s = longest_wait_s
        self._longest_in_all_s = (attempts - 1) * (longest_wait_s + _JITTER_S)
        self._random = random

    async def complete(self, request: Request) -> Completion:
        """Return the answer with all its `calls`, `waited_ms` and the tokens of failed attempts.

        The ProviderError it raises in the end carries the same three.
        """
        tally = _Tally()
        try:
            completion = await self._attempt(request, tally)
            return _with_failed_attempts(completion, tally) if tally.calls else completion
        except Transient as error:
            failed = error
        except ProviderError as error:
            _stamp(error, tally)
            raise
        try:
            completion = await self._retry(request, tally, failed)
        except ProviderError as error:
            _stamp(error, tally)
            raise
        return _with_failed_attempts(completion, tally)

    async def _attempt(self, request: Request, tally: _Tally) -> Completion:
        while True:
            try:
                return await self._inner.complete(request)
            except ProviderError as error:
                tally.calls += error.calls
                tally.tokens.update(error.tokens or {})
                if not isinstance(error, Amended) or tally.amended >= _MOST_AMENDMENTS:
                    raise
                tally.amended += error.calls

    async def _retry(self, request: Request, tally: _Tally, failed: Transient) -> Completion:
        """Return the answer of a later attempt than the one that `failed`.

        It is a function of its own because most calls need none of it: tenacity takes 0.1 ms.
        """
        earlier = [failed]

        async def attempt() -> Completion:
            if earlier:
                raise earlier.pop()
            return await self._attempt(request, tally)

        async def wait(seconds: float) -> None:
            started = self._clock.monotonic()
            await self._sleep(seconds)
            tally.waited_s += self._clock.monotonic() - started

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            wait=lambda state: self._wait_s(state, tally),
            stop=lambda state: self._gives_up(state, tally),
            sleep=wait,
            reraise=True,
        )
        completion: Completion = await retrying(attempt)
        return completion

    def _wait_s(self, state: RetryCallState, tally: _Tally) -> float:
        asked = _asked_wait_s(state)
        if asked is not None:
            return asked + self._random() * _JITTER_S
        longest: float = _FIRST_WAIT_S * 2 ** (tally.attempts - 1)
        return longest * (1 + self._random()) / 2

    def _gives_up(self, state: RetryCallState, tally: _Tally) -> bool:
        return (
            tally.attempts >= self._attempts
            or (_asked_wait_s(state) or 0) > self._longest_wait_s
            or tally.waited_s + state.upcoming_sleep > self._longest_in_all_s
        )


def _asked_wait_s(state: RetryCallState) -> float | None:
    """Return the wait that the server asked for with the failed attempt, if it did."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Transient) else None
    return asked if asked is not None and asked >= 0 else None


def _stamp(error: ProviderError, tally: _Tally) -> None:
    error.calls = tally.calls
    error.waited_ms = round(tally.waited_s * 1000)
    if tally.tokens:
        error.tokens = dict(tally.tokens)


def _with_failed_attempts(completion: Completion, tally: _Tally) -> Completion:
    usage = completion.usage
    return completion.model_copy(
        update={
            "calls": completion.calls + tally.calls,
            "waited_ms": completion.waited_ms + round(tally.waited_s * 1000),
            "usage": usage and usage + Usage(**tally.tokens),
        }
    )
