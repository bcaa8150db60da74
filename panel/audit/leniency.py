"""Leniency: how often a reviewer ships, and how high it scores, beside the others on the same tools."""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from statistics import fmean, median, stdev

from panel.audit.case import Case
from panel.audit.figure import FEWEST_REVIEWS, Figure, Subject, Unit
from panel.domain.intervals import Z, wilson_interval


def share_figure(
    subject: Subject, successes: int, trials: int, fewest: int = FEWEST_REVIEWS, note: str = ""
) -> Figure:
    """Return a share with its Wilson interval; silent below `fewest` trials."""
    if trials < fewest:
        return subject.too_few(trials, fewest)
    interval = wilson_interval(successes, trials)
    return subject.estimate("share", successes / trials, trials, interval, note)


def mean_figure(subject: Subject, unit: Unit, values: Sequence[float], note: str = "") -> Figure:
    """Return the mean of `values` with the interval of its standard error; silent below 20 of them.

    The interval of a share ends at 0 and 1.
    """
    if len(values) < FEWEST_REVIEWS:
        return subject.too_few(len(values), FEWEST_REVIEWS)
    mean, reach = fmean(values), Z * stdev(values) / sqrt(len(values))
    low, high = mean - reach, mean + reach
    if unit == "share":
        low, high = max(0.0, low), min(1.0, high)
    return subject.estimate(unit, mean, len(values), (low, high), note)


def others_rate(cases: Sequence[Case], reviewer: str) -> float | None:
    """Return the ship rate of the middle one of the other reviewers on the tools that `reviewer` has.

    The middle one, because another reviewer that ships everything would move the mean. None where
    nobody else reviewed them.
    """
    votes: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        if case.vote(reviewer) is not None:
            for vote in case.votes:
                votes[vote.reviewer].append(vote.ships)
    rates = [sum(of) / len(of) for key, of in votes.items() if key != reviewer]
    return median(rates) if rates else None
