"""A world for tests of calls: time that jumps, and a provider that does as it is told."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

import pytest

from panel.domain.exchange import Completion, Message, Part, Request, Service, Usage
from panel.domain.model_cost import Rate
from panel.errors import ProviderError
from panel.providers.price_list import PriceList

T = TypeVar("T")
_HOUR_S = 3600.0
Outcome = Completion | BaseException
_LONGEST_THREAD_S = 60.0


class _Jumping(selectors.SelectSelector):
    """A selector that does not wait, unless for a thread: it counts what it would have waited."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is not None else _LONGEST_THREAD_S)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits and nothing will happen")
            self.elapsed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when nothing else can run."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed


class VirtualClock:
    """The time of the running virtual loop."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Return what `main` returns; a wait that nothing can end is a RuntimeError."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def a_request(**changes: Any) -> Request:
    fields: dict[str, Any] = {
        "label": "review:builder",
        "provider": "openai",
        "model": "gpt-x",
        "messages": (Message(role="user", parts=(Part(text="Review this tool."),)),),
        "schema_name": "ballot",
        "answer_schema": {"type": "object"},
        "max_output_tokens": 1000,
    }
    return Request(**{**fields, **changes})


def an_answer(**changes: Any) -> Completion:
    fields: dict[str, Any] = {
        "text": "{}",
        "model": "gpt-x-2026",
        "usage": Usage(input=100, output=10),
    }
    return Completion(**{**fields, **changes})


class Told:
    """A provider whose n-th call takes `takes` seconds and ends as the n-th outcome says.

    After the last outcome it repeats the last one. `began` and `ended` are moments.
    """

    def __init__(
        self, *outcomes: Outcome | Callable[[], Outcome], takes: float | Sequence[float] = 0.0
    ) -> None:
        self._outcomes = outcomes or (an_answer(),)
        self._takes = takes
        self.began: list[float] = []
        self.ended: list[float] = []
        self.asked: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0

    async def complete(self, request: Request) -> Completion:
        number = len(self.began)
        self.asked.append(request)
        self.began.append(asyncio.get_running_loop().time())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self._seconds(number))
        finally:
            self.in_flight -= 1
            self.ended.append(asyncio.get_running_loop().time())
        outcome = self._outcomes[min(number, len(self._outcomes) - 1)]
        if not isinstance(outcome, Completion | BaseException):
            outcome = outcome()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _seconds(self, number: int) -> float:
        if isinstance(self._takes, float | int):
            return self._takes
        return self._takes[number % len(self._takes)]


async def after_hours(call: asyncio.Future[T], patch: pytest.MonkeyPatch) -> T:
    """Return what `call` comes to while hours go by for the running loop.

    The test begins at a moment that it knows. A limit of a fraction of a second would be over on a
    busy machine before anybody was asked.
    """
    loop, passed = asyncio.get_running_loop(), 0.0
    time = loop.time
    patch.setattr(loop, "time", lambda: time() + passed)
    until = monotonic() + _LONGEST_THREAD_S
    while not call.done():
        assert monotonic() < until, "it waits for more than hours"
        passed += _HOUR_S
        await asyncio.sleep(0)
    return await call


class Listed(PriceList):
    """The prices of the models that are listed, for a prompt of any length, and no catalogue."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        super().__init__({}, clock=VirtualClock())
        self.rates = rates

    def rate(
        self,
        provider: str,  # noqa: ARG002 - as in PriceList
        model: str,
        *,
        answered_by: str | None = None,
        input_tokens: int = 0,  # noqa: ARG002 - as in PriceList
        service: Service | None = None,  # noqa: ARG002 - as in PriceList
    ) -> Rate | None:
        return self.rates.get(answered_by or model) or self.rates.get(model)


def digits(number: int, *bases: int) -> list[int]:
    """Return the lowest digits of `number`, one in each base: many small choices from one draw."""
    found = []
    for base in bases:
        number, digit = divmod(number, base)
        found.append(digit)
    return found


async def outcome_of(call: Coroutine[Any, Any, Completion]) -> Completion | ProviderError:
    """Return the answer, or the ProviderError in its place."""
    try:
        return await call
    except ProviderError as error:
        return error


async def all_of(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what the calls return, made at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]
