"""The ballot: the JSON that a model is asked to fill in, findings before scores before verdict."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from panel.domain.criterion import HIGHEST, LOWEST
from panel.domain.json_answer import UnreadableAnswerError, fault_line, read_object
from panel.domain.json_schema import Schema, strict_object
from panel.domain.value import Value

Basis = Literal["quoted", "computed", "absent", "known", "judged", "harm"]
"""What a sentence of a take stands on; `harm` says how the tool's purpose or terms wrong people."""

Decision = Literal["ship", "skip"]
BASES: tuple[Basis, ...] = get_args(Basis)
SCHEMA_NAME = "ballot"
MOST_PASSAGES, MOST_OF_A_PASSAGE = 20, 2_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\s{0,3}(\d)(?:\.0{1,6})?\s{0,3}", re.ASCII)
_DECIMAL = re.compile(r"\s{0,3}([01]?\.\d{1,6}|[01])\s{0,3}", re.ASCII)


def _whole(value: object) -> object:
    """Return 4 for 4.0, "4" and "4.0"; anything else as it is, for pydantic to refuse."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    found = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else value


def _share(value: object) -> object:
    """Return 0.7 for "0.7"; anything else as it is, for pydantic to refuse."""
    found = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) if found else value


def _word(value: object) -> object:
    """Return "ship" for "SHIP " and the like; what is no text as it is, for pydantic to refuse."""
    return value.strip().casefold() if isinstance(value, str) else value


def _none_if_blank(value: object) -> object:
    """Return None for a blank text, as which models without a schema write that there is none."""
    return None if isinstance(value, str) and not value.strip() else value


Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]
Evidence = Annotated[Prose | None, BeforeValidator(_none_if_blank)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), BeforeValidator(_share)]
Step = Annotated[int, Field(ge=LOWEST, le=HIGHEST), BeforeValidator(_whole)]


class Finding(Value):
    """What a reviewer found on one of its criteria, the passage it rests on, and the step (1 to 5)."""

    criterion: Prose
    finding: Prose
    evidence: Evidence
    score: Step


class Sentence(Value):
    """A sentence of the published take, and what it stands on."""

    text: Prose
    basis: Annotated[Basis, BeforeValidator(_word)]
    evidence: Evidence


class DatedClaim(Value):
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
    """A filled-in ballot, in the order that the schema asks for.

    `addressed` has the passages of the description that speak to its reviewers or to a model, as the
    reviewer copied them: what of it stands in the description is for the code to check.
    """

    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=12)]
    take: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=12)]
    best_for: Prose
    avoid_if: Prose
    flips_if: Prose
    prediction: DatedClaim
    addressed: tuple[str, ...]
    verdict: Annotated[Decision, BeforeValidator(_word)]
    confidence: Share

    @property
    def words(self) -> int:
        """The number of words in the take."""
        return sum(len(sentence.text.split()) for sentence in self.take)

    @property
    def scores(self) -> dict[str, int]:
        """The steps by criterion, in the order of the findings."""
        return {finding.criterion: finding.score for finding in self.findings}

    @property
    def says_harm(self) -> bool:
        """Whether the take says that the tool wrongs people."""
        return any(sentence.basis == "harm" for sentence in self.take)


def read_ballot(text: str, criteria: Sequence[str]) -> Ballot:
    """Return the ballot that `text` is, its findings in the order of `criteria`, each there once.

    Of `addressed`, which nobody's answer should be lost for, no more is read than code may have to
    check: 20 passages of 2,000 characters. Raises UnreadableAnswerError with a reason that its writer
    can mend. Example: `read_ballot(answer, persona.criterion_keys)`.
    """
    document = with_tuples(read_object(text))
    if isinstance(document.get("addressed"), tuple):
        document["addressed"] = read_passages(document["addressed"])
    try:
        ballot = Ballot.model_validate(document)
    except ValidationError as error:
        raise UnreadableAnswerError(fault_line(error)) from error
    _refuse_other_criteria(ballot, criteria)
    ordered = sorted(ballot.findings, key=lambda finding: criteria.index(finding.criterion))
    return ballot.model_copy(update={"findings": tuple(ordered)})


def _refuse_other_criteria(ballot: Ballot, criteria: Sequence[str]) -> None:
    times = Counter(finding.criterion for finding in ballot.findings)
    for key in criteria:
        if times[key] != 1:
            count = f"{times[key]} findings" if times[key] else "no finding"
            raise UnreadableAnswerError(f"findings: there is {count} for {key}, one is asked for")
    if len(times) > len(criteria):  # a made-up key is not named: it could say anything
        raise UnreadableAnswerError(f"findings: one is for none of {', '.join(criteria)}")


def read_passages(items: Sequence[object]) -> tuple[str, ...]:
    """Return the passages that a model named, each once: at most 20, each cut to 2,000 characters."""
    texts = (item.strip()[:MOST_OF_A_PASSAGE] for item in items if isinstance(item, str))
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST_PASSAGES]


def with_tuples(document: dict[str, Any]) -> dict[str, Any]:
    """Return `document` with its arrays as tuples, which is what strict values take."""
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
    }


def ballot_schema() -> Schema:
    """Return the wire schema of a ballot: one for all personas, so that a provider's cache holds it.

    It stays inside what strict mode takes: every property required, no additional ones, unions by
    anyOf, no default, no pattern, no length. Findings come before scores and scores before the verdict,
    because models write in the order of the schema. Which criteria is for `read_ballot` to check.
    """
    text = {"type": "string"}
    maybe = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    step = {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    basis = {"type": "string", "enum": list(BASES)}
    finding = strict_object(criterion=text, finding=text, evidence=maybe, score=step)
    sentence = strict_object(text=text, basis=basis, evidence=maybe)
    return strict_object(
        findings={"type": "array", "items": finding},
        take={"type": "array", "items": sentence},
        best_for=text,
        avoid_if=text,
        flips_if=text,
        prediction=strict_object(claim=text, by=text, probability=share),
        addressed={"type": "array", "items": text},
        verdict={"type": "string", "enum": list(get_args(Decision))},
        confidence=share,
    )
