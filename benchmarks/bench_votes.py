"""The votes service beside an empty handler on the same server, in the same run.

`python benchmarks/bench_votes.py [--votes N] [--rounds N] [--long N]`. The contenders take turns; each
is a process of its own, and the load comes from this one, over 32 connections that stay open: as fast
as it goes, then 500 votes a second. Every vote is of a new voter from another network, on one of a
hundred tools: the most work there is. `--long` adds one run of so many votes, with the memory of the
server at each tenth.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.measuring import print_table  # noqa: E402
from tests.votes import LAX, serving  # noqa: E402

CONNECTIONS = 32
RATE = 500  # votes a second that the service has to carry with waits below 50 ms
TOOLS = tuple({"slug": f"tool-{n}", "name": f"Tool {n}"} for n in range(100))
EMPTY = """
import sys
sys.path.insert(0, sys.argv[1])
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from panel.web.server import serve

async def answer(request):
    await request.body()
    return Response(status_code=303, headers={"location": "/"})

app = Starlette(routes=[Route("/vote/{slug}", answer, methods=["POST"])])
serve(app, "127.0.0.1", 0, lambda where: print(where, flush=True))
"""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What a server took for so many votes."""

    votes: int
    seconds: float
    cpu_s: float
    latencies: Sequence[float]

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the server's processor time a vote."""
        return self.cpu_s * 1000 / self.votes

    def row(self) -> tuple[str, ...]:
        """Votes a second, processor time, and the waits of the readers."""
        waits = statistics.quantiles(self.latencies, n=100)
        rate = self.votes / self.seconds
        return (
            f"{rate:.0f}",
            f"{self.cpu_ms:.3f}",
            f"{waits[49] * 1e3:.1f}",
            f"{waits[98] * 1e3:.1f}",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--votes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=0)
    given = parser.parse_args()
    numbers = count()
    with tempfile.TemporaryDirectory(prefix="votes-") as folder:
        settings = 'proxies = ["127.0.0.1"]'
        with (
            serving(Path(folder), settings=settings, rules=LAX, tools=TOOLS) as ours,
            empty_handler() as (empty, empty_pid),
        ):
            servers = {"shipskip votes": (ours.address, ours.pid), "empty": (empty, empty_pid)}
            loads = compare(servers, given.votes, given.rounds, numbers)
            rows = [(name, *load.row()) for name, found in loads.items() for load in found]
            heads = ("server", "votes/s", "CPU ms a vote", "p50 ms", "p99 ms")
            print_table("Votes", heads, rows)
            paced = asyncio.run(put_under_load(ours.address, ours.pid, RATE * 10, numbers, RATE))
            print_table(f"At {RATE} votes a second", heads, [("shipskip votes", *paced.row())])
            print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            if given.long:
                keep_on(ours.address, ours.pid, given.long, numbers)


def compare(
    servers: Mapping[str, tuple[str, int]], votes: int, rounds: int, numbers: Iterator[int]
) -> Mapping[str, list[Load]]:
    """Return the loads of each server, the first of them (a warm-up) left out."""
    loads: dict[str, list[Load]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, (address, pid) in servers.items():
            load = asyncio.run(put_under_load(address, pid, votes if number else 500, numbers))
            if number:
                loads[name].append(load)
    return loads


def keep_on(address: str, pid: int, votes: int, numbers: Iterator[int]) -> None:
    """Print the server's memory at each tenth of so many votes."""
    sizes = [resident_mb(pid)]
    for _ in range(10):
        asyncio.run(put_under_load(address, pid, votes // 10, numbers))
        sizes.append(resident_mb(pid))
    print(f"memory over {votes:,} votes, MB: {', '.join(f'{size:.0f}' for size in sizes)}")


@contextmanager
def empty_handler() -> Iterator[tuple[str, int]]:
    """Yield the address and the process of a server that reads a form and does nothing."""
    command = [sys.executable, "-c", EMPTY, str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - typing
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.kill()


async def put_under_load(
    address: str, pid: int, votes: int, numbers: Iterator[int], rate: float | None = None
) -> Load:
    """Return what the server took for so many votes by 32 readers at a time.

    With a `rate` a vote is due so often a second, and its wait begins when it is due: a server that
    falls behind is not spared.
    """
    host, port = address.removeprefix("http://").split(":")
    left, latencies = iter(range(votes)), list[float]()
    cpu, start = cpu_seconds(pid), time.perf_counter()

    async def read() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for place in left:
            sent = time.perf_counter() if rate is None else start + place / rate
            await asyncio.sleep(max(0.0, sent - time.perf_counter()) if rate else 0)
            writer.write(request(next(numbers)))
            answer = await reader.readuntil(b"\r\n\r\n")
            latencies.append(time.perf_counter() - sent)
            if not answer.startswith(b"HTTP/1.1 303"):
                raise SystemExit(answer.decode())
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(read())
    return Load(votes, time.perf_counter() - start, cpu_seconds(pid) - cpu, latencies)


def request(number: int) -> bytes:
    """Return a vote of a new voter, as a proxy passes it on."""
    body = b"choice=ship&back=/compare/a-vs-b/"
    network = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return (
        f"POST /vote/tool-{number % 100} HTTP/1.1\r\nHost: localhost\r\n"
        f"Origin: http://localhost\r\nX-Forwarded-For: {network}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
