"""Many panels against a fast fake server, beside a bare loop over the openai SDK on the same server.

`python benchmarks/bench_load.py [--peers] [--long] [--rounds N]`. Every figure comes from a process of
its own, the contenders in turn. A panel is four calls. W1: one warm panel, 50 ms an answer; W2: 200
panels, 64 calls in flight, 50 ms; W2-500: the same at 500 ms; W3: no latency; W4: W2 with 5% of 429
(Retry-After 1) and 2% of malformed answers; RPM: W2 under 6,000 requests a minute.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contenders import (
    CONCURRENCY,
    Opening,
    Outcome,
    Sample,
    bare,
    shipskip,
    take_sample,
)
from benchmarks.fake_server import COMPILER, Server, serve
from benchmarks.measuring import print_table, run_script, verdict
from benchmarks.peers import find_peers
from panel.app.event_loop import run_async
from panel.batch.pool import run_pool

OURS, BARE = "shipskip", "openai SDK parse"
PEERS, MISSING = find_peers()
CONTENDERS: Mapping[str, Opening] = {OURS: shipskip, BARE: bare, **PEERS}
PANELS, CALLS, RPM = 200, 800, 6000
WORKERS = 32  # panels at a time: twice what fills the calls in flight
WORKLOADS: Mapping[str, Mapping[str, float]] = {
    "W1": {"lat": 50},
    "W2": {"lat": 50},
    "W2-500": {"lat": 500},
    "W3": {"lat": 0},
    "W4": {"lat": 50, "p429": 0.05, "pbad": 0.02},
    "RPM": {"lat": 50, "rpm": RPM},
}
LIMIT_S = {"W2": -(-CALLS // CONCURRENCY) * 0.05, "W2-500": -(-CALLS // CONCURRENCY) * 0.5}
LIMIT_S |= {"W4": LIMIT_S["W2"], "RPM": CALLS * 60 / RPM}
Result = Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", action="store_true", help="other libraries, where installed")
    parser.add_argument("--long", action="store_true", help="peak memory at 5,000 panels as well")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        name, workload, panels, port = asked.one
        print(json.dumps(_measure(name, workload, int(panels), Server(int(port)))))
        return
    if COMPILER is None:
        print("bench_load: skipped, its server is built with gcc, which is not installed")
        return
    sample = take_sample()
    names = [OURS, BARE, *(PEERS if asked.peers else ())]
    if asked.peers:
        print(*(f"{name}: not installed" for name in MISSING), sep="\n")
    with serve(sample.text) as server:
        _compare(names, server, asked.rounds)
        _weigh([OURS, BARE], server, (200, 1000, 5000) if asked.long else (200, 1000))


def _compare(names: list[str], server: Server, rounds: int) -> None:
    found: dict[tuple[str, str], list[Result]] = {}
    for name in names:
        _in_its_own_process(name, "W3", 2, server)  # the first process compiles what it imports
    for _ in range(rounds):
        for workload in WORKLOADS:
            for name in names:
                found.setdefault((name, workload), []).append(
                    _in_its_own_process(name, workload, PANELS, server)
                )
    middle = {key: _over(statistics.median, results) for key, results in found.items()}
    least = {key: _over(min, results) for key, results in found.items()}
    _print_speed("Speed, medians", names, middle)
    _print_speed("Speed, the least of each", names, least)
    _print_faults(names, middle)


def _over(pick: Callable[[list[float]], float], results: list[Result]) -> Result:
    return {key: pick([one[key] for one in results]) for key in results[0]}


def _in_its_own_process(name: str, workload: str, panels: int, server: Server) -> Result:
    said = run_script(__file__, "--one", name, workload, str(panels), str(server.port))
    result: Result = json.loads(said.splitlines()[-1])
    return result


def _print_speed(title: str, names: list[str], middle: Mapping[tuple[str, str], Result]) -> None:
    rows = []
    for name in names:
        one, w2 = middle[name, "W1"], middle[name, "W2"]
        slow, cpu = middle[name, "W2-500"], middle[name, "W3"]
        base = middle[BARE, "W3"]["cpu_ms"]
        rows.append(
            (
                name,
                f"{(one['seconds'] - 0.05) * 1000:.1f}",
                f"{w2['seconds'] / LIMIT_S['W2']:.2f}",
                f"{slow['seconds'] / LIMIT_S['W2-500']:.2f}",
                f"{cpu['cpu_ms']:.2f}",
                f"{cpu['cpu_ms'] / base:.2f}",
            )
        )
    head = ("", "W1 over 50 ms, ms", "W2 / limit", "W2-500 / limit", "CPU ms a call", "of bare")
    goal = ("goal", "< 15", "< 4", "< 1.2", "", "<= 0.6")
    ours = middle[OURS, "W1"], middle[OURS, "W2"], middle[OURS, "W2-500"], middle[OURS, "W3"]
    met = (
        "met",
        verdict(ours[0]["seconds"] - 0.05, 0.015),
        verdict(ours[1]["seconds"], 4 * LIMIT_S["W2"]),
        verdict(ours[2]["seconds"], 1.2 * LIMIT_S["W2-500"]),
        "",
        verdict(ours[3]["cpu_ms"], 0.6 * middle[BARE, "W3"]["cpu_ms"]),
    )
    print_table(title, head, [*rows, goal, met])


def _print_faults(names: list[str], middle: Mapping[tuple[str, str], Result]) -> None:
    rows = [
        (
            workload,
            name,
            f"{result['decided']:.0f} of {PANELS}",
            f"{CALLS - result['reviews']:.0f}",
            f"{result['s429']:.0f}",
            f"{result['requests']:.0f}",
            f"{result['seconds']:.1f}",
            f"{result['seconds'] / LIMIT_S[workload]:.2f}",
        )
        for workload in ("W4", "RPM")
        for name in names
        for result in [middle[name, workload]]
    ]
    head = ("", "", "panels", "reviews lost", "429", "requests", "s", "time / limit")
    print_table("Faults and limits, medians (goal: 200 of 200; RPM: no 429, < 1.15)", head, rows)


def _weigh(names: list[str], server: Server, counts: tuple[int, ...]) -> None:
    rows = []
    for name in names:
        peaks = [_in_its_own_process(name, "W3", count, server)["peak_mb"] for count in counts]
        flat = f"{peaks[-1] / peaks[0]:.2f}"
        rows.append((name, *(f"{peak:.0f}" for peak in peaks), flat))
    head = ("", *(f"{count:,} panels" for count in counts), "last / first")
    print_table("Peak memory, MB (goal: < 150 and flat)", head, rows)


def _measure(name: str, workload: str, panels: int, server: Server) -> Result:
    work = partial(_work, name, take_sample(), workload, panels, server)
    return run_async(work) if name == OURS else asyncio.run(work())


async def _work(
    name: str, sample: Sample, workload: str, panels: int, server: Server
) -> dict[str, float]:
    """Return what `panels` panels took, after two that warm up the connections."""
    rpm = RPM if workload == "RPM" else None
    found: list[Outcome] = []
    async with CONTENDERS[name](sample, server.base_url, rpm) as convene:
        server.set(lat=WORKLOADS[workload]["lat"])
        await run_pool(range(2), convene, lambda _: None, workers=2)
        server.set(**WORKLOADS[workload])
        cpu, began = time.process_time(), time.perf_counter()
        if workload == "W1":
            took = []
            for number in range(20):
                start = time.perf_counter()
                found.append(await convene(2 + number))
                took.append(time.perf_counter() - start)
            seconds = statistics.median(took)
        else:
            await run_pool(range(2, panels + 2), convene, found.append, workers=WORKERS)
            seconds = time.perf_counter() - began
        cpu = time.process_time() - cpu
        stats = server.stats()
    return {
        "seconds": seconds,
        "cpu_ms": cpu * 1000 / max(1, stats["requests"]),
        "decided": sum(one.decided for one in found),
        "reviews": sum(one.reviews for one in found),
        "requests": stats["requests"],
        "s429": stats["s429"],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
