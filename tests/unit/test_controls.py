"""Controls: a folder read with its faults named, and what a panel made of them beside the last time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from panel.app.controls import controls_folder
from panel.audit.control_report import report_controls, report_lines
from panel.audit.figure import Estimate, Silent
from panel.domain.ballot import Decision
from panel.domain.control import Control, ControlResult, compare_with_control
from panel.domain.flag import Flag
from panel.domain.run import Run
from panel.errors import ConfigError
from panel.screening.screener import screen_tool
from panel.store.control_files import load_controls
from tests.factories import REVIEWERS, a_panel, a_run, a_tool, some_inputs

AT = datetime(2026, 11, 22, 13, 42, tzinfo=UTC)
BUILT_IN = controls_folder("starter")
PUBLISHED: dict[str, Decision] = {
    "builder": "ship",
    "skeptic": "skip",
    "futurist": "skip",
    "business_analyst": "ship",
}


def a_control(key: str = "one", **fields: object) -> Control:
    given = {"key": key, "kind": "divisive", "tool": a_tool(f"Tool {key}"), "votes": PUBLISHED}
    return Control.model_validate(given | fields)


def a_result(
    control: Control, votes: str, before: str | None = None, **fields: object
) -> ControlResult:
    return compare_with_control(
        control, run_of(control, votes, **fields), run_of(control, before) if before else None
    )


def run_of(control: Control, votes: str, **fields: object) -> Run:
    given = {"inputs": some_inputs(control.tool), "reviews": a_panel(votes), "started": AT}
    return a_run(**(given | fields))  # type: ignore[arg-type]


def laid_out(folder: Path, expected: str, *texts: str) -> Path:
    folder.mkdir()
    (folder / "expect.yaml").write_text(expected, encoding="utf-8")
    for name in texts:
        text = f"---\nname: Tool {name}\n---\nIt sorts files.\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def test_the_built_in_controls_are_clear_divisive_and_paired() -> None:
    controls = load_controls(BUILT_IN)
    assert {one.kind for one in controls} == {
        "clear",
        "divisive",
        "twin",
        "rewording",
        "near_duplicate",
    }
    by_key = {one.key: one for one in controls}
    for one in controls:
        assert set(one.votes) == set(REVIEWERS)
        if one.of is not None:
            assert one.votes == by_key[one.of].votes
    for key in REVIEWERS:
        divisive = [one.votes[key] for one in controls if one.kind == "divisive"]
        assert len(set(divisive)) == 2, key
    # Only the twin addresses its reviewers, and code alone sees it.
    seen = {one.key for one in controls if screen_tool(one.tool)}
    assert seen == {one.key for one in controls if one.kind == "twin"}


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ("one: {builder: maybe}", "one: builder: 'maybe' is no vote; write ship or skip"),
        ("one: {why: because}", "one: no persona has a vote"),
        ("one: ship", "one: the votes of the personas are asked for"),
        ("one: {builder: ship, kind: odd}", "one: kind: 'odd' is none of clear, divisive"),
        ("one: {builder: ship, kind: twin}", "one: of: a twin names the control that it is of"),
        ("one: {of: two}", "one: of: 'two' is no other control of this file"),
        ("one: {builder: ship, of: one}", "one: of: 'one' is no other control"),
        ("2026: {builder: ship}", "2026 is no text; put it in quotes"),
        ("one: {7: ship}", "one: 7 is no text; put it in quotes"),
        ("two: {builder: ship}", "two.md: there is no such text; write it"),
        ("{}", "no control is named"),
        ("one: {builder: ship}\none: {builder: skip}", "the key 'one' stands twice"),
    ],
)
def test_each_fault_of_a_folder_is_named_by_file_and_key(
    tmp_path: Path, expected: str, says: str
) -> None:
    folder = laid_out(tmp_path / "controls", expected, "one")
    with pytest.raises(ConfigError) as error:
        load_controls(folder)
    assert any(line.startswith(str(folder)) for line in str(error.value).splitlines())
    assert says in str(error.value)


def test_a_file_that_cannot_be_read_is_the_one_fault_and_of_many_faults_some_are_named(
    tmp_path: Path,
) -> None:
    folder = laid_out(tmp_path / "controls", "one: [", "one", "two")
    for text in ("one: [", "- one", "", "{}"):
        (folder / "expect.yaml").write_text(text, "utf-8")
        with pytest.raises(ConfigError, match=r"docs/audit\.md shows") as error:
            load_controls(folder)
        assert len(str(error.value).splitlines()) == 1
    many = "\n".join(f"c{number}: {{builder: ship}}" for number in range(2_000))
    (folder / "expect.yaml").write_text(many, "utf-8")
    with pytest.raises(ConfigError, match="and 1,982 more faults") as error:
        load_controls(folder)
    assert len(str(error.value).splitlines()) == 21


def test_a_text_without_votes_and_a_name_that_stands_twice_are_faults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no expect\.yaml is here"):
        load_controls(tmp_path)
    folder = laid_out(tmp_path / "controls", "one: {builder: ship}", "one", "two")
    with pytest.raises(ConfigError, match=r"two\.md: expect\.yaml has no votes for it"):
        load_controls(folder)
    (folder / "two.md").write_text((folder / "one.md").read_text("utf-8"), "utf-8")
    (folder / "expect.yaml").write_text("one: {builder: ship}\ntwo: {builder: skip}", "utf-8")
    with pytest.raises(ConfigError, match="one, two: their tools have one name"):
        load_controls(folder)


def test_a_file_of_json_is_read_too(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "controls", "", "one", "two")
    (folder / "expect.yaml").unlink()
    text = '{"one": {"builder": "ship", "skeptic": "skip"}, "two": {"of": "one"}}'
    (folder / "expect.json").write_text(text, "utf-8")
    one, two = load_controls(folder)
    assert (one.kind, two.kind) == ("divisive", "divisive")
    assert two.votes == {"builder": "ship", "skeptic": "skip"}


def test_hits_misses_and_what_moved_are_told_by_name() -> None:
    results = [
        a_result(a_control(f"c{n}"), "ship skip ship none", "ship ship skip ship") for n in range(5)
    ]
    report = report_controls(AT, "openai:gpt-test", results)
    rates = {one.reviewer: one.figure for one in report.lenses}
    assert isinstance(rates["builder"], Estimate)
    assert rates["builder"].value == 1.0
    assert isinstance(rates["futurist"], Estimate)
    assert rates["futurist"].value == 0.0
    assert rates["business_analyst"].cases == 0
    assert isinstance(report.errors, Silent)
    moved = {(vote.reviewer, vote.before, vote.vote) for _, vote in report.moved}
    assert moved == {("skeptic", "ship", "skip"), ("futurist", "skip", "ship")}
    assert {vote.reviewer for _, vote in report.refused} == {"futurist"}
    assert isinstance(report.flips, Estimate)
    assert report.flips.value == pytest.approx(10 / 15)
    text = "\n".join(report_lines(report))
    assert "! Futurist ship (its lens: skip), Business analyst no review" in text
    assert "moved: Skeptic on c0: ship -> skip, its lens says skip" in text
    assert report == type(report).model_validate_json(report.model_dump_json())


def test_effective_votes_on_errors_are_said_from_thirty_controls_on() -> None:
    wrong = (
        "skip skip skip ship",
        "ship ship skip ship",
        "skip ship skip ship",
        "ship skip skip ship",
    )
    results = [a_result(a_control(f"c{n}"), wrong[n % 4]) for n in range(40)]
    errors = report_controls(AT, "openai:gpt-test", results).errors
    assert isinstance(errors, Estimate)
    # Builder and skeptic err independently; futurist and analyst never, which is no vote.
    assert errors.value == pytest.approx(2.0)
    assert "Futurist and Business analyst gave the same" in errors.note


def test_the_gate_refuses_a_wrong_vote_on_a_clear_control_the_first_time() -> None:
    votes: dict[str, Decision] = dict.fromkeys(REVIEWERS, "skip")
    clear = a_control("bad", kind="clear", votes=votes)
    report = report_controls(AT, "x", [a_result(clear, "skip ship skip skip")])
    assert [vote.reviewer for _, vote in report.refused] == ["skeptic"]
    passed = report_controls(AT, "x", [a_result(a_control(), "skip ship ship skip")])
    assert passed.refused == []  # wrong, and not known to have been right


def test_a_pair_is_told_by_who_votes_otherwise_and_whether_the_attempt_was_reported() -> None:
    plain, twin = a_control("plain"), a_control("twin", kind="twin", of="plain")
    reported = (Flag(kind="witnessed", message="It gives orders.", holds=True),)
    results = [
        a_result(plain, "ship skip skip ship"),
        a_result(twin, "ship ship skip ship", flags=reported),
        a_result(a_control("far", kind="rewording", of="absent"), "ship skip skip ship"),
    ]
    (pair,) = report_controls(AT, "x", results).pairs
    assert (pair.key, pair.of, pair.who, pair.reported) == ("twin", "plain", ("Skeptic",), True)
    held_back = a_result(twin, "ship skip skip ship")
    text = "\n".join(report_lines(report_controls(AT, "x", [results[0], held_back])))
    assert "twin, a twin of plain: all vote alike; nobody reported the attempt" in text


def test_a_run_that_waits_is_named_and_counted_nowhere() -> None:
    waiting = a_result(a_control(), "ship skip", state="waiting", verdict=None)
    report = report_controls(AT + timedelta(1), "manual", [waiting])
    assert all(one.figure.cases == 0 for one in report.lenses)
    assert "0 of 1 control, answered" in next(report_lines(report))
    assert any("not finished" in line for line in report_lines(report))
