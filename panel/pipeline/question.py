"""One question to a model, asked again once where its answer has faults."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from panel.domain.exchange import Completion, Request
from panel.domain.fault import Fault
from panel.domain.json_answer import UnreadableAnswerError
from panel.domain.prompts import repair_request
from panel.domain.run import Inputs
from panel.domain.wording import counted
from panel.errors import Refused, Transient, Unusable, Waiting
from panel.ports import Provider

T = TypeVar("T")
_MOST_FAULTS = 3  # that a person who is waited for is told
Read = Callable[[str], tuple[T, tuple[Fault, ...]]]
"""Turns a raw answer into a value and its faults; raises UnreadableAnswerError."""


@dataclass(frozen=True)
class Asked(Generic[T]):
    """A readable answer: its value, the faults that stayed, and the completion it came in."""

    value: T
    faults: tuple[Fault, ...]
    completion: Completion


async def ask(
    provider: Provider, request: Request, read: Read[T], inputs: Inputs, *, accept: bool = False
) -> Asked[T]:
    """Return the answer to `request`, repaired at most once; with `accept` a readable one stands.

    A repair that fails or is worse leaves the first readable answer standing with its faults.
    Raises Unusable where no answer was readable, and what the provider raises on the first call;
    Stopped and Waiting pass at any time.
    """
    completion = await provider.complete(request)
    first = _try(read, completion)
    if isinstance(first, Asked) and (accept or not first.faults):
        return first
    faults = first.faults if isinstance(first, Asked) else (Fault(message=str(first)),)
    try:
        answer = await provider.complete(repair_request(inputs, request, completion.text, faults))
    except Waiting as error:
        raise Waiting(f"{error}. {_notice(request, first, faults)}") from error
    except (Transient, Refused, Unusable) as error:
        if isinstance(first, Asked):
            return first
        raise Unusable(f"{first}; and the repair failed: {error}") from error
    second = _try(read, answer)
    if isinstance(first, Asked) and not _is_better(second, first):
        return first
    if isinstance(second, Asked):
        return second
    raise Unusable(f"no readable answer after 2 tries: {second}")


def _notice(
    request: Request, first: Asked[T] | UnreadableAnswerError, faults: tuple[Fault, ...]
) -> str:
    """Return what a person reads who gave an answer that has to be mended."""
    named = "; ".join(fault.message for fault in faults[:_MOST_FAULTS])
    named += "; …" if faults[_MOST_FAULTS:] else ""
    if isinstance(first, Asked):
        who = request.reviewer
        accept = f", or let it stand with --accept {who}" if who else ""
        return (
            f"The first answer is readable and has {counted(len(faults), 'fault')}: {named}. You may "
            f"also correct its file{accept}"
        )
    return f"The first answer cannot be read: {named}. You may also correct its file"


def _try(read: Read[T], completion: Completion) -> Asked[T] | UnreadableAnswerError:
    try:
        value, faults = read(completion.text)
    except UnreadableAnswerError as error:
        return error
    return Asked(value=value, faults=faults, completion=completion)


def _is_better(second: Asked[T] | UnreadableAnswerError, first: Asked[T]) -> bool:
    """Tell whether the second answer is to stand: its own words first, then fewer faults."""
    return isinstance(second, Asked) and _weight(second.faults) <= _weight(first.faults)


def _weight(faults: tuple[Fault, ...]) -> tuple[int, int]:
    return sum(fault.kind == "copied" for fault in faults), len(faults)
