"""What is held is decided on once: of two editors at the same time one wins, and the other is told."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from panel.app.decisions import Order, decide
from panel.app.held import (
    dismiss_job,
    find_held_run,
    held_runs,
    release_job,
    release_run,
    review_without_passages,
)
from panel.app.panels import ReviewOptions
from panel.app.publish import Publisher
from panel.app.workspace import Workspace
from panel.domain.flag import Flag
from panel.domain.job import Job
from panel.domain.run import Run
from panel.errors import Busy, ConfigError, Overtaken
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.run_rows import RunRows
from tests.desk import hold_before_panel, record
from tests.factories import a_run
from tests.workspaces import lay_out

pytestmark = pytest.mark.no_cover

HELD = a_run(flags=(Flag(kind="witnessed", message="Look here.", holds=True),))
EDITORS = ("Ada", "Bo")
T = TypeVar("T")
Decide = Callable[[Workspace, Job, str, str], None]


@pytest.fixture(params=["files", "postgres"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """A workspace with a held run, in a folder, then in a database."""
    opened = Workspace.open(lay_out(tmp_path / "newsroom"))
    if request.param == "postgres":
        address = str(request.getfixturevalue("postgres_address"))
        opened = replace(opened, runs=RunRows.open(address, beside=tmp_path))
    record(opened, [HELD])
    return opened


def at_once(decide: Callable[[str], T]) -> list[T | Overtaken | Busy]:
    """Return what each editor is answered, who decide in the same moment."""
    ready = threading.Barrier(len(EDITORS))

    def answer(editor: str) -> T | Overtaken | Busy:
        ready.wait(30)
        try:
            return decide(editor)
        except (Overtaken, Busy) as error:
            return error

    with ThreadPoolExecutor(len(EDITORS)) as threads:
        return list(threads.map(answer, EDITORS))


def kept(workspace: Workspace) -> Run:
    return workspace.runs.read(workspace.runs.place(HELD))


def test_a_held_run_that_an_editor_rejected_is_held_no_more(workspace: Workspace) -> None:
    assert [one.run.id for one in held_runs(workspace)[0]] == [HELD.id]
    decide(workspace, HELD.id, Order("reject", "Ada", "It is no tool."))
    assert held_runs(workspace) == ([], [])
    decide(workspace, HELD.id, Order("undo", "Ada", "It is one."))
    assert [one.run.id for one in held_runs(workspace)[0]] == [HELD.id]


def test_a_run_that_another_editor_has_released_meanwhile_stays_as_that_one_left_it(
    workspace: Workspace,
) -> None:
    seen = find_held_run(workspace, HELD.id)
    release_run(workspace, seen, "Ada", "It quotes an attack.")
    with pytest.raises(
        Overtaken, match=r"Ada released it meanwhile \(.* UTC\), and nothing"
    ) as told:
        release_run(workspace, seen, "Bo", "It is no order.")
    assert "\n" not in str(told.value)
    release = kept(workspace).release
    assert release is not None
    assert (release.editor, release.reason) == ("Ada", "It quotes an attack.")


def test_a_run_that_was_changed_since_its_editor_read_it_is_not_released(
    workspace: Workspace,
) -> None:
    seen = find_held_run(workspace, HELD.id)
    changed = HELD.model_copy(update={"reviews": HELD.reviews[1:]})
    record(workspace, [changed])
    with pytest.raises(Overtaken, match="it was changed, and nothing was written"):
        release_run(workspace, seen, "Bo", "It is no order.")
    assert kept(workspace) == changed


def test_of_two_editors_who_release_a_run_at_once_one_wins_and_the_other_is_told(
    workspace: Workspace,
) -> None:
    seen = find_held_run(workspace, HELD.id)
    found = at_once(lambda editor: release_run(workspace, seen, editor, f"{editor} has read it."))
    (won,) = [name for name, one in zip(EDITORS, found, strict=True) if one is None]
    release = kept(workspace).release
    assert release is not None
    assert release.editor == won


async def test_no_panel_is_convened_again_on_a_run_that_another_editor_has_released(
    workspace: Workspace,
) -> None:
    seen = find_held_run(workspace, HELD.id)
    release_run(workspace, seen, "Ada", "It quotes an attack.")
    with pytest.raises(Overtaken, match="Ada released it meanwhile"):
        await review_without_passages(workspace, seen, "Bo", "It orders.", ReviewOptions())
    assert workspace.runs.paths() == [workspace.runs.place(HELD)]


def test_a_run_is_at_work_as_long_as_a_process_has_its_lock(workspace: Workspace) -> None:
    path = workspace.runs.place(HELD)
    assert not workspace.runs.is_at_work(path)
    with workspace.runs.lock(HELD):
        assert workspace.runs.is_at_work(path)
    assert not workspace.runs.is_at_work(path)


def test_a_writer_begins_however_often_others_ask_whether_the_run_is_at_work(
    workspace: Workspace,
) -> None:
    path, has_ended = workspace.runs.place(HELD), threading.Event()

    def ask() -> int:
        asked = 0
        while not has_ended.is_set():
            workspace.runs.is_at_work(path)
            asked += 1
        return asked

    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(ask)
        try:
            for _ in range(100):
                with workspace.runs.lock(HELD):
                    pass
        finally:
            has_ended.set()
        assert asking.result() > 0


def test_a_page_tells_of_the_release_that_won(workspace: Workspace) -> None:
    seen = find_held_run(workspace, HELD.id)
    Publisher(workspace).publish_run(seen)
    published = release_run(workspace, seen, "Ada", "It quotes an attack.")
    with pytest.raises(Overtaken):
        release_run(workspace, seen, "Bo", "It is no order.")
    assert published is not None
    page = published.page.read_text(encoding="utf-8")
    assert "It quotes an attack." in page
    assert "It is no order." not in page


@pytest.mark.parametrize("first", [release_job, dismiss_job])
@pytest.mark.parametrize("second", [release_job, dismiss_job])
def test_a_tool_is_released_or_dismissed_by_the_first_of_two_editors(
    tmp_path: Path, ledger_address: str, first: Decide, second: Decide
) -> None:
    opened = Workspace.open(lay_out(tmp_path / "newsroom"))
    ledger = SqlLedger.open(ledger_address)
    workspace = replace(opened, kept_ledger=ledger)
    seen = ledger.jobs.get(hold_before_panel(workspace))
    first(workspace, seen, "Ada", "I have read it.")
    decided = ledger.jobs.get(seen.id)
    with pytest.raises(ConfigError, match="it is not held any more, so nothing was written"):
        second(workspace, seen, "Bo", "So have I.")
    assert ledger.jobs.get(seen.id) == decided
    assert list(ledger.journal.rows())[-1].actor == "Ada"
    ledger.close()
