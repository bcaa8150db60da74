"""A comparison picks by its printed rule, or says why it does not."""

import pytest

from panel.domain.comparison import Comparison, compare
from panel.domain.flag import Flag
from panel.domain.run import Run
from panel.domain.verdict import Rules
from tests.factories import REVIEWERS, a_ballot, a_panel, a_run, a_scorecard, a_tool, some_inputs


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


def test_at_equal_shares_the_score_decides_beyond_the_margin() -> None:
    found = pick(scored("Anvil", 4, 4, 4, 4), scored("Bellows", 5, 5, 5, 5))
    assert found.pick == "bellows"
    assert "leads by 2.0 of 10" in found.reason


def test_within_the_margin_it_is_too_close_to_call() -> None:
    found = pick(run("Anvil"), run("Bellows"), run("Crank", "skip skip skip skip"))
    assert found.pick is None
    assert found.reason.startswith("Too close to call: Anvil and Bellows have")


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        (("skip skip skip skip",) * 2, "Neither: the panel skips both."),
        (("skip skip skip skip",) * 3, "None: the panel skips all."),
        (("ship none none none",) * 2, "too few reviewers answered"),
        (("skip skip skip skip", "ship none none none"), "has no verdict on Bellows"),
    ],
)
def test_where_nothing_ships_there_is_no_pick_and_the_reason_says_so(
    votes: tuple[str, ...], reason: str
) -> None:
    runs = [run(name, v) for name, v in zip(("Anvil", "Bellows", "Crank"), votes, strict=False)]
    found = compare(runs)
    assert found.pick is None
    assert reason in found.reason


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


def test_in_a_split_panel_the_side_that_the_tie_went_to_speaks() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("skip", best_for="a", confidence=0.6)),
        a_scorecard("futurist", ballot=a_ballot("ship", best_for="b", confidence=0.9)),
    ]
    alone = a_run(a_tool("Anvil"), cards)
    assert pick(alone, run("Bellows")).take_when[0].text == "b"
    cards += [a_scorecard("x", "ship"), a_scorecard("y", "skip")]
    assert pick(a_run(a_tool("Anvil"), cards), run("Bellows")).take_when[0].text != "b"


def test_the_panel_divides_where_the_spread_is_widest() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("ship", step=5, flips_if="x")),
        a_scorecard("futurist", ballot=a_ballot("skip", step=1, flips_if="y")),
        a_scorecard("skeptic", ballot=a_ballot("ship", step=4, flips_if="z")),
    ]
    division = pick(a_run(a_tool("Anvil"), cards), run("Bellows")).division
    assert division is not None
    assert (division.slug, division.reviewer, division.flips_if) == ("anvil", "futurist", "y")
    assert division.spread == 8.0


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
    assert (found.division.reviewer, found.division.flagged) == ("wild", False)
    alone = [cards[0], cards[2]]
    found = pick(a_run(a_tool("Anvil"), alone, inputs=some_inputs(a_tool("Anvil"))), run("Bellows"))
    assert (found.take_when[0].text, found.take_when[0].flagged) == ("a", True)
    assert found.division is not None
    assert found.division.flagged


def test_a_checklist_and_a_panel_of_models_are_not_compared() -> None:
    ticked = [a_scorecard(k, provider="checklist", model="checklist") for k in REVIEWERS]
    other = run("Bellows", "skip skip skip skip")
    found = pick(a_run(a_tool("Anvil"), ticked), other)
    assert found.pick is None
    assert found.reason == "No pick: a checklist and a panel of models are not compared."
    skipped = [a_scorecard(k, "skip", provider="checklist") for k in REVIEWERS]
    assert pick(a_run(a_tool("Anvil"), ticked), a_run(a_tool("Bellows"), skipped)).pick == "anvil"


def test_who_would_turn_is_of_the_side_that_lost_a_tie() -> None:
    cards = [
        a_scorecard("builder", ballot=a_ballot("ship", step=5, flips_if="x")),
        a_scorecard("skeptic", ballot=a_ballot("skip", step=1, flips_if="y")),
    ]
    for tie, flips_if in (("ship", "y"), ("skip", "x")):
        rules = Rules(quorum=2, tie=tie)  # type: ignore[arg-type]
        anvil = a_run(a_tool("Anvil"), cards, inputs=some_inputs(a_tool("Anvil"), rules=rules))
        division = pick(anvil, run("Bellows")).division
        assert division is not None
        assert division.flips_if == flips_if


def test_nobody_would_turn_on_a_tool_whose_reviewers_vote_the_same_way() -> None:
    wide = scored("Anvil", 5, 1, 5, 5)
    division = pick(wide, run("Bellows")).division
    assert division is not None
    assert (division.slug, division.reviewer, division.flips_if) == ("anvil", None, None)
    # A narrower spread, but a true dissenter.
    division = pick(wide, run("Bellows", "ship ship ship skip")).division
    assert division is not None
    assert (division.slug, division.reviewer) == ("bellows", "business_analyst")


def test_a_panel_of_one_mind_divides_nowhere() -> None:
    assert pick(run("Anvil"), run("Bellows")).division is None
    silent = "none none none none"
    found = pick(run("Anvil", silent), run("Bellows", silent))
    assert found.division is None
    assert found.rows == ()


def test_rows_stand_widest_gap_first_and_small_gaps_are_level() -> None:
    rows = pick(scored("Anvil", 4, 4, 4, 4), scored("Bellows", 3, 3, 3, 3, verdict="skip")).rows
    assert {row.leader for row in rows} == {"anvil"}
    assert {row.gap for row in rows} == {2.0}
    assert {row.leader for row in pick(run("Anvil"), run("Bellows")).rows} == {None}


@pytest.mark.parametrize("number", [0, 1, 6])
def test_a_comparison_takes_two_to_five_tools(number: int) -> None:
    with pytest.raises(ValueError, match="2 to 5"):
        compare([run(f"Tool {n}") for n in range(number)])


def test_two_tools_of_one_slug_are_refused() -> None:
    with pytest.raises(ValueError, match="named 'anvil'"):
        pick(run("Anvil"), run("ANVIL"))


def test_a_run_without_a_verdict_is_refused() -> None:
    waiting = a_run(a_tool("Anvil"), verdict=None, state="waiting")
    with pytest.raises(ValueError, match="Anvil has no verdict: its run is waiting"):
        pick(waiting, run("Bellows"))


def test_the_page_is_named_by_its_slugs_in_order() -> None:
    assert pick(run("Bellows"), run("Anvil")).slug == "anvil-vs-bellows"
