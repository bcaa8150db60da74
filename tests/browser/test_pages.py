"""Every page in Chromium: accessible, never too wide, asking for nothing, whole without script."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from panel.domain.ballot import DatedClaim
from panel.domain.comparison import compare
from panel.domain.run import Run
from panel.publish.pages import Pages
from tests.factories import (
    CRITERIA,
    DESCRIPTION,
    REVIEWERS,
    a_ballot,
    a_finding,
    a_run,
    a_scorecard,
    a_sentence,
    a_tool,
)

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
    browser: Browser,
    path: Path,
    *,
    width: int,
    height: int = 900,
    media: Any = None,
    **context: Any,
) -> Iterator[Visit]:
    """A page opened at a size in a context of its own, which is closed afterwards."""
    opened = browser.new_context(viewport={"width": width, "height": height}, **context)
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


def test_no_page_names_a_command_or_an_option(browser: Browser, pages: dict[str, Path]) -> None:
    for name, path in pages.items():
        with visit(browser, path, width=1280, media="print") as seen:
            text = seen.page.inner_text("body").lower()
        assert "runs, cost, prompts" in text, name
        assert "sha256" in text, name  # the folds are open
        assert "shipskip" not in text, name
        assert "--" not in text, name


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


# A phone's first screen, and the length of a page


PHONE = {"width": 390, "height": 844}
WORDS, TALL = 1_500, 4_500
ADVICE_ENDS = """() => Math.max(...[...document.querySelectorAll('.pick .tk')].map(
    (line) => line.getBoundingClientRect().bottom))"""
READ = """() => {
    document.querySelectorAll('.vh').forEach((unseen) => unseen.remove());
    return [document.body.innerText.split(/\\s+/).filter(Boolean).length,
        document.documentElement.scrollHeight];
}"""


@pytest.fixture(scope="module")
def full_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Comparisons of two to four tools whose reviews are as long as reviews are."""
    folder = tmp_path_factory.mktemp("full")
    rendered = Pages.load()
    votes = ("ship ship ship skip", "skip ship ship skip", "skip skip ship skip", "ship " * 4)
    runs = [a_full_run(f"Harbourlight {n}", vote) for n, vote in enumerate(votes, 1)]
    paths = {}
    for many in (2, 3, 4):
        paths[many] = folder / f"{many}.html"
        html = rendered.render_comparison(compare(runs[:many]))
        paths[many].write_text(html, encoding="utf-8")
    return paths


@pytest.mark.parametrize("many", [2, 3, 4])
def test_a_phone_shows_what_to_take_in_its_first_screen(
    browser: Browser, full_pages: dict[int, Path], many: int
) -> None:
    with visit(browser, full_pages[many], **PHONE) as seen:
        assert seen.page.locator(".pick .tk").count() == many
        assert seen.page.evaluate(ADVICE_ENDS) <= PHONE["height"]


def test_a_comparison_of_two_is_read_in_one_sitting(
    browser: Browser, full_pages: dict[int, Path]
) -> None:
    with visit(browser, full_pages[2], width=1280) as seen:
        words, height = seen.page.evaluate(READ)
    assert 600 < words < WORDS
    assert height < TALL


def test_print_opens_every_fold(browser: Browser, full_pages: dict[int, Path]) -> None:
    shown = """() => [...document.querySelectorAll('details > :not(summary)')].every(
        (part) => part.checkVisibility())"""
    with visit(browser, full_pages[2], width=1280) as seen:
        assert not seen.page.evaluate(shown)
    with visit(browser, full_pages[2], width=1280, media="print") as seen:
        assert seen.page.evaluate(shown)


def test_a_number_opens_the_texts_and_lands_on_its_passage(
    browser: Browser, full_pages: dict[int, Path]
) -> None:
    with visit(browser, full_pages[2], width=1280) as seen:
        seen.page.locator(".take .ev").first.click()
        passage = seen.page.locator("mark:target")
        assert passage.is_visible()
        assert passage.bounding_box()


def test_the_recorded_runs_are_among_the_pages(pages: dict[str, Path]) -> None:
    assert "recorded" in pages


def a_full_run(name: str, votes: str) -> Run:
    """Return a run of four reviewers who write all that they are asked for, and takes of 68 words."""
    take = (
        (14, "quoted", "notes in plain files"),
        (18, "computed", "9 dollars a seat"),
        (18, "absent", None),
        (18, "judged", None),
    )
    cards = [
        a_scorecard(
            key,
            ballot=a_ballot(
                vote,  # type: ignore[arg-type]
                take=tuple(a_sentence(prose(n), basis, passage) for n, basis, passage in take),  # type: ignore[arg-type]
                findings=tuple(
                    a_finding(criterion, 4 if vote == "ship" else 2, finding=prose(30))
                    for criterion in CRITERIA
                ),
                best_for=prose(16),
                avoid_if=prose(16),
                flips_if=prose(22),
                prediction=DatedClaim(claim=prose(22), by="2027-06-30", probability=0.6),
            ),
        )
        for key, vote in zip(REVIEWERS, votes.split(), strict=True)
    ]
    return a_run(a_tool(name, tagline=prose(12), description=f"{DESCRIPTION} {prose(300)}"), cards)


def prose(words: int) -> str:
    """Return so many words of the length that English words have."""
    text = (
        "a team that keeps its own servers can move every document over in one afternoon and read "
        "what it wrote years later without asking anybody for permission"
    )
    return " ".join(islice(cycle(text.split()), words))
