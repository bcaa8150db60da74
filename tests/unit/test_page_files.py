"""A page on disk is a folder with its HTML and its twin, or one clear line."""

import errno
import os
from pathlib import Path

import pytest

from panel.errors import StoreError
from panel.store.page_files import PageFiles


def test_a_page_and_its_twin_stand_in_one_folder(tmp_path: Path) -> None:
    page = PageFiles(tmp_path / "site").write("tools/café-1", "<p>é</p>", '{"é": 1}')
    assert page == tmp_path / "site" / "tools" / "café-1" / "index.html"
    assert page.read_text(encoding="utf-8") == "<p>é</p>"
    assert page.with_name("index.json").read_text(encoding="utf-8") == '{"é": 1}'


def test_a_page_that_is_written_again_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    files = PageFiles(tmp_path)
    files.write("tools/a", "old", "{}")
    assert files.write("tools/a", "new", "{}").read_text(encoding="utf-8") == "new"


def test_a_file_in_the_place_of_the_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tools").write_text("")
    with pytest.raises(
        StoreError, match=r"tools/a: .*The run is safe. Move .*, or choose another folder"
    ):
        PageFiles(tmp_path).write("tools/a", "", "")


@pytest.mark.parametrize("link", ["tools", "tools/a", "tools/a/index.html", "tools/a/index.json"])
def test_a_symbolic_link_is_named_and_not_followed(tmp_path: Path, link: str) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    (outside / "a").mkdir(parents=True)
    for name in ("index.html", "a/index.html", "index.json"):
        (outside / name).write_text("theirs", encoding="utf-8")
    (site / link).parent.mkdir(parents=True)
    target = outside / "index.html" if link.endswith(("html", "json")) else outside
    (site / link).symlink_to(target)
    before = {path: path.read_bytes() for path in outside.rglob("*.*")}
    with pytest.raises(StoreError) as raised:
        PageFiles(site).write("tools/a", "mine", "{}")
    assert str(raised.value).startswith(f"{site / link}: it is a symbolic link")
    assert "\n" not in str(raised.value)
    assert {path: path.read_bytes() for path in outside.rglob("*.*")} == before


def test_the_site_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "www")
    PageFiles(tmp_path / "site").write("tools/a", "mine", "{}")
    assert (tmp_path / "www" / "tools" / "a" / "index.html").read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_the_old_page_with_the_old_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = PageFiles(tmp_path)
    page = files.write("tools/a", "old", '{"old": 1}')
    written = iter([True])
    write = os.write

    def fill_up(handle: int, data: bytes) -> int:
        if next(written, False):
            return write(handle, data)
        write(handle, data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(StoreError, match="No space left on device"):
        files.write("tools/a", "new", '{"new": 1}')
    assert page.read_text(encoding="utf-8") == "old"
    assert files.read_document("tools/a") == {"old": 1}
    assert {path.name for path in page.parent.iterdir()} == {"index.html", "index.json"}
