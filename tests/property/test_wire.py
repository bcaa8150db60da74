"""Whatever a server sends, it becomes a completion or an error with one plain line."""

import json
import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from panel.domain.exchange import Completion
from panel.errors import ProviderError
from panel.providers.faults import MOST_REASON, fault
from panel.providers.key_redaction import KnownKeys
from panel.providers.retry_after import read_retry_after
from panel.providers.server import Server
from panel.providers.wire.answer import read_chat, read_responses

SERVER = Server("S", KnownKeys(["a-key-of-no-known-shape"]))
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
WORDS = st.sampled_from(
    [
        "choices", "message", "content", "refusal", "finish_reason", "usage", "prompt_tokens",
        "completion_tokens", "input_tokens", "output_tokens", "prompt_tokens_details",
        "cached_tokens", "num_cached_tokens", "status", "output", "type", "text", "output_text",
        "stop", "length", "completed", "incomplete", "error", "code", "id", "model", "detail", "msg",
    ]
)  # fmt: skip
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)
USAGE = st.dictionaries(WORDS, ANY_JSON, max_size=5) | ANY_JSON
PIECES = st.lists(
    st.fixed_dictionaries(
        {"type": WORDS | ANY_JSON}, optional={"text": ANY_JSON, "refusal": ANY_JSON}
    ),
    max_size=3,
)
MESSAGE = st.fixed_dictionaries({}, optional={"content": ANY_JSON | PIECES, "refusal": ANY_JSON})
CHOICE = st.fixed_dictionaries({"message": MESSAGE}, optional={"finish_reason": ANY_JSON})
CHAT = st.fixed_dictionaries(
    {"choices": st.lists(CHOICE, max_size=2)},
    optional={"usage": USAGE, "id": ANY_JSON, "model": ANY_JSON, "error": ANY_JSON},
)
ITEM = st.fixed_dictionaries({"type": st.just("message"), "content": PIECES})
RESPONSE = st.fixed_dictionaries(
    {"output": st.lists(ITEM, max_size=2)},
    optional={
        "usage": USAGE,
        "status": ANY_JSON,
        "error": ANY_JSON,
        "incomplete_details": ANY_JSON,
    },
)


def check(body: bytes) -> None:
    for read in (read_chat, read_responses):
        try:
            completion = read(body, SERVER, "m")
        except ProviderError as error:
            assert_plain(str(error))
            continue
        assert completion.text.strip()
        assert Completion.model_validate_json(completion.model_dump_json()) == completion


def assert_plain(reason: str) -> None:
    assert reason
    assert reason.isprintable()
    assert len(reason) <= MOST_REASON * 3


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"choices":' * 100_000)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    check(body)


@given(CHAT | RESPONSE | ANY_JSON)
def test_any_envelope_is_read_or_refused(document: Any) -> None:
    check(json.dumps(document).encode())


@given(
    st.integers(100, 999), st.binary(max_size=200) | ANY_JSON.map(lambda x: json.dumps(x).encode())
)
@example(400, b'{"detail":' + b"[" * 900 + b"]" * 900 + b"}")
@example(400, b'{"detail": [{"loc": ' + b"[" * 900 + b"]" * 900 + b', "msg": "x"}]}')
def test_any_fault_has_a_plain_reason(status: int, body: bytes) -> None:
    assert_plain(str(fault(status, body, SERVER)))


@given(ANY_TEXT | st.floats().map(str), ANY_TEXT | st.integers().map(str))
def test_any_header_is_a_wait_or_none(after: str, milliseconds: str) -> None:
    headers = {"retry-after": after, "retry-after-ms": milliseconds}
    seconds = read_retry_after(headers, datetime(2026, 11, 22, tzinfo=UTC))
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
