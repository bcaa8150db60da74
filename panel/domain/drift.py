"""Drift: whether a persona judges the tools of one batch differently from those of the days before.

A difference is reported where it is beyond 3 standard errors and large enough to matter: half a point
of ten for the mean score, 15 percentage points for the share of ships. The standard errors are those
of two independent samples: Welch's for means (NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.1)
and the pooled one for proportions (the same, 7.3.3). Three of them, as on a control chart (the same,
6.3.1), because a panel of four is compared eight times a night: at two, a batch of 24 tools in which
nothing has changed would raise the line on three nights in ten.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Final, Literal

from panel.domain.exchange import Count
from panel.domain.job import ReviewerResult
from panel.domain.review import Points
from panel.domain.scale import round_half_up
from panel.domain.value import Value

FEWEST_TODAY: Final = 5
FEWEST_BEFORE: Final = 20
ERRORS: Final = 3
LEAST_POINTS: Final = Fraction(1, 2)
LEAST_SHARE: Final = Fraction(15, 100)
_TENTHS = 10


class Tally(Value):
    """What one persona's reviews add up to, in any order.

    `tenths` is the sum of its scores in tenths of a point, as they are shown, and `squares` that of
    their squares: mean and variance come from them exactly and no list is kept.
    """

    scorecards: Count = 0
    abstentions: Count = 0
    ships: Count = 0
    tenths: Count = 0
    squares: Count = 0

    @property
    def mean(self) -> Fraction | None:
        """The mean score, in points out of ten; None without a scorecard."""
        return Fraction(self.tenths, _TENTHS * self.scorecards) if self.scorecards else None

    @property
    def ship_share(self) -> Fraction | None:
        """The ships among the scorecards, from 0 to 1; None without a scorecard."""
        return Fraction(self.ships, self.scorecards) if self.scorecards else None


class Drift(Value):
    """A persona that judges differently from before.

    For the `mean`, `today` and `before` are points out of ten, for the `ship rate` shares from 0 to
    1, both rounded as they are shown.
    """

    persona: str
    of: Literal["mean", "ship rate"]
    today: Points
    before: Points


class DriftCheck(Value):
    """The personas that could be compared, and the drifts found among them."""

    compared: tuple[str, ...] = ()
    drifts: tuple[Drift, ...] = ()


class Tallies:
    """Adds up reviews by persona, one at a time."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[str]] = {}

    def add(self, result: ReviewerResult) -> None:
        """Count one review; no score of an abstention is ever counted."""
        sums = self._sums.setdefault(result.persona, Counter())
        if result.verdict is None or result.score is None:
            sums["abstentions"] += 1
            return
        tenths = round(result.score * _TENTHS)
        sums["scorecards"] += 1
        sums["ships"] += result.verdict == "ship"
        sums["tenths"] += tenths
        sums["squares"] += tenths * tenths

    def read(self) -> dict[str, Tally]:
        """Return the sums so far, by persona in alphabetical order."""
        return {persona: Tally(**self._sums[persona]) for persona in sorted(self._sums)}


def tally_results(results: Iterable[ReviewerResult]) -> dict[str, Tally]:
    """Return what each persona's reviews add up to, by persona in alphabetical order."""
    tallies = Tallies()
    for result in results:
        tallies.add(result)
    return tallies.read()


def find_drift(today: Iterable[ReviewerResult], before: Iterable[ReviewerResult]) -> DriftCheck:
    """Return which personas judge differently `today` from `before`, the same for any order of both.

    A persona is compared from 5 scorecards today and 20 before. Both are read once.
    """
    now, then = tally_results(today), tally_results(before)
    compared = tuple(
        persona
        for persona, tally in now.items()
        if tally.scorecards >= FEWEST_TODAY
        and then.get(persona, Tally()).scorecards >= FEWEST_BEFORE
    )
    return DriftCheck(
        compared=compared,
        drifts=tuple(
            drift for persona in compared for drift in _drifts(persona, now[persona], then[persona])
        ),
    )


def _drifts(persona: str, today: Tally, before: Tally) -> Iterable[Drift]:
    new, old = _means(today, before)
    apart = _variance(today) / today.scorecards + _variance(before) / before.scorecards
    if _differ(new, old, apart, LEAST_POINTS):
        yield Drift(persona=persona, of="mean", today=round_half_up(new), before=round_half_up(old))
    new, old = (Fraction(one.ships, one.scorecards) for one in (today, before))
    pooled = Fraction(today.ships + before.ships, today.scorecards + before.scorecards)
    apart = pooled * (1 - pooled)
    apart *= Fraction(1, today.scorecards) + Fraction(1, before.scorecards)
    if _differ(new, old, apart, LEAST_SHARE):
        yield Drift(
            persona=persona,
            of="ship rate",
            today=round_half_up(new, 2),
            before=round_half_up(old, 2),
        )


def _means(*tallies: Tally) -> tuple[Fraction, ...]:
    return tuple(Fraction(one.tenths, _TENTHS * one.scorecards) for one in tallies)


def _variance(tally: Tally) -> Fraction:
    """Return the sample variance of the scores, in squared points."""
    number = tally.scorecards
    spread = Fraction(tally.squares * number - tally.tenths**2, number * (number - 1))
    return spread / _TENTHS**2


def _differ(new: Fraction, old: Fraction, error_squared: Fraction, least: Fraction) -> bool:
    """Tell whether two figures are `least` apart and beyond 3 standard errors."""
    gap = abs(new - old)
    return gap >= least and gap**2 > ERRORS**2 * error_squared
