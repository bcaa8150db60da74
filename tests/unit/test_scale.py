"""Means are exact and rounded once, half up."""

from fractions import Fraction

import pytest

from panel.domain.scale import mean, out_of_ten, percent, round_half_up


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


@pytest.mark.parametrize(("share", "shown"), [(0.125, 13), (0.6667, 67), (0.0, 0), (1.0, 100)])
def test_a_share_is_shown_in_whole_percent(share: float, shown: int) -> None:
    assert percent(share) == shown


def test_a_mean_is_exact() -> None:
    assert mean([Fraction(1), Fraction(2), Fraction(2)]) == Fraction(5, 3)
