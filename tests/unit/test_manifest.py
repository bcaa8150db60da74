"""A run that was recorded and is gone is missed, and nothing else is."""

import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from panel.domain.run_document import Damaged, MissingRun
from panel.errors import Busy, StoreError, Tampered
from panel.store.manifest import MANIFEST, Listed, Manifest
from panel.store.run_files import EXCHANGES, RUN, RunFiles
from tests.factories import a_run
from tests.panels import an_exchange, an_open_run

AT = datetime(2026, 11, 29, 3, tzinfo=UTC)
DAY = date(2026, 11, 22)


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path / "runs")


def store(files: RunFiles, name: str, **fields: Any) -> Path:
    """Save a finished run and return its folder."""
    run = a_run(id=f"{name}-00000000", **fields)
    with files.lock(run) as folder:
        folder.save(run)
    return files.place(run)


def names(found: tuple[Damaged, ...]) -> list[str]:
    return [one.path.name for one in found if isinstance(one, MissingRun)]


def test_a_finished_run_whose_folder_is_gone_is_missing_by_name(files: RunFiles) -> None:
    gone, there = store(files, "quill"), store(files, "wren")
    assert files.missing() == ()
    shutil.rmtree(gone)
    (missing,) = files.missing()
    assert isinstance(missing, MissingRun)
    assert missing.path == gone
    assert missing.why.startswith(f"{gone}: it was recorded and is missing. Restore it")
    shutil.rmtree(there.parent)
    assert names(files.missing()) == [gone.name, there.name]


def test_a_run_that_has_not_finished_is_not_missed(files: RunFiles) -> None:
    store(files, "quill")
    run = an_open_run()
    with files.lock(run) as folder:
        folder.save(run)
    shutil.rmtree(files.place(run))
    assert files.missing() == ()


def test_a_run_that_ends_or_is_pruned_while_one_looks_is_not_missed(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    pruned = store(files, "quill")
    list_folder = os.listdir
    looks: list[Path] = []

    def list_meanwhile(folder: Path) -> list[str]:
        is_first = not looks
        looks.append(folder)
        if is_first:
            files.remove(pruned, AT)
        found = list_folder(folder)
        if is_first:
            store(files, "wren")
        return found

    monkeypatch.setattr(os, "listdir", list_meanwhile)
    assert files.missing() == ()
    assert looks


def test_a_run_in_a_folder_of_no_date_stays_and_is_named(files: RunFiles) -> None:
    folder = store(files, "quill")
    aside = folder.parent.rename(folder.parent.with_suffix(".old")) / folder.name
    with pytest.raises(StoreError, match="in no folder of a date"):
        files.remove(aside, AT)
    assert files.paths() == [aside]


def test_a_run_is_listed_before_it_is_finished(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(files, "wren")

    def full(_: Manifest, __: object) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(Manifest, "add", full)
    with pytest.raises(StoreError):
        store(files, "quill")
    assert [path.name for path in files.paths()] == ["wren-00000000"]


def test_of_two_who_create_a_manifest_at_once_neither_loses_what_the_other_listed(
    tmp_path: Path,
) -> None:
    mine, other = Listed(day=DAY, id="mine-1"), Listed(day=DAY, id="other-1")

    def create_and_add() -> None:
        manifest = Manifest(tmp_path)  # a lock of its own, as another process has one
        manifest.create(list)
        manifest.add([other])

    thread = threading.Thread(target=create_and_add)

    def list_runs() -> list[Listed]:
        thread.start()
        thread.join(0.3)
        return [mine]

    Manifest(tmp_path).create(list_runs)
    thread.join(30)
    assert Manifest(tmp_path).read() == ((mine, other), ())


def test_a_workspace_without_a_manifest_gets_one_of_the_runs_that_are_there(
    files: RunFiles,
) -> None:
    folders = [store(files, name) for name in ("quill", "wren", "heron")]
    files.manifest.path.unlink()
    assert files.missing() == ()
    shutil.rmtree(folders[0])
    assert names(files.missing()) == [folders[0].name]
    files.manifest.path.unlink()
    store(files, "tern")
    shutil.rmtree(folders[1])
    assert names(files.missing()) == [folders[1].name]


def test_first_runs_that_end_together_are_all_listed(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"quill-0000000{number}" for number in range(4)]
    replace, turns = os.replace, iter(range(len(ids)))

    def replace_later(draft: Path, path: Path) -> None:
        time.sleep(0.1 * next(turns))
        replace(draft, path)

    monkeypatch.setattr(os, "replace", replace_later)
    files.folder.mkdir()
    with ThreadPoolExecutor(len(ids)) as threads:
        listed = [Listed(day=DAY, id=id_) for id_ in ids]
        assert list(threads.map(files.list_in_manifest, listed))
    found, _ = files.manifest.read()
    assert sorted(one.id for one in found) == ids


def test_a_workspace_that_cannot_be_written_misses_nothing_and_says_nothing(
    tmp_path: Path,
) -> None:
    assert RunFiles(tmp_path / "nowhere").missing() == ()
    assert not (tmp_path / "nowhere").exists()


def test_a_removed_run_is_not_missing_and_one_at_work_is_not_removed(files: RunFiles) -> None:
    folder, run = store(files, "quill"), a_run(id="quill-00000000")
    with files.lock(run), pytest.raises(Busy):
        files.remove(folder, AT)
    assert files.paths() == [folder]
    files.remove(folder, AT, archive="old.tar")
    assert not folder.exists()
    assert files.missing() == ()
    listed, damaged = files.manifest.read()
    assert listed[-1] == Listed(day=DAY, id=folder.name, state="pruned", at=AT, archive="old.tar")
    assert damaged == ()


def test_lines_stand_for_themselves_in_any_order_and_number(files: RunFiles) -> None:
    gone, pruned = store(files, "quill"), store(files, "wren")
    files.remove(pruned, AT)
    shutil.rmtree(gone)
    path = files.manifest.path
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    for order in (lines[::-1], lines * 2, [lines[2], lines[0], lines[1], lines[0]]):
        path.write_bytes(b"".join(order))
        assert names(files.missing()) == [gone.name]


def test_one_changed_byte_is_named_by_its_line_and_hides_no_other(files: RunFiles) -> None:
    folders = [store(files, name) for name in ("quill", "wren", "heron")]
    shutil.rmtree(folders[2])
    path = files.manifest.path
    data = path.read_bytes()
    second = range(data.index(b"\n") + 1, data.index(b"\n", data.index(b"\n") + 1))
    for at in second:
        path.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
        damaged, missing = files.missing()[0], files.missing()[-1]
        assert damaged.path == path
        assert damaged.why.startswith(f"{path}, line 2: it is damaged. Restore it from version")
        assert missing.path == folders[2]


def test_a_line_after_one_that_was_cut_off_can_be_read(files: RunFiles) -> None:
    store(files, "quill")
    with files.manifest.path.open("ab") as file:
        file.write(b'{"digest":"0a1b')
    gone = store(files, "wren")
    shutil.rmtree(gone)
    damaged, missing = files.missing()
    assert "line 2" in damaged.why
    assert missing.path == gone


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\x00", b"{}\n"])
def test_whatever_stands_in_its_place_is_no_traceback(files: RunFiles, content: bytes) -> None:
    store(files, "quill")
    files.manifest.path.write_bytes(content)
    assert all(str(files.manifest.path) in one.why for one in files.missing())
    files.manifest.path.unlink()
    files.manifest.path.mkdir()
    (damaged,) = files.missing()
    assert MANIFEST in damaged.why


async def test_what_is_damaged_of_a_run_is_set_aside_and_its_sound_exchanges_are_kept(
    files: RunFiles,
) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        for number in range(4):
            await folder.append(an_exchange(number))
        folder.save(run)
    place = files.place(run)
    lines = (place / EXCHANGES).read_bytes().splitlines(keepends=True)
    bad = lines[1].replace(b'"ms":1', b'"ms":7')
    (place / EXCHANGES).write_bytes(b"".join([lines[0], bad, *lines[2:]]))
    (place / RUN).write_bytes(b"{}")
    assert files.unfinished(run.inputs.task) is None
    with pytest.raises(Tampered), files.lock(run):
        pytest.fail("a line is damaged")
    aside = files.set_aside(place)
    assert aside == files.folder / "damaged" / "2026-11-22" / run.id
    assert files.damaged() == [aside]
    assert (aside / RUN).read_bytes() == b"{}"
    assert (aside / EXCHANGES).read_bytes() == bad
    assert files.find(run.inputs.date, run.id) is None
    assert files.paths() == []
    with files.lock(run) as folder:
        assert [one.ms for one in folder.exchanges] == [0, 2, 3]
        folder.save(run)
    again = files.set_aside(place)
    assert again.name == f"{run.id}-1"
    assert not (again / EXCHANGES).exists()


async def test_a_run_at_work_is_not_set_aside(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        folder.save(run)
        with pytest.raises(Busy):
            files.set_aside(folder.path)
    assert files.damaged() == []


def test_drafts_that_an_older_version_or_a_killed_process_left_are_swept(files: RunFiles) -> None:
    run = an_open_run()
    place = files.place(run)
    place.mkdir(parents=True)
    for name in (".run.json.4711", ".run.json.0123abcd.draft"):
        (place / name).write_bytes(b"half")
    with files.lock(run) as folder:
        folder.save(run)
    assert {path.name for path in place.iterdir()} == {RUN, EXCHANGES}
