"""A server that takes exactly what one row of `services.yaml` says, and declines the rest by name."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from panel.domain.json_schema import keywords_of
from panel.providers.services import ModelService
from tests.contract.kinds import KEY, Kind
from tests.contract.loopback import Heard, Loopback, Reply

_LIMITS = {"max_tokens", "max_completion_tokens"}


class ServiceServer(Loopback):
    """Stands in for the service of a `row`, at `address`."""

    def __init__(self, row: ModelService, kind: Kind) -> None:
        super().__init__([])
        self.row = row
        self.kind = kind
        self.declined: list[str] = []

    def reply_to(self, heard: Heard) -> Reply:
        """Return the answer, or the first thing that the service would not take."""
        if self.row.needs_key and heard.headers.get("authorization") != f"Bearer {KEY}":
            return Reply({"error": {"message": "Invalid API key"}}, status=401)
        fault = next(self._faults(heard.document), None)
        if fault is None:
            return Reply(self.kind.answer())
        self.declined.append(fault)
        return Reply({"error": {"message": fault, "type": "invalid_request_error"}}, status=400)

    def _faults(self, sent: Mapping[str, Any]) -> Iterator[str]:
        row = self.row
        for name in row.leaves_out:
            if name in sent:
                yield f"Unrecognized request argument supplied: {name}"
        for name in row.extra_body:
            if sent.get(name) != row.extra_body[name]:
                yield f"this service is routed by {name}"
        if row.api == "chat":
            for name in _LIMITS - {row.limit_field}:
                if name in sent:
                    yield f"Unsupported parameter: '{name}'. Use '{row.limit_field}' instead."
            if row.limit_field not in sent:
                yield f"{row.limit_field} is required here"
        if row.joins_parts and any(isinstance(one["content"], list) for one in sent["messages"]):
            yield "messages.1.content: value must be a string"
        yield from self._faults_of_the_form(sent)

    def _faults_of_the_form(self, sent: Mapping[str, Any]) -> Iterator[str]:
        form, schema = _form(sent)
        if form != self.row.answer_format:
            yield f"response_format {form} is unavailable"
        named = keywords_of(schema) & {*self.row.describes}
        if named:
            yield f"output schema: properties {', '.join(sorted(named))} are not supported"
        wants_words = self.row.quirks.puts_schema_in_prompt
        if wants_words and '"verdict":{"type":"string"' not in _words(sent):
            yield "the prompt has to say what the answer looks like"


def _form(sent: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the form that is asked for and its schema, of any of the APIs."""
    chat = sent.get("response_format") or {}
    responses = (sent.get("text") or {}).get("format") or {}
    messages = (sent.get("output_config") or {}).get("format") or {}
    form = chat.get("json_schema") or responses or messages
    return (chat or responses or messages).get("type", "none"), form.get("schema") or {}


def _words(sent: Mapping[str, Any]) -> str:
    turns = sent.get("messages") or sent.get("input") or []
    parts = [part for turn in turns for part in _parts(turn["content"])]
    parts += _parts(sent.get("system") or [])
    return "\n".join(parts)


def _parts(content: Any) -> list[str]:
    return (
        [content]
        if isinstance(content, str)
        else [json.loads(json.dumps(p["text"])) for p in content]
    )
