"""The JSON in which a model server sends an answer, read into a completion or a plain reason.

The token counts are read first, so that they are known where the answer itself cannot be used.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from panel.domain.exchange import Completion, Usage
from panel.errors import Refused, Transient, Unusable
from panel.providers.faults import fault, one_line
from panel.providers.server import Server

_LONGEST_NAME = 200
_MOST_DIGITS = 1_000
# Every server has words of its own for why an answer ended, so they are known by their stems. One
# that has none of these came to its own end; whether it did is seen by its JSON.
_CUT_SHORT = re.compile(r"length|max|limit|window|budget|trunc|incomplete")
_HELD_BACK = re.compile(r"filter|safety|refus|recit|block|prohibit|guard|moderat|spii|sensitive")
_BROKE_OFF = re.compile(r"error|fail|malform")
_NO_ANSWER = re.compile(r"tool|function|abort|cancel|interrupt|pause")
_SURROGATES = re.compile("[\ud800-\udfff]")
_STREAM = re.compile(r"\s{0,99}(?:data|event|id|retry)?:", re.ASCII)
_FAULTS = range(400, 600)
_STATUS = re.compile(r"[45]\d\d", re.ASCII)
# What servers call a failure under status 200 that is gone in a moment.
_MAY_PASS = re.compile(
    r"server_?error|rate_?limit|overload|timed?_?out|unavailable|exhausted|internal", re.IGNORECASE
)
_SAID_INSTEAD = ("detail", "message")  # of an answer, where no error is named so
_TEXTS = ("text", "output_text")  # the latter by gateways that have the responses API behind them

Reader = Callable[[bytes, Server, str], Completion]
"""How the body of an answer is read: read_chat or read_responses."""

Tokens = Mapping[str, int]


class Wire(BaseModel):
    """A part of the JSON around an answer: types are checked, unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Piece(Wire):
    type: str
    text: Any = None  # of reasoning it is whatever the server makes of it
    refusal: str | None = None

    def said(self, kind: str) -> str:
        """Return the text of a piece of this kind, nothing of another."""
        return self.text if self.type == kind and isinstance(self.text, str) else ""


class _Message(Wire):
    content: str | list[_Piece] | None = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(Wire):
    message: _Message | None = None
    finish_reason: Any = None


class _Chat(Wire):
    choices: list[_Choice] | None = None


class _Item(Wire):
    type: str
    phase: str | None = None
    content: list[_Piece] | None = None


class _Why(Wire):
    reason: str | None = None


class _Response(Wire):
    status: str | None = None
    incomplete_details: _Why | None = None
    output: list[_Item] | None = None


def read_chat(body: bytes, server: Server, asked: str) -> Completion:
    """Return the completion that `body`, an answer of the chat completions API, holds.

    `asked` is the model that was asked for, taken where the answer names none. None of the server's
    keys is left in answer or reason. Raises Transient where the body was cut on its way, Refused
    where the model or a filter declined, and Unusable for the rest, each with the tokens used.
    """
    document = read_object(body, server)
    tokens = _tokens(document.get("usage"), "prompt_tokens", "completion_tokens")
    refuse_fault(document, server, tokens)
    try:
        choices = _Chat.model_validate(document).choices
    except ValidationError as error:
        refuse_shape(error, server, tokens)
    if not choices or choices[0].message is None:
        raise _nothing(f"{server.name} sent no answer: the list of choices is empty", tokens)
    message, reason = choices[0].message, choices[0].finish_reason
    pieces = message.content if isinstance(message.content, list) else []
    refusal = message.refusal or joined((piece.refusal for piece in pieces), server)
    if refusal:
        raise declined(refusal, tokens)
    _refuse_early_end(reason, server, tokens)
    text = (
        message.content
        if isinstance(message.content, str)
        else joined((piece.said(kind) for piece in pieces for kind in _TEXTS), server)
    )
    if not text.strip() and (message.reasoning_content or message.reasoning):
        raise _only_reasoning(server, tokens)
    return completion(text, document, tokens, server, asked)


def read_responses(body: bytes, server: Server, asked: str) -> Completion:
    """Return the completion that `body`, an answer of the responses API, holds: see read_chat."""
    document = read_object(body, server)
    tokens = _tokens(document.get("usage"), "input_tokens", "output_tokens")
    refuse_fault(document, server, tokens)
    try:
        response = _Response.model_validate(document)
    except ValidationError as error:
        refuse_shape(error, server, tokens)
    # A message in another phase is commentary on the way to the answer.
    pieces = [
        piece
        for item in response.output or []
        if item.type == "message" and item.phase in (None, "final_answer")
        for piece in item.content or []
    ]
    refusal = joined((piece.refusal for piece in pieces if piece.type == "refusal"), server)
    if refusal:
        raise declined(refusal, tokens)
    status = (response.status or "completed").casefold()
    if status == "incomplete":
        why = response.incomplete_details
        _refuse_early_end(why.reason if why else None, server, tokens)
    if status != "completed":
        state = one_line(status)
        raise Unusable(f"{server.name} sent no finished answer: it is {state}", tokens=tokens)
    text = joined((piece.said("output_text") for piece in pieces), server)
    if not pieces and any(item.type == "reasoning" for item in response.output or []):
        raise _only_reasoning(server, tokens)
    return completion(text, document, tokens, server, asked)


def completion(
    text: str, document: dict[str, Any], tokens: Tokens | None, server: Server, asked: str
) -> Completion:
    """Return the completion of `text`, which stood in `document`. Raises Unusable.

    A router names who answered behind it as `provider`.
    """
    if not text.strip():
        raise _nothing(f"{server.name} sent an empty answer", tokens)
    return Completion(
        text=_SURROGATES.sub("", text),  # half a character can be written nowhere
        model=_name(document.get("model")) or asked,
        usage=None if tokens is None else Usage(**tokens),
        response_id=_name(document.get("id")),
        upstream=_name(document.get("provider")),
    )


def _nothing(reason: str, tokens: Tokens | None) -> Transient | Unusable:
    """Return the error of an answer without content: it may pass where nothing was written for it."""
    kind = Unusable if tokens and tokens["output"] else Transient
    return kind(reason, tokens=tokens)


def _only_reasoning(server: Server, tokens: Tokens | None) -> Unusable:
    return Unusable(
        f"{server.name} sent all of its answer as reasoning, and none as content: switch its "
        "reasoning, or its parser of reasoning, off for this model",
        tokens=tokens,
    )


def read_object(body: bytes, server: Server) -> dict[str, Any]:
    """Return the JSON object that `body` holds, with each name once and none of the server's keys.

    Raises Transient where it was cut on its way, and Unusable.
    """
    if not body.strip():
        raise Transient(f"{server.name} sent an empty body")
    try:
        text = server.keys.scrub(body.decode("utf-8-sig"))
        document = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise _unreadable(text, error, server) from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{server.name} sent no valid JSON: {_why(error)}") from error
    if not isinstance(document, dict):
        raise Unusable(f"{server.name} sent JSON that is not an object")
    return document


def _unreadable(text: str, error: json.JSONDecodeError, server: Server) -> Transient | Unusable:
    start = text.lstrip()[:1]
    if _STREAM.match(text) or text[error.pos : error.pos + 1] == start == "{":
        return Unusable(
            f"{server.name} sent an event stream, which was not asked for: switch streaming off there"
        )
    if start == "{" and (error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")):
        return Transient(f"the answer of {server.name} was cut off on its way")
    if start == "<":
        return Unusable(
            f"{server.name} answered with a web page instead of JSON: check the base_url"
        )
    return Unusable(f"{server.name} sent no valid JSON: {error.msg} at character {error.pos}")


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it is not UTF-8" if isinstance(error, UnicodeError) else one_line(str(error))


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS:,} digits")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _tokens(usage: Any, sent: str, written: str) -> Tokens | None:  # noqa: ANN401 - any JSON value
    """Return what `usage` counts by the names of a Usage, or None where one of the two is not told.

    A part that is no count is left out. Parts are held under their whole, or a bill could go below
    zero.
    """
    if not isinstance(usage, dict):
        return None
    read, wrote = count(usage.get(sent)), count(usage.get(written))
    if read is None or wrote is None:
        return None
    into = usage.get(f"{sent}_details") or usage.get("input_tokens_details")
    out_of = usage.get(f"{written}_details") or usage.get("output_tokens_details")
    tokens = {"input": read, "output": wrote}
    cached = part(into, "cached_tokens")
    if cached is None:
        cached = count(usage.get("num_cached_tokens"))
    tokens["cached"] = min(cached or 0, tokens["input"])
    written_to_cache = part(into, "cache_write_tokens") or 0
    tokens["cache_written"] = min(written_to_cache, tokens["input"] - tokens["cached"])
    tokens["reasoning"] = min(part(out_of, "reasoning_tokens") or 0, tokens["output"])
    return tokens


def part(details: Any, name: str) -> int | None:  # noqa: ANN401 - any JSON value
    """Return the count of that name in `details`, None where there is none."""
    return count(details.get(name)) if isinstance(details, dict) else None


def count(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """Return `value` where it counts something, else None."""
    return value if type(value) is int and 0 <= value < 10**12 else None


def refuse_fault(document: dict[str, Any], server: Server, tokens: Tokens | None) -> None:
    """Raise where a failure is reported under status 200, as gateways and failed responses do."""
    error = document.get("error")
    if not error and document.keys().isdisjoint(("choices", "output", "content")):
        said = (document.get(name) for name in _SAID_INSTEAD)
        error = next((one for one in said if one and isinstance(one, str | list)), None)
    if not error or document.get("choices"):
        return
    body = json.dumps(document).encode()
    raise fault(_status_of(error), body, server, tokens=tokens)


def _status_of(error: Any) -> int:  # noqa: ANN401 - any JSON value
    """Return the status that an error under 200 would have had; 400 where nothing tells it."""
    named = error if isinstance(error, dict) else {}
    code = named.get("code")
    number = int(code) if isinstance(code, str) and _STATUS.fullmatch(code) else code
    if type(number) is int and number in _FAULTS:
        return number
    said = (named.get(name) for name in ("code", "type", "status"))
    return 500 if any(isinstance(one, str) and _MAY_PASS.search(one) for one in said) else 400


def _refuse_early_end(reason: object, server: Server, tokens: Tokens | None) -> None:
    """Raise where the model did not come to its own end, as far as a server's word for it tells."""
    said = reason.casefold() if isinstance(reason, str) else ""
    if _HELD_BACK.search(said):
        raise held_back(server, tokens)
    if _CUT_SHORT.search(said):
        raise cut_off(tokens)
    if _BROKE_OFF.search(said):
        raise broke_off(server, tokens)
    if _NO_ANSWER.search(said):
        raise ended_early(said, tokens)


def declined(words: str, tokens: Tokens | None) -> Refused:
    """Return the error of a model that said in `words` that it does not answer."""
    return Refused(f"the model declined to answer: {one_line(words)}", tokens=tokens)


def held_back(server: Server, tokens: Tokens | None) -> Refused:
    """Return the error of an answer that a filter took out."""
    return Refused(f"a content filter of {server.name} held the answer back", tokens=tokens)


def cut_off(tokens: Tokens | None) -> Unusable:
    """Return the error of an answer that came to the limit of its length."""
    return Unusable(
        "the answer was cut off at the limit of its length: raise max_output_tokens under [calls]",
        tokens=tokens,
    )


def broke_off(server: Server, tokens: Tokens | None) -> Transient:
    """Return the error of a server that stopped within an answer."""
    return Transient(f"{server.name} broke off in the middle of the answer", tokens=tokens)


def ended_early(reason: str, tokens: Tokens | None) -> Unusable:
    """Return the error of an answer that ended for a `reason` of the server's own."""
    return Unusable(f"the answer ended early: {one_line(reason)}", tokens=tokens)


def refuse_shape(error: ValidationError, server: Server, tokens: Tokens | None) -> NoReturn:
    """Raise Unusable for an answer of an unknown shape."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = one_line(".".join(str(step) for step in first["loc"]))
    raise Unusable(
        f"{server.name} sent an answer of an unknown shape: {place}: {one_line(first['msg'])}",
        tokens=tokens,
    ) from error


def joined(pieces: Iterable[str | None], server: Server) -> str:
    """Return `pieces` of an answer as one text, without the server's keys."""
    # Each piece was scrubbed, but one key may lie in two of them.
    return server.keys.scrub("".join(piece or "" for piece in pieces))


def _name(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Return `value` if a recording may have it as a name, else None."""
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable():
        return value
    return None
