"""Cards: what one reviewer said of one tool, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from panel.domain.ballot import Basis, Decision, Finding, Sentence
from panel.domain.conflict_of_interest import is_own_maker, maker_of
from panel.domain.criterion import LOWEST
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run
from panel.publish.figures import long_date

UNCHECKED = "unchecked"
_NOTES: dict[Basis, str | None] = {
    "quoted": "quoted",
    "computed": "sum",
    "absent": "not said",
    "known": UNCHECKED,
    "judged": None,
    "harm": "wrongs people",
}
_WAITS: dict[str, str] = {
    "answer": "it is given by hand",
    "key": "the key was refused",
    "quota": "the quota is used up",
    "address": "no model answers at the address",
    "cap": "the cost cap is reached",
    "price": "the model has no known price",
}
LOST_QUOTE = "quote not found in the text"

Kind = Literal["scorecard", "abstention", "pending", "absent"]


@dataclass(frozen=True)
class TakeSentence:
    """A sentence of the take: its text, the number of its passage and a note on its basis."""

    text: str
    basis: Basis
    passage: int | None
    note: str | None


@dataclass(frozen=True)
class CriterionScore:
    """One criterion: its question, the step (1 to 5) with what it stands for, and the finding.

    `question` and `anchor` are empty where the persona is not in the run's inputs.
    """

    key: str
    label: str
    question: str
    step: int
    anchor: str
    finding: str
    passage: int | None


@dataclass(frozen=True)
class Card:
    """One reviewer on one tool.

    `kind` tells a scorecard from an abstention, an answer that is awaited and a reviewer who was
    not on this tool's panel; only a scorecard has more than `why`.
    """

    key: str
    name: str
    short: str
    kind: Kind
    why: str | None = None
    scorecard: Scorecard | None = None
    take: tuple[TakeSentence, ...] = ()
    scores: tuple[CriterionScore, ...] = ()
    predicted_by: str | None = None
    own_maker: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def verdict(self) -> Decision | None:
        """Ship or skip; None where there is no scorecard."""
        return self.scorecard.verdict if self.scorecard else None


def build_cards(run: Run, passages: Mapping[str, int]) -> dict[str, Card]:
    """Return the cards of a run by reviewer, in the personas' order; `passages` has the numbers.

    A run that was set aside has none: nobody was asked.
    """
    if run.state == "set_aside":
        return {}
    personas = {persona.key: persona for persona in run.inputs.personas}
    reviews = {review.reviewer: review for review in run.reviews}
    pending = {wait.reviewer: _WAITS[wait.cause] for wait in run.pending}
    cards = {}
    for key in dict.fromkeys((*personas, *reviews)):
        persona, review = personas.get(key), reviews.get(key)
        short = persona.short if persona else (review.name if review else key)
        if isinstance(review, Scorecard):
            cards[key] = _scorecard(run, review, short, passages)
        elif isinstance(review, Abstention):
            cards[key] = Card(key, review.name, short, "abstention", why=review.reason)
        else:
            name = persona.name if persona else key
            cards[key] = Card(key, name, short, "pending", why=pending.get(key))
    return cards


def _scorecard(run: Run, review: Scorecard, short: str, passages: Mapping[str, int]) -> Card:
    ballot = review.ballot
    day = ballot.prediction.day
    return Card(
        key=review.reviewer,
        name=review.name,
        short=short,
        kind="scorecard",
        scorecard=review,
        take=tuple(
            _said(sentence, passages, unchecked=number in review.unchecked)
            for number, sentence in enumerate(ballot.take, start=1)
        ),
        scores=tuple(
            _scored(run, review.reviewer, finding, passages) for finding in ballot.findings
        ),
        predicted_by=long_date(day) if day else ballot.prediction.by,
        own_maker=_own_maker(run, review),
        faults=tuple(flag.message for flag in review.flags),
    )


def _scored(
    run: Run, reviewer: str, finding: Finding, passages: Mapping[str, int]
) -> CriterionScore:
    criterion = run.inputs.criterion(reviewer, finding.criterion)
    return CriterionScore(
        key=finding.criterion,
        label=criterion.label if criterion else finding.criterion,
        question=criterion.question if criterion else "",
        step=finding.score,
        anchor=criterion.anchors[finding.score - LOWEST] if criterion else "",
        finding=finding.finding,
        passage=_number(finding.evidence, passages),
    )


def _said(sentence: Sentence, passages: Mapping[str, int], *, unchecked: bool) -> TakeSentence:
    number = _number(sentence.evidence, passages)
    note = _NOTES[sentence.basis]
    if sentence.basis == "quoted" and number is None:
        note = LOST_QUOTE
    elif unchecked:
        note = f"{note}, {UNCHECKED}"
    return TakeSentence(text=sentence.text, basis=sentence.basis, passage=number, note=note)


def _number(evidence: str | None, passages: Mapping[str, int]) -> int | None:
    return None if evidence is None else passages.get(evidence)


def _own_maker(run: Run, review: Scorecard) -> str | None:
    """Return the maker that is both the model's and the tool's, as assigned or as answered."""
    for assignment in run.assignments or run.inputs.assignments:
        if assignment.persona == review.reviewer and assignment.own_maker:
            return assignment.own_maker
    maker = maker_of(review.provider, review.model)
    return maker if is_own_maker(maker, run.tool.vendor) else None
