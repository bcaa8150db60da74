"""What a model server takes of a request, and what is learnt when it declines a part of one.

A server's quirks are the columns of its row in `services.yaml`. Where a server declines a request
and names an optional field, a keyword of the schema or the form of the answer, the model that was
asked is asked without it from then on: see Acceptance.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import Field

from panel.domain.exchange import Request
from panel.domain.json_schema import BOUNDS, Schema, describe_bounds, keywords_of
from panel.domain.value import Value
from panel.errors import Amended
from panel.providers.faults import fault, read_complaint
from panel.providers.server import Server
from panel.providers.services import AnswerFormat, LimitField
from panel.providers.wire.request import write_schema

DECLINED: Final = (400, 422)
"""The statuses of a request that a server declines for what is in it."""

OPTIONAL: Final = (
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_breakpoint",
    "cache_control",
    "temperature",
    "seed",
    "reasoning_effort",
    "reasoning",
    "effort",
    "store",
)
"""The fields that a request can do without: its answer is checked all the same."""

_MOST_READ = 4_000
_FORMATS: Final = re.compile(
    r"response[_ -]?format|output_(?:config|format)|text\.format|json[_ -]?(?:schema|object|mode)"
    r"|structured[_ -]?outputs?",
    re.IGNORECASE | re.ASCII,
)
_WANTS_TEXT: Final = re.compile(
    r"(?:content|messages)\b[^\n]{0,200}?\b(?:string|str)\b", re.IGNORECASE | re.ASCII
)
_NO_SYSTEM: Final = re.compile(
    r"\bsystem[\s_'\"-]{1,3}(?:role|message|prompt|instruction)"
    r"|\brole\b[^\n]{0,60}?\bsystem\b|\broles must alternate\b",
    re.IGNORECASE | re.ASCII,
)
_OF_A_SCHEMA: Final = re.compile(r"schema|propert|keyword|format|grammar", re.IGNORECASE | re.ASCII)
_OF_A_FILTER: Final = re.compile(r"content|polic|safety|moderation", re.IGNORECASE | re.ASCII)
_AMOUNT: Final = re.compile(r"\d{2}", re.ASCII)


class Quirks(Value):
    """What a server takes, and in which form.

    `limit_field` is the chat completions API's name for the limit of the answer. `answer_format` is
    how the form of the answer is asked for; where it is no schema, or one that the server does not
    enforce, the schema stands in the prompt. `joins_parts`: a message is one text, not a list of
    parts. `joins_system`: there is no system message, its words begin the user's. `describes` has the
    keywords of a schema that are words in descriptions, `leaves_out` fields that are not sent,
    `extra_body` those that are sent besides.
    """

    limit_field: LimitField = "max_tokens"
    answer_format: AnswerFormat = "json_schema"
    enforces_schema: bool = True
    joins_parts: bool = False
    joins_system: bool = False
    describes: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @property
    def puts_schema_in_prompt(self) -> bool:
        """Whether a model could not know the form of the answer but by the prompt."""
        return self.answer_format != "json_schema" or not self.enforces_schema

    def fields(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of `settings` that are set and taken, and what is sent besides."""
        kept = {
            name: value
            for name, value in settings.items()
            if value is not None and name not in self.leaves_out
        }
        return {**kept, **self.extra_body}


@dataclass(frozen=True, slots=True)
class Form:
    """What a server is told of the form of an answer.

    It is made of the `source`, a request's schema, by `quirks`; `in_prompt` is what the prompt says of
    it, None where it need not.
    """

    source: Schema
    quirks: Quirks
    schema: Schema
    in_prompt: str | None


class Acceptance:
    """What one server takes, by model: its `first` quirks, and less for a model that declined more.

    It lasts as long as the process. What is learnt is said once, as a warning in the log.
    `formats` has the forms in which the adapter can ask for an answer, the strictest first, and
    `limit_fields` its names for the limit.
    """

    def __init__(
        self,
        first: Quirks,
        server: Server,
        formats: Sequence[AnswerFormat],
        *,
        limit_fields: Sequence[LimitField] = ("max_tokens", "max_completion_tokens"),
    ) -> None:
        self._first = first
        self._server = server
        self._formats = formats
        self._limit_fields = limit_fields
        self._learnt: dict[str, Quirks] = {}
        self._last_form: Form | None = None

    def of(self, model: str) -> Quirks:
        """Return what the server takes for `model`."""
        return self._learnt.get(model, self._first)

    def form(self, request: Request, quirks: Quirks) -> "Form":
        """Return the form of the answer as `quirks` want it; it is computed once a schema."""
        last = self._last_form
        source = request.answer_schema
        if last is None or last.quirks is not quirks or last.source != source:
            weak = describe_bounds(source, quirks.describes) if quirks.describes else source
            in_prompt = write_schema(weak) if quirks.puts_schema_in_prompt else None
            self._last_form = last = Form(source, quirks, weak, in_prompt)
        return last

    def learn(
        self,
        request: Request,
        sent: Quirks,
        body: Mapping[str, Any],
        *,
        status: int,
        answer: bytes,
    ) -> None:
        """Raise Amended where `answer` declines what of `body` the server can be asked without.

        `sent` are the quirks by which `body` was made. A content filter declines the text, which no
        other form of the request would change.
        """
        if status not in DECLINED:
            return
        complaint = read_complaint(answer, self._server)
        if any(_OF_A_FILTER.search(code) for code in complaint.codes):
            return
        said = complaint.text[:_MOST_READ]
        amended = self._without(sent, said, body, request.answer_schema)
        if amended is None:
            return
        now, what = amended
        before = self.of(request.model)
        after = _merge(before, sent, now)
        self._learnt[request.model] = after
        declined = str(fault(status, answer, self._server)).rstrip(".")
        line = f"{declined}. From now on {request.model} is asked without {what}."
        if after != before:
            logging.getLogger("shipskip").warning(line)
        raise Amended(line)

    def learner(
        self, body: Callable[[Request, Quirks], Mapping[str, Any]]
    ) -> Callable[[Request, int, bytes], None]:
        """Return what learns from the requests of one batch that were declined.

        `body` makes what was sent. All were sent before any was declined, so each is judged by what
        the server is thought to take now.
        """
        sent: dict[str, Quirks] = {}

        def learn(request: Request, status: int, answer: bytes) -> None:
            quirks = sent.setdefault(request.model, self.of(request.model))
            with suppress(Amended):
                made = body(request, quirks)
                self.learn(request, quirks, made, status=status, answer=answer)

        return learn

    def _without(
        self, sent: Quirks, said: str, body: Mapping[str, Any], schema: Schema
    ) -> tuple[Quirks, str] | None:
        """Return weaker quirks than `sent` and what they lack, None where nothing is named."""
        if sent.answer_format == "json_schema" and _OF_A_SCHEMA.search(said):
            named = [key for key in keywords_of(schema) - {*sent.describes} if _names(key, said)]
            if named:
                bounds = tuple(dict.fromkeys((*sent.describes, *BOUNDS)))
                return sent.model_copy(update={"describes": bounds}), _listed(sorted(named))
        if (other := self._other_limit(sent, said, body)) is not None:
            return sent.model_copy(update={"limit_field": other}), sent.limit_field
        dropped = [name for name in OPTIONAL if _names(name, said) and _holds(body, name)]
        if dropped:
            leaves_out = tuple(dict.fromkeys((*sent.leaves_out, *dropped)))
            return sent.model_copy(update={"leaves_out": leaves_out}), _listed(dropped)
        joins, what = _joined_messages(sent, said, body)
        if joins:
            return sent.model_copy(update={joins: True}), what
        place = self._formats.index(sent.answer_format) + 1
        if place < len(self._formats) and _FORMATS.search(said):
            weaker = sent.model_copy(update={"answer_format": self._formats[place]})
            return weaker, sent.answer_format
        return None

    def _other_limit(self, sent: Quirks, said: str, body: Mapping[str, Any]) -> LimitField | None:
        """Return the other name of the limit, where it is the name that `said` declines.

        A message with a number in it is about the amount, unless it names the other field too.
        """
        name = sent.limit_field
        other = next((one for one in self._limit_fields if one != name), None)
        if other is None or name != self._first.limit_field or name not in body:
            return None
        if not _names(name, said):
            return None
        return other if _names(other, said) or not _AMOUNT.search(said) else None


def _merge(current: Quirks, sent: Quirks, now: Quirks) -> Quirks:
    """Return `current` with what `now` has otherwise than `sent`: other calls learnt meanwhile."""
    changed = {
        name: getattr(now, name)
        for name in Quirks.model_fields
        if getattr(now, name) != getattr(sent, name)
    }
    if "leaves_out" in changed:
        changed["leaves_out"] = tuple(dict.fromkeys((*current.leaves_out, *now.leaves_out)))
    return current.model_copy(update=changed)


def _holds(body: Any, name: str) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a field of that name stands anywhere in `body`."""
    if isinstance(body, Mapping):
        return name in body or any(_holds(value, name) for value in body.values())
    return isinstance(body, list) and any(_holds(item, name) for item in body)


def _joined_messages(sent: Quirks, said: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the quirk by which fewer messages or parts of them are sent, and what these are."""
    if not sent.joins_parts and _WANTS_TEXT.search(said) and _has_parts(body):
        return "joins_parts", "parts of messages"
    if not sent.joins_system and _NO_SYSTEM.search(said) and _has_system(body):
        return "joins_system", "a system message"
    return "", ""


def _has_parts(body: Mapping[str, Any]) -> bool:
    """Return whether a message of the chat API is sent as a list of parts."""
    return any(isinstance(one.get("content"), list) for one in _turns(body))


def _has_system(body: Mapping[str, Any]) -> bool:
    """Return whether a message of the chat API is the system's."""
    return any(one.get("role") == "system" for one in _turns(body))


def _turns(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    turns = messages if isinstance(messages, list) else []
    return [one for one in turns if isinstance(one, dict)]


def _names(name: str, said: str) -> bool:
    return _whole(name).search(said) is not None


@cache
def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", re.ASCII)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
