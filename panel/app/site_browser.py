"""The built site in Chromium with axe-core, and before the Nu HTML checker, where they are there."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import unquote, urlsplit

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
_MOST_SAID: Final = 200
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
            faults += check_by_axe(folder, base_url, pages, program, axe)
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
        faults += check_by_vnu(folder, pages, java, vnu)
    return faults, notes


def _chosen(folder: Path) -> Iterator[str]:
    by_kind: dict[str, list[tuple[int, str]]] = {}
    root = folder.resolve()
    for path in root.rglob("*.html"):
        inside = path.relative_to(root)
        by_kind.setdefault(inside.parts[0], []).append((path.stat().st_size, inside.as_posix()))
    for pages in by_kind.values():
        yield from (page for _, page in sorted(pages, reverse=True)[:_KINDS])


def check_by_axe(
    folder: Path, base_url: str, pages: list[str], program: str, axe: Path
) -> Iterator[SiteFault]:
    """Yield what axe finds in pages of a site; that Chromium gave up is a fault.

    `program` is Chromium and `axe` the file axe.min.js. Each page is opened wide, narrow and dark.
    """
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - not there without the dev group

    root, script = urlsplit(base_url).path, axe.read_text(encoding="utf-8")
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
                    page.evaluate(script)
                    for rule in page.evaluate(_RUN_AXE)["violations"]:
                        where = [node["target"] for node in rule["nodes"][:2]]
                        yield SiteFault(path, f"axe: {rule['id']} at {where}")
                    page.close()
                context.close()
            browser.close()
    except Error as error:
        yield _not_checked(axe.name, f"Chromium: {_first_line(error.message)}")
    finally:
        server.shutdown()
        server.server_close()


def check_by_vnu(
    folder: Path, pages: list[str], java: str, jar: Path, *, seconds: float = _VNU_SECONDS
) -> list[SiteFault]:
    """Return what the Nu checker in `jar` finds in pages of a site; that it gave no report is a fault.

    Example: `check_by_vnu(Path("public"), ["index.html"], "/usr/bin/java", Path("vnu.jar"))`.
    """
    root = folder.resolve()
    try:
        done = subprocess.run(  # noqa: S603 - our own files
            [java, "-jar", str(jar), "--format", "json", "--exit-zero-always", "--errors-only"]
            + [str(root / page) for page in pages],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [_not_checked(jar.name, f"Java did not end within {seconds:g} seconds")]
    except OSError as error:
        return [_not_checked(jar.name, f"Java does not start ({error.strerror})")]
    try:
        return [
            SiteFault(
                Path(unquote(urlsplit(message["url"]).path)).relative_to(root).as_posix(),
                f"vnu: {message['message']}",
            )
            for message in json.loads(done.stderr)["messages"]
        ]
    except (ValueError, LookupError, TypeError):
        said = _first_line(done.stderr) or "nothing"
        return [_not_checked(jar.name, f"Java ended with {done.returncode} and said: {said}")]


def _not_checked(program: str, why: str) -> SiteFault:
    return SiteFault(
        program,
        f"not every page was checked by it: {why.rstrip('.')}. Mend that (`make tools` installs it "
        "anew), or check without --browser.",
    )


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:_MOST_SAID]
