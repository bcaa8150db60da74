"""The 95 % interval of a share, for whatever is counted."""

from math import sqrt
from typing import Final

Z: Final = 1.959963984540054
"""The quantile of the normal distribution at 0.975."""


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson's score (JASA 22, 1927, 209 to 212).

    Both ends are from 0 to 1. Raises ValueError without a trial, or where there are more successes.

    >>> low, high = wilson_interval(30, 48)
    >>> round(low, 4), round(high, 4)
    (0.4836, 0.7478)
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no share")
    share, square = successes / trials, Z * Z
    centre = share + square / (2 * trials)
    reach = Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    low = 0.0 if successes == 0 else (centre - reach) / whole
    high = 1.0 if successes == trials else (centre + reach) / whole
    return low, high
