"""Every kind of page of the public site in Chromium, served with its own headers."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from panel.domain.last_audit import panel_key
from panel.site.server import make_server
from tests.decisions import a_decision
from tests.unit.test_history import FIRST, LATER, reviewed_again
from tests.unit.test_site import HOSTILE, IDENTITY, a_catalogue, a_hostile_tool, built, four_tools
from tests.unit.test_site_record import an_audit, predicted

pytestmark = pytest.mark.browser

KINDS = (
    "",
    "tools/",
    "tools/evenly/",
    "tools/gone/",
    "compare/",
    "compare/evenly-vs-quillbase/",
    "compare/evenly-vs-gone/",
    "category/",
    "category/productivity/",
    "category/productivity/by-share/",
    "a-to-z/q/",
    "reviewers/",
    "reviewers/skeptic/",
    "method/",
    "corrections/",
    "about-ai/",
    "404.html",
)
# Wide and light, narrow and dark: each width and each scheme once.
STATES: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)
RUN_AXE = "() => axe.run(document, {rules: {'target-size': {enabled: true}}})"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A built site with tools in every state, one with hostile text, and where it is served."""
    hostile = [a_hostile_tool(text, 20 + 10 * n) for n, text in enumerate(HOSTILE)]
    overridden = a_decision(LATER, 11, "override", verdict="skip", reason="It cannot be bought.")
    tools = [reviewed_again(overridden), *four_tools()[1:], *hostile]
    personas = FIRST.inputs.personas
    catalogue = a_catalogue(
        tools,
        pairs=(("evenly", "quillbase"), ("evenly", "gone")),
        personas=personas,
        audit=an_audit(panel=panel_key(personas)),
        predictions=predicted(["yes", "no"] * 10),
        identity=replace(IDENTITY, sign_up="https://mail.example/digest/"),
    )
    folder = built(tmp_path_factory.mktemp("site"), catalogue)
    server = make_server(folder, IDENTITY.root, 0)
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}{IDENTITY.root}"
    server.shutdown()
    server.server_close()


def test_axe_finds_nothing_and_no_page_is_too_wide(
    browser: Browser, site: tuple[Path, str], axe: str
) -> None:
    folder, address = site
    known = {"evenly", "gone", "quillbase", "trio", "index.html", "index.json"}
    hostile = sorted(
        f"tools/{one.name}/" for one in (folder / "tools").iterdir() if one.name not in known
    )
    found = []
    for state in STATES:
        context = browser.new_context(bypass_csp=True, **state)
        for path in (*KINDS, *(hostile if state is STATES[1] else ())):
            page = context.new_page()
            page.goto(address + path)
            page.evaluate(axe)
            result = page.evaluate(RUN_AXE)
            assert result["passes"], path
            found += [(path, state, rule["id"]) for rule in result["violations"]]
            if page.evaluate(WIDTH) > 0:
                found.append((path, state, "too wide"))
            page.close()
        context.close()
    assert found == []


def test_under_its_policy_nothing_is_asked_outside_and_nothing_is_complained_of(
    browser: Browser, site: tuple[Path, str]
) -> None:
    folder, address = site
    context = browser.new_context(java_script_enabled=False)
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    for path in KINDS:
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        answer = page.goto(address + path)
        assert answer is not None
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        page.close()
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert complaints == []
    assert any(url.endswith(".woff2") for url in asked)
    assert any(".css" in url for url in asked)
    assert folder.is_symlink()


def test_the_other_order_leads_to_the_one_page(browser: Browser, site: tuple[Path, str]) -> None:
    _, address = site
    page = browser.new_page()
    page.goto(f"{address}compare/quillbase-vs-evenly/")
    assert page.url == f"{address}compare/evenly-vs-quillbase/"
    page.close()


def test_the_nu_checker_finds_no_error(site: tuple[Path, str], vnu: tuple[str, ...]) -> None:
    folder = site[0].resolve()
    pages = [str(folder / path / "index.html") for path in KINDS if not path.endswith(".html")]
    done = subprocess.run(
        [*vnu, "--format", "json", "--exit-zero-always", "--errors-only", *pages],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    messages = json.loads(done.stderr)["messages"]
    assert [(m["url"], m["message"]) for m in messages] == []
