"""Calls: first answers that had to be asked again, and how long reviews took; read from exchanges."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Final

from panel.audit.figure import FEWEST_REVIEWS, Figure, FigureSubject
from panel.domain.exchange import Exchange

MOST_RUNS: Final = 200
"""Exchanges are large: those of the newest runs are read, of so many at most."""


class CallTally:
    """Counts, by reviewer, first answers, those that had a fault, and the milliseconds of reviews."""

    def __init__(self) -> None:
        self.first: Counter[str] = Counter()
        self.again: Counter[str] = Counter()
        self._ms: dict[str, list[int]] = defaultdict(list)

    def add(self, exchanges: Iterable[Exchange]) -> None:
        """Count the exchanges of one run. A request that shows an earlier answer asks it again."""
        took: Counter[tuple[str, int]] = Counter()
        again = set()
        for exchange in exchanges:
            request = exchange.request
            if request.reviewer is None:
                continue
            key = (request.reviewer, request.sample)
            took[key] += exchange.ms
            if request.is_repair:
                again.add(key)
        for (reviewer, _), ms in took.items():
            self.first[reviewer] += 1
            self._ms[reviewer].append(ms)
        for reviewer, _ in again:
            self.again[reviewer] += 1

    def time_figure(self, subject: FigureSubject, reviewer: str) -> Figure:
        """Return the median seconds of a review, all its calls together; by hand there are none."""
        found = [ms for ms in self._ms[reviewer] if ms]
        if len(found) < FEWEST_REVIEWS:
            return subject.too_few(len(found), FEWEST_REVIEWS)
        return subject.estimate("seconds", median(found) / 1000, len(found))
