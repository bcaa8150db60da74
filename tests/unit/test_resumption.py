"""An interrupted review command goes on where it was; a new command reviews anew."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from panel.app.event_loop import run_async
from panel.app.panels import ReviewOptions, StoredRun
from panel.app.publish import PublishedRun
from panel.app.review import ReviewEvents, ReviewService
from panel.app.started_reviews import StartedReviews
from panel.app.workspace import Workspace
from panel.domain.tool import Tool
from panel.errors import PanelError, StoreError
from panel.ports import Event, Listener
from panel.store.unfinished_commands import UnfinishedCommands
from tests.factories import a_tool
from tests.sealing import take_keys

pytestmark = pytest.mark.no_cover

CHECKLIST = ReviewOptions(models=("checklist",))
ADA, BEA, CLEO, DORA = (a_tool(name) for name in ("Ada", "Bea", "Cleo", "Dora"))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    take_keys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return Workspace.open()


def review(
    workspace: Workspace, *tools: Tool, events: ReviewEvents | None = None, **options: Any
) -> list[PublishedRun]:
    async def all_of_them() -> list[PublishedRun]:
        chosen = ReviewOptions(**({"models": ("checklist",)} | options))
        async with ReviewService(chosen, workspace=workspace) as service:
            return await service.review_all(tools, events or ReviewEvents())

    return run_async(all_of_them)


def interrupt(workspace: Workspace, *tools: Tool, at: Tool) -> None:
    """Interrupt the review of `tools` when the first review of `at` has ended."""

    def begun(stored: StoredRun) -> Listener:
        def hear(event: Event) -> None:
            if event["ev"] == "review.done" and stored.run.tool.name == at.name:
                raise KeyboardInterrupt

        return hear

    with pytest.raises(KeyboardInterrupt):
        review(workspace, *tools, events=ReviewEvents(begun=begun))


def done_before(found: list[PublishedRun]) -> list[str]:
    return [one.run.tool.name for one in found if one.already_done]


def records(workspace: Workspace) -> int:
    return len(list((workspace.root / "runs").glob(".unfinished-*")))


def test_a_finished_tool_of_an_interrupted_command_is_taken_as_done(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, CLEO, at=BEA)
    found = review(workspace, ADA, BEA, CLEO)
    assert done_before(found) == ["Ada"]
    assert [one.resumed for one in found] == [True, True, False]
    assert len(workspace.runs.paths()) == 3
    assert found[0].page.is_file()


@pytest.mark.parametrize("later", [(ADA, BEA), (ADA, BEA, CLEO)])
def test_a_command_that_dies_as_it_resumes_another_loses_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, later: tuple[Tool, ...]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    interrupt(workspace, ADA, BEA, at=BEA)
    with monkeypatch.context() as full:
        full.setattr(os, "replace", fail)
        with pytest.raises(StoreError):
            review(workspace, *later)
    assert records(workspace) == 1
    assert done_before(review(workspace, *later)) == ["Ada"]
    assert records(workspace) == 0


def test_a_service_that_starts_a_review_which_is_done_already_has_its_run(
    workspace: Workspace,
) -> None:
    def die(_: PublishedRun) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        review(workspace, ADA, events=ReviewEvents(done=die))

    async def start() -> StoredRun:
        started = StartedReviews(workspace)
        try:
            return await started.start(ADA, CHECKLIST)
        finally:
            await started.close()

    stored = run_async(start)
    assert [path.name for path in workspace.runs.paths()] == [stored.run.id]
    assert stored.run.state == "finished"


async def begin(
    started: StartedReviews,
) -> tuple["asyncio.Task[StoredRun]", set["asyncio.Task[Any]"]]:
    """Return a call that starts a review, and the tasks that it has made by then."""
    before = asyncio.all_tasks()
    caller = asyncio.create_task(started.start(ADA, CHECKLIST))
    while not (begun := asyncio.all_tasks() - before - {caller}):  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(0)
    return caller, begun


def test_a_review_whose_caller_is_cancelled_before_it_began_is_stopped(
    workspace: Workspace,
) -> None:
    async def start_and_cancel() -> set[str]:
        started = StartedReviews(workspace)
        caller, begun = await begin(started)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        await started.close()
        return {repr(task) for task in begun if not task.done()}

    assert run_async(start_and_cancel) == set()
    assert [path for path in workspace.runs.paths() if workspace.runs.read(path).is_final] == []


def test_a_service_that_closes_while_a_review_begins_tells_its_caller(workspace: Workspace) -> None:
    async def start_and_close() -> StoredRun:
        started = StartedReviews(workspace)
        caller, _ = await begin(started)
        await started.close()
        return await caller

    with pytest.raises(StoreError, match="did not begin"):
        run_async(start_and_close)


def test_a_command_that_has_ended_is_a_new_one_the_next_time(workspace: Workspace) -> None:
    for number in (1, 2):
        assert done_before(review(workspace, ADA, BEA)) == []
        assert len(workspace.runs.paths()) == 2 * number
        assert records(workspace) == 0


def test_the_order_decides_nothing_and_more_tools_may_be_named(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, at=BEA)
    assert done_before(review(workspace, DORA, BEA, ADA)) == ["Ada"]
    assert records(workspace) == 0


def test_fewer_tools_are_a_new_command(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, CLEO, at=CLEO)
    assert done_before(review(workspace, ADA)) == []
    assert len(workspace.runs.paths()) == 4


def test_what_others_finish_counts_and_ends_the_record(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, CLEO, at=BEA)
    review(workspace, BEA)
    assert records(workspace) == 1, "one tool is left"
    review(workspace, CLEO)
    assert records(workspace) == 0
    assert done_before(review(workspace, ADA, BEA, CLEO)) == []


def test_an_edited_tool_and_other_reviewers_are_another_task(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, CLEO, at=CLEO)
    edited = a_tool("Ada", description="An edited text.")
    assert done_before(review(workspace, edited, BEA, CLEO)) == ["Bea"]
    interrupt(workspace, ADA, BEA, at=BEA)
    assert done_before(review(workspace, ADA, BEA, samples=2)) == []


def test_a_run_whose_page_failed_is_published_without_being_asked_again(
    workspace: Workspace,
) -> None:
    faults: list[PanelError] = []
    workspace.pages.mkdir()
    (workspace.pages / "tools").write_text("in the way", encoding="utf-8")
    events = ReviewEvents(fault=lambda _, error: faults.append(error))
    assert review(workspace, ADA, events=events) == []
    assert [type(fault) for fault in faults] == [StoreError]
    (workspace.pages / "tools").unlink()
    assert done_before(review(workspace, ADA)) == ["Ada"]
    assert len(workspace.runs.paths()) == 1


def test_a_run_that_was_lost_is_not_taken_as_done(workspace: Workspace) -> None:
    interrupt(workspace, ADA, BEA, CLEO, at=CLEO)
    Path(workspace.place_of("ada"), "run.json").unlink()
    assert done_before(review(workspace, ADA, BEA, CLEO)) == ["Bea"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"v": 1, "runs": {"ada": 3}}', b"\xff"])
def test_a_damaged_record_stops_nothing(workspace: Workspace, data: bytes) -> None:
    interrupt(workspace, ADA, BEA, at=BEA)
    (record,) = (workspace.root / "runs").glob(".unfinished-*")
    record.write_bytes(data)
    found = review(workspace, ADA, BEA)
    assert [one.run.state for one in found] == ["finished", "finished"]
    assert records(workspace) == 0


def test_a_record_that_cannot_be_written_stops_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="run the same command again"):
        UnfinishedCommands(tmp_path / "runs").keep({"ada": None})
