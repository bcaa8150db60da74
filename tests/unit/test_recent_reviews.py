"""What a persona wrote last is read from the run store once, and added to as runs end."""

from pathlib import Path
from typing import Any

from panel.app.recent_reviews import RecentReviews
from panel.domain.run import Assignment, CallSettings
from panel.store.run_files import RunFiles
from tests.factories import REVIEWERS, a_ballot, a_run, a_scorecard, a_sentence, a_tool, some_inputs


def a_kept_run(files: RunFiles, tool: str, opening: str, **fields: Any) -> None:
    ballot = a_ballot(take=(a_sentence(f"{opening} and so on."),))
    cards = [a_scorecard(key, ballot=ballot, **fields) for key in REVIEWERS]
    run = a_run(inputs=some_inputs(a_tool(tool)), reviews=cards)
    with files.lock(run) as folder:
        folder.save(run)


def openings(
    recent: RecentReviews, tool: str = "Fernpost", **fields: Any
) -> dict[str, tuple[str, ...]]:
    found = recent.of(some_inputs(a_tool(tool), **fields))
    return {takes.persona: takes.openings for takes in found}


def test_the_takes_of_other_tools_are_given_to_each_persona(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    a_kept_run(files, "Quillbase", "Ten seats cost")
    recent = RecentReviews(files)
    assert openings(recent) == dict.fromkeys(REVIEWERS, ("ten seats cost",))
    assert openings(recent, "Quillbase") == {}


def test_a_checklist_neither_gives_nor_is_given_takes(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    a_kept_run(files, "Quillbase", "Ten seats cost", provider="checklist")
    assert openings(RecentReviews(files)) == {}
    a_kept_run(files, "Inkwell", "Nine seats cost")
    ticked = tuple(
        Assignment(persona=k, provider="checklist", model="checklist") for k in REVIEWERS
    )
    assert openings(RecentReviews(files), assignments=ticked) == {}


def test_a_run_that_ends_is_the_newest_and_one_that_is_damaged_is_passed_over(
    tmp_path: Path,
) -> None:
    files = RunFiles(tmp_path)
    a_kept_run(files, "Quillbase", "Ten seats cost")
    a_kept_run(files, "Inkwell", "Nine seats cost")
    next(tmp_path.glob("*/inkwell-*/run.json")).write_text("{", encoding="utf-8")
    recent = RecentReviews(files)
    assert openings(recent)["builder"] == ("ten seats cost",)
    ballot = a_ballot(take=(a_sentence("Eight seats cost less."),))
    later = a_run(a_tool("Yarrow"), [a_scorecard("builder", ballot=ballot)])
    recent.add(later)
    recent.add(later.model_copy(update={"state": "stopped"}))
    assert openings(recent)["builder"] == ("eight seats cost", "ten seats cost")


def test_nothing_is_read_before_it_is_needed(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    recent = RecentReviews(files)
    recent.add(a_run())
    assert openings(recent) == {}
    a_kept_run(files, "Quillbase", "Ten seats cost")
    assert openings(recent) == {}, "the store is read once"


def test_how_many_are_given_is_a_setting_and_none_is_one(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    a_kept_run(files, "Quillbase", "Ten seats cost")
    a_kept_run(files, "Inkwell", "Nine seats cost")
    for most in (0, 1, 2):
        calls = CallSettings(recent_reviews=most)
        found = openings(RecentReviews(files), calls=calls)
        assert {len(words) for words in found.values()} == ({most} if most else set())
