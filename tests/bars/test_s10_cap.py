"""S10: in a hundred runs under a random price and cap no more is spent, and no panel is half paid."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from panel.app.panels import StoredRun, open_providers
from panel.app.publish import Publisher
from panel.app.settings import Settings
from panel.domain.exchange import Usage
from panel.domain.model_cost import Rate, cost
from panel.domain.run import Run
from tests.bars.conftest import Show
from tests.bars.desk import Choosing
from tests.bars.rooms import KINDS, a_room, a_wish, answer, convene, settings_for, tools
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply

RUNS, TOOLS, SAMPLES, CALLS = 100, 2, 2, 16
MOST_OUTPUT = 4000
PATIENCE_S = 60  # a budget that waits for nobody would wait for ever


def a_rate(chance: random.Random) -> Rate:
    """Return prices between a cent and 40 dollars a million tokens."""
    prices = {
        name: Decimal(str(round(10 ** chance.uniform(-2, 1.6), 4)))
        for name in ("input", "cached", "cache_write", "output")
    }
    return Rate(**prices, source="a bar")


@dataclass
class Till:
    """A model server that keeps its own books: what it has really earned."""

    kind: Kind
    rate: Rate
    chance: random.Random
    earned: Decimal = Decimal(0)
    answered: int = 0
    failed: int = 0
    usages: list[Usage] = field(default_factory=list)

    def reply(self, heard: Heard) -> Reply:
        """Answer with a random usage within what may be used, or fail in one of several ways."""
        way = self.chance.random()
        if way < 0.1:
            self.failed += 1
            return Reply({"error": {}}, 429, {"retry-after-ms": "1"})
        usage = self._usage(heard)
        self.earned += cost(usage, self.rate)
        if way < 0.15:
            self.failed += 1
            return Reply(self.kind.without_answers([]) | self._counted(usage))
        self.answered += 1
        return Reply({**answer(self.kind, heard).body, **self._counted(usage)})

    def _usage(self, heard: Heard) -> Usage:
        whole = self.chance.randint(1, len(heard.body) // 4)
        cached = self.chance.randint(0, whole)
        return Usage(
            input=whole,
            output=self.chance.choice((1, 500, self.chance.randint(1, MOST_OUTPUT), MOST_OUTPUT)),
            cached=cached,
            cache_written=self.chance.randint(0, whole - cached),
        )

    def _counted(self, usage: Usage) -> dict[str, object]:
        return {"usage": self.kind.usage(usage.model_dump(exclude={"reasoning"}))}


@dataclass(frozen=True)
class Came:
    cap: Decimal
    earned: Decimal
    stored: Sequence[StoredRun]
    calls: int
    most_at_once: int

    @property
    def stopped(self) -> Sequence[Run]:
        return [one.run for one in self.stored if one.run.state == "stopped"]


async def play(number: int, root: Path) -> Came:
    """Convene two panels at once, sixteen calls, under one random cap."""
    chance = random.Random(number)
    kind, rate = KINDS[number % len(KINDS)], a_rate(chance)
    # One call's worst case is about 3,000 tokens in and the whole limit out.
    worst = (
        3000 * max(rate.input, rate.cached, rate.cache_write) + MOST_OUTPUT * rate.output
    ) / 10**6
    cap = worst * Decimal(str(round(chance.uniform(0, 20), 3)))
    till = Till(kind, rate, chance)
    async with asyncio.timeout(PATIENCE_S), Choosing(till.reply) as server:
        room = a_room(root, settings_for(kind, server.address, rate=rate))
        options = a_wish(kind, samples=SAMPLES, max_cost=cap, concurrency=CALLS)
        async with (
            aclosing(open_providers(room, options)) as providers,
            asyncio.TaskGroup() as group,
        ):
            tasks = [
                group.create_task(convene(room, tool, options, providers)) for tool in tools(TOOLS)
            ]
        stored = [task.result() for task in tasks]
    return Came(cap, till.earned, stored, len(server.calls), server.most_answering)


def publish(publisher: Publisher, stored: StoredRun) -> None:
    """Write the page of a run and hold it against it: one that is not whole has no verdict on it."""
    document = publisher.publish_run(stored).document
    if stored.run.state == "stopped":
        assert stored.run.reviews == ()
        assert {one.cause for one in stored.run.pending} == {"cap"}
        assert document["verdict"]["decision"] is None
        assert document["reviews"] == []
    else:
        assert stored.run.state == "finished"
        assert len(document["reviews"]) == len(stored.run.inputs.assignments)


async def play_all(root: Path) -> list[Came]:
    return [await play(number, root / str(number)) for number in range(RUNS)]


def test_s10_no_cap_is_broken_and_no_half_paid_panel_is_published(
    tmp_path: Path, show: Show
) -> None:
    came = asyncio.run(play_all(tmp_path))
    publisher = Publisher(a_room(tmp_path, Settings()))
    panels = [stored for one in came for stored in one.stored]
    for stored in panels:
        publish(publisher, stored)
    stopped = sum(len(one.stopped) for one in came)
    within = sum(one.earned <= one.cap for one in came)
    shares = sorted(float(one.earned / one.cap) for one in came if one.stopped)
    most = max(one.most_at_once for one in came)
    show(
        f"S10: spend <= cap in {within}/{RUNS} random price and cap runs of {TOOLS} panels, "
        f"up to {most} of {CALLS} calls in flight ({sum(one.calls for one in came):,} calls)",
        f"     {len(panels) - stopped} panels whole, {stopped} stopped at the cap and 0 of those "
        f"published with a verdict; a stopped run used {shares[0]:.0%} to {shares[-1]:.0%} of its "
        f"cap, {shares[len(shares) // 2]:.0%} in the middle",
    )
    assert within == RUNS
    assert most >= CALLS - 2
    # The bar would hold for nothing at all, were nobody stopped or everybody.
    assert 0.1 < stopped / len(panels) < 0.9
