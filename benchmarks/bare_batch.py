"""What a batch asks, by the SDK's `parse` alone: intake, then four reviews at once, tool by tool.

A process of its own that loads no more than it needs: `bare_batch.py ASKED.json TOOLS URL`.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openai
from pydantic import BaseModel, Field, create_model

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from panel.domain.ballot import DatedClaim, Finding, Sentence
from panel.domain.intake import Facts

CONCURRENCY = 64


def main() -> None:
    asked, tools, base_url = sys.argv[1:]
    given = json.loads(Path(asked).read_bytes())
    asyncio.run(_ask_all(given, int(tools), base_url))


async def _ask_all(given: Mapping[str, Any], tools: int, base_url: str) -> None:
    first, *others = given["chats"]
    facts, ballot = create_model("intake", __base__=Facts), ballot_model()
    in_flight = asyncio.Semaphore(CONCURRENCY)
    numbers = iter(range(tools))
    async with openai.AsyncOpenAI(api_key="bench", base_url=base_url) as client:

        async def ask(messages: Any, form: type[BaseModel]) -> None:  # noqa: ANN401 - the SDK's
            async with in_flight:
                answer = await client.chat.completions.parse(
                    model=given["model"], messages=messages, response_format=form
                )
            if answer.choices[0].message.parsed is None:
                raise RuntimeError("an answer was not read")

        async def take_tools() -> None:
            for _ in numbers:
                await ask(first, facts)
                async with asyncio.TaskGroup() as group:
                    for messages in others:
                        group.create_task(ask(messages, ballot))

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(take_tools())


def ballot_model() -> type[BaseModel]:
    """Return the ballot as the SDK's `parse` wants it."""
    return create_model(
        "ballot",
        findings=(list[Finding], ...),
        take=(list[Sentence], ...),
        best_for=(str, ...),
        avoid_if=(str, ...),
        flips_if=(str, ...),
        prediction=(DatedClaim, ...),
        addressed=(list[str], ...),
        verdict=(str, ...),
        confidence=(float, Field(ge=0, le=1)),
    )


if __name__ == "__main__":
    main()
