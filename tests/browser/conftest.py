"""Pages, and a browser that may not leave them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from panel.domain.comparison import compare
from panel.publish.pages import Pages
from panel.store.run_files import RunFiles
from tests.browser.nu_checker import SentPages
from tests.gallery import draw_gallery

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "node_modules"
PATIENCE_MS = 60_000
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium's own traffic would otherwise be counted by whoever watches the network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MissingTool = Callable[[str], None]


# One page for each thing that can go wrong in a layout: the whole gallery takes minutes.
CHOSEN = ("tool-three-one", "tool-failed", "tool-injected", "tool-set-aside", "tool-checklist")


@pytest.fixture(scope="session")
def rendered_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages to check, by name: some of the gallery, and the recorded runs compared."""
    folder = tmp_path_factory.mktemp("pages")
    rendered = Pages.load()
    drawn = draw_gallery(rendered)
    widest = max(
        (name for name in drawn if name.startswith("compare-")), key=lambda n: len(drawn[n])
    )
    chosen = {name: drawn[name] for name in (*CHOSEN, widest)}
    runs = RunFiles(ROOT / "runs")
    real = [runs.read(path) for path in runs.paths()]
    by_hand = [run for run in real if run.engine == "manual"]
    chosen["recorded"] = rendered.render_comparison(compare(by_hand[:2]))
    paths = {}
    for name, html in chosen.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(html, encoding="utf-8")
    return paths


@pytest.fixture(scope="session")
def pages(rendered_pages: dict[str, Path], pytestconfig: pytest.Config) -> dict[str, Path]:
    """Every page to check: those rendered and those named with `--page`."""
    named = {path.name: path for path in map(Path, pytestconfig.getoption("--page"))}
    found = {**rendered_pages, **named}
    if not found:
        pytest.skip("no page is rendered and none was named with --page")
    return found


@pytest.fixture(scope="session")
def missing(pytestconfig: pytest.Config) -> MissingTool:
    """What to do where a tool of these checks is not installed: skip, or fail when asked to."""

    def report(tool: str) -> None:
        message = f"{tool} is not installed: `make tools` and CONTRIBUTING.md say how"
        if pytestconfig.getoption("--need-browser"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    return report


@pytest.fixture(scope="module")
def browser(missing: MissingTool) -> Iterator[Browser]:
    """A headless Chromium. One a module: asyncio tests cannot run while Playwright does."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        missing("Chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe(missing: MissingTool) -> str:
    """The source of axe-core, the accessibility checker."""
    script = TOOLS / "axe-core" / "axe.min.js"
    if not script.is_file():
        missing("axe-core")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def vnu(missing: MissingTool) -> tuple[str, ...]:
    """The command of the Nu HTML checker, without its arguments."""
    program = shutil.which("java")
    if program is None:
        missing("Java")
    jar = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not jar.is_file():
        missing("vnu-jar")
    return (str(program), "-jar", str(jar))


@pytest.fixture
def sent(vnu: tuple[str, ...], tmp_path: Path) -> SentPages:
    """The documents that a test is sent and keeps, for the Nu checker."""
    return SentPages(vnu, tmp_path)
