"""Decisions from the command line, in a workspace of files and in one of a Postgres."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from panel.app.decisions import FieldEdit, Order, decide, publication, published, record_build
from panel.app.workspace import Workspace
from panel.domain.ballot import Ballot
from panel.domain.decision import SiteBuild, grounds_of
from panel.domain.flag import Flag
from panel.domain.run import Release, Run
from panel.errors import ConfigError, GateRefused, Overtaken
from tests.commands.shop import Ran, Shop
from tests.decisions import MORNING
from tests.factories import a_ballot, a_panel, a_run, a_scorecard, a_sentence, a_tool

BY_ANNA = ("--as", "Anna", "--reason", "Read beside the text.")
CLEAN: Ballot = a_ballot(take=(a_sentence("It keeps notes.", "quoted", "notes in plain files"),))
MISNAMED = Flag(kind="name_mismatch", message="The title says 8B, the text 6B.", holds=False)


def clean(name: str = "Quillbase", **fields: Any) -> Run:
    """Return a run that every gate lets through."""
    cards = [a_scorecard(key, ballot=CLEAN) for key in ("builder", "futurist", "skeptic")]
    return a_run(a_tool(name), reviews=cards, **fields)


def keep(shop: Shop, *runs: Run) -> None:
    store = Workspace.open(shop.root).runs
    for run in runs:
        with store.lock(run) as folder:
            folder.save(run)


@pytest.fixture(params=["files", pytest.param("postgres", marks=pytest.mark.slow)])
def desk(request: pytest.FixtureRequest, shop: Shop) -> Shop:
    """A workspace in files, then one whose runs and ledger are in a Postgres."""
    if request.param == "postgres":
        settings = shop.root / "shipskip.toml"
        address = request.getfixturevalue("postgres_address")
        text = settings.read_text("utf-8")
        settings.write_text(f'database_url = "{address}"\n{text}', "utf-8")
    return shop


def said(ran: Ran, code: int = 0) -> str:
    assert ran.code == code, ran.err
    return " ".join((ran.out + ran.err).split())


def test_a_run_of_another_workspace_is_not_decided_on(shop: Shop, tmp_path: Path) -> None:
    run = clean()
    keep(shop, run)
    (own,) = shop.runs
    elsewhere = shutil.copytree(own, tmp_path / "elsewhere" / "runs" / own.parent.name / own.name)
    for command in ("approve", "reject", "waiting"):
        decided = () if command == "waiting" else BY_ANNA
        refused = shop.shipskip(command, elsewhere, *decided)
        assert refused.code == 2
        assert "this run is not in" in refused.fault
    assert "rejected" in said(shop.shipskip("reject", own, *BY_ANNA))


def test_a_run_goes_from_the_queue_to_the_public_and_back(desk: Shop) -> None:
    run = clean(flags=(MISNAMED,))
    keep(desk, run, clean("Rowboat"))
    queue = said(desk.shipskip("waiting"))
    assert f"{run.id} Quillbase: needs flags" in queue
    assert "Rowboat: clean" in queue
    refused = desk.shipskip("approve", run.id, *BY_ANNA)
    assert said(refused, 7).endswith("Answer each: `--answer flag-1=TEXT`.")
    shown = said(desk.shipskip("waiting", run.id))
    assert "flag-1 The title says 8B, the text 6B. (open)" in shown
    priced = ("--field", "price.1", "--value", "team: 12 USD per seat and month")
    told = said(
        desk.shipskip("edit", "quillbase", *BY_ANNA, *priced, "--answer", "flag-1=6B it is.")
    )
    assert "price.1: team: 9 USD per seat and month -> team: 12 USD per seat and month" in told
    assert ": approved" in said(desk.shipskip("approve", "quillbase", *BY_ANNA))
    assert "cannot be edited" in desk.shipskip("edit", "quillbase", *BY_ANNA, *priced).fault
    told = said(desk.shipskip("override", "quillbase", *BY_ANNA, "--verdict", "skip"))
    compared = said(desk.shipskip("compare", "quillbase", "rowboat"))
    assert (
        "Quillbase: an editor changed the verdict to skip, price.1. This page has the" in compared
    )
    assert "Rowboat: an editor" not in compared
    assert "SKIP by Anna; the panel: SHIP, panel ship 100%, 3 of 3" in told
    assert f"`shipskip undo {run.id}` takes it back until then." in told
    (one,) = published(Workspace.open(desk.root)).approved
    assert one.publication.decision == "skip"
    assert one.run == run
    assert str(one.public.tool.prices[0].amount) == "12"
    licence = ("--field", "licence", "--value", "", "--found", "a reader's letter")
    document = desk.shipskip("correct", "quillbase", *BY_ANNA, *licence, "--json").document
    (_, correction) = document["corrections"]
    assert correction["changes"] == [
        {"field": "licence", "before": "MIT", "after": None, "found": "a reader's letter"}
    ]
    assert ": withdrawn" in said(desk.shipskip("withdraw", "quillbase", *BY_ANNA))
    public = published(Workspace.open(desk.root))
    assert public.approved == ()
    assert [one.subject.run for one in public.withdrawn] == [run.id]
    undone = said(desk.shipskip("undo", "quillbase", *BY_ANNA))
    assert ": approved" in undone
    assert "takes it back" not in undone  # another undo would take back the correction
    rows = desk.shipskip("journal", "--jsonl").events
    assert [row["action"] for row in rows] == [
        "edit",
        "approve",
        "override",
        "correct",
        "withdraw",
        "undo",
    ]
    assert all(row["actor"] == "Anna" for row in rows)
    assert json.loads(rows[0]["document"])["answers"] == {"flag-1": "6B it is."}
    assert desk.shipskip("journal", "--verify").out == "6 rows, each as it was written\n"


def test_a_category_that_no_other_tool_has_is_taken_with_a_notice(shop: Shop) -> None:
    run, other = clean(), clean("Rowboat")
    keep(shop, run, other)

    def filed(name: str, category: str, *more: str) -> Ran:
        field = ("--field", "category", "--value", category)
        return shop.shipskip("edit", name, *BY_ANNA, *field, *more)

    first = said(filed(run.id, "Notes"))
    assert "notice category Notes is new here; there are: Productivity." in first
    assert "notice" not in said(filed(other.id, "Notes"))  # as Anna left the other one
    document = filed(run.id, "Nots", "--json").document
    assert document["notices"] == ["category Nots is new here; there are: Notes."]
    licence = ("--field", "licence", "--value", "MIT-0")
    assert "notice" not in said(shop.shipskip("edit", run.id, *BY_ANNA, *licence))


def test_held_and_rejected_runs_are_found_again(shop: Shop) -> None:
    run, other = clean(), clean("Rowboat")
    keep(shop, run, other)
    assert ": held" in said(shop.shipskip("hold", run.id, "--as", "Anna", "--reason", "Asked."))
    assert ": rejected" in said(shop.shipskip("reject", other.id, *BY_ANNA))
    (one,) = shop.shipskip("waiting", "--json").document["waiting"]
    assert (one["run"], one["state"]) == (run.id, "held")
    assert one["history"][0]["reason"] == "Asked."
    assert ": approved" in said(shop.shipskip("approve", other.id, *BY_ANNA))
    assert ": waiting" in said(shop.shipskip("undo", run.id, *BY_ANNA))
    assert "nothing was decided" in shop.shipskip("undo", run.id, *BY_ANNA).fault
    assert "Quillbase: clean" in said(shop.shipskip("waiting"))
    assert shop.shipskip("held").out == "none\n"  # what screening holds is another matter


def test_only_the_newest_run_of_a_tool_waits(shop: Shop) -> None:
    old, new = clean(), clean(id="quillbase-ffffffff", started=MORNING)
    keep(shop, old, new)
    assert [one["run"] for one in shop.shipskip("waiting", "--json").document["waiting"]] == [
        new.id
    ]
    said(shop.shipskip("reject", new.id, *BY_ANNA))
    assert said(shop.shipskip("waiting")) == "nothing waits for an editor"


def test_two_editors_who_decide_at_once_do_not_overwrite_each_other(desk: Shop) -> None:
    run = clean()
    keep(desk, run)
    workspace = Workspace.open(desk.root)
    shown = decide(workspace, run.id, Order("approve", "Anna", "Read."))
    decide(workspace, run.id, Order("withdraw", "Ben", "Gone.", seen=shown.seen))
    correction = Order(
        "correct", "Anna", "A letter.", (FieldEdit("licence", "BSD"),), seen=shown.seen
    )
    with pytest.raises(Overtaken, match=r"Ben decided on it meanwhile \(withdraw, ") as caught:
        decide(workspace, run.id, correction)
    assert "\n" not in str(caught.value)
    assert publication(workspace, run.id).publication.state == "withdrawn"
    assert len(publication(workspace, run.id).publication.history) == 2


def test_a_run_that_changed_while_an_editor_read_it_is_not_approved(shop: Shop) -> None:
    keep(shop, clean(flags=(MISNAMED,)))
    workspace = Workspace.open(shop.root)
    shown = grounds_of(publication(workspace, "quillbase").run)
    keep(shop, clean())
    with pytest.raises(GateRefused, match="changed after it was shown") as caught:
        decide(workspace, "quillbase", Order("approve", "Anna", "Read.", shown=shown))
    assert caught.value.gates == ("unchanged",)


def test_a_review_of_a_fact_that_was_corrected_stands_before_the_approval(desk: Shop) -> None:
    priced = a_ballot(take=(a_sentence("Nine seats are 9 x 9 = 81 dollars.", "computed"),))
    cards = [a_scorecard("builder", ballot=priced), *clean().reviews[1:]]
    run = a_run(a_tool(), reviews=cards)
    keep(desk, run)
    price = ("--field", "price.1", "--value", "team: 12 USD per seat and month")
    said(desk.shipskip("edit", run.id, *BY_ANNA, *price))
    refused = said(desk.shipskip("approve", run.id, *BY_ANNA), 7)
    assert "stale: 1 review rests on facts as they were (price: team: 9 USD" in refused
    assert "--answer stale.builder=TEXT" in refused
    assert "stale.builder price: team: 9 USD" in said(desk.shipskip("waiting", run.id))
    wrong = said(desk.shipskip("approve", run.id, *BY_ANNA, "--answer", "stale.b=It stands."), 2)
    assert "It has stale.builder" in wrong
    answer = ("--answer", "stale.builder=Its sum is too low, its point stands.")
    said(desk.shipskip("approve", run.id, *BY_ANNA, *answer))


def test_no_tool_takes_the_address_of_another(shop: Shop) -> None:
    def linked(name: str, link: str, id_: str) -> Run:
        run = clean(name, id=id_)
        tool = run.tool.model_copy(update={"url": link})
        inputs = run.inputs.model_copy(update={"tool": tool})
        return run.model_copy(update={"inputs": inputs, "tool": tool})

    first = linked("Foo.js", "https://a.example/", "foo-js-00000001")
    again = linked("Foo.js", "http://a.example", "foo-js-00000002")
    other = linked("Foo JS", "https://b.example/", "foo-js-00000003")
    keep(shop, first, again, other)
    said(shop.shipskip("approve", first.id, *BY_ANNA))
    renamed = ("--field", "name", "--value", "Foo Pro")
    said(shop.shipskip("correct", first.id, *BY_ANNA, *renamed))
    no_such = said(shop.shipskip("approve", again.id, *BY_ANNA, "--answer", "namesake=Same."), 2)
    assert "no such flag" in no_such
    said(shop.shipskip("approve", again.id, *BY_ANNA))
    refused = said(shop.shipskip("approve", other.id, *BY_ANNA), 7)
    assert "namesake: Foo.js, Quill Works, http://a.example has its address" in refused
    listed = said(shop.shipskip("waiting", other.id))
    assert "namesake Foo.js, Quill Works, http://a.example (open)" in listed
    assert [one.run.id for one in published(Workspace.open(shop.root)).approved] == [again.id]
    answer = ("--answer", "namesake=It has moved.")
    said(shop.shipskip("edit", other.id, *BY_ANNA, *answer))
    assert "(answered: It has moved.)" in said(shop.shipskip("waiting", other.id))
    said(shop.shipskip("approve", other.id, *BY_ANNA))


def test_an_approved_run_that_is_gone_or_changed_is_named_and_not_published(desk: Shop) -> None:
    gone, changed, same = clean("Gone"), clean("Changed"), clean("Same")
    written_again = clean("Written again")
    keep(desk, gone, changed, same, written_again)
    for run in (gone, changed, same, written_again):
        said(desk.shipskip("approve", run.id, *BY_ANNA))
    workspace = Workspace.open(desk.root)
    workspace.runs.remove(workspace.runs.place(gone), MORNING)
    keep(desk, changed.model_copy(update={"reviews": tuple(a_panel())}))
    released = Release(reason="It is quoted.", at=MORNING, run=written_again.id)
    keep(desk, written_again.model_copy(update={"release": released}))  # no part of the grounds
    public = published(workspace)
    assert [one.run.id for one in public.approved] == [written_again.id, same.id]
    for one, is_same in zip(public.approved, (False, True), strict=True):
        document = workspace.runs.read_with_digest(one.path)[1]
        assert (one.publication.effective[-1].grounds.document == document) is is_same
    told = sorted(str(fault) for fault in public.faults)
    assert any(re.search(r"gone-0a1b2c3d: it was approved and is gone", line) for line in told)
    assert any(re.search(r"it was changed after Anna approved it", line) for line in told)
    assert public.upto == 4


def test_a_decision_that_the_site_was_built_with_is_not_undone(shop: Shop) -> None:
    run = clean()
    keep(shop, run)
    workspace = Workspace.open(shop.root)
    approved = decide(workspace, run.id, Order("approve", "Anna", "Read."))
    record_build(workspace, SiteBuild(at=MORNING, digest="d" * 64, upto=approved.seen))
    fault = shop.shipskip("undo", run.id, *BY_ANNA).fault
    assert "its approval is in the site that was built at 2026-11-23 08:00 UTC" in fault
    withdrawn = decide(workspace, run.id, Order("withdraw", "Anna", "Gone."))
    assert withdrawn.publication.state == "withdrawn"
    undone = decide(workspace, run.id, Order("undo", "Anna", "It is back."))
    assert undone.publication.state == "approved"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("withdraw",), "it is waiting, so it cannot be withdrawn. You may approve, edit,"),
        (("correct", "--field", "licence", "--value", "BSD"), "so it cannot be corrected"),
        (("edit",), "an edit names a field and its value"),
        (("edit", "--field", "colour", "--value", "red"), "has no such field"),
        (
            ("edit", "--answer", "flag-9=x"),
            "flag-9: quillbase-0a1b2c3d has no such flag. It has none",
        ),
        (("edit", "--read", "builder.take.1"), "has no such unchecked sentence"),
        (("edit", "--answer", "flag-1"), "--answer is FLAG=TEXT"),
        (("edit", "--field", "licence"), "each --field needs a --value"),
        (
            ("edit", "--field", "url", "--value", "x", "--found", "a", "--found", "b"),
            "more of them",
        ),
        (("override", "--verdict", "ship"), "its verdict is ship already"),
        (("hold", "--as", "\u200b"), "editor: .*Correct it and decide again"),
        (("approve", "--as", ""), "editor: .*Correct it and decide again"),
    ],
)
def test_what_cannot_be_decided_is_one_line_and_nothing_is_written(
    shop: Shop, command: tuple[str, ...], why: str
) -> None:
    keep(shop, clean())
    ran = shop.shipskip(command[0], "quillbase", *BY_ANNA, *command[1:])
    assert ran.code == 2
    assert re.search(why, ran.fault)
    assert shop.shipskip("waiting", "--json").document["waiting"][0]["history"] == []


def test_a_waiting_run_may_be_named_before_there_is_a_ledger(shop: Shop) -> None:
    keep(shop, clean())
    said(shop.shipskip("waiting"))
    assert said(shop.shipskip("approve", "nothing", *BY_ANNA), 2).startswith(
        "shipskip: nothing: no"
    )
    assert not (shop.root / "ledger.db").exists()
    assert published(Workspace.open(shop.root)).upto == 0


def test_damaged_runs_hide_no_other_from_the_queue(shop: Shop) -> None:
    keep(shop, clean(), clean("Rowboat"))
    damaged: Path = next(path for path in shop.runs if path.name.startswith("quillbase"))
    shutil.copy(next(path for path in shop.runs if path != damaged) / "run.json", damaged)
    (damaged / "run.json").write_bytes((damaged / "run.json").read_bytes() + b" ")
    ran = shop.shipskip("waiting")
    assert ran.code == 3
    assert "Rowboat: clean" in ran.out
    assert "passed over" in ran.err


def test_an_order_that_mixes_what_does_not_go_together_is_refused(shop: Shop) -> None:
    keep(shop, clean())
    workspace = Workspace.open(shop.root)
    for order in (
        Order("hold", "Anna", "x", edits=(FieldEdit("licence", "BSD"),)),
        Order("hold", "Anna", "x", verdict="skip"),
        Order("override", "Anna", "x"),
    ):
        with pytest.raises(ConfigError):
            decide(workspace, "quillbase", order)
