"""Leniency: how often a reviewer ships, and how high it scores, beside the others on the same tools."""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from statistics import fmean, median, stdev

from panel.audit.case import Case, Vote
from panel.audit.figure import FEWEST_REVIEWS, Figure, Subject
from panel.domain.intervals import Z, wilson_interval


def share_figure(
    subject: Subject, successes: int, trials: int, fewest: int = FEWEST_REVIEWS, note: str = ""
) -> Figure:
    """Return a share with its Wilson interval; silent below `fewest` trials."""
    if trials < fewest:
        return subject.too_few(trials, fewest)
    interval = wilson_interval(successes, trials)
    return subject.estimate("share", successes / trials, trials, interval, note)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of two or more values, by its standard error."""
    reach = Z * stdev(values) / sqrt(len(values))
    centre = fmean(values)
    return centre - reach, centre + reach


def score_figure(subject: Subject, votes: Sequence[Vote]) -> Figure:
    """Return the mean score out of ten; silent below 20 reviews."""
    if len(votes) < FEWEST_REVIEWS:
        return subject.too_few(len(votes), FEWEST_REVIEWS)
    scores = [vote.score for vote in votes]
    return subject.estimate("points", fmean(scores), len(scores), mean_interval(scores))


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
