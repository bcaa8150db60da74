"""The public site: what is on it, for whom it is the same, and what a build leaves behind."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser

from panel.digest.issue import issue_of
from panel.digest.letter import Letter
from panel.domain.community import Community, VoteCount, VoteSnapshot
from panel.domain.decision import Change, EditorialDecision
from panel.domain.mailing import Week
from panel.domain.run import Run
from panel.domain.verdict import Rules
from panel.editorial.fields import apply
from panel.editorial.publication import publication_of
from panel.publish.catalogue import Catalogue, Identity
from panel.publish.pairing import pair_tools
from panel.publish.published import PublishedTool, SiteComparison, comparison_slug
from panel.site.assets import Assets
from panel.site.card_contents import CardTool
from panel.site.check import BuiltFiles, SiteFault, check_files
from panel.site.hosting import list_redirects
from panel.site.listing import ORDERS, in_order
from panel.site.plan import SitePlan, code_of_pages
from panel.store.site_builds import SiteBuilds
from tests.decisions import MORNING, a_decision
from tests.factories import (
    REVIEWERS,
    a_ballot,
    a_panel,
    a_persona,
    a_run,
    a_scorecard,
    a_tool,
    some_findings,
    some_inputs,
)
from tests.workspaces import persona_set

pytestmark = pytest.mark.no_cover

IDENTITY = Identity("Ship/Skip", "https://reviews.example/a/")
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></script><!--<svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "]]><x/>&lt;b&gt; &amp;amp; ' \" `",
    "\u202eevil\u202c \u2028 \x1b[31m \x0b",
    "=HYPERLINK(A1)",
    "W" * 180,
    "محرر الملاحظات",
    "写作 翻译 😀👩‍💻",
    "!!! ??? ---",
)


def published(run: Run, *decisions: EditorialDecision) -> PublishedTool:
    publication = publication_of(run, decisions or (a_decision(run, 1),))
    return PublishedTool(apply(run, publication.changes), publication)


def a_catalogue(tools: Sequence[PublishedTool], **fields: Any) -> Catalogue:
    personas = persona_set()
    given: dict[str, Any] = {
        "identity": IDENTITY,
        "personas": personas.personas,
        "prompts": personas.prompts,
        "rules": Rules(),
    }
    return Catalogue(published=tuple(tools), **(given | fields))


def files_of(catalogue: Catalogue) -> dict[str, bytes]:
    return {file.path: file.make() for file in SitePlan(catalogue, Assets.load(), "code").files()}


def built(tmp_path: Path, catalogue: Catalogue) -> Path:
    folder = tmp_path / "public"
    SiteBuilds(folder).build(SitePlan(catalogue, Assets.load(), "code").files())
    return folder


def faults_of(folder: Path) -> list[SiteFault]:
    """Return what the check finds, but for the wording: the reviews of these tests are all one."""
    found = check_files(BuiltFiles(folder, IDENTITY.base_url))
    return [fault for fault in found if "runs of three words" not in fault.what]


def entries_of(atom: bytes) -> list[dict[str, str]]:
    """Return what each entry of an Atom feed says, by the names of its elements."""
    feed = ET.fromstring(atom)  # noqa: S314 - what we have written
    return [
        {part.tag.removeprefix(ATOM): part.text or "" for part in entry}
        for entry in feed.findall(f"{ATOM}entry")
    ]


def text_of(html: bytes | str) -> str:
    """Return what a page says, in one line."""
    body = LexborHTMLParser(html).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


def four_tools() -> list[PublishedTool]:
    overridden = a_run(a_tool("Evenly"), a_panel("ship skip ship skip"))
    corrected = a_run(a_tool("Trio"), a_panel("ship ship ship skip"))
    withdrawn = a_run(a_tool("Gone"), a_panel("skip skip skip skip"))
    licence = Change(field="licence", before="MIT", after="Apache-2.0")
    return [
        published(a_run(a_tool("Quillbase"))),
        published(
            overridden,
            a_decision(overridden, 2),
            a_decision(overridden, 3, "override", verdict="ship", reason="It names its limits."),
        ),
        published(
            corrected,
            a_decision(corrected, 4),
            a_decision(corrected, 5, "correct", changes=(licence,), reason="A reader wrote."),
        ),
        published(
            withdrawn,
            a_decision(withdrawn, 6),
            a_decision(withdrawn, 7, "withdraw", reason="It was of another product."),
        ),
    ]


def test_a_built_site_has_nothing_that_the_check_finds(tmp_path: Path) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    assert faults_of(folder) == []


def test_the_check_finds_what_is_broken(tmp_path: Path) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    page = folder / "tools/quillbase/index.html"
    html = page.read_text()
    page.unlink()
    broken = html.replace('"@type":"WebPage"', '"@type":"WebPagee"')
    broken = broken.replace("<main id", '<a href="nowhere/">x</a><i id="main"></i><main id')
    page.write_text(broken)
    style = next(folder.glob("assets/site.*.css"))
    css = style.read_text().replace("--ink2:#5b564d", "--ink2:#bbb8b0")
    style.unlink()
    style.write_text(css)
    (folder / "robots.txt").unlink()
    atom = folder / "feed.atom"
    feed = atom.read_text().replace("<updated>", "<upated>", 1)
    atom.unlink()
    atom.write_text(feed)
    found = [f"{fault.path} {fault.what}" for fault in faults_of(folder)]
    for expected in (
        "'WebPagee' is not one of the site's",
        "'nowhere/' leads nowhere",
        "the id 'main' stands 2 times",
        "light: ink2 on paper is 1.8",
        "robots.txt it is in the manifest and not there",
        "its digest differs from the manifest's",
        "feed.atom it cannot be read: it is no XML",
    ):
        assert any(expected in line for line in found), (expected, found)


def test_the_check_names_a_file_that_is_of_no_format_any_more(tmp_path: Path) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    names = (
        "manifest.json feed.json data/tools.jsonl data/reviews.jsonl tools/trio/index.json".split()
    )
    style = next(folder.glob("assets/site.*.css")).relative_to(folder).as_posix()
    for path in (*names, style):
        kept = (folder / path).read_bytes()
        for damage in (b"\xff", *((b"{", b"[1]") if path != style else ())):
            (folder / path).unlink()
            (folder / path).write_bytes(damage)
            found = [fault.what for fault in faults_of(folder) if fault.path == path]
            assert any(what.startswith("it cannot be read: ") for what in found), (path, damage)
        (folder / path).write_bytes(kept)


def test_the_check_reads_on_after_what_is_of_its_format_and_not_what_was_built(
    tmp_path: Path,
) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    broken = {
        "index.html": '<a href="http://[x">x</a><a href="//[::1">y</a>',
        "tools/trio/index.html": _linked('{"@context":"https://schema.org","@graph":3}'),
        "feed.json": '{"items":[{"id":"1","url":"http://[x","content_text":"x"}]}',
        "changes.json": '{"nothing":true}',
    }
    for path, text in broken.items():
        (folder / path).unlink()
        (folder / path).write_text(text)
    found = {f"{fault.path} {fault.what}" for fault in faults_of(folder)}
    for expected in (
        "index.html the link 'http://[x' is no address",
        "index.html the link '//[::1' is no address",
        "tools/trio/index.html its JSON-LD: its graph is no list",
        "feed.json 'http://[x' leads nowhere",
        "changes.json it has no items",
    ):
        assert expected in found, (expected, found)


def _linked(document: str) -> str:
    return f'<script type="application/ld+json">{document}</script>'


@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        ("**/feed.json", b"[1]"),
        ("**/*.atom", b"<"),
        ("**/*.atom", b"<?xml version='1.0' encoding='utf-18'?><feed/>"),
        ("**/*.atom", b"<?xml version='1.0' encoding='utf-32'?><feed/>"),
        ("tools/*/index.json", b"\xff"),
        ("assets/*.css", b"\xff"),
        ("tools/*/index.html", None),
        ("assets/*", None),
    ],
)
def test_the_check_names_every_file_that_cannot_be_read(
    tmp_path: Path, pattern: str, damage: bytes | None
) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    (folder / "assets" / "print.css").write_text("")
    files = {path.relative_to(folder).as_posix() for path in folder.glob(pattern)}
    assert len(files) > 1
    site = BuiltFiles(folder, IDENTITY.base_url)
    assert site.paths >= files  # it has been listed before a file is damaged, or goes
    for path in files:
        (folder / path).unlink()
        if damage is not None:
            (folder / path).write_bytes(damage)
    names = {one.path for one in check_files(site) if "cannot be read" in one.what}
    assert names == files


def test_the_check_reads_every_sound_line_of_a_table(tmp_path: Path) -> None:
    folder = built(tmp_path, a_catalogue(four_tools()))
    table = folder / "data" / "tools.jsonl"
    first, second, *rest = table.read_bytes().splitlines()
    table.unlink()
    table.write_bytes(b"\n".join((b"{", first, second[:-9], *rest)))
    slug = json.loads(rest[-1])["slug"]
    document = folder / "tools" / slug / "index.json"
    document.unlink()
    document.write_text('{"decision":"perhaps"}')
    found = [f"{fault.path} {fault.what}" for fault in faults_of(folder)]
    assert [line for line in found if "cannot be read: line " in line and "tools.jsonl" in line][1:]
    assert any(slug in line and "another verdict" in line for line in found), found


def test_the_same_decisions_are_the_same_bytes_in_whatever_order_they_come() -> None:
    tools = four_tools()
    assert files_of(a_catalogue(tools)) == files_of(a_catalogue(tools[::-1]))


def test_a_withdrawn_page_keeps_its_address_and_says_why_also_once_its_run_is_gone() -> None:
    tools = four_tools()
    with_run = files_of(a_catalogue(tools))
    gone = replace(tools[3], recorded=None)
    for files in (with_run, files_of(a_catalogue([*tools[:3], gone]))):
        html = files["tools/gone/index.html"].decode()
        assert "It was of another product." in html
        assert "noindex" in html
        assert "plain files" not in html
        twin = json.loads(files["tools/gone/index.json"])
        assert (twin["state"], twin["decision"]) == ("withdrawn", None)
        assert "reviews" not in twin
        for path in ("index.html", "tools/index.html", "feed.atom", "sitemap.xml"):
            assert (
                "tools/gone/"
                not in files[path]
                .decode()
                .partition("Withdrawn, each")[0]
                .partition("Just changed")[0]
            ), path
    pair = with_run["compare/evenly-vs-gone/index.html"].decode()
    assert "It was of another product." in pair


def test_an_overridden_verdict_shows_both_and_is_the_same_everywhere() -> None:
    files = files_of(a_catalogue(four_tools()))
    page = files["tools/evenly/index.html"].decode()
    assert "Editor: ship. The panel said split" in page
    assert "It names its limits." in page
    assert json.loads(files["tools/evenly/index.json"])["decision"] == "ship"
    rows = csv.DictReader(io.StringIO(files["data/tools.csv"].decode()))
    row = next(row for row in rows if row["slug"] == "evenly")
    assert (row["decision"], row["panel_decision"], row["overridden"]) == ("ship", "skip", "yes")
    (entry,) = [one for one in entries_of(files["feed.atom"]) if "Evenly" in one["title"]]
    assert entry["title"] == "Evenly: ship"
    assert "by the editor; the panel: split" in entry["summary"]
    (item,) = [i for i in json.loads(files["feed.json"])["items"] if "Evenly" in i["title"]]
    assert item["id"] == entry["id"]
    listed = json.loads(files["tools/index.json"])["tools"]
    assert {one["slug"]: one["decision"] for one in listed}["evenly"] == "ship"


class Drawn:
    """Keeps what the cards would show, in the place of a printer."""

    digest = "drawn"

    def draw(self, title: str, tools: Sequence[CardTool]) -> bytes:
        return "\n".join([title, *(f"{tool.slug} {tool.badge}" for tool in tools)]).encode()


def verdicts_in(node: Any) -> Iterator[tuple[str, str]]:
    """Yield each tool and verdict that a document names side by side, however deep."""
    if isinstance(node, dict):
        if node.get("slug") and node.get("decision"):
            yield node["slug"], node["decision"]
        if isinstance(title := node.get("title"), str) and title.endswith((": ship", ": skip")):
            name, _, told = title.rpartition(": ")
            yield name.casefold(), told
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from verdicts_in(part)


def test_a_tools_verdict_is_the_same_on_every_page_feed_card_and_data_file() -> None:
    skipped = a_run(a_tool("Skipped"), a_panel("skip skip skip skip"))
    tools = [*four_tools(), published(skipped)]
    told = {"evenly": "ship", "quillbase": "ship", "trio": "ship", "skipped": "skip"}
    catalogue = a_catalogue(tools, pairs=(tuple(told), ("evenly", "skipped")))
    plan = SitePlan(catalogue, Assets.load(), "code", Drawn())
    files = {file.path: file.make() for file in plan.files()}
    found: dict[str, set[tuple[str, str]]] = {}
    for path, data in files.items():
        if path.startswith("changes."):  # it has what each was before, too
            continue
        if path.endswith(".json"):
            found[path] = set(verdicts_in(json.loads(data)))
        elif path.endswith(".jsonl"):
            found[path] = set(verdicts_in([json.loads(line) for line in data.splitlines()]))
        elif path.endswith(".csv"):
            found[path] = set(verdicts_in(list(csv.DictReader(io.StringIO(data.decode())))))
        elif path.endswith(".atom"):
            found[path] = set(verdicts_in(entries_of(data)))
        elif path.endswith("card.png"):
            shown = [line.split() for line in data.decode().splitlines()[1:]]
            found[path] = {(slug, badge) for slug, badge in shown}
    assert [path for path, said in found.items() if not said <= set(told.items())] == []
    whole = {path for path, said in found.items() if said == set(told.items())}
    assert whole >= {
        *("feed.atom", "feed.json", "category/productivity/feed.atom", "data/tools.csv"),
        *("data/tools.jsonl", "tools/index.json", "category/productivity/index.json"),
        f"compare/{comparison_slug(list(told))}/index.json",
        f"compare/{comparison_slug(list(told))}/card.png",
    }
    rows = [row for path in files if path.endswith("index.html") for row in rows_in(files[path])]
    assert {slug for slug, _ in rows} == told.keys()
    assert [row for row in rows if row[1] != told[row[0]]] == []


def rows_in(html: bytes) -> Iterator[tuple[str, str]]:
    """Yield the tool and the verdict of each row of a list that has one of both, history apart."""
    for row in LexborHTMLParser(html).css("tr, li:not([id^=e-])"):
        links = (a.attributes.get("href") or "" for a in row.css("a"))
        slugs = {link.split("/")[-2] for link in links if link.startswith("/a/tools/")}
        badges = [badge.text(strip=True).casefold() for badge in row.css("span.v")]
        if len(slugs) == len(badges) == 1 and slugs != {"tools"}:
            yield slugs.pop(), badges[0]


def test_a_correction_is_told_with_what_was_and_what_is() -> None:
    files = files_of(a_catalogue(four_tools()))
    for path in ("tools/trio/index.html", "corrections/index.html", "index.html"):
        html = files[path].decode()
        assert ">MIT</del>" in html, path
        assert ">Apache-2.0</ins>" in html, path
    assert "A reader wrote." in files["corrections/feed.atom"].decode()


def test_a_corrected_name_moves_no_page_and_no_vote() -> None:
    runs = [a_run(a_tool("Aye")), a_run(a_tool("Nay"), a_panel("skip skip skip skip"))]
    renamed = Change(field="name", before=None, after="Aye and Nay")
    tools = [
        published(run, a_decision(run, n), a_decision(run, n + 1, "correct", changes=(renamed,)))
        for run, n in zip(runs, (1, 3), strict=True)
    ]
    snapshot = VoteSnapshot(
        taken=datetime(2026, 11, 24, tzinfo=UTC), tools={"aye": VoteCount(ship=30, skip=18)}
    )
    community = Community(service="https://votes.example", snapshot=snapshot)
    files = files_of(a_catalogue(tools, pairs=(("aye", "nay"),), community=community))
    page = files["tools/aye/index.html"].decode()
    assert "Aye and Nay" in page
    assert 'action="https://votes.example/vote/aye"' in page
    assert "48 votes" in page
    document = json.loads(files["tools/aye/index.json"])
    assert (document["tool"]["slug"], document["community"]["ship"]) == ("aye", 30)
    compared = json.loads(files["compare/aye-vs-nay/index.json"])
    assert (compared["comparison"], compared["pick"]) == ("aye-vs-nay", "aye")
    assert {one["slug"] for one in (*compared["tools"], *compared["pricing"])} == {"aye", "nay"}


def test_a_correction_moves_an_entrys_date_and_never_its_id() -> None:
    run = a_run(a_tool("Trio"))
    licence = Change(field="licence", before="MIT", after="Apache-2.0")
    later = a_decision(run, 90, "correct", changes=(licence,))
    entries = [
        entries_of(files_of(a_catalogue([published(run, a_decision(run, 1), *more)]))["feed.atom"])
        for more in ((), (later,))
    ]
    before, after = (found[0] for found in entries)
    assert before["id"] == after["id"]
    assert before["published"] == after["published"]
    assert before["updated"] < after["updated"]


def test_hostile_text_in_every_field_is_shown_and_does_nothing(tmp_path: Path) -> None:
    tools = [a_hostile_tool(text, 10 * number) for number, text in enumerate(HOSTILE, start=1)]
    named = Identity("<b>&", IDENTITY.base_url)
    folder = built(tmp_path, a_catalogue([*tools, *four_tools()], identity=named))
    assert faults_of(folder) == []
    for tool in tools:
        html = (folder / tool.path / "index.html").read_text()
        tree = LexborHTMLParser(html)
        assert not tree.css("img, iframe, object, b > b")
        assert {node.attributes.get("type") for node in tree.css("script")} == {
            "application/ld+json"
        }
        assert not [n for n in tree.css("*") if any(k.startswith("on") for k in n.attributes)]
        assert "49" not in "".join(headline.text() for headline in tree.css("h1"))
    assert len(entries_of((folder / "feed.atom").read_bytes())) == len(tools) + 3
    table = (folder / "data/tools.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(rows) == len(tools) + 4
    live = ("=", "+", "-", "@", "\t", "\r")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(live)]


def a_hostile_tool(text: str, number: int) -> PublishedTool:
    run = a_run(a_tool(text, tagline=text, category=text, vendor=text, licence=text))
    change = Change(field="licence", before=text, after=f"{text} 2", found=text)
    said: dict[str, Any] = {"reason": text, "editor": text[:80]}
    return published(
        run,
        a_decision(run, number),
        a_decision(run, number + 1, "correct", changes=(change,), **said),
        a_decision(run, number + 2, "override", verdict="skip", **said),
    )


@pytest.mark.parametrize("number", [2, 3])
def test_the_order_of_tools_in_an_address_changes_nothing_but_the_redirect(number: int) -> None:
    slugs = ["quillbase", "evenly", "trio"][:number]
    one, other = (
        files_of(a_catalogue(four_tools(), pairs=(tuple(order),), pairs_a_tool=0))
        for order in (slugs, slugs[::-1])
    )
    assert one == other
    whole = comparison_slug(slugs)
    assert f"compare/{whole}/index.html" in one
    reverse = "-vs-".join(sorted(slugs, reverse=True))
    assert f"/a/compare/{reverse}/ /a/compare/{whole}/ 301" in one["_redirects"].decode()
    assert (
        f'url={IDENTITY.base_url}compare/{whole}/"' in one[f"compare/{reverse}/index.html"].decode()
    )


def test_a_comparisons_folder_has_a_name_that_a_file_may_have() -> None:
    slugs = [f"{letter * 59}{n}" for n, letter in enumerate("abcde")]
    assert len(comparison_slug(slugs)) <= 200
    assert comparison_slug(slugs) == comparison_slug(slugs[::-1])
    assert comparison_slug(slugs) != comparison_slug([*slugs[:4], "f" * 60])


def test_an_editors_verdict_and_not_the_panels_decides_the_pick() -> None:
    shipped = a_run(a_tool("Aye"))
    other = a_run(a_tool("Nay"), a_panel("ship ship ship skip"))
    pair = SiteComparison((published(shipped), published(other)), ())
    assert pair.pick[0] == "aye"
    overridden = published(
        shipped, a_decision(shipped, 1), a_decision(shipped, 2, "override", verdict="skip")
    )
    changed = SiteComparison((overridden, published(other)), pair.months)
    assert changed.pick[0] == "nay"
    assert changed.comparison.pick == "nay"
    assert changed.comparison.runs[0].verdict == shipped.verdict


def test_a_tool_that_the_editor_skips_is_recommended_nowhere_and_the_panels_votes_stay() -> None:
    shipped, other = (
        a_run(a_tool("Aye"), a_panel("ship ship ship skip")),
        a_run(a_tool("Nay"), a_panel("ship skip ship ship")),
    )
    overridden = published(
        shipped,
        a_decision(shipped, 1),
        a_decision(shipped, 2, "override", verdict="skip", reason="It cannot be bought."),
    )
    catalogue = a_catalogue([overridden, published(other)])
    files = files_of(catalogue)
    issue = issue_of(catalogue, Week.named("2026-W48"), datetime.date)
    assert issue is not None
    letter = Letter(issue, "Anna")
    pages = {name: text_of(files[name]) for name in files if name.endswith(".html")}
    for name in ("index.html", "tools/aye/index.html", "compare/aye-vs-nay/index.html"):
        assert "The editor skips it" in pages[name]
    assert "Skip by the editor; panel: ship, 75%" in pages["index.html"]
    assert "Skip by the editor; panel: ship, 75%" in pages["tools/aye/index.html"]
    assert "Editor: skip. The panel said ship" in pages["compare/aye-vs-nay/index.html"]
    for text in (*pages.values(), letter.text, letter.markdown, text_of(letter.html)):
        assert not re.search(r"\b(?:Take|Or|Leave) Aye when", " ".join(text.split()))
    assert not re.search(r"\b(?:Take|Leave) it when", pages["tools/aye/index.html"])
    assert "Aye: The editor skips it." in letter.text
    assert catalogue.row(overridden).badge == "skip"
    shares = next(order for order in ORDERS if order.key == "share")
    ranked = in_order([catalogue.row(overridden), catalogue.row(published(other))], shares)
    assert [row.tool.slug for row in ranked] == ["nay", "aye"]
    twin = json.loads(files["compare/aye-vs-nay/index.json"])
    assert (twin["pick"], twin["take_when"][0]["text"]) == ("nay", None)
    assert [one["verdict"]["decision"] for one in twin["tools"]] == ["ship", "ship"]


def test_a_lead_that_divides_nobody_differently_is_not_called_the_most_divided() -> None:
    alike = [a_run(a_tool(name), a_panel("ship ship ship skip")) for name in ("Aye", "Bee")]
    other = a_run(a_tool("Cee"), a_panel("ship ship skip skip"))
    front = text_of(files_of(a_catalogue([published(run) for run in alike]))["index.html"])
    assert "Aye vs Bee" in front
    assert "Most divided" not in front
    catalogue = a_catalogue([published(run) for run in (*alike, other)])
    front = text_of(files_of(catalogue)["index.html"])
    assert re.search("Most divided (Aye|Bee) vs Cee", front)


def test_what_was_answered_by_hand_is_told_of_no_ai_in_feeds_and_heads() -> None:
    cards = [a_scorecard(key, provider="manual", model="Nora") for key in REVIEWERS]
    files = files_of(
        a_catalogue([published(a_run(reviews=cards)), published(a_run(a_tool("Trio")))])
    )
    told = {entry["title"]: entry["summary"] for entry in entries_of(files["feed.atom"])}
    assert "by four reviewers from the published description" in told["Quillbase: ship"]
    assert "Answers were given by hand by Nora." in told["Quillbase: ship"]
    assert "by four AI reviewers" in told["Trio: ship"]
    page = LexborHTMLParser(files["tools/quillbase/index.html"])
    described = page.css_first('meta[property="og:description"]')
    assert described is not None
    assert "AI reviewer" not in (described.attributes["content"] or "")


def test_a_headline_begins_with_a_capital_and_a_date_says_what_it_is() -> None:
    skipped = [a_run(a_tool(name), a_panel("skip skip skip skip")) for name in ("A", "B", "C")]
    front = text_of(files_of(a_catalogue([published(run) for run in skipped]))["index.html"])
    assert "The week to 23 November 2026 Three tools to skip" in front
    front = text_of(files_of(a_catalogue([published(skipped[0])]))["index.html"])
    assert "Verdicts up to 23 November 2026 One tool to skip" in front
    alone = a_run(
        a_tool("Solo"),
        inputs=some_inputs(a_tool("Solo"), rules=Rules(quorum=1)),
        reviews=a_panel("ship"),
    )
    front = text_of(files_of(a_catalogue([published(alone)]))["index.html"])
    assert "The builder ships Solo" in front
    overridden = a_decision(skipped[0], 2, "override", verdict="ship")
    tool = published(skipped[0], a_decision(skipped[0], 1), overridden)
    front = text_of(files_of(a_catalogue([tool]))["index.html"])
    assert "of four ship" not in front
    assert "Ship by the editor; panel: skip, 0%" in front


def test_the_bars_of_a_reviewer_have_one_scale() -> None:
    steps = ((4, 2, 4), (4, 2, 3), (3, 2, 3))
    tools = [
        published(
            a_run(
                a_tool(f"T{number}"),
                [a_scorecard("builder", ballot=a_ballot(findings=some_findings(*given)))],
            )
        )
        for number, given in enumerate(steps)
    ]
    catalogue = a_catalogue(tools, personas=(a_persona("builder"),))
    page = LexborHTMLParser(files_of(catalogue)["reviewers/builder/index.html"])
    heights: dict[int, set[str | None]] = {}
    for column in page.css(".anch th"):
        bar = column.css_first("rect")
        assert bar is not None
        times = int(re.findall(r"(\d+) times?", column.text())[0])
        heights.setdefault(times, set()).add(bar.attributes["height"])
    assert heights == {0: {"0"}, 1: {"16"}, 2: {"32"}, 3: {"48"}}


def test_what_a_text_does_not_say_ends_with_one_mark() -> None:
    tool = a_tool(not_stated=("vendor",), open_points=("Will it run on an own server soon?", "?!"))
    page = text_of(files_of(a_catalogue([published(a_run(tool))]))["tools/quillbase/index.html"])
    assert "Not stated: vendor, Will it run on an own server soon." in page


def test_no_tool_has_more_pairs_than_the_setting_and_a_new_tool_takes_none_away() -> None:
    tools = [(f"t{n}", "ab"[n % 2]) for n in range(30)]
    for most in (0, 1, 2, 4, 5):
        before: set[tuple[str, str]] = set()
        for number in range(len(tools) + 1):
            pairs = pair_tools(tools[:number], most)
            assert before <= set(pairs)
            assert len(set(pairs)) == len(pairs)
            before = set(pairs)
        named = [slug for pair in before for slug in pair]
        assert max((named.count(slug) for slug in named), default=0) <= most
        assert most == 0 or before


def test_a_redirect_never_takes_the_place_of_a_page() -> None:
    tools = [published(a_run(a_tool(name))) for name in ("A", "B", "B vs A")]
    catalogue = a_catalogue(tools, pairs=(("a", "b"),))
    assert not {f"{path}index.html" for path in list_redirects(catalogue)} & {
        f"{one.path}index.html" for one in catalogue.every_comparison
    }
    files_of(catalogue)


def test_a_site_of_nothing_is_a_site(tmp_path: Path) -> None:
    folder = built(tmp_path, a_catalogue([]))
    assert "No verdict is published yet." in (folder / "index.html").read_text()
    assert faults_of(folder) == []


def test_lists_are_cut_into_pages_that_stay_light(tmp_path: Path) -> None:
    tools = []
    for number in range(130):
        run = a_run(a_tool(f"Tool {number}", category="Data"))
        when = a_decision(run, number + 1)
        tools.append(
            published(run, when.model_copy(update={"at": when.at + timedelta(hours=number)}))
        )
    folder = built(tmp_path, a_catalogue(tools, pairs_a_tool=0))
    assert (folder / "category/data/page-2/index.html").is_file()
    assert (folder / "a-to-z/t/page-2/index.html").is_file()
    assert faults_of(folder) == []


LOADED = """
import sys
import panel.site.cards, panel.site.plan
for name, module in sys.modules.items():
    if name.startswith("panel."):
        print(module.__file__)
"""


def test_all_code_that_makes_pages_decides_whether_they_are_made_again() -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = set(map(Path, done.stdout.splitlines()))
    assert len(loaded) > 50
    assert loaded - set(code_of_pages()) == set()


def test_a_page_or_twin_that_other_votes_make_another_one_is_made_again() -> None:
    nine, ten = (datetime(2026, 11, 29, hour, tzinfo=UTC) for hour in (9, 10))
    morrow = nine + timedelta(days=1)
    plans = []
    for taken, ships in ((nine, 30), (ten, 30), (morrow, 30), (nine, 31)):
        votes = VoteSnapshot(taken=taken, tools={"quillbase": VoteCount(ship=ships, skip=18)})
        community = Community(service="https://votes.example", snapshot=votes)
        catalogue = a_catalogue([published(a_run(a_tool("Quillbase")))], community=community)
        files = SitePlan(catalogue, Assets.load(), "code").files()
        plans.append({file.path: (file.key, file.make()) for file in files})
    before, *others = plans
    for after in others:
        for path, (key, made) in before.items():
            assert (after[path][1] == made) or (after[path][0] != key), path
        assert after["tools/quillbase/index.json"][1] != before["tools/quillbase/index.json"][1]


def test_prices_that_nobody_has_read_for_a_month_are_said_to_be_old() -> None:
    old, new = a_run(a_tool("Quillbase")), a_run(a_tool("Trio", prices=()))
    price = Change(field="price.1", before="team: 9 USD", after="team: 12 USD per seat and month")
    read_again = a_decision(old, 2, "correct", changes=(price,), at=MORNING + timedelta(days=9))

    def plan(days: int, *decisions: EditorialDecision) -> dict[str, tuple[str, bytes]]:
        late = a_decision(new, 3, at=MORNING + timedelta(days=days))
        tools = [published(old, a_decision(old, 1), *decisions), published(new, late)]
        catalogue = a_catalogue(tools, pairs=(("quillbase", "trio"),), price_days=30)
        files = SitePlan(catalogue, Assets.load(), "code").files()
        return {file.path: (file.key, file.make()) for file in files}

    says = b"prices were read on 22 November 2026, more than 30 days before the last decision"
    pages = ("tools/quillbase/index.html", "compare/quillbase-vs-trio/index.html")
    before, after, corrected = plan(29), plan(30), plan(30, read_again)
    for path in pages:
        assert says not in before[path][1]
        assert says in after[path][1]
        assert before[path][0] != after[path][0]
        assert says not in corrected[path][1]
    assert b"2 December 2026, more than" not in plan(39, read_again)[pages[0]][1]
    assert b"2 December 2026, more than 30 days" in plan(41, read_again)[pages[0]][1]


def test_readers_sign_up_on_the_site_where_there_is_a_service_and_its_policy_lets_them() -> None:
    asked = replace(IDENTITY, sign_up="https://mail.example/digest/")
    community = Community(service="https://votes.example")
    with_form = files_of(a_catalogue(four_tools(), identity=asked, community=community))
    without = files_of(a_catalogue(four_tools()))
    form = '<form action="https://mail.example/digest/sign-up" method="post">'
    for path in ("index.html", "tools/quillbase/index.html"):
        assert form in with_form[path].decode(), path
        assert 'name="address"' not in without[path].decode(), path
    assert (
        b"form-action 'self' https://votes.example https://mail.example;" in with_form["_headers"]
    )
    assert b"form-action 'self';" in without["_headers"]
