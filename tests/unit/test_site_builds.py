"""Builds on disk: what a reader finds while one is made, fails, is killed, or is made twice."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from panel.errors import Busy, StoreError
from panel.store.site_builds import SiteBuilds


@dataclass(frozen=True)
class Planned:
    path: str
    key: str
    make: Callable[[], bytes]


def plan(**texts: str) -> list[Planned]:
    return [Planned(f"{name}/index.html", text, text.encode) for name, text in texts.items()]


def served(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*/index.html")
    }


def test_a_build_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    builds = SiteBuilds(tmp_path / "public")
    assert builds.build(plan(a="one")).is_new
    assert builds.build(plan(a="two", b="three")).is_new
    assert served(tmp_path / "public") == {"a/index.html": "two", "b/index.html": "three"}


def test_what_has_not_changed_is_not_made_again(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise AssertionError("it was made again")

    builds = SiteBuilds(tmp_path / "public")
    builds.build(plan(a="one", b="two"))
    again = builds.build([Planned("a/index.html", "one", fail), *plan(b="three")])
    assert (again.made, again.is_new) == (1, True)
    assert served(tmp_path / "public") == {"a/index.html": "one", "b/index.html": "three"}


def test_a_link_that_leads_nowhere_or_to_itself_is_replaced(tmp_path: Path) -> None:
    public = tmp_path / "public"
    for leads_to in ("public", "nowhere"):
        public.symlink_to(leads_to)
        assert SiteBuilds(public).build(plan(a=leads_to)).is_new
        assert served(public) == {"a/index.html": leads_to}
        public.unlink()


def test_a_file_that_is_gone_or_cut_is_made_anew(tmp_path: Path) -> None:
    builds = SiteBuilds(tmp_path / "public")
    first = builds.build(plan(a="one", b="two"))
    (tmp_path / "public/a/index.html").unlink()
    (tmp_path / "public/b/index.html").write_text("t")
    same = builds.build(plan(a="one", b="two"))
    assert (same.digest, same.made, same.is_new) == (first.digest, 2, True)
    assert served(tmp_path / "public") == {"a/index.html": "one", "b/index.html": "two"}
    (tmp_path / "public/manifest.json").unlink()
    assert builds.build(plan(a="one", b="two")).made == 0
    assert (tmp_path / "public/manifest.json").is_file()
    (tmp_path / "public/a/index.html").unlink()
    (tmp_path / "public/b/index.html").write_text("t")
    again = builds.build(plan(a="one", b="two", c="three"))
    assert again.digest != first.digest
    assert served(tmp_path / "public")["a/index.html"] == "one"
    assert served(tmp_path / "public")["b/index.html"] == "two"


def test_the_same_files_are_the_same_build(tmp_path: Path) -> None:
    digests = {
        SiteBuilds(tmp_path / name).build(files).digest
        for name, files in (("x", plan(a="one", b="two")), ("y", plan(b="two", a="one")))
    }
    assert len(digests) == 1


# As a whole path, as one from the folder that the command is run in, and through a link.
@pytest.mark.parametrize("named", ["{}/public", "public", "{}/link/public"])
def test_a_build_that_fails_leaves_the_old_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    def fail() -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    builds = SiteBuilds(Path(named.format(tmp_path)))
    builds.build(plan(a="one"))
    with pytest.raises(StoreError, match="The site is as it was"):
        builds.build([*plan(a="two"), Planned("b", "b", fail)])
    assert served(tmp_path / "public") == {"a/index.html": "one"}
    assert not list((tmp_path / "public.builds").glob(".draft*"))


KILLED = """
import os, signal, sys
from pathlib import Path
from panel.store.site_builds import SiteBuilds
from tests.unit.test_site_builds import Planned, plan
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def put(self, target, replace=Path.replace):
    return die() if DIES(self) else replace(self, target)
Path.replace = put
made = die if DIES is None else bytes
SiteBuilds(Path(sys.argv[1])).build([*plan(a="two"), Planned("b", "b", made)])
"""


# At a file that is made, at the record that is put in its place, at the link that is.
@pytest.mark.parametrize("dies", ["None", "Path.is_file", "Path.is_symlink"])
def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_one_clears_up(
    tmp_path: Path, dies: str
) -> None:
    folder = tmp_path / "public"
    SiteBuilds(folder).build(plan(a="one"))
    script = KILLED.replace("DIES", dies)
    done = subprocess.run([sys.executable, "-c", script, str(folder)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert served(folder) == {"a/index.html": "one"}
    assert list((tmp_path / "public.builds").glob(".draft*"))
    SiteBuilds(folder).build(plan(a="three"))
    assert served(folder) == {"a/index.html": "three"}
    assert not list((tmp_path / "public.builds").glob(".draft*"))


def test_a_reader_never_meets_half_a_site(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    builds = SiteBuilds(folder)
    builds.build(plan(a="one", b="one"))

    def slowly() -> Iterator[Planned]:
        yield from plan(a="two")
        assert served(folder) == {"a/index.html": "one", "b/index.html": "one"}
        yield from plan(b="two")

    builds.build(slowly())
    assert served(folder) == {"a/index.html": "two", "b/index.html": "two"}


def test_two_builds_at_once_are_one(tmp_path: Path) -> None:
    folder = tmp_path / "public"

    def meanwhile() -> Iterator[Planned]:
        with pytest.raises(Busy, match="another process is building"):
            SiteBuilds(folder).build(plan(a="other"))
        yield from plan(a="one")

    SiteBuilds(folder).build(meanwhile())
    assert served(folder) == {"a/index.html": "one"}


def test_a_folder_that_is_no_build_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="it is no build of the site"):
        SiteBuilds(folder).build(plan(a="one"))
    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a//b", "a/./b", "a\\b", "", "a/\x00"])
def test_nothing_is_written_outside_a_build(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="is no path of a site"):
        SiteBuilds(tmp_path / "public").build([Planned(path, "k", lambda: b"x")])
    assert not (tmp_path / "public").exists()


def test_two_builds_stay_and_older_ones_go(tmp_path: Path) -> None:
    builds = SiteBuilds(tmp_path / "public")
    for text in ("one", "two", "three", "four"):
        builds.build(plan(a=text))
    folders = [one for one in (tmp_path / "public.builds").iterdir() if one.is_dir()]
    assert sorted((one / "a/index.html").read_text() for one in folders) == ["four", "three"]
    assert len(list((tmp_path / "public.builds").iterdir())) == 4


def test_a_build_made_of_an_old_one_has_what_is_planned_and_leaves_the_served_one(
    tmp_path: Path,
) -> None:
    builds = SiteBuilds(tmp_path / "public")
    builds.build(plan(a="same", b="old", c="gone", d="cut"))
    served_then = builds.build(plan(a="same", b="old", d="cut", e="served"))
    before = (tmp_path / "public").resolve()
    (old,) = (one for one in before.parent.iterdir() if one.is_dir() and one != before)
    (old / "stray.html").write_text("stray")
    (old / "d/index.html").unlink()
    (old / "d/index.html").write_text("c")
    (old / "a/link").symlink_to(tmp_path)
    builds.build(plan(a="same", b="new", d="cut", e="served", f="more"))
    whole = {"a": "same", "b": "new", "d": "cut", "e": "served", "f": "more"}
    assert contents(tmp_path / "public") == {f"{k}/index.html": v for k, v in whole.items()}
    assert served_then.digest[:16] == before.name
    whole = {"a": "same", "b": "old", "d": "cut", "e": "served"}
    assert contents(before) == {f"{k}/index.html": v for k, v in whole.items()}


def test_a_site_that_goes_back_to_what_it_was_is_that_build_again(tmp_path: Path) -> None:
    builds = SiteBuilds(tmp_path / "public")
    first = builds.build(plan(a="one", b="two"))
    builds.build(plan(a="three"))
    again = builds.build(plan(a="one", b="two"))
    assert (again.digest, again.is_new, again.made) == (first.digest, True, 0)
    assert served(tmp_path / "public") == {"a/index.html": "one", "b/index.html": "two"}


def test_a_site_of_which_nothing_has_changed_keeps_both_builds(tmp_path: Path) -> None:
    builds = SiteBuilds(tmp_path / "public")
    builds.build(plan(a="one"))
    second = builds.build(plan(a="two"))
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "public.builds").rglob("*")}
    again = builds.build(plan(a="two"))
    assert (again.digest, again.is_new, again.made) == (second.digest, False, 0)
    assert (again.files, again.size) == (second.files, second.size)
    assert there == {p: p.stat().st_mtime_ns for p in (tmp_path / "public.builds").rglob("*")}


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
