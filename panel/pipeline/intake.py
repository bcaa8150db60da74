"""Intake: the facts that the editor did not give, and whether this is a tool at all."""

from dataclasses import dataclass

from panel.domain.fact_checks import complete_tool, facts_flag
from panel.domain.fault import Fault
from panel.domain.flag import Flag
from panel.domain.intake import ReadFacts, answer_faults, read_facts
from panel.domain.prompts import Brief, intake_request
from panel.domain.run import Inputs
from panel.domain.tool import Tool
from panel.errors import ProviderError, Stopped
from panel.pipeline.question import ask
from panel.ports import Provider
from panel.spdx import licence_table


@dataclass(frozen=True)
class IntakeResult:
    """The tool with its facts; `set_aside` is the reason where it is not a tool.

    `addressed` has the passages that speak to reviewers or to a model, as intake named them.
    """

    tool: Tool
    flags: tuple[Flag, ...] = ()
    set_aside: str | None = None
    addressed: tuple[str, ...] = ()


async def take_in(inputs: Inputs, shared: Brief, provider: Provider) -> IntakeResult:
    """Return the tool of `inputs` with the facts that it lacked.

    An intake that fails costs the panel nothing but those facts: they stay unknown and a flag says
    so. One that lacks most of them is asked again once. Raises Stopped, Waiting and StoreError.
    """

    def read_answer(text: str) -> tuple[ReadFacts, tuple[Fault, ...]]:
        read = read_facts(text)
        return read, answer_faults(read, inputs.tool.lacks())

    try:
        asked = await ask(provider, intake_request(inputs, shared), read_answer, inputs)
    except Stopped:
        raise
    except ProviderError as error:
        message = f"Intake failed, so facts that nobody gave are missing: {error}"
        flag = Flag(kind="intake_failed", message=message, holds=False)
        return IntakeResult(inputs.tool, flags=(flag,))
    read, facts = asked.value, asked.value.facts
    if not facts.is_tool:
        return IntakeResult(inputs.tool, set_aside=facts.reason, addressed=facts.addressed)
    completed = complete_tool(inputs.tool, read, shared.shown, licence_table())
    absent = ", ".join(fact for fact in inputs.tool.lacks() if fact in read.absent)
    lacking = f"Intake's answers had no field for {absent}, so they are not read."
    unsound = facts_flag(read, (lacking if asked.faults else "", *completed.corrections))
    return IntakeResult(
        completed.tool,
        flags=() if unsound is None else (unsound,),
        addressed=facts.addressed,
    )
