"""What only the Anthropic adapter does."""

from typing import Any

import anthropic
import httpx2
import pytest

from panel.domain.exchange import Message, Part, Usage
from panel.errors import ConfigError, ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.anthropic import Anthropic
from tests.contract.kinds import KEY, StillClock, a_message, a_request
from tests.contract.loopback import Loopback, Reply


def at(address: str | None, **settings: Any) -> Anthropic:
    return Anthropic(api_key=KEY, base_url=address, clock=StillClock(), timeout_s=60, **settings)


async def sent_for(**changes: Any) -> dict[str, Any]:
    async with Loopback([Reply(a_message())]) as server:
        provider = at(server.address)
        await provider.complete(a_request(**changes))
        await provider.close()
    document = server.heard[0].document
    assert isinstance(document, dict)
    return document


async def test_the_shared_prefix_ends_in_a_mark_for_the_cache() -> None:
    sent = await sent_for(prefix_key="tool-1")
    assert sent["system"] == [{"type": "text", "text": "You review tools."}]
    (turn,) = sent["messages"]
    assert turn["content"] == [
        {"type": "text", "text": "The tool: żółw.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "You: skeptic."},
    ]
    assert "prompt_cache_key" not in sent


async def test_an_earlier_answer_goes_back_as_it_came() -> None:
    turns = (
        Message(role="user", parts=(Part(text="Review it."),)),
        Message(role="assistant", parts=(Part(text="{}"),)),
        Message(role="user", parts=(Part(text="That is no ballot."),)),
    )
    sent = await sent_for(messages=turns)
    assert "system" not in sent
    assert [(turn["role"], turn["content"][0]["text"]) for turn in sent["messages"]] == [
        ("user", "Review it."),
        ("assistant", "{}"),
        ("user", "That is no ballot."),
    ]


@pytest.mark.parametrize(("effort", "asked"), [("high", "high"), ("none", None), (None, None)])
async def test_effort_is_asked_for_where_the_api_has_a_word_for_it(
    effort: str | None, asked: str | None
) -> None:
    assert (await sent_for(effort=effort))["output_config"].get("effort") == asked


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"input_tokens": 8, "output_tokens": 5, "cache_read_input_tokens": 900},
            Usage(input=908, output=5, cached=900),
        ),
        (
            {"input_tokens": 8, "output_tokens": 5, "cache_creation_input_tokens": 900},
            Usage(input=908, output=5, cache_written=900),
        ),
        (
            {"input_tokens": 8, "output_tokens": 5, "cache_read_input_tokens": None},
            Usage(input=8, output=5),
        ),
        (
            {"input_tokens": 8, "output_tokens": 5, "cache_read_input_tokens": -3},
            Usage(input=8, output=5),
        ),
        ({"output_tokens": 5, "cache_read_input_tokens": 900}, None),
    ],
)
async def test_the_tokens_of_the_cache_are_part_of_the_input(
    usage: dict[str, Any], expected: Usage | None
) -> None:
    async with Loopback([Reply(a_message(usage=usage))]) as server:
        provider = at(server.address)
        completion = await provider.complete(a_request())
        await provider.close()
    assert completion.usage == expected


async def test_an_answer_that_filled_the_window_was_cut_off() -> None:
    full = a_message(stop_reason="model_context_window_exceeded")
    async with Loopback([Reply(full)]) as server:
        provider = at(server.address)
        with pytest.raises(Unusable, match="limit of its length"):
            await provider.complete(a_request())
        await provider.close()


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_an_address_may_be_given_with_its_version_or_without(ending: str) -> None:
    async with Loopback([Reply(a_message())]) as server:
        provider = at(server.address + ending)
        await provider.complete(a_request())
        await provider.close()
    assert server.heard[0].path == "/v1/messages"


async def test_what_the_environment_holds_for_anthropic_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("API_KEY", "AUTH_TOKEN", "WEBHOOK_SIGNING_KEY", "PROFILE"):
        monkeypatch.setenv(f"ANTHROPIC_{name}", "canary")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Canary: canary")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/canary")
    async with Loopback([Reply(a_message())]) as server:
        provider = at(server.address)
        await provider.complete(a_request())
        await provider.close()
    assert "canary" not in str(server.heard)
    home = at(None)
    assert str(home.sdk.base_url) == "https://api.anthropic.com"


@pytest.mark.parametrize(
    ("key", "address", "words"),
    [
        ("", None, "set ANTHROPIC_API_KEY"),
        ("a\tb", None, "odd character"),
        (KEY, "api.anthropic.com", "give it as https"),
        (KEY, f"ftp://127.0.0.1?token={KEY}", "Anthropic is 'ftp://127.0.0.1': give it as https"),
    ],
)
def test_a_key_or_an_address_that_cannot_be_meant_is_named(
    key: str, address: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Anthropic(api_key=key, base_url=address, clock=StillClock(), timeout_s=60)
    assert KEY not in str(caught.value)


MEANINGS: dict[str, type[ProviderError]] = {
    "APIConnectionError": Transient,
    "APIResponseValidationError": Unusable,
    "APITimeoutError": Transient,
    "AuthenticationError": Stopped,
    "BadRequestError": Refused,
    "ConflictError": Transient,
    "InternalServerError": Transient,
    "NotFoundError": Stopped,
    "OverloadedError": Transient,
    "PaymentRequiredError": Stopped,
    "PermissionDeniedError": Refused,
    "RateLimitError": Transient,
    "RequestTimeoutError": Transient,
    "RequestTooLargeError": Refused,
    "ServiceUnavailableError": Transient,
    "UnprocessableEntityError": Refused,
}
"""What the errors of the SDK mean that a call can raise."""


def an_error(kind: type[Exception]) -> Exception:
    request = httpx2.Request("POST", "http://127.0.0.1/v1")
    if issubclass(kind, anthropic.APIStatusError):
        status = getattr(kind, "status_code", 500)
        response = httpx2.Response(status, request=request, content=b"{}")
        return kind("said", response=response, body=None)
    if issubclass(kind, anthropic.APIResponseValidationError):
        return kind(httpx2.Response(200, request=request), None)
    if issubclass(kind, anthropic.APIConnectionError):
        return kind(request=request)
    if issubclass(kind, anthropic.APIError):
        return kind("said", request, body=None)
    return kind("said")


def test_every_error_of_the_sdk_has_a_meaning() -> None:
    exceptions = vars(anthropic._exceptions)
    provider = at(None)
    for name, value in exceptions.items():
        if isinstance(value, type) and issubclass(value, anthropic.AnthropicError):
            error = an_error(value)
            assert isinstance(error, anthropic.AnthropicError)
            assert isinstance(provider.translated(error), ProviderError), name
    for name, meaning in MEANINGS.items():
        error = an_error(exceptions[name])
        assert isinstance(error, anthropic.AnthropicError)
        assert type(provider.translated(error)) is meaning, name
