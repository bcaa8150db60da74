"""`shipskip batch` over a loopback provider, the command whole, beside a bare loop over the openai SDK.

`python benchmarks/bench_batch.py [--tools N] [--latency MS] [--rounds N] [--long] [--postgres]`. The
goals are for 1,000 tools and answers that take 500 ms; with fewer tools the start weighs more. Every
figure is of a fresh process, its start included. The floor is calls x latency / concurrency, with the
calls that were really made: five a tool, for a feed gives no facts and intake has to read them.
`--long` compares peak memory with five times the tools; `--postgres` has two `shipskip worker`s
against one, on a Postgres of its own.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bare_batch import CONCURRENCY
from benchmarks.fake_server import COMPILER, Server, serve
from benchmarks.measuring import environment, print_table, verdict
from benchmarks.night import REF, Night, feeds

COMMAND = Path(sys.executable).with_name("shipskip")
BARE = Path(__file__).with_name("bare_batch.py")
CALLS_A_TOOL = 5
MB = 170


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds, CPU seconds of it and its children, its peak memory, its calls."""

    seconds: float
    cpu_s: float
    peak_mb: float
    calls: int

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU a call."""
        return self.cpu_s * 1000 / max(1, self.calls)

    def since(self, start: "Spent") -> float:
        """Return the milliseconds of CPU of each call beyond those that `start` had."""
        return (self.cpu_s - start.cpu_s) * 1000 / max(1, self.calls - start.calls)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", type=int, default=200)
    parser.add_argument("--latency", type=int, default=500, help="of an answer, in ms")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--long", action="store_true", help="peak memory with five times the tools")
    parser.add_argument("--postgres", action="store_true", help="two workers against one")
    asked = parser.parse_args()
    if COMPILER is None:
        print("bench_batch: skipped, its server is built with gcc, which is not installed")
        return
    night = Night.take()
    with serve(night.answers()["intake"], night.marked()) as server, _folder() as folder:
        bench = Bench(night, server, asked.latency, folder)
        start = bench.start()
        rounds = [bench.round(asked.tools) for _ in range(asked.rounds)]
        _print_rounds(asked.tools, asked.latency, start, rounds)
        if asked.long:
            _print_memory(bench, asked.tools)
        if asked.postgres:
            from benchmarks.workers import compare_workers  # noqa: PLC0415 - extras and tests

            compare_workers(night, server, max(80, asked.tools // 10), asked.latency)


@dataclass(frozen=True)
class Bench:
    """The server and the night that commands are measured with."""

    night: Night
    server: Server
    latency: int
    folder: Path

    def start(self) -> Mapping[str, Spent]:
        """Return what the least batch takes, and the bare loop, once both are compiled."""
        self.round(2)
        return self.round(2)

    def round(self, tools: int) -> Mapping[str, Spent]:
        """Return what a batch takes, the same batch again, and the bare loop with its calls."""
        with _folder() as root:
            self.night.lay_out(root, self.server, tools)
            first = self._measure(self._batch(root))
            again = self._measure(self._batch(root))
        return {"first": first, "again": again, "bare": self._measure(self._bare(tools))}

    def peak(self, tools: int) -> float:
        """Return the peak memory of one batch, in MB."""
        with _folder() as root:
            self.night.lay_out(root, self.server, tools)
            return self._measure(self._batch(root)).peak_mb

    def _batch(self, root: Path) -> Sequence[str]:
        chosen = ("--model", REF, "--concurrency", str(CONCURRENCY), "--root", str(root))
        return (str(COMMAND), "batch", *feeds(root), *chosen)

    def _bare(self, tools: int) -> Sequence[str]:
        asked = self.folder / "asked.json"
        if not asked.is_file():
            asked.write_text(json.dumps(self.night.asked()), encoding="utf-8")
        return (sys.executable, str(BARE), str(asked), str(tools), self.server.base_url)

    def _measure(self, command: Sequence[str]) -> Spent:
        self.server.set(lat=self.latency)
        before, began = _cpu_of_children(), time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, env=environment())
            peak = 0.0
            while process.poll() is None:
                peak = _peak_mb(process.pid) or peak
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            if process.returncode:
                said.seek(0)
                sys.exit(f"{' '.join(command)}: exit {process.returncode}: {said.read().decode()}")
        calls = int(self.server.stats()["requests"])
        return Spent(seconds, _cpu_of_children() - before, peak, calls)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shipskip-bench-") as name:
        yield Path(name)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_mb(process: int) -> float | None:
    """Return the most memory that a process ever had, None where it has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def _print_rounds(
    tools: int, latency: int, start: Mapping[str, Spent], rounds: Sequence[Mapping[str, Spent]]
) -> None:
    calls = rounds[0]["first"].calls
    runner = calls * latency / 1000 / CONCURRENCY
    if calls != CALLS_A_TOOL * tools or any(one["bare"].calls != calls for one in rounds):
        sys.exit(f"{calls} calls where {CALLS_A_TOOL * tools} were due: some were asked again")

    def middle(name: str, value: Callable[[Spent], float]) -> float:
        return statistics.median(value(one[name]) for one in rounds)

    wall, bare_wall = (middle(name, lambda one: one.seconds) for name in ("first", "bare"))
    whole, bare_whole = (middle(name, lambda one: one.cpu_ms) for name in ("first", "bare"))
    own = middle("first", lambda one: one.since(start["first"]))
    bare_own = middle("bare", lambda one: one.since(start["bare"]))
    peak, bare_peak = (middle(name, lambda one: one.peak_mb) for name in ("first", "bare"))
    again = middle("again", lambda one: one.seconds)
    repeated = max(one["again"].calls for one in rounds)
    rows = (
        _row("wall clock / floor", wall / runner, 1.25, ".2f", bare_wall / runner),
        ("CPU a call, ms", f"{own:.2f}", "", f"{bare_own:.2f}", ""),
        _row("CPU a call / bare's", own / bare_own, 0.9, ".2f"),
        ("the same, start included, ms", f"{whole:.2f}", "", f"{bare_whole:.2f}", ""),
        _row("its ratio", whole / bare_whole, 0.9, ".2f"),
        _row("peak memory, MB", peak, MB, ".0f", bare_peak),
        _row("the same feed again, s", again, 2, ".2f"),
        ("the same feed again, calls", f"{repeated}", "0", "", "NO" if repeated else "yes"),
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    title = (
        f"shipskip batch: {tools:,} tools, {calls:,} calls of {latency} ms, {CONCURRENCY} in flight\n"
        f"floor {runner:.1f} s, took {wall:.1f} s; load average {load}; goals are for 1,000 tools"
    )
    print_table(title, ("", "measured", "goal", "bare openai loop", "met"), rows)


def _row(
    what: str, value: float, goal: float, form: str, bare: float | None = None
) -> tuple[str, ...]:
    beside = "" if bare is None else f"{bare:{form}}"
    return what, f"{value:{form}}", f"< {goal:g}", beside, verdict(value, goal)


def _print_memory(bench: Bench, tools: int) -> None:
    few, many = bench.peak(tools), bench.peak(5 * tools)
    met = "yes" if many < 1.2 * few and many < MB else "NO"
    row = ("peak memory, MB", f"{few:.0f}", f"{many:.0f}", f"{many / few:.2f}", "< 1.2", met)
    head = ("", f"{tools:,} tools", f"{5 * tools:,} tools", "ratio", "goal", "met")
    print_table(f"Memory (goal: < {MB} MB and flat)", head, [row])


if __name__ == "__main__":
    main()
