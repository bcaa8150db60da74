"""The audit of whole archives: what was planted is found by name, and a sound one raises nothing."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from panel.audit.alarms import leniency_alarms
from panel.audit.calls import CallTally
from panel.audit.case import Archive
from panel.audit.control_report import report_controls
from panel.audit.figure import Estimate, Silent
from panel.audit.page import render_audit
from panel.audit.report import LOWER_BOUND, Audit, PanelAudit, audit_panel
from panel.audit.text import audit_lines
from panel.domain.ballot import Sentence
from panel.domain.review import Agreement, Review, Scorecard
from panel.domain.run import Run
from tests.archives import Drawn, a_take, an_archive, steps
from tests.factories import REVIEWERS, a_panel, a_persona, a_run, a_tool, some_inputs
from tests.unit.test_controls import a_control, a_result

pytestmark = pytest.mark.no_cover

OTHER = {"ship": "skip", "skip": "ship"}
VENDORS = ("Quill Works", "Quill Works", "Google", "OpenAI")


def seeds(count: int) -> list[Any]:
    """Return so many seeds; the quick tests try the first of them."""
    return [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, count))]


def audited(runs: Sequence[Run]) -> PanelAudit:
    archive = Archive()
    for run in runs:
        archive.add(run)
    (panel,) = archive.panels()
    return audit_panel(panel, CallTally(), ())


def set_vote(drawn: Drawn, key: str, ships: bool, chance: random.Random) -> None:
    drawn.ships[key] = ships
    drawn.steps[key] = steps(ships, chance)


def lenient(drawn: Drawn, chance: random.Random) -> None:
    if chance.random() < 0.85:
        set_vote(drawn, "builder", True, chance)  # noqa: FBT003


def parrot(drawn: Drawn, _: random.Random) -> None:
    fixed = Sentence(
        text="Steep cost curve ahead, plain claim without figures.", basis="judged", evidence=None
    )
    drawn.takes["skeptic"] = (fixed, drawn.takes["skeptic"][0])


def copycat(drawn: Drawn, _: random.Random) -> None:
    drawn.ships["futurist"] = drawn.ships["skeptic"]
    drawn.steps["futurist"] = drawn.steps["skeptic"]


def form_filler(drawn: Drawn, chance: random.Random) -> None:
    """Write the same sentence round another word: no three words that carry meaning recur."""
    word = a_take(chance)[0].text.split()[0]
    text = f"{word} will do it for you, and who is it that has to pay for {word} in the end?"
    drawn.takes["builder"] = (Sentence(text=text, basis="judged", evidence=None),)


def drifter(drawn: Drawn, chance: random.Random) -> None:
    if drawn.number >= 60 and chance.random() < 0.8:
        set_vote(drawn, "business_analyst", False, chance)  # noqa: FBT003


def maker_biased(drawn: Drawn, chance: random.Random) -> None:
    if drawn.vendor == "Google":  # the builder's model is OpenAI's
        set_vote(drawn, "builder", False, chance)  # noqa: FBT003


def only(run: Run, *keys: str) -> Run:
    """Return a run as if its panel were no more than these reviewers."""
    personas = tuple(one for one in run.inputs.personas if one.key in keys)
    reviews = tuple(one for one in run.reviews if one.reviewer in keys)
    inputs = run.inputs.model_copy(update={"personas": personas})
    return run.model_copy(update={"inputs": inputs, "reviews": reviews})


@pytest.mark.parametrize("seed", seeds(6))
def test_a_sound_archive_raises_no_alarm(seed: int) -> None:
    assert audited(an_archive(120, seed=seed, vendors=VENDORS)).alarms == ()


@pytest.mark.parametrize(
    ("plant", "kind", "who"),
    [
        (lenient, "lenient", ("builder",)),
        (parrot, "same words", ("skeptic",)),
        (form_filler, "same words", ("builder",)),
        (copycat, "copies", ("skeptic", "futurist")),
        (drifter, "drifts", ("business_analyst",)),
        (maker_biased, "maker", ("OpenAI",)),
    ],
)
@pytest.mark.parametrize("seed", seeds(3))
def test_what_was_planted_is_found_by_name_and_nobody_else(
    plant: object, kind: str, who: tuple[str, ...], seed: int
) -> None:
    found = audited(an_archive(120, seed=seed, plants=(plant,), vendors=VENDORS))  # type: ignore[arg-type]
    assert found.alarms
    assert {(one.kind, one.who) for one in found.alarms} == {(kind, who)}


@pytest.mark.parametrize("seed", range(100, 104))
def test_of_three_reviewers_a_lenient_one_makes_nobody_else_look_strict(seed: int) -> None:
    found = audited(
        [only(run, *REVIEWERS[:3]) for run in an_archive(60, seed=seed, plants=(lenient,))]
    )
    assert [(one.kind, one.who) for one in found.alarms] == [("lenient", ("builder",))]


def test_of_two_who_stand_out_alike_it_is_always_the_first_who_is_named() -> None:
    """Try all pairs: a set of texts has another order in each process, and may be right by chance."""
    for pair in combinations(REVIEWERS, 2):

        def opposed(drawn: Drawn, chance: random.Random, pair: tuple[str, str] = pair) -> None:
            for key in pair:
                set_vote(drawn, key, key == pair[0], chance)

        archive = Archive()
        for run in an_archive(40, plants=(opposed,)):
            archive.add(only(run, *pair))
        (panel,) = archive.panels()
        first, _ = panel.reviewers[0]
        assert [one.who for one in leniency_alarms(panel, "tools")] == [(first,)]


@pytest.mark.parametrize("seed", [100, 133, 150])
def test_chance_in_thirty_tools_makes_nobody_lenient_or_strict(seed: int) -> None:
    assert audited(an_archive(30, seed=seed, shared=0.1)).alarms == ()


def test_beside_a_model_that_marks_a_rival_down_the_rivals_own_model_is_not_named() -> None:
    for seed in (100, 103):
        found = audited(an_archive(120, seed=seed, plants=(maker_biased,), vendors=VENDORS))
        assert {one.who for one in found.alarms} == {("OpenAI",)}


def ever_better(drawn: Drawn, chance: random.Random) -> None:
    """Make newer tools better: more and more of them are shipped by everybody."""
    for key in REVIEWERS:
        if chance.random() < drawn.number / 160:
            set_vote(drawn, key, True, chance)  # noqa: FBT003


@pytest.mark.parametrize("seed", seeds(6))
def test_where_the_tools_get_better_nobody_drifts(seed: int) -> None:
    found = audited(an_archive(120, seed=seed, plants=(ever_better,)))
    assert [alarm.who for alarm in found.alarms if alarm.kind == "drifts"] == []


@pytest.mark.parametrize("seed", seeds(4))
def test_who_drifts_where_the_tools_get_better_is_named_alone(seed: int) -> None:
    def stays_hard(drawn: Drawn, chance: random.Random) -> None:
        ever_better(drawn, chance)
        if drawn.number >= 60:
            set_vote(drawn, "skeptic", chance.random() < 0.1, chance)

    found = audited(an_archive(120, seed=seed, plants=(stays_hard,)))
    assert {alarm.who for alarm in found.alarms if alarm.kind == "drifts"} == {("skeptic",)}


def test_of_two_who_both_move_with_the_tools_only_the_first_is_named() -> None:
    def opposed(drawn: Drawn, chance: random.Random) -> None:
        is_new = drawn.number >= 60
        set_vote(drawn, "skeptic", is_new, chance)
        set_vote(drawn, "builder", not is_new and chance.random() < 0.6, chance)

    found = audited([only(run, "skeptic", "builder") for run in an_archive(120, plants=(opposed,))])
    assert {alarm.who for alarm in found.alarms if alarm.kind == "drifts"} == {("builder",)}


def test_a_reviewer_of_a_panel_of_one_drifts_by_itself() -> None:
    def turns(drawn: Drawn, chance: random.Random) -> None:
        set_vote(drawn, "builder", drawn.number >= 60, chance)

    runs = [only(run, "builder") for run in an_archive(120, plants=(turns,))]
    assert {alarm.who for alarm in audited(runs).alarms} == {("builder",)}


def test_on_tools_where_all_others_abstained_nobody_is_compared_with_them() -> None:
    def better(drawn: Drawn, chance: random.Random) -> None:
        for key in REVIEWERS:
            set_vote(drawn, key, drawn.number >= 60, chance)

    runs = [
        run.model_copy(update={"reviews": run.reviews[:1]}) if at >= 75 else run
        for at, run in enumerate(an_archive(120, plants=(better,)))
    ]
    assert [one.who for one in audited(runs).alarms if one.kind == "drifts"] == []


def test_who_skips_all_where_hardly_anything_ships_is_not_constant() -> None:
    def hardly(drawn: Drawn, chance: random.Random) -> None:
        for key in REVIEWERS:
            set_vote(drawn, key, chance.random() < 0.05, chance)
        set_vote(drawn, "skeptic", False, chance)  # noqa: FBT003

    assert audited(an_archive(40, plants=(hardly,))).alarms == ()
    kinds = {alarm.kind for alarm in audited(an_archive(240, plants=(hardly,))).alarms}
    assert kinds == {"constant"}


def test_a_reviewer_who_always_ships_is_named_and_divides_nothing_by_nought() -> None:
    def always(drawn: Drawn, chance: random.Random) -> None:
        set_vote(drawn, "builder", True, chance)  # noqa: FBT003

    found = audited(an_archive(60, plants=(always,)))
    assert {one.kind for one in found.alarms} == {"constant", "lenient"}
    votes = found.figure("effective_votes")
    assert isinstance(votes, Estimate)
    assert "Builder gave the same on every tool" in votes.note
    assert LOWER_BOUND in votes.note
    rate = found.figure("ship_rate", "builder")
    assert isinstance(rate, Estimate)
    assert (rate.value, rate.high) == (1.0, 1.0)


def test_a_panel_that_always_agrees_is_told_that_alpha_is_not_defined() -> None:
    def alike(drawn: Drawn, _: random.Random) -> None:
        for key in REVIEWERS:
            drawn.ships[key], drawn.steps[key] = True, (4, 4, 4)

    found = audited(an_archive(40, plants=(alike,)))
    alpha = found.figure("alpha_votes")
    assert isinstance(alpha, Silent)
    assert alpha.why == "not defined: all gave the same"
    unanimous = found.figure("unanimous")
    assert isinstance(unanimous, Estimate)
    assert unanimous.value == 1.0


def test_a_tool_on_which_a_reviewer_gave_no_vote_is_none_on_which_all_vote_alike() -> None:
    votes = (
        ["ship ship none none"] * 30 + ["ship ship ship ship"] * 15 + ["ship ship skip ship"] * 5
    )
    start = a_run().started
    found = audited(
        [
            a_run(
                a_tool(f"Tool {n}", description=f"It is tool {n}."),
                a_panel(said),
                id=f"t-{n:08x}",
                started=start + timedelta(minutes=n),
            )
            for n, said in enumerate(votes)
        ]
    )
    unanimous = found.figure("unanimous")
    assert isinstance(unanimous, Estimate)
    assert (unanimous.value, unanimous.cases) == (0.75, 20)


def test_of_one_run_nothing_is_said_and_each_figure_names_its_cases() -> None:
    found = audited([a_run()])
    assert all(isinstance(one, Silent) for one in found.figures)
    assert found.figure("ship_rate", "builder").cases == 1
    assert found.alarms == ()


def test_a_copy_of_a_run_and_one_of_a_day_to_come_are_left_out() -> None:
    first, second = an_archive(2)
    now = first.started + timedelta(hours=3)
    archive = Archive(now)
    for run in (first, first, second):
        archive.add(run)
    archive.add(first.model_copy(update={"id": "late-1", "started": now + timedelta(hours=30)}))
    archive.add(first.model_copy(update={"id": "soon-1", "started": now + timedelta(hours=20)}))
    (panel,) = archive.panels()
    assert sorted(case.run for case in panel.cases) == sorted([first.id, second.id, "soon-1"])
    assert archive.left_out == {
        "with the id of another run, which is counted": 1,
        "begun after today, by a clock that was wrong": 1,
    }


def test_sets_of_personas_stand_apart_and_other_runs_are_counted_out() -> None:
    archive = Archive()
    others = tuple(a_persona(key, motto="Another one?") for key in REVIEWERS)
    for run in an_archive(5):
        archive.add(run)
    archive.add(a_run(inputs=some_inputs(personas=others)))
    archive.add(a_run(state="open", verdict=None))
    archive.add(a_run(state="set_aside"))
    assert [len(panel.cases) for panel in archive.panels()] == [5, 1]
    assert archive.left_out == {"unfinished": 1, "set aside": 1}


def test_a_tool_that_was_reviewed_again_counts_once_and_its_flips_are_seen() -> None:
    first = an_archive(12, seed=3)
    again = [
        run.model_copy(
            update={
                "id": f"{run.id}-2",
                "started": datetime(2026, 11, 1, tzinfo=UTC),
                "reviews": tuple(turned(card, place) for place, card in enumerate(run.reviews)),
            }
        )
        for run in first
    ]
    found = audited(again + first)
    assert (found.runs, found.tools) == (24, 12)
    flips = found.figure("flips", "builder")
    assert isinstance(flips, Estimate)
    assert flips.value == 1.0
    steady = found.figure("flips", "skeptic")
    assert isinstance(steady, Estimate)
    assert steady.value == 0.0
    (repeated,) = (one for one in found.lists if one.key == "repeated")
    assert set(repeated.runs) == {run.id for run in again + first}


def turned(card: Review, place: int) -> Review:
    """Return the card of the first reviewer with the other vote, any other as it is."""
    assert isinstance(card, Scorecard)
    if place:
        return card
    ballot = card.ballot.model_copy(update={"verdict": OTHER[card.verdict]})
    return card.model_copy(update={"ballot": ballot})


def test_samples_are_answers_to_the_same_text() -> None:
    def sampled(drawn: Drawn, _: random.Random) -> None:
        drawn.agreements["builder"] = Agreement(agree=2, of=3)
        drawn.agreements["skeptic"] = Agreement(agree=3, of=3)

    found = audited(an_archive(20, plants=(sampled,)))
    flips = found.figure("flips", "builder")
    assert isinstance(flips, Estimate)
    assert flips.value == pytest.approx(2 / 3)
    assert found.figure("flips", "skeptic").cases == 20
    assert [group.happened for group in found.reviewers[0].confidence] == [pytest.approx(2 / 3)]


def test_text_and_page_say_each_figure_and_the_page_links_to_the_runs() -> None:
    panel = audited(an_archive(40, plants=(lenient,)))
    audit = Audit(
        made=datetime(2026, 11, 30, 4, tzinfo=UTC),
        panels=(panel, audited([a_run(reviews=a_panel("ship skip none ship"))])),
        left_out={"unfinished": 2},
        controls=report_controls(
            datetime(2026, 11, 29, tzinfo=UTC),
            "openai:gpt-test",
            [a_result(a_control(f"c{n}"), "ship skip skip skip") for n in range(6)],
        ),
        faults=("/data/panel/runs/2026-01-01/x-1/run.json: it was changed. Restore it.",),
    )
    text = "\n".join(audit_lines(audit))
    assert "! lenient: Builder ships" in text
    assert "left out: 2 unfinished" in text
    assert ": 1 run on 1 text, " in text
    assert "1 run on 1 text, " in render_audit(audit, str)
    assert "controls of 2026-11-29, by openai:gpt-test" in text
    html = render_audit(audit, lambda run: f"{run}/index.html")
    for figure in panel.figures:
        assert figure.label in text
        assert figure.label in html
    assert 'href="tool-39-00000027/index.html"' in html
    assert "/data/panel" not in html
    assert "Business analyst votes as its lens implies" in html
    assert "2026-01-01/x-1/run.json: it was changed." in html
    anchors = {part.split('"')[0] for part in html.split('id="')[1:]}
    targets = {part.split('"')[0] for part in html.split('href="#')[1:]}
    assert targets <= anchors
    assert audit == Audit.model_validate_json(audit.model_dump_json())
