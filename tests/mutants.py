"""Changes to the rules that no test notices, held against the list of those that are known.

Run as `make mutants`: mutmut changes one operator or constant at a time in the modules that
`[tool.mutmut]` names and runs the tests that reach it. What survives is compared with `mutants.txt`
beside this file, which only shrinks: a survivor that is not on it fails, and so does a line whose
change is found by now. Arguments go to mutmut: names of mutants, to try these alone, as in
`make mutants ARGS='"panel.domain.verdict*"'`; all of them take hours.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
KNOWN: Final = ROOT / "tests" / "mutants.txt"
MUTMUT: Final = Path(sys.executable).with_name("mutmut")
_UNNOTICED = ("survived", "no tests")


def main(names: Sequence[str]) -> int:
    """Return 0 where the survivors are those that the list has, else 1, and say what differs."""
    subprocess.run([MUTMUT, "run", *names], cwd=ROOT, check=False)
    found = set(survivors())
    known = {line for line in KNOWN.read_text(encoding="utf-8").splitlines() if line[:1] != "#"}
    new = sorted(found - known)
    gone = [] if names else sorted(known - found)
    for line in new:
        print(f"survives, and no test notices: {line}")  # noqa: T201 - what the command is for
    for line in gone:
        print(f"is noticed now, take it off {KNOWN.name}: {line}")  # noqa: T201
    return 1 if new or gone else 0


def survivors() -> Iterator[str]:
    """Yield each change that no test noticed, as `module function: old -> new`."""
    listed = subprocess.run(
        [MUTMUT, "results"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        name, _, state = line.strip().rpartition(": ")
        if state in _UNNOTICED:
            yield describe(name)


def describe(name: str) -> str:
    """Return a mutant by what it changes, which outlives its number."""
    shown = subprocess.run(
        [MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    old = " ".join(line[1:].strip() for line in shown if line[:1] == "-" and line[:3] != "---")
    new = " ".join(line[1:].strip() for line in shown if line[:1] == "+" and line[:3] != "+++")
    return f"{name.rpartition('__mutmut_')[0]}: {old} -> {new}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
