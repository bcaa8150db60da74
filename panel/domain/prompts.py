"""The requests of a run: what each model is asked, word for word."""

import re
from collections.abc import Mapping, Sequence

from panel.domain import ballot, intake
from panel.domain.cleaning import clean
from panel.domain.exchange import Effort, Message, Part, Request, digest
from panel.domain.fault import Fault
from panel.domain.fence import fence
from panel.domain.json_schema import Schema
from panel.domain.persona import Persona
from panel.domain.run import Assignment, Inputs
from panel.domain.value import Value

CANARY_HEX_DIGITS = 16  # 64 bits
_NOT_HEX = re.compile(r"[^0-9a-f]+")
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
"""The label of the request for facts; that of a review is `review:` and the persona's key."""


class Brief(Value):
    """What all requests of a run share: the house rules, the fenced description, the schema.

    `shown` is the cleaned text inside the fence: evidence is checked against it. `canary` is a sign of
    64 bits in hex that belongs to these prompts: an answer that has it has given a prompt away.
    `facts_from` is the fenced description as intake is given it.
    """

    shown: str
    canary: str
    house: str
    description: str
    facts_from: str
    answer_schema: Schema
    prefix_key: str


def brief(inputs: Inputs) -> Brief:
    """Return the shared part of a run's requests, made once and the same in every replay."""
    shown = clean(inputs.tool.as_shown()).text
    fenced = fence(shown)
    house = inputs.prompt("house").fill({"date": inputs.date.isoformat()})
    canary = digest(["canary", house, shown])[:CANARY_HEX_DIGITS]
    values = {"marker": fenced.marker, "canary": canary, "block": fenced.block()}
    description = inputs.prompt("tool").fill(values)
    schema = ballot.ballot_schema()
    return Brief(
        shown=shown,
        canary=canary,
        house=house,
        description=description,
        facts_from=inputs.prompt("intake_tool").fill(values),
        answer_schema=schema,
        prefix_key=f"shipskip-{digest([house, description, schema])[:24]}",
    )


def has_canary(answer: str, shared: Brief) -> bool:
    """Tell whether an answer gives the prompt's canary away, be its digits set apart or in capitals."""
    return shared.canary in _NOT_HEX.sub("", answer.casefold())


def review_request(
    inputs: Inputs, shared: Brief, persona: Persona, assignment: Assignment, sample: int
) -> Request:
    """Return the request for one sample of one reviewer: the shared prefix, then the persona."""
    recent = inputs.recent_takes(persona.key)
    values = {"persona": persona.render(), "openings": recent.render() if recent else ""}
    return Request(
        label=f"review:{persona.key}",
        provider=assignment.provider,
        model=_model(assignment),
        messages=(
            Message(role="system", parts=(Part(text=shared.house),)),
            Message(
                role="user",
                parts=(
                    Part(text=shared.description, ends_prefix=True),
                    Part(text=inputs.prompt("reviewer").fill(values)),
                ),
            ),
        ),
        schema_name=ballot.SCHEMA_NAME,
        answer_schema=shared.answer_schema,
        max_output_tokens=inputs.calls.max_output_tokens,
        temperature=persona.temperature,
        effort=_effort(inputs, assignment),
        prefix_key=shared.prefix_key,
        sample=sample,
    )


def intake_request(inputs: Inputs, shared: Brief) -> Request:
    """Return the request for the facts that the editor did not give."""
    return Request(
        label=INTAKE,
        provider=inputs.intake.provider,
        model=_model(inputs.intake),
        messages=(
            Message(role="system", parts=(Part(text=inputs.prompt("intake").text),)),
            Message(role="user", parts=(Part(text=shared.facts_from),)),
        ),
        schema_name=intake.SCHEMA_NAME,
        answer_schema=intake.intake_schema(),
        max_output_tokens=inputs.calls.max_output_tokens,
        effort=_effort(inputs, inputs.intake),
    )


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
            Message(role="assistant", parts=(Part(text=clean(answer).text),)),
            Message(role="user", parts=(Part(text=named),)),
        )
    )
