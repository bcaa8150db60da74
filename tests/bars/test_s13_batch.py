"""S13 for the batch: kill -9 at twenty moments of forty tools; the same command again finishes it."""

import json
import os
import signal
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel.domain.exchange import Exchange
from panel.store.run_files import EXCHANGES, RUN, RunFiles
from tests.bars.children import Children
from tests.bars.conftest import Show
from tests.bars.desk import Call, Desk
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.contract.loopback import Heard, Reply
from tests.factories import DESCRIPTION

TOOLS, STEPS, AT_ONCE = 40, 20, 8
CALLS_A_TOOL = 5  # intake and four reviewers
CALLS = TOOLS * CALLS_A_TOOL
PACE_S = 0.02
NAMES = [f"Quillbase {number:02}" for number in range(1, TOOLS + 1)]
Place = tuple[str, str]  # a tool and who was asked about it


def reply(heard: Heard) -> Reply:
    facts = FACTS if asked(heard) == "intake" else None
    return Reply(answer(CHAT, heard, facts).body, delay_s=PACE_S)


def place_in(call: Call) -> Place:
    named = next(name for name in NAMES if f"{name}. ".encode() in call.heard.body)
    return named, asked(call.heard)


def place_of(exchange: Exchange) -> Place:
    shown = exchange.request.messages[1].text
    return next(name for name in NAMES if f"{name}. " in shown), exchange.request.label


@dataclass(frozen=True)
class Night:
    """A workspace with a feed of forty tools."""

    root: Path

    @classmethod
    def lay_out(cls, root: Path, address: str) -> "Night":
        lay_out(root, CHAT, address)
        items = [
            {"id": name, "title": name, "content_text": f"{name}. {DESCRIPTION}"} for name in NAMES
        ]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "New", "items": items}
        (root / "feed.json").write_text(json.dumps(feed), encoding="utf-8")
        return cls(root)

    @property
    def command(self) -> tuple[str, ...]:
        named = ("--model", reference(CHAT), "--root", str(self.root))
        return ("batch", str(self.root / "feed.json"), "--concurrency", str(AT_ONCE), *named)

    def recorded(self) -> list[Exchange]:
        store = RunFiles(self.root / "runs")
        paths = [path for path in store.paths() if (path / EXCHANGES).is_file()]
        return [exchange for path in paths for exchange in store.load(path).exchanges]

    def runs(self) -> int:
        return len(RunFiles(self.root / "runs").paths())

    def begun(self) -> frozenset[str]:
        """Return the slugs of the runs that have begun and not ended."""
        store = RunFiles(self.root / "runs")
        runs = [store.read(path) for path in store.paths() if (path / RUN).is_file()]
        return frozenset(run.slug for run in runs if run.state == "open")

    def pages(self) -> tuple[Mapping[str, Any], frozenset[str]]:
        """Return what each page says but when its panel began, and whose cost is at least the sum.

        A call that was broken off may have been paid, so these are the panels that a kill cut short.
        """
        pages, at_least = {}, set()
        for path in sorted((self.root / "site").rglob("index.json")):
            said = json.loads(path.read_bytes())
            if said.pop("cost_is_at_least"):
                at_least.add(path.parent.name)
            pages[path.parent.name] = {**said, "started": None}
        return pages, frozenset(at_least)

    def report(self) -> list[str]:
        """Return the report without its times and the workspace's place."""
        (path,) = (self.root / "batches").glob("*.md")
        text = path.read_text(encoding="utf-8").replace(str(self.root), "ROOT")
        lines = text.splitlines()
        rows = [line.split(" | ") for line in lines if not line.startswith(("# ", "2", "1", "0"))]
        return [" | ".join(row[:7] + row[8:]) for row in rows]


@dataclass(frozen=True)
class Crash:
    """What one kill did, and what the server saw before and after."""

    recorded: int
    in_flight: int
    repeated: int
    paid_again: int
    lost: int
    twice: int
    same: bool


def crash(root: Path, calls: int, children: Children, whole: "tuple[Any, Any]") -> Crash:
    """Kill a batch when its server has heard so many calls, run the command again, and count."""
    with Desk(reply) as desk:
        night = Night.lay_out(root, desk.address)
        child = children.start(*night.command)
        desk.wait_for(calls)
        os.kill(child, signal.SIGKILL)
        assert children.end() in (-signal.SIGKILL, 0)
        heard = desk.calls
        stored, cut_short = night.recorded(), night.begun()
        assert children.run(*night.command) == 0
        again = Counter(map(place_in, desk.calls[len(heard) :]))
    now = night.recorded()
    done = {place_of(exchange) for exchange in stored}
    pages, at_least = night.pages()
    return Crash(
        recorded=len(stored),
        in_flight=len(heard) - len(stored),
        repeated=sum(again[place_in(call)] for call in heard),
        paid_again=sum(again[place] for place in done),
        lost=sum(exchange not in now for exchange in stored),
        twice=night.runs() - TOOLS + len(now) - CALLS,
        same=(night.report(), pages, at_least) == (*whole, cut_short),
    )


def test_s13_a_killed_batch_is_finished_by_the_same_command(
    pair: tuple[Children, Children], tmp_path: Path, show: Show
) -> None:
    with Desk(reply) as desk:
        night = Night.lay_out(tmp_path / "whole", desk.address)
        assert pair[0].run(*night.command) == 0
        assert len(desk.calls) == CALLS
    pages, at_least = night.pages()
    whole = (night.report(), pages)
    assert at_least == frozenset()
    moments = [CALLS * step // STEPS for step in range(1, STEPS + 1)]

    def play(line: int) -> list[Crash]:
        return [crash(tmp_path / f"{at}", at, pair[line], whole) for at in moments[line::2]]

    with ThreadPoolExecutor(2) as threads:
        odd, even = threads.map(play, (0, 1))
    came = [one for two in zip(odd, even, strict=True) for one in two]
    rows = [
        f"{at / CALLS:>5.0%}{one.recorded:>10}{one.in_flight:>11}{one.repeated:>10}"
        f"{one.paid_again:>12}{one.lost:>6}{one.twice:>7}"
        for at, one in zip(moments, came, strict=True)
    ]
    show(
        f"S13: {STEPS} x kill -9 of `shipskip batch` over {TOOLS} tools of {CALLS_A_TOOL} calls, "
        f"{AT_ONCE} at a time; then the same command again",
        "   at  recorded  in flight  repeated  paid again  lost  twice",
        *rows,
        f"report and site equal to the undisturbed batch: {sum(o.same for o in came)}/{STEPS}",
    )
    assert {one.paid_again for one in came} == {0}
    assert {one.lost for one in came} == {0}
    assert {one.twice for one in came} == {0}
    assert all(one.repeated <= one.in_flight for one in came)
    assert all(one.same for one in came)
