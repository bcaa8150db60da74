"""Biases that an archive can show: a maker's model on rivals of its maker, and the length of a text."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, variance
from typing import Final, Literal

import numpy as np

from panel.audit.bootstrap import Floats, percentile_interval, resampled_sums
from panel.audit.case import Case
from panel.audit.figure import FEWEST_TOOLS, Figure, FigureSubject
from panel.domain.intervals import Z

ToolKind = Literal["rivals", "own"]
FEWEST_OF_A_MAKER: Final = 10
"""From so many tools of makers, and as many of others, a maker's model is measured."""


@dataclass(frozen=True, slots=True)
class MakerGaps:
    """For the models of one maker: vote minus the mean vote of others, tool by tool.

    The others are reviewers by models of other makers. `rivals` are tools whose vendor is another maker
    of models, `own` those of the same maker, `neutral` all the others.
    """

    maker: str
    rivals: tuple[float, ...]
    own: tuple[float, ...]
    neutral: tuple[float, ...]

    def tools(self, kind: ToolKind) -> tuple[float, ...]:
        """Return the gaps on the tools of rival makers, or on those of the same maker."""
        return self.rivals if kind == "rivals" else self.own

    def difference(self, kind: ToolKind) -> tuple[float, float] | None:
        """Return how the gap differs on `rivals` or `own` from neutral tools, and its standard error.

        By Welch; None below ten tools of either.
        """
        tools = self.tools(kind)
        if min(len(tools), len(self.neutral)) < FEWEST_OF_A_MAKER:
            return None
        error = sqrt(variance(tools) / len(tools) + variance(self.neutral) / len(self.neutral))
        return fmean(tools) - fmean(self.neutral), error


def maker_gaps(cases: Sequence[Case], without: Collection[str] = ()) -> list[MakerGaps]:
    """Return the gaps of each maker whose model reviewed, in alphabetical order.

    The models of the makers `without` are left out, as if they had not reviewed.
    """
    makers = {vote.maker for case in cases for vote in case.votes if vote.maker}
    return [_gaps(maker, cases, without) for maker in sorted(makers.difference(without))]


def maker_figure(subject: FigureSubject, gaps: MakerGaps, kind: ToolKind) -> Figure:
    """Return how much a maker's models favour or mark down the tools of `kind`, as a share of votes."""
    found = gaps.difference(kind)
    tools = gaps.tools(kind)
    if found is None:
        return subject.silent(
            f"{len(tools)} {subject.of}, {len(gaps.neutral)} others with a reviewer of another maker; "
            f"from {FEWEST_OF_A_MAKER} of each on it is said",
            len(tools),
            FEWEST_OF_A_MAKER,
        )
    value, error = found
    return subject.estimate(
        "number", value, len(tools), (value - Z * error, value + Z * error), "0: no bias"
    )


def length_figure(subject: FigureSubject, cases: Sequence[Case]) -> Figure:
    """Return the correlation of a text's length (the logarithm of its words) with its ships."""
    rows = [
        (log(max(1, case.words)), fmean(vote.ships for vote in case.votes))
        for case in cases
        if case.votes
    ]
    return correlation_figure(subject, rows)


def take_length_figure(subject: FigureSubject, cases: Iterable[Case], reviewer: str) -> Figure:
    """Return the correlation of the length of a reviewer's take with its vote."""
    rows = [(float(v.words), float(v.ships)) for case in cases if (v := case.vote(reviewer))]
    return correlation_figure(subject, rows)


def correlation_figure(subject: FigureSubject, rows: Sequence[tuple[float, float]]) -> Figure:
    """Return Pearson's correlation with a bootstrap interval; silent below 30 rows."""
    if len(rows) < FEWEST_TOOLS:
        return subject.too_few(len(rows), FEWEST_TOOLS)
    x, y = np.array(rows).T
    features = np.column_stack((np.ones(len(x)), x, y, x * x, y * y, x * y))
    r = _correlations(features.sum(axis=0)[None, :])
    if not np.isfinite(r[0]):
        return subject.silent("not defined: one of the two never changes", len(rows))
    interval = percentile_interval(_correlations(resampled_sums(features)))
    return subject.estimate("correlation", float(r[0]), len(rows), interval)


def _correlations(sums: Floats) -> Floats:
    n, x, y, xx, yy, xy = sums.T
    spread = (n * xx - x * x) * (n * yy - y * y)
    # Sums of equal values differ by rounding: what is left of a constant is no variance.
    sound = spread > 1e-9 * (n * xx) * (n * yy)
    r: Floats = np.full_like(n, np.nan)
    np.divide(n * xy - x * y, np.sqrt(np.where(sound, spread, 1.0)), out=r, where=sound)
    return r


def _gaps(maker: str, cases: Sequence[Case], without: Collection[str]) -> MakerGaps:
    rivals: list[float] = []
    own: list[float] = []
    neutral: list[float] = []
    for case in cases:
        ours = [vote.ships for vote in case.votes if vote.maker == maker]
        others = [
            vote.ships
            for vote in case.votes
            if vote.maker != maker and (vote.maker is None or vote.maker not in without)
        ]
        if not ours or not others:
            continue
        gap = fmean(ours) - fmean(others)
        kind = own if maker in case.vendors else rivals if case.vendors else neutral
        kind.append(gap)
    return MakerGaps(maker, tuple(rivals), tuple(own), tuple(neutral))
