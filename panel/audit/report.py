"""The report of an audit: for each set of personas its figures, its reviewers and what stands out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import numpy as np

from panel.audit.agreement import alpha_figure, effective_votes_figure
from panel.audit.alarms import (
    Alarm,
    copy_alarms,
    drift_alarms,
    leniency_alarms,
    maker_alarms,
    wording_alarms,
)
from panel.audit.bias import (
    MakerGaps,
    ToolKind,
    length_figure,
    maker_figure,
    maker_gaps,
    take_length_figure,
)
from panel.audit.bootstrap import Floats
from panel.audit.calls import CallTally
from panel.audit.case import Case, CaseVote, PanelCases, TakeWords
from panel.audit.control_report import ControlReport
from panel.audit.figure import CONFIDENCE_ENDS, FEWEST_TOOLS, Figure, FigureSubject
from panel.audit.leniency import mean_figure, share_figure
from panel.audit.sameness import (
    Sameness,
    measure_sameness,
    openings_figure,
    phrases_figure,
    word_runs_figure,
)
from panel.audit.steadiness import (
    Repeated,
    flips_figure,
    repeated_answers,
    rerun_spread,
    reviewer_spread,
)
from panel.domain.calibration import CalibrationGroup, calibration_groups
from panel.domain.exchange import Count
from panel.domain.value import Value

LOWER_BOUND = "agreement-based, a lower bound: shared right answers count as dependence"


class RunList(Value):
    """The runs that figures were computed from, by id, the newest first."""

    key: str
    says: str
    runs: tuple[str, ...]


class ReviewerAudit(Value):
    """The figures of one reviewer, and the models that answered as it."""

    reviewer: str
    name: str
    models: tuple[str, ...]
    figures: tuple[Figure, ...]
    confidence: tuple[CalibrationGroup, ...]


class PanelAudit(Value):
    """The audit of one set of personas: figures of the panel, of each reviewer, and alarms."""

    key: str
    reviewers: tuple[ReviewerAudit, ...]
    figures: tuple[Figure, ...]
    alarms: tuple[Alarm, ...]
    runs: Count
    tools: Count
    first: date
    last: date
    lists: tuple[RunList, ...]

    @property
    def no_alarm(self) -> str:
        """What is said where there is no alarm: of few tools, that nobody could stand out."""
        if self.tools < FEWEST_TOOLS:
            return (
                f"too few texts to tell whether anybody stands out ({self.tools} of {FEWEST_TOOLS})"
            )
        return "nothing stands out"

    def figure(self, key: str, reviewer: str | None = None) -> Figure:
        """Return the panel's figure of that key, or a reviewer's. Raises KeyError."""
        of = self.figures
        if reviewer is not None:
            of = {one.reviewer: one.figures for one in self.reviewers}[reviewer]
        return {one.key: one for one in of}[key]


class Audit(Value):
    """An audit of an archive: one part for each set of personas, which are never averaged.

    `left_out` counts runs by the reason; `faults` names each run that could not be read. `controls` is
    the last report on controls, None before the first.
    """

    v: Literal[1] = 1
    made: datetime
    panels: tuple[PanelAudit, ...]
    left_out: dict[str, int]
    faults: tuple[str, ...]
    controls: ControlReport | None = None


def audit_panel(panel: PanelCases, calls: CallTally, call_runs: Sequence[str]) -> PanelAudit:
    """Return the audit of one set of personas.

    `calls` has the exchanges of its newest runs, which `call_runs` names.
    """
    newest, names = panel.newest, dict(panel.reviewers)
    repeated = repeated_answers(panel.cases)
    sameness = {key: measure_sameness(_wordings(newest, key)) for key in names}
    scores = _table(newest, list(names), lambda vote: vote.score)
    gaps = maker_gaps(newest)
    return PanelAudit(
        key=panel.key,
        reviewers=tuple(
            _reviewer(
                who,
                newest,
                [one for one in repeated if one.reviewer == who[0]],
                calls,
                sameness[who[0]],
            )
            for who in panel.reviewers
        ),
        figures=(
            *_agreement_figures(newest, names),
            *_spread_figures(newest, repeated),
            *_bias_figures(newest, gaps),
            mean_figure(
                _of("cost", "dollars a run", "runs with a known cost"),
                "usd",
                [case.cost_usd for case in newest if case.cost_usd is not None],
            ),
        ),
        alarms=(
            *leniency_alarms(panel, "tools"),
            *wording_alarms(names, sameness, "takes"),
            *copy_alarms(panel.reviewers, scores[~np.isnan(scores).any(axis=1)], "tools"),
            *drift_alarms(panel, "tools"),
            *maker_alarms(newest, "tools"),
        ),
        runs=len(panel.cases),
        tools=len(newest),
        first=panel.cases[-1].started.date(),
        last=panel.cases[0].started.date(),
        lists=_lists(newest, repeated, call_runs),
    )


def _lists(
    newest: Sequence[Case], repeated: Sequence[Repeated], call_runs: Sequence[str]
) -> tuple[RunList, ...]:
    worded = [case for case in newest if any(vote.wording for vote in case.votes)]
    again = tuple(dict.fromkeys(run for one in repeated for run in one.runs))
    said = (
        ("tools", "the newest run of each text", _ids(newest)),
        ("repeated", "runs of texts that were answered more than once", again),
        ("takes", "the newest takes, whose wording was compared", _ids(worded)),
        ("calls", "the newest runs, whose calls were read", tuple(call_runs)),
    )
    return tuple(RunList(key=key, says=says, runs=runs) for key, says, runs in said)


def _spread_figures(newest: Sequence[Case], repeated: Sequence[Repeated]) -> tuple[Figure, ...]:
    again = _of("rerun_spread", "spread of one reviewer asked again", "texts", "repeated")
    flips = _of("flips", "answers that flip when asked again", "texts", "repeated")
    return (
        reviewer_spread(_of("reviewer_spread", "spread between reviewers", "tools"), newest),
        rerun_spread(again, repeated),
        flips_figure(flips, repeated),
    )


def _bias_figures(newest: Sequence[Case], gaps: Sequence[MakerGaps]) -> tuple[Figure, ...]:
    kinds: tuple[tuple[ToolKind, str], ...] = (
        ("rivals", "tools of rival makers"),
        ("own", "tools of that maker"),
    )
    return (
        length_figure(_of("length", "length of the text against ships", "tools"), newest),
        *(
            maker_figure(
                _of(f"maker_{kind}.{one.maker}", f"models by {one.maker} on {said}", said),
                one,
                kind,
            )
            for one in gaps
            for kind, said in kinds
            if one.tools(kind)
        ),
        _of("order", "order bias", "comparisons").silent(
            "each tool has a panel of its own, so no reviewer sees two tools in an order", 0
        ),
    )


def _agreement_figures(newest: Sequence[Case], names: Mapping[str, str]) -> tuple[Figure, ...]:
    votes = _table(newest, list(names), lambda vote: float(vote.ships))
    scores = _table(newest, list(names), lambda vote: vote.score)
    whole = votes[~np.isnan(votes).any(axis=1)]
    of_all = whole if len(names) > 1 else whole[:0]  # one alone agrees with nobody
    return (
        share_figure(
            _of("unanimous", "tools on which all reviewers vote alike", "tools"),
            int((of_all == of_all[:, :1]).all(axis=1).sum()),
            len(of_all),
        ),
        alpha_figure(
            _of("alpha_votes", "Krippendorff’s alpha of the votes", "tools"),
            votes,
            "nominal",
        ),
        alpha_figure(
            _of("alpha_scores", "Krippendorff’s alpha of the scores", "tools"), scores, "interval"
        ),
        effective_votes_figure(
            _of("effective_votes", "effective votes", "tools"),
            whole,
            tuple(names.values()),
            LOWER_BOUND,
        ),
    )


def _reviewer(
    who: tuple[str, str],
    newest: Sequence[Case],
    repeated: Sequence[Repeated],
    calls: CallTally,
    sameness: Sameness,
) -> ReviewerAudit:
    key, name = who
    votes = [vote for case in newest if (vote := case.vote(key)) is not None]
    return ReviewerAudit(
        reviewer=key,
        name=name,
        models=tuple(sorted({vote.ref for vote in votes})),
        figures=_reviewer_figures(key, votes, newest, repeated, calls=calls, sameness=sameness),
        confidence=calibration_groups(
            ((v.confidence, v.agree / v.samples) for v in votes if v.samples > 1), CONFIDENCE_ENDS
        ),
    )


def _reviewer_figures(
    key: str,
    votes: Sequence[CaseVote],
    newest: Sequence[Case],
    repeated: Sequence[Repeated],
    *,
    calls: CallTally,
    sameness: Sameness,
) -> tuple[Figure, ...]:
    return (
        share_figure(_of("ship_rate", "ships", "reviews"), sum(v.ships for v in votes), len(votes)),
        mean_figure(
            _of("mean_score", "mean score of 10", "reviews"),
            "points",
            [vote.score for vote in votes],
        ),
        flips_figure(_of("flips", "flips when asked again", "texts", "repeated"), repeated),
        mean_figure(
            _of("evidence", "sentences with a passage", "reviews"),
            "share",
            [vote.backed / vote.sentences for vote in votes],
        ),
        share_figure(
            _of("first_try_faults", "first answers with a fault", "answers", "calls"),
            calls.again[key],
            calls.first[key],
        ),
        share_figure(
            _of("faults", "reviews in which a fault stayed", "reviews"),
            sum(vote.faults > 0 for vote in votes),
            len(votes),
        ),
        phrases_figure(
            _of("phrases", "phrases that recur in its takes", "takes", "takes"), sameness
        ),
        word_runs_figure(
            _of("word_runs", "runs of five words that recur in its takes", "takes", "takes"),
            sameness,
        ),
        openings_figure(_of("openings", "takes that open alike", "takes", "takes"), sameness),
        take_length_figure(
            _of("take_length", "length of its take against its ships", "reviews"), newest, key
        ),
        calls.time_figure(_of("seconds", "seconds a review", "reviews", "calls"), key),
    )


def _table(
    cases: Sequence[Case], reviewers: Sequence[str], value: Callable[[CaseVote], float]
) -> Floats:
    """Return a row a case and a column a reviewer; nan where there is no vote."""
    rows = [
        [np.nan if (vote := case.vote(key)) is None else value(vote) for key in reviewers]
        for case in cases
    ]
    return np.array(rows, dtype=float).reshape(len(rows), len(reviewers))


def _wordings(cases: Sequence[Case], reviewer: str) -> list[TakeWords]:
    votes = (case.vote(reviewer) for case in cases)
    return [vote.wording for vote in votes if vote is not None and vote.wording is not None]


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.run for case in cases)


def _of(key: str, label: str, of: str, runs: str = "tools") -> FigureSubject:
    return FigureSubject(key=key, label=label, of=of, runs=runs)
