"""A request to a model, what came of it, and the pair as it lies on disk."""

import hashlib
import json
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import to_json

from panel.domain.value import Value, is_none

Count = Annotated[int, Field(ge=0)]
Effort = Literal["none", "minimal", "low", "medium", "high"]
Service = Literal["batch"]
FailureKind = Literal["transient", "refused", "unusable"]


class Part(Value):
    """A piece of a message; `ends_prefix` marks the last one that all personas of a tool share."""

    text: str
    ends_prefix: bool = False


class Message(Value):
    """One turn, in one or more parts."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The parts as one text."""
        return "\n\n".join(part.text for part in self.parts)


INTAKE = "intake"
"""The label of the request for facts."""
REVIEW = "review:"
"""What the label of a request for a review begins with; the persona's key follows."""


class Request(Value):
    """Everything that decides an answer, and nothing else: no key, no header, no address.

    `label` names what is asked for (`review:builder`, `intake`); `sample` tells deliberate repeats
    apart; `attempt` tells re-asks after a recorded failure apart.
    """

    label: str
    provider: str
    model: str
    messages: tuple[Message, ...]
    schema_name: str
    answer_schema: dict[str, Any]
    max_output_tokens: Annotated[int, Field(gt=0)]
    temperature: float | None = None
    effort: Effort | None = None
    prefix_key: str = ""
    sample: Count = 0
    attempt: Count = 0

    @cached_property
    def canonical(self) -> str:
        """The whole request in canonical form: its key and its recording are made of it."""
        rest = canonical(self.model_dump(mode="json", exclude={"answer_schema"}))
        return f'{{"answer_schema":{_schema_text(self.answer_schema)},{rest[1:]}'

    @cached_property
    def key(self) -> str:
        """The SHA-256 of the whole request, in hex."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def size(self) -> int:
        """The bytes of its messages' parts and its schema."""
        texts = sum(len(part.text.encode()) for message in self.messages for part in message.parts)
        return texts + len(_schema_text(self.answer_schema).encode())

    @property
    def reviewer(self) -> str | None:
        """The key of the persona whose review it asks for; None where it asks for something else."""
        return self.label.removeprefix(REVIEW) if self.label.startswith(REVIEW) else None

    @property
    def turn(self) -> tuple[str, int, int]:
        """What it asks for, whichever attempt it is: its label, its sample, its number of messages."""
        return self.label, self.sample, len(self.messages)

    @property
    def is_repair(self) -> bool:
        """Whether it shows the model an answer of its own that was refused, and asks again."""
        return any(message.role == "assistant" for message in self.messages)

    def but(self, **changes: Any) -> "Request":  # noqa: ANN401 - any of the fields
        """Return this request with `changes`; model_copy would carry the old key along, and more."""
        same = {name: getattr(self, name) for name in type(self).model_fields}
        return Request(**{**same, **changes})


class Usage(Value):
    """Tokens as the provider counted them; `cached` and `cache_written` are part of `input`."""

    input: Count = 0
    output: Count = 0
    cached: Count = 0
    cache_written: Count = 0
    reasoning: Count = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cached=self.cached + other.cached,
            cache_written=self.cache_written + other.cache_written,
            reasoning=self.reasoning + other.reasoning,
        )


class Completion(Value):
    """An answer: its text as it came, who answered, and what it used.

    `usage` is None where nobody counted (an answer given by hand). `calls` is the number of HTTP
    requests that were made for it. `service` is "batch" where the provider's batch service gave it, at
    a price of its own; None, where it was a call of its own. `upstream` is whose server a router passed
    the request on to; None, where the answer names none. Both are left out of recordings where None.
    """

    text: str
    model: str
    usage: Usage | None = None
    calls: Count = 1
    waited_ms: Count = 0
    response_id: str | None = None
    upstream: str | None = Field(default=None, exclude_if=is_none)
    service: Service | None = Field(default=None, exclude_if=is_none)


class Failure(Value):
    """Why there is no answer: the class of error, its plain reason, and what it used all the same.

    `service` is as in a Completion.
    """

    kind: FailureKind
    reason: str
    usage: Usage | None = None
    calls: Count = 1
    waited_ms: Count = 0
    service: Service | None = Field(default=None, exclude_if=is_none)


class Exchange(Value):
    """A request and its outcome. `ms` is the time from the request to its end, in milliseconds."""

    request: Request
    outcome: Completion | Failure
    ms: Count

    @property
    def canonical(self) -> str:
        """The whole exchange in canonical form."""
        outcome = canonical(self.outcome.model_dump(mode="json"))
        return f'{{"ms":{self.ms},"outcome":{outcome},"request":{self.request.canonical}}}'


def canonical(document: Any) -> str:  # noqa: ANN401 - any JSON document
    """Return `document` as JSON with sorted keys, no spaces and no escapes but the needed ones."""
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _schema_text(schema: dict[str, Any]) -> str:
    """Return the canonical form of a schema: a night's thousands of requests have two of them."""
    return _with_sorted_keys(to_json(schema))


@lru_cache(maxsize=8)
def _with_sorted_keys(document: bytes) -> str:
    return canonical(json.loads(document))


def digest(document: Any) -> str:  # noqa: ANN401 - any JSON document
    """Return the SHA-256 of the canonical form of `document`, in hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()
