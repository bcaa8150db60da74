"""Intervals: how far a share that was counted on few cases may lie from the true one."""

from math import sqrt
from typing import Final

from panel.domain.value import Value

_Z: Final = 1.959963984540054  # the normal distribution's 97.5 per cent point: 95 in 100 lie within


class Interval(Value):
    """Where a share from 0 to 1 likely lies."""

    low: float
    high: float


def wilson(hits: int, cases: int) -> Interval:
    """Return the 95 % interval of a share by Wilson's score (Wilson 1927; NIST e-Handbook 7.2.4.1).

    Unlike the plain one it never leaves 0 to 1. Raises ValueError where there is no case, or more
    hits than cases.

    `wilson(30, 48)` is 0.48 to 0.75
    """
    if not 0 <= hits <= cases or cases == 0:
        raise ValueError(f"{hits} of {cases} is no share")
    share, squared = hits / cases, _Z * _Z
    centre = share + squared / (2 * cases)
    width = _Z * sqrt(share * (1 - share) / cases + squared / (4 * cases * cases))
    whole = 1 + squared / cases
    return Interval(low=max(0.0, (centre - width) / whole), high=min(1.0, (centre + width) / whole))
