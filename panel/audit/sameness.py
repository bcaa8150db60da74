"""Sameness of wording: what a reviewer's takes share with other takes of the same reviewer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from panel.audit.case import TakeWords
from panel.audit.figure import Figure, FigureSubject
from panel.audit.leniency import mean_figure, share_figure


@dataclass(frozen=True, slots=True)
class Sameness:
    """What recurs in the newest takes of a reviewer, and its commonest phrase, run and opening.

    `shared` has for each take the share of its phrases (three words that carry meaning) that stand in
    another take too, `shared_word_runs` the same of its runs of five words, which a filled-in form has;
    `opened` counts takes that open with the words of another one.
    """

    shared: tuple[float, ...]
    shared_word_runs: tuple[float, ...]
    opened: int
    openings: int
    phrase: tuple[str, int] | None
    word_run: tuple[str, int] | None
    opening: tuple[str, int] | None


def measure_sameness(takes: Sequence[TakeWords]) -> Sameness:
    """Return what recurs in `takes`, which are of different tools."""
    phrases = Counter(phrase for take in takes for phrase in take.phrases)
    word_runs = Counter(run for take in takes for run in take.word_runs)
    openings = Counter(take.opening for take in takes if take.opening)
    return Sameness(
        shared=_shares([take.phrases for take in takes], phrases),
        shared_word_runs=_shares([take.word_runs for take in takes], word_runs),
        opened=sum(times for times in openings.values() if times > 1),
        openings=openings.total(),
        phrase=_commonest(phrases),
        word_run=_commonest(word_runs),
        opening=_commonest(openings),
    )


def phrases_figure(subject: FigureSubject, found: Sameness) -> Figure:
    """Return the mean share of a take's phrases that another take has too."""
    return mean_figure(subject, "share", found.shared, _times(found.phrase))


def word_runs_figure(subject: FigureSubject, found: Sameness) -> Figure:
    """Return the mean share of a take's runs of five words that another take has too."""
    return mean_figure(subject, "share", found.shared_word_runs, _times(found.word_run))


def openings_figure(subject: FigureSubject, found: Sameness) -> Figure:
    """Return the share of takes that open with the three words of another take."""
    return share_figure(subject, found.opened, found.openings, note=_times(found.opening))


def _shares(takes: Sequence[frozenset[str]], times: Counter[str]) -> tuple[float, ...]:
    """Return for each take that has any the share of its phrases that another one has too."""
    return tuple(sum(times[one] > 1 for one in take) / len(take) for take in takes if take)


def _commonest(counter: Counter[str]) -> tuple[str, int] | None:
    """Return what recurs most often, the first in the alphabet of equals; None where nothing does."""
    found = min(counter.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
    return found if found[1] > 1 else None


def _times(found: tuple[str, int] | None) -> str:
    return f"“{found[0]}” {found[1]} times" if found else ""
