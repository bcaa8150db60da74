"""What screening takes of a processor, text by text, and what it finds on the corpora.

Times are processor time of this process, the least of several runs, so that a busy machine counts
little. The shapes are the tests' (`tests/data/screening/shapes.yaml`), repeated, besides noise and all
scripts in a row. The corpora lie beside the checkout, as the tests' do; without them that part is left
out. The last table is what a long text costs that goes to the child process.
"""

import json
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import ROOT, print_table, verdict
from panel.screening.flags import screen
from panel.screening.screener import Screener
from tests.screening_rows import shapes

CORPORA = ROOT.parent / "shared" / "data" / "corpora"
GOALS = {10_000: 5.0, 200_000: 200.0}
RUNS = {10_000: 7, 200_000: 3}
SLOWEST = 12
SURROGATES = range(0xD800, 0xE000)


def main() -> None:
    """Print the tables."""
    screen("Rowboat", {"description": "Rowboat keeps a table. 写作"})  # the words are read
    for size in GOALS:
        print_times(size)
    print_child()
    if CORPORA.is_dir():
        print_corpora()
    else:
        print(f"no corpora in {CORPORA.name}: left out")


def texts(size: int) -> Iterator[tuple[str, str]]:
    """Yield each text of so many bytes with its name."""
    for name, token in shapes().items():
        yield name, cut(token * size, size)
    chance = random.Random(7)
    yield "noise in ASCII", "".join(chr(chance.randrange(32, 127)) for _ in range(size))
    yield "noise in Unicode", cut("".join(chr(sign(chance)) for _ in range(size)), size)
    every = "".join(chr(code) for code in range(0x21, 0xFFFE) if code not in SURROGATES)
    yield "every script in a row", cut(every * 2, size)


def sign(chance: random.Random) -> int:
    """Return any character that can be written."""
    code = chance.randrange(0x110000)
    return 0x41 if code in SURROGATES else code


def cut(text: str, size: int) -> str:
    """Return as much of a text as fits into so many bytes."""
    return text[:size].encode()[:size].decode("utf-8", "ignore")


def print_times(size: int) -> None:
    """Print the median and the slowest texts of one size."""
    found = sorted(((least_ms(text, RUNS[size]), name) for name, text in texts(size)), reverse=True)
    median, worst = statistics.median(ms for ms, _ in found), found[0][0]
    rows = [["median", f"{median:.1f}", ""], ["worst", f"{worst:.1f}", verdict(worst, GOALS[size])]]
    rows += [[name, f"{ms:.1f}", ""] for ms, name in found[:SLOWEST]]
    over = sum(ms > GOALS[size] for ms, _ in found)
    title = f"{size:,} bytes, {len(found)} texts, {over} over {GOALS[size]:g} ms"
    print_table(title, ("text", "ms", "goal"), rows)


def least_ms(text: str, runs: int) -> float:
    """Return the least that screening a text took, in milliseconds."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        screen("Rowboat", {"description": text})
        taken.append(time.process_time() - began)
    return min(taken) * 1000


def print_child() -> None:
    """Print what a long text costs beyond its screening, by the clock."""
    line = "Rowboat keeps a table and an index in step. It costs $20 a month. "
    rows: list[list[str]] = []
    with Screener() as screener:
        for what in ("first long text", "another", "another", "the same again"):
            number = len(rows) if what == "another" else 0
            began = time.perf_counter()
            screener.screen("Rowboat", {"description": f"{line * 3_000}{number}"})
            rows.append([what, f"{(time.perf_counter() - began) * 1000:.0f}"])
    print_table("200 kB in the child process", ("text", "ms"), rows)


def print_corpora() -> None:
    """Print what is held and what is flagged of each kind in the corpora."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for file, kind in (("injection.jsonl", "detect"), ("benign.jsonl", "class")):
        for line in (CORPORA / file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            fields = {key: text for key, text in row["submission"].items() if key != "name"}
            flags = screen(row["submission"]["name"], fields)
            group = f"{file.partition('.')[0]}: {row[kind].partition(':')[0]}"
            found[group].append((any(flag.holds for flag in flags), bool(flags)))
    rows = [
        [
            group,
            str(sum(held for held, _ in of)),
            str(sum(flagged for _, flagged in of)),
            str(len(of)),
        ]
        for group, of in sorted(found.items())
    ]
    print_table("Corpora", ("kind", "held", "flagged", "of"), rows)


if __name__ == "__main__":
    main()
