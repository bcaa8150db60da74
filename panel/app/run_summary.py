"""Summaries of runs: what a list shows of a run, small enough that thousands stay in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Literal

from panel.checklist.tally import lead_line
from panel.domain.ballot import Decision
from panel.domain.flag import FlagKind
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run, State
from panel.editorial.gates import Gate, GateName
from panel.editorial.publication import Publication, PublicationState
from panel.publish.entry_price import entry_figure, entry_order

VoteState = Literal["ship", "skip", "none", "pending"]
"""What a reviewer says; `none` gave no valid review, `pending` has not answered yet."""


@dataclass(frozen=True, slots=True)
class ReviewerVote:
    """What one reviewer of a run says."""

    key: str
    short: str
    vote: VoteState


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as lists show it, with what its decisions come to.

    `votes` are in the order of the reviewers' keys, the same for every run. `uncleared_gates` are
    those that refuse its approval as it is. `seen` is the number of the last decision on its tool,
    `digest` that of the run as recorded: a decision from a list names both. `again` is what changed
    since the run of the tool that is published, empty where none is or nothing did. `signals` counts
    those of a checklist, None for a panel: it is no jury, so it has neither votes nor a verdict.
    """

    path: PurePath
    day: date
    run: str
    slug: str
    name: str
    tagline: str | None
    category: str | None
    started: datetime
    state: State
    waits_by_hand: bool
    publication: PublicationState
    panel: Decision | None
    decision: Decision | None
    is_split: bool
    votes: tuple[ReviewerVote, ...]
    score: float | None
    price: str | None
    entry_order: int
    cost: Decimal | None
    best_for: str | None
    flags: tuple[FlagKind, ...]
    uncleared_gates: tuple[Gate, ...]
    seen: int
    digest: str
    again: str = ""
    signals: str | None = None

    @property
    def ships(self) -> int:
        """How many reviewers ship it."""
        return sum(one.vote == "ship" for one in self.votes)

    @property
    def cards(self) -> int:
        """How many reviewers gave a valid review."""
        return sum(one.vote in ("ship", "skip") for one in self.votes)

    @property
    def is_divided(self) -> bool:
        """Whether reviewers differ."""
        said = {one.vote for one in self.votes}
        return "ship" in said and "skip" in said

    def gate(self, name: GateName) -> Gate | None:
        """Return a gate that refuses, None where it does not."""
        return next((one for one in self.uncleared_gates if one.name == name), None)


def summarise(
    run: Run,
    path: PurePath,
    publication: Publication,
    gates: Sequence[Gate],
    *,
    seen: int = 0,
    digest: str = "",
    again: str = "",
) -> RunSummary:
    """Return what lists show of `run`: its facts are those that the public would read."""
    signals = lead_line(run)
    tool, verdict = run.tool, run.verdict if signals is None else None
    return RunSummary(
        path=path,
        day=run.inputs.date,
        run=run.id,
        slug=run.slug,
        name=tool.name,
        tagline=tool.tagline,
        category=tool.category,
        started=run.started,
        state=run.state,
        waits_by_hand=run.waits_by_hand,
        publication=publication.state,
        panel=verdict.decision if verdict else None,
        decision=publication.decision if signals is None else None,
        is_split=bool(verdict and verdict.split),
        votes=_votes(run) if signals is None else (),
        score=verdict.score if verdict else None,
        price=entry_figure(tool),
        entry_order=entry_order(tool),
        cost=cost_of(run),
        best_for=_best_for(run) if signals is None else None,
        flags=_flags(run),
        uncleared_gates=tuple(one for one in gates if not one.passed),
        seen=seen,
        digest=digest,
        again=again,
        signals=signals,
    )


def cost_of(run: Run) -> Decimal | None:
    """Return what a run has cost in dollars: nothing where no call was made, None if unknown."""
    spending = run.spending
    if spending.cost_usd is None and not spending.calls and run.state != "open":
        return Decimal(0)
    return spending.cost_usd


def _votes(run: Run) -> tuple[ReviewerVote, ...]:
    reviews = {review.reviewer: review for review in run.reviews}
    personas = {persona.key: persona.short for persona in run.inputs.personas}
    found = []
    for key in sorted({*personas, *reviews}):
        review = reviews.get(key)
        short = personas.get(key) or (review.name if review else key)
        vote: VoteState = "pending"
        if isinstance(review, Scorecard):
            vote = review.verdict
        elif isinstance(review, Abstention):
            vote = "none"
        found.append(ReviewerVote(key, short, vote))
    return tuple(found)


def _best_for(run: Run) -> str | None:
    """Return for whom it is best, by the reviewer with the highest score whose vote is the panel's."""
    decision = run.decision
    agreeing = [card for card in run.scorecards if card.verdict == decision] or run.scorecards
    best = max(agreeing, key=lambda card: card.score, default=None)
    return None if best is None else best.ballot.best_for


def _flags(run: Run) -> tuple[FlagKind, ...]:
    of_cards = (flag for card in run.scorecards for flag in card.flags)
    return tuple(flag.kind for flag in (*run.flags, *of_cards))
