"""A workspace before a loopback server, and the answers of models that do as they are asked."""

import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from panel.app.clock import SystemClock
from panel.app.event_loop import run_async
from panel.app.panels import PanelRunner, ReviewOptions, StoredRun, open_providers
from panel.app.providers import Providers
from panel.app.publish import PublishedRun
from panel.app.review import ReviewService
from panel.app.settings import Settings
from panel.app.workspace import Workspace
from panel.domain.ballot import Ballot
from panel.domain.model_cost import Rate
from panel.domain.persona import Persona
from panel.domain.tool import Tool
from panel.store.run_files import RunFiles
from tests import workspaces
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply
from tests.factories import a_tool
from tests.workspaces import persona_set

MODEL = "bar-model"
CHAT, RESPONSES, MISTRAL = KINDS = (Kind("chat"), Kind("responses"), Kind("mistral"))
DEAR = Rate(
    input=Decimal(3),
    cached=Decimal("0.3"),
    cache_write=Decimal(3),
    output=Decimal(15),
    source="the bars",
)
FREE = Rate(**dict.fromkeys(("input", "cached", "cache_write", "output"), Decimal(0)), source="-")
FACTS = json.dumps(
    {
        "is_tool": True,
        "reason": "It keeps notes.",
        **dict.fromkeys(("tagline", "category", "vendor", "entry", "licence")),
        "prices": [],
        "open_points": [],
        "addressed": [],
    }
)
"""What intake answers where a text states no fact."""

_DAY = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()  # noqa: TID251


def reference(kind: Kind) -> str:
    """Return the model reference that opens `kind`."""
    return f"{'mistral' if kind.name == 'mistral' else 'openai'}:{MODEL}"


def settings_for(
    kind: Kind, address: str, *, rate: Rate | None = DEAR, key: str = "a-key", **limits: Any
) -> Settings:
    """Return settings that put `kind` before the server at `address`."""
    own: dict[str, Any] = {"base_url": f"{address}/v1"}
    if kind.name == "mistral":
        places: dict[str, Any] = {"providers": {"mistral": own}, "keys": {"mistral": key}}
    else:
        openai = {**own, "api": kind.name}
        places = {"providers": {"openai": openai}, "keys": {"openai": key}}
    prices = {} if rate is None else {reference(kind): rate}
    calls = {"recent_reviews": 0}  # each persona has one answer for all tools
    return Settings.model_validate({**places, "prices": prices, "limits": limits, "calls": calls})


def a_room(root: Path, settings: Settings, clock: SystemClock | None = None) -> Workspace:
    """Return a workspace in `root` with the tests' personas."""
    return Workspace(
        root=root,
        settings=settings,
        load_personas=persona_set,
        runs=RunFiles(root / "runs"),
        pages=root / "site",
        clock=clock or SystemClock(),
    )


async def convene(
    room: Workspace, tool: Tool, options: ReviewOptions, providers: Providers | None = None
) -> StoredRun:
    """Return `tool` reviewed in `room`, with providers of its own where none are given."""
    panels = PanelRunner(room)
    if providers is not None:
        return await panels.convene(panels.begin(tool, options), providers, options)
    async with aclosing(open_providers(room, options)) as own:
        return await panels.convene(panels.begin(tool, options), own, options)


def review_all(
    room: Workspace, tools: Sequence[Tool], options: ReviewOptions
) -> list[PublishedRun]:
    """Return `tools` reviewed in `room` as one command does it, their pages written."""

    async def review() -> list[PublishedRun]:
        async with ReviewService(options, workspace=room) as service:
            return await service.review_all(tools)

    return run_async(review)


def a_wish(kind: Kind, personas: Sequence[str] = (), **fields: Any) -> ReviewOptions:
    return ReviewOptions(models=(reference(kind),), personas=tuple(personas), **fields)


def tools(number: int) -> list[Tool]:
    """Return so many tools that differ in name and description."""
    return [_tool(f"Quillbase {n + 1}") for n in range(number)]


def _tool(name: str) -> Tool:
    plain = a_tool()
    return plain.model_copy(update={"name": name, "description": f"{name}. {plain.description}"})


def sound(persona: Persona) -> Ballot:
    """Return a ballot with which the checks find no fault today, different for each persona."""
    return workspaces.a_ballot_of(persona, _DAY)


def persona_of(heard: Heard) -> Persona:
    """Return who a request asks for."""
    body = heard.body.decode()
    found = [
        p for p in persona_set().personas if json.dumps(p.motto, ensure_ascii=False)[1:-1] in body
    ]
    assert len(found) == 1, f"{len(found)} personas in one request"
    return found[0]


def asked(heard: Heard) -> str:
    """Return the label of what a request asks for: `intake`, or a review."""
    mottos = [
        json.dumps(one.motto, ensure_ascii=False)[1:-1].encode() for one in persona_set().personas
    ]
    named = any(motto in heard.body for motto in mottos)
    return f"review:{persona_of(heard).key}" if named else "intake"


def answer(kind: Kind, heard: Heard, text: str | None = None, **changes: Any) -> Reply:
    """Return the server's answer to a request: the persona's sound ballot, or `text`."""
    said = sound(persona_of(heard)).model_dump_json() if text is None else text
    return Reply(kind.answer(said, **changes))


def short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def lay_out(root: Path, kind: Kind, address: str) -> None:
    """Write a workspace to `root`, for commands: settings, the tests' personas and prompts."""
    workspaces.lay_out(root)
    (root / "shipskip.toml").write_text(
        f"""
[calls]
recent_reviews = 0
[openai]
base_url = "{address}/v1"
api = "{kind.name}"
[prices."{reference(kind)}"]
input = 3
output = 15
""",
        encoding="utf-8",
    )


def write_tools(folder: Path, wanted: Sequence[Tool]) -> list[str]:
    """Return the files in `folder` that `wanted` were written to, every fact given."""
    folder.mkdir()
    files = [folder / f"{tool.slug}.json" for tool in wanted]
    for file, tool in zip(files, wanted, strict=True):
        fields = tool.model_dump(mode="json", exclude={"evidence", "open_points"})
        file.write_text(json.dumps(fields), encoding="utf-8")
    return list(map(str, files))
