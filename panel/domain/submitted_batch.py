"""Requests handed to a provider's batch service, and what came of them a day later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from panel.domain.exchange import Completion, Count, Exchange, Failure, Request, digest
from panel.domain.value import Value

Ending = Literal["completed", "failed", "expired", "cancelled"]

MOST_REQUESTS = 10_000
MOST_BYTES = 32_000_000
"""Of one batch. OpenAI takes 50,000 requests in 200 MB; less is held in memory more easily."""

_ENVELOPE = 1_000


class SubmittedBatch(Value):
    """A batch at a service, under the service's own `id`; `request_keys` are those of its requests."""

    id: str
    provider: str
    model: str
    request_keys: tuple[str, ...]
    at: datetime


class Underway(Value):
    """A batch that has not ended: `done` requests of `of`, and the service's word for its state."""

    done: Count
    of: Count
    state: str


class Collected(Value):
    """A batch that has ended: an outcome for every request that was in it, by the request's key.

    `ending` is how, `reason` why it did not complete. What came back of a batch that expired or was
    cancelled is kept. `oddities` are lines of its files that answer nobody, twice, or cannot be
    read.
    """

    ending: Ending
    reason: str | None
    outcomes: Mapping[str, Completion | Failure]
    oddities: tuple[str, ...] = ()


def bundle(
    requests: Iterable[Request],
    *,
    most_requests: int = MOST_REQUESTS,
    most_bytes: int = MOST_BYTES,
) -> Iterator[tuple[Request, ...]]:
    """Yield `requests` in batches as the services take them: of one provider, one model, a size.

    Each request stands in one batch, once, however often it was asked. A request that is larger
    than `most_bytes` goes alone.
    """
    groups: dict[tuple[str, str], dict[str, Request]] = {}
    for request in requests:
        groups.setdefault((request.provider, request.model), {})[request.key] = request
    for group in groups.values():
        yield from _cut(group.values(), most_requests, most_bytes)


def _cut(
    requests: Iterable[Request], most_requests: int, most_bytes: int
) -> Iterator[tuple[Request, ...]]:
    batch: list[Request] = []
    size = 0
    for request in requests:
        more = _size(request)
        if batch and (len(batch) == most_requests or size + more > most_bytes):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(request)
        size += more
    yield tuple(batch)


def _size(request: Request) -> int:
    """Return about the bytes of a request's line in the file of a batch, and not fewer."""
    texts = [part.text for message in request.messages for part in message.parts]
    return sum(len(json.dumps(text)) for text in (*texts, request.answer_schema)) + _ENVELOPE


def mark_of(requests: Iterable[Request]) -> str:
    """Return what tells a batch of exactly these requests from every other, in any order."""
    return digest(sorted(request.key for request in requests))


def exchanges(
    requests: Iterable[Request], outcomes: Mapping[str, Completion | Failure], ms: int
) -> tuple[Exchange, ...]:
    """Return what is recorded of `requests` where they have an outcome, `ms` after they were submitted.

    A recorded failure is asked again, under the next attempt, when its run goes on.
    """
    return tuple(
        Exchange(request=request, outcome=outcomes[request.key], ms=ms)
        for request in requests
        if request.key in outcomes
    )
