"""A page on disk is a folder with its HTML and its twin, or one clear line."""

from pathlib import Path

import pytest

from panel.errors import StoreError
from panel.store.site_files import SiteFiles


def test_a_page_and_its_twin_stand_in_one_folder(tmp_path: Path) -> None:
    page = SiteFiles(tmp_path / "site").write("tools/café-1", "<p>é</p>", '{"é": 1}')
    assert page == tmp_path / "site" / "tools" / "café-1" / "index.html"
    assert page.read_text(encoding="utf-8") == "<p>é</p>"
    assert page.with_name("index.json").read_text(encoding="utf-8") == '{"é": 1}'


def test_a_page_that_is_written_again_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    files = SiteFiles(tmp_path)
    files.write("tools/a", "old", "{}")
    assert files.write("tools/a", "new", "{}").read_text(encoding="utf-8") == "new"


def test_a_file_in_the_place_of_the_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tools").write_text("")
    with pytest.raises(StoreError, match=r"tools/a: .*The run is safe; choose another folder"):
        SiteFiles(tmp_path).write("tools/a", "", "")
