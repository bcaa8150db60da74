"""`shipskip runs prune`: what goes, what stays, and that nothing goes before it is archived."""

import errno
import os
import shutil
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from panel.app.clock import SystemClock
from panel.app.prune import plan_prune, remove_runs
from panel.app.workspace import Workspace
from tests.commands.shop import Shop
from tests.commands.test_batch import item, write_feed
from tests.commands.test_decisions import BY_ANNA, clean, keep
from tests.factories import DESCRIPTION

NOW = ("--older-than", "1s")


@pytest.fixture
def two_runs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A workspace in which a tool was reviewed twice: the page stands on the second run."""
    assert shop.shipskip("review", shop.tool()).code == 0
    dearer = shop.tool(text=shop.tool().read_text().replace("9 dollars", "19 dollars"))
    assert shop.shipskip("review", dearer).code == 0
    assert len(shop.runs) == 2
    let_time_pass(monkeypatch)
    return shop


def let_time_pass(patch: pytest.MonkeyPatch) -> None:
    """Have it two seconds later."""
    now = SystemClock.now
    patch.setattr(SystemClock, "now", lambda clock: now(clock) + timedelta(seconds=2))


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_without_yes_it_says_what_would_go_and_changes_nothing(two_runs: Shop) -> None:
    before = files(two_runs.root)
    ran = two_runs.shipskip("runs", "prune", *NOW, "--archive", two_runs.root / "old.tar")
    assert ran.code == 0, ran.err
    assert "1 run, " in ran.out
    assert "would be removed. Nothing was; --yes does it." in ran.out
    assert "kept: 1 old run, because a page stands on it" in ran.out
    assert files(two_runs.root) == before


def test_what_goes_is_in_the_archive_and_is_not_missed(two_runs: Shop) -> None:
    archive = two_runs.root / "old.tar.gz"
    before = files(two_runs.root / "runs")
    ran = two_runs.shipskip("runs", "prune", *NOW, "--yes", "--archive", archive, "--json")
    assert ran.code == 0, ran.err
    ((gone),) = [Path(one["path"]) for one in ran.document["removed"]]
    assert not gone.exists()
    assert len(two_runs.runs) == 1
    with tarfile.open(archive) as opened:
        stored = {
            two_runs.root / member.name: content.read()
            for member in opened
            if (content := opened.extractfile(member)) is not None
        }
    assert stored == {path: data for path, data in before.items() if path.is_relative_to(gone)}
    replayed = two_runs.shipskip("replay")
    assert replayed.code == 0, replayed.out + replayed.err


def test_an_archive_is_written_where_there_are_no_hard_links(
    two_runs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    archive = two_runs.root / "old.tar"
    assert two_runs.shipskip("runs", "prune", *NOW, "--yes", "--archive", archive).code == 0
    with tarfile.open(archive) as opened:
        assert any(name.endswith("run.json") for name in opened.getnames())
    assert not list(two_runs.root.glob(".old.tar*"))


def test_a_young_run_stays_and_so_does_one_that_can_go_on(
    two_runs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = two_runs.shipskip("runs", "prune", "--older-than", "1h", "--yes", "--json").document
    assert (young["removed"], young["kept"]) == ([], [])
    manual = two_runs.tool("Fernpost")
    assert two_runs.shipskip("review", manual, "--model", "manual").code == 8
    let_time_pass(monkeypatch)
    kept = two_runs.shipskip("runs", "prune", *NOW, "--json").document["kept"]
    assert "it can go on" in {one["why"] for one in kept}


@pytest.mark.parametrize("name", ["there.tar", "no-folder/x/old.tar"])
def test_nothing_is_removed_where_the_archive_cannot_be_written(two_runs: Shop, name: str) -> None:
    (two_runs.root / "there.tar").write_text("something else")
    (two_runs.root / "no-folder").write_text("a file, no folder")
    before = files(two_runs.root)
    archive = two_runs.root / name
    ran = two_runs.shipskip("runs", "prune", *NOW, "--yes", "--archive", archive)
    assert ran.code == 2
    assert str(archive) in ran.fault
    assert files(two_runs.root) == before


def test_a_run_whose_job_can_go_on_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = write_feed(shop, [item("Quillbase"), item("Fernpost", DESCRIPTION + " It writes.")])
    assert shop.shipskip("batch", feed, "--model", "checklist").code == 0
    let_time_pass(monkeypatch)
    elsewhere = shop.root / "elsewhere"
    found = shop.shipskip("runs", "prune", *NOW, "--json", "--out", elsewhere).document
    assert len(found["removed"]) == 2  # no page stands there
    assert shop.shipskip("runs", "prune", *NOW, "--json").document["removed"] == []


def test_a_run_that_is_public_stays_though_the_page_shows_a_newer_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved, rejected, other = clean(), clean("Fernpost"), clean("Lanternfish")
    keep(shop, approved, rejected, other)
    assert shop.shipskip("approve", approved.id, *BY_ANNA).code == 0
    assert shop.shipskip("reject", rejected.id, *BY_ANNA).code == 0
    let_time_pass(monkeypatch)
    pruned = shop.shipskip("runs", "prune", *NOW, "--yes", "--json")
    assert pruned.code == 0, pruned.err
    assert [one["why"] for one in pruned.document["kept"]] == ["it is published"]
    assert [path.name for path in shop.runs] == [approved.id]
    built = shop.shipskip("site", "build")
    assert built.code == 0, built.err
    assert "1 tool, " in built.out


def test_what_a_killed_prune_left_is_removed_by_the_next(
    two_runs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "rmtree", _die)
    with pytest.raises(SystemExit):
        two_runs.shipskip("runs", "prune", *NOW, "--yes")
    monkeypatch.undo()
    (left,) = (path for path in two_runs.root.glob("runs/.*") if path.is_dir())
    assert len(two_runs.runs) == 1
    assert two_runs.shipskip("replay").code == 0
    let_time_pass(monkeypatch)
    again = two_runs.shipskip("runs", "prune", *NOW, "--yes")
    assert again.code == 0
    assert "0 runs of 0 runs" in again.out
    assert not left.exists()
    assert len(two_runs.runs) == 1


def _die(*_: object, **__: object) -> None:
    raise SystemExit(9)


def test_a_run_goes_from_a_day_that_is_a_link_to_another_disk(
    two_runs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)
    ran = two_runs.shipskip("runs", "prune", *NOW, "--yes", "--json")
    assert ran.code == 0, ran.err
    ((gone),) = [Path(one["path"]) for one in ran.document["removed"]]
    assert not gone.exists()
    assert len(two_runs.runs) == 1
    assert two_runs.shipskip("replay").code == 0


def test_a_run_of_which_files_stay_is_told(two_runs: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        ran = two_runs.shipskip("runs", "prune", *NOW, "--yes")
    assert ran.code == 3, ran.err
    assert "Permission denied" in ran.err
    assert two_runs.shipskip("runs", "prune", *NOW, "--yes").code == 0
    assert not list(two_runs.root.glob("runs/.removed-*"))


def test_of_two_that_prune_at_once_neither_fails_for_what_the_other_removed(two_runs: Shop) -> None:
    workspace = Workspace.open(two_runs.root)
    plan = plan_prune(workspace, timedelta(seconds=1))
    assert [error for _, error in remove_runs(workspace, plan)] == [None]
    assert [error for _, error in remove_runs(workspace, plan)] == [None]
    assert two_runs.shipskip("replay").code == 0


def test_what_editors_decided_on_stays_and_what_goes_has_its_predictions_kept(shop: Shop) -> None:
    runs = [clean(), clean(id="quillbase-ffff0000"), clean("Fernpost"), clean("Rowboat")]
    keep(shop, *runs)
    assert shop.shipskip("approve", runs[0].id, *BY_ANNA).code == 0
    assert shop.shipskip("hold", "fernpost", *BY_ANNA).code == 0
    ran = shop.shipskip("runs", "prune", *NOW, "--yes", "--json")
    assert {Path(one["path"]).name: one["why"] for one in ran.document["kept"]} == {
        runs[0].id: "it is published",
        runs[2].id: "an editor decided on it",
    }
    assert {path.name for path in shop.runs} == {runs[0].id, runs[2].id}
    assert shop.shipskip("site", "build").code == 0
    claims = shop.shipskip("predictions", "list", "--json").out
    assert claims.count('"rowboat"') == len(runs[3].reviews)


def test_a_page_that_cannot_be_read_keeps_all(two_runs: Shop) -> None:
    (page,) = two_runs.root.glob("site/tools/*/index.json")
    page.write_text("{")
    ran = two_runs.shipskip("runs", "prune", *NOW, "--yes")
    assert ran.code == 2
    assert str(page) in ran.fault
    assert len(two_runs.runs) == 2
