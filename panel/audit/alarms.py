"""Alarms: reviewers whose figures a person should look at, each by name with the reason.

The thresholds are wide, because a panel of four is compared in a dozen ways: each difference has to be
large and beyond chance, so that a sound archive raises none.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, variance
from typing import Final, Literal

import numpy as np

from panel.audit.bias import ToolKind, maker_gaps
from panel.audit.bootstrap import Floats
from panel.audit.case import Case, CaseVote, PanelCases
from panel.audit.figure import FEWEST_REVIEWS, FEWEST_TOOLS
from panel.audit.leniency import compare_with_others
from panel.audit.sameness import Sameness
from panel.domain.ballot import Decision
from panel.domain.drift import Drift, find_drift
from panel.domain.job import ReviewerResult
from panel.domain.value import Value

AlarmKind = Literal["lenient", "strict", "constant", "same words", "copies", "drifts", "maker"]
_FAR: Final = 0.25
_SHARED_PHRASES, _SHARED_OPENINGS = 0.3, 0.3
_COPIED: Final = 0.95
_VOTE_ERRORS, _LEAST_ERROR = 3, 1e-6
_MAKER_ERRORS, _MAKER_GAP = 3, 0.2
_DRIFT_ERRORS, _FEWEST_FOR_AN_ERROR = 3, 2
_BY_CHANCE: Final = 0.001
_MEASURES: Final[dict[str, Callable[[CaseVote], float]]] = {
    "mean": lambda vote: vote.score,
    "ship rate": lambda vote: float(vote.ships),
}
_MAKER_WORDS: Final[dict[ToolKind, str]] = {
    "rivals": "mark tools of rival makers down",
    "own": "mark tools of their own maker up",
}


class Alarm(Value):
    """What stands out, of which reviewers (or of whose models), and in which runs."""

    kind: AlarmKind
    who: tuple[str, ...]
    says: str
    runs: str


def leniency_alarms(panel: PanelCases, runs: str) -> list[Alarm]:
    """Return reviewers who ship far more or far less than the others on the same tools.

    One who votes the same every time is named where somebody who ships as often as the middle one of
    the others would do so once in a thousand archives.

    Who stands out most is named first, and the others are measured without: of three reviewers one
    who ships everything would make the other two look strict.
    """
    names, found = dict(panel.reviewers), []
    rates = {key: rate for key in names if (rate := _ship_rate(panel.newest, key)) is not None}
    for key, (share, tools) in rates.items():
        beside = compare_with_others(panel.newest, key)
        if beside is None or share not in (0.0, 1.0) or tools < FEWEST_TOOLS:
            continue
        alike = beside.others if share else 1 - beside.others
        if 0 < alike < 1 and alike**tools < _BY_CHANCE:
            word = "ships" if share else "skips"
            found.append(
                _alarm("constant", key, f"{names[key]} {word} every tool of {tools}", runs)
            )
    named: set[str] = set()
    while one := _most_lenient(panel.newest, rates, named):
        key, others = one
        share, tools = rates[key]
        said = f"ships {share:.0%} of {tools} tools, the middle one of the others {others:.0%}"
        kind: AlarmKind = "lenient" if share > others else "strict"
        found.append(_alarm(kind, key, f"{names[key]} {said}", runs))
        named.add(key)
    return found


def _ship_rate(cases: Sequence[Case], reviewer: str) -> tuple[float, int] | None:
    """Return the ship rate of a reviewer and on how many tools; None where they are too few."""
    votes = [vote.ships for case in cases if (vote := case.vote(reviewer)) is not None]
    return (fmean(votes), len(votes)) if len(votes) >= FEWEST_REVIEWS else None


def _most_lenient(
    cases: Sequence[Case], rates: Mapping[str, tuple[float, int]], named: Collection[str]
) -> tuple[str, float] | None:
    """Return who is farthest from the others, and their rate, of those not `named` who are far."""
    strongest, most = None, 0.0
    for key in (one for one in rates if one not in named):
        beside = compare_with_others(cases, key, without=named)
        if beside is None:
            continue
        gap, error = abs(rates[key][0] - beside.others), max(beside.error, _LEAST_ERROR)
        if gap >= max(_FAR, _VOTE_ERRORS * error) and gap / error > most:
            strongest, most = (key, beside.others), gap / error
    return strongest


def wording_alarms(
    names: Mapping[str, str], found: Mapping[str, Sameness], runs: str
) -> list[Alarm]:
    """Return reviewers whose takes share their words with other takes of the same reviewer."""
    alarms = []
    for key, sameness in found.items():
        opened = [float(n < sameness.opened) for n in range(sameness.openings)]
        for shares, most, says in (
            (sameness.shared, _SHARED_PHRASES, "of the phrases of {} recur in its takes"),
            (
                sameness.shared_word_runs,
                _SHARED_PHRASES,
                "of the runs of five words of {} recur in its takes",
            ),
            (opened, _SHARED_OPENINGS, "of the takes of {} open with the words of another one"),
        ):
            if len(shares) >= FEWEST_REVIEWS and fmean(shares) >= most:
                said = f"{fmean(shares):.0%} {says.format(names[key])}"
                alarms.append(_alarm("same words", key, said, runs))
                break
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

    The difference to the other reviewers on the same tools has to move too: where the tools change, all
    move. Who moved most beside the others is named first, and the rest is measured without.
    """
    cases = panel.newest
    newer, older = cases[: len(cases) // 2], cases[len(cases) // 2 :]
    drifts = list(find_drift(_results(newer), _results(older)).drifts)
    names, found = dict(panel.reviewers), list[Alarm]()
    named: set[str] = set()
    while one := _most_moved(drifts, (older, newer), list(names), named):
        drifts.remove(one)
        named.add(one.persona)
        unit = "" if one.of == "mean" else " of 1"
        said = (
            f"the {one.of} of {names[one.persona]} went from {one.before} to {one.today}{unit} in "
            "the newer half of the tools"
        )
        found.append(_alarm("drifts", one.persona, said, runs))
    return found


def _most_moved(
    drifts: Sequence[Drift],
    halves: Sequence[Sequence[Case]],
    reviewers: Sequence[str],
    named: Collection[str],
) -> Drift | None:
    """Return the drift that is the most standard errors beside the others; None where none is 3.

    The others are the `reviewers` of the panel that are not `named`.
    """
    strongest, most = None, float(_DRIFT_ERRORS)
    for one in drifts:
        measure, others = _MEASURES[one.of], [key for key in reviewers if key != one.persona]
        beside = [key for key in others if key not in named] if others else None
        then, now = (_gaps(half, one.persona, measure, beside) for half in halves)
        if min(len(then), len(now)) < _FEWEST_FOR_AN_ERROR:
            continue
        error = sqrt(variance(then) / len(then) + variance(now) / len(now))
        strength = abs(fmean(now) - fmean(then)) / max(error, _LEAST_ERROR)
        if strength > most:
            strongest, most = one, strength
    return strongest


def _gaps(
    cases: Sequence[Case],
    reviewer: str,
    measure: Callable[[CaseVote], float],
    beside: Collection[str] | None,
) -> list[float]:
    """Return what a reviewer gave less the mean of those `beside` it, tool by tool.

    A tool on which all of these abstained is left out. In a panel of one `beside` is None, and nothing
    is taken off.
    """
    found = []
    for case in cases:
        own = case.vote(reviewer)
        if own is None:
            continue
        if beside is None:
            found.append(measure(own))
        elif others := [measure(vote) for vote in case.votes if vote.reviewer in beside]:
            found.append(measure(own) - fmean(others))
    return found


def maker_alarms(cases: Sequence[Case], runs: str) -> list[Alarm]:
    """Return makers whose models mark rivals of their maker down, or their own tools up.

    The one that stands out most is named first, and the others are measured without it: beside a model
    that marks a rival down the rival's own model looks as if it marked itself up.
    """
    found: list[Alarm] = []
    named: set[str] = set()
    while one := _most_biased(cases, named):
        maker, kind, value = one
        said = _MAKER_WORDS[kind]
        text = f"models by {maker} {said}, by {abs(value):.0%} of the votes"
        found.append(_alarm("maker", maker, text, runs))
        named.add(maker)
    return found


def _most_biased(
    cases: Sequence[Case], named: Collection[str]
) -> tuple[str, ToolKind, float] | None:
    """Return the maker that stands out most beside those not `named`, on which tools, by how much."""
    strongest, most = None, 0.0
    signs: dict[ToolKind, int] = {"rivals": -1, "own": 1}
    for one in maker_gaps(cases, without=named):
        for kind, sign in signs.items():
            difference = one.difference(kind)
            if difference is None:
                continue
            value, error = difference
            is_far = sign * value >= max(_MAKER_GAP, _MAKER_ERRORS * error)
            strength = sign * value / max(error, _LEAST_ERROR)
            if is_far and strength > most:
                strongest, most = (one.maker, kind, value), strength
    return strongest


def _results(cases: Sequence[Case]) -> Iterator[ReviewerResult]:
    for vote in (vote for case in cases for vote in case.votes):
        verdict: Decision = "ship" if vote.ships else "skip"
        yield ReviewerResult(
            persona=vote.reviewer, model=vote.ref, verdict=verdict, score=vote.score
        )


def _alarm(kind: AlarmKind, who: str, says: str, runs: str) -> Alarm:
    return Alarm(kind=kind, who=(who,), says=says, runs=runs)
