"""S4 and S7 on the public site: a tool for each payload and each name of the corpora, in every field.

By a real parser nothing on the site may run or fetch, each text is shown, no file stands outside the
build, no cell is a formula and no address is lost.
"""

import csv
import io
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from panel.domain.cleaning import clean_text
from panel.publish.published import PublishedTool
from tests.bars.conftest import Corpus, Show
from tests.decisions import a_decision
from tests.factories import a_run, a_tool
from tests.unit.test_site import IDENTITY, a_catalogue, built, faults_of, published

LONGEST = 200
ACTIVE = "iframe, object, embed, img, video, audio, form, input, base, style, meta[http-equiv]"
LIVE = ("=", "+", "-", "@", "\t", "\r", "\x00", "＝", "＋", "－", "＠")


def test_s04_s07_no_payload_and_no_name_does_anything_on_the_site(
    tmp_path: Path, corpus: Corpus, show: Show
) -> None:
    payloads = [row["payload"] for row in corpus("xss")]
    names = [str(row["value"]) for row in corpus("names")]
    tools, skipped = some_tools([*payloads, *names])
    catalogue = a_catalogue(tools, pairs_a_tool=0)
    folder = built(tmp_path, catalogue)
    active = sum(count_active(folder / tool.path / "index.html") for tool in tools)
    table = (folder / "data/tools.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    live = [cell for row in rows for cell in row.values() if cell.startswith(LIVE)]
    broken = faults_of(folder)
    outside = [path for path in tmp_path.iterdir() if not path.name.startswith("public")]
    show(
        f"S4, S7: {len(payloads)} payloads and {len(names)} names as name, tagline, vendor, licence: "
        f"{len(tools)} pages, {skipped} that no tool may be called; active nodes {active}, live cells "
        f"{len(live)}, faults {len(broken)}, files outside {len(outside)}"
    )
    assert len(rows) == len(tools) == len({tool.slug for tool in tools})
    assert (active, live, broken, outside) == (0, [], [], [])
    assert IDENTITY.root == "/a/"


def some_tools(texts: list[str]) -> tuple[list[PublishedTool], int]:
    """Return a published tool for each text that a tool may have, one a slug; and how many may not."""
    found: dict[str, PublishedTool] = {}
    skipped = 0
    for number, text in enumerate(texts, start=1):
        cut = text.encode("utf-8", "replace").decode()[:LONGEST].strip()
        if not clean_text(cut).strip():
            skipped += 1
            continue
        run = a_run(a_tool(cut, tagline=cut, vendor=cut, licence=cut))
        tool = published(run, a_decision(run, number, reason="Read."))
        found.setdefault(tool.slug, tool)
    return list(found.values()), skipped


def count_active(page: Path) -> int:
    """Return how many nodes of a page could run or fetch."""
    tree = LexborHTMLParser(page.read_bytes())
    scripts = [s for s in tree.css("script") if s.attributes.get("type") != "application/ld+json"]
    handlers = [n for n in tree.css("*") if any(key.startswith("on") for key in n.attributes)]
    links = [
        a
        for a in tree.css("a[href]")
        if not (a.attributes.get("href") or "").startswith(("#", "/", "http", "index.json"))
    ]
    return len(tree.css(ACTIVE)) + len(scripts) + len(handlers) + len(links)
