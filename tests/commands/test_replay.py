"""`shipskip replay`: no key, no network, and what differs comes first."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.shop import BY_MODEL, Shop
from tests.sealing import seal

ROWBOAT = next(path for path in BY_MODEL if path.name.startswith("rowboat-sync-"))


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket connects and no key is set."""
    seal(monkeypatch)


@pytest.fixture
def shop(product: Shop) -> Shop:
    """The workspace that the recorded runs replay in."""
    return product


@pytest.fixture
def stored(shop: Shop) -> Path:
    """A recorded run in the workspace."""
    place = shop.root / "runs" / ROWBOAT.parent.name / ROWBOAT.name
    shutil.copytree(ROWBOAT, place)
    return place


@pytest.mark.usefixtures("sealed")
def test_a_recording_replays_the_same_without_key_or_socket(shop: Shop, stored: Path) -> None:
    ran = shop.shipskip("replay")
    assert ran.code == 0
    assert ran.out == f"same     {stored}\n"
    assert ran.err == "1 replayed, none differ\n"


@pytest.mark.usefixtures("sealed")
def test_a_run_is_named_by_folder_id_or_slug(shop: Shop, stored: Path) -> None:
    for name in (stored, stored.name, "rowboat-sync"):
        assert shop.shipskip("replay", name).out == f"same     {stored}\n"


@pytest.mark.usefixtures("stored")
def test_a_changed_prompt_shows_its_diff_and_exits_6(shop: Shop) -> None:
    prompt = shop.root / "prompts" / "reviewer.md"
    prompt.write_text(f"{prompt.read_text(encoding='utf-8')}\nBe kind.\n", encoding="utf-8")
    ran = shop.shipskip("replay")
    assert ran.code == 6
    assert ran.out.startswith("DIFFERS")
    assert "    +Be kind." in ran.out
    assert "this request was not recorded" in ran.out
    assert len(ran.out.splitlines()) < 50
    assert shop.shipskip("replay", "--as-recorded").code == 0


def test_a_changed_persona_shows_its_diff_and_a_lost_one_is_named(shop: Shop, stored: Path) -> None:
    file = shop.root / "personas" / "skeptic.yaml"
    text = file.read_text(encoding="utf-8")
    motto = next(line for line in text.splitlines() if line.startswith("motto: "))
    file.write_text(text.replace(motto, "motto: Who says so?"), encoding="utf-8")
    changed = shop.shipskip("replay", stored)
    assert changed.code == 6
    assert "Who says so?" in changed.out
    file.unlink()
    lost = shop.shipskip("replay", stored)
    assert lost.code == 6
    assert "'skeptic'" in lost.out
    assert "--as-recorded" in lost.out


@pytest.mark.parametrize("name", ["exchanges.jsonl", "run.json"])
def test_one_changed_byte_is_named_by_file_and_line(shop: Shop, stored: Path, name: str) -> None:
    data = bytearray((stored / name).read_bytes())
    place = data.index(b"review:builder" if name == "exchanges.jsonl" else b'"ship"') + 3
    data[place] ^= 1
    (stored / name).write_bytes(data)
    ran = shop.shipskip("replay")
    assert ran.code == 6
    assert str(stored / name) in ran.out
    assert "changed after it was recorded" in ran.out
    if name == "exchanges.jsonl":
        line = 1 + data[:place].count(10)
        assert f"line {line}: " in ran.out


def test_a_missing_or_truncated_recording_is_named_and_hides_no_other(
    shop: Shop, stored: Path
) -> None:
    for copy in ("rowboat-sync-00000001", "rowboat-sync-00000002"):
        shutil.copytree(stored, stored.with_name(copy))
    (stored.with_name("rowboat-sync-00000001") / "exchanges.jsonl").unlink()
    cut = stored.with_name("rowboat-sync-00000002") / "exchanges.jsonl"
    cut.write_bytes(cut.read_bytes()[:-40])
    ran = shop.shipskip("replay")
    assert ran.code == 6
    assert [line.split()[0] for line in ran.out.splitlines() if line[0] != " "] == [
        "DAMAGED", "DAMAGED", "same",
    ]  # fmt: skip
    assert "No such file" in ran.out
    assert "cut off" in ran.out
    assert ran.err == "1 replayed, none differ, 2 damaged and passed over\n"


def test_an_exchange_too_many_or_too_few_is_an_error(shop: Shop, stored: Path) -> None:
    persona = shop.root / "prompts" / "intake.md"
    persona.write_text(persona.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    ran = shop.shipskip("replay", stored)
    assert ran.code == 6
    assert "intake: this request was not recorded" in ran.out


def test_json_holds_each_replay(shop: Shop, stored: Path) -> None:
    ran = shop.shipskip("replay", "--json")
    assert ran.document == {
        "v": 1,
        "replays": [{"path": str(stored), "same": True, "differences": []}],
    }


def test_runs_that_have_not_finished_are_left_out_unless_named(shop: Shop) -> None:
    shop.shipskip("review", shop.tool(), "--model", "manual")
    ran = shop.shipskip("replay")
    assert ran.code == 0
    assert ran.err == "no finished run is recorded here\n"


def test_a_run_that_is_not_there_is_one_line(shop: Shop) -> None:
    ran = shop.shipskip("replay", "nobody")
    assert ran.code == 2
    assert "nobody: no such run" in ran.fault


def test_a_replay_writes_nothing(shop: Shop, stored: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")}
    shop.shipskip("replay", stored)
    assert {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")} == before


def test_a_run_by_the_checklist_replays_too(shop: Shop) -> None:
    shop.shipskip("review", shop.tool())
    assert shop.shipskip("replay").code == 0
    assert json.loads((shop.run / "run.json").read_bytes())["run"]["state"] == "finished"


def test_a_run_whose_folder_is_gone_is_missed_by_replay_and_doctor(
    shop: Shop, stored: Path
) -> None:
    assert shop.shipskip("replay").code == 0
    other = shop.shipskip("review", shop.tool("Inkwell"), "--model", "checklist")
    assert other.code == 0
    shutil.rmtree(stored)
    ran = shop.shipskip("replay")
    assert ran.code == 6
    assert ran.out.splitlines()[0] == f"MISSING  {stored}"
    assert "it was recorded and is missing. Restore it" in ran.out
    assert ran.err.splitlines()[-1].endswith("1 replayed, none differ, 1 missing")
    faults = shop.shipskip("doctor", "--json").document["faults"]
    assert [fault for fault in faults if fault.startswith(f"{stored}: it was recorded and")]
