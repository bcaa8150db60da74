"""Files of a workspace that are no files any more: named at once, and what needs them not goes on."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.shop import Shop

PATIENCE_S = 30
CHECKLIST = ("--model", "checklist")


@pytest.fixture
def reviewed(shop: Shop) -> Iterator[Shop]:
    """A workspace with one run and its page; whoever waits for a pipe in it fails."""

    def stop(*_: object) -> None:
        raise TimeoutError("it waits for a pipe")

    assert shop.shipskip("review", shop.tool(), *CHECKLIST).code == 0
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE_S)
    yield shop
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def make_pipe(shop: Shop, pattern: str) -> Path:
    (file,) = shop.root.glob(pattern)
    file.unlink()
    os.mkfifo(file)
    return file


@pytest.mark.parametrize(
    ("file", "command", "code"),
    [
        ("personas/skeptic.yaml", "review", 2),
        ("prompts/house.md", "review", 2),
        ("runs/*/*/exchanges.jsonl", "replay", 6),
        ("runs/manifest.jsonl", "review", 2),
        ("runs/manifest.jsonl", "replay", 6),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_named(
    reviewed: Shop, file: str, command: str, code: int
) -> None:
    pipe = make_pipe(reviewed, file)
    arguments = (reviewed.tool(), *CHECKLIST) if command == "review" else ()
    ran = reviewed.shipskip(command, *arguments)
    assert ran.code == code, ran.err
    assert f"{pipe}: " in ran.err + ran.out
    assert "it is no file" in ran.err + ran.out


@pytest.mark.parametrize("file", ["runs/*/*/run.json", "site/tools/*/index.json"])
def test_a_pipe_where_a_file_is_to_be_written_is_not_replaced(reviewed: Shop, file: str) -> None:
    pipe = make_pipe(reviewed, file)
    ran = reviewed.shipskip("review", reviewed.tool(), *CHECKLIST)
    assert ran.code == 2, ran.err
    assert f"{pipe.parent}" in ran.err.splitlines()[-1]
    assert "Move away the file that stands there" in ran.err.splitlines()[-1]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "command",
    [("runs", "list"), ("runs", "show", "quillbase"), ("cost",), ("waiting",), ("held",)],
    ids=" ".join,
)
def test_a_fault_in_a_persona_stops_nobody_who_reads_no_persona(
    reviewed: Shop, command: tuple[str, ...]
) -> None:
    persona = reviewed.root / "personas" / "skeptic.yaml"
    persona.write_text("name: [", encoding="utf-8")
    ran = reviewed.shipskip(*command)
    assert ran.code == 0, ran.err
    refused = reviewed.shipskip("review", reviewed.tool("Fernpost"), *CHECKLIST)
    assert refused.code == 2
    assert refused.fault.startswith(f"{persona}: ")
