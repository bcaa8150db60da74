"""Formulas of the audit against published examples, and against archives whose figures are known."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.audit.agreement import (
    CANCELLED,
    SAME,
    alpha_figure,
    alpha_interval,
    effective_votes,
    effective_votes_figure,
    effective_votes_interval,
    krippendorff_alpha,
)
from panel.audit.bias import correlation_figure
from panel.audit.bootstrap import Floats, percentile_interval
from panel.audit.figure import (
    CONFIDENCE_ENDS,
    Estimate,
    FigureSubject,
    Silent,
    Unit,
    say_cases,
    say_figure,
    say_value,
)
from panel.audit.leniency import mean_figure, share_figure
from panel.audit.steadiness import Repeated, flips_figure, rerun_spread
from panel.domain.calibration import calibration_groups

pytestmark = pytest.mark.no_cover

NAN = np.nan
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), part C: four observers, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
).T
OF = FigureSubject(key="k", label="a figure", of="tools", runs="tools")


def votes_with(r: float, tools: int, k: int, seed: int) -> Floats:
    """Return votes of k reviewers with a pairwise correlation of r: each copies one coin at times."""
    chance = np.random.default_rng(seed)
    common = chance.random((tools, 1)) < 0.5
    own = chance.random((tools, k)) < 0.5
    copies = chance.random((tools, k)) < np.sqrt(r)
    return np.where(copies, common, own).astype(float)


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_is_that_of_the_published_example(level: str, alpha: float) -> None:
    assert krippendorff_alpha(PUBLISHED, level) == pytest.approx(alpha, abs=0.0005)  # type: ignore[arg-type]


def test_alpha_of_a_unanimous_panel_is_said_to_be_undefined() -> None:
    assert krippendorff_alpha(np.ones((40, 4)), "nominal") is None
    assert krippendorff_alpha(np.full((40, 1), 1.0), "nominal") is None
    found = alpha_figure(OF, np.ones((40, 4)), "nominal")
    assert isinstance(found, Silent)
    assert found.why == SAME
    few = alpha_figure(OF, np.ones((29, 4)), "nominal")
    assert isinstance(few, Silent)
    assert (few.cases, few.fewest) == (29, 30)


def test_the_interval_of_alpha_holds_the_alpha_of_the_library() -> None:
    table = votes_with(0.4, 80, 4, seed=2)
    table[::7, 1] = NAN
    low, high = alpha_interval(table) or (1.0, 0.0)
    alpha = krippendorff_alpha(table, "nominal") or 0.0
    assert low < alpha < high
    assert high - low < 0.4
    # For votes of 0 and 1 squared differences are the nominal ones.
    assert krippendorff_alpha(table, "interval") == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("k", "r", "votes"), [(9, 0.44, 1.99), (6, 0.42, 1.94), (4, 0.0, 4.0), (2, 1.0, 1.0)]
)
def test_effective_votes_are_those_of_a_known_correlation(k: int, r: float, votes: float) -> None:
    found = effective_votes(votes_with(r, 60_000, k, seed=3))
    assert found is not None
    assert found.r == pytest.approx(r, abs=0.02)
    assert found.votes == pytest.approx(votes, rel=0.05)


def test_the_interval_holds_the_true_votes_in_nineteen_of_twenty_archives() -> None:
    true = 4 / (1 + 3 * 0.3)
    inside = 0
    for seed in range(200):
        low, high = effective_votes_interval(votes_with(0.3, 100, 4, seed)) or (9.0, 0.0)
        inside += low <= true <= high
    assert 180 <= inside <= 200


def test_a_reviewer_who_always_ships_is_dropped_and_counted_out() -> None:
    three = votes_with(0.4, 200, 3, seed=4)
    four = np.column_stack((three[:, :2], np.ones(200), three[:, 2]))
    without, found = effective_votes(three), effective_votes(four)
    assert without is not None
    assert found is not None
    assert found.votes == pytest.approx(without.votes)
    assert (found.survivors, found.constant) == (3, (2,))
    figure = effective_votes_figure(OF, four, ("A", "B", "C", "D"), "a lower bound")
    assert isinstance(figure, Estimate)
    assert figure.note == (
        "of 4 reviewers; a lower bound; C gave the same on every tool, which is no vote"
    )


def test_of_a_panel_without_variance_nothing_is_said() -> None:
    assert effective_votes(np.ones((50, 4))) is None
    silent = effective_votes_figure(OF, np.ones((50, 4)), ("A", "B", "C", "D"), "")
    assert isinstance(silent, Silent)
    assert silent.why == SAME
    opposed = np.array([[1, 0], [0, 1]] * 20, dtype=float)
    cancelled = effective_votes_figure(OF, opposed, ("A", "B"), "")
    assert isinstance(cancelled, Silent)
    assert cancelled.why == CANCELLED


def test_reviewers_who_complement_each_other_come_to_more_votes_than_they_are() -> None:
    one = np.arange(120) % 2
    pair = np.column_stack((one, 1 - one, np.arange(120) % 3 == 0)).astype(float)
    found = effective_votes(pair)
    assert found is not None
    assert found.r < 0
    assert found.votes > 3
    # Two exact opposites: the mean never changes, so no number of votes has its variance.
    assert effective_votes(pair[:, :2]) is None


@given(
    st.integers(2, 6).flatmap(
        lambda k: st.lists(st.lists(st.booleans(), min_size=k, max_size=k), min_size=2, max_size=60)
    )
)
def test_effective_votes_do_not_depend_on_order_or_on_which_vote_is_called_ship(
    rows: list[list[bool]],
) -> None:
    table = np.array(rows, dtype=float)
    found, turned = effective_votes(table), effective_votes(1 - table[::-1, ::-1])
    if found is None:
        assert turned is None
    else:
        assert turned is not None
        assert turned.votes == pytest.approx(found.votes)
        assert found.votes > 0
        assert found.survivors + len(found.constant) == table.shape[1]


def test_a_share_has_the_interval_of_wilson_and_is_silent_below_twenty() -> None:
    found = share_figure(OF, 30, 48)
    assert isinstance(found, Estimate)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (0.4836, 0.7478)
    assert isinstance(share_figure(OF, 0, 0), Silent)
    assert isinstance(share_figure(OF, 19, 19), Silent)


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        ("usd", [0.001] * 25 + [3.0], "$0.1163 (likely $0.00 to $0.3424)"),
        ("points", [10.0] * 25 + [0.0], "9.6 (likely 8.9 to 10.0)"),
        ("share", [1.0] * 25 + [0.0], "96% (likely 89% to 100%)"),
        ("number", [1.0] * 25 + [0.0], "0.96 (likely 0.89 to 1.04)"),
    ],
)
def test_the_interval_of_a_mean_holds_nothing_that_cannot_be(
    unit: Unit, values: list[float], said: str
) -> None:
    assert say_figure(mean_figure(OF, unit, values)).startswith(said)


def test_flips_are_the_pairs_that_disagree() -> None:
    # Three of four answers ship: 3 of 6 pairs disagree. Two of two ship: none of 1.
    some = [Repeated(f"text {n}", "builder", 4, 3, ("r",)) for n in range(5)]
    some += [Repeated(f"text {n}", "builder", 2, 2, ("r",)) for n in range(5, 10)]
    found = flips_figure(OF, some)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(15 / 35)
    assert found.cases == 10
    assert isinstance(flips_figure(OF, some[1:]), Silent)
    spread = rerun_spread(OF, some)
    assert isinstance(spread, Estimate)
    assert spread.value == pytest.approx((0.25 / 2) ** 0.5)


def test_a_correlation_is_that_of_its_definition_and_undefined_for_a_constant() -> None:
    chance = random.Random(5)
    rows = [(x := chance.random(), x + chance.random()) for _ in range(200)]
    found = correlation_figure(OF, rows)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(float(np.corrcoef(np.array(rows).T)[0, 1]))
    assert (found.low or 1) < found.value < (found.high or -1)
    constant = correlation_figure(OF, [(0.1, y) for _, y in rows])
    assert isinstance(constant, Silent)


def test_confidence_is_grouped_and_a_group_below_ten_is_not_there() -> None:
    pairs = [(0.85, 1.0)] * 8 + [(0.85, 2 / 3)] * 4 + [(0.65, 2 / 3)] * 9
    (found,) = calibration_groups(pairs, CONFIDENCE_ENDS)
    assert (found.cases, round(found.said, 2)) == (12, 0.85)
    assert found.happened == pytest.approx((8 + 8 / 3) / 12)
    assert found.low < found.happened < found.high


def test_an_interval_is_not_said_where_a_tenth_of_the_draws_have_none() -> None:
    values = np.arange(100.0)
    assert percentile_interval(values) is not None
    values[:10] = NAN
    assert percentile_interval(values) is None


@pytest.mark.parametrize(
    ("cases", "of", "said"),
    [
        (1, "reviews", "1 review"),
        (2, "reviews", "2 reviews"),
        (0, "tools", "0 tools"),
        (1, "divisive controls", "1 divisive control"),
        (1, "runs with a known cost", "1 run with a known cost"),
        (1, "tools of rival makers", "1 tool of rival makers"),
    ],
)
def test_one_case_is_said_in_the_singular(cases: int, of: str, said: str) -> None:
    assert say_cases(cases, of) == said


def test_a_cost_that_is_small_is_not_said_as_nothing() -> None:
    assert [say_value("usd", cost) for cost in (0.0, 0.00004, 1.5)] == [
        "$0.00",
        "$0.00004",
        "$1.5000",
    ]
