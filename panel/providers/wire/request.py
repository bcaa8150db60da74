"""A request as chat servers take it: messages, and the schema the answer has to keep."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import to_json

from panel.domain.exchange import Message, Part, Request
from panel.domain.json_schema import Schema

_BY_SCHEMA: Final = (
    "Answer with one JSON object and nothing else: no text around it, no code fence. It keeps this"
    " JSON Schema, with the keys in its order:"
)


def chat_messages(
    request: Request, *, mark_prefix: bool = False, joined: bool = False
) -> list[dict[str, Any]]:
    """Return the messages of `request` in the form of the chat completions API.

    With `joined` each message is one text, for servers that take no parts. Else one part goes out as a
    plain string, several as content parts, and with `mark_prefix` the part that ends the shared prefix
    carries an explicit cache breakpoint.
    """
    if joined:
        return [{"role": message.role, "content": message.text} for message in request.messages]
    return [_turn(message, "text", mark_prefix=mark_prefix) for message in request.messages]


def responses_input(request: Request, *, mark_prefix: bool = False) -> list[dict[str, Any]]:
    """Return the messages of `request` in the form of the responses API; else as chat_messages."""
    return [_turn(message, "input_text", mark_prefix=mark_prefix) for message in request.messages]


def answer_format(request: Request, schema: Schema) -> dict[str, Any]:
    """Return the name, strictness and schema of the answer."""
    return {"name": request.schema_name, "strict": True, "schema": schema}


def write_body(body: Mapping[str, Any]) -> bytes:
    """Return the bytes of the JSON that is sent."""
    return to_json(body)


def write_schema(schema: Schema) -> str:
    """Return what a prompt says of the answer's form, where the server is not sent it or ignores it."""
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"{_BY_SCHEMA}\n{written}"


def with_form(request: Request, in_prompt: str | None) -> Request:
    """Return `request` with the form of its answer in the prompt, unless that is None.

    It stands behind the system message, or before all else, where all requests of a kind share it.
    """
    if in_prompt is None:
        return request
    first, *others = request.messages
    part = Part(text=in_prompt)
    parts = (*first.parts, part) if first.role == "system" else (part, *first.parts)
    messages = (Message.model_construct(role=first.role, parts=parts), *others)
    # Not `but`, which checks all fields anew: what is sent has no key of its own.
    return request.model_copy(update={"messages": messages})


def without_system(request: Request) -> Request:
    """Return `request` with its system message at the head of the one behind it."""
    first, *others = request.messages
    if first.role != "system" or not others:
        return request
    parts = (*first.parts, *others[0].parts)
    joined = Message.model_construct(role=others[0].role, parts=parts)
    return request.model_copy(update={"messages": (joined, *others[1:])})


def ends_prefix(request: Request) -> bool:
    """Return whether a part of `request` ends the prefix that it shares with its siblings."""
    return any(part.ends_prefix for message in request.messages for part in message.parts)


def _turn(message: Message, kind: str, *, mark_prefix: bool) -> dict[str, Any]:
    marked = mark_prefix and any(part.ends_prefix for part in message.parts)
    # The parts of an earlier answer have a type of their own in each API; a string is one in all.
    if message.role == "assistant" or (len(message.parts) == 1 and not marked):
        return {"role": message.role, "content": message.text}
    parts = [_part(part, kind, marked=marked) for part in message.parts]
    return {"role": message.role, "content": parts}


def _part(part: Part, kind: str, *, marked: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"type": kind, "text": part.text}
    if marked and part.ends_prefix:
        content["prompt_cache_breakpoint"] = {"mode": "explicit"}
    return content
