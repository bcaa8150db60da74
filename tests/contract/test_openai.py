"""What only the OpenAI adapter does."""

from typing import Any

import httpx2
import openai
import pytest

from panel.domain.exchange import Message, Part
from panel.errors import ConfigError, ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.openai import OpenAI
from tests.contract.kinds import KEY, TEXT, StillClock, a_chat, a_request, a_response
from tests.contract.loopback import Loopback, Reply


async def sent_by(answer: Any, **settings: Any) -> dict[str, Any]:
    """Return the body that an adapter with `settings` sends."""
    request = a_request(**settings.pop("request", {}))
    async with Loopback([Reply(answer)]) as server:
        provider = OpenAI(
            api_key=KEY,
            base_url=f"{server.address}/v1",
            clock=StillClock(),
            timeout_s=60,
            **settings,
        )
        await provider.complete(request)
        await provider.close()
    document = server.heard[0].document
    assert isinstance(document, dict)
    return document


def home(**settings: Any) -> OpenAI:
    return OpenAI(api_key=KEY, clock=StillClock(), timeout_s=60, **settings)


MARK = {"mode": "explicit"}


async def test_an_explicit_cache_marks_the_end_of_the_shared_prefix_in_chat() -> None:
    sent = await sent_by(a_chat(), api="chat", explicit_cache=True)
    assert sent["prompt_cache_options"] == MARK
    assert sent["messages"][1]["content"] == [
        {"type": "text", "text": "The tool: żółw.", "prompt_cache_breakpoint": MARK},
        {"type": "text", "text": "You: skeptic."},
    ]


async def test_an_explicit_cache_marks_the_end_of_the_shared_prefix_in_responses() -> None:
    sent = await sent_by(a_response(), api="responses", explicit_cache=True)
    assert sent["prompt_cache_options"] == MARK
    assert sent["input"][0] == {"role": "system", "content": "You review tools."}
    assert sent["input"][1]["content"][0] == {
        "type": "input_text",
        "text": "The tool: żółw.",
        "prompt_cache_breakpoint": MARK,
    }


async def test_a_single_part_that_ends_the_prefix_becomes_a_part_to_carry_the_mark() -> None:
    alone = Message(role="system", parts=(Part(text="All of it.", ends_prefix=True),))
    sent = await sent_by(a_chat(), api="chat", explicit_cache=True, request={"messages": (alone,)})
    assert sent["messages"][0]["content"][0]["prompt_cache_breakpoint"] == MARK


async def test_without_a_shared_prefix_the_cache_is_left_to_itself() -> None:
    alone = Message(role="user", parts=(Part(text="No prefix."),))
    sent = await sent_by(a_chat(), api="chat", explicit_cache=True, request={"messages": (alone,)})
    assert "prompt_cache_options" not in sent
    assert sent["messages"] == [{"role": "user", "content": "No prefix."}]


async def test_the_service_tier_is_passed_on_and_nothing_is_stored() -> None:
    sent = await sent_by(a_response(), api="responses", service_tier="flex")
    assert (sent["service_tier"], sent["store"]) == ("flex", False)
    assert (await sent_by(a_chat(), api="chat", service_tier="flex"))["service_tier"] == "flex"


async def test_openai_itself_is_told_the_limit_by_the_name_that_counts_reasoning() -> None:
    body = home(api="chat").body(a_request())
    assert body["max_completion_tokens"] == 900
    assert "max_tokens" not in body


async def test_commentary_is_not_the_answer() -> None:
    answer = a_response()
    comment = {"type": "output_text", "text": "Let me see."}
    answer["output"].insert(
        1, {"type": "message", "role": "assistant", "phase": "commentary", "content": [comment]}
    )
    answer["output"][2]["phase"] = "final_answer"
    async with Loopback([Reply(answer)]) as server:
        provider = home(base_url=f"{server.address}/v1", api="responses")
        assert (await provider.complete(a_request())).text == TEXT
        await provider.close()


@pytest.mark.parametrize(
    ("changes", "expected", "words"),
    [
        ({"status": "failed", "error": {"code": "server_error", "message": "x"}}, Transient, "500"),
        ({"status": "failed", "error": {"code": "insufficient_quota"}}, Stopped, "credit"),
        ({"status": "failed", "error": {"code": "invalid_prompt"}}, Refused, "declined"),
        ({"status": "failed"}, Unusable, "it is failed"),
        ({"status": "queued"}, Unusable, "it is queued"),
        ({"status": "incomplete"}, Unusable, "it is incomplete"),
    ],
)
async def test_a_response_that_did_not_complete_is_no_answer(
    changes: dict[str, Any], expected: type[ProviderError], words: str
) -> None:
    async with Loopback([Reply(a_response(**changes))]) as server:
        provider = home(base_url=f"{server.address}/v1", api="responses")
        with pytest.raises(expected, match=words):
            await provider.complete(a_request())
        await provider.close()


async def test_what_the_environment_holds_for_openai_is_not_sent_to_another_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ORG_ID", "PROJECT_ID", "ADMIN_KEY", "API_KEY", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "canary")
    async with Loopback([Reply(a_chat())]) as server:
        for key in ("", KEY):
            provider = OpenAI(
                api_key=key,
                base_url=f"{server.address}/v1/",
                api="chat",
                clock=StillClock(),
                timeout_s=60,
            )
            await provider.complete(a_request())
            await provider.close()
    assert "canary" not in str(server.heard)
    assert [heard.headers["authorization"] for heard in server.heard] == [
        "Bearer unused",
        f"Bearer {KEY}",
    ]
    assert {heard.path for heard in server.heard} == {"/v1/chat/completions"}


def test_openai_is_openai_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/canary")
    assert str(home().sdk.base_url) == "https://api.openai.com/v1/"


@pytest.mark.parametrize(
    ("key", "base_url", "words"),
    [
        ("", None, "set OPENAI_API_KEY"),
        ("sk-1\n", None, "odd character"),
        ("sk 1", "http://127.0.0.1/v1", "odd character"),
        ("sk-ż", None, "odd character"),
        (KEY, "localhost:11434/v1", "give it as http"),
        (KEY, "ftp://127.0.0.1/v1", "give it as http"),
        (KEY, "http://", "give it as http"),
        (KEY, "http://[::1", "give it as http"),
        (KEY, "", "give it as http"),
        (KEY, f"me:{KEY}@127.0.0.1/v1", "base_url is '127.0.0.1/v1': give it as http"),
        (KEY, f"http://me:its/{KEY}@127.0.0.1/v1", "base_url is '127.0.0.1/v1': give it as http"),
        (
            KEY,
            f"ftp://127.0.0.1/v1?token={KEY}",
            "base_url is 'ftp://127.0.0.1/v1': give it as http",
        ),
    ],
)
def test_a_key_or_an_address_that_cannot_be_meant_is_named(
    key: str, base_url: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        OpenAI(api_key=key, base_url=base_url, clock=StillClock(), timeout_s=60)
    assert KEY not in str(caught.value)


def an_error(kind: type[Exception]) -> Exception:
    """Return an instance of one of the SDK's errors, as it is when it is caught."""
    request = httpx2.Request("POST", "http://127.0.0.1/v1")
    if issubclass(kind, openai.APIStatusError):
        status = getattr(kind, "status_code", 500)
        response = httpx2.Response(status, request=request, content=b"{}")
        if issubclass(kind, openai.OAuthError):
            return kind(response=response, body=None)
        return kind("said", response=response, body=None)
    made: dict[str, Exception] = {
        "APIError": openai.APIError("said", request, body=None),
        "APIConnectionError": openai.APIConnectionError(request=request),
        "APITimeoutError": openai.APITimeoutError(request=request),
        "APIResponseValidationError": openai.APIResponseValidationError(
            httpx2.Response(200, request=request), None
        ),
        "LengthFinishReasonError": openai.LengthFinishReasonError(
            completion=openai.types.chat.ChatCompletion.model_validate(a_chat())
        ),
        "ContentFilterFinishReasonError": openai.ContentFilterFinishReasonError(),
        "WebSocketConnectionClosedError": openai.WebSocketConnectionClosedError(
            "said", unsent_messages=[]
        ),
    }
    return made.get(kind.__name__) or kind("said")


MEANINGS: dict[str, type[ProviderError] | None] = {
    "OpenAIError": Refused,
    "APIError": Refused,
    "APIConnectionError": Transient,
    "APITimeoutError": Transient,
    "APIResponseValidationError": Unusable,
    "APIStatusError": Transient,
    "AuthenticationError": Stopped,
    "BadRequestError": Refused,
    "ConflictError": Transient,
    "ContentFilterFinishReasonError": Refused,
    "InternalServerError": Transient,
    "InvalidWebhookSignatureError": None,
    "LengthFinishReasonError": None,
    "NotFoundError": Stopped,
    "OAuthError": Stopped,
    "PermissionDeniedError": Refused,
    "RateLimitError": Transient,
    "SubjectTokenProviderError": Refused,
    "UnprocessableEntityError": Refused,
    "WebSocketConnectionClosedError": Refused,
    "WebSocketQueueFullError": Refused,
    "_AmbiguousModuleClientUsageError": None,
}
"""What each error of the SDK means to us; None where no completion can raise it."""


def errors_of_the_sdk() -> dict[str, type[Exception]]:
    places = (vars(openai), vars(openai._exceptions))
    # `isinstance` would ask the SDK's proxies what they stand for, and so import all of it.
    return {
        name: value
        for place in places
        for name, value in list(place.items())
        if type(value) is type
        and issubclass(value, Exception)
        and value.__module__.startswith("openai")
    }


def test_every_error_of_the_sdk_has_a_meaning() -> None:
    found = errors_of_the_sdk()
    assert set(found) == set(MEANINGS), "a release of openai changed its errors: say what they mean"
    provider = home()
    for name, meaning in MEANINGS.items():
        if meaning is not None:
            error = an_error(found[name])
            assert isinstance(error, openai.OpenAIError)
            assert type(provider.translated(error)) is meaning, name
