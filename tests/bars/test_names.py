"""Names that a feed may bring: each has an address, a page and a card, and none is another's."""

import json
import re
from pathlib import Path

import pytest

from panel.feeds.reader import read_feed
from panel.screening.original import entry_tool
from panel.site.assets import Assets
from panel.site.plan import SitePlan
from panel.store.site_builds import SiteBuilds
from tests.bars.conftest import Show
from tests.decisions import a_decision
from tests.factories import DESCRIPTION, a_run, a_tool
from tests.unit.test_site import a_catalogue, faults_of, published

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
NAMES = (
    "x" * 300,
    "One word " * 40,
    "محرر الملاحظات",
    "م" * 300,
    "עורך של Notes 2.0 (beta)",
    "写作",
    "翻译",
    "字" * 300,
    "メモ帳 Pro",
    "😀",
    "👩‍💻🏳️‍🌈",
    "🚀" * 300,
    "!!!",
    "???",
    "...",
    "/",
    "\\",
    "「」",
    "—",
    "e\u0301\u0301\u0301" * 60,
    "ก็็็็็็็็",
    "\u202eevil\u202c",
    "C++",
    "C#",
    "con",
    "index.html",
    "../../etc",
)


async def test_every_name_of_a_feed_has_an_address_and_a_card_of_its_own(
    tmp_path: Path, show: Show
) -> None:
    cards = pytest.importorskip("panel.site.cards", reason="the extra `cards` is not installed")
    items = [
        {"id": str(n), "title": name, "url": f"https://a{n}.example/", "content_text": DESCRIPTION}
        for n, name in enumerate(NAMES)
    ]
    feed = await read_feed(json.dumps({"items": items}).encode(), source="names.json")
    assert len(feed.entries) == len(NAMES)
    runs = [a_run(a_tool(entry_tool(entry).name)) for entry in feed.entries]
    tools = {
        run.tool.slug: published(run, a_decision(run, n)) for n, run in enumerate(runs, start=1)
    }
    folder = tmp_path / "public"
    with cards.card_printer() as printer:
        catalogue = a_catalogue(list(tools.values()), pairs_a_tool=1)
        SiteBuilds(folder).build(SitePlan(catalogue, Assets.load(), "code", printer).files())
    drawn = {slug: (folder / "tools" / slug / "card.png").read_bytes() for slug in tools}
    show(
        f"names: {len(NAMES)} in a feed, {len(tools)} addresses of {max(map(len, tools))} signs at "
        f"most, {len(set(drawn.values()))} cards, {len(faults_of(folder))} faults of the site"
    )
    assert all(SLUG.fullmatch(slug) and len(slug) <= 60 for slug in tools)
    assert len(set(drawn.values())) == len(tools) == len(NAMES)
    assert faults_of(folder) == []
