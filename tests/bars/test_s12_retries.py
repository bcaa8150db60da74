"""S12: the scripts of faults.jsonl, each through a whole panel and both SDKs."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel.app.panels import StoredRun
from panel.app.publish import Publisher
from panel.domain.review import Abstention
from tests.bars.conftest import Corpus, Show
from tests.bars.desk import Choosing
from tests.bars.hours import HastyClock, run_hastily
from tests.bars.rooms import (
    KINDS,
    a_room,
    a_wish,
    answer,
    convene,
    persona_of,
    settings_for,
    short,
    tools,
)
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply
from tests.workspaces import persona_set

MOST_CALLS, MOST_WAIT_S = 3, 120.0
DEADLINE_S = 3.0  # in place of two minutes, for the script that hangs
Steps = Sequence[Mapping[str, Any]]


@dataclass
class Came:
    """What came of one script: how it ended, and the most that any completion took."""

    stored: StoredRun
    ended: str
    decision: str | None
    failed: tuple[str, ...]
    calls: int
    waited_s: float
    took_s: float
    page: str


def steps_of(script: Any, place: int) -> Steps:
    """Return what the persona in that place, counted from 1, meets: scripts are for all or by it."""
    if isinstance(script, list):
        return script
    found: Steps = script.get(f"persona:{place}", script["others"])
    return found


def reply(step: Mapping[str, Any], kind: Kind, heard: Heard) -> Reply:
    if step.get("fault") == "hang":
        return Reply(delay_s=step["s"])
    if step.get("fault") == "reset_before_headers":
        return Reply(reset=True)
    if step["status"] == 200:
        return answer(kind, heard)
    return Reply({"error": {"message": "no"}}, step["status"], step["headers"])


async def play(script: Any, kind: Kind, root: Path) -> Came:
    """Put one tool before the panel while the server does as the script says to each persona."""
    order = [persona.key for persona in persona_set().personas]
    met: Counter[str] = Counter()

    def choose(heard: Heard) -> Reply:
        key = persona_of(heard).key
        steps = steps_of(script, order.index(key) + 1)
        met[key] += 1
        return reply(steps[min(met[key], len(steps)) - 1], kind, heard)

    async with Choosing(choose) as server:
        clock = HastyClock()
        room = a_room(root, settings_for(kind, server.address, deadline_s=DEADLINE_S), clock)
        began = clock.monotonic()
        stored = await convene(room, tools(1)[0], a_wish(kind))
        took = clock.monotonic() - began
    exchanges = room.runs.load(stored.path).exchanges
    run = stored.run
    failed = tuple(one.reviewer for one in run.reviews if isinstance(one, Abstention))
    return Came(
        stored=stored,
        ended=run.state if run.state == "stopped" else f"{4 - len(failed)}/4",
        decision=run.verdict.decision if run.verdict else None,
        failed=failed,
        calls=max(met.values()),
        waited_s=max([e.outcome.waited_ms / 1000 for e in exchanges], default=0.0),
        took_s=took,
        page=Publisher(room).publish_run(stored).page.read_text(encoding="utf-8"),
    )


async def play_all(rows: Sequence[Mapping[str, Any]], root: Path) -> dict[tuple[str, str], Came]:
    async with asyncio.TaskGroup() as group:
        tasks = {
            (row["id"], kind.name): group.create_task(
                play(row["script"], kind, root / f"{row['id']}-{kind.name}")
            )
            for row in rows
            for kind in KINDS
        }
    return {place: task.result() for place, task in tasks.items()}


def check(expected: Mapping[str, Any], came: Came) -> None:
    """Hold one script's outcome against what the data asks for it."""
    wanted = expected["result"]
    if wanted == "ok":
        assert (came.ended, came.decision) == ("4/4", "ship")
    elif wanted == "persona_failed":
        assert (came.ended, came.decision) == ("0/4", None)
    elif wanted == "batch_stops_with_clear_error":
        assert came.stored.run.state == "stopped"
        assert "does not accept the key (401)" in came.stored.run.pending[0].reason
        assert came.stored.run.reviews == ()
    else:
        assert came.ended == "3/4"
        assert came.decision is not None
        missing = next(p for p in persona_set().personas if p.key == came.failed[0])
        assert missing == persona_set().personas[1]
        assert missing.name in came.page
        assert "overloaded (503)" in came.page
    if "http_calls" in expected:
        assert came.calls == expected["http_calls"]
    assert came.calls <= expected.get("max_http_calls", MOST_CALLS)
    assert came.calls <= MOST_CALLS
    assert expected.get("min_wait_s", 0) <= came.waited_s
    assert came.waited_s <= min(expected.get("max_wait_s", MOST_WAIT_S), MOST_WAIT_S)
    if expected.get("max_wall_s") == "request timeout + 5":
        assert came.took_s <= DEADLINE_S + 5


def test_s12_no_completion_takes_more_than_three_calls(
    corpus: Corpus, tmp_path: Path, show: Show
) -> None:
    rows = corpus("faults")
    came = run_hastily(play_all(rows, tmp_path), grace_s=0.01)
    lines = [
        "S12: cards of a panel, most calls and longest wait of a completion (time jumps over waits)"
    ]
    for row in rows:
        mine = [came[row["id"], kind.name] for kind in KINDS]
        lines.append(
            f"{row['id']:14}"
            + "".join(
                f"{kind.name:>11} {one.ended:>7} {one.calls} x {one.waited_s:>4.1f} s"
                for kind, one in zip(KINDS, mine, strict=True)
            )
            + f"   {short(row['expect']['result'], 40)}"
        )
    show(*lines)
    for row in rows:
        for kind in KINDS:
            check(row["expect"], came[row["id"], kind.name])
