"""An outage of an hour: few calls while it lasts, and every item done in the end."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from panel.app.panels import PanelRunner, open_providers
from panel.domain.exchange import Completion, Request
from panel.ports import Provider
from tests.bars.conftest import Show
from tests.bars.desk import Choosing
from tests.bars.hours import HastyClock, run_hastily
from tests.bars.rooms import CHAT, MISTRAL, MODEL, a_room, a_wish, reference, settings_for, tools
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply
from tests.virtual import a_request, outcome_of

ITEMS, HOUR_S, MOST_CALLS = 100, 3600.0, 150
AGAIN_S = 600.0  # an operator, or a timer, starts what was put off again


@dataclass
class Came:
    in_the_hour: int
    calls: int
    done: int
    rounds: int
    hours: float


async def review_all(kind: Kind, root: Path) -> Came:
    """Put 100 items of four calls before a server that is down for an hour, until all are done."""
    clock = HastyClock()
    came = Came(0, 0, 0, 0, 0.0)

    def choose(heard: Heard) -> Reply:  # noqa: ARG001 - all alike
        down = clock.monotonic() < HOUR_S
        came.in_the_hour += down
        came.calls += 1
        return Reply({"error": {"message": "down"}}, 503) if down else Reply(kind.answer("{}"))

    async with Choosing(choose) as server:
        room = a_room(root, settings_for(kind, server.address), clock)
        options = a_wish(kind)
        inputs = PanelRunner(room).begin(tools(1)[0], options).run.inputs
        async with aclosing(open_providers(room, options)) as providers:
            provider = providers.of(inputs, root, "")[reference(kind)]
            left = list(range(ITEMS))
            while left:
                left = [item for item in left if not await review(provider, kind, item)]
                came.rounds += 1
                if left:
                    await asyncio.sleep(AGAIN_S)
            came.done = ITEMS - len(left)
    came.hours = clock.monotonic() / HOUR_S
    return came


async def review(provider: Provider, kind: Kind, item: int) -> bool:
    """Return whether all four calls of an item were answered."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(outcome_of(provider.complete(request)))
            for request in requests(kind, item)
        ]
    return all(isinstance(task.result(), Completion) for task in tasks)


def requests(kind: Kind, item: int) -> Sequence[Request]:
    name = reference(kind).partition(":")[0]
    return [a_request(provider=name, model=MODEL, label=f"{item}:{n}") for n in range(4)]


@pytest.mark.parametrize("kind", [CHAT, MISTRAL], ids=lambda kind: str(kind.name))
def test_an_hour_of_outage_costs_few_calls_and_loses_nothing(
    kind: Kind, tmp_path: Path, show: Show
) -> None:
    came = run_hastily(review_all(kind, tmp_path))
    show(
        f"Outage, {kind.name}: an hour of 503 for {ITEMS} items of 4 calls (time jumps over waits, "
        f"sockets are real): {came.in_the_hour} calls in the hour (bar {MOST_CALLS}), "
        f"{came.done}/{ITEMS} items done after {came.hours:.2f} h in {came.rounds} rounds"
    )
    assert came.done == ITEMS
    assert 0 < came.in_the_hour <= MOST_CALLS
    # What is up again is asked once for each answer; an item is whole, so its answers may repeat.
    assert 4 * ITEMS <= came.calls - came.in_the_hour <= 4 * ITEMS + 20
