"""The requests of a run: what each model is asked, word for word."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from panel.domain import ballot, intake
from panel.domain.cleaning import clean_text
from panel.domain.context_window import Cut, cut_text, room_for_text
from panel.domain.exchange import Effort, Message, Part, Request, canonical, digest
from panel.domain.fault import Fault
from panel.domain.fence import MARKER_HEX_DIGITS, fence
from panel.domain.json_schema import Schema
from panel.domain.persona import Persona
from panel.domain.run import Assignment, Inputs
from panel.domain.value import Value

CANARY_HEX_DIGITS = 16  # 64 bits
_NOT_HEX = bytes(set(range(256)) - set(b"0123456789abcdef"))
_REASONS = re.compile(r"gpt-[5-9]|o\d")
PROMPTS: Mapping[str, frozenset[str]] = {
    "house": frozenset({"date"}),
    "tool": frozenset({"marker", "canary", "block"}),
    "reviewer": frozenset({"persona", "openings"}),
    "repair": frozenset({"faults"}),
    "intake": frozenset(),
    "intake_tool": frozenset({"marker", "canary", "block"}),
}
"""Every prompt file by name, with exactly the variables that it has to use."""


INTAKE = "intake"
"""The label of the request for facts."""

REVIEW = "review:"
"""What the label of a request for a review begins with; the persona's key follows."""


class Brief(Value):
    """What all requests of a run share: the house rules, the fenced description, the schema.

    `shown` is the cleaned text inside the fence: evidence is checked against it. `canary` is a sign of
    64 bits in hex that belongs to these prompts: an answer that has it has given a prompt away.
    `facts_from` is the fenced description as intake is given it. `cut` says how much of the text is
    shown, None where all of it is.
    """

    shown: str
    cut: Cut | None = None
    canary: str
    house: str
    description: str
    facts_from: str
    answer_schema: Schema
    prefix_key: str


def brief(inputs: Inputs) -> Brief:
    """Return the shared part of a run's requests, made once and the same in every replay."""
    shown = shown_text(inputs)
    cut = _measure(shown, inputs)
    fenced = fence(shown)
    house = inputs.prompt("house").fill({"date": inputs.date.isoformat()})
    canary = digest(["canary", house, shown])[:CANARY_HEX_DIGITS]
    values = {"marker": fenced.marker, "canary": canary, "block": fenced.block()}
    description = _with_notice(inputs.prompt("tool").fill(values), cut)
    schema = ballot.ballot_schema()
    return Brief(
        shown=shown,
        cut=cut,
        canary=canary,
        house=house,
        description=description,
        facts_from=_with_notice(inputs.prompt("intake_tool").fill(values), cut),
        answer_schema=schema,
        prefix_key=f"shipskip-{digest([house, description, schema])[:24]}",
    )


def shown_text(inputs: Inputs) -> str:
    """Return the text of a run's tool as its reviewers see it: cleaned, and cut where it has to be."""
    whole = clean_text(inputs.tool.as_shown())
    room = text_room(inputs)
    return whole if room is None else cut_text(whole, room)


def text_room(inputs: Inputs) -> int | None:
    """Return the bytes of the tool's text that the smallest window holds; None where none is known.

    What else is in a request is counted at its longest: house rules, persona, schema.
    """
    if inputs.window is None:
        return None
    blank = {"marker": "0" * MARKER_HEX_DIGITS, "canary": "0" * CANARY_HEX_DIGITS}
    blank["block"] = "0" * 2 * (MARKER_HEX_DIGITS + 1)
    house = inputs.prompt("house").fill({"date": inputs.date.isoformat()})
    material = inputs.prompt("tool").fill(blank)
    personas = [_persona_text(inputs, persona) for persona in inputs.personas]
    longest = max(personas, key=_bytes, default="")
    facts = inputs.prompt("intake").text, inputs.prompt("intake_tool").fill(blank)
    rest = max(
        _bytes(house, material, longest, canonical(ballot.ballot_schema())),
        _bytes(*facts, canonical(intake.intake_schema())),
    )
    notice = Cut(shown=10**6, of=10**6, window=inputs.window).notice
    return room_for_text(inputs.window, inputs.calls.max_output_tokens, rest + _bytes(notice))


def _bytes(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


def _measure(shown: str, inputs: Inputs) -> Cut | None:
    if inputs.window is None or shown == (whole := clean_text(inputs.tool.as_shown())):
        return None
    return Cut(shown=len(shown.split()), of=len(whole.split()), window=inputs.window)


def _with_notice(text: str, cut: Cut | None) -> str:
    return text if cut is None else f"{text}\n{cut.notice}"


def _persona_text(inputs: Inputs, persona: Persona) -> str:
    recent = inputs.recent_takes(persona.key)
    values = {"persona": persona.render(), "openings": recent.render() if recent else ""}
    return inputs.prompt("reviewer").fill(values)


def has_canary(answer: str, shared: Brief) -> bool:
    """Tell whether an answer gives the prompt's canary away, be its digits set apart or in capitals."""
    digits = answer.casefold().encode("utf-8", "replace").translate(None, _NOT_HEX)
    return shared.canary.encode() in digits


def review_request(
    inputs: Inputs, shared: Brief, persona: Persona, assignment: Assignment, sample: int
) -> Request:
    """Return the request for one sample of one reviewer: the shared prefix, then the persona."""
    return Request(
        label=f"{REVIEW}{persona.key}",
        messages=(
            Message(role="system", parts=(Part(text=shared.house),)),
            Message(
                role="user",
                parts=(
                    Part(text=shared.description, ends_prefix=True),
                    Part(text=_persona_text(inputs, persona)),
                ),
            ),
        ),
        schema_name=ballot.SCHEMA_NAME,
        answer_schema=shared.answer_schema,
        **request_settings(inputs, assignment),
        temperature=persona.temperature,
        prefix_key=shared.prefix_key,
        sample=sample,
    )


def intake_request(inputs: Inputs, shared: Brief) -> Request:
    """Return the request for the facts that the editor did not give."""
    return Request(
        label=INTAKE,
        messages=(
            Message(role="system", parts=(Part(text=inputs.prompt("intake").text),)),
            Message(role="user", parts=(Part(text=shared.facts_from),)),
        ),
        schema_name=intake.SCHEMA_NAME,
        answer_schema=intake.intake_schema(),
        **request_settings(inputs, inputs.intake),
    )


def request_settings(inputs: Inputs, assignment: Assignment) -> dict[str, Any]:
    """Return the fields of a Request that say which model answers it, and within which limits."""
    return {
        "provider": assignment.provider,
        "model": _model(assignment),
        "max_output_tokens": inputs.calls.max_output_tokens,
        "effort": _effort(inputs, assignment),
    }


def _model(assignment: Assignment) -> str:
    """Return the model's name; of a model file its name alone, so that no folder is recorded."""
    return (
        assignment.model.replace("\\", "/").rpartition("/")[2]
        if assignment.provider == "local"
        else assignment.model
    )


def _effort(inputs: Inputs, assignment: Assignment) -> Effort | None:
    """Return the reasoning effort of a call: as set, else low for a model that is known to reason.

    Other models turn the parameter down, so they are not sent it unless it was set.
    """
    if inputs.calls.effort or not (
        assignment.provider == "openai" and _REASONS.match(assignment.model)
    ):
        return inputs.calls.effort
    return "low"


def repair_request(
    inputs: Inputs, request: Request, answer: str, faults: Sequence[Fault]
) -> Request:
    """Return `request` with its answer and what was wrong with it: asked once, never twice."""
    listed = "\n".join(f"- {fault.message}" for fault in faults)
    named = inputs.prompt("repair").fill({"faults": listed})
    return request.but(
        messages=(
            *request.messages,
            Message(role="assistant", parts=(Part(text=clean_text(answer)),)),
            Message(role="user", parts=(Part(text=named),)),
        )
    )
