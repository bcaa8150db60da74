"""The newsroom keeps up: what is recorded, decided, changed or gone is seen without a full reading."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from panel.app.categories import category_notice
from panel.app.decisions import FieldEdit, Order, decide, published, waiting
from panel.app.newsroom import Newsroom
from panel.app.site import catalogue_of
from panel.app.watched_pages import watched_pages
from panel.app.workspace import Workspace
from panel.domain.run import Release, Run
from panel.errors import StoreError
from panel.store.run_watch import FolderWatch
from tests.desk import a_clean_run, a_flagged_run, lay_out_desk, record
from tests.panels import Still

DAY = date(2026, 11, 23)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return lay_out_desk(tmp_path / "newsroom", [])


def newer(run: Run) -> Run:
    """Return a later run of the same tool."""
    inputs = run.inputs.model_copy(update={"date": DAY})
    slug = run.id.rpartition("-")[0]
    return run.model_copy(update={"id": f"{slug}-0000beef", "inputs": inputs})


def order(kind: str, edits: tuple[FieldEdit, ...] = ()) -> Order:
    return Order(kind, "Duty editor", "Read.", edits)  # type: ignore[arg-type]


def test_it_shows_what_the_application_says_waits_after_every_change(workspace: Workspace) -> None:
    one, other = a_clean_run("Coldframe"), a_flagged_run()
    later = newer(one)

    def of(run: Run) -> object:
        return workspace.runs.place(run)

    with workspace.with_open_ledger() as opened:
        newsroom = Newsroom(opened)
        steps = (
            lambda: record(opened, [one]),
            lambda: record(opened, [other]),
            lambda: decide(opened, of(one), order("approve")),  # type: ignore[arg-type]
            lambda: decide(opened, of(one), order("undo")),  # type: ignore[arg-type]
            lambda: decide(opened, of(one), order("hold")),  # type: ignore[arg-type]
            lambda: decide(opened, of(other), order("reject")),  # type: ignore[arg-type]
            lambda: record(opened, [later]),
            lambda: decide(opened, of(later), order("approve")),  # type: ignore[arg-type]
            lambda: decide(opened, of(later), order("withdraw")),  # type: ignore[arg-type]
            lambda: opened.runs.remove(of(later), Still().now()),  # type: ignore[arg-type]
            lambda: decide(opened, of(other), order("undo")),  # type: ignore[arg-type]
            lambda: opened.runs.remove(of(other), Still().now()),  # type: ignore[arg-type]
        )
        seen = []
        for step in steps:
            step()
            assert newsroom.refresh() == 0
            expected = [(found.run.id, found.seen) for found in waiting(opened)[0]]
            assert sorted((row.run, row.seen) for row in newsroom.rows) == sorted(expected)
            seen.append(len(expected))
        assert seen == [1, 2, 1, 2, 2, 1, 1, 0, 0, 1, 2, 1]


def test_a_run_that_changes_on_disk_is_read_again(workspace: Workspace) -> None:
    run = a_clean_run()
    record(workspace, [run])
    with workspace.with_open_ledger() as opened:
        newsroom = Newsroom(opened)
        newsroom.refresh()
        (before,) = newsroom.rows
        release = Release(reason="It stands.", at=Still().now(), run=run.id)
        verdict = run.verdict
        assert verdict is not None
        record(
            opened, [run.model_copy(update={"release": release, "flags": a_flagged_run().flags})]
        )
        newsroom.refresh()
        (after,) = newsroom.rows
    assert not before.flags
    assert after.flags == ("name_mismatch", "intake_facts")


def test_a_damaged_run_is_named_and_hides_no_other(workspace: Workspace) -> None:
    run, damaged = a_clean_run(), a_clean_run("Coldframe")
    record(workspace, [run, damaged])
    file = Path(workspace.runs.place(damaged)) / "run.json"
    file.write_text(file.read_text(encoding="utf-8").replace("server", "sewer"), encoding="utf-8")
    with workspace.with_open_ledger() as opened:
        newsroom = Newsroom(opened)
        newsroom.refresh()
        assert [row.run for row in newsroom.rows] == [run.id]
        (fault,) = newsroom.faults
        assert damaged.id in str(fault)
        record(opened, [damaged])
        newsroom.refresh()
        assert newsroom.faults == []
        assert len(newsroom.rows) == 2


def test_the_fault_of_a_run_goes_with_the_next_run_of_its_tool(workspace: Workspace) -> None:
    damaged = a_clean_run()
    record(workspace, [damaged])
    (Path(workspace.runs.place(damaged)) / "run.json").write_text("{", encoding="utf-8")
    with workspace.with_open_ledger() as opened:
        newsroom = Newsroom(opened)
        newsroom.refresh()
        assert len(newsroom.faults) == 1
        record(opened, [newer(damaged)])
        newsroom.refresh()
        assert newsroom.faults == []


def test_a_run_that_its_corrections_fit_no_more_is_named_and_stops_nothing(
    workspace: Workspace,
) -> None:
    waits, public, gone, other = map(a_clean_run, ("Foldback", "Fjordnotat", "Spoor", "Coldframe"))
    record(workspace, [waits, public, gone, other])
    edit = (FieldEdit("builder.best_for", "Small desks."),)
    with workspace.with_open_ledger() as opened:
        places = {run.id: opened.runs.place(run) for run in (waits, public, gone, other)}
        decide(opened, places[waits.id], order("edit", edits=edit))
        for run in (public, gone):
            decide(opened, places[run.id], order("approve"))
            decide(opened, places[run.id], order("correct", edits=edit))
        decide(opened, places[gone.id], order("withdraw"))
        changed = [
            run.model_copy(update={"reviews": run.reviews[1:]}) for run in (waits, public, gone)
        ]
        record(opened, changed)
        newsroom = Newsroom(opened)
        newsroom.refresh()
        assert [row.run for row in newsroom.rows] == [other.id]
        (fault,) = newsroom.faults
        assert waits.id in str(fault)
        assert [found.run.id for found in waiting(opened)[0]] == [other.id]
        pages = {page.tool: page.why for page in watched_pages(opened)}
        assert public.id in (pages[public.tool.slug] or "")
        assert catalogue_of(opened, published(opened)).published
        edited = order("edit", edits=(FieldEdit("category", "Presses"),))
        assert "Presses is new" in (category_notice(opened, decide(opened, other.id, edited)) or "")


def test_a_tool_whose_decisions_cannot_be_read_for_a_while_is_not_lost(
    workspace: Workspace,
) -> None:
    run = a_clean_run()
    later = newer(run)
    record(workspace, [run])
    with (
        workspace.with_open_ledger() as opened,
        closing(sqlite3.connect(workspace.root / "ledger.db", isolation_level=None)) as ledger,
    ):
        decide(opened, opened.runs.place(run), order("approve"))
        newsroom = Newsroom(opened)
        newsroom.refresh()
        record(opened, [later])
        ledger.execute("DROP TRIGGER journal_refuses_update")
        ((document,),) = ledger.execute("SELECT document FROM journal WHERE document NOT NULL")
        change = "UPDATE journal SET document = ? WHERE document NOT NULL"
        ledger.execute(change, ["{"])
        with pytest.raises(StoreError):
            newsroom.refresh()
        ledger.execute(change, [document])
        newsroom.refresh()
        assert [row.run for row in newsroom.rows] == [later.id]


def test_no_more_is_read_than_there_is_time_for(workspace: Workspace) -> None:
    record(workspace, [a_clean_run(), a_clean_run("Coldframe"), a_clean_run("Hawser")])
    with workspace.with_open_ledger() as opened:
        newsroom = Newsroom(opened)
        assert newsroom.refresh(0) == 3
        assert newsroom.rows == []
        assert newsroom.refresh() == 0
        assert len(newsroom.rows) == 3


def test_a_watch_tells_each_change_once_and_leaves_settled_runs_alone(workspace: Workspace) -> None:
    run = a_clean_run()
    record(workspace, [run])
    path = workspace.runs.place(run)
    watch = FolderWatch(workspace.root / "runs")
    assert watch.poll().changed == {path}
    assert watch.poll().changed == frozenset()
    record(workspace, [run.model_copy(update={"flags": a_flagged_run().flags})])
    assert watch.poll(settled={path}).changed == frozenset()
    assert watch.poll().changed == {path}
    begun = Path(path).with_name("begun-0badcafe")
    begun.mkdir()
    assert watch.poll().changed == frozenset()
    workspace.runs.remove(path, Still().now())
    assert watch.poll(settled={path}).gone == {path}
