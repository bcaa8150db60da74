"""S16 and the three sample days: new, known, changed, no tool; the same again costs nothing."""

import json
from pathlib import Path
from typing import Any

from panel.cli.main import run
from tests.bars.conftest import Show

DAYS = ("2026-11-20.rss.xml", "2026-11-21.atom.xml", "2026-11-22.json")
KEYS = ("seen", "done", "dup", "aside", "held", "failed", "revised")


def sit(root: Path, *feeds: Path) -> dict[str, Any]:
    """Return the last event of a batch on the checklist: every answer is an exchange, none a call."""
    events = root / "events.jsonl"
    named = ("--jsonl", str(events), "--root", str(root), "--model", "checklist")
    assert run(["batch", *map(str, feeds), *named]) == 0
    lines = events.read_text(encoding="utf-8").splitlines()
    last: dict[str, Any] = json.loads(lines[-1])
    return last


def exchanges(root: Path) -> int:
    return sum(len(file.read_bytes().splitlines()) for file in root.glob("runs/*/*/*.jsonl"))


def test_the_three_sample_days_in_order_and_then_again(
    shared_data: Path, tmp_path: Path, show: Show
) -> None:
    root = tmp_path / "desk"
    assert run(["init", str(root)]) == 0
    feeds = [shared_data / "feeds" / day for day in DAYS]
    days = [sit(root, feed) for feed in feeds]
    asked = exchanges(root)
    again = sit(root, *feeds)
    rows = [
        f"{name:<20}" + "".join(f"{came[key]:>9}" for key in KEYS)
        for name, came in zip((*DAYS, "all three again"), (*days, again), strict=True)
    ]
    show(
        "S16: the sample days in order",
        f"{'':<20}" + "".join(f"{key:>9}" for key in KEYS),
        *rows,
        f"answers asked for by the second reading: {exchanges(root) - asked}",
    )
    counts = [tuple(came[key] for key in KEYS) for came in (*days, again)]
    assert counts == [
        (4, 4, 0, 0, 0, 0, 0),
        (3, 2, 1, 0, 0, 0, 0),
        (6, 5, 0, 1, 0, 0, 1),
        (13, 0, 13, 0, 0, 0, 0),
    ]
    assert exchanges(root) == asked
    runs = sorted(path.name.rpartition("-")[0] for path in root.glob("runs/*/*"))
    assert runs.count("openai-o3-pro-api") == 2  # the old one is kept
    assert runs.count("rowboat-sync") == 1
