"""A check by a program that gives up ends in one line: what, why and what to do."""

import json
from pathlib import Path

import pytest

from panel.app.site_browser import check_by_axe, check_by_vnu
from panel.site.check import SiteFault

PAGE = "<!doctype html><title>a</title>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    return folder


def program(folder: Path, script: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def by_vnu(site: Path, java: str, seconds: float = 60) -> list[SiteFault]:
    return check_by_vnu(site, ["index.html"], java, Path("tools/vnu.jar"), seconds=seconds)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exec sleep 60", "Java did not end within 0.5 seconds"),
        (
            "echo 'Error: no memory.' >&2; echo more >&2; exit 1",
            "ended with 1 and said: Error: no memory",
        ),
        ("exit 137", "Java ended with 137 and said: nothing"),
        ("printf '\\377' >&2", "Java ended with 0 and said: \ufffd"),
        ("echo '[]' >&2", "Java ended with 0 and said: []"),
        ("""echo '{"messages": [{}]}' >&2""", "Java ended with 0 and said: {"),
        (
            """echo '{"messages": [{"url": "file:/etc/a", "message": ""}]}' >&2""",
            "Java ended with 0",
        ),
    ],
)
def test_java_that_gives_no_report_is_told_in_one_line(
    tmp_path: Path, site: Path, script: str, why: str
) -> None:
    seconds = 0.5 if "sleep" in script else 60
    (fault,) = by_vnu(site, program(tmp_path, script), seconds)
    assert fault.path == "vnu.jar"
    assert fault.what.startswith("not every page was checked by it: ")
    assert why in fault.what
    assert fault.what.endswith("(`make tools` installs it anew), or check without --browser.")
    assert len(fault.what.splitlines()) == 1


def test_a_fault_is_told_by_the_path_of_its_page(tmp_path: Path) -> None:
    site = tmp_path / "Büro heute" / "public"
    site.mkdir(parents=True)
    said = json.dumps({"messages": [{"url": (site / "index.html").as_uri(), "message": "Stray."}]})
    (fault,) = by_vnu(site, program(tmp_path, f"echo '{said}' >&2"))
    assert fault == SiteFault("index.html", "vnu: Stray.")


def test_java_that_does_not_start_is_told_too(tmp_path: Path, site: Path) -> None:
    (fault,) = by_vnu(site, str(tmp_path / "none"))
    assert "Java does not start (No such file or directory)" in fault.what


def test_what_the_checker_finds_names_the_page(tmp_path: Path, site: Path) -> None:
    url = (site / "index.html").resolve().as_uri()
    report = f'{{"messages": [{{"url": "{url}", "message": "Odd."}}]}}'
    found = by_vnu(site, program(tmp_path, f"echo '{report}' >&2"))
    assert found == [SiteFault("index.html", "vnu: Odd.")]


def test_a_browser_that_gives_up_is_told_in_one_line(tmp_path: Path, site: Path) -> None:
    pytest.importorskip("playwright", reason="needs Playwright: pip install playwright")
    axe = tmp_path / "axe.min.js"
    axe.write_text("", encoding="utf-8")
    chromium = program(tmp_path, "exit 1")
    (fault,) = check_by_axe(site, "https://a.example/", ["index.html"], chromium, axe)
    assert fault.path == "axe.min.js"
    assert fault.what.startswith("not every page was checked by it: Chromium: ")
    assert len(fault.what.splitlines()) == 1
