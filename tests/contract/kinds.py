"""A model's API in each way of speaking it: what its server answers, and the adapter before it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from panel.domain.exchange import Completion, Message, Part, Request

KEY = "a-key-of-no-known-shape-0123456789"
PATIENCE_S = 60.0
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
TEXT = '{"verdict": "ship", "reason": "żółw 🐢 does what it says"}'

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "score": {"$ref": "#/$defs/score"},
        "verdict": {"type": "string", "enum": ["ship", "skip"]},
    },
    "required": ["reason", "score", "verdict"],
    "additionalProperties": False,
    "$defs": {"score": {"type": "integer", "minimum": 1, "maximum": 5}},
}


class StillClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Live(Protocol):
    async def complete(self, request: Request) -> Completion: ...

    async def close(self) -> None: ...


def a_request(**changes: Any) -> Request:
    fields: dict[str, Any] = {
        "label": "review:skeptic",
        "provider": "openai",
        "model": "gpt-6-luna",
        "messages": (
            Message(role="system", parts=(Part(text="You review tools."),)),
            Message(
                role="user",
                parts=(Part(text="The tool: żółw.", ends_prefix=True), Part(text="You: skeptic.")),
            ),
        ),
        "schema_name": "ballot",
        "answer_schema": SCHEMA,
        "max_output_tokens": 900,
    }
    return Request(**{**fields, **changes})


def a_chat(**changes: Any) -> dict[str, Any]:
    """An answer of the chat completions API; `message` and `choice` change what lies deeper."""
    message = {"role": "assistant", "content": TEXT, **changes.pop("message", {})}
    choice = {"index": 0, "finish_reason": "stop", "message": message, **changes.pop("choice", {})}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1763800000,
        "model": "luna-2026-10-01",
        "choices": [choice],
        "usage": {
            "prompt_tokens": 1200,
            "completion_tokens": 330,
            "total_tokens": 1530,
            "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 128},
            "completion_tokens_details": {"reasoning_tokens": 64},
        },
        **changes,
    }


def a_response(**changes: Any) -> dict[str, Any]:
    """An answer of the responses API; `content` changes the pieces of its message."""
    content = changes.pop("content", [{"type": "output_text", "text": TEXT, "annotations": []}])
    message = {"type": "message", "id": "msg_1", "role": "assistant", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "luna-2026-10-01",
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, message],
        "usage": {
            "input_tokens": 1200,
            "output_tokens": 330,
            "total_tokens": 1530,
            "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 128},
            "output_tokens_details": {"reasoning_tokens": 64},
        },
        **changes,
    }


def a_message(**changes: Any) -> dict[str, Any]:
    """An answer of the messages API; its input tokens do not hold those of the cache."""
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "x"}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "luna-2026-10-01",
        "content": [thought, {"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 48,
            "cache_read_input_tokens": 1024,
            "cache_creation_input_tokens": 128,
            "output_tokens": 330,
            "output_tokens_details": {"thinking_tokens": 64},
        },
        **changes,
    }


@dataclass(frozen=True)
class Kind:
    """One adapter in one of its ways of speaking, and what its server answers."""

    name: str

    def open(self, address: str, **settings: Any) -> Live:
        is_root = self.name in ("mistral", "messages")
        return self.open_at(address if is_root else f"{address}/v1", **settings)

    def open_at(self, base_url: str, *, timeout_s: float = PATIENCE_S, **settings: Any) -> Live:
        settings = {"api_key": KEY, "clock": StillClock(), "timeout_s": timeout_s, **settings}
        if self.name == "mistral":
            from panel.providers.mistral import Mistral  # noqa: PLC0415 - each SDK takes long

            return Mistral(server_url=base_url, **settings)
        if self.name == "messages":
            from panel.providers.anthropic import Anthropic  # noqa: PLC0415 - as above

            return Anthropic(base_url=base_url, **settings)
        from panel.providers.openai import OpenAI  # noqa: PLC0415 - as above

        api: Any = "responses" if self.speaks_responses else "chat"
        return OpenAI(base_url=base_url, api=api, **settings)

    @property
    def speaks_responses(self) -> bool:
        return self.name == "responses"

    @property
    def speaks_messages(self) -> bool:
        return self.name == "messages"

    @property
    def path(self) -> str:
        if self.speaks_messages:
            return "/v1/messages"
        return "/v1/responses" if self.speaks_responses else "/v1/chat/completions"

    def request(self, **changes: Any) -> Request:
        return a_request(**changes)

    def usage(self, counts: Any) -> Any:
        """`counts` by the names of a Usage, as this API writes them; what is no dict stays."""
        if not isinstance(counts, dict):
            return counts
        if self.speaks_messages:
            return _apart(counts)
        sent, written = ("input", "output") if self.speaks_responses else ("prompt", "completion")
        names = {"input": f"{sent}_tokens", "output": f"{written}_tokens"}
        usage = {names[name]: counts[name] for name in names if name in counts}
        parts = {"cached": "cached_tokens", "cache_written": "cache_write_tokens"}
        into = {parts[name]: counts[name] for name in parts if name in counts}
        out_of = {"reasoning_tokens": counts["reasoning"]} if "reasoning" in counts else {}
        details = {f"{sent}_tokens_details": into, f"{written}_tokens_details": out_of}
        return {**usage, **{name: counts.get("details", value) for name, value in details.items()}}

    def answer(self, text: str = TEXT, **changes: Any) -> dict[str, Any]:
        if self.speaks_messages:
            return a_message(content=[{"type": "text", "text": text}], **changes)
        if self.speaks_responses:
            return a_response(content=[{"type": "output_text", "text": text}], **changes)
        return a_chat(message={"content": text}, **changes)

    def refusal(self, words: str) -> dict[str, Any]:
        if self.speaks_messages:
            return a_message(content=[{"type": "text", "text": words}], stop_reason="refusal")
        if self.speaks_responses:
            return a_response(content=[{"type": "refusal", "refusal": words}])
        return a_chat(message={"content": None, "refusal": words})

    def stopped_by(self, reason: str) -> dict[str, Any]:
        """An answer that ended for `length` or for the `content_filter`."""
        if self.speaks_messages:
            names = {"length": "max_tokens", "content_filter": "refusal", "error": "pause_turn"}
            return a_message(content=[], stop_reason=names.get(reason, reason))
        if self.speaks_responses:
            why = "max_output_tokens" if reason == "length" else reason
            return a_response(status="incomplete", incomplete_details={"reason": why})
        return a_chat(choice={"finish_reason": reason})

    def without_answers(self, nothing: Any) -> dict[str, Any]:
        place = "output" if self.speaks_responses else "choices"
        return {**self.answer(), "content" if self.speaks_messages else place: nothing}


def _apart(counts: dict[str, Any]) -> dict[str, Any]:
    """Return `counts` as the messages API writes them: what the cache has is no input."""
    cache = {"cached": "cache_read_input_tokens", "cache_written": "cache_creation_input_tokens"}
    usage = {cache[name]: counts[name] for name in cache if name in counts}
    if "input" in counts:
        usage["input_tokens"] = counts["input"] - sum(usage.values())
    if "output" in counts:
        usage["output_tokens"] = counts["output"]
    thought = {"thinking_tokens": counts["reasoning"]} if "reasoning" in counts else {}
    return {**usage, "output_tokens_details": counts.get("details", thought)}
