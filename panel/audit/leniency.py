"""Leniency: how often a reviewer ships, and how high it scores, beside the others on the same tools."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, median, stdev

from panel.audit.case import Case
from panel.audit.figure import BOUNDS, FEWEST_REVIEWS, Figure, FigureSubject, Unit
from panel.domain.intervals import Z, wilson_interval

_FEWEST_FOR_AN_ERROR = 2


def share_figure(
    subject: FigureSubject,
    successes: int,
    trials: int,
    fewest: int = FEWEST_REVIEWS,
    note: str = "",
) -> Figure:
    """Return a share with its Wilson interval; silent below `fewest` trials."""
    if trials < fewest:
        return subject.too_few(trials, fewest)
    interval = wilson_interval(successes, trials)
    return subject.estimate("share", successes / trials, trials, interval, note)


def mean_figure(
    subject: FigureSubject, unit: Unit, values: Sequence[float], note: str = ""
) -> Figure:
    """Return the mean of `values` with the interval of its standard error; silent below 20 of them.

    The interval ends where the unit does: a share at 0 and 1, a score at 0 and 10.
    """
    if len(values) < FEWEST_REVIEWS:
        return subject.too_few(len(values), FEWEST_REVIEWS)
    mean, reach = fmean(values), Z * stdev(values) / sqrt(len(values))
    least, most = BOUNDS.get(unit, (-inf, inf))
    interval = max(least, mean - reach), min(most, mean + reach)
    return subject.estimate(unit, mean, len(values), interval, note)


@dataclass(frozen=True, slots=True)
class BesideOthers:
    """The ship rate of the middle one of the other reviewers, and how exactly the difference is known.

    `error` is the standard error of the difference in votes, tool by tool.
    """

    others: float
    error: float


def compare_with_others(
    cases: Sequence[Case], reviewer: str, without: Collection[str] = ()
) -> BesideOthers | None:
    """Return the middle one of the other reviewers on the tools that `reviewer` has.

    The middle one, because another reviewer that ships everything would move the mean; of an even
    number the two in the middle. Those `without` are left out. None where fewer than two tools have a
    vote of both.
    """
    both = [case for case in cases if case.vote(reviewer) is not None]
    votes: dict[str, list[bool]] = defaultdict(list)
    for case in both:
        for vote in case.votes:
            votes[vote.reviewer].append(vote.ships)
    rates = {key: fmean(of) for key, of in votes.items() if key not in (reviewer, *without)}
    ranked = sorted(rates, key=rates.__getitem__)
    middle = ranked[(len(ranked) - 1) // 2 : len(ranked) // 2 + 1]
    gaps = []
    for case in both:
        ships = {vote.reviewer: float(vote.ships) for vote in case.votes}
        if of := [ships[key] for key in middle if key in ships]:
            gaps.append(ships[reviewer] - fmean(of))
    if len(gaps) < _FEWEST_FOR_AN_ERROR:
        return None
    return BesideOthers(median(rates.values()), stdev(gaps) / sqrt(len(gaps)))
