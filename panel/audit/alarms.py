"""Alarms: reviewers whose figures a person should look at, each by name with the reason.

The thresholds are wide, because a panel of four is compared in a dozen ways: each difference has to be
large and beyond chance, so that a sound archive raises none.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final, Literal

import numpy as np

from panel.audit.bias import MakerGaps
from panel.audit.bootstrap import Floats
from panel.audit.case import Case, PanelCases
from panel.audit.figure import FEWEST_REVIEWS, FEWEST_TOOLS
from panel.audit.leniency import others_rate
from panel.audit.sameness import Sameness
from panel.domain.drift import Tally, compare_tallies
from panel.domain.intervals import wilson_interval
from panel.domain.value import Value

AlarmKind = Literal["lenient", "strict", "constant", "same words", "copies", "drifts", "maker"]
_FAR: Final = 0.25
_SHARED_PHRASES, _SHARED_OPENINGS = 0.3, 0.3
_COPIED: Final = 0.95
_MAKER_ERRORS, _MAKER_GAP = 3, 0.2


class Alarm(Value):
    """What stands out, of which reviewers (or of whose models), and in which runs."""

    kind: AlarmKind
    who: tuple[str, ...]
    says: str
    runs: str


def leniency_alarms(panel: PanelCases, runs: str) -> list[Alarm]:
    """Return reviewers who ship far more or far less than the others on the same tools."""
    cases, found = panel.newest, []
    for key, name in panel.reviewers:
        votes = [vote.ships for case in cases if (vote := case.vote(key)) is not None]
        others = others_rate(cases, key)
        if len(votes) < FEWEST_REVIEWS or others is None:
            continue
        low, high = wilson_interval(sum(votes), len(votes))
        share = sum(votes) / len(votes)
        said = f"ships {share:.0%} of {len(votes)} tools, the middle one of the others {others:.0%}"
        if share in (0.0, 1.0) and len(votes) >= FEWEST_TOOLS and 0 < others < 1:
            word = "ships" if share else "skips"
            found.append(_alarm("constant", key, f"{name} {word} every tool of {len(votes)}", runs))
        if low > others and share - others >= _FAR:
            found.append(_alarm("lenient", key, f"{name} {said}", runs))
        if high < others and others - share >= _FAR:
            found.append(_alarm("strict", key, f"{name} {said}", runs))
    return found


def wording_alarms(
    names: Mapping[str, str], found: Mapping[str, Sameness], runs: str
) -> list[Alarm]:
    """Return reviewers whose takes share their words with other takes of the same reviewer."""
    alarms = []
    for key, sameness in found.items():
        if len(sameness.shared) >= FEWEST_REVIEWS and fmean(sameness.shared) >= _SHARED_PHRASES:
            said = f"{fmean(sameness.shared):.0%} of the phrases of {names[key]} recur in its takes"
            alarms.append(_alarm("same words", key, said, runs))
        elif (
            sameness.openings >= FEWEST_REVIEWS
            and sameness.opened / sameness.openings >= _SHARED_OPENINGS
        ):
            share = sameness.opened / sameness.openings
            said = f"{share:.0%} of the takes of {names[key]} open with the words of another one"
            alarms.append(_alarm("same words", key, said, runs))
    return alarms


def copy_alarms(reviewers: Sequence[tuple[str, str]], scores: Floats, runs: str) -> list[Alarm]:
    """Return pairs of reviewers whose scores go together as only copies do."""
    if len(scores) < FEWEST_TOOLS:
        return []
    moving = [n for n in range(len(reviewers)) if np.ptp(scores[:, n]) > 0]
    found = []
    for place, one in enumerate(moving):
        for other in moving[place + 1 :]:
            r = float(np.corrcoef(scores[:, one], scores[:, other])[0, 1])
            if r >= _COPIED:
                (first, a), (second, b) = reviewers[one], reviewers[other]
                said = f"the scores of {a} and {b} go together (r = {r:.2f} on {len(scores)} tools)"
                found.append(Alarm(kind="copies", who=(first, second), says=said, runs=runs))
    return found


def drift_alarms(panel: PanelCases, runs: str) -> list[Alarm]:
    """Return reviewers who judge differently in the newer half of the tools, beyond 3 standard errors.

    The difference to the other reviewers has to move too: where the tools change, all move.
    """
    cases = panel.newest
    newer, older = cases[: len(cases) // 2], cases[len(cases) // 2 :]
    names, found = dict(panel.reviewers), []
    drifts = compare_tallies(_tallies(newer), _tallies(older)).drifts
    moved = {one.persona for one in drifts}
    for one in drifts:
        others = [key for key in names if key != one.persona]
        if others and all(key in moved for key in others):
            continue
        unit = "" if one.of == "mean" else " of 1"
        said = (
            f"the {one.of} of {names[one.persona]} went from {one.before} to {one.today}{unit} in "
            "the newer half of the tools"
        )
        found.append(_alarm("drifts", one.persona, said, runs))
    return found


def maker_alarms(gaps: Sequence[MakerGaps], runs: str) -> list[Alarm]:
    """Return makers whose models mark rivals of their maker down, or their own tools up."""
    found = []
    for one in gaps:
        for kind, sign, said in (
            ("rivals", -1, "mark tools of rival makers down"),
            ("own", 1, "mark tools of their own maker up"),
        ):
            difference = one.difference(kind)
            if difference is None:
                continue
            value, error = difference
            if sign * value >= max(_MAKER_GAP, _MAKER_ERRORS * error):
                text = f"models by {one.maker} {said}, by {abs(value):.0%} of the votes"
                found.append(_alarm("maker", one.maker, text, runs))
    return found


def _tallies(cases: Sequence[Case]) -> dict[str, Tally]:
    sums: dict[str, list[int]] = {}
    for case in cases:
        for vote in case.votes:
            tenths = round(vote.score * 10)
            one = sums.setdefault(vote.reviewer, [0] * 5)
            for place, number in enumerate((1, 0, int(vote.ships), tenths, tenths * tenths)):
                one[place] += number
    return {
        key: Tally(scorecards=a, abstentions=b, ships=c, tenths=d, squares=e)
        for key, (a, b, c, d, e) in sums.items()
    }


def _alarm(kind: AlarmKind, who: str, says: str, runs: str) -> Alarm:
    return Alarm(kind=kind, who=(who,), says=says, runs=runs)
