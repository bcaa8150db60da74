"""Reviews and comparisons: every tool gets its turn, its page and its exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from panel.app.compare import compare
from panel.app.event_loop import run_async
from panel.app.panels import PanelRunner, ReviewOptions
from panel.app.publish import PublishedRun
from panel.app.review import ReviewEvents, ReviewService
from panel.app.workspace import Workspace
from panel.domain.review import Review
from panel.domain.run import Pending, Run
from panel.domain.tool import Tool
from panel.errors import Busy, ConfigError, PanelError, StoreError
from panel.publish.documents import write_document
from panel.store.tool_files import read_tool
from tests.conftest import CHECKOUT
from tests.factories import a_panel, a_run, a_tool
from tests.sealing import take_keys

pytestmark = pytest.mark.no_cover

CHECKLIST = ReviewOptions(models=("checklist",))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    take_keys(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return Workspace.open()


def review_all(
    workspace: Workspace,
    tools: list[Tool],
    options: ReviewOptions,
    events: ReviewEvents | None = None,
    answers: dict[str, str] | None = None,
) -> list[PublishedRun]:
    async def all_of_them() -> list[PublishedRun]:
        async with ReviewService(options, workspace=workspace) as service:
            return await service.review_all(tools, events or ReviewEvents(), answers)

    return run_async(all_of_them)


def three() -> list[Tool]:
    return [a_tool(name) for name in ("Ada", "Bea", "Cleo")]


def ended(reviews: tuple[Review, ...] | None = None, **fields: Any) -> int:
    run = a_run(reviews=reviews, **fields)
    return PublishedRun(run, Path(), Path(), {}, manual=Path(), page_of="").exit_code


def pending(cause: Any) -> tuple[Pending, ...]:
    key = Pending(reviewer="builder", reason="-", cause="key")
    return key, Pending(reviewer="skeptic", reason="-", cause=cause)


def test_the_exit_code_says_how_a_run_ended() -> None:
    nothing: dict[str, Any] = {"reviews": (), "verdict": None}
    assert ended(a_panel("ship skip ship skip")) == 0
    assert ended(a_panel("ship none ship skip")) == 3
    assert ended(a_panel("ship none none none")) == 4
    assert ended(state="set_aside", reason="a poem", **nothing) == 4
    assert ended(state="stopped", pending=pending("quota"), **nothing) == 4
    assert ended(state="stopped", pending=pending("cap"), **nothing) == 5
    assert ended(state="stopped", pending=pending("price"), **nothing) == 2
    assert ended(state="waiting", pending=pending("answer"), **nothing) == 8


def test_each_tool_is_reviewed_in_order_and_told_as_it_ends(workspace: Workspace) -> None:
    told: list[str] = []
    found = review_all(
        workspace, three(), CHECKLIST, ReviewEvents(done=lambda one: told.append(one.run.tool.name))
    )
    assert [one.run.tool.name for one in found] == told == ["Ada", "Bea", "Cleo"]


def test_a_review_has_its_page_and_the_pages_twin(workspace: Workspace, tmp_path: Path) -> None:
    (found,) = review_all(workspace, [a_tool()], CHECKLIST)
    assert found.page == tmp_path / "site" / "tools" / "quillbase" / "index.html"
    assert "Quillbase" in found.page.read_text(encoding="utf-8")
    twin = json.loads(found.page.with_name("index.json").read_text(encoding="utf-8"))
    beside = {"path": str(found.path), "page": str(found.page), "already_done": False}
    assert {**twin, **beside} == json.loads(write_document(dict(found.document)))


def hold_first(workspace: Workspace) -> Run:
    return PanelRunner(workspace).begin(three()[0], CHECKLIST).run


def test_what_stops_one_tool_does_not_keep_the_others_from_the_panel(workspace: Workspace) -> None:
    faults: list[tuple[str, PanelError]] = []
    with workspace.runs.lock(hold_first(workspace)):
        found = review_all(
            workspace,
            three(),
            CHECKLIST,
            ReviewEvents(fault=lambda tool, error: faults.append((tool, error))),
        )
    assert [one.run.tool.name for one in found] == ["Bea", "Cleo"]
    assert [(tool, type(error)) for tool, error in faults] == [("Ada", Busy)]


def test_without_anybody_to_tell_the_first_fault_ends_the_review(workspace: Workspace) -> None:
    with workspace.runs.lock(hold_first(workspace)), pytest.raises(Busy):
        review_all(workspace, three(), CHECKLIST)
    assert workspace.runs.paths() == []


def test_pages_that_cannot_be_written_end_it_before_anything_is_asked(workspace: Workspace) -> None:
    workspace.pages.write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="nothing was asked yet"):
        review_all(workspace, three(), CHECKLIST)
    assert workspace.runs.paths() == []


def test_a_tool_does_not_take_the_page_of_another_and_keeps_its_own(workspace: Workspace) -> None:
    first, second = a_tool("v1.4.0", url="https://a.example/"), a_tool("v1.4.0", vendor="Anvil")
    others = a_tool("v1.4.0", url="https://b.example/"), second, a_tool("v1.4.0!", url=first.url)
    found = review_all(workspace, [first], CHECKLIST)
    found += [one for tool in others for one in review_all(workspace, [tool], CHECKLIST)]
    assert found[0].page.parent.name == first.slug
    assert len({one.page for one in found}) == 4
    again = [one.page for tool in others for one in review_all(workspace, [tool], CHECKLIST)]
    assert again == [one.page for one in found[1:]]
    (moved,) = review_all(workspace, [a_tool("V1.4.0", url="http://a.example")], CHECKLIST)
    assert moved.page == found[0].page


def test_a_run_that_is_damaged_is_set_aside_and_nothing_sound_is_asked_again(
    workspace: Workspace,
) -> None:
    by_hand, said = ReviewOptions(models=("manual", "checklist")), []
    (waiting,) = review_all(workspace, [a_tool()], by_hand)
    lines = Path(waiting.path) / "exchanges.jsonl"
    first, *rest = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.write_text(first.replace("checklist", "chexklist") + "".join(rest), encoding="utf-8")
    events = ReviewEvents(notice=lambda tool, line: said.append((tool, line)))
    (again,) = review_all(workspace, [a_tool()], by_hand, events)
    assert again.run.state == "waiting"
    assert [(tool, "line 1" in line, "damaged" in line) for tool, line in said] == [
        ("Quillbase", True, True)
    ]
    kept = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    assert kept[: len(rest)] == rest
    assert len(kept) == len(rest) + 1


def test_a_run_without_a_verdict_does_not_take_the_page_of_one_with(workspace: Workspace) -> None:
    (first,) = review_all(workspace, [a_tool()], CHECKLIST)
    (waiting,) = review_all(workspace, [a_tool()], ReviewOptions(models=("manual",)))
    assert waiting.run.state == "waiting"
    assert (waiting.page, waiting.page_of) == (first.page, first.run.id)
    assert first.run.id in first.page.with_name("index.json").read_text(encoding="utf-8")
    (second,) = review_all(workspace, [a_tool(description="Another text.")], CHECKLIST)
    assert (second.page, second.page_of) == (first.page, second.run.id)
    assert second.run.id in first.page.with_name("index.json").read_text(encoding="utf-8")


def test_a_run_without_a_verdict_has_a_page_where_there_is_none(workspace: Workspace) -> None:
    (waiting,) = review_all(workspace, [a_tool()], ReviewOptions(models=("manual",)))
    assert waiting.page_of == waiting.run.id
    assert waiting.page.is_file()


def test_a_tool_whose_name_is_spelled_otherwise_keeps_its_page(workspace: Workspace) -> None:
    review_all(workspace, [a_tool("Quill-Base")], CHECKLIST)
    (found,) = review_all(workspace, [a_tool("quill base")], CHECKLIST)
    assert "quill base" in found.page.read_text(encoding="utf-8")


def test_a_twin_that_cannot_be_read_stands_in_nobodys_way(workspace: Workspace) -> None:
    place = workspace.pages / "tools" / "quillbase"
    place.mkdir(parents=True)
    for text in ("{", "[]", '{"tool": 3}', "\x00"):
        (place / "index.json").write_text(text, encoding="utf-8")
        assert review_all(workspace, [a_tool()], CHECKLIST)


def test_answers_are_refused_where_no_hand_is_asked(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="--model manual"):
        review_all(workspace, [a_tool()], CHECKLIST, answers={"builder": "{}"})
    assert workspace.runs.paths() == []


def test_an_unknown_model_is_one_fault_and_not_one_a_tool(workspace: Workspace) -> None:
    faults: list[str] = []
    with pytest.raises(ConfigError, match="no model reference"):
        review_all(
            workspace,
            three(),
            ReviewOptions(models=("gpt",)),
            ReviewEvents(fault=lambda tool, _: faults.append(tool)),
        )
    assert faults == []


def test_a_comparison_has_its_page_its_twin_and_its_pick(workspace: Workspace) -> None:
    runs = [one.run for one in review_all(workspace, three(), CHECKLIST)]
    compared = compare(*runs, workspace=workspace)
    assert compared.page.parent.name == "ada-vs-bea-vs-cleo"
    assert compared.document["page"] == str(compared.page)
    twin = json.loads(compared.page.with_name("index.json").read_text(encoding="utf-8"))
    assert twin["pick"] == compared.document["pick"]


def test_what_cannot_be_compared_is_said(workspace: Workspace) -> None:
    (one,) = review_all(workspace, [a_tool()], CHECKLIST)
    with pytest.raises(ConfigError, match="2 to 5"):
        compare(one.run, workspace=workspace)
    with pytest.raises(ConfigError, match="quillbase"):
        compare(one.run, one.run, workspace=workspace)


def test_the_examples_that_come_with_shipskip_can_all_be_reviewed(workspace: Workspace) -> None:
    files = sorted((CHECKOUT / "examples" / "tools").glob("*.md"))
    found = review_all(workspace, [read_tool(file) for file in files], CHECKLIST)
    assert [one.exit_code for one in found] == [0] * len(files)
