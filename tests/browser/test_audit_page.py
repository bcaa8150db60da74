"""The page of an audit in Chromium: accessible, never too wide, asking for nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from panel.audit.control_page import render_controls
from panel.audit.control_report import report_controls
from panel.audit.page import render_audit
from panel.audit.report import Audit
from tests.archives import an_archive
from tests.browser.test_pages import AXE_STATES, OVERFLOW, RUN_AXE, WIDTHS, visit
from tests.unit.test_audit import VENDORS, audited, lenient
from tests.unit.test_controls import PUBLISHED, a_control, a_result

pytestmark = pytest.mark.browser


def audit_page() -> str:
    audit = Audit(
        made=datetime(2026, 11, 30, 4, tzinfo=UTC),
        panels=(
            audited(an_archive(60, plants=(lenient,), vendors=VENDORS)),
            audited(an_archive(2)),
        ),
        controls=report_controls(
            datetime(2026, 11, 29, tzinfo=UTC),
            "openai:gpt-test",
            [a_result(a_control(f"c{n}"), "ship skip skip skip") for n in range(6)],
        ),
        left_out={"unfinished": 2},
        faults=("runs/2026-01-01/x-1/run.json: it was changed. Restore it.",),
    )
    return render_audit(audit, lambda run: f"{run}/index.html")


def controls_page() -> str:
    """Return the page of twelve controls: two votes moved, there are misses and a twin."""
    clear = a_control("a-clear-one", kind="clear", votes=dict.fromkeys(PUBLISHED, "skip"))
    twin = a_control("a-twin", kind="twin", of="c0")
    results = [
        a_result(clear, "ship skip skip skip", "skip skip ship skip"),
        a_result(twin, "ship skip skip skip"),
        *(a_result(a_control(f"c{n}"), "ship skip skip skip") for n in range(10)),
    ]
    report = report_controls(datetime(2026, 11, 29, tzinfo=UTC), "openai:gpt-test", results)
    return render_controls(report, lambda run: f"{run}/index.html")


@pytest.fixture(scope="module", params=[audit_page, controls_page])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("audit") / "audit.html"
    file.write_text(request.param(), encoding="utf-8")
    return file


def test_axe_finds_nothing_in_the_audit(browser: Browser, page: Path, axe: str) -> None:
    for state in AXE_STATES:
        with visit(browser, page, **state) as seen:
            seen.page.evaluate(axe)
            result = seen.page.evaluate(RUN_AXE)
        assert result["passes"]
        assert [rule["id"] for rule in result["violations"]] == [], state


def test_the_audit_is_never_too_wide_and_asks_for_nothing(browser: Browser, page: Path) -> None:
    for width in WIDTHS:
        with visit(browser, page, width=width) as seen:
            assert seen.page.evaluate(OVERFLOW) is None
            assert (seen.refused, seen.complaints) == ([], [])


def test_each_plot_stands_beside_its_figure_in_words(browser: Browser, page: Path) -> None:
    rows = """() => [...document.querySelectorAll('tr')].filter(row => row.querySelector('svg'))
        .map(row => row.children[1].innerText + row.children[2].innerText)"""
    with visit(browser, page, width=1280) as seen:
        words = seen.page.evaluate(rows)
    assert len(words) >= 9
    assert all(any(sign.isdigit() for sign in one) for one in words)


def test_each_vote_stands_beside_its_lens_and_what_moved_has_both_takes(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "controls.html"
    file.write_text(controls_page(), encoding="utf-8")
    with visit(browser, file, width=1280) as seen:
        row = seen.page.locator("table.vs tr", has_text="a-clear-one").all_inner_texts()[0]
        assert seen.page.locator(".two").count() == 2
        assert seen.page.locator(".two p", has_text=" ").count() == 4
        left, right = (seen.page.locator(".two > div").nth(n).bounding_box() for n in (0, 1))
        titles = seen.page.locator("#moved ~ h3").all_inner_texts()
    assert "ship" in row
    assert "a miss: its lens says skip" in row
    assert "was skip" in row
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]
    assert titles[0] == "Builder on a-clear-one: skip, now ship (its lens says skip)"
