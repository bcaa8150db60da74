"""Means are exact and rounded once, half up."""

from fractions import Fraction

import pytest

from panel.domain.scale import mean, out_of_ten, round_half_up, weighted_mean


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(27, 4), 6.8),
        (Fraction(135, 20), 6.8),
        (Fraction(1, 20), 0.1),
        (Fraction(1, 3), 0.3),
        (Fraction(2, 3), 0.7),
        (Fraction(0), 0.0),
        (Fraction(10), 10.0),
    ],
)
def test_half_is_rounded_up_wherever_it_stands(value: Fraction, rounded: float) -> None:
    assert round_half_up(value) == rounded


def test_shares_are_rounded_to_the_digits_that_are_asked_for() -> None:
    assert round_half_up(Fraction(2, 3), 4) == 0.6667


@pytest.mark.parametrize(("steps", "points"), [(1, 2.0), (3, 6.0), (5, 10.0)])
def test_steps_are_doubled_to_points(steps: int, points: float) -> None:
    assert out_of_ten(Fraction(steps)) == points


def test_weights_count_a_score_as_often_as_they_say() -> None:
    assert weighted_mean({"a": 5, "b": 1}, {"a": 3, "b": 1, "unused": 9}) == 4
    assert weighted_mean({"a": 5, "b": 1}, {"a": 0, "b": 2}) == 1


def test_a_mean_is_exact() -> None:
    assert mean([Fraction(1), Fraction(2), Fraction(2)]) == Fraction(5, 3)
