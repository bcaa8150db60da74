"""Other libraries at the same panels, where they are installed: pydantic-ai and inspect-ai.

Each is used as its documentation shows, with its own retries, validating into the same ballot model.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.contenders import CONCURRENCY, Ask, Opening, Sample, four
from benchmarks.fake_server import MODEL


@asynccontextmanager
async def _pydantic_ai(sample: Sample, base_url: str, _: int | None) -> AsyncIterator[Ask]:
    """Yield an agent a panel member, its native structured output."""
    library = import_module("pydantic_ai")
    models = import_module("pydantic_ai.models.openai")
    providers = import_module("pydantic_ai.providers.openai")
    model = models.OpenAIChatModel(
        MODEL, provider=providers.OpenAIProvider(base_url=base_url, api_key="bench")
    )
    output = library.NativeOutput(sample.ballot)
    in_flight = asyncio.Semaphore(CONCURRENCY)

    async def ask(messages: Any) -> bool:  # noqa: ANN401 - chat messages
        system, *turns = (message["content"] for message in messages)
        agent = library.Agent(model, output_type=output, instructions=system, retries=1)
        async with in_flight:
            try:
                await agent.run("\n\n".join(turns))
            except library.AgentRunError:
                return False
        return True

    yield lambda _: four(sample, ask)


@asynccontextmanager
async def _inspect_ai(sample: Sample, base_url: str, _: int | None) -> AsyncIterator[Ask]:
    """Yield its model interface with a response schema; the answer is validated by hand."""
    models = import_module("inspect_ai.model")
    util = import_module("inspect_ai.util")
    schema = models.ResponseSchema(name="ballot", json_schema=util.json_schema(sample.ballot))
    config = models.GenerateConfig(
        response_schema=schema, max_connections=CONCURRENCY, max_retries=2
    )
    model = models.get_model(
        f"openai/{MODEL}", base_url=base_url, api_key="bench", config=config, responses_api=False
    )
    kinds = {"system": models.ChatMessageSystem, "user": models.ChatMessageUser}

    async def ask(messages: Any) -> bool:  # noqa: ANN401 - chat messages
        turns = [kinds[message["role"]](content=message["content"]) for message in messages]
        answer = await model.generate(turns)
        try:
            sample.ballot.model_validate_json(answer.completion)
        except ValueError:
            return False
        return True

    yield lambda _: four(sample, ask)


_ALL: dict[str, tuple[str, Opening]] = {
    "pydantic-ai": ("pydantic_ai", _pydantic_ai),
    "inspect-ai": ("inspect_ai", _inspect_ai),
}


def find_peers() -> tuple[dict[str, Opening], list[str]]:
    """Return who is installed and can be asked, by name, and the names of those who are not."""
    here = {name: opening for name, (module, opening) in _ALL.items() if find_spec(module)}
    return here, [name for name in _ALL if name not in here]
