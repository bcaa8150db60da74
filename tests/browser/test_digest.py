"""A reader signs up in Chromium, confirms from the delivered mail, and leaves by one press."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from panel.digest.message import Mailer
from tests.browser.nu_checker import SentPages, nu_messages
from tests.browser.test_votes import check, listen
from tests.mails import Mailbox, mail_server
from tests.ports import free_port
from tests.signups import SignUps, link_in, sign_ups
from tests.unit.test_digest import ENVELOPE, a_letter, a_reader
from tests.unit.test_sign_up import CATEGORIES
from tests.unit.test_site import four_tools

pytestmark = pytest.mark.browser
MIRA = "mira@example.org"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[SignUps]:
    folder = tmp_path_factory.mktemp("sign-up")
    with sign_ups(folder, mailbox, port=free_port(), more=CATEGORIES) as service:
        yield service


def leave_link_of(service: SignUps) -> str:
    """Return the link that the mails of the one reader have."""
    with service.store() as store:
        (reader,) = store.subscribers()
    return f"{service.address}/digest/leave?t={reader.token}"


def test_a_reader_signs_up_confirms_and_leaves(
    browser: Browser, service: SignUps, mailbox: Mailbox, axe: str, sent: SentPages
) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,  # type: ignore[arg-type]
            bypass_csp=True,  # for axe alone; the next test has the policy on
        )
        page = context.new_page()
        complaints = listen(page)
        sent.watch(page)
        page.goto(f"{service.address}/digest/")
        check(page, axe, sent)
        page.get_by_label("Your address").fill(MIRA)
        page.get_by_label("Productivity").check()
        page.get_by_role("button", name="Send me the confirmation mail").click()
        expect(page.get_by_role("status")).to_have_text("Check your mail")
        check(page, axe, sent)
        page.goto(link_in(mailbox.taken[-1][1]))
        check(page, axe, sent)
        assert service.readers == []
        page.get_by_role("button", name="Put me on the list").click()
        expect(page.get_by_role("status")).to_have_text("You are on the list")
        expect(page.get_by_text("The verdicts in it are on Productivity.")).to_be_visible()
        check(page, axe, sent)
        assert service.readers == [MIRA]
        page.goto(leave_link_of(service))
        check(page, axe, sent)
        page.get_by_role("button", name="Take me off the list").click()
        expect(page.get_by_role("status")).to_have_text("You are off the list")
        check(page, axe, sent)
        assert service.readers == []
        assert complaints == []
        context.close()
    assert sent.nu_messages() == []


def test_by_keyboard_alone_and_without_script(
    browser: Browser, service: SignUps, mailbox: Mailbox
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service.address}/digest/")
    _tab_to(page, "Your address")
    page.keyboard.type("key@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Check your mail")
    page.goto(link_in(mailbox.taken[-1][1]))
    _tab_to(page, "Put me on the list")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are on the list")
    page.goto(leave_link_of(service))
    _tab_to(page, "Take me off the list")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are off the list")
    _tab_to(page, "That was a mistake: put me back")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are on the list again")
    assert service.readers == ["key@example.org"]
    context.close()


def test_the_mail_reads_in_light_and_dark_and_asks_nobody_for_anything(
    browser: Browser, tmp_path: Path, axe: str, vnu: tuple[str, ...]
) -> None:
    raw = Mailer(a_letter(four_tools()), ENVELOPE).make(a_reader())
    html = message_from_bytes(raw, policy=default).get_body(("html",))
    assert html is not None
    file = tmp_path / "mail.html"
    file.write_text(html.get_content(), encoding="utf-8")
    for width, scheme in ((700, "light"), (700, "dark"), (320, "light")):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        page = context.new_page()
        asked = requests_of(page)
        page.goto(file.as_uri())
        check(page, axe)
        assert asked == [file.as_uri()]
        context.close()
    obsolete = re.compile(r"attribute on the “(table|td|th|tr)” element is obsolete")  # Outlook's
    assert [said for said in nu_messages(vnu, tmp_path) if not obsolete.search(said)] == []


def requests_of(page: Page) -> list[str]:
    """Return a list to which every address goes that the page asks for."""
    asked: list[str] = []

    def hear(request: Request) -> None:
        asked.append(request.url)

    page.on("request", hear)
    return asked


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name is in focus."""
    wanted = page.get_by_label(name).or_(page.get_by_role("button", name=name)).first
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{name} cannot be reached by the keyboard")
