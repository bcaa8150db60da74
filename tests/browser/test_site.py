"""Every kind of page of the public site in Chromium, served with its own headers."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from panel.domain.community import Community, VoteCount, VoteSnapshot
from panel.domain.last_audit import panel_key
from panel.publish.published import PublishedTool
from panel.site.server import make_server
from tests.decisions import a_decision
from tests.gallery import RTL_NAME, some_runs
from tests.unit.test_history import FIRST, LATER, reviewed_again
from tests.unit.test_site import (
    HOSTILE,
    IDENTITY,
    a_catalogue,
    a_hostile_tool,
    built,
    four_tools,
    published,
)
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


MEMBERS = (
    *("one-three", "none-four", "failed", "injected", "mismatch", "free", "by-hand", "samples"),
    *("own-maker", "faulty", "long-name", "per-token", "other-panel"),
)
"""Runs of the gallery that are published as well: what a page may have to say of one."""


def in_every_state() -> list[PublishedTool]:
    """Return a published tool for each state of a page that the other tools are not in."""
    runs = some_runs()
    return [
        published(runs[name], a_decision(runs[name], 300 + n)) for n, name in enumerate(MEMBERS)
    ]


def counted() -> Community:
    """Return the votes on three tools: enough to be shown, too few, and none at all."""
    taken = datetime(2026, 11, 29, 9, tzinfo=UTC)
    few, many = VoteCount(ship=4, skip=3), VoteCount(ship=30, skip=18)
    snapshot = VoteSnapshot(taken=taken, tools={"solo": few, "skipped": many})
    return Community(service="https://votes.example", snapshot=snapshot)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A built site with tools in every state, one with hostile text, and where it is served."""
    hostile = [a_hostile_tool(text, 20 + 10 * n) for n, text in enumerate(HOSTILE)]
    overridden = a_decision(LATER, 11, "override", verdict="skip", reason="It cannot be bought.")
    states = in_every_state()
    slugs = [tool.slug for tool in states]
    tools = [reviewed_again(overridden), *four_tools()[1:], *hostile, *states]
    personas = FIRST.inputs.personas
    catalogue = a_catalogue(
        tools,
        pairs=(
            *(("evenly", "quillbase"), ("evenly", "gone")),
            *(slugs[:3], slugs[3:7], (*slugs[8:12], hostile[HOSTILE.index(RTL_NAME)].slug)),
        ),
        pairs_a_tool=1,
        community=counted(),
        personas=personas,
        audit=an_audit(panel=panel_key(personas)),
        predictions=predicted(["yes", "no"] * 10),
        identity=replace(IDENTITY, sign_up="https://mail.example/digest/"),
    )
    folder = built(tmp_path_factory.mktemp("site"), catalogue)
    server = make_server(folder, IDENTITY.root, 0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}{IDENTITY.root}"
    server.shutdown()
    server.server_close()


def others_in(folder: Path) -> list[str]:
    """Return the pages of tools and of three tools or more that are not among KINDS."""
    tools = {f"tools/{one.parent.name}/" for one in folder.glob("tools/*/index.json")}
    twins = {one.parent.name: one for one in folder.glob("compare/*/index.json")}
    many = {
        name: len(json.loads(twin.read_bytes()).get("tools", ())) for name, twin in twins.items()
    }
    assert {3, 4, 5} <= set(many.values())
    several = {f"compare/{name}/" for name, tools in many.items() if tools > 2}
    return sorted((tools | several) - set(KINDS))


@pytest.fixture(params=["kinds", pytest.param("others", marks=pytest.mark.long)])
def paths(request: pytest.FixtureRequest, site: tuple[Path, str]) -> tuple[str, ...]:
    """A page of each kind, then those of tools and comparisons in all other states."""
    return KINDS if request.param == "kinds" else tuple(others_in(site[0]))


def test_axe_finds_nothing_and_no_page_is_too_wide(
    browser: Browser, site: tuple[Path, str], axe: str, paths: tuple[str, ...]
) -> None:
    _, address = site
    found = []
    for state in STATES if paths is KINDS else STATES[1:]:
        context = browser.new_context(bypass_csp=True, **state)
        page = context.new_page()
        page.add_init_script(axe)
        for path in paths:
            page.goto(address + path)
            result = page.evaluate(RUN_AXE)
            assert result["passes"], path
            found += [(path, state, rule["id"]) for rule in result["violations"]]
            if page.evaluate(WIDTH) > 0:
                found.append((path, state, "too wide"))
        context.close()
    assert found == []


def test_under_its_policy_nothing_is_asked_outside_and_nothing_is_complained_of(
    browser: Browser, site: tuple[Path, str], paths: tuple[str, ...]
) -> None:
    folder, address = site
    context = browser.new_context(java_script_enabled=False)
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    for path in paths:
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
    paths = (*KINDS, *others_in(folder))
    pages = [str(folder / path / "index.html") for path in paths if not path.endswith(".html")]
    done = subprocess.run(
        [*vnu, "--format", "json", "--exit-zero-always", "--errors-only", *pages],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    messages = json.loads(done.stderr)["messages"]
    assert [(m["url"], m["message"]) for m in messages] == []
