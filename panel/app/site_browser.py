"""The built site in Chromium with axe-core, and before the Nu HTML checker, where they are there."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from panel.app.workspace import built_in
from panel.site.check import SiteFault
from panel.site.server import make_server

_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)
_STATES: Final[tuple[dict[str, Any], ...]] = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 390, "height": 844}},
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
)
_RUN_AXE: Final = "() => axe.run(document, {rules: {'target-size': {enabled: true}}})"
_VNU_SECONDS: Final = 600
_KINDS: Final = 3
"""Pages of one kind that are opened: those of one folder are made alike."""


def check_in_browser(folder: Path, base_url: str) -> tuple[list[SiteFault], list[str]]:
    """Return what axe and the Nu checker find, and what is not installed, a line each.

    Of each folder of the site the largest pages are opened, each as `_headers` has it served.
    """
    tools = built_in() / ".tools" / "node_modules"
    pages = sorted(_chosen(folder))
    faults: list[SiteFault] = []
    notes: list[str] = []
    axe = tools / "axe-core" / "axe.min.js"
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None or not axe.is_file():
        missing = "Chromium" if program is None else "axe-core"
        notes.append(f"Not checked by axe: {missing} is not installed (`make tools`).")
    else:
        try:
            faults += _axe(folder, base_url, pages, program, axe.read_text(encoding="utf-8"))
        except ImportError:
            notes.append(
                "Not checked by axe: Playwright is not installed (`pip install playwright`)."
            )
    vnu = tools / "vnu-jar" / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    if java is None or not vnu.is_file():
        missing = "Java" if java is None else "vnu-jar"
        notes.append(
            f"Not checked by the Nu HTML checker: {missing} is not installed (`make tools`)."
        )
    else:
        faults += _vnu(folder, pages, java, vnu)
    return faults, notes


def _chosen(folder: Path) -> Iterator[str]:
    by_kind: dict[str, list[tuple[int, str]]] = {}
    root = folder.resolve()
    for path in root.rglob("*.html"):
        inside = path.relative_to(root)
        by_kind.setdefault(inside.parts[0], []).append((path.stat().st_size, inside.as_posix()))
    for pages in by_kind.values():
        yield from (page for _, page in sorted(pages, reverse=True)[:_KINDS])


def _axe(
    folder: Path, base_url: str, pages: list[str], program: str, axe: str
) -> Iterator[SiteFault]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not there without the dev group

    root = urlsplit(base_url).path
    server = make_server(folder, root, 0)
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}{root}"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
            for state in _STATES:
                # The policy of the site lets no script run, that of the checker neither.
                context = browser.new_context(bypass_csp=True, **state)
                for path in pages:
                    page = context.new_page()
                    page.goto(here + path.removesuffix("index.html"), wait_until="load")
                    page.evaluate(axe)
                    for rule in page.evaluate(_RUN_AXE)["violations"]:
                        where = [node["target"] for node in rule["nodes"][:2]]
                        yield SiteFault(path, f"axe: {rule['id']} at {where}")
                    page.close()
                context.close()
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


def _vnu(folder: Path, pages: list[str], java: str, jar: Path) -> Iterator[SiteFault]:
    root = folder.resolve()
    done = subprocess.run(  # noqa: S603 - our own files
        [java, "-jar", str(jar), "--format", "json", "--exit-zero-always", "--errors-only"]
        + [str(root / page) for page in pages],
        capture_output=True,
        text=True,
        timeout=_VNU_SECONDS,
        check=False,
    )
    for message in json.loads(done.stderr)["messages"]:
        path = Path(urlsplit(message["url"]).path)
        yield SiteFault(path.relative_to(root).as_posix(), f"vnu: {message['message']}")
