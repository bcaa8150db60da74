"""A byte flipped in a file of an unfinished batch: the next batch does all else and names the file."""

import math
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, FACTS, answer, asked, lay_out, reference
from tests.commands.shop import Shop, interrupt, wait_until
from tests.commands.test_batch import done, item, write_feed
from tests.contract.loopback import Heard, Reply

KEY = {"OPENAI_API_KEY": "a-key"}
MODEL = ("--model", reference(CHAT), "--jsonl", "-")
NO_CAPTURE = cast("pytest.CaptureFixture[str]", None)
NAMES = ("Quillbase", "Fernpost", "Lanternfish")


def sound(heard: Heard) -> Reply:
    return answer(CHAT, heard, FACTS if asked(heard) == "intake" else None)


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Desk]]:
    """A workspace whose batch was killed: one panel done, one under way, one not begun."""
    with Desk(sound) as desk:
        desk.server.hold_after(7)  # so that the kill finds the second panel under way
        root = tmp_path_factory.mktemp("killed") / "night"
        lay_out(root, CHAT, desk.address)
        shop = Shop(root, NO_CAPTURE, pytest.MonkeyPatch())  # only children are started
        feed = write_feed(shop, [item(name) for name in NAMES])
        with shop.start("batch", feed, "--concurrency", 1, *MODEL, env=KEY) as process:
            wait_until(lambda: len(desk.calls) >= 8, process)
            interrupt(process, signal.SIGKILL)
        desk.server.hold_after(math.inf)
        yield root, desk


@pytest.fixture
def night(unfinished: tuple[Path, Desk], shop: Shop, tmp_path: Path) -> Shop:
    """A copy of that workspace."""
    shop.root = tmp_path / "copy"
    shutil.copytree(unfinished[0], shop.root)
    return shop


def flip(file: Path, share: float = 0.5) -> None:
    data = bytearray(file.read_bytes())
    data[int(len(data) * share)] ^= 1
    file.write_bytes(data)


@contextmanager
def resumed(night: Shop) -> Iterator[str]:
    """Yield what the next batch says, which has to have reviewed every tool."""
    ran = night.shipskip("batch", "--resume", *MODEL, env=KEY)
    assert ran.code == 0, ran.err
    assert done(ran)["done"] == len(NAMES)
    pages = list(night.root.glob("site/tools/*/index.html"))
    assert len(pages) == len(NAMES)
    (report,) = night.root.glob("batches/*.md")
    yield report.read_text(encoding="utf-8").replace("\\", "")


def runs_of(night: Shop) -> tuple[Path, Path]:
    """Return the folder of the run that is done and of the one that was under way."""
    finished: list[Path] = []
    broken: list[Path] = []
    for path in night.runs:
        is_final = b'"state": "finished"' in (path / "run.json").read_bytes()
        (finished if is_final else broken).append(path)
    return finished[0], broken[0]


def test_without_damage_the_report_names_no_file(night: Shop) -> None:
    with resumed(night) as report:
        assert "Notices" not in report
    assert len(night.runs) == len(NAMES)


@pytest.mark.parametrize("name", ["run.json", "exchanges.jsonl"])
def test_a_damaged_run_under_way_is_set_aside_and_its_panel_convened_anew(
    night: Shop, name: str
) -> None:
    _, broken = runs_of(night)
    flip(broken / name, 0.3)
    with resumed(night) as report:
        assert f"{broken / name}" in report
        assert "set aside as" in report
    assert len(night.runs) == len(NAMES)
    (aside,) = night.root.glob("runs/damaged/*/*")
    assert aside.name == broken.name
    notes = night.shipskip("doctor", "--json").document["notes"]
    assert any(str(aside) in note for note in notes)


@pytest.mark.parametrize("name", ["run.json", "exchanges.jsonl"])
def test_a_damaged_run_that_is_done_is_named_and_its_verdict_stands(night: Shop, name: str) -> None:
    finished, _ = runs_of(night)
    flip(finished / name, 0.3)
    with resumed(night) as report:
        assert f"{finished / name}" in report
        assert "Its verdict is in the ledger" in report


def test_a_damaged_manifest_is_named(night: Shop) -> None:
    flip(night.root / "runs" / "manifest.jsonl")
    with resumed(night) as report:
        assert f"{night.root}/runs/manifest.jsonl, line 1: it is damaged" in report


@pytest.mark.parametrize("name", ["index.html", "index.json"])
def test_a_damaged_page_is_named_and_written_anew(night: Shop, name: str) -> None:
    (page,) = night.root.glob(f"site/tools/*/{name}")
    sound_page = page.read_bytes()
    flip(page)
    with resumed(night) as report:
        assert f"{page}: not as written" in report
    assert page.read_bytes() == sound_page


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5])
def test_a_damaged_log_of_the_ledger_is_named_and_stays_as_it_is(
    night: Shop, unfinished: tuple[Path, Desk], share: float
) -> None:
    log = night.root / "ledger.db-wal"
    flip(log, share)
    kept, calls = log.read_bytes(), len(unfinished[1].calls)
    ran = night.shipskip("batch", "--resume", *MODEL, env=KEY)
    assert ran.code == 2, ran.err
    assert ran.fault.startswith(f"{log}: it is damaged at byte ")
    assert "put a backup in place as ledger.db" in ran.fault
    assert (log.read_bytes(), len(unfinished[1].calls)) == (kept, calls)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
def test_a_damaged_ledger_is_named_before_anything_is_written_or_changes_nothing(
    night: Shop, unfinished: tuple[Path, Desk], share: float
) -> None:
    for more in ("ledger.db-wal", "ledger.db-shm"):  # what SQLite has not written back yet
        if (night.root / more).exists():
            assert night.shipskip("journal", "--verify").code == 0
    flip(night.root / "ledger.db", share)
    before = {path: path.read_bytes() for path in night.root.rglob("*.json*")}
    calls = len(unfinished[1].calls)
    ran = night.shipskip("batch", "--resume", *MODEL, env=KEY)
    if ran.code == 0:  # the byte was in no row and no index
        assert done(ran)["done"] == len(NAMES)
        return
    assert ran.code in (2, 6), ran.err
    assert "ledger" in ran.fault
    assert ran.out == ""
    assert len(unfinished[1].calls) == calls
    assert {path: path.read_bytes() for path in night.root.rglob("*.json*")} == before
