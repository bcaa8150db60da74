"""The answers of Anthropic's messages API, read into a completion or a plain reason."""

from typing import Any

from pydantic import ValidationError

from panel.domain.exchange import Completion
from panel.errors import Unusable
from panel.providers.server import Server
from panel.providers.wire.answer import (
    Tokens,
    Wire,
    broke_off,
    completion,
    count,
    cut_off,
    declined,
    ended_early,
    held_back,
    joined,
    part,
    read_object,
    refuse_fault,
    refuse_shape,
)

_ITS_OWN_END = (None, "end_turn", "stop_sequence")
_CUT_SHORT = ("max_tokens", "model_context_window_exceeded")


class _Block(Wire):
    type: str
    text: str | None = None


class _Message(Wire):
    content: list[_Block] | None = None
    stop_reason: str | None = None


def read_messages(body: bytes, server: Server, asked: str) -> Completion:
    """Return the completion that `body`, an answer of the messages API, holds: see read_chat.

    Of its blocks only those of text are the answer; the others are thoughts.
    """
    document = read_object(body, server)
    tokens = _tokens(document.get("usage"))
    refuse_fault(document, server, tokens)
    try:
        message = _Message.model_validate(document)
    except ValidationError as error:
        refuse_shape(error, server, tokens)
    blocks = message.content or []
    text = joined((block.text for block in blocks if block.type == "text"), server)
    _refuse_early_end(message.stop_reason, text, server, tokens)
    if not blocks:
        raise Unusable(f"{server.name} sent no answer: it has no content", tokens=tokens)
    return completion(text, document, tokens, server, asked)


def _refuse_early_end(reason: str | None, text: str, server: Server, tokens: Tokens | None) -> None:
    """Raise where the model did not come to its own end."""
    if reason in _ITS_OWN_END:
        return
    if reason in _CUT_SHORT:
        raise cut_off(tokens)
    if reason == "refusal":
        raise declined(text, tokens) if text.strip() else held_back(server, tokens)
    if reason == "pause_turn":
        raise broke_off(server, tokens)
    raise ended_early(str(reason), tokens)


def _tokens(usage: Any) -> Tokens | None:  # noqa: ANN401 - any JSON value
    """Return what `usage` counts by the names of a Usage, or None where one of the two is not told.

    Its input tokens are those that are neither read from the cache nor written to it.
    """
    if not isinstance(usage, dict):
        return None
    fresh, written = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    if fresh is None or written is None:
        return None
    cached = count(usage.get("cache_read_input_tokens")) or 0
    into_cache = count(usage.get("cache_creation_input_tokens")) or 0
    thought = part(usage.get("output_tokens_details"), "thinking_tokens") or 0
    return {
        "input": fresh + cached + into_cache,
        "output": written,
        "cached": cached,
        "cache_written": into_cache,
        "reasoning": min(thought, written),
    }
