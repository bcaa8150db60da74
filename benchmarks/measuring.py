"""Times and tables for the benchmarks. Machines differ and are busy: read ratios first."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from panel.domain.run_document import Recording
from panel.errors import FormerRun
from panel.ports import RunStore

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Times:
    """Seconds of the same thing done several times."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        """The smallest one, in seconds: nearest to what the code takes on a machine left alone."""
        return min(self.seconds)

    @property
    def shown(self) -> str:
        """Median and least, in milliseconds."""
        return f"{self.median * 1000:.1f} / {self.least * 1000:.1f} ms"

    def over(self, other: "Times") -> str:
        """Return how often `other` fits into this, by medians and by least."""
        return f"{self.median / other.median:.2f} / {self.least / other.least:.2f}"


_COMPILED = tempfile.TemporaryDirectory(prefix="shipskip-bench-")


def environment(**more: str) -> Mapping[str, str]:
    """Return this environment for a process of its own, with a place for compiled modules.

    An installed package is compiled; where that is switched off, each start would compile it again.
    So the first process is slow and none that counts.
    """
    own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # noqa: TID251
    return {**own, "PYTHONPYCACHEPREFIX": _COMPILED.name, **more}


def recordings(runs: RunStore) -> Iterator[Recording]:
    """Yield the recorded panels, but for those of a former panel."""
    for path in runs.paths():
        with suppress(FormerRun):
            yield runs.load(path)


def recorded_by_models(runs: RunStore) -> Iterator[Recording]:
    """Yield the recorded panels that only models were asked for."""
    return (one for one in recordings(runs) if not one.run.has_checklist_part)


def run_script(script: str, *arguments: str) -> str:
    """Return what a benchmark prints when it is run again in a process of its own."""
    command = (sys.executable, script, *arguments)
    said = subprocess.run(command, check=False, capture_output=True, text=True, env=environment())
    if said.returncode:
        sys.exit(f"{' '.join(arguments)}: {said.stderr.strip().splitlines()[-1]}")
    return said.stdout


def verdict(value: float, goal: float) -> str:
    """Return whether `value` stays under `goal`, as a word for a table."""
    return "yes" if value < goal else "NO"


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows` under `head` in columns, the first flush left, the rest flush right."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    print(f"\n{title}")
    for number, line in enumerate(lines):
        _, *rest = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join((line[0].ljust(widths[0]), *rest)).rstrip(), flush=True)
        if number == 0:
            print("  ".join("-" * width for width in widths))
