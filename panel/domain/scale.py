"""The scale: means out of ten, rounded once and for all half up."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from panel.domain.criterion import HIGHEST

TOP = 10
POINTS_A_STEP = Fraction(TOP, HIGHEST)


def round_half_up(value: Fraction, digits: int = 1) -> float:
    """Return `value` rounded half up to `digits`, so that 6.75 is 6.8 wherever it is shown."""
    shift: int = 10**digits
    above, below = value.as_integer_ratio()
    return (2 * shift * above + below) // (2 * below) / shift


def out_of_ten(steps: Fraction) -> float:
    """Return a mean of steps from 1 to 5 as points out of 10, to one decimal."""
    return round_half_up(steps * POINTS_A_STEP)


@lru_cache(maxsize=1024)  # confidences and shares are a few round numbers
def percent(share: float) -> int:
    """Return a share from 0 to 1 in whole percent, half up: 0.125 is 13 wherever it is shown."""
    # A page of a thousand tools prints ten thousand: decimals are ten times as fast as fractions.
    return int((Decimal(str(share)) * 100).to_integral_value(ROUND_HALF_UP))


def mean(values: Iterable[Fraction | int]) -> Fraction:
    """Return the plain mean of one or more values."""
    found = list(values)
    return Fraction(sum(found), len(found))
