"""A workspace finds its root and its runs; a run begins, is convened, and is resumed."""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from panel.app.clock import SystemClock
from panel.app.event_loop import run_async
from panel.app.panels import PanelRunner, ReviewOptions, StoredRun, open_providers
from panel.app.workspace import Workspace, built_in, find_root
from panel.domain.tool import Tool
from panel.errors import Busy, ConfigError
from tests.conftest import CHECKOUT
from tests.factories import a_tool
from tests.sealing import take_keys

pytestmark = pytest.mark.no_cover

CHECKLIST = ReviewOptions(models=("checklist",))
EVENING = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)


class At(SystemClock):
    """A clock that shows one moment."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def test_a_folder_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigError, match="the folder that this command runs in is gone"):
        Workspace.open()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The built-in personas, with runs kept in a folder of their own, one evening."""
    take_keys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return replace(Workspace.open(), clock=At(EVENING))


def later(workspace: Workspace, **time: int) -> Workspace:
    return replace(workspace, clock=At(EVENING + timedelta(**time)))


async def _convened(
    workspace: Workspace, tool: Tool, options: ReviewOptions, listener: Any
) -> StoredRun:
    panels = PanelRunner(workspace)
    async with aclosing(open_providers(workspace, options)) as providers:
        return await panels.convene(panels.begin(tool, options), providers, options, listener)


def convened(
    workspace: Workspace,
    tool: Tool | None = None,
    options: ReviewOptions = CHECKLIST,
    listener: Any = None,
) -> StoredRun:
    return run_async(lambda: _convened(workspace, tool or a_tool(), options, listener))


def break_off(event: Mapping[str, Any]) -> None:
    if event["ev"] == "review.done":
        raise KeyboardInterrupt


def broken_off(
    workspace: Workspace, tool: Tool | None = None, options: ReviewOptions = CHECKLIST
) -> StoredRun:
    """Return a run that was interrupted after its first review."""
    with pytest.raises(KeyboardInterrupt):
        convened(workspace, tool, options, break_off)
    stored = PanelRunner(workspace).begin(tool or a_tool(), options)
    assert stored.resumed
    return stored


def test_the_root_is_the_nearest_folder_upward_with_settings(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "shipskip.toml").write_text("", encoding="utf-8")
    assert find_root(below) == tmp_path
    (below / "shipskip.toml").write_text("", encoding="utf-8")
    assert find_root(below) == below


def test_a_named_root_without_settings_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`shipskip init"):
        Workspace.open(tmp_path)


def test_without_a_root_the_built_in_voice_serves_and_runs_stay_here(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert built_in() == CHECKOUT
    assert workspace.root == tmp_path
    assert workspace.runs.name == str(tmp_path / "runs")
    assert [persona.key for persona in workspace.persona_set.personas]
    assert list(tmp_path.iterdir()) == [], "to open a workspace writes nothing"


def test_a_new_run_is_named_by_slug_and_digest_and_is_not_yet_on_disk(
    workspace: Workspace,
) -> None:
    stored = PanelRunner(workspace).begin(a_tool(), CHECKLIST)
    assert not stored.resumed
    assert not Path(stored.path).exists()
    assert stored.path.parent == workspace.root / "runs" / "2026-11-22"
    slug, _, name = stored.run.id.rpartition("-")
    assert (slug, len(name)) == ("quillbase", 8)
    assert PanelRunner(workspace).begin(a_tool(), CHECKLIST) == stored


def test_the_same_task_on_the_same_day_gets_another_name(workspace: Workspace) -> None:
    first = convened(workspace)
    second = PanelRunner(workspace).begin(a_tool(), CHECKLIST)
    assert first.run.inputs == second.run.inputs
    assert first.run.id != second.run.id


def test_a_convened_run_is_on_disk_with_versions_and_spending(workspace: Workspace) -> None:
    stored = convened(workspace)
    assert stored.run.state == "finished"
    assert workspace.runs.read(stored.path) == stored.run
    assert "shipskip" in stored.run.versions
    assert stored.run.spending.calls == 0
    assert len(stored.exchanges) == 4
    assert workspace.runs.load(stored.path).exchanges == stored.exchanges


def test_a_run_that_was_interrupted_is_open_on_disk_and_goes_on(workspace: Workspace) -> None:
    stored = broken_off(workspace)
    assert stored.run.state == "open"
    had = workspace.runs.load(stored.path).exchanges
    assert had
    written = json.loads(Path(stored.path, "run.json").read_text(encoding="utf-8"))
    assert len(written["recorded"]) == len(had), "what was answered is sealed as it ends"
    done = convened(workspace)
    assert done.path == stored.path
    assert done.run.state == "finished"
    assert workspace.runs.load(done.path).exchanges[: len(had)] == had


def test_a_resumed_run_keeps_its_first_date_over_midnight(workspace: Workspace) -> None:
    stored = broken_off(workspace)
    done = convened(later(workspace, minutes=2))
    assert done.path == stored.path
    assert done.run.inputs == stored.run.inputs
    assert done.run.started == EVENING


def test_a_resumed_run_keeps_the_personas_it_began_with(workspace: Workspace) -> None:
    stored = broken_off(workspace)
    first = workspace.persona_set.personas[0]
    edited = first.model_copy(update={"motto": "Who says so?"})
    persona_set = replace(
        workspace.persona_set, personas=(edited, *workspace.persona_set.personas[1:])
    )
    again = PanelRunner(replace(workspace, load_personas=lambda: persona_set)).begin(
        a_tool(), CHECKLIST
    )
    assert again.path == stored.path
    assert again.run.inputs.personas[0].motto == first.motto


@pytest.mark.parametrize(
    ("tool", "options"),
    [
        (a_tool(description="Another text."), CHECKLIST),
        (a_tool(), ReviewOptions(models=("manual",))),
        (a_tool(), replace(CHECKLIST, samples=2)),
        (a_tool(), replace(CHECKLIST, personas=("skeptic",))),
    ],
)
def test_another_task_is_another_run(
    workspace: Workspace, tool: Tool, options: ReviewOptions
) -> None:
    stored = broken_off(workspace)
    other = PanelRunner(workspace).begin(tool, options)
    assert not other.resumed
    assert other.run.id != stored.run.id


def test_a_finished_run_is_not_gone_on_with(workspace: Workspace) -> None:
    convened(workspace)
    assert not PanelRunner(workspace).begin(a_tool(), CHECKLIST).resumed


def test_a_run_that_another_process_holds_is_busy(workspace: Workspace) -> None:
    stored = PanelRunner(workspace).begin(a_tool(), CHECKLIST)
    with workspace.runs.lock(stored.run), pytest.raises(Busy, match="another process"):
        convened(workspace)


def test_a_run_that_was_never_written_down_leaves_its_name_free(workspace: Workspace) -> None:
    stored = PanelRunner(workspace).begin(a_tool(), CHECKLIST)
    with workspace.runs.lock(stored.run):
        pass
    assert convened(workspace).path == stored.path


def test_the_latest_run_is_the_newest_finished_one_of_exactly_this_tool(
    workspace: Workspace,
) -> None:
    assert workspace.latest(a_tool()) is None
    found = [convened(later(workspace, seconds=n)) for n in range(4)]
    broken_off(later(workspace, seconds=9))
    latest = workspace.latest(a_tool())
    assert latest is not None
    assert latest == (found[-1].run, found[-1].path)
    assert workspace.latest(a_tool(description="An edited text.")) is None
    assert workspace.latest(a_tool(), ("manual",)) is None
    assert workspace.latest(a_tool(), ("checklist",)) == latest


def test_a_run_is_found_by_folder_id_or_slug(workspace: Workspace) -> None:
    found = [convened(later(workspace, seconds=n)) for n in range(4)]
    convened(workspace, a_tool("Quillbase Pro"))
    assert workspace.place_of(str(found[0].path)) == found[0].path
    assert workspace.place_of(found[1].run.id) == found[1].path
    assert workspace.place_of("quillbase") == found[-1].path, "the newest of that slug"
    assert workspace.find("quillbase").run == found[-1].run
    waiting = convened(later(workspace, days=5), options=ReviewOptions(models=("manual",)))
    assert waiting.run.verdict is None
    assert workspace.find("quillbase").run == found[-1].run, "one with a verdict goes first"


@pytest.mark.parametrize("name", ["nobody", "quill", "quillbase-", "", "../.."])
def test_a_run_that_is_not_there_is_named(workspace: Workspace, name: str) -> None:
    convened(workspace)
    with pytest.raises(ConfigError, match=r"no such run in .*shipskip runs list"):
        workspace.place_of(name)


def test_a_task_runs_with_and_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer() -> int:
        return 42

    assert run_async(answer) == 42
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run_async(answer) == 42


def test_a_damaged_run_hides_no_other(workspace: Workspace) -> None:
    found = [convened(later(workspace, seconds=n)) for n in range(3)]
    Path(found[2].path, "run.json").write_bytes(b"\x00")
    runs, faults = workspace.read_each(workspace.runs.read)
    assert sorted(run.id for run in runs) == sorted(one.run.id for one in found[:2])
    assert [str(found[2].path) in str(fault) for fault in faults] == [True]
    assert workspace.find("quillbase").run == found[1].run
    assert workspace.latest(a_tool()) == (found[1].run, found[1].path)


def test_what_an_interrupted_run_cost_is_a_least(workspace: Workspace) -> None:
    assert not convened(workspace, a_tool("Other")).run.spending.at_least
    stored = broken_off(workspace)
    assert stored.was_interrupted
    assert not stored.run.spending.at_least, "the checklist makes no call"


def test_a_workspace_opens_at_a_path_or_its_text(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("personas", "prompts"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "shipskip.toml").write_text("", encoding="utf-8")
    assert workspace.root == tmp_path
    assert Workspace.open(str(tmp_path)).root == Workspace.open(tmp_path).root == tmp_path


async def test_a_task_runs_beside_a_loop_that_runs_already() -> None:
    loops = []

    async def answer() -> int:
        loops.append(asyncio.get_running_loop())
        return 42

    assert run_async(answer) == 42
    assert loops != [asyncio.get_running_loop()]


async def test_what_is_raised_beside_a_running_loop_comes_through() -> None:
    async def fail() -> None:
        raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        run_async(fail)
