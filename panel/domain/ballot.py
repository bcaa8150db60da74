"""The ballot: the JSON that a model is asked to fill in, reasons before verdict."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from panel.domain.json_answer import UnreadableError, first_fault, named_key, read_object
from panel.domain.json_schema import Schema, strict_object
from panel.domain.rubric import HIGHEST, LOWEST, Rubric
from panel.domain.value import Value

Basis = Literal["quoted", "computed", "absent", "known", "judged"]
Decision = Literal["ship", "skip"]
BASES: tuple[Basis, ...] = ("quoted", "computed", "absent", "known", "judged")
SCHEMA_NAME = "ballot"

Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Answer(Value):
    """A persona's own question, by its key, and the answer."""

    question: Prose
    answer: Prose


class Score(Value):
    """A criterion's score from 1 to 5 with the reason before it and the passage it rests on."""

    reason: Prose
    evidence: Prose | None
    score: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]


class Sentence(Value):
    """A sentence of the published take, and what it stands on."""

    text: Prose
    basis: Basis
    evidence: Prose | None


class Prediction(Value):
    """A claim that a stranger can look up on the day `by`."""

    claim: Prose
    by: Prose
    probability: Share

    @property
    def day(self) -> date | None:
        """`by` as a day, or None where it is not one."""
        if not _DATE.fullmatch(self.by):
            return None
        try:
            return date.fromisoformat(self.by)
        except ValueError:
            return None


class Ballot(Value):
    """A filled-in ballot, in the order that the schema asks for."""

    answers: Annotated[tuple[Answer, ...], Field(max_length=12)]
    scores: dict[str, Score]
    take: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=12)]
    best_for: Prose
    avoid_if: Prose
    flips_if: Prose
    prediction: Prediction
    verdict: Decision
    confidence: Share

    @property
    def words(self) -> int:
        """The number of words in the take."""
        return sum(len(sentence.text.split()) for sentence in self.take)


def read_ballot(text: str, rubric: Rubric) -> Ballot:
    """Return the ballot that `text` is, with each criterion of `rubric` scored once.

    Raises UnreadableError with a reason that its writer can mend.
    """
    document = read_object(text)
    try:
        ballot = Ballot.model_validate(_with_tuples(document))
    except ValidationError as error:
        raise UnreadableError(first_fault(error)) from error
    missing = [key for key in rubric.keys if key not in ballot.scores]
    unknown = [key for key in ballot.scores if key not in rubric.keys]
    if missing or unknown:
        wrong = (
            f"no score for {', '.join(missing)}"
            if missing
            else f"no criterion {named_key(unknown[0])}"
        )
        raise UnreadableError(f"the scores do not fit the rubric: {wrong}")
    return ballot


def ballot_schema(rubric: Rubric) -> Schema:
    """Return the wire schema of a ballot under `rubric`: one for all personas.

    It stays inside what strict mode takes: every property required, no additional ones, unions by
    anyOf, no default, no pattern, no length. Reasons come before scores and scores before verdict,
    because models write in the order of the schema.
    """
    text = {"type": "string"}
    maybe = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    score = strict_object(
        reason=text,
        evidence=maybe,
        score={"type": "integer", "minimum": LOWEST, "maximum": HIGHEST},
    )
    share = {"type": "number", "minimum": 0, "maximum": 1}
    root = strict_object(
        answers={"type": "array", "items": strict_object(question=text, answer=text)},
        scores=strict_object(**{key: {"$ref": "#/$defs/score"} for key in rubric.keys}),
        take={
            "type": "array",
            "items": strict_object(
                text=text, basis={"type": "string", "enum": list(BASES)}, evidence=maybe
            ),
        },
        best_for=text,
        avoid_if=text,
        flips_if=text,
        prediction=strict_object(claim=text, by=text, probability=share),
        verdict={"type": "string", "enum": ["ship", "skip"]},
        confidence=share,
    )
    return {**root, "$defs": {"score": score}}


def _with_tuples(document: dict[str, Any]) -> dict[str, Any]:
    """Return `document` with its arrays as tuples, which is what strict values take."""
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
    }
