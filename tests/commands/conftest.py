"""Fixtures of the commands: a fresh workspace, and no key in the environment."""

from pathlib import Path

import pytest

from panel.cli.main import run
from tests.commands.shop import Shop
from tests.sealing import take_keys
from tests.workspaces import lay_out


@pytest.fixture
def shop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """A workspace with the personas of the tests, the command in it, and no key set."""
    take_keys(monkeypatch)
    return Shop(lay_out(tmp_path / "desk"), capsys, monkeypatch)


@pytest.fixture
def product(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """A workspace with the personas and prompts of the product, as its recorded runs want them."""
    take_keys(monkeypatch)
    assert run(["init", str(tmp_path / "product")]) == 0
    return Shop(tmp_path / "product", capsys, monkeypatch)
