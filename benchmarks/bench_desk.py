"""Pages of the desk with thousands of runs recorded and decided on, and the way of a live event.

`python benchmarks/bench_desk.py [--runs N] [--waiting N] [--rounds N]`. The runs are the recorded ones
under other names and dates; all but those that wait are approved or rejected in the ledger. Server and
client are one process, so that times of the processor are of both.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.measuring import Times, print_table  # noqa: E402
from panel.app.workspace import Workspace  # noqa: E402
from panel.domain.run import Run  # noqa: E402
from panel.domain.run_document import write_run  # noqa: E402
from panel.errors import FormerRun  # noqa: E402
from panel.store.run_files import RunFiles  # noqa: E402
from tests.decisions import a_draft  # noqa: E402
from tests.desk import a_clean_run, a_desk, record  # noqa: E402
from tests.panels import an_exchange  # noqa: E402
from tests.workspaces import lay_out  # noqa: E402

A_DAY = 100
WRITERS = 64  # what they write at a time is one transaction
EVENTS = 20
PAGES = (
    "/queue",
    "/queue?show=clean&sort=cost",
    "/published",
    "/published?page=9",
    "/journal",
    "/costs",
    "/compare",
    "/checks",
)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--waiting", type=int, default=200)
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="shipskip-bench-") as folder:
        workspace = Workspace.open(lay_out(Path(folder) / "newsroom"))
        make_archive(workspace, given.runs, given.waiting)
        with a_desk(workspace) as address:
            print_pages(address, given.rounds)
        print_live(workspace)


def make_archive(workspace: Workspace, number: int, waiting: int) -> None:
    """Record `number` runs, and decide on all but the newest `waiting`."""
    recorded = list(read_recorded())
    runs = [renamed(recorded[n % len(recorded)], n, number) for n in range(number)]
    for run in runs:
        folder = Path(workspace.runs.place(run))
        folder.mkdir(parents=True)
        (folder / "run.json").write_bytes(write_run(run, ()))
        (folder / "exchanges.jsonl").touch()
    drafts = [
        a_draft(run, "approve" if n % 3 else "reject", at=run.started)
        for n, run in enumerate(runs[: number - waiting])
    ]
    with workspace.ledger() as ledger, ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(lambda draft: ledger.decisions.add(draft, 0), drafts):
            pass


def read_recorded() -> Sequence[Run]:
    """Return the runs of the repository that today's panel can read."""
    store, found = RunFiles(ROOT / "runs"), []
    for path in store.paths():
        try:
            found.append(store.read(path))
        except FormerRun:
            continue
    return found


def renamed(run: Run, n: int, number: int) -> Run:
    """Return `run` as the `n`th of so many, a hundred a day up to the end of November."""
    day = date(2026, 11, 30) - timedelta(days=(number - n) // A_DAY)
    tool = run.inputs.tool.model_copy(update={"name": f"{run.tool.name} {n}"})
    return run.model_copy(
        update={
            "id": f"{tool.slug}-{n:08x}",
            "inputs": run.inputs.model_copy(update={"tool": tool, "date": day}),
            "tool": run.tool.model_copy(update={"name": tool.name}),
            "started": datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        }
    )


def print_pages(address: str, rounds: int) -> None:
    """Print how long the desk reads at first, and each page's times."""
    with httpx2.Client(base_url=address, timeout=120) as client:
        began = time.perf_counter()
        while "Still reading" in (page := client.get("/queue").text):
            time.sleep(0.2)
        ready = time.perf_counter() - began
        waits = re.findall(r'href="(/runs/[^"?]*)', page)[0]
        public = re.findall(r'href="(/runs/[^"#?]*)#facts"', client.get("/published").text)[0]
        rows = []
        for path in (*PAGES, waits, public):
            walls, cpus = [], []
            for _ in range(rounds):
                wall, cpu = time.perf_counter(), time.process_time()
                client.get(path).raise_for_status()
                walls.append(time.perf_counter() - wall)
                cpus.append(time.process_time() - cpu)
            rows.append((path[:40], Times(tuple(walls)).shown, Times(tuple(cpus)).shown))
    title = f"pages of the desk, ready {ready:.1f} s after its start"
    print_table(title, ("page", "wall, median / least", "processor"), rows)


def print_live(workspace: Workspace) -> None:
    """Print how long an exchange takes from the disk to whoever watches its run."""
    run = a_clean_run().model_copy(update={"state": "open", "reviews": (), "verdict": None})
    record(workspace, [run])
    written: dict[int, float] = {}
    read: dict[int, float] = {}
    with a_desk(workspace) as address:
        at = f"{address}/runs/{run.inputs.date}/{run.id}/events"

        def watch() -> None:
            with httpx2.stream("GET", at, timeout=60) as stream:
                for line in stream.iter_lines():
                    if line.startswith("id:"):
                        read[int(line[3:])] = time.perf_counter()
                    if len(read) == EVENTS:
                        return

        async def write() -> None:
            with workspace.runs.lock(run) as folder:
                watching.start()  # a run that nobody is at work on is not live
                await asyncio.sleep(1)
                for number in range(1, EVENTS + 1):
                    await folder.append(an_exchange(number))
                    written[number] = time.perf_counter()
                    await asyncio.sleep(0.23)

        watching = threading.Thread(target=watch)
        asyncio.run(write())
        watching.join()
    delays = sorted(read[number] - written[number] for number in read)
    print(
        f"live event: {Times(tuple(delays)).shown} median / least, {delays[-1] * 1000:.0f} ms most"
    )


if __name__ == "__main__":
    main()
