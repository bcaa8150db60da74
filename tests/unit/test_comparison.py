"""A comparison picks by its printed rule, or says why it does not."""

import pytest

from panel.domain.ballot import Decision
from panel.domain.comparison import Comparison, compare
from panel.domain.disagreement import Division
from panel.domain.flag import Flag
from panel.domain.run import Run
from tests.factories import (
    CRITERIA,
    REVIEWERS,
    a_ballot,
    a_panel,
    a_run,
    a_scorecard,
    a_tool,
    some_findings,
    some_inputs,
)


def run(name: str, votes: str = "ship ship ship ship") -> Run:
    return a_run(a_tool(name), a_panel(votes))


def scored(name: str, *steps: int, verdict: str = "ship") -> Run:
    cards = [
        a_scorecard(key, ballot=a_ballot(verdict, step=step))  # type: ignore[arg-type]
        for key, step in zip(REVIEWERS, steps, strict=False)
    ]
    return a_run(a_tool(name), cards)


def pick(*runs: Run) -> Comparison:
    return compare(runs)


def test_the_higher_ship_share_wins() -> None:
    found = pick(run("Anvil"), run("Bellows", "ship ship ship skip"))
    assert found.pick == "anvil"
    assert found.reason == "Anvil has the highest ship share, 100% (Bellows 75%)."
    found = pick(run("Anvil"), run("Bellows", "ship ship ship skip"), run("Crank", "none " * 4))
    assert found.reason.endswith(", 100% (Bellows 75%, Crank has no verdict).")
    found = pick(run("Anvil"), run("Bellows", "skip skip skip skip"))
    assert found.reason.endswith(", 100% (Bellows 0%).")


@pytest.mark.parametrize(
    ("editor", "picked", "reason"),
    [
        (
            {"anvil": "skip"},
            "bellows",
            "Bellows has the highest ship share of those that are shipped, 75% "
            "(Anvil 100%, the editor skips it, Crank 0%).",
        ),
        (
            {"anvil": "skip", "bellows": "skip"},
            None,
            "No pick: the editor skips Anvil and Bellows and the panel skips Crank.",
        ),
        (
            {"anvil": "skip", "bellows": "skip", "crank": "ship"},
            "crank",
            "The editor ships Crank at 0% (Anvil 100%, the editor skips it, "
            "Bellows 75%, the editor skips it).",
        ),
    ],
)
def test_an_editors_verdict_counts_in_the_place_of_the_panels(
    editor: dict[str, Decision], picked: str | None, reason: str
) -> None:
    runs = run("Anvil"), run("Bellows", "ship ship ship skip"), run("Crank", "skip " * 4)
    by_run = {one.id: editor[one.tool.slug] for one in runs if one.tool.slug in editor}
    found = compare(runs, overrides=by_run)
    assert (found.pick, found.reason) == (picked, reason)
    silent = {when.slug for when in found.take_when if when.text is None}
    assert silent == {slug for slug, verdict in editor.items() if verdict == "skip"}


def test_an_editor_may_decide_where_the_panel_has_no_verdict() -> None:
    mute, other = run("Anvil", "none " * 4), run("Bellows", "none " * 4)
    assert compare([mute, other], overrides={mute.id: "ship"}).reason == (
        "The editor ships Anvil without a verdict of the panel (Bellows has no verdict)."
    )
    assert compare([mute, other], overrides={mute.id: "skip"}).reason == (
        "No pick: the editor skips Anvil and the panel has no verdict on Bellows."
    )
    both = compare([mute, other], overrides={mute.id: "ship", other.id: "ship"})
    assert (both.pick, both.reason) == (
        None,
        "Too close to call: the editor ships Anvil and Bellows, and the panel has no verdict on them.",
    )


def test_a_share_of_too_few_reviews_is_none() -> None:
    few, whole = run("Anvil", "ship none none none"), run("Bellows", "ship ship ship skip")
    found = compare([few, whole], overrides={few.id: "ship"})
    assert (found.pick, found.reason) == (
        "bellows",
        "Bellows has the highest ship share of those that are shipped, 75% "
        "(Anvil has no verdict, the editor ships it).",
    )


def test_at_equal_shares_the_score_decides_beyond_the_margin() -> None:
    found = pick(scored("Anvil", 4, 4, 4, 4), scored("Bellows", 5, 5, 5, 5))
    assert found.pick == "bellows"
    assert "leads by 2.0 of 10" in found.reason


def test_a_lead_of_exactly_the_margin_is_a_pick_and_a_tenth_less_is_none() -> None:
    assert pick(scored("Anvil", 4, 4, 4, 4), scored("Bellows", 4, 4, 4, 5)).pick == "bellows"
    five = [*REVIEWERS, "x"]
    better = [a_scorecard(key, ballot=a_ballot(step=4 + (key == "x"))) for key in five]
    same = [a_scorecard(key, ballot=a_ballot(step=4)) for key in five]
    runs = a_run(a_tool("Anvil"), same), a_run(a_tool("Bellows"), better)
    assert [one.verdict.score for one in runs if one.verdict] == [8.0, 8.4]
    assert compare(runs).pick is None


def test_who_lies_a_whole_margin_behind_is_not_among_those_too_close_to_call() -> None:
    close = scored("Anvil", 4, 4, 4, 5), scored("Bellows", 4, 4, 4, 5)
    found = pick(*close, scored("Crank", 4, 4, 4, 4))
    assert found.pick is None
    assert found.reason.startswith("Too close to call: Anvil and Bellows have")


def with_score(name: str, score: float) -> Run:
    found = run(name)
    assert found.verdict is not None
    return found.model_copy(update={"verdict": found.verdict.model_copy(update={"score": score})})


def test_the_margin_is_measured_in_tenths_and_not_in_binary_fractions() -> None:
    scores = {"Anvil": 8.2, "Bellows": 8.0, "Crank": 7.7}  # 8.2 - 7.7 is below 0.5 in binary
    found = pick(*(with_score(name, score) for name, score in scores.items()))
    assert found.reason.startswith("Too close to call: Anvil and Bellows have")


def test_within_the_margin_it_is_too_close_to_call() -> None:
    found = pick(run("Anvil"), run("Bellows"), run("Crank", "skip skip skip skip"))
    assert found.pick is None
    assert found.reason.startswith("Too close to call: Anvil and Bellows have")
    found = pick(run("Anvil"), run("Bellows"), run("Crank"))
    assert found.reason.startswith("Too close to call: Anvil, Bellows and Crank have")


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        (("skip skip skip skip",) * 2, "Neither: the panel skips both."),
        (("skip skip skip skip",) * 3, "None: the panel skips all."),
        (
            ("ship none none none",) * 2,
            "No pick: too few reviewers answered on any of the tools.",
        ),
        (
            ("skip skip skip skip", "ship none none none"),
            "No pick: the panel ships none of them, and has no verdict on Bellows.",
        ),
    ],
)
def test_where_nothing_ships_there_is_no_pick_and_the_reason_says_so(
    votes: tuple[str, ...], reason: str
) -> None:
    runs = [run(name, v) for name, v in zip(("Anvil", "Bellows", "Crank"), votes, strict=False)]
    found = compare(runs)
    assert (found.pick, found.reason) == (None, reason)


def test_a_tool_without_a_verdict_is_never_picked() -> None:
    found = pick(run("Anvil", "ship ship none none"), run("Bellows", "ship ship ship skip"))
    assert found.pick == "bellows"
    assert "Anvil has no verdict" in found.reason


def test_take_it_when_quotes_the_surest_of_the_majority() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("skip", best_for="a", confidence=0.95)),
        a_scorecard("futurist", ballot=a_ballot("ship", best_for="b", confidence=0.6)),
        a_scorecard("skeptic", ballot=a_ballot("ship", best_for="c", confidence=0.8)),
    ]
    found = pick(a_run(a_tool("Anvil"), cards), run("Bellows", "none none none none"))
    assert [(t.slug, t.text, t.reviewer) for t in found.take_when] == [
        ("anvil", "c", "skeptic"),
        ("bellows", None, None),
    ]


def test_whoever_ships_says_when_to_take_a_tool_whatever_side_the_tie_went_to() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("skip", best_for="a", confidence=0.6)),
        a_scorecard("futurist", ballot=a_ballot("ship", best_for="b", confidence=0.9)),
    ]
    alone = a_run(a_tool("Anvil"), cards)
    assert pick(alone, run("Bellows")).take_when[0].text == "b"
    cards += [a_scorecard("x", "ship"), a_scorecard("y", "skip")]
    assert pick(a_run(a_tool("Anvil"), cards), run("Bellows")).take_when[0].text == "b"
    skips = [a_scorecard(k, ballot=a_ballot("skip", best_for="c")) for k in ("x", "y", "z")]
    assert pick(a_run(a_tool("Anvil"), skips), run("Bellows")).take_when[0].text == "c"


def divided(run: Run, other: Run) -> Division:
    division = pick(run, other).division
    assert division is not None
    return division


def test_a_panel_divides_between_its_clearest_ship_and_its_clearest_skip() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("ship", step=4, flips_if="w")),
        a_scorecard("futurist", ballot=a_ballot("skip", step=1, flips_if="x")),
        a_scorecard("skeptic", ballot=a_ballot("ship", step=5, flips_if="y")),
        a_scorecard("wild", ballot=a_ballot("skip", step=2, flips_if="z")),
    ]
    division = divided(a_run(a_tool("Anvil"), cards), run("Bellows"))
    assert (division.slug, division.gap) == ("anvil", 8.0)
    assert (division.ship.reviewer, division.ship.flips_if) == ("skeptic", "y")
    assert (division.skip.reviewer, division.skip.flips_if) == ("futurist", "x")


def test_a_gap_has_one_decimal_and_is_never_below_nothing() -> None:
    for ship, skip, gap in (((4, 4, 5), (1, 2, 2), 5.4), ((2, 2, 2), (5, 5, 5), 0.0)):
        cards = [
            a_scorecard("builder", ballot=a_ballot("ship", findings=some_findings(*ship))),
            a_scorecard("skeptic", ballot=a_ballot("skip", findings=some_findings(*skip))),
        ]
        assert divided(a_run(a_tool("Anvil"), cards), run("Bellows")).gap == gap


def test_each_side_names_the_criterion_that_speaks_clearest_for_its_vote() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("ship", findings=some_findings(3, 5, 4))),
        a_scorecard("skeptic", ballot=a_ballot("skip", findings=some_findings(3, 2, 1))),
    ]
    division = divided(a_run(a_tool("Anvil"), cards), run("Bellows"))
    assert (division.ship.criterion, division.ship.points) == ("evidence", 10.0)
    assert (division.skip.label, division.skip.points) == ("Price clarity", 2.0)
    assert division.ship.finding == "It says so."


def test_the_tool_with_the_widest_gap_is_shown() -> None:
    wide, narrow = (
        a_run(
            a_tool(name),
            [
                a_scorecard("builder", ballot=a_ballot("ship", step=step)),
                a_scorecard("skeptic", "skip"),
            ],
        )
        for name, step in (("Crank", 5), ("Anvil", 3))
    )
    assert divided(wide, narrow).slug == "crank"


def test_a_criterion_of_a_persona_that_is_not_in_the_inputs_is_named_by_its_key() -> None:
    cards = [a_scorecard("wild", "ship"), a_scorecard("skeptic", "skip")]
    division = divided(a_run(a_tool("Anvil"), cards), run("Bellows"))
    assert (division.ship.label, division.skip.label) == ("problem_fit", "Problem fit")


def test_a_review_with_a_fault_speaks_only_where_no_other_of_its_side_can() -> None:
    fault = (Flag(kind="ballot", message="the take has 12 words", holds=False),)
    sure = a_ballot("ship", best_for="a", confidence=0.9)
    cards = [
        a_scorecard("builder", ballot=sure, flags=fault),
        a_scorecard("futurist", ballot=a_ballot("ship", best_for="b", confidence=0.6)),
        a_scorecard("skeptic", ballot=a_ballot("skip", step=1, flips_if="c"), flags=fault),
        a_scorecard("wild", ballot=a_ballot("skip", step=2, flips_if="d")),
        a_scorecard("x", "ship"),
    ]
    found = pick(a_run(a_tool("Anvil"), cards), run("Bellows"))
    assert (found.take_when[0].reviewer, found.take_when[0].flagged) == ("x", False)
    assert found.division is not None
    assert (found.division.skip.reviewer, found.division.skip.flagged) == ("wild", False)
    alone = [cards[0], cards[2]]
    found = pick(a_run(a_tool("Anvil"), alone, inputs=some_inputs(a_tool("Anvil"))), run("Bellows"))
    assert (found.take_when[0].text, found.take_when[0].flagged) == ("a", True)
    assert found.division is not None
    assert (found.division.ship.flagged, found.division.skip.flagged) == (True, True)


def test_a_checklist_and_a_panel_of_models_are_not_compared() -> None:
    ticked = [a_scorecard(k, provider="checklist", model="checklist") for k in REVIEWERS]
    other = run("Bellows", "skip skip skip skip")
    found = pick(a_run(a_tool("Anvil"), ticked), other)
    assert found.pick is None
    assert found.reason == "No pick: a checklist and a panel of models are not compared."
    skipped = [a_scorecard(k, "skip", provider="checklist") for k in REVIEWERS]
    assert pick(a_run(a_tool("Anvil"), ticked), a_run(a_tool("Bellows"), skipped)).pick == "anvil"


def test_a_wide_spread_of_one_vote_divides_nobody() -> None:
    assert pick(scored("Anvil", 5, 1, 5, 5), run("Bellows")).division is None


def test_a_panel_of_one_mind_divides_nowhere() -> None:
    assert pick(run("Anvil"), run("Bellows")).division is None
    silent = "none none none none"
    found = pick(run("Anvil", silent), run("Bellows", silent))
    assert found.division is None
    assert found.rows == ()


def test_rows_are_those_of_each_reviewer_in_the_order_of_the_panel() -> None:
    rows = pick(scored("Anvil", 4, 4, 4, 4), scored("Bellows", 3, 3, 3, 3, verdict="skip")).rows
    assert [(row.reviewer, row.criterion) for row in rows] == [
        (reviewer, criterion) for reviewer in REVIEWERS for criterion in CRITERIA
    ]
    assert {row.points["anvil"] for row in rows} == {8.0}
    assert {(row.leader, row.gap) for row in rows} == {("anvil", 2.0)}


def test_rows_follow_the_panel_whatever_the_order_of_the_scorecards() -> None:
    cards = [a_scorecard(key) for key in reversed(REVIEWERS)]
    rows = pick(a_run(a_tool("Anvil"), cards), run("Bellows")).rows
    assert list(dict.fromkeys(row.reviewer for row in rows)) == list(REVIEWERS)


def test_the_tool_with_more_points_leads_whichever_slug_comes_first() -> None:
    rows = pick(scored("Anvil", 2, 2, 2, 2), scored("Bellows", 5, 5, 5, 5)).rows
    assert {(row.leader, row.gap) for row in rows} == {("bellows", 6.0)}


def test_level_tools_and_a_tool_alone_lead_nowhere() -> None:
    rows = pick(run("Anvil"), run("Bellows", "ship ship none none")).rows
    assert {row.leader for row in rows} == {None}
    assert {len(row.points) for row in rows if row.reviewer == "futurist"} == {1}


def test_a_reviewer_of_one_run_alone_comes_last() -> None:
    other = a_run(a_tool("Bellows"), [a_scorecard("wild"), a_scorecard("builder")])
    rows = pick(run("Anvil"), other).rows
    assert list(dict.fromkeys(row.reviewer for row in rows)) == [*REVIEWERS, "wild"]
    assert [row.criterion for row in rows if row.reviewer == "wild"] == list(CRITERIA)


@pytest.mark.parametrize("number", [0, 1, 6])
def test_a_comparison_takes_two_to_five_tools(number: int) -> None:
    with pytest.raises(ValueError, match="2 to 5"):
        compare([run(f"Tool {n}") for n in range(number)])


def test_five_tools_are_compared_with_their_months_and_overrides() -> None:
    runs = [run(f"Tool {n}") for n in range(5)]
    found = compare(runs, overrides={runs[0].id: "skip", "of another run": "skip"})
    assert [one.tool.slug for one in found.runs] == [f"tool-{n}" for n in range(5)]
    assert found.overrides == {runs[0].id: "skip"}
    assert all(one.months for one in found.pricing)
    assert not any(one.months for one in compare(runs, months=()).pricing)


def test_two_tools_of_one_slug_are_refused() -> None:
    with pytest.raises(ValueError, match="named 'bellows'"):
        pick(run("Anvil"), run("Bellows"), run("BELLOWS"))


def test_a_run_without_a_verdict_is_refused() -> None:
    waiting = a_run(a_tool("Anvil"), verdict=None, state="waiting")
    with pytest.raises(ValueError, match="Anvil has no verdict: its run is waiting"):
        pick(waiting, run("Bellows"))


def test_the_page_is_named_by_its_slugs_in_order() -> None:
    assert pick(run("Bellows"), run("Anvil")).slug == "anvil-vs-bellows"
