"""The first call of a prefix goes ahead of its siblings."""

import asyncio

import pytest

from panel.domain.exchange import Completion, Message, Part, Request
from panel.errors import Unusable
from panel.providers.middleware.cache_warming import CacheWarming


def a_request(prefix: str, sample: int, model: str = "m") -> Request:
    return Request(
        label="review:builder",
        provider="openai",
        model=model,
        messages=(Message(role="user", parts=(Part(text="Read this."),)),),
        schema_name="ballot",
        answer_schema={},
        max_output_tokens=100,
        prefix_key=prefix,
        sample=sample,
    )


class Gate:
    """Answers when it is opened; remembers who came in and in which order."""

    def __init__(self) -> None:
        self.entered: list[int] = []
        self.open = asyncio.Event()
        self.fails: set[int] = set()

    async def complete(self, request: Request) -> Completion:
        self.entered.append(request.sample)
        await self.open.wait()
        if request.sample in self.fails:
            raise Unusable("no")
        return Completion(text=str(request.sample), model=request.model)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_siblings_wait_for_the_first_call_of_their_prefix() -> None:
    gate = Gate()
    leading = CacheWarming(gate)
    async with asyncio.TaskGroup() as group:
        for sample in range(4):
            group.create_task(leading.complete(a_request("p", sample)))
        await settle()
        assert gate.entered == [0]
        gate.open.set()
    assert gate.entered == [0, 1, 2, 3]
    assert leading._first_calls == {}


async def test_other_prefixes_models_and_requests_without_one_do_not_wait() -> None:
    gate = Gate()
    leading = CacheWarming(gate)
    async with asyncio.TaskGroup() as group:
        asked = [("p", "m"), ("q", "m"), ("p", "n"), ("", "m"), ("", "m")]
        for sample, (prefix, model) in enumerate(asked):
            group.create_task(leading.complete(a_request(prefix, sample, model)))
        await settle()
        assert sorted(gate.entered) == [0, 1, 2, 3, 4]
        gate.open.set()


async def test_where_the_leader_fails_the_next_one_leads() -> None:
    gate = Gate()
    gate.fails = {0}
    leading = CacheWarming(gate)
    first = asyncio.ensure_future(leading.complete(a_request("p", 0)))
    others = [asyncio.ensure_future(leading.complete(a_request("p", n))) for n in (1, 2)]
    await settle()
    gate.open.set()
    with pytest.raises(Unusable):
        await first
    assert [(await other).text for other in others] == ["1", "2"]
    assert gate.entered == [0, 1, 2]


async def test_prefixes_of_long_ago_are_forgotten() -> None:
    gate = Gate()
    gate.open.set()
    leading = CacheWarming(gate)
    for number in range(1500):
        await leading.complete(a_request(f"p{number}", number))
    assert len(leading._warm) == 1000
    assert ("m", "p1499") in leading._warm
