"""Those who put panels before the fake server: Shipskip whole, and a bare loop over the openai SDK.

Both send the same prompts with the same schema, get the same answers and validate them with pydantic.
Only Shipskip repairs, records, adds up and knows limits: that is what is measured.
"""

import asyncio
import gc
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openai
from pydantic import BaseModel, ValidationError

from benchmarks.bare_batch import ballot_model
from benchmarks.fake_server import MODEL
from benchmarks.measuring import ROOT, recorded_by_models
from panel.app.panels import PanelRunner, ReviewOptions, StoredRun, open_providers
from panel.app.settings import CallLimits, ProviderSettings, Settings
from panel.app.workspace import Workspace
from panel.domain.ballot import read_ballot
from panel.domain.ballot_checks import check
from panel.domain.prompts import brief, review_request
from panel.domain.rate_limit import Limit
from panel.domain.review import Scorecard
from panel.domain.run import Assignment, CallSettings, Inputs, Run
from panel.store.run_files import RunFiles

CONCURRENCY = 64
LOADED = 100_000
Ask = Callable[[int], Awaitable["Outcome"]]
Opening = Callable[["Sample", str, int | None], AbstractAsyncContextManager[Ask]]


@dataclass(frozen=True)
class Outcome:
    """What came of one panel: how many of its four reviews, and whether that makes a result."""

    reviews: int
    decided: bool


@dataclass(frozen=True)
class Sample:
    """What everyone is measured with: a run to convene, its requests, the ballot as a model."""

    run: Run
    text: str
    chats: Sequence[list[dict[str, Any]]]
    ballot: type[BaseModel]


def take_sample() -> Sample:
    """Return a recorded run seated with the fake model, and a ballot that is sound for every seat.

    The server has one answer, so all personas have the criteria of the first; else they stay as they
    are.
    """
    runs = Workspace.open(ROOT).runs
    recording = next(
        (one for one in recorded_by_models(runs) if not one.run.inputs.tool.lacks()), None
    )
    if recording is None:
        sys.exit(f"{runs.name}: no panel of a model with every fact given is recorded here")
    inputs = recording.run.inputs
    first = inputs.personas[0]
    personas = tuple(
        persona.model_copy(update={"criteria": first.criteria}) for persona in inputs.personas
    )
    assignments = tuple(Assignment(persona=p.key, provider="openai", model=MODEL) for p in personas)
    intake = Assignment(persona="intake", provider="openai", model=MODEL)
    inputs = inputs.model_copy(
        update={"personas": personas, "assignments": assignments, "fallbacks": (), "intake": intake}
    )
    label = f"review:{first.key}"
    found = next(e.outcome for e in recording.exchanges if e.request.label == label)
    text: str = getattr(found, "text", "")
    _refuse_faults(inputs, text)
    run = recording.run.model_copy(update={"inputs": inputs, "state": "open", "reviews": ()})
    return Sample(run, text, _chats(inputs), ballot_model())


def _refuse_faults(inputs: Inputs, text: str) -> None:
    shown = brief(inputs).shown
    for persona in inputs.personas:
        ballot = read_ballot(text, persona.criterion_keys)
        if faults := check(ballot, shown=shown, today=inputs.date):
            raise RuntimeError(f"the sample ballot would be asked again: {faults[0].message}")


def _chats(inputs: Inputs) -> list[list[dict[str, Any]]]:
    shared = brief(inputs)
    requests = [
        review_request(inputs, shared, persona, seat, 0)
        for persona, seat in zip(inputs.personas, inputs.assignments, strict=True)
    ]
    return [
        [{"role": message.role, "content": message.text} for message in request.messages]
        for request in requests
    ]


@asynccontextmanager
async def shipskip(sample: Sample, base_url: str, rpm: int | None) -> AsyncIterator[Ask]:
    """Yield Shipskip as it reviews: limits, retries, repair, recording, verdict, cost, run.json."""
    limits = {"openai": Limit(requests_per_minute=rpm)}
    settings = Settings(
        calls=CallSettings(recent_reviews=0),  # one answer for all tools
        providers={"openai": ProviderSettings(base_url=base_url)},
        limits=CallLimits(concurrency=CONCURRENCY, per_model=limits),
    )
    gc.set_threshold(LOADED)  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        runs = RunFiles(Path(folder))
        room = replace(Workspace.open(ROOT), settings=settings, runs=runs)
        panels = PanelRunner(room)
        async with aclosing(open_providers(room, ReviewOptions())) as providers:

            async def convene(number: int) -> Outcome:
                run = sample.run.model_copy(update={"id": f"bench-{number:08x}"})
                stored = await panels.convene(
                    StoredRun(run, runs.place(run)), providers, ReviewOptions()
                )
                done = stored.run
                cards = sum(isinstance(review, Scorecard) for review in done.reviews)
                decided = done.verdict is not None and done.verdict.decision is not None
                return Outcome(cards, decided)

            yield convene


@asynccontextmanager
async def bare(sample: Sample, base_url: str, _: int | None) -> AsyncIterator[Ask]:
    """Yield a loop over the SDK's `parse` with its own two retries: a panel is all four answers."""
    in_flight = asyncio.Semaphore(CONCURRENCY)
    async with openai.AsyncOpenAI(api_key="bench", base_url=base_url) as client:

        async def ask(messages: Any) -> bool:  # noqa: ANN401 - the SDK's message types
            async with in_flight:
                try:
                    answer = await client.chat.completions.parse(
                        model=MODEL, messages=messages, response_format=sample.ballot
                    )
                except (openai.OpenAIError, ValidationError):
                    return False
            return answer.choices[0].message.parsed is not None

        yield lambda _: four(sample, ask)


async def four(sample: Sample, ask: Callable[[Any], Awaitable[bool]]) -> Outcome:
    """Return what comes of asking all four reviewers at once with `ask`."""
    answers: list[bool] = []

    async def one(messages: Any) -> None:  # noqa: ANN401 - as each library takes them
        answers.append(await ask(messages))

    async with asyncio.TaskGroup() as group:
        for chat in sample.chats:
            group.create_task(one(chat))
    return Outcome(sum(answers), all(answers))
