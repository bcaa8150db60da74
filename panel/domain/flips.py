"""What would turn a reviewer's vote: one question on it to a model, and its answer checked."""

from collections.abc import Sequence
from typing import Final

from panel.domain.ballot import MOST_OF_A_PASSAGE
from panel.domain.cleaning import clean_text
from panel.domain.exchange import Message, Part, Request
from panel.domain.fault import Fault
from panel.domain.fence import fence
from panel.domain.grounding import Place, locate
from panel.domain.json_answer import UnreadableAnswerError, read_object
from panel.domain.json_schema import Schema, strict_object
from panel.domain.prompts import request_settings
from panel.domain.run import Inputs, Run
from panel.domain.template import Template
from panel.domain.value import Value
from panel.domain.watched_page import FlipCondition

PROMPT: Final = "flips"
VARIABLES: Final = frozenset({"marker", "block", "conditions"})


class FlipClause(Value):
    """What a reviewer said would turn its vote."""

    reviewer: str
    name: str
    flips_if: str


def clauses_of(run: Run) -> tuple[FlipClause, ...]:
    """Return what would turn each reviewer of a run; the checklist, no model, says nothing on it."""
    return tuple(
        FlipClause(reviewer=card.reviewer, name=card.name, flips_if=card.ballot.flips_if)
        for card in run.reviews
        if card.kind == "scorecard" and not card.by_checklist
    )


def flips_request(
    inputs: Inputs, prompt: Template, shown: str, clauses: Sequence[FlipClause]
) -> Request:
    """Return the one question on all of `clauses`; `shown` is the new text, of which spans are copied.

    It goes to the model that does the intake of `inputs`.
    """
    fenced = fence(shown)
    listed = "\n".join(
        f"- {one.reviewer}: {' '.join(clean_text(one.flips_if).split())}" for one in clauses
    )
    values = {"marker": fenced.marker, "block": fenced.block(), "conditions": listed}
    return Request(
        label=PROMPT,
        messages=(Message(role="user", parts=(Part(text=prompt.fill(values)),)),),
        schema_name=PROMPT,
        answer_schema=flips_schema(),
        **request_settings(inputs, inputs.intake),
    )


def flips_schema() -> Schema:
    """Return the wire schema of an answer, inside what strict mode takes: the span before `met`."""
    text = {"type": "string"}
    maybe = {"anyOf": [text, {"type": "null"}]}
    item = strict_object(reviewer=text, span=maybe, met={"type": "boolean"})
    return strict_object(conditions={"type": "array", "items": item})


def read_flips(
    text: str, clauses: Sequence[FlipClause], shown: str
) -> tuple[tuple[FlipCondition, ...], tuple[Fault, ...]]:
    """Return the conditions of `clauses` as an answer has them, and its faults.

    One is met only with a span that stands in `shown` word for word, and keeps it as it stands there.
    Raises UnreadableAnswerError where the answer does not say of each clause whether it is met.
    """
    items = read_object(text).get("conditions")
    if not isinstance(items, list):
        raise UnreadableAnswerError("conditions: a list is asked for")
    by_key = {item["reviewer"]: item for item in items if _names_reviewer(item)}
    found: list[FlipCondition] = []
    faults: list[Fault] = []
    for one in clauses:
        item = by_key.get(one.reviewer, {})
        if not isinstance(item.get("met"), bool):
            raise UnreadableAnswerError(
                f"conditions: it is not said whether that of {one.reviewer} is met"
            )
        span = _span(item.get("span"), shown) if item["met"] else None
        if item["met"] and span is None:
            message = (
                f"conditions: the span of {one.reviewer} is not in the description word for word"
            )
            faults.append(Fault(message=message))
        found.append(FlipCondition(**dict(one), span=span))
    return tuple(found), tuple(faults)


def _names_reviewer(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("reviewer"), str)


def _span(given: object, shown: str) -> str | None:
    """Return a passage as it stands in `shown`, None where it does not."""
    if not isinstance(given, str) or len(given) > MOST_OF_A_PASSAGE:
        return None
    place = locate(given, shown)
    return shown[place.start : place.end] if isinstance(place, Place) else None
