"""Feeds and pages read as the child reads them, in this process: what they hold, without its limits."""

import json
from typing import Any

import pytest

from panel.feeds import reader
from panel.feeds.parse.__main__ import reader_of
from panel.feeds.parse.items import json_line


@pytest.fixture
def without_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have feeds and pages read in this process, since a child takes longer than what it reads."""
    monkeypatch.setattr(reader, "_in_a_child", _in_this_process)


async def _in_this_process(
    kind: str,
    charset: str,
    data: bytes,
    source: str,  # noqa: ARG001 - as the child is asked
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    lines: list[bytes] = []
    last = reader_of(kind, charset, lambda item: lines.append(json_line(item)))(data)
    items, last = [json.loads(line) for line in lines], json.loads(json_line(last))
    return items, last
