"""Cards: what one reviewer said of one tool, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from panel.domain.ballot import Basis, Decision, Sentence
from panel.domain.conflict_of_interest import is_own_maker, maker_of
from panel.domain.persona import Persona
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run
from panel.domain.scale import TOP
from panel.publish.figures import long_date

_NOTES: dict[Basis, str | None] = {
    "quoted": None,
    "computed": "computed",
    "absent": "not in the text",
    "known": "unchecked",
    "judged": None,
}
LOST_QUOTE = "quote not found in the text"

Kind = Literal["scorecard", "abstention", "pending", "absent"]


@dataclass(frozen=True)
class Said:
    """A sentence of the take: its text, the number of its passage and a note on its basis."""

    text: str
    basis: Basis
    passage: int | None
    note: str | None


@dataclass(frozen=True)
class Asked:
    """One of the persona's own questions and its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Scored:
    """One criterion: the points out of ten, how much they count and why they were given."""

    key: str
    label: str
    points: float
    weight: int
    reason: str
    passage: int | None


@dataclass(frozen=True)
class Card:
    """One reviewer on one tool.

    `kind` tells a scorecard from an abstention, an answer that is awaited and a reviewer who was
    not on this tool's panel; only a scorecard has more than `why`.
    """

    key: str
    name: str
    kind: Kind
    why: str | None = None
    scorecard: Scorecard | None = None
    take: tuple[Said, ...] = ()
    answers: tuple[Asked, ...] = ()
    scores: tuple[Scored, ...] = ()
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
    pending = {wait.reviewer: wait.reason for wait in run.pending}
    cards = {}
    for key in dict.fromkeys((*personas, *reviews)):
        persona, review = personas.get(key), reviews.get(key)
        if isinstance(review, Scorecard):
            cards[key] = _scorecard(run, review, persona, passages)
        elif isinstance(review, Abstention):
            cards[key] = Card(key, review.name, "abstention", why=review.reason)
        else:
            name = persona.name if persona else key
            cards[key] = Card(key, name, "pending", why=pending.get(key) or run.reason)
    return cards


def _scorecard(
    run: Run, review: Scorecard, persona: Persona | None, passages: Mapping[str, int]
) -> Card:
    ballot = review.ballot
    questions = persona.questions if persona else {}
    weights = persona.weights if persona else {}
    day = ballot.prediction.day
    return Card(
        key=review.reviewer,
        name=review.name,
        kind="scorecard",
        scorecard=review,
        take=tuple(_said(sentence, passages) for sentence in ballot.take),
        answers=tuple(
            Asked(questions.get(answer.question, answer.question), answer.answer)
            for answer in ballot.answers
        ),
        scores=tuple(
            Scored(
                key=criterion.key,
                label=criterion.label,
                points=float(ballot.scores[criterion.key].score * TOP // 5),
                weight=weights.get(criterion.key, 1),
                reason=ballot.scores[criterion.key].reason,
                passage=_number(ballot.scores[criterion.key].evidence, passages),
            )
            for criterion in run.inputs.rubric.criteria
            if criterion.key in ballot.scores
        ),
        predicted_by=long_date(day) if day else ballot.prediction.by,
        own_maker=_own_maker(run, review),
        faults=tuple(flag.message for flag in review.flags),
    )


def _said(sentence: Sentence, passages: Mapping[str, int]) -> Said:
    number = _number(sentence.evidence, passages)
    lost = sentence.basis == "quoted" and number is None
    return Said(
        text=sentence.text,
        basis=sentence.basis,
        passage=number,
        note=LOST_QUOTE if lost else _NOTES[sentence.basis],
    )


def _number(evidence: str | None, passages: Mapping[str, int]) -> int | None:
    return None if evidence is None else passages.get(evidence)


def _own_maker(run: Run, review: Scorecard) -> str | None:
    """Return the maker that is both the model's and the tool's, by the seat or by who answered."""
    for assignment in run.assignments or run.inputs.assignments:
        if assignment.persona == review.reviewer and assignment.own_maker:
            return assignment.own_maker
    maker = maker_of(review.provider, review.model)
    return maker if is_own_maker(maker, run.tool.vendor) else None
