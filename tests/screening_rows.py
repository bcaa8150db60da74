"""The texts that the detectors of screening are tried on, one file a detector."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "data" / "screening"


def rows(detector: str, section: str) -> list[Any]:
    """Return the rows of one section of a detector's file."""
    text = (_FOLDER / f"{detector}.yaml").read_text(encoding="utf-8")
    found: list[Any] = yaml.safe_load(text)[section]
    assert found
    return found


def assert_none(failing: Iterable[object]) -> None:
    """Fail with the name of every row in `failing`."""
    lines = [f"- {row!r}" for row in failing]
    assert not lines, "\n".join((f"{len(lines)} rows fail:", *lines))


@cache
def shapes() -> dict[str, str]:
    """Return what hostile texts repeat, by name."""
    found: dict[str, str] = yaml.safe_load((_FOLDER / "shapes.yaml").read_text(encoding="utf-8"))
    return found
