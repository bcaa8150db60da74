"""A panel to convene in a test: inputs with short prompts, sound ballots, providers by seat."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from panel.domain.ballot import Ballot, Decision
from panel.domain.exchange import Completion, Exchange, Request
from panel.domain.prompts import PROMPTS
from panel.domain.run import Inputs, Run, Spending
from panel.domain.template import Template
from panel.domain.tool import Tool
from panel.ports import Event, Listener, Provider
from tests.factories import DESCRIPTION, REVIEWERS, a_ballot, a_run, a_sentence, a_tool, some_inputs
from tests.scripted import Answer, Scripted
from tests.virtual import a_request, an_answer

if TYPE_CHECKING:
    from panel.pipeline.graph import PanelGraph

_MATERIAL = "Between $marker stands the tool, $canary is ours.\n$block"
TEXTS = {
    "house": "Today is $date.",
    "tool": _MATERIAL,
    "reviewer": "You are\n$persona\n$openings",
    "repair": "Mend this:\n$faults",
    "intake": "Read the facts.",
    "intake_tool": _MATERIAL,
}
PADDING = a_sentence("Its maker may go and the files will still be there, which is " + "so " * 20)
UNREADABLE = "I would rather tell you in prose."


def panel_inputs(tool: Tool | None = None, **fields: Any) -> Inputs:
    prompts = tuple(Template(name=name, text=TEXTS[name]) for name in PROMPTS)
    return some_inputs(tool or a_tool(), **({"prompts": prompts} | fields))


def an_open_run(inputs: Inputs | None = None) -> Run:
    """Return a run that has just begun."""
    return a_run(
        inputs=inputs or panel_inputs(),
        reviews=(),
        state="open",
        verdict=None,
        assignments=(),
        spending=Spending(),
    )


def a_sound_ballot(verdict: Decision = "ship", **fields: Any) -> Ballot:
    """Return a ballot with which the checks find no fault."""
    return a_ballot(verdict, **({"take": (*a_ballot().take, PADDING)} | fields))


def written(ballot: Ballot) -> str:
    return ballot.model_dump_json()


SHIP, SKIP = written(a_sound_ballot("ship")), written(a_sound_ballot("skip"))
COPIED = written(
    a_ballot(
        take=tuple(a_sentence(part.strip()) for part in DESCRIPTION.split(".") if part.strip()),
        findings=tuple(
            finding.model_copy(update={"finding": "Quillbase keeps a team's notes in plain files."})
            for finding in a_ballot().findings
        ),
    )
)
CONTRADICTION = written(a_sound_ballot("ship", findings=a_ballot("skip").findings))


def scripted(given: Mapping[str, Answer | list[Answer]] | None = None) -> Scripted:
    """Return a provider by label: each reviewer ships once, save who is `given` something else."""
    lines: dict[str, list[Answer]] = {f"review:{key}": [SHIP] for key in REVIEWERS}
    for who, answers in (given or {}).items():
        label = who if who == "intake" else f"review:{who}"
        lines[label] = answers if isinstance(answers, list) else [answers]
    return Scripted(lines)


@cache
def panel_graph() -> "PanelGraph":
    """Return the compiled panel; importing the graph takes its time, and not every test needs it."""
    from panel.pipeline.graph import PanelGraph  # noqa: PLC0415

    return PanelGraph()


async def convene(
    provider: Provider, run: Run | None = None, listener: Listener | None = None
) -> Run:
    """Return `run` convened with `provider` on every seat."""
    run = run or an_open_run()
    return await panel_graph().convene(run, dict.fromkeys(run.inputs.refs, provider), listener)


def an_exchange(number: int = 0) -> Exchange:
    """Return an exchange that is told apart by its sample."""
    return Exchange(request=a_request(sample=number), outcome=an_answer(), ms=number)


class Paced:
    """A provider whose answers take a number of seconds by label; for the virtual loop."""

    def __init__(self, inner: Provider, seconds: Mapping[str, float]) -> None:
        self._inner = inner
        self._seconds = seconds

    async def complete(self, request: Request) -> Completion:
        await asyncio.sleep(self._seconds[request.label])
        return await self._inner.complete(request)


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 13, 42, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def kinds(heard: list[Event]) -> list[str]:
    return [event["ev"] for event in heard]
