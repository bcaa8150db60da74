"""Agreement: Krippendorff's alpha, and how many independent votes a panel amounts to.

Effective votes: the mean of k votes with variance s2 and mean pairwise correlation r has the variance
s2/k * (1 + (k-1) r), which is that of k / (1 + (k-1) r) independent ones (Kish, Survey Sampling, 1965).
"""

import warnings
from dataclasses import dataclass
from typing import Final, Literal

import krippendorff
import numpy as np

from panel.audit.bootstrap import Floats, percentile_interval, resampled_sums
from panel.audit.figure import FEWEST_TOOLS, Figure, FigureSubject

SAME: Final = "not defined: all gave the same"
CANCELLED: Final = "not defined: the votes on each tool cancel each other out"
_NO_VARIANCE: Final = 1e-12
Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, slots=True)
class EffectiveVotes:
    """`votes` independent votes out of `survivors` reviewers; r is their mean pairwise correlation.

    `constant` are the columns of reviewers who gave the same on every tool: they carry no vote.
    """

    votes: float
    survivors: int
    r: float
    constant: tuple[int, ...]


def krippendorff_alpha(table: Floats, level: Level) -> float | None:
    """Return alpha of `table`, one row a tool and one column a reviewer; nan where none reviewed it.

    None where it is not defined: all values are the same, or no tool has two of them. Source:
    Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    pairable = table[(~np.isnan(table)).sum(axis=1) >= 2]  # noqa: PLR2004 - a pair
    values = pairable[~np.isnan(pairable)]
    if len(values) == 0 or np.all(values == values[0]):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(krippendorff.alpha(reliability_data=pairable.T, level_of_measurement=level))


def alpha_interval(table: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of alpha for squared differences, by a bootstrap over tools.

    For votes of 0 and 1 that is the nominal alpha as well.
    """
    there = ~np.isnan(table)
    number = there.sum(axis=1).astype(float)
    pairable = number >= 2  # noqa: PLR2004 - a pair
    values = np.where(there, table, 0.0)[pairable]
    number = number[pairable]
    total, squares = values.sum(axis=1), (values**2).sum(axis=1)
    apart = 2 * (number * squares - total**2) / (number - 1)
    sums = resampled_sums(np.column_stack((number, total, squares, apart)))
    n, s1, s2, observed = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return percentile_interval(1 - observed * (n - 1) / (2 * (n * s2 - s1**2)))


def effective_votes(table: Floats) -> EffectiveVotes | None:
    """Return the effective votes of `table`, one row a tool and one column a reviewer, none missing.

    A reviewer without variance is dropped and k set to the survivors; r is not clamped, so that
    reviewers who complement each other come to more votes than they are. None without a survivor, and
    where the variance of the mean is 0.
    """
    votes, survivors, r = _from_sums(_sums_of(table).sum(axis=0)[None, :], table.shape[1])
    if survivors[0] == 0 or not np.isfinite(votes[0]):
        return None
    constant = np.flatnonzero(np.ptp(table, axis=0) == 0)
    return EffectiveVotes(
        float(votes[0]), int(survivors[0]), float(r[0]), tuple(int(one) for one in constant)
    )


def effective_votes_interval(table: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of the effective votes, by a bootstrap over tools."""
    votes, survivors, _ = _from_sums(resampled_sums(_sums_of(table)), table.shape[1])
    return percentile_interval(np.where(survivors > 0, votes, np.nan))


def alpha_figure(subject: FigureSubject, table: Floats, level: Level) -> Figure:
    """Return alpha as a figure: silent below 30 tools, and said in words where all gave the same."""
    if len(table) < FEWEST_TOOLS:
        return subject.too_few(len(table), FEWEST_TOOLS)
    alpha = krippendorff_alpha(table, level)
    if alpha is None:
        return subject.silent(SAME, len(table))
    return subject.estimate("number", alpha, len(table), alpha_interval(table))


def effective_votes_figure(
    subject: FigureSubject, table: Floats, names: tuple[str, ...], note: str
) -> Figure:
    """Return the effective votes as a figure beside the nominal number: silent below 30 tools."""
    if len(table) < FEWEST_TOOLS:
        return subject.too_few(len(table), FEWEST_TOOLS)
    found = effective_votes(table)
    if found is None:
        is_constant = bool((table == table[0]).all())
        return subject.silent(SAME if is_constant else CANCELLED, len(table))
    said = [f"of {len(names)} reviewers", note]
    if found.constant:
        same = " and ".join(names[place] for place in found.constant)
        said.append(f"{same} gave the same on every tool, which is no vote")
    return subject.estimate(
        "number",
        found.votes,
        len(table),
        effective_votes_interval(table),
        "; ".join(one for one in said if one),
    )


def _sums_of(table: Floats) -> Floats:
    """Return a row a tool: 1, each value, then each product of two values."""
    rows, k = table.shape
    products = (table[:, :, None] * table[:, None, :]).reshape(rows, k * k)
    return np.column_stack((np.ones(rows), table, products))


def _from_sums(sums: Floats, k: int) -> tuple[Floats, Floats, Floats]:
    """Return effective votes, survivors and mean correlation for each row of sums."""
    number, total = sums[:, :1], sums[:, 1 : k + 1]
    mean = total / number
    products = sums[:, k + 1 :].reshape(-1, k, k) / number[:, :, None]
    covariance = products - mean[:, :, None] * mean[:, None, :]
    variance = np.einsum("dii->di", covariance)
    kept = variance > _NO_VARIANCE
    survivors = kept.sum(axis=1).astype(float)
    scale = np.where(kept, 1 / np.sqrt(np.where(kept, variance, 1.0)), 0.0)
    correlation = covariance * scale[:, :, None] * scale[:, None, :]
    pairs = survivors * (survivors - 1)
    of_pairs = correlation.sum(axis=(1, 2)) - survivors
    r = np.divide(of_pairs, pairs, out=np.zeros_like(pairs), where=pairs > 0)
    spread = 1 + (survivors - 1) * r
    votes = np.full_like(spread, np.nan)
    np.divide(survivors, spread, out=votes, where=spread > _NO_VARIANCE)
    return votes, survivors, r
