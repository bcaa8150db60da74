"""Calibration: how well stated probabilities fit what happened."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Final

from panel.domain.exchange import Count
from panel.domain.intervals import wilson_interval
from panel.domain.value import Value

FEWEST_OF_A_GROUP: Final = 10
"""A group of fewer cases is not shown."""
COIN: Final = 0.25
"""The Brier score of whoever says 50 % each time."""


class CalibrationGroup(Value):
    """Cases of like probability: the mean that was `said`, the share that `happened`, its interval."""

    said: float
    happened: float
    low: float
    high: float
    cases: Count


def brier_score(forecasts: Sequence[tuple[float, bool]]) -> float:
    """Return the mean squared error of one or more forecasts: 0 is perfect, 1 the worst.

    Source: Brier, Monthly Weather Review 78, 1950, 1 to 3, for one event that happens or not.

    >>> round(brier_score([(0.7, True), (0.7, False), (0.3, True)]), 4)
    0.3567
    """
    return fmean((said - happened) ** 2 for said, happened in forecasts)


def calibration_groups(
    cases: Iterable[tuple[float, float]], ends: Sequence[float]
) -> tuple[CalibrationGroup, ...]:
    """Return `cases` (what was said, what happened, from 0 to 1) in groups that end before `ends`.

    A case that happened in part, as two of three samples, counts as that part. The interval is
    Wilson's; a group below ten cases is left out.
    """
    groups: list[list[tuple[float, float]]] = [[] for _ in range(len(ends) + 1)]
    for said, happened in cases:
        groups[sum(said >= end for end in ends)].append((said, happened))
    return tuple(_group(group) for group in groups if len(group) >= FEWEST_OF_A_GROUP)


def _group(group: Sequence[tuple[float, float]]) -> CalibrationGroup:
    share = fmean(happened for _, happened in group)
    low, high = wilson_interval(round(sum(happened for _, happened in group)), len(group))
    return CalibrationGroup(
        said=fmean(said for said, _ in group),
        happened=share,
        low=min(low, share),
        high=max(high, share),
        cases=len(group),
    )
