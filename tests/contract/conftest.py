"""The adapters that keep the contract, each before a scripted server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NoReturn

import anthropic
import openai
import pytest

from panel.domain.exchange import Completion
from tests.contract.kinds import Kind, Live, a_request
from tests.contract.loopback import Loopback, Reply

OPENAI_LIKE = ("chat", "chat without aiohttp", "responses", "mistral")


@pytest.fixture(params=[*OPENAI_LIKE, "messages", "messages without aiohttp"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    return kind_of(request.param, monkeypatch)


def kind_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Return the kind of that name, without aiohttp where the name says so."""
    name, _, without = name.partition(" ")
    if without:
        # What the SDKs put in its place where aiohttp is not installed.
        monkeypatch.setattr(openai, "DefaultAioHttpClient", _missing)
        monkeypatch.setattr(anthropic, "DefaultAioHttpClient", _missing)
    return Kind(name)


def _missing(**_: Any) -> NoReturn:
    raise RuntimeError("To use the aiohttp client you must have installed the package")


class Stage:
    """A scripted server with one adapter before it."""

    def __init__(self, server: Loopback, provider: Live) -> None:
        self.server = server
        self.provider = provider

    async def complete(self, **changes: Any) -> Completion:
        return await self.provider.complete(a_request(**changes))

    @property
    def sent(self) -> dict[str, Any]:
        document = self.server.heard[-1].document
        assert isinstance(document, dict)
        return document


SetStage = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def set_stage(kind: Kind) -> AsyncIterator[SetStage]:
    """Yield a function that puts the adapter before a server with these replies."""
    async with AsyncExitStack() as stack:

        async def set_up(*replies: Any, **settings: Any) -> Stage:
            script = [x if isinstance(x, Reply) else Reply(body=x) for x in replies]
            server = await stack.enter_async_context(Loopback(script))
            provider = kind.open(server.address, **settings)
            stack.push_async_callback(provider.close)
            return Stage(server, provider)

        yield set_up
