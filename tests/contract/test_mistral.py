"""What only the Mistral adapter does."""

from typing import Any

import httpx2
import pytest
from mistralai.client import errors

from panel.domain.exchange import Usage
from panel.errors import ConfigError, Refused, Transient
from panel.providers.key_redaction import KnownKeys
from panel.providers.mistral import Mistral, translating
from panel.providers.server import Server
from tests.contract.kinds import KEY, TEXT, StillClock, a_chat, a_request
from tests.contract.loopback import Loopback, Reply


def mistral(address: str, **settings: Any) -> Mistral:
    return Mistral(api_key=KEY, server_url=address, clock=StillClock(), timeout_s=60, **settings)


async def test_thoughts_are_left_out_of_the_answer() -> None:
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "closed": True},
        {"type": "text", "text": TEXT[:10]},
        {"type": "unheard-of", "text": "and odd"},
        {"type": "text", "text": TEXT[10:]},
    ]
    async with Loopback([Reply(a_chat(message={"content": content}))]) as server:
        provider = mistral(server.address)
        assert (await provider.complete(a_request())).text == TEXT
        await provider.close()


@pytest.mark.parametrize(
    ("extra", "cached"),
    [
        ({"num_cached_tokens": 40}, 40),
        ({"prompt_tokens_details": {"cached_tokens": 30}, "num_cached_tokens": 40}, 30),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "num_cached_tokens": 40}, 0),
        ({}, 0),
    ],
)
async def test_cached_tokens_are_found_where_the_sdk_has_no_type_for_them(
    extra: dict[str, Any], cached: int
) -> None:
    usage = {"prompt_tokens": 50, "completion_tokens": 5, **extra}
    async with Loopback([Reply(a_chat(usage=usage))]) as server:
        provider = mistral(server.address)
        completion = await provider.complete(a_request())
        await provider.close()
    assert completion.usage == Usage(input=50, output=5, cached=cached)


async def test_an_answer_that_only_the_sdk_cannot_read_is_an_answer() -> None:
    async with Loopback([Reply({"choices": a_chat()["choices"]})]) as server:
        provider = mistral(server.address)
        completion = await provider.complete(a_request(model="mistral-small-4"))
        await provider.close()
    assert (completion.text, completion.model) == (TEXT, "mistral-small-4")
    assert completion.usage is None


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_an_address_may_be_given_with_its_version_or_without(ending: str) -> None:
    async with Loopback([Reply(a_chat())]) as server:
        provider = mistral(server.address + ending)
        await provider.complete(a_request())
        await provider.close()
    assert server.heard[0].path == "/v1/chat/completions"


async def test_a_key_of_the_environment_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "canary")
    async with Loopback([Reply(a_chat())]) as server:
        provider = mistral(server.address)
        await provider.complete(a_request())
        await provider.close()
    assert "canary" not in str(server.heard)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ([{"loc": ["body", "temperature", 0], "msg": "too hot"}], "body.temperature.0: too hot"),
        ([{"loc": None, "msg": "too hot"}], ": too hot"),
        ([{"loc": ["body"], "msg": 5}], "(422)"),
        (["too hot"], "(422)"),
        ("too hot", "too hot"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said(detail: Any, words: str) -> None:
    for body in ({"detail": detail}, {"object": "error", "message": {"detail": detail}}):
        async with Loopback([Reply(body, status=422)]) as server:
            provider = mistral(server.address)
            with pytest.raises(Refused) as caught:
                await provider.complete(a_request())
            await provider.close()
        assert str(caught.value).endswith(words)


@pytest.mark.parametrize(
    ("key", "address", "words"),
    [
        ("", None, "set MISTRAL_API_KEY"),
        ("a\tb", None, "odd character"),
        (KEY, "api.mistral.ai", "give it as https"),
        (KEY, "https://", "give it as https"),
        (KEY, "https://[::1", "give it as https"),
        (KEY, f"me:{KEY}@127.0.0.1", "Mistral is '127.0.0.1': give it as https"),
        (KEY, f"ftp://127.0.0.1?token={KEY}", "Mistral is 'ftp://127.0.0.1': give it as https"),
    ],
)
def test_a_key_or_an_address_that_cannot_be_meant_is_named(
    key: str, address: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Mistral(api_key=key, server_url=address, clock=StillClock(), timeout_s=60)
    assert KEY not in str(caught.value)


SERVER = Server("Mistral", KnownKeys([]))

AFTER_AN_ANSWER = {
    "HTTPValidationError",
    "MistralError",
    "ObservabilityError",
    "ResponseValidationError",
    "SDKError",
}
"""The errors that carry the server's answer, which is judged in their place."""

WITHOUT_AN_ANSWER = {"NoResponseError"}


def test_every_error_of_the_sdk_has_a_meaning() -> None:
    names = {name for name in errors.__all__ if issubclass(getattr(errors, name), Exception)}
    assert names == AFTER_AN_ANSWER | WITHOUT_AN_ANSWER, (
        "a release of mistralai changed its errors: say what they mean"
    )
    response = httpx2.Response(200, request=httpx2.Request("POST", "http://127.0.0.1"))
    for name in AFTER_AN_ANSWER:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.MistralError)
        with translating(SERVER, [response]):
            raise kind.__new__(kind)
    for error in (errors.NoResponseError(), ValueError("before any answer")):
        with pytest.raises(Transient), translating(SERVER, []):
            raise error
