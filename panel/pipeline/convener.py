"""Convening: the reviewers run on one tool."""

from collections.abc import Mapping

from langsmith import tracing_context

from panel.domain.prompts import brief
from panel.domain.run import Pending, Run, State
from panel.pipeline.graph import Context, PanelState, build_graph
from panel.ports import Listener, Provider


class Convener:
    """The compiled panel, ready for any number of runs at once."""

    def __init__(self) -> None:
        self._graph = build_graph()

    async def convene(
        self, run: Run, providers: Mapping[str, Provider], listener: Listener | None = None
    ) -> Run:
        """Return `run` as far as it came: finished, set aside, waiting or stopped.

        `providers` has every model reference of its inputs; `listener` hears each event as it
        happens. Raises StoreError and ReplayError.
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
