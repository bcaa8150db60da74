"""A recorded run through today's code, answered by its recording and by nothing else."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from panel.domain.exchange import Completion, Exchange, Message, Request, canonical
from panel.domain.failure import error_of
from panel.domain.run import Inputs, Run
from panel.errors import ReplayError
from panel.pipeline.diff import differences
from panel.pipeline.graph import PanelGraph

_CONTEXT = 1
_MOST_LINES = 40


@dataclass(frozen=True)
class Replay:
    """The run as today's code makes it, and `differences` in words, most visible first."""

    run: Run
    differences: tuple[str, ...]


async def replay(
    graph: PanelGraph, recorded: Run, exchanges: Iterable[Exchange], inputs: Inputs
) -> Replay:
    """Return `recorded` convened again under `inputs` from its own exchanges, and what differs.

    Raises ReplayError for a request that was not recorded and for an exchange that was not used.
    """
    provider = ReplayProvider(exchanges)
    again = await graph.convene(
        recorded.model_copy(update={"inputs": inputs}), dict.fromkeys(inputs.refs, provider)
    )
    provider.refuse_unused()
    return Replay(again, tuple(differences(recorded, again)))


class ReplayProvider:
    """A provider over recorded exchanges, each of which has to be asked for.

    A failure that was followed by another attempt counts as used with it; the last attempt's
    outcome is the answer. Requests are compared whole, not by their keys: that is exact and fast.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._attempts: dict[tuple[str, int, int], list[list[Exchange]]] = {}
        self._used: list[list[Exchange]] = []
        for exchange in sorted(exchanges, key=lambda exchange: exchange.request.attempt):
            request = exchange.request
            first = request.but(attempt=0) if request.attempt else request
            found = self._find(first)
            if found is None:
                self._attempts.setdefault(request.turn, []).append([exchange])
            else:
                found.append(exchange)

    async def complete(self, request: Request) -> Completion:
        """Return the recorded completion or raise the recorded failure.

        Raises ReplayError, with a diff against the nearest recorded request, for an unknown one.
        """
        attempts = self._find(request)
        if attempts is None:
            raise ReplayError(self._explain(request))
        self._used.append(attempts)
        outcome = attempts[-1].outcome
        if isinstance(outcome, Completion):
            return outcome
        raise error_of(outcome)

    def refuse_unused(self) -> None:
        """Raise ReplayError where a recorded exchange was not asked for."""
        unused = [
            attempts
            for group in self._attempts.values()
            for attempts in group
            if not any(attempts is used for used in self._used)
        ]
        if unused:
            names = ", ".join(sorted({attempts[0].request.label for attempts in unused}))
            raise ReplayError(
                f"{sum(map(len, unused))} recorded exchange(s) were not asked for: {names}. "
                "Today's code asks less than the recording holds."
            )

    def _find(self, request: Request) -> list[Exchange] | None:
        group = self._attempts.get(request.turn, [])
        return next((found for found in group if found[0].request == request), None)

    def _explain(self, request: Request) -> str:
        recorded = [found[0].request for group in self._attempts.values() for found in group]
        nearest = _nearest(request, recorded)
        if nearest is None:
            return f"{request.label}: the recording holds no exchange at all"
        lines = _difference(nearest, request)
        return "\n".join((f"{request.label}: this request was not recorded. What differs:", *lines))


def _nearest(request: Request, recorded: Sequence[Request]) -> Request | None:
    """Return the recorded request that shares most with `request`: its label, then its turns."""
    return max(
        recorded,
        key=lambda other: (
            other.label == request.label,
            len(other.messages) == len(request.messages),
            other.sample == request.sample,
            other.attempt == request.attempt,
        ),
        default=None,
    )


def _difference(recorded: Request, asked: Request) -> list[str]:
    found = list(
        difflib.unified_diff(
            _lines(recorded), _lines(asked), "recorded", "today", n=_CONTEXT, lineterm=""
        )
    )
    if len(found) > _MOST_LINES:
        return [*found[:_MOST_LINES], f"… and {len(found) - _MOST_LINES} more lines"]
    return found


def _lines(request: Request) -> list[str]:
    """Return `request` as the lines a person would compare: its settings, then its messages."""
    settings = request.model_dump(mode="json", exclude={"messages", "answer_schema"})
    lines = [f"{key}: {value}" for key, value in settings.items()]
    lines.append(f"answer_schema: {canonical(request.answer_schema)}")
    for message in request.messages:
        lines += _turn(message)
    return lines


def _turn(message: Message) -> Iterator[str]:
    for part in message.parts:
        yield f"[{message.role}, shared]" if part.ends_prefix else f"[{message.role}]"
        yield from part.text.split("\n")
