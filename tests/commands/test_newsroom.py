"""docs/newsroom.md is followed word for word, from nothing to a site that is served."""

import shutil
import signal
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from panel.cli.main import run
from tests.command_lines import TESTED, command_lines, parse_command, words_of
from tests.commands.shop import SHIPSKIP, clean_environment
from tests.conftest import CHECKOUT
from tests.sealing import take_keys

NEWSROOM = (CHECKOUT / "docs" / "newsroom.md").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the commands find in a fresh clone, with no key set."""
    take_keys(monkeypatch)
    for folder in ("runs", "examples"):
        shutil.copytree(CHECKOUT / folder, tmp_path / "shipskip" / folder)
    return tmp_path / "shipskip"


def test_ten_commands_lead_from_nothing_to_a_site_that_is_served(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = TESTED.findall(NEWSROOM)
    *commands, last = [words_of(line) for line in block.splitlines()]
    assert len(commands) == 9
    monkeypatch.chdir(clone)
    for program, *rest in commands:
        if program == "cd":
            monkeypatch.chdir(rest[0])
        elif program == "shipskip":
            assert run(rest) == 0, rest
        else:
            subprocess.run([program, *rest], check=True)
    assert last == ["shipskip", "site", "serve"]
    html = first_page_served(Path.cwd())
    assert "Rowboat Sync" in html
    assert "mistral-8x24b-mixture-of-experts-vs-rowboat-sync" in html
    assert "PixelBroth" not in html


def first_page_served(newsroom: Path) -> str:
    """Return the front page of `shipskip site serve`, at any port that is free."""
    with subprocess.Popen(
        [*SHIPSKIP, "site", "serve", "--port", "0"],
        cwd=newsroom,
        env={**clean_environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        address = process.stdout.readline().split()[0]
        with urlopen(address, timeout=60) as answer:  # noqa: S310 - the server of this test
            html: str = answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    return html


@pytest.mark.parametrize("words", command_lines(NEWSROOM), ids=" ".join)
def test_every_command_in_it_can_be_given(words: list[str]) -> None:
    parse_command(words)
