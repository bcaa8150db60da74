"""An editor's morning in Chromium: a night's runs decided by mouse and by keyboard alone."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from panel.app.decisions import FieldEdit, Order, decide
from panel.app.site import build_site
from panel.app.workspace import Workspace
from panel.site.server import make_server
from tests.desk import (
    EDITOR,
    a_clean_run,
    a_desk,
    a_divided_run,
    a_flagged_run,
    decided,
    hold_before_panel,
    lay_out_desk,
    named,
    record,
)
from tests.gallery import LONG_NAME, some_runs
from tests.panels import an_exchange
from tests.unit.test_desk_predictions import a_dated_run

pytestmark = pytest.mark.browser

PAGES = ("/queue", "/new", "/published", "/predictions", "/journal", "/costs", "/checks")
STATES: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 2600}},
    {"viewport": {"width": 390, "height": 4000}},
    {"viewport": {"width": 1280, "height": 2600}, "color_scheme": "dark"},
)
RUN_AXE = """() => axe.run(document, {rules: {'target-size': {enabled: true}}}).then(
    (found) => found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Visit:
    """A page of the desk, and what its console and its requests gave to complain of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("request", self._see)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and "409" not in message.text:
            self.complaints.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.complaints.append(request.url)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    runs = [a_clean_run(), a_clean_run("Coldframe"), a_flagged_run(), a_divided_run()]
    return lay_out_desk(tmp_path / "newsroom", runs)


@contextmanager
def visit(browser: Browser, workspace: Workspace, **state: Any) -> Iterator[Visit]:
    with a_desk(workspace) as address:
        context = browser.new_context(**state)
        found = Visit(context.new_page(), address)
        yield found
        context.close()
        assert found.complaints == []


@contextmanager
def a_site(browser: Browser, workspace: Workspace) -> Iterator[Visit]:
    """Build the public site, as the editor's command does, and open it as a reader."""
    build_site(workspace)
    server = make_server(workspace.public, "/", 0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    context = browser.new_context()
    found = Visit(context.new_page(), f"http://127.0.0.1:{server.server_port}")
    yield found
    context.close()
    server.shutdown()
    server.server_close()
    assert found.complaints == []


class Keyboard:
    """The keys of an editor who has nothing else; `presses` counts them, a typed text as one."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.presses += 1
            self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.presses += 1
        self._page.keyboard.type(text)

    def settle(self) -> None:
        """Wait until keys that decide do so: not in the first half second of a page."""
        self._page.wait_for_timeout(600)

    def tab_to(self, name: str) -> None:
        """Go from field to field until the one of that name has the focus."""
        said = """one => one === document.activeElement"""
        for _ in range(120):
            self.press("Tab")
            if (
                self._page.get_by_role("link", name=name, exact=True)
                .or_(self._page.get_by_label(name, exact=True))
                .first.evaluate(said)
            ):
                return
        raise AssertionError(f"{name} cannot be reached by the keyboard")


def answer_for_the_reviews_of_a_corrected_price(page: Page) -> None:
    """Say of each of the four reviews that it stands."""
    for answered in ("4 of 7", "5 of 7", "6 of 7", "7 of 7"):
        page.get_by_role("button", name="It stands with the fact as corrected.").first.click()
        expect(page.locator("#hfl")).to_contain_text(f"{answered} answered")
    expect(page.locator("#hfl")).to_contain_text("2 flags, 1 sentence, 4 reviews")


def answer_in_own_words(page: Page, workspace: Workspace) -> None:
    """Type an answer and press Enter, which may press no ready answer."""
    page.get_by_placeholder("Another answer").first.fill("The second is of another plan.")
    page.keyboard.press("Enter")
    expect(page.locator("#hfl")).to_contain_text("2 of 3 answered")
    assert decided(workspace)[-1].reason == "The second is of another plan."


def read_all_and_approve(page: Page) -> None:
    """Read the four unchecked sentences of a tool, and approve it."""
    for _ in range(4):
        page.get_by_role("button", name="Read; it may stand as unchecked.").first.click()
    page.get_by_role("button", name="Approve", exact=False).first.click()


def test_an_editor_takes_a_night_to_the_published_site_by_mouse(
    browser: Browser, workspace: Workspace
) -> None:
    with visit(browser, workspace) as at:
        page = at.page
        at.open("/queue")
        expect(page.locator("p.lead")).to_have_text("2 need you, 2 are clean.")
        for tick in page.locator(".tk").all():
            tick.check()
        page.locator(".bar").get_by_role("button", name="Approve the").click()
        page.get_by_role("link", name="Foldback", exact=True).click()
        page.get_by_role("button", name="Both are in use.").click()
        answer_in_own_words(page, workspace)
        page.get_by_role("button", name="Read; it may stand as unchecked.").click()
        expect(page.locator("#hfl")).to_contain_text("3 of 3 answered")
        page.get_by_label("Price 1").fill("team: 12 USD per seat and month")
        page.get_by_role("button", name="Save facts").click()
        expect(page.get_by_label("Price 1")).to_have_value("team: 12 USD per seat and month")
        answer_for_the_reviews_of_a_corrected_price(page)
        page.locator(".bar").get_by_role("button", name="Override").click()
        page.get_by_label("Reason, shown to readers").first.fill("It cannot be bought yet.")
        page.locator("#pop-override").get_by_role("button", name="Override").click()
        expect(page.locator(".v.was")).to_have_text("ship")
        page.get_by_role("button", name="Approve", exact=False).first.click()
        expect(page.locator("h1")).to_have_text("Spoor")
        read_all_and_approve(page)
        expect(page.locator("h1")).to_have_text("Nothing waits")
        with a_site(browser, workspace) as site:
            site.open("/tools/")
            expect(site.page.get_by_role("main")).to_contain_text("Spoor")
            site.open("/tools/foldback/")
            expect(site.page.get_by_role("main")).to_contain_text(
                "Editor: skip. The panel said ship"
            )
            expect(site.page.get_by_role("main")).to_contain_text("$12")
        at.open("/published")
        page.get_by_role("link", name="Foldback", exact=True).click()
        page.get_by_label("Price 1").fill("team: 14 USD per seat and month")
        page.get_by_label("Where the facts are from").fill("A reader wrote.")
        page.get_by_role("button", name="Correct", exact=False).first.click()
        at.open("/published")
        page.get_by_role("link", name="Coldframe", exact=True).click()
        page.locator(".bar").get_by_role("button", name="Withdraw").click()
        page.locator("#why-withdraw").fill("The maker took it down.")
        page.locator("#pop-withdraw").get_by_role("button", name="Withdraw").click()
        expect(page.locator(".warnp").first).to_contain_text("Withdrawn by Duty editor")
        with a_site(browser, workspace) as site:
            site.open("/tools/foldback/")
            expect(site.page.get_by_role("main")).to_contain_text("A reader wrote.")
            expect(site.page.locator("ins").first).to_contain_text("14")
            site.open("/tools/coldframe/")
            expect(site.page.get_by_role("main")).to_contain_text("The maker took it down.")
    kinds = [one.kind for one in decided(workspace)]
    foldback = ["edit"] * 8 + ["override", "approve"]
    assert kinds == ["approve"] * 2 + foldback + ["edit"] * 4 + ["approve", "correct", "withdraw"]
    assert {one.editor for one in decided(workspace)} == {EDITOR}


def test_an_editor_takes_a_night_to_the_published_site_by_keyboard_alone(
    browser: Browser, workspace: Workspace
) -> None:
    with visit(browser, workspace) as at:
        page, keys = at.page, Keyboard(at.page)
        at.open("/queue?show=clean")
        keys.press("j", "x", "j", "x")
        keys.settle()
        keys.press("a")
        expect(page.locator("p.lead")).to_have_text("2 need you.")
        at.open("/queue?sort=tool")
        before = keys.presses
        keys.press("j", "Enter")
        expect(page.locator("h1")).to_have_text("Foldback")
        for answered in ("1 of 3", "2 of 3", "3 of 3"):
            keys.settle()
            keys.press("1")
            expect(page.locator("#hfl")).to_contain_text(f"{answered} answered")
        assert keys.presses - before == 5  # and one more to approve: docs/desk.md says so
        keys.press("v", "Tab")
        keys.type("It cannot be bought yet.")
        keys.press("Tab", "Enter")
        expect(page.locator(".v.was")).to_have_text("ship")
        keys.settle()
        keys.press("a")
        expect(page.locator("h1")).to_have_text("Spoor")
        keys.press("u")
        expect(page.locator("h1")).to_have_text("Foldback")
        expect(page.locator(".bar .note")).not_to_contain_text("Foldback")
        keys.settle()
        keys.press("a")
        expect(page.locator("h1")).to_have_text("Spoor")
        for answered in ("1 of 4", "2 of 4", "3 of 4", "4 of 4"):
            keys.settle()
            keys.press("1")
            expect(page.locator("#hfl")).to_contain_text(f"{answered} answered")
        keys.settle()
        keys.press("a")
        expect(page.locator("h1")).to_have_text("Nothing waits")
        build_site(workspace)
        correct_and_withdraw(keys, page)
        with a_site(browser, workspace) as site:
            site.open("/tools/foldback/")
            expect(site.page.get_by_role("main")).to_contain_text("The maker took it down.")
            site.open("/corrections/")
            expect(site.page.locator("ins").first).to_contain_text("12")
    kinds = [one.kind for one in decided(workspace)]
    foldback = ["edit"] * 3 + ["override", "approve", "undo", "approve"]
    assert kinds == ["approve"] * 2 + foldback + ["edit"] * 4 + ["approve", "correct", "withdraw"]


def correct_and_withdraw(keys: Keyboard, page: Page) -> None:
    """Go from the queue to Foldback as it is published, correct its price, and withdraw it."""
    keys.tab_to("Published")
    keys.press("Enter")
    keys.tab_to("Foldback")
    keys.press("Enter")
    keys.tab_to("Price 1")
    keys.press("Control+a")
    keys.type("team: 12 USD per seat and month")
    keys.tab_to("Where the facts are from")
    keys.type("A reader wrote.")
    keys.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Foldback corrected")
    keys.press("w")
    keys.type("The maker took it down.")
    keys.press("Tab", "Enter")
    expect(page.locator(".warnp").first).to_contain_text("Withdrawn by Duty editor")


def test_a_clean_tool_takes_three_presses(browser: Browser, workspace: Workspace) -> None:
    with visit(browser, workspace) as at:
        keys = Keyboard(at.page)
        at.open("/queue?show=clean")
        keys.press("j", "Enter")
        expect(at.page.locator("h1")).to_have_text("Coldframe")
        keys.settle()
        keys.press("a")
        expect(at.page.locator("h1")).to_have_text("Fjordnotat")
    assert keys.presses == 3
    assert [one.kind for one in decided(workspace)] == ["approve"]


def test_pointing_at_a_sentence_lights_its_passage(browser: Browser, workspace: Workspace) -> None:
    with visit(browser, workspace) as at:
        at.open("/queue?show=clean")
        at.page.get_by_role("link", name="Coldframe", exact=True).click()
        sentence = at.page.locator(".take a").first
        passage = at.page.locator(f".given {sentence.get_attribute('href')}")
        colour = "one => getComputedStyle(one).backgroundColor"
        before = passage.evaluate(colour)
        sentence.focus()
        lit = passage.evaluate(colour)
        assert lit != before
        sentence.blur()
        assert passage.evaluate(colour) == before
        passage.hover()
        assert sentence.evaluate(colour) == lit


@pytest.mark.parametrize("state", STATES, ids=("wide", "phone", "dark"))
def test_every_page_is_accessible_and_fits(
    browser: Browser, workspace: Workspace, axe: str, state: dict[str, Any]
) -> None:
    flagged, clean = a_flagged_run(), a_clean_run()
    at_run = f"/runs/{flagged.inputs.date}/{flagged.id}"
    compared = "/compare?t=foldback&t=fjordnotat"
    long = named(some_runs()["long-name"], LONG_NAME)
    record(workspace, [long, a_dated_run("2026-11-24", "Duebill")])
    at_long = f"/runs/{long.inputs.date}/{long.id}"
    with visit(browser, workspace, **state) as at:
        at.page.add_init_script(axe)
        for path in (*PAGES, at_run, f"{at_run}/progress", compared, at_long):
            at.open(path)
            assert at.page.evaluate(RUN_AXE) == [], path
            assert at.page.evaluate(OVERFLOW) <= 0, path
        at.open(f"/runs/{clean.inputs.date}/{clean.id}")
        at.page.wait_for_timeout(600)
        for key in "vhre":
            at.page.keyboard.press(key)
            popup = ".pop:popover-open"
            expect(at.page.locator(popup)).to_be_visible()
            assert at.page.evaluate(RUN_AXE) == [], popup
            at.page.keyboard.press("Escape")


def decide_on_some(workspace: Workspace) -> list[str]:
    """Return the paths of pages in the states that decisions and faults bring about."""
    hard = [
        named(run, run.inputs.tool.name)
        for name, run in some_runs().items()
        if name in ("no-quorum", "right-to-left", "injected", "failed", "free")
    ]
    record(workspace, hard)
    licence = (FieldEdit("licence", "Apache-2.0", found="a letter"),)
    for run, order in (
        ("fjordnotat", Order("approve", EDITOR, "Read.")),
        ("fjordnotat", Order("override", EDITOR, "It cannot be bought.", verdict="skip")),
        ("fjordnotat", Order("correct", EDITOR, "A reader wrote.", licence)),
        ("coldframe", Order("approve", EDITOR, "Read.")),
        ("coldframe", Order("withdraw", EDITOR, "It is gone.")),
        ("spoor", Order("hold", EDITOR, "Asked.")),
        ("foldback", Order("reject", EDITOR, "No tool.")),
    ):
        decide(workspace, run, order)
    job = hold_before_panel(workspace)
    decided_on = [a_clean_run(), a_clean_run("Coldframe"), a_divided_run(), a_flagged_run()]
    runs = [f"/runs/{run.inputs.date}/{run.id}" for run in (*decided_on, *hard)]
    return [*PAGES, *runs, f"/jobs/{job}", "/sign-in", "/queue?show=flagged"]


def test_every_state_of_a_page_is_valid_and_accessible(
    browser: Browser, workspace: Workspace, tmp_path: Path, axe: str, vnu: tuple[str, ...]
) -> None:
    paths = decide_on_some(workspace)
    with visit(browser, workspace, **STATES[1]) as at:
        at.page.add_init_script(axe)
        for number, path in enumerate(paths):
            answer = at.page.goto(f"{at.address}{path}")
            assert answer is not None
            assert answer.status == 200, path
            (tmp_path / f"{number:02}.html").write_bytes(answer.body())
            if path not in PAGES:
                assert at.page.evaluate(RUN_AXE) == [], path
            assert at.page.evaluate(OVERFLOW) <= 0, path
        refused = at.page.request.get(f"{at.address}/nothing")
        assert refused.status == 404
        (tmp_path / "404.html").write_bytes(refused.body())
    checked = subprocess.run(
        [
            *vnu,
            "--format",
            "json",
            "--exit-zero-always",
            *map(str, sorted(tmp_path.glob("*.html"))),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    messages = json.loads(checked.stderr)["messages"]
    assert [(one["url"][-8:], one["message"]) for one in messages] == []


def test_a_tool_is_approved_without_script(browser: Browser, workspace: Workspace) -> None:
    with visit(browser, workspace, java_script_enabled=False) as at:
        at.open("/queue")
        at.page.get_by_role("link", name="Fjordnotat", exact=True).click()
        approve = at.page.get_by_role("button", name="Approve")
        assert approve.get_attribute("accesskey") == "a"
        approve.press("Enter")
        expect(at.page.locator("h1")).to_have_text("Foldback")
    assert [one.kind for one in decided(workspace)] == ["approve"]


def test_a_live_run_shows_each_exchange_without_being_loaded_again(
    browser: Browser, workspace: Workspace
) -> None:
    run = a_clean_run().model_copy(update={"state": "open", "reviews": (), "verdict": None})
    record(workspace, [run])
    told = an_exchange(1)
    told = told.model_copy(update={"request": told.request.but(label="review:builder")})
    with visit(browser, workspace) as at, workspace.runs.lock(run) as folder:
        at.open(f"/runs/{run.inputs.date}/{run.id}")
        expect(at.page.locator("#state")).to_have_text("live")
        with ThreadPoolExecutor(1) as elsewhere:  # Playwright has an event loop of its own here
            elsewhere.submit(asyncio.run, folder.append(told)).result()
        expect(at.page.locator("#events")).to_contain_text("Builder")
        expect(at.page.locator("#of-builder progress")).to_have_count(0)
        folder.save(a_clean_run())
        expect(at.page.locator("h1")).to_have_text("Fjordnotat")
        expect(at.page.get_by_role("button", name="Approve")).to_be_visible()
