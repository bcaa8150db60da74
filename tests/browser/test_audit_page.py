"""The page of an audit in Chromium: accessible, never too wide, asking for nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from panel.audit.control_report import report_controls
from panel.audit.page import render_audit
from panel.audit.report import Audit
from tests.archives import an_archive
from tests.browser.test_pages import AXE_STATES, OVERFLOW, RUN_AXE, WIDTHS, visit
from tests.unit.test_audit import VENDORS, audited, lenient
from tests.unit.test_controls import a_control, a_result

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    file = tmp_path_factory.mktemp("audit") / "audit.html"
    file.write_text(render_audit(audit, lambda run: f"{run}/index.html"), encoding="utf-8")
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
    assert len(words) > 20
    assert all(any(sign.isdigit() for sign in one) for one in words)
