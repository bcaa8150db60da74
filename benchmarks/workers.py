"""Two `shipskip worker`s against one, on a Postgres of their own: panels a second, latency-bound."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.fake_server import Server
from benchmarks.measuring import environment, print_table
from benchmarks.night import Night, feeds
from panel.domain.job import Transition
from panel.store.sql.ledger import SqlLedger
from tests.postgres import Cluster, find_programs

COMMAND = Path(sys.executable).with_name("shipskip")
AT_ONCE = 4
"""Panels at a time, of each worker: far from what a core can do."""
_GOAL = 1.7
_PATIENCE_S = 60.0


def compare_workers(night: Night, server: Server, tools: int, latency: int) -> None:
    """Print how many panels a second one worker does, and two."""
    programs = find_programs()
    if isinstance(programs, str):
        print(f"\nTwo workers: skipped. {programs}")
        return
    server.set(lat=latency)
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        cluster = Cluster(programs, Path(folder))
        cluster.initialise()
        cluster.start()
        try:
            one, two = (_panels_a_second(cluster, night, server, tools, n) for n in (1, 2))
        finally:
            cluster.stop("immediate")
    met = "yes" if two >= _GOAL * one else "NO"
    row = ("panels a second", f"{one:.2f}", f"{two:.2f}", f"{two / one:.2f}", f">= {_GOAL}", met)
    title = f"Workers on Postgres: {tools} tools, {AT_ONCE} panels at a time each, {latency} ms"
    print_table(title, ("", "one", "two", "ratio", "goal", "met"), [row])


def _panels_a_second(
    cluster: Cluster, night: Night, server: Server, tools: int, workers: int
) -> float:
    """Return the rate from the first panel's begin to the last one's end, by the journal."""
    with (
        cluster.database() as address,
        tempfile.TemporaryDirectory(prefix="shipskip-bench-") as name,
        ExitStack() as crew,
    ):
        root = Path(name)
        night.lay_out(root, server, tools, database_url=address)
        said = [crew.enter_context(_at_work(root, number)) for number in range(workers)]
        for file in said:
            _await(file, "at work")
        _shipskip(root, "batch", *feeds(root), "--enqueue")
        _shipskip(root, "batch", "--watch")
        ledger = SqlLedger.open(address)
        moves = [one for one in ledger.journal.rows() if one.object.startswith("job ")]
        ledger.close()
    begun = min(_moments(moves, "queued -> running"))
    ended = _moments(moves, "running -> in_review")
    if len(ended) != tools:
        sys.exit(f"{len(ended)} of {tools} panels came to an end")
    return tools / (max(ended) - begun).total_seconds()


def _moments(moves: Iterable[Transition], action: str) -> list[datetime]:
    return [move.at for move in moves if move.action == action]


@contextmanager
def _at_work(root: Path, number: int) -> Iterator[Path]:
    """Yield what a worker says, a file; the worker is told to stop at the end."""
    said = root / f"worker-{number}.txt"
    command = (COMMAND, "worker", "--concurrency", str(AT_ONCE), "--root", root)
    with (
        said.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, env=environment()) as worker,
    ):
        try:
            yield said
        finally:
            worker.send_signal(signal.SIGTERM)


def _await(said: Path, words: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while words not in (text := said.read_text(encoding="utf-8")):
        if time.monotonic() > until:
            sys.exit(f"a worker does not begin: {text}")
        time.sleep(0.05)


def _shipskip(root: Path, *arguments: str) -> None:
    command = (str(COMMAND), *arguments, "--root", str(root))
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=environment())
    if ran.returncode:
        sys.exit(f"shipskip {' '.join(arguments)}: {ran.stderr}")
