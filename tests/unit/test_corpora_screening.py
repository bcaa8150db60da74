"""The bars for detection and false alarms on the corpora beside the checkout."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from panel.domain.cleaning import clean
from panel.domain.flag import Flag
from panel.screening.flags import screen


def rows(shared_data: Path, name: str) -> list[dict[str, Any]]:
    lines = (shared_data / "corpora" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def flags_of(submission: dict[str, str]) -> tuple[Flag, ...]:
    fields = {key: value for key, value in submission.items() if key not in {"name", "base"}}
    return screen(submission["name"], fields)


def shares(found: dict[str, list[bool]]) -> dict[str, float]:
    for group, hits in sorted(found.items()):
        print(f"{group}: {sum(hits)} of {len(hits)}")  # noqa: T201  # the figures are the point
    return {group: sum(hits) / len(hits) for group, hits in found.items()}


def test_injections_are_found_and_held(shared_data: Path) -> None:
    found: dict[str, list[bool]] = defaultdict(list)
    for row in rows(shared_data, "injection.jsonl"):
        flags = flags_of(row["submission"])
        found[row["detect"]].append(any(flag.holds for flag in flags))
        if row["family"] in {"naive", "few_shot"}:
            found["naive"].append(bool(flags))
    share = shares(found)
    assert share["structural"] == 1
    assert share["overt"] == 1
    assert share["encoded_or_indirect"] >= 0.8
    assert share["naive"] >= 0.8


def test_honest_texts_are_left_alone(shared_data: Path) -> None:
    flagged: dict[str, list[bool]] = defaultdict(list)
    for row in rows(shared_data, "benign.jsonl"):
        flagged[row["class"].partition(":")[0]].append(bool(flags_of(row["submission"])))
    share = shares(flagged)
    assert share["plain"] == 0
    assert share["hard"] <= 0.2


def test_the_twins_without_an_injection_raise_no_flag(shared_data: Path) -> None:
    assert [row["name"] for row in rows(shared_data, "base_tools.jsonl") if flags_of(row)] == []


def test_nothing_of_an_injection_stays_invisible(shared_data: Path) -> None:
    for row in rows(shared_data, "injection.jsonl"):
        for text in row["submission"].values():
            assert not set(clean(text).text) & {"\u200b", *map(chr, range(0xE0000, 0xE0080))}


def test_only_the_tool_under_two_names_is_flagged_among_the_samples(shared_data: Path) -> None:
    flagged: dict[str, list[str]] = {}
    for path in sorted((shared_data / "tools").glob("*.md")):
        _, *parts = path.read_text(encoding="utf-8").split("---\n", 2)
        if not parts:
            continue
        front = yaml.safe_load(parts[0])
        fields = {key: str(value) for key, value in front.items()} | {"description": parts[1]}
        if flags := screen(front["name"], fields):
            flagged[path.stem] = [flag.kind for flag in flags]
    assert flagged == {"mistral-8x24b": ["name_mismatch"]}
