"""A reader votes in Chromium, from a page of the site: by mouse, by keyboard, without script."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from panel.domain.community import Community, VoteCount, VoteSnapshot
from panel.domain.comparison import compare
from panel.publish.pages import Pages
from panel.store.sql.votes import VoteRequest
from tests.browser.nu_checker import SentPages
from tests.factories import a_panel, a_run, a_tool
from tests.votes import LAX, RunningService, serving

pytestmark = pytest.mark.browser
AT = datetime(2026, 11, 29, tzinfo=UTC)
DAY = AT.date()
RUN_AXE = "() => axe.run(document, {rules: {'target-size': {enabled: true}}})"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Newsroom:
    """A site with pages of two tools, and the votes service that it names."""

    site: str
    service: RunningService

    @property
    def comparison(self) -> str:
        """The address of the page on which both tools stand."""
        return f"{self.site}/compare/relaymark-vs-spoor/"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    site = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with serving(tmp_path_factory.mktemp("votes"), rules=LAX, site=site) as service:
            newsroom = Newsroom(site, service)
            fill(service)
            write_page(folder, newsroom)
            yield newsroom
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fill(service: RunningService) -> None:
    """Have 48 votes and 3 set aside on one tool, 12 on the other."""
    counts = (("relaymark", "ship", 29, None), ("relaymark", "skip", 18, None))
    more = (("relaymark", "ship", 3, "burst"), ("spoor", "skip", 12, None))
    with service.store() as store:
        for slug, choice, number, rule in (*counts, *more):
            group = [
                VoteRequest(slug, f"{choice}{rule}{n}".encode(), choice, DAY, rule)  # type: ignore[arg-type]
                for n in range(number)
            ]
            store._write_group(group)


def write_page(folder: Path, newsroom: Newsroom) -> None:
    place = folder / "compare" / "relaymark-vs-spoor"
    place.mkdir(parents=True)
    runs = [a_run(a_tool("Relaymark")), a_run(a_tool("Spoor"), a_panel("ship ship skip skip"))]
    tools = {"relaymark": VoteCount(ship=29, skip=18, set_aside={"burst": 3})}
    html = Pages.load().render_comparison(
        compare(runs),
        canonical=newsroom.comparison,
        community=Community(
            service=newsroom.service.address, snapshot=VoteSnapshot(taken=AT, tools=tools)
        ),
    )
    (place / "index.html").write_text(html, encoding="utf-8")


def check(page: Page, axe: str, sent: SentPages | None = None) -> None:
    """Fail where a page is not accessible, or wider than its window; keep it for the Nu checker."""
    if sent is not None:
        sent.keep()
    page.evaluate(axe)
    found = page.evaluate(RUN_AXE)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def listen(page: Page) -> list[str]:
    """Return a list to which everything goes that the page's console says."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hear)
    return said


def test_a_reader_votes_changes_and_takes_it_back(
    browser: Browser, newsroom: Newsroom, axe: str, sent: SentPages
) -> None:
    for options in ({"width": 1280}, {"width": 390, "dark": True}):
        context = browser.new_context(
            viewport={"width": int(options["width"]), "height": 844},
            color_scheme="dark" if options.get("dark") else "light",
            bypass_csp=True,  # for axe alone; the next test has the policy on
        )
        page = context.new_page()
        complaints = listen(page)
        sent.watch(page)
        page.goto(newsroom.comparison)
        check(page, axe, sent)
        page.get_by_role("button", name="Ship Relaymark").click()
        expect(page.get_by_role("status")).to_have_text("Counted: you ship Relaymark")
        expect(page.get_by_text("of 48 readers who chose to vote")).to_be_visible()
        expect(page.get_by_text("3 votes set aside: a burst from one network.")).to_be_visible()
        check(page, axe, sent)
        page.get_by_role("button", name="Change to skip Relaymark").click()
        expect(page.get_by_role("status")).to_have_text("Changed: you skip Relaymark")
        check(page, axe, sent)
        page.get_by_role("button", name="Skip Spoor").click()
        expect(page.get_by_role("status")).to_have_text("Counted: you skip Spoor & <Sons>")
        page.get_by_role("button", name="Take my vote back Spoor").click()
        expect(page.get_by_role("status")).to_have_text("Your vote is gone")
        page.get_by_role("link", name="Back to the page").click()
        expect(page).to_have_url(f"{newsroom.comparison}#vote")
        page.goto(f"{newsroom.service.address}/vote/relaymark")
        page.get_by_role("button", name="Take my vote back").click()
        expect(page.get_by_role("status")).to_have_text("Your vote is gone")
        check(page, axe, sent)
        page.goto(f"{newsroom.service.address}/vote/unknown")
        check(page, axe, sent)
        assert [said for said in complaints if "404" not in said] == []
        context.close()
    assert newsroom.service.counts()["relaymark"].votes == 47
    assert sent.nu_messages() == []


def test_by_keyboard_alone_and_without_script(browser: Browser, newsroom: Newsroom) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{newsroom.comparison}#vote")
    page.locator("#vote button").first.focus()
    for _ in range(2):  # past Ship and Skip of the first tool
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Counted: you ship Spoor & <Sons>")
    page.keyboard.press("Tab")  # the link to the content
    page.keyboard.press("Enter")
    for _ in range(2):  # to the first button of the content, then to the second
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text("Your vote is gone")
    context.close()


def test_the_page_of_another_site_cannot_vote(browser: Browser, newsroom: Newsroom) -> None:
    """The same page under another name is another site to a browser, cookie or not."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(newsroom.comparison.replace("127.0.0.1", "localhost"))
    before = newsroom.service.counts()
    page.get_by_role("button", name="Ship Relaymark").click()
    expect(page.get_by_text("Not accepted: sent from another site.")).to_be_visible()
    assert newsroom.service.counts() == before
    context.close()
