"""A persona that judges otherwise than before is named; chance and small numbers are not."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.drift import Drift, Tally, find_drift, tally_results
from panel.domain.job import ReviewerResult

POINTS = st.integers(0, 100).map(lambda tenths: tenths / 10)


def voices(*scores: float, persona: str = "skeptic", ships: int = 0) -> list[ReviewerResult]:
    return [
        ReviewerResult(
            persona=persona, model="m", verdict="ship" if n < ships else "skip", score=score
        )
        for n, score in enumerate(scores)
    ]


ANY_VOICE = st.builds(
    lambda persona, ship, score: ReviewerResult(
        persona=persona,
        model="m",
        verdict=None if ship is None else "ship" if ship else "skip",
        score=None if ship is None else score,
    ),
    st.sampled_from(("builder", "skeptic")),
    st.none() | st.booleans(),
    POINTS,
)
BEFORE = voices(*(5.5, 6.0, 6.5, 6.0) * 10)


def test_a_mean_that_fell_is_a_drift() -> None:
    found = find_drift(voices(5.4, 5.2, 5.6, 5.4, 5.4), BEFORE)
    assert found.compared == ("skeptic",)
    assert found.drifts == (Drift(persona="skeptic", of="mean", today=5.4, before=6.0),)


def test_a_ship_rate_that_rose_is_a_drift() -> None:
    today = voices(*[6.0] * 8, ships=7, persona="business_analyst")
    found = find_drift(today, voices(*[6.0] * 40, ships=9, persona="business_analyst"))
    rate = Drift(persona="business_analyst", of="ship rate", today=0.88, before=0.23)
    assert found.drifts == (rate,)


def test_a_difference_under_half_a_point_is_none_however_certain() -> None:
    assert find_drift(voices(*[5.6] * 50), voices(*[6.0] * 500)).drifts == ()
    assert find_drift(voices(*[5.5] * 50), voices(*[6.0] * 500)).drifts != ()


def test_a_difference_under_15_points_of_a_share_is_none_however_certain() -> None:
    before = voices(*[6.0] * 5000, ships=2500)
    assert find_drift(voices(*[6.0] * 1000, ships=360), before).drifts == ()
    assert find_drift(voices(*[6.0] * 1000, ships=350), before).drifts != ()


def test_a_difference_that_chance_explains_is_none() -> None:
    before = voices(*[4.9, 7.1] * 20)
    # The standard error of 5.3 - 6.0 is 0.21 for the first batch and 0.35, half of it, for the second.
    assert find_drift(voices(*[5.0, 5.6] * 4), before).drifts != ()
    assert find_drift(voices(*[4.5, 6.1] * 4), before).drifts == ()


def test_the_variance_is_that_of_a_sample() -> None:
    """Of these five it is 1.0, so that 1.3 is within three errors of 0.45; by five it would be 0.8."""
    today = voices(3.7, 3.7, 4.7, 5.7, 5.7)
    assert find_drift(today, voices(*[6.0] * 20)).drifts == ()
    assert find_drift(today, voices(*[6.1] * 20)).drifts != ()


def test_a_share_that_chance_explains_is_no_drift() -> None:
    assert find_drift(voices(*[6.0] * 8, ships=4), voices(*[6.0] * 40, ships=9)).drifts == ()


@pytest.mark.parametrize(
    ("today", "before", "enough"), [(5, 20, True), (4, 20, False), (5, 19, False)]
)
def test_few_scorecards_are_not_compared(today: int, before: int, enough: bool) -> None:
    found = find_drift(voices(*[2.0] * today), voices(*[8.0] * before))
    assert bool(found.compared) is enough
    assert bool(found.drifts) is enough


def test_the_errors_of_both_times_add_up() -> None:
    scattered = voices(*(4.6, 7.4) * 10)
    assert find_drift(voices(5.0, 5.2, 5.4, 5.6, 5.8), scattered).drifts == ()
    level = [6.0] * 20
    assert find_drift(voices(*level, ships=14), voices(*level, ships=8)).drifts == ()
    assert find_drift(voices(*level, ships=15), voices(*level, ships=5)).drifts != ()


def test_a_persona_that_is_new_is_not_compared() -> None:
    assert find_drift(voices(*[2.0] * 9, persona="critic"), BEFORE).compared == ()


def test_an_abstention_is_counted_and_is_no_score() -> None:
    none = ReviewerResult(persona="skeptic", model="m", verdict=None, score=None)
    tally = tally_results([none, none, *voices(6.0, 8.0, ships=1)])["skeptic"]
    assert (tally.scorecards, tally.abstentions) == (2, 2)
    assert tally.mean == Fraction(7)
    assert tally.ship_share == Fraction(1, 2)
    assert Tally(abstentions=3).mean is None
    assert Tally(abstentions=3).ship_share is None


@given(st.lists(ANY_VOICE), st.lists(ANY_VOICE), st.randoms(use_true_random=False))
def test_order_decides_nothing(
    today: list[ReviewerResult], before: list[ReviewerResult], chance: object
) -> None:
    expected = find_drift(today, before)
    chance.shuffle(today)  # type: ignore[attr-defined]
    chance.shuffle(before)  # type: ignore[attr-defined]
    assert find_drift(iter(today), iter(before)) == expected


@given(st.lists(ANY_VOICE, min_size=20, max_size=60))
def test_days_like_the_days_before_are_no_drift(before: list[ReviewerResult]) -> None:
    assert find_drift(before, before * 3).drifts == ()


@given(st.lists(POINTS, min_size=5, max_size=30), st.lists(POINTS, min_size=20, max_size=60))
def test_what_is_reported_is_as_far_apart_as_is_promised(
    today: list[float], before: list[float]
) -> None:
    for drift in find_drift(voices(*today), voices(*before)).drifts:
        assert drift.of == "mean"  # nobody ships here
        assert abs(sum(today) / len(today) - sum(before) / len(before)) > 0.499


@given(st.lists(POINTS, min_size=1))
def test_the_running_mean_is_the_mean(scores: list[float]) -> None:
    tally = tally_results(voices(*scores))["skeptic"]
    assert tally.mean == sum(Fraction(str(score)) for score in scores) / len(scores)
