"""Order decides nothing."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from panel.domain.comparison import compare
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run
from panel.domain.verdict import Rules, aggregate
from tests.factories import a_ballot, a_run, a_scorecard, a_tool, an_abstention

REVIEWERS = ("a", "b", "c", "d", "e")


@st.composite
def reviews(draw: st.DrawFn) -> list[Scorecard | Abstention]:
    made: list[Scorecard | Abstention] = []
    for key in REVIEWERS[: draw(st.integers(0, 5))]:
        if draw(st.booleans()):
            ballot = a_ballot(
                draw(st.sampled_from(["ship", "skip"])),
                step=draw(st.integers(1, 5)),
                confidence=draw(st.sampled_from([0.5, 0.7, 0.9])),
                best_for=f"for {key}",
            )
            made.append(a_scorecard(key, ballot=ballot))
        else:
            made.append(an_abstention(key))
    return made


@st.composite
def runs(draw: st.DrawFn) -> list[Run]:
    known = st.sampled_from(["Anvil", "Bellows", "Crank", "Drill", "Easel"])
    names = draw(st.lists(known, min_size=2, max_size=5, unique=True))
    return [a_run(a_tool(name), draw(reviews())) for name in names]


@given(reviews(), st.randoms(use_true_random=False), st.sampled_from([1, 2, 3]))
def test_any_order_of_reviews_gives_the_same_verdict(
    made: list[Scorecard | Abstention], chance: Random, quorum: int
) -> None:
    rules = Rules(quorum=quorum)
    before = aggregate(made, rules)
    chance.shuffle(made)
    assert aggregate(made, rules) == before


@given(runs(), st.randoms(use_true_random=False))
def test_any_order_of_tools_gives_the_same_comparison(made: list[Run], chance: Random) -> None:
    before = compare(made)
    chance.shuffle(made)
    assert compare(made) == before


@given(runs())
def test_only_a_tool_that_ships_is_picked(made: list[Run]) -> None:
    found = compare(made)
    if found.pick:
        picked = next(run for run in made if run.tool.slug == found.pick)
        assert picked.verdict is not None
        assert picked.verdict.decision == "ship"


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_an_abstention_never_counts_as_a_vote(gone: list[bool]) -> None:
    made = [
        an_abstention(k) if g else a_scorecard(k) for k, g in zip(REVIEWERS, gone, strict=False)
    ]
    verdict = aggregate(made, Rules())
    there = [review for review in made if isinstance(review, Scorecard)]
    assert verdict == aggregate(there, Rules()).model_copy(
        update={"abstentions": verdict.abstentions}
    )
