"""What a public site costs: 1,000 approved tools from nothing, once more, and after one correction.

    python benchmarks/bench_site.py [--tools 1000] [--keep FOLDER]

The tools are the recorded runs under other names, in twelve categories and with some of their votes
turned, so that panels divide. Each build is a process of its own: what it takes includes its start.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from benchmarks.measuring import ROOT, environment
from panel.app.decisions import FieldEdit, Order, decide
from panel.app.workspace import Workspace
from panel.domain.decision import Draft, grounds_of, subject_of
from panel.domain.review import Review, Scorecard
from panel.domain.run import Run
from panel.domain.verdict import aggregate
from panel.store.run_files import RunFiles

CATEGORIES = (
    "Developer Tools, Images, Observability, Data, Legal, Finance, Health, Marketing, Research, "
    "Productivity, Video, Insurance"
).split(", ")


def main() -> None:
    """Print what three builds take: seconds by the clock, of CPU, memory and files made anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shipskip-site-") as folder:
        root = given.keep or Path(folder) / "newsroom"
        if not root.exists():
            lay_out(root, given.tools)
        print(f"{given.tools} tools")
        measure(root, "from nothing")
        measure(root, "nothing changed")
        correct_one(root)
        measure(root, "one corrected")


def lay_out(root: Path, tools: int) -> None:
    """Fill a workspace with approved runs."""
    command = [sys.executable, "-m", "panel.cli.main", "init", str(root)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    settings = root / "shipskip.toml"
    address = '\n[site]\nbase_url = "https://reviews.example/"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + address, encoding="utf-8")
    workspace = Workspace.open(root)
    files = RunFiles(root / "runs")
    with workspace.ledger() as ledger:
        for number, run in enumerate(some_runs(tools)):
            with files.lock(run) as folder:
                folder.save(run)
            _, document = files.read_with_digest(folder.path)
            at = run.started + timedelta(hours=8, seconds=number)
            ledger.decisions.add(
                Draft(
                    kind="approve",
                    subject=subject_of(run),
                    editor="Duty editor",
                    reason="Read beside the text.",
                    at=at,
                    grounds=grounds_of(run, document),
                ),
                0,
            )


def some_runs(tools: int) -> Iterator[Run]:
    """Yield runs of as many tools, the same each time."""
    recorded = RunFiles(ROOT / "runs")
    known = [recorded.read(path) for path in recorded.paths()]
    draw = random.Random(20261130)
    for number in range(tools):
        run = known[number % len(known)]
        name = f"{run.tool.name.split()[0]} {number}"
        tool = run.tool.model_copy(
            update={"name": name, "category": CATEGORIES[number % len(CATEGORIES)]}
        )
        asked = run.inputs.tool.model_copy(update={"name": name})
        reviews = tuple(_turned(review, draw) for review in run.reviews)
        started = run.started + timedelta(days=number // 24)
        yield run.model_copy(
            update={
                "id": f"{asked.slug}-{sha256(name.encode()).hexdigest()[:8]}",
                "started": started,
                "inputs": run.inputs.model_copy(update={"tool": asked, "date": started.date()}),
                "tool": tool,
                "reviews": reviews,
                "verdict": aggregate(reviews, run.inputs.rules),
            }
        )


def _turned(review: Review, draw: random.Random) -> Review:
    """Return a review, one in three with the other vote."""
    if not isinstance(review, Scorecard) or draw.random() > 1 / 3:
        return review
    vote = "skip" if review.verdict == "ship" else "ship"
    return review.model_copy(update={"ballot": review.ballot.model_copy(update={"verdict": vote})})


def correct_one(root: Path) -> None:
    """Correct the licence of one tool."""
    edits = (FieldEdit("licence", f"Apache-2.{time.time_ns() % 1000}"),)
    order = Order(kind="correct", editor="Duty editor", reason="A reader wrote.", edits=edits)
    workspace = Workspace.open(root)
    names = sorted(path.name for path in workspace.runs.paths())
    decide(workspace, names[len(names) // 2], order)


def measure(root: Path, what: str) -> None:
    """Print what one build takes."""
    command: Sequence[str] = ("site", "build", "--root", str(root))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "panel.cli.main", *command],
        check=True,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{what:16} {seconds:7.2f} s, CPU {cpu:7.2f} s, up to {after.ru_maxrss / 1024:.0f} MB   "
        f"{done.stdout.strip().partition(': ')[2]}"
    )


if __name__ == "__main__":
    main()
