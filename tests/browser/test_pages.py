"""Every page in Chromium: accessible, never too wide, asking for nothing, whole without script."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1280)
AXE_STATES: tuple[dict[str, Any], ...] = (
    {"width": 1280},
    {"width": 390},
    {"width": 1280, "color_scheme": "dark"},
    {"width": 390, "color_scheme": "dark"},
    {"width": 1280, "media": "print"},
)
# Off by default in axe-core: WCAG 2.2 asks for controls of 24 by 24 pixels.
RUN_AXE = "() => axe.run(document, {rules: {'target-size': {enabled: true}}})"
OVERFLOW = """() => {
    const root = document.documentElement, wide = root.clientWidth;
    if (root.scrollWidth <= wide) return null;
    const out = [...document.body.querySelectorAll('*')].filter(
        (part) => part.getBoundingClientRect().right > wide + 0.5);
    return `${root.scrollWidth} > ${wide} px: ` + out.slice(0, 3).map(
        (part) => part.outerHTML.slice(0, 80)).join(' | ');
}"""


class Visit:
    """An open page, what it asked for beyond itself and what its console complained of."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.folder = path.resolve().parent
        self.refused: list[str] = []
        self.complaints: list[str] = []

    def answer(self, route: Route) -> None:
        """Let the page's own folder through and nothing else."""
        address = urlsplit(route.request.url)
        if address.scheme == "file" and Path(unquote(address.path)).is_relative_to(self.folder):
            route.continue_()
            return
        self.refused.append(route.request.url)
        route.abort()

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def visit(
    browser: Browser, path: Path, *, width: int, media: Any = None, **context: Any
) -> Iterator[Visit]:
    """A page opened at a width in a context of its own, which is closed afterwards."""
    opened = browser.new_context(viewport={"width": width, "height": 900}, **context)
    try:
        page = opened.new_page()
        found = Visit(page, path)
        opened.route("**/*", found.answer)
        page.on("console", found.hear)
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.emulate_media(media=media, color_scheme=context.get("color_scheme"))
        page.goto(path.resolve().as_uri(), wait_until="load")
        yield found
    finally:
        opened.close()


def test_axe_finds_nothing_in_any_width_scheme_or_print(
    browser: Browser, pages: dict[str, Path], axe: str
) -> None:
    violations = []
    for name, path in pages.items():
        for state in AXE_STATES:
            with visit(browser, path, **state) as seen:
                seen.page.evaluate(axe)
                result = seen.page.evaluate(RUN_AXE)
            assert result["passes"], f"axe-core judged nothing on {name}"
            violations += [
                f"{name} {state}: {rule['id']} at {[node['target'] for node in rule['nodes'][:3]]}"
                for rule in result["violations"]
            ]
    assert violations == []


def test_no_page_is_wider_than_its_window(browser: Browser, pages: dict[str, Path]) -> None:
    too_wide = {}
    for name, path in pages.items():
        for width in WIDTHS:
            with visit(browser, path, width=width) as seen:
                if overflow := seen.page.evaluate(OVERFLOW):
                    too_wide[name, width] = overflow
    assert too_wide == {}


def test_no_page_is_too_wide_with_text_at_twice_the_size(
    browser: Browser, pages: dict[str, Path]
) -> None:
    too_wide = {}
    for name, path in pages.items():
        with visit(browser, path, width=1280) as seen:
            seen.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
            if overflow := seen.page.evaluate(OVERFLOW):
                too_wide[name] = overflow
    assert too_wide == {}


def test_no_request_leaves_a_page_and_its_console_is_silent(
    browser: Browser, pages: dict[str, Path]
) -> None:
    noise = {}
    for name, path in pages.items():
        with visit(browser, path, width=1280) as seen:
            seen.page.mouse.wheel(0, 100_000)  # what loads lazily loads now
            seen.page.wait_for_load_state("networkidle")
            if seen.refused or seen.complaints:
                noise[name] = (seen.refused, seen.complaints)
    assert noise == {}


def test_a_page_says_the_same_with_scripting_off(browser: Browser, pages: dict[str, Path]) -> None:
    for name, path in pages.items():
        texts = []
        for scripting in (True, False):
            with visit(browser, path, width=390, java_script_enabled=scripting) as seen:
                texts.append(seen.page.inner_text("body"))
                assert seen.page.locator("h1").first.is_visible(), name
                assert seen.page.evaluate(OVERFLOW) is None, name
                assert seen.refused == [], name
        assert texts[0] == texts[1], name


def test_the_dark_scheme_is_dark_and_the_light_one_light(
    browser: Browser, pages: dict[str, Path]
) -> None:
    paper = """() => {
        const [red, green, blue] = getComputedStyle(document.body).backgroundColor
            .match(/[\\d.]+/g).map(Number);
        return (red + green + blue) / 3;
    }"""
    for name, path in pages.items():
        with visit(browser, path, width=1280, color_scheme="dark") as seen:
            assert seen.page.evaluate(paper) < 64, name
        with visit(browser, path, width=1280, color_scheme="light") as seen:
            assert seen.page.evaluate(paper) > 192, name


def test_the_nu_checker_has_nothing_to_say(pages: dict[str, Path], vnu: tuple[str, ...]) -> None:
    files = [str(path) for path in pages.values()]
    command = [*vnu, "--format", "json", "--stdout", "--exit-zero-always", *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = [
        f"{message['url']}:{message.get('lastLine')}: {message['message']}"
        for message in json.loads(answer.stdout)["messages"]
    ]
    assert messages == []
