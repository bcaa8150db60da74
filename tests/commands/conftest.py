"""Fixtures of the commands: a fresh workspace, and no key in the environment."""

from pathlib import Path

import pytest

from panel.cli.main import run
from tests.commands.shop import Shop
from tests.sealing import take_keys


@pytest.fixture
def shop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """A workspace that `shipskip init` laid out, the command in it, and no key set."""
    take_keys(monkeypatch)
    assert run(["init", str(tmp_path / "desk")]) == 0
    return Shop(tmp_path / "desk", capsys, monkeypatch)
