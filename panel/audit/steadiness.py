"""Steadiness: how often a reviewer who is asked again about the same text votes the other way.

Answers on one text are its samples, or those of several runs by the same model. Of n answers of which
a are alike, a (n - a) of the n (n - 1) / 2 pairs disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from panel.audit.bootstrap import percentile_interval, resampled_sums
from panel.audit.case import Case
from panel.audit.figure import FEWEST_REPEATED, Figure, FigureSubject


@dataclass(frozen=True, slots=True)
class Repeated:
    """The answers of one reviewer on one text: how many, and how many of them ship."""

    text: str
    reviewer: str
    answers: int
    ships: int
    runs: tuple[str, ...]

    @property
    def pairs(self) -> float:
        """How many pairs of answers there are."""
        return self.answers * (self.answers - 1) / 2

    @property
    def flips(self) -> float:
        """How many of the pairs disagree."""
        return float(self.ships * (self.answers - self.ships))

    @property
    def variance(self) -> float:
        """The sample variance of the votes, a ship being 1 and a skip 0."""
        return self.flips / self.pairs / 2


def repeated_answers(cases: Iterable[Case]) -> list[Repeated]:
    """Return the texts that a reviewer answered more than once by one model, reviewer by reviewer."""
    found: dict[tuple[str, str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for case in cases:
        for vote in case.votes:
            ships = vote.agree if vote.ships else vote.samples - vote.agree
            found[case.text, vote.reviewer, vote.ref].append((vote.samples, ships, case.run))
    return [
        Repeated(
            text,
            reviewer,
            sum(one[0] for one in several),
            sum(one[1] for one in several),
            tuple(one[2] for one in several),
        )
        for (text, reviewer, _), several in found.items()
        if sum(one[0] for one in several) > 1
    ]


def flips_figure(subject: FigureSubject, repeated: Sequence[Repeated]) -> Figure:
    """Return the share of pairs that disagree; its interval is a bootstrap over texts."""
    by_text: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in repeated:
        by_text[one.text][0] += one.flips
        by_text[one.text][1] += one.pairs
    if len(by_text) < FEWEST_REPEATED:
        return subject.too_few(len(by_text), FEWEST_REPEATED)
    features = np.array(list(by_text.values()))
    flips, pairs = features.sum(axis=0)
    sums = resampled_sums(features)
    interval = percentile_interval(sums[:, 0] / sums[:, 1])
    return subject.estimate("share", float(flips / pairs), len(by_text), interval)


def rerun_spread(subject: FigureSubject, repeated: Sequence[Repeated]) -> Figure:
    """Return the standard deviation of a reviewer's votes on one text, asked again."""
    texts = len({one.text for one in repeated})
    if texts < FEWEST_REPEATED:
        return subject.too_few(texts, FEWEST_REPEATED)
    spread = fmean(one.variance for one in repeated) ** 0.5
    return subject.estimate("number", spread, texts, note="a ship is 1, a skip 0")


def reviewer_spread(subject: FigureSubject, cases: Sequence[Case]) -> Figure:
    """Return the standard deviation of the reviewers' votes on one tool."""
    several = [[vote.ships for vote in case.votes] for case in cases if len(case.votes) > 1]
    if len(several) < FEWEST_REPEATED:
        return subject.too_few(len(several), FEWEST_REPEATED)
    spread = fmean(_variance(votes) for votes in several) ** 0.5
    return subject.estimate("number", spread, len(several), note="a ship is 1, a skip 0")


def _variance(votes: Sequence[bool]) -> float:
    n, ships = len(votes), sum(votes)
    return ships * (n - ships) / (n * (n - 1))
