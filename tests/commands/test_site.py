"""The public site by the command line: from an approved run to pages, and what stops a build."""

import json
from datetime import date
from pathlib import Path

import pytest

from panel.app.workspace import Workspace
from panel.domain.run import Run
from tests.commands.shop import Shop
from tests.factories import a_ballot, a_run, a_scorecard, a_sentence, a_tool

BY_ANNA = ("--as", "Anna", "--reason", "Read beside the text.")


def approve(shop: Shop, *names: str) -> list[Run]:
    """Return approved runs of tools of those names."""
    take = (a_sentence("It keeps notes.", "quoted", "notes in plain files"),)
    cards = [
        a_scorecard(key, ballot=a_ballot(take=take)) for key in ("builder", "futurist", "skeptic")
    ]
    runs = [a_run(a_tool(name), reviews=cards) for name in names]
    store = Workspace.open(shop.root).runs
    for run in runs:
        with store.lock(run) as folder:
            folder.save(run)
        done = shop.shipskip("approve", run.id, *BY_ANNA)
        assert done.code == 0, done.err
    return runs


def test_what_is_approved_is_on_the_site_and_nothing_else(shop: Shop) -> None:
    empty = shop.shipskip("site", "build")
    assert "Nothing is approved yet" in empty.out
    approve(shop, "Quillbase", "Rowboat")
    built = shop.shipskip("site", "build", "--json").document
    assert (built["tools"], built["comparisons"], built["withdrawn"]) == (2, 1, 0)
    page = shop.root / "public" / "tools" / "quillbase" / "index.html"
    assert "Approved by Anna" in page.read_text("utf-8")
    assert (shop.root / "public/compare/quillbase-vs-rowboat/index.html").is_file()
    again = shop.shipskip("site", "build", "--json").document
    assert (again["made"], again["new"]) == (0, False)
    shop.shipskip("withdraw", "rowboat", *BY_ANNA)
    assert shop.shipskip("site", "build", "--json").document["withdrawn"] == 1
    assert shop.shipskip("site", "check").code == 0
    refused = shop.shipskip("undo", "rowboat", *BY_ANNA)
    assert "in the site that was built" in refused.fault


def test_a_run_that_was_changed_or_is_gone_after_its_approval_stops_the_build(shop: Shop) -> None:
    (run,) = approve(shop, "Quillbase")
    shop.shipskip("site", "build")
    before = (shop.root / "public" / "manifest.json").read_bytes()
    (folder,) = shop.runs
    kept = folder / "run.json"
    kept.rename(shop.root / "away.json")
    stopped = shop.shipskip("site", "build")
    assert stopped.code == 2
    assert run.id in stopped.err
    assert "The site is as it was" in stopped.err
    assert (shop.root / "public" / "manifest.json").read_bytes() == before


def test_the_check_says_what_is_wrong_and_where(shop: Shop) -> None:
    missing = shop.shipskip("site", "check")
    assert missing.code == 2
    assert "Run `shipskip site build` first" in missing.fault
    approve(shop, "Quillbase")
    shop.shipskip("site", "build")
    page = shop.root / "public" / "method" / "index.html"
    html = page.read_text("utf-8")
    page.unlink()
    page.write_text(html.replace("corrections/", "correction/"), "utf-8")
    found = shop.shipskip("site", "check", "--json")
    assert found.code == 6
    assert "leads nowhere" in " ".join(one["what"] for one in found.document["faults"])


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ('base_url = "reviews.example"', "write the whole address"),
        ('base_url = "https://reviews.example/?a=b"', "write the whole address"),
        ('pairs = [["alone"]]', "name at least 2"),
        ('titel = "x"', "no such setting"),
    ],
)
def test_a_setting_that_cannot_be_is_named(shop: Shop, setting: str, complaint: str) -> None:
    settings = shop.root / "shipskip.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\n[site]\n{setting}\n", "utf-8")
    assert complaint in shop.shipskip("site", "build").fault


def test_the_settings_name_the_publication_and_the_pairs(shop: Shop, tmp_path: Path) -> None:
    approve(shop, "Quillbase", "Rowboat")
    settings = shop.root / "shipskip.toml"
    site = '[site]\ntitle = "The Tool Desk"\nbase_url = "https://tools.example/reviews"\n'
    pairs = 'pairs = [["rowboat", "quillbase"], ["rowboat", "nobody"]]\npairs_a_tool = 0\n'
    settings.write_text(f"{settings.read_text('utf-8')}\n{site}{pairs}", "utf-8")
    built = shop.shipskip("site", "build", "--out", tmp_path / "public", "--json").document
    assert (built["comparisons"], built["unknown"]) == (1, ["nobody"])
    html = (tmp_path / "public/index.html").read_text("utf-8")
    assert "<title>The Tool Desk</title>" in html
    assert 'href="/reviews/compare/quillbase-vs-rowboat/"' in html
    document = json.loads((tmp_path / "public/feed.json").read_text("utf-8"))
    assert document["feed_url"] == "https://tools.example/reviews/feed.json"
    page = (tmp_path / "public/tools/rowboat/index.html").read_text("utf-8")
    assert page.replace("Ship/Skip 0.", "").count("Ship/Skip") == 0  # but for what it was made with


def test_a_site_tells_of_the_last_audit_and_of_what_came_of_a_claim(shop: Shop) -> None:
    (run,) = approve(shop, "Quillbase")
    shop.shipskip("site", "build")
    method, skeptic = (
        shop.root / "public" / path
        for path in ("method/index.html", "reviewers/skeptic/index.html")
    )
    assert "None has been made yet." in method.read_text("utf-8")
    assert "It came true." not in skeptic.read_text("utf-8")
    assert shop.shipskip("audit").code == 0
    found = (
        "--outcome",
        "yes",
        "--note",
        "There is one.",
        "--source",
        "https://example.com/hosted",
    )
    done = shop.shipskip("predictions", "resolve", f"{run.id}.skeptic", *found, "--as", "Anna")
    assert done.code == 0, done.err
    shop.shipskip("site", "build")
    assert "it takes 20 tools, and there were none" in method.read_text("utf-8")
    assert "It came true." in skeptic.read_text("utf-8")
    (shop.root / "audit" / "last.json").write_text("{", "utf-8")
    broken = shop.shipskip("site", "build")
    assert broken.code == 2
    assert "`shipskip audit` writes it anew" in broken.fault


def test_a_tool_that_was_reviewed_again_keeps_the_history_of_its_verdicts(shop: Shop) -> None:
    (first,) = approve(shop, "Quillbase")
    later = first.model_copy(
        update={
            "id": "quillbase-00000002",
            "inputs": first.inputs.model_copy(update={"date": date(2026, 11, 29)}),
        }
    )
    with Workspace.open(shop.root).runs.lock(later) as folder:
        folder.save(later)
    assert shop.shipskip("approve", later.id, *BY_ANNA).code == 0
    assert shop.shipskip("site", "build").code == 0
    quillbase = shop.root / "public" / "tools" / "quillbase"
    twin = json.loads((quillbase / "index.json").read_bytes())
    assert [(one["event"], one["run"]) for one in twin["history"]] == [
        ("again", later.id),
        ("first", first.id),
    ]
    assert (quillbase / "runs" / f"{first.id}.json").is_file()
    (replaced,) = (place for place in shop.runs if place.name == first.id)
    (replaced / "run.json").write_bytes(b"{")
    assert shop.shipskip("site", "build").code == 0  # the public verdict is another run's
    assert "Its run is not kept any more." in (quillbase / "index.html").read_text("utf-8")
    assert not (quillbase / "runs").exists()
    assert shop.shipskip("site", "check").code == 0
