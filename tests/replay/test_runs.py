"""Every recorded run of the repository, through today's code: no key, no socket, the same bytes."""

import subprocess
import sys
from pathlib import Path

import pytest

from panel.app.event_loop import run_async
from panel.app.processes import MANY
from panel.app.replay import todays_inputs
from panel.app.workspace import Workspace
from panel.domain.exchange import Exchange
from panel.domain.review import Scorecard
from panel.domain.run_document import Recording
from panel.errors import ReplayError
from panel.pipeline.graph import PanelGraph
from panel.pipeline.replay import replay
from panel.publish.documents import run_document, write_document
from panel.publish.pages import Pages
from panel.store.run_files import RunFiles
from tests.conftest import CHECKOUT
from tests.sealing import seal

FILES = RunFiles(CHECKOUT / "runs")
FOLDERS = FILES.paths()
TOOLS = ("mistral-8x24b-mixture-of-experts", "openai-o3-pro-api", "pixelbroth", "rowboat-sync")
by_both = pytest.mark.parametrize("by_model", [True, False], ids=["by a model", "by the checklist"])
each_run = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket connects and no key is set."""
    seal(monkeypatch)


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return Workspace.open(CHECKOUT)


@pytest.fixture(scope="module")
def graph() -> PanelGraph:
    return PanelGraph()


def recorded(slug: str, *, by_model: bool) -> Recording:
    """Return the recorded run of a tool by the checklist, or by a real model."""
    found = [FILES.load(path) for path in FOLDERS if path.name.rpartition("-")[0] == slug]
    chosen = [one for one in found if one.run.has_checklist_part is not by_model]
    if not chosen:
        pytest.skip(f"no run of {slug} by {'a model' if by_model else 'the checklist'} is recorded")
    return chosen[-1]


def test_all_four_tools_were_put_before_a_real_model() -> None:
    by_model = [FILES.read(path) for path in FOLDERS]
    assert {run.tool.slug for run in by_model if not run.has_checklist_part} >= set(TOOLS)


@each_run
@pytest.mark.usefixtures("sealed")
def test_a_recorded_run_replays_the_same_and_uses_every_exchange(
    folder: Path, workspace: Workspace, graph: PanelGraph
) -> None:
    recording = FILES.load(folder)
    inputs = todays_inputs(workspace, recording.run)
    outcome = run_async(lambda: replay(graph, recording.run, recording.exchanges, inputs))
    assert outcome.differences == ()
    assert outcome.run.reviews == recording.run.reviews
    assert outcome.run.verdict == recording.run.verdict


@each_run
def test_an_exchange_that_nobody_asks_for_is_found(
    folder: Path, workspace: Workspace, graph: PanelGraph
) -> None:
    recording = FILES.load(folder)
    stray = recording.exchanges[0].request.but(sample=7)
    more = (*recording.exchanges, Exchange(**{**dict(recording.exchanges[0]), "request": stray}))
    inputs = todays_inputs(workspace, recording.run)
    with pytest.raises(ReplayError, match="were not asked for"):
        run_async(lambda: replay(graph, recording.run, more, inputs))


@each_run
def test_pages_of_a_recorded_run_render_the_same_twice(folder: Path) -> None:
    run, pages = FILES.load(folder).run, Pages.load()
    assert pages.render_tool(run) == pages.render_tool(run)
    assert write_document(run_document(run)) == write_document(run_document(run))


@each_run
def test_a_recording_holds_no_key_no_header_and_no_path(folder: Path) -> None:
    for file in (folder / "run.json", folder / "exchanges.jsonl"):
        text = file.read_text(encoding="utf-8").casefold()
        for word in ("authorization", "bearer ", "sk-", "api_key", "/work/", "/tmp/", "/home/"):  # noqa: S108
            assert word not in text, f"{word} in {file}"


@each_run
def test_a_run_by_hand_names_who_answered(folder: Path) -> None:
    for review in FILES.read(folder).reviews:
        if isinstance(review, Scorecard) and review.provider == "manual":
            assert review.model not in ("", "manual", "answers given by hand")


@by_both
@pytest.mark.parametrize(("slug", "decision"), [("rowboat-sync", "ship"), ("pixelbroth", "skip")])
def test_a_control_comes_to_what_it_deserves(slug: str, decision: str, by_model: bool) -> None:
    verdict = recorded(slug, by_model=by_model).run.verdict
    assert verdict is not None
    assert verdict.decision == decision


@by_both
def test_the_tool_with_two_names_carries_its_flag(by_model: bool) -> None:
    run = recorded("mistral-8x24b-mixture-of-experts", by_model=by_model).run
    assert "name_mismatch" in [flag.kind for flag in run.flags]


def test_reviewers_do_not_say_the_same_in_the_same_words() -> None:
    for slug in TOOLS:
        run = recorded(slug, by_model=True).run
        takes = [s.text for r in run.reviews if isinstance(r, Scorecard) for s in r.ballot.take]
        assert len(takes) == len(set(takes))


def test_an_archive_that_processes_share_replays_run_by_run_in_its_order() -> None:
    names = [str(folder) for folder in FOLDERS] * (MANY // len(FOLDERS) + 1)
    code = (
        "import sys; from panel import replay; "
        "print(*[one.path for one in replay(*sys.argv[1:]) if one.is_same], sep='\\n')"
    )
    command = (sys.executable, "-c", code, *names)  # alone in its process, as a command is
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT)
    assert said.stdout.splitlines() == names
