"""Calibration of confidence: how often a reviewer who says 80 % sure is right or steady."""

from collections.abc import Iterable
from typing import Final

from panel.domain.community import wilson_interval
from panel.domain.exchange import Count
from panel.domain.value import Value

FEWEST_OF_A_GROUP: Final = 10
_ENDS: Final = (0.6, 0.7, 0.8, 0.9)


class ConfidenceGroup(Value):
    """Answers of like confidence: their mean confidence and the share that came true, with interval."""

    said: float
    happened: float
    low: float
    high: float
    cases: Count


def confidence_groups(pairs: Iterable[tuple[float, int, int]]) -> tuple[ConfidenceGroup, ...]:
    """Return groups of (confidence, successes, trials), at .6, .7, .8 and .9; none below 10 cases.

    Two or more successes of one answer, as samples are, count as the share of them.
    """
    sums: list[list[float]] = [[0.0, 0.0, 0.0] for _ in range(len(_ENDS) + 1)]
    for confidence, successes, trials in pairs:
        group = sums[sum(confidence >= end for end in _ENDS)]
        group[0] += confidence
        group[1] += successes / trials
        group[2] += 1
    return tuple(
        _group(said, happened, int(cases))
        for said, happened, cases in sums
        if cases >= FEWEST_OF_A_GROUP
    )


def _group(said: float, happened: float, cases: int) -> ConfidenceGroup:
    low, high = wilson_interval(round(happened), cases)
    share = happened / cases
    return ConfidenceGroup(
        said=said / cases, happened=share, low=min(low, share), high=max(high, share), cases=cases
    )
