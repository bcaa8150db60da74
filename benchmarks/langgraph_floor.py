"""The least that LangGraph takes for a graph of the panel's shape: nodes that do nothing."""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

REVIEWERS = 4


class _State(TypedDict, total=False):
    tool: str
    samples: Annotated[list[int], operator.add]
    verdict: str


class _Task(TypedDict):
    seat: int


def build_floor() -> Any:  # noqa: ANN401 - langgraph's compiled graph is generic four times over
    """Return START -> screen -> intake -> review x 4 -> aggregate -> END, empty."""
    graph = StateGraph(_State)
    graph.add_node("screen", _screen)
    graph.add_node("intake", _screen)
    graph.add_node("review", _review, input_schema=_Task)
    graph.add_node("aggregate", _aggregate)
    graph.add_edge(START, "screen")
    graph.add_edge("screen", "intake")
    graph.add_conditional_edges("intake", _fan_out, ["review", "aggregate"])
    graph.add_edge("review", "aggregate")
    graph.add_edge("aggregate", END)
    return graph.compile()


async def ask_nobody(graph: Any) -> None:  # noqa: ANN401 - as above
    """Run the empty graph once."""
    await graph.ainvoke({"tool": "none"})


async def _screen(state: _State) -> _State:
    return {"tool": state["tool"]}


async def _fan_out(_: _State) -> list[Send]:
    return [Send("review", _Task(seat=seat)) for seat in range(REVIEWERS)]


async def _review(state: _Task) -> _State:
    return {"samples": [state["seat"]]}


async def _aggregate(state: _State) -> _State:
    return {"verdict": state["tool"]}
