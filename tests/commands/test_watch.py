"""`shipskip watch` as a user runs it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from panel.app import watch as app
from panel.app.workspace import LEDGER, Workspace
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, lay_out, reference
from tests.commands.shop import Shop
from tests.contract.loopback import Heard, Reply
from tests.factories import REVIEWERS
from tests.pages import Page, Web, a_page, a_web, publish


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server on loopback, which the command may reach for once."""
    with a_web() as found:
        monkeypatch.setattr(app, "polite_fetcher", lambda _: found.fetcher())
        yield found


def test_a_changed_page_is_one_line_and_a_job_of_the_next_batch(shop: Shop, web: Web) -> None:
    workspace = Workspace.open(shop.root)
    publish(workspace, "Quillbase", f"{web.address}/q")
    publish(workspace, "Broken", f"{web.address}/b")
    web.pages = {"/q": a_page("$8"), "/b": Page("no", status=500)}
    first = shop.shipskip("watch", "check")
    assert first.code == 3, first.err
    assert sorted(line.split(":")[0] for line in first.out.splitlines() if line[0] != " ") == [
        "broken",
        "quillbase",
    ]
    assert "quillbase: first look, kept to compare with" in first.out
    web.pages["/q"] = a_page("$10")
    ran = shop.shipskip("watch", "check", "quillbase", "--pause", "1s")
    assert ran.code == 0, ran.err
    assert ran.out.split("\n  ") == [
        "quillbase: changed: Team plan price $10 per seat a month, was $8 (queued)\n"
    ]
    listed = shop.shipskip("watch", "list", "--json").document["pages"]
    assert [(one["tool"], one["answer"]) for one in listed] == [
        ("broken", "unreachable"),
        ("quillbase", "changed"),
    ]
    assert "500" in shop.shipskip("watch", "list").out
    reviewed = shop.shipskip("batch", "--resume", "--model", "checklist")
    assert reviewed.code == 0, reviewed.err
    newest = max(run for run in shop.runs if run.name.startswith("quillbase"))
    assert "$10 per seat" in (newest / "run.json").read_text()


@pytest.mark.usefixtures("without_child")
def test_a_page_whose_row_is_damaged_is_passed_over_until_it_is_forgotten(
    shop: Shop, web: Web
) -> None:
    workspace = Workspace.open(shop.root)
    for name in ("Quillbase", "Snipe"):
        publish(workspace, name, f"{web.address}/{name}")
        web.pages[f"/{name}"] = a_page("$8")
    assert shop.shipskip("watch", "check").code == 0
    with closing(sqlite3.connect(workspace.root / LEDGER)) as file:
        file.execute("UPDATE watched_pages SET checked = 'noon' WHERE tool = 'quillbase'")
        file.commit()
    ran = shop.shipskip("watch", "check")
    assert ran.code == 3, ran.err
    assert "quillbase: damaged: what is kept of it cannot be read" in ran.out
    assert "snipe: unchanged" in ran.out
    forgotten = shop.shipskip("watch", "forget", "quillbase")
    assert forgotten.code == 0, forgotten.err
    assert "quillbase: first look" in shop.shipskip("watch", "check").out


@pytest.mark.usefixtures("without_child")
def test_a_change_as_a_document(shop: Shop, web: Web) -> None:
    publish(Workspace.open(shop.root), "Quillbase", f"{web.address}/q")
    web.pages["/q"] = a_page("$8")
    assert shop.shipskip("watch", "check", "--json").document["pages"][0]["answer"] == "first"
    web.pages["/q"] = a_page("$10")
    (page,) = shop.shipskip("watch", "check", "--json").document["pages"]
    assert page["queued"] is True
    assert page["changes"][0] == "Team plan price $10 per seat a month, was $8"
    assert page["difference"]["prices"]["changed"][0]["after"]["amount"] == "10.0"
    del web.pages["/q"]
    ran = shop.shipskip("watch", "check", "--json")
    assert (ran.code, ran.document["pages"][0]["answer"]) == (0, "gone")
    web.close()
    assert shop.shipskip("watch", "check").code == 4


@pytest.mark.usefixtures("without_child")
def test_whom_to_ask_is_checked_before_any_page_is_asked_for(shop: Shop, web: Web) -> None:
    publish(Workspace.open(shop.root), "Quillbase", f"{web.address}/q")
    web.pages["/q"] = a_page("$8")
    for options, said in (
        (("--ask-model", "nobody"), "'nobody' is no model reference"),
        (("--max-cost", "1"), "go with --ask or --ask-model"),
        (("--answered-by", "Ada"), "go with --ask or --ask-model"),
    ):
        ran = shop.shipskip("watch", "check", *options)
        assert (ran.code, said in ran.fault) == (2, True)
    assert [
        one["answer"] for one in shop.shipskip("watch", "list", "--json").document["pages"]
    ] == [None]


@pytest.mark.usefixtures("without_child")
def test_a_person_may_say_whether_a_changed_text_meets_what_would_turn_a_reviewer(
    shop: Shop, web: Web
) -> None:
    publish(Workspace.open(shop.root), "Quillbase", f"{web.address}/q")
    for price in ("$8", "$10"):
        web.pages["/q"] = a_page(price, etag=f'"{price}"')
        shop.shipskip("watch", "check")
    by_settings = shop.shipskip("watch", "check", "--ask")
    assert by_settings.code == 2
    assert "the checklist cannot say" in by_settings.fault

    waits = shop.shipskip("watch", "check", "--ask-model", "manual")
    assert waits.code == 8, waits.err
    assert "not asked:" in waits.out
    (prompt,) = shop.root.glob("watch/quillbase/*.prompt.md")
    assert "the export turns out to lose links" in prompt.read_text()
    span = "takes every link along"
    conditions = [{"reviewer": key, "span": span, "met": True} for key in REVIEWERS]
    answer: dict[str, Any] = {"conditions": conditions}
    conditions[1]["span"] = "It is free."
    file = prompt.with_name(prompt.name.replace("prompt.md", "answer.json"))
    file.write_text(json.dumps(answer))

    repair = shop.shipskip("watch", "check", "--ask-model", "manual")
    assert repair.code == 8, repair.err
    (again,) = shop.root.glob("watch/quillbase/*repair*.prompt.md")
    conditions[1]["met"] = False
    again.with_name(again.name.replace("prompt.md", "answer.json")).write_text(json.dumps(answer))
    ran = shop.shipskip("watch", "check", "--ask-model", "manual", "--answered-by", "Ada", "--json")
    assert ran.code == 0, ran.err
    (asked,) = ran.document["asked"]
    assert asked["model"] == "Ada"
    assert [one["span"] for one in asked["conditions"]] == [span, None, span, span]
    assert (
        shop.shipskip("watch", "check", "--ask-model", "manual", "--json").document["asked"] == []
    )


@pytest.mark.usefixtures("without_child")
def test_what_the_questions_cost_is_counted_and_kept_below_the_cap(shop: Shop, web: Web) -> None:
    def reply(heard: Heard) -> Reply:
        span = "words that stand nowhere"
        conditions = [{"reviewer": key, "span": span, "met": True} for key in REVIEWERS]
        return answer(CHAT, heard, json.dumps({"conditions": conditions}))

    model, key = ("--ask-model", reference(CHAT)), {"OPENAI_API_KEY": "a-key"}
    with Desk(reply) as desk:
        shop.root = shop.root.with_name("asking")
        lay_out(shop.root, CHAT, desk.address)
        publish(Workspace.open(shop.root), "Quillbase", f"{web.address}/q")
        for price in ("$8", "$10"):
            web.pages["/q"] = a_page(price, etag=f'"{price}"')
            shop.shipskip("watch", "check")
        capped = shop.shipskip("watch", "check", *model, "--max-cost", "0.0001", env=key)
        assert (capped.code, len(desk.calls)) == (5, 0), capped.err
        ran = shop.shipskip("watch", "check", *model, "--max-cost", "1", env=key)
        assert (ran.code, len(desk.calls)) == (0, 2), ran.err
    for by, name in (("persona", "flips"), ("run", "watch/quillbase"), ("model", reference(CHAT))):
        (total,) = shop.shipskip("cost", "--by", by, "--json").document["totals"]
        assert (total["name"], total["calls"]) == (name, 2)
        used = total["usage"]
        dollars = (3 * used["input"] + 15 * used["output"]) / Decimal(1_000_000)
        assert Decimal(total["amount"]) == dollars > 0


def test_where_nothing_is_published_nothing_is_fetched(shop: Shop) -> None:
    for command in ("list", "check"):
        ran = shop.shipskip("watch", command)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err
    unknown = shop.shipskip("watch", "check", "nothing")
    assert unknown.code == 2
    assert "no tool of that slug is published" in unknown.fault
