"""Records: how a reviewer has voted over all published tools, with intervals where there are enough."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from operator import itemgetter

from panel.domain.ballot import Decision
from panel.domain.calibration import brier_score
from panel.domain.intervals import wilson_interval
from panel.domain.persona import Persona
from panel.domain.prediction import ClaimOutcome, PredictionRecord, claim_id, record_predictions
from panel.domain.review import Scorecard
from panel.domain.scale import percent
from panel.publish.catalogue import Catalogue
from panel.publish.published import PublishedTool

FEWEST = 20
"""Reviews under which a record has counts and no rate."""
_SHOWN = 5
_RECENT = 4
_FEWEST_AGAINST = 3  # others against whom a reviewer stands alone

Votes = Mapping[str, Decision]
"""The votes on one tool by reviewer."""


@dataclass(frozen=True)
class VoteRate:
    """How many of how many; `share` and the bounds are in per cent, None with fewer than 20 cases."""

    hits: int
    cases: int
    share: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class CriterionRecord:
    """A criterion and how often each of its five steps was given, the lowest first."""

    label: str
    question: str
    anchors: tuple[str, ...]
    given: tuple[int, ...]


@dataclass(frozen=True)
class Pairing:
    """How often a reviewer votes as another one does."""

    name: str
    rate: VoteRate


@dataclass(frozen=True)
class ShownReview:
    """A review that is shown on its reviewer's page."""

    tool: PublishedTool
    card: Scorecard


@dataclass(frozen=True)
class DatedPrediction:
    """A prediction with its day, and how likely its reviewer holds it, in per cent."""

    tool: PublishedTool
    claim: str
    day: date
    probability: int


@dataclass(frozen=True)
class ResolvedPrediction:
    """A prediction and what an editor found: `penalty` is its squared error, None where it is void."""

    said: DatedPrediction
    outcome: ClaimOutcome
    note: str
    source: str
    penalty: float | None


@dataclass(frozen=True)
class ReviewerRecord:
    """What a reviewer's page shows of its votes.

    `sides` counts votes with the majority of the others, where they had one; `alone` those against all
    of at least three others. `best` are its ships with the highest scores, `worst` its skips with the
    lowest. `foretold` counts all of its predictions, also on tools that are not published;
    `predictions` has those on published tools that are open, the soonest first, `resolved` the others,
    the last first.
    """

    persona: Persona
    ships: VoteRate
    sides: VoteRate
    alone_ships: int
    alone_skips: int
    criteria: tuple[CriterionRecord, ...]
    pairings: tuple[Pairing, ...]
    best: tuple[ShownReview, ...]
    worst: tuple[ShownReview, ...]
    recent: tuple[ShownReview, ...]
    predictions: tuple[DatedPrediction, ...]
    resolved: tuple[ResolvedPrediction, ...]
    foretold: PredictionRecord

    @property
    def most_given(self) -> int:
        """How often the step was given that was given most, 1 at least: the scale of all its bars."""
        return max((n for criterion in self.criteria for n in criterion.given), default=0) or 1


def rate_of(hits: int, cases: int) -> VoteRate:
    """Return a rate with its interval, the counts alone where there are too few cases."""
    if cases < FEWEST:
        return VoteRate(hits, cases, None, None, None)
    bounds = (percent(round(value, 6)) for value in wilson_interval(hits, cases))
    return VoteRate(hits, cases, percent(round(hits / cases, 6)), *bounds)


def records_of(catalogue: Catalogue) -> tuple[ReviewerRecord, ...]:
    """Return the records of the reviewers of today's panel; withdrawn tools count nowhere."""
    panels = []
    for tool in catalogue.tools:
        cards = {card.reviewer: card for card in tool.run.scorecards}
        votes = {reviewer: card.verdict for reviewer, card in cards.items()}
        panels.append((tool, cards, votes))
    return tuple(
        _record_of(
            catalogue,
            persona,
            [
                ShownReview(tool, cards[persona.key])
                for tool, cards, _ in panels
                if persona.key in cards
            ],
            [votes for _, _, votes in panels if persona.key in votes],
        )
        for persona in catalogue.personas
    )


def _record_of(
    catalogue: Catalogue, persona: Persona, shown: Sequence[ShownReview], panels: Sequence[Votes]
) -> ReviewerRecord:
    """Return the record of a persona by its reviews and the votes of the panel of each."""
    me = persona.key
    against = [_against(me, votes) for votes in panels]
    alone = [
        votes[me]
        for votes in panels
        if len(votes) > _FEWEST_AGAINST and list(votes.values()).count(votes[me]) == 1
    ]
    ranked = sorted(shown, key=lambda one: (one.card.score, one.tool.slug))
    ships = [one for one in ranked if one.card.verdict == "ship"]
    skips = [one for one in ranked if one.card.verdict == "skip"]
    return ReviewerRecord(
        persona=persona,
        ships=rate_of(len(ships), len(shown)),
        sides=rate_of(against.count(False), against.count(False) + against.count(True)),
        alone_ships=alone.count("ship"),
        alone_skips=alone.count("skip"),
        criteria=tuple(_criteria(persona, shown)),
        pairings=tuple(_pairings(catalogue, persona, panels)),
        best=tuple(reversed(ships[-_SHOWN:])),
        worst=tuple(skips[:_SHOWN]),
        recent=tuple(shown[:_RECENT]),
        predictions=_open(shown, {one.claim.id for one in catalogue.predictions}),
        resolved=tuple(list(_resolved(catalogue, persona))[:_SHOWN]),
        foretold=record_predictions(persona.key, catalogue.predictions),
    )


def _against(reviewer: str, votes: Votes) -> bool | None:
    """Tell whether a vote is against the majority of the others; None where they have none."""
    mine, others = votes[reviewer], len(votes) - 1
    ships = list(votes.values()).count("ship") - (mine == "ship")
    if 2 * ships == others:
        return None
    return mine != ("ship" if 2 * ships > others else "skip")


def _criteria(persona: Persona, shown: Sequence[ShownReview]) -> list[CriterionRecord]:
    given: dict[str, Counter[int]] = {key: Counter() for key in persona.criterion_keys}
    for one in shown:
        for finding in one.card.ballot.findings:
            if finding.criterion in given:
                given[finding.criterion][finding.score] += 1
    return [
        CriterionRecord(
            criterion.label,
            criterion.question,
            criterion.anchors,
            tuple(given[criterion.key][step] for step in range(1, len(criterion.anchors) + 1)),
        )
        for criterion in persona.criteria
    ]


def _pairings(catalogue: Catalogue, persona: Persona, panels: Sequence[Votes]) -> list[Pairing]:
    found = []
    for other in catalogue.personas:
        if other.key == persona.key:
            continue
        same = [votes[other.key] == votes[persona.key] for votes in panels if other.key in votes]
        found.append(Pairing(other.name, rate_of(sum(same), len(same))))
    return found


def _open(shown: Sequence[ShownReview], resolved: Collection[str]) -> tuple[DatedPrediction, ...]:
    """Return the predictions with a day that nobody has resolved, the soonest first."""
    dated = [
        (day, one.tool.slug, one)
        for one in shown
        if (day := one.card.ballot.prediction.day) is not None
        and claim_id(one.tool.run.id, one.card.reviewer) not in resolved
    ]
    found = []
    for day, _, one in nsmallest(_SHOWN, dated, key=itemgetter(0, 1)):
        said = one.card.ballot.prediction
        found.append(DatedPrediction(one.tool, said.claim, day, percent(said.probability)))
    return tuple(found)


def _resolved(catalogue: Catalogue, persona: Persona) -> Iterable[ResolvedPrediction]:
    """Yield what came of the predictions on tools whose verdict stands, that resolved last first."""
    for claim, resolution in catalogue.resolved:
        tool = catalogue.by_slug.get(claim.tool)
        if claim.reviewer != persona.key or tool is None or tool.is_withdrawn:
            continue
        happened, void = resolution.outcome == "yes", resolution.outcome == "void"
        yield ResolvedPrediction(
            DatedPrediction(tool, claim.claim, claim.by, percent(claim.probability)),
            resolution.outcome,
            resolution.note,
            resolution.source,
            None if void else brier_score([(claim.probability, happened)]),
        )
