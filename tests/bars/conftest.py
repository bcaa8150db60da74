"""What the bars share: the data beside the checkout, and a way to print figures."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bars.children import Children

Corpus = Callable[[str], list[dict[str, Any]]]
Show = Callable[..., None]


@pytest.fixture
def corpus(shared_data: Path) -> Corpus:
    """Return a function that reads one file of the corpora beside the checkout."""

    def read(name: str) -> list[dict[str, Any]]:
        file = shared_data / "corpora" / f"{name}.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> Show:
    """Return a function that prints figures where they were asked for with -s."""

    def write(*lines: str) -> None:
        if pytestconfig.getoption("capture") == "no":
            with capsys.disabled():
                print("", *lines, sep="\n")  # noqa: T201 - figures are what a bar is for

    return write


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Children, Children]]:
    """Two lines of children, for two cores."""
    said = tmp_path_factory.mktemp("said")
    with Children(said / "one.txt") as one, Children(said / "two.txt") as two:
        yield one, two
