"""The panel as a graph: START -> screen -> intake -> review x N -> aggregate -> END.

A node never raises what a single call can do to it: it returns data, because a node that raises
cancels its siblings and loses answers that are paid for.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send
from langsmith import tracing_context

from panel.domain.assignment import (
    answered_by_maker_flags,
    own_maker_flags,
    reassign,
    substitute,
    substitute_flags,
)
from panel.domain.context_window import CutPrompt, prompt_flag
from panel.domain.flag import Flag
from panel.domain.prompts import Brief, brief
from panel.domain.review import Abstention, Review, Scorecard
from panel.domain.run import Assignment, Inputs, Pending, Run, State
from panel.domain.samples import settle
from panel.domain.tool import Tool
from panel.domain.verdict import Verdict, aggregate
from panel.domain.witness import Report, Testimony, hear, witness_flags
from panel.errors import Stopped, Waiting
from panel.pipeline.canary import CanaryWatch
from panel.pipeline.intake import Taken, take_in
from panel.pipeline.prompt_watch import PromptWatch
from panel.pipeline.reviewer import Reviewer
from panel.ports import Listener, Provider
from panel.screening.screener import ascreen_tool


class PanelState(TypedDict, total=False):
    """What the nodes hand on. Lists are added up in the order of the fan-out."""

    tool: Tool
    assignments: tuple[Assignment, ...]
    set_aside: str | None
    addressed: tuple[str, ...]
    flags: Annotated[list[Flag], operator.add]
    samples: Annotated[list[Review], operator.add]
    pending: Annotated[list[Pending], operator.add]
    cuts: Annotated[list[CutPrompt], operator.add]
    reviews: tuple[Review, ...]
    verdict: Verdict | None
    testimony: Testimony


class ReviewTask(TypedDict):
    """One branch of the fan-out."""

    assignment: Assignment
    other: Assignment | None
    sample: int


@dataclass(frozen=True)
class Context:
    """What every node of one run may use."""

    inputs: Inputs
    shared: Brief
    providers: Mapping[str, Provider]

    def provider(self, assignment: Assignment) -> CanaryWatch:
        """Return who answers for `assignment`, watched for the canary."""
        return CanaryWatch(self.providers[assignment.ref], self.shared)


Node = Runtime[Context]


class PanelGraph:
    """The compiled panel: it holds no state of a run and serves any number of them at once."""

    def __init__(self) -> None:
        self._graph: Any = _build_graph()

    async def convene(
        self, run: Run, providers: Mapping[str, Provider], listener: Listener | None = None
    ) -> Run:
        """Return `run` as far as it came: finished, set aside, waiting or stopped.

        `providers` has every model reference of its inputs; `listener` is called with each
        event. Raises StoreError and ReplayError.
        """
        context = Context(run.inputs, brief(run.inputs), providers)
        start: PanelState = {"tool": run.inputs.tool}
        with tracing_context(enabled=False):  # else LANGSMITH_TRACING would send texts elsewhere
            if listener is None:
                # "v2" hands out the state alone; else each node's updates are mapped as well.
                state = (await self._graph.ainvoke(start, context=context, version="v2")).value
            else:
                state = await self._listen(start, context, listener)
        return _outcome(run, state)

    async def _listen(self, start: PanelState, context: Context, listener: Listener) -> PanelState:
        state: PanelState = start
        stream = self._graph.astream(start, context=context, stream_mode=["custom", "values"])
        async for mode, part in stream:
            if mode == "custom":
                listener(part)
            else:
                state = part
        return state


def draw_graph() -> str:
    """Return the graph as a Mermaid drawing."""
    return str(_build_graph().get_graph().draw_mermaid())


def _build_graph() -> Any:  # noqa: ANN401 - langgraph's compiled graph is generic four times over
    graph = StateGraph(PanelState, context_schema=Context)
    graph.add_node("screen", _screen)
    graph.add_node("intake", _intake)
    graph.add_node("review", _review, input_schema=ReviewTask)
    graph.add_node("aggregate", _aggregate)
    graph.add_edge(START, "screen")
    graph.add_edge("screen", "intake")
    graph.add_conditional_edges("intake", _fan_out, ["review", "aggregate"])
    graph.add_edge("review", "aggregate")
    graph.add_edge("aggregate", END)
    return graph.compile()


async def _screen(state: PanelState, runtime: Node) -> PanelState:
    tool, cut = state["tool"], runtime.context.shared.cut
    flags = await ascreen_tool(tool)
    flags += () if cut is None else (cut.flag,)
    runtime.stream_writer({"ev": "screen.done", "flags": [flag.kind for flag in flags]})
    return {"flags": list(flags)}


async def _intake(state: PanelState, runtime: Node) -> PanelState:
    context, tool = runtime.context, state["tool"]
    if not tool.lacks():
        runtime.stream_writer({"ev": "intake.skipped"})
        return _taken(context.inputs, Taken(tool))
    runtime.stream_writer({"ev": "intake.started", "lacks": list(tool.lacks())})
    provider = context.provider(context.inputs.intake)
    watch = PromptWatch(provider)
    try:
        taken = await take_in(context.inputs, context.shared, watch)
    except (Stopped, Waiting) as error:
        pending = _pending("intake", error)
        runtime.stream_writer({"ev": "intake.pending", "cause": pending.cause})
        return {"pending": [pending]}
    runtime.stream_writer({"ev": "intake.done", "set_aside": taken.set_aside})
    state = _taken(context.inputs, taken)
    state["flags"] += provider.flags("intake")
    state["cuts"] = watch.cuts("intake")
    return state


def _taken(inputs: Inputs, taken: Taken) -> PanelState:
    assignments = reassign(inputs.assignments, inputs.fallbacks, taken.tool.vendor)
    return {
        "tool": taken.tool,
        "set_aside": taken.set_aside,
        "addressed": taken.addressed,
        "flags": [*taken.flags, *own_maker_flags(assignments)],
        "assignments": assignments,
    }


async def _fan_out(state: PanelState, runtime: Node) -> list[Send] | Literal["aggregate"]:
    if state.get("set_aside") or state.get("pending"):
        return "aggregate"
    inputs, vendor = runtime.context.inputs, state["tool"].vendor
    samples = range(inputs.calls.samples)
    return [
        Send(
            "review",
            ReviewTask(
                assignment=assignment,
                other=substitute(assignment, inputs.substitutes, vendor),
                sample=sample,
            ),
        )
        for assignment in state["assignments"]
        for sample in samples
    ] or "aggregate"


async def _review(state: ReviewTask, runtime: Node) -> PanelState:
    persona = runtime.context.inputs.persona(state["assignment"].persona)
    told = {"persona": persona.key, "sample": state["sample"]}
    runtime.stream_writer({"ev": "review.started", **told})
    found: PanelState = {"flags": [], "cuts": []}
    try:
        review = await _ask(state["assignment"], state["sample"], runtime, found)
        if isinstance(review, Abstention) and (other := state["other"]) is not None:
            event = {"model": other.ref, "instead_of": other.instead_of, "reason": review.reason}
            runtime.stream_writer({"ev": "review.substituted", **told, **event})
            review = _settled(review, await _ask(other, state["sample"], runtime, found), other)
    except (Stopped, Waiting) as error:
        pending = _pending(persona.key, error)
        runtime.stream_writer({"ev": "review.pending", **told, "cause": pending.cause})
        return {"pending": [pending]}
    runtime.stream_writer({**_event(review), **told})
    return {**found, "samples": [review]}


async def _ask(assignment: Assignment, sample: int, runtime: Node, found: PanelState) -> Review:
    """Return the review of one model as one persona; what was noted of its answers goes to `found`."""
    context = runtime.context
    persona = context.inputs.persona(assignment.persona)
    provider = context.provider(assignment)
    watch = PromptWatch(provider)
    review = await Reviewer(persona, assignment, context.inputs, context.shared, watch).review(
        sample
    )
    name = f"the {persona.name.lower()}"
    found["flags"] += provider.flags(name)
    found["cuts"] += watch.cuts(name)
    return review


def _settled(first: Abstention, second: Review, other: Assignment) -> Review:
    """Return the review of a substitute, or the abstention of both models."""
    if isinstance(second, Abstention):
        reason = f"{first.reason}; {other.ref}, asked instead: {second.reason}"
        return first.model_copy(update={"reason": reason})
    return second.model_copy(update={"instead_of": other.instead_of})


def _event(review: Review) -> dict[str, Any]:
    if isinstance(review, Abstention):
        return {"ev": "review.abstained", "reason": review.reason}
    return {"ev": "review.done", "verdict": review.verdict, "score": review.score}


def _pending(who: str, error: Stopped | Waiting) -> Pending:
    cause = error.cause if isinstance(error, Stopped) else "answer"
    return Pending(reviewer=who, reason=str(error), cause=cause)


async def _aggregate(state: PanelState, runtime: Node) -> PanelState:
    inputs, samples = runtime.context.inputs, state.get("samples", [])
    if state.get("pending"):
        return {"reviews": (), "verdict": None}
    testimony = hear(_reports(state.get("addressed", ()), samples), runtime.context.shared.shown)
    flags = list(witness_flags(testimony))
    if state.get("set_aside"):
        return {"reviews": (), "verdict": None, "testimony": testimony, "flags": flags}
    reviews = tuple(
        settle([one for one in samples if one.reviewer == assignment.persona], inputs.rules.tie)
        for assignment in state["assignments"]
    )
    replaced = {one.reviewer for one in reviews if isinstance(one, Scorecard) and one.instead_of}
    assignments = tuple(
        substitute(one, inputs.substitutes, state["tool"].vendor) or one
        if one.persona in replaced
        else one
        for one in state["assignments"]
    )
    flags += substitute_flags(assignments)
    flags += answered_by_maker_flags(reviews, assignments, state["tool"].vendor)
    flags += _cut_flags(state.get("cuts", []), samples)
    verdict = aggregate(reviews, inputs.rules)
    runtime.stream_writer(
        {"ev": "verdict", "decision": verdict.decision, "ship_share": verdict.ship_share}
    )
    return {
        "reviews": reviews,
        "verdict": verdict,
        "testimony": testimony,
        "flags": flags,
        "assignments": assignments,
    }


def _cut_flags(cuts: Sequence[CutPrompt], samples: Sequence[Review]) -> tuple[Flag, ...]:
    """Return the flag on prompts that a server did not read whole, where there are any."""
    if not cuts:
        return ()
    whose = {cut.who for cut in cuts}
    cards = [one for one in samples if isinstance(one, Scorecard)]
    all_cut = bool(cards) and all(f"the {card.name.lower()}" in whose for card in cards)
    return (prompt_flag(cuts, all_cut=all_cut),)


def _reports(intake: tuple[str, ...], samples: Sequence[Review]) -> list[Report]:
    """Return what intake and every sample of every reviewer named as addressed to them."""
    cards = [one for one in samples if isinstance(one, Scorecard)]
    return [
        Report(name="intake", passages=intake),
        *(
            Report(name=f"the {card.name.lower()}", passages=card.ballot.addressed)
            for card in cards
        ),
    ]


def _outcome(run: Run, state: PanelState) -> Run:
    pending = tuple(state.get("pending", []))
    return run.model_copy(
        update={
            "state": _state(state, pending),
            "tool": state["tool"],
            "assignments": state.get("assignments", ()),
            "reviews": state.get("reviews", ()),
            "verdict": state.get("verdict"),
            "flags": tuple(state.get("flags", [])),
            "testimony": state.get("testimony", Testimony()),
            "pending": pending,
            "reason": state.get("set_aside"),
        }
    )


def _state(state: PanelState, pending: tuple[Pending, ...]) -> State:
    if state.get("set_aside"):
        return "set_aside"
    if any(one.cause != "answer" for one in pending):
        return "stopped"
    return "waiting" if pending else "finished"
