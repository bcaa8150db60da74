"""The report on controls: hits and misses, lens fidelity, effective votes on errors, what moved."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import numpy as np

from panel.audit.agreement import effective_votes_figure
from panel.audit.bootstrap import Floats
from panel.audit.figure import CONFIDENCE_ENDS, Figure, FigureSubject, say_figure
from panel.audit.leniency import share_figure
from panel.domain.calibration import CalibrationGroup, calibration_groups
from panel.domain.control import ControlResult, ControlVote, moved_pairs
from panel.domain.value import Value
from panel.domain.wording import counted, listed, plural

FEWEST_CONTROLS: Final = 5


class LensFidelity(Value):
    """How often a persona votes as its published lens implies."""

    reviewer: str
    name: str
    figure: Figure
    on_divisive: Figure


class MovedPair(Value):
    """A control beside the one that it is of, and who votes otherwise on the two."""

    key: str
    kind: str
    of: str
    who: tuple[str, ...]
    reported: bool


class ControlReport(Value):
    """What a panel made of controls.

    `errors` are the effective votes on errors: a vote against the lens is 1, any other 0. `flips` is
    the share of votes that are not those of the last time.
    """

    v: Literal[1] = 1
    made: datetime
    engine: str
    results: tuple[ControlResult, ...]
    lenses: tuple[LensFidelity, ...]
    errors: Figure
    flips: Figure
    pairs: tuple[MovedPair, ...]
    confidence: tuple[CalibrationGroup, ...]

    @property
    def moved(self) -> list[tuple[ControlResult, ControlVote]]:
        """The votes that are not those of the last time, with their controls."""
        return [(one, vote) for one in self.results for vote in one.votes if vote.has_moved]

    @property
    def refused(self) -> list[tuple[ControlResult, ControlVote]]:
        """The votes that the gate refuses: wrong and right last time, or wrong on a clear control."""
        return [
            (one, vote)
            for one in self.results
            for vote in one.votes
            if vote.is_worse or (vote.is_miss and one.kind == "clear")
        ]


def report_controls(made: datetime, engine: str, results: Sequence[ControlResult]) -> ControlReport:
    """Return the report on `results`. A figure with too few controls is not said."""
    finished = [one for one in results if one.is_finished]
    votes = [vote for one in finished for vote in one.votes]
    known = [vote for vote in votes if vote.vote and vote.expected]
    names = {vote.reviewer: vote.name for one in results for vote in one.votes}
    compared = [vote for vote in votes if vote.vote and vote.before]
    return ControlReport(
        made=made,
        engine=engine,
        results=tuple(results),
        lenses=tuple(_lens(key, name, finished) for key, name in names.items()),
        errors=effective_votes_figure(
            _of("effective_votes", "effective votes on errors", "controls"),
            _errors(finished, list(names)),
            tuple(names.values()),
            "a vote against the lens is an error",
        ),
        flips=share_figure(
            _of("flips", "votes that flipped since the last time", "votes"),
            sum(vote.has_moved for vote in compared),
            len(compared),
            FEWEST_CONTROLS,
        ),
        pairs=tuple(
            MovedPair(key=one.key, kind=one.kind, of=str(one.of), who=who, reported=one.reported)
            for one, who in moved_pairs(finished)
        ),
        confidence=calibration_groups(
            (
                (vote.confidence, float(not vote.is_miss))
                for vote in known
                if vote.confidence is not None
            ),
            CONFIDENCE_ENDS,
        ),
    )


def report_lines(report: ControlReport) -> Iterator[str]:
    """Yield the report line by line; indented lines belong to the one before."""
    finished = [one for one in report.results if one.is_finished]
    yield f"{len(finished)} of {counted(len(report.results), 'control')}, answered by {report.engine}"
    for one in report.results:
        yield f"  {one.key} ({one.kind.replace('_', ' ')}): {_said(one)}"
    yield from figure_lines(report)
    for group in report.confidence:
        yield (
            f"  said {group.said:.0%} sure: {group.happened:.0%} as the lens implies (likely "
            f"{group.low:.0%} to {group.high:.0%}), {counted(group.cases, 'vote')}"
        )
    yield from pair_lines(report)
    yield from moved_lines(report)


def figure_lines(report: ControlReport) -> Iterator[str]:
    """Yield the figures of the report: each persona's lens fidelity, votes on errors, flips."""
    for lens in report.lenses:
        yield f"  {lens.name}: as its lens implies {say_figure(lens.figure)}"
        yield f"    on divisive ones {say_figure(lens.on_divisive)}"
    yield f"  {report.errors.label}: {say_figure(report.errors)}"
    yield f"  {report.flips.label}: {say_figure(report.flips)}"


def pair_lines(report: ControlReport) -> Iterator[str]:
    """Yield of each control that stands beside another one who votes otherwise on the two."""
    for pair in report.pairs:
        vote = plural(len(pair.who), "votes", "vote")
        moved = f"{listed(pair.who)} {vote} otherwise" if pair.who else "all vote alike"
        told = "; the attempt was reported" if pair.reported else ""
        if pair.kind == "twin" and not pair.reported:
            told = "; nobody reported the attempt"
        yield f"  {pair.key}, a {pair.kind.replace('_', ' ')} of {pair.of}: {moved}{told}"


def moved_lines(report: ControlReport) -> Iterator[str]:
    """Yield what moved since the last time, the takes of then and of now one under the other."""
    for one, vote in report.moved:
        right = "" if vote.expected is None else f", its lens says {vote.expected}"
        yield f"  moved: {vote.name} on {one.key}: {vote.before} -> {vote.vote}{right}"
        yield f"    then  {vote.take_before}"
        yield f"    now   {vote.take}"


def _lens(key: str, name: str, finished: Sequence[ControlResult]) -> LensFidelity:
    pairs = [
        (one.kind, not vote.is_miss)
        for one in finished
        for vote in one.votes
        if vote.reviewer == key and vote.vote and vote.expected
    ]
    divisive = [hit for kind, hit in pairs if kind == "divisive"]
    return LensFidelity(
        reviewer=key,
        name=name,
        figure=share_figure(
            _of("lens", "votes as its lens implies", "controls"),
            sum(hit for _, hit in pairs),
            len(pairs),
            FEWEST_CONTROLS,
        ),
        on_divisive=share_figure(
            _of("lens_divisive", "votes as its lens implies", "divisive controls"),
            sum(divisive),
            len(divisive),
            FEWEST_CONTROLS,
        ),
    )


def _errors(finished: Sequence[ControlResult], reviewers: Sequence[str]) -> Floats:
    """Return a row a control on which each reviewer has a vote to be measured by: 1 is an error."""
    rows = []
    for one in finished:
        votes = {vote.reviewer: vote for vote in one.votes if vote.vote and vote.expected}
        if len(votes) == len(reviewers):
            rows.append([float(votes[key].is_miss) for key in reviewers])
    return np.array(rows, dtype=float).reshape(len(rows), len(reviewers))


def _said(one: ControlResult) -> str:
    """Return the votes in words, a miss with a mark."""
    if not one.is_finished:
        return "not finished"
    return ", ".join(
        f"{'! ' if vote.is_miss else ''}{vote.name} {vote.vote or 'no review'}"
        + (f" (its lens: {vote.expected})" if vote.is_miss else "")
        for vote in one.votes
    )


def _of(key: str, label: str, of: str) -> FigureSubject:
    return FigureSubject(key=key, label=label, of=of, runs="controls")
