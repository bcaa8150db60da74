"""S13: kill -9 at twenty moments of a batch; no completed call is paid again and none is lost."""

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from panel.domain.exchange import Exchange
from panel.domain.run import Run
from panel.store.run_files import EXCHANGES, RunFiles
from tests.bars.children import Children
from tests.bars.conftest import Corpus, Show
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, lay_out, persona_of, reference, tools, write_tools
from tests.contract.loopback import Heard, Reply
from tests.workspaces import persona_set

TOOLS, REVIEWERS = 3, 4
NAMES = [tool.name for tool in tools(TOOLS)]
Place = tuple[str, str]  # a tool and a reviewer
PACE_S = 0.1
SLOWEST_S = PACE_S * 7 / 4
HELD_S = 3.0
Outcomes = Mapping[str, object]


@dataclass
class Pace:
    """A server that answers each persona in a time of its own, until the batch is ended.

    `until` is when, in tools: 1.5 is in the middle of the second. What would be answered later is
    held back, so that a test that is late on a busy machine still finds the batch where it was.
    """

    until: float = TOOLS
    over: bool = False

    @property
    def tools_done(self) -> int:
        return int(self.until)

    @property
    def moment_s(self) -> float:
        """How long after the tool's first call the batch is ended."""
        return self.until % 1 * SLOWEST_S

    def __call__(self, heard: Heard) -> Reply:
        delay = PACE_S * (1 + persona_set().personas.index(persona_of(heard)) / 4)
        number = NAMES.index(place_in(heard)[0])
        later = number > self.tools_done or (number == self.tools_done and delay > self.moment_s)
        held = later and not self.over
        return Reply(answer(CHAT, heard).body, delay_s=HELD_S if held else delay)


def place_in(heard: Heard) -> Place:
    """Return which tool and which reviewer a call is about."""
    named = next(name for name in NAMES if f"{name}. ".encode() in heard.body)
    return named, f"review:{persona_of(heard).key}"


def place_of(exchange: Exchange) -> Place:
    shown = exchange.request.messages[1].text
    return next(name for name in NAMES if f"{name}. " in shown), exchange.request.label


@dataclass(frozen=True)
class Batch:
    """A workspace with the tools of a batch."""

    root: Path
    files: Sequence[str]

    def command(self, files: Sequence[str] | None = None) -> Sequence[str]:
        named = self.files if files is None else files
        return ("review", *named, "--model", reference(CHAT), "--root", str(self.root))

    @property
    def store(self) -> RunFiles:
        return RunFiles(self.root / "runs")

    def recorded(self) -> list[Exchange]:
        """Return what lies whole on the disk; it has to read clean."""
        return [
            exchange
            for path in self.store.paths()
            if (path / EXCHANGES).is_file()
            for exchange in self.store.load(path).exchanges
        ]

    def runs(self) -> list[Run]:
        return list(map(self.store.read, self.store.paths()))

    def outcomes(self) -> Outcomes:
        """Return what a reader would see of each tool; a second run of one would stand out."""
        return {run.id: (run.state, run.tool, run.reviews, run.verdict) for run in self.runs()}

    def unfinished(self) -> list[str]:
        """Return the files of the tools that have no finished run yet."""
        done = {run.tool.slug for run in self.runs() if run.is_final}
        return [file for file in self.files if Path(file).stem not in done]


def lay_out_batch(root: Path, address: str) -> Batch:
    lay_out(root, CHAT, address)
    return Batch(root, write_tools(root / "tools", tools(TOOLS)))


@dataclass(frozen=True)
class Crash:
    """What one kill did: how far the batch was, and what the server saw before and after.

    `paid_again` counts recorded answers of a tool that was under way, `anew` those of finished ones.
    """

    recorded: int
    in_flight: int
    repeated: int
    paid_again: int
    anew: int
    lost: int
    outcomes: Outcomes


def crash(root: Path, part: float, children: Children, *, all_again: bool = False) -> Crash:
    """Kill a batch when `part` of its answers' time is over, go on, and count.

    It goes on with the tools that have no finished run, or with the whole command.
    """
    pace = Pace(until=part * TOOLS)
    with Desk(pace) as desk:
        batch = lay_out_batch(root, desk.address)
        child = children.start(*batch.command())
        first = REVIEWERS * pace.tools_done
        desk.wait_for(first + 1)
        time.sleep(max(0, desk.calls[first].at + pace.moment_s - time.monotonic()))
        os.kill(child, signal.SIGKILL)
        assert children.end() == -signal.SIGKILL
        pace.over = True
        heard = desk.calls
        stored = batch.recorded()
        finished = {run.tool.name for run in batch.runs() if run.is_final}
        rest = batch.files if all_again else batch.unfinished()
        assert children.run(*batch.command(rest)) == 0
        again = Counter(call.name for call in desk.calls[len(heard) :])
    now = batch.recorded()
    done = {place_of(exchange) for exchange in stored}
    paid = [call for call in heard if place_in(call.heard) in done for _ in range(again[call.name])]
    anew = sum(place_in(call.heard)[0] in finished for call in paid)
    return Crash(
        recorded=len(stored),
        in_flight=len(heard) - len(stored),
        repeated=sum(again[call.name] for call in heard) - anew,
        paid_again=len(paid) - anew,
        anew=anew,
        lost=sum(exchange not in now for exchange in stored),
        outcomes=batch.outcomes(),
    )


def undisturbed(root: Path, children: Children) -> Outcomes:
    with Desk(Pace()) as desk:
        batch = lay_out_batch(root, desk.address)
        assert children.run(*batch.command()) == 0
        assert len(desk.calls) == TOOLS * REVIEWERS
    return batch.outcomes()


def test_s13_a_killed_batch_pays_for_no_completed_call_again(
    corpus: Corpus, pair: tuple[Children, Children], tmp_path: Path, show: Show
) -> None:
    plan = corpus("crash_plan")
    whole = undisturbed(tmp_path / "whole", pair[0])

    def play(line: int) -> list[Crash]:
        return [crash(tmp_path / row["id"], row["value"], pair[line]) for row in plan[line::2]]

    with ThreadPoolExecutor(2) as threads:
        even, odd = threads.map(play, (0, 1))
    came = [one for two in zip(even, odd, strict=True) for one in two]
    same = sum(one.outcomes == whole for one in came)
    rows = [
        f"{row['value']:>5.0%}{one.recorded:>10}{one.in_flight:>11}{one.repeated:>10}"
        f"{one.paid_again:>12}{one.lost:>6}"
        for row, one in zip(plan, came, strict=True)
    ]
    show(
        f"S13: {len(plan)} x kill -9 of `shipskip review` over {TOOLS} tools of {REVIEWERS} calls, "
        "then the tools without a finished run again",
        "   at  recorded  in flight  repeated  paid again  lost",
        *rows,
        f"  sum{sum(one.recorded for one in came):>10}{sum(one.in_flight for one in came):>11}"
        f"{sum(one.repeated for one in came):>10}{sum(one.paid_again for one in came):>12}"
        f"{sum(one.lost for one in came):>6}   {same}/{len(plan)} equal to the undisturbed batch",
    )
    assert len(plan) == 20
    assert {one.paid_again for one in came} == {0}
    assert {one.anew for one in came} == {0}
    assert {one.lost for one in came} == {0}
    assert all(one.repeated <= one.in_flight <= REVIEWERS for one in came)
    assert same == len(plan)


def test_s13_the_whole_command_again_pays_for_no_answer_again(
    pair: tuple[Children, Children], tmp_path: Path, show: Show
) -> None:
    # In the second tool, when half of its answers are there.
    came = crash(tmp_path / "batch", (1 + 0.75) / TOOLS, pair[0], all_again=True)
    show(
        f"S13: the whole command again after a kill in the second tool: {came.recorded} answers "
        f"recorded, {came.paid_again} of the tool under way paid again, {came.lost} lost; "
        f"{came.anew} of the finished tool paid again"
    )
    assert came.paid_again == came.lost == 0
    assert came.anew == 0
    assert came.repeated <= came.in_flight


def test_an_ended_batch_begins_nothing_more_and_can_go_on(
    pair: tuple[Children, Children], tmp_path: Path, show: Show
) -> None:
    lines = []
    for how in (signal.SIGTERM, signal.SIGINT):
        pace = Pace(until=1)
        with Desk(pace) as desk:
            batch = lay_out_batch(tmp_path / how.name, desk.address)
            child = pair[0].start(*batch.command())
            desk.wait_for(REVIEWERS + 1)
            os.kill(child, how)
            pace.over = True
            asked = time.monotonic()
            code = pair[0].end()
            took, calls = time.monotonic() - asked, len(desk.calls)
            assert code != 0
            assert took <= 30
            assert calls <= 2 * REVIEWERS
            assert pair[0].run(*batch.command(batch.unfinished())) == 0
        assert {run.state for run in batch.runs()} == {"finished"}
        lines.append(f"{how.name} in the second of {TOOLS} tools: exit {code}, no third is begun")
    show(*lines)


def test_of_two_batches_on_one_tool_the_second_makes_no_call(
    pair: tuple[Children, Children], tmp_path: Path, show: Show
) -> None:
    with Desk(Pace(until=0)) as desk:
        batch = lay_out_batch(tmp_path / "batch", desk.address)
        first = pair[0].start(*batch.command(batch.files[:1]))
        desk.wait_for(REVIEWERS)
        os.kill(first, signal.SIGSTOP)  # so that it is under way however long the second takes
        second = pair[1].run(*batch.command(batch.files[:1]))
        os.kill(first, signal.SIGCONT)
        assert pair[0].end() == 0
    assert second == 75
    assert len(desk.calls) == REVIEWERS
    show(f"Two batches at once: the second ends with exit {second} and makes no call")
