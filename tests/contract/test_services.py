"""Every service on a loopback socket: what its row says is enough, and what it declines is learnt."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from panel.domain.exchange import Completion
from panel.domain.json_schema import BOUNDS
from panel.errors import Amended, Refused, Stopped
from panel.providers.middleware.retry import Retry
from panel.providers.registry import ADAPTERS, Client, ClientOptions
from panel.providers.services import ModelService, at_address, built_in
from panel.providers.wire.quirks import Quirks
from tests.contract.kinds import KEY, SCHEMA, TEXT, Kind, StillClock, a_request
from tests.contract.loopback import Loopback, Reply
from tests.contract.service_server import ServiceServer

SERVICES = [name for name, one in built_in().items() if one.api != "gguf"]
FULL: dict[str, Any] = {"temperature": 0.3, "prefix_key": "tool-1", "effort": "low"}


def kind_of(row: ModelService) -> Kind:
    return Kind(row.api)


def opened(row: ModelService, address: str, **changes: Any) -> Client:
    """Return the client that the registry opens for a service that is found at `address`."""
    path = row.path or ("" if row.api in ("mistral", "messages") else "/v1")
    there = row.model_copy(update={"base_url": f"{address}{path}", **changes})
    options = ClientOptions(service=there, clock=StillClock(), timeout_s=60, key=KEY)
    client: Client = ADAPTERS[row.api].open("", options)
    return client


@asynccontextmanager
async def before(row: ModelService, **changes: Any) -> AsyncIterator[tuple[ServiceServer, Client]]:
    """Put an adapter, with `changes` of its row, before a server that takes what the row says."""
    async with ServiceServer(row, kind_of(row)) as server:
        client = opened(row, server.address, **changes)
        try:
            yield server, client
        finally:
            await client.close()


async def no_wait(_: float) -> None:
    pass


def retried(client: Client) -> Retry:
    return Retry(client, clock=StillClock(), sleep=no_wait)


@pytest.mark.parametrize("name", SERVICES)
async def test_what_a_service_takes_is_what_it_is_sent(name: str) -> None:
    row = built_in()[name]
    async with before(row) as (server, client):
        completion = await client.complete(a_request(**FULL))
    assert server.declined == []
    assert completion.text == TEXT
    path = "/v1/messages" if row.api == "messages" else kind_of(row).path
    assert server.heard[0].path == f"{row.path or '/v1'}{path.removeprefix('/v1')}"


# What a service that is known by nothing but its API has to be taught by its answers.
PLAIN = {
    name: field.get_default(call_default_factory=True)
    for name, field in Quirks.model_fields.items()
}


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("openrouter", "any")])
async def test_what_a_service_declines_is_learnt_by_one_call_each_and_remembered(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    row = built_in()[name]
    # What a server expects in the prompt it does not ask for by name.
    strict = row.model_copy(update={"enforces_schema": row.answer_format == "json_schema"})
    async with before(strict, **PLAIN) as (server, client):
        asked = retried(client)
        first = await asked.complete(a_request(**FULL))
        calls = len(server.heard)
        again = await asked.complete(a_request(**FULL, label="review:builder"))
    assert (first.text, first.calls) == (TEXT, calls)
    assert again.calls == 1
    assert len(server.declined) == calls - 1
    said = [record.getMessage() for record in caplog.records if record.name == "shipskip"]
    assert len(said) == len({*said}) == calls - 1


DECLINES: list[tuple[dict[str, Any], str, int]] = [
    ({"message": "This response_format type is unavailable now"}, "response_format", 400),
    ({"message": "'response_format.type' must be 'text'"}, "response_format", 400),
    ({"message": "JSON mode is not enabled for this deployment"}, "response_format", 400),
    ({"message": "Invalid value", "param": "response_format"}, "response_format", 400),
    (
        {"message": "Unrecognized request argument supplied: prompt_cache_key"},
        "prompt_cache_key",
        400,
    ),
    ({"message": "property 'prompt_cache_key' is unsupported"}, "prompt_cache_key", 400),
    ({"message": "body: unexpected keyword `prompt_cache_key`"}, "prompt_cache_key", 422),
    ({"message": "Unsupported value: 'temperature' does not support 0.3"}, "temperature", 400),
    ({"message": "`temperature` is deprecated for this model."}, "temperature", 400),
    ({"message": "Unknown field", "param": "temperature"}, "temperature", 400),
    ({"message": "reasoning_effort is not supported with this model"}, "reasoning_effort", 400),
    ({"message": "Use 'max_completion_tokens' instead of max_tokens."}, "max_tokens", 400),
    ({"message": "Unknown parameter: max_tokens"}, "max_tokens", 400),
]


def carries(sent: dict[str, Any], field: str) -> bool:
    form = sent.get("response_format")
    return bool(form) if field == "response_format" else field in sent


class Declining(Loopback):
    """A server that answers `error` as long as it is sent `field`."""

    def __init__(self, error: Any, field: str, status: int = 400) -> None:
        super().__init__([])
        self.error, self.field, self.status = error, field, status

    def reply_to(self, heard: Any) -> Reply:
        if carries(heard.document, self.field):
            return Reply(self.error, status=self.status)
        return Reply(Kind("chat").answer())


@asynccontextmanager
async def plain(server: Loopback) -> AsyncIterator[Client]:
    """Put an adapter that knows nothing of the server before it."""
    client = opened(built_in()["any"], server.address, **PLAIN)
    try:
        yield client
    finally:
        await client.close()


async def asked_of(server: Loopback, times: int = 2) -> list[Completion]:
    async with plain(server) as client:
        asked = retried(client)
        return [await asked.complete(a_request(**FULL)) for _ in range(times)]


@pytest.mark.parametrize(("error", "field", "status"), DECLINES)
async def test_a_request_is_made_again_without_what_the_server_names(
    error: dict[str, Any], field: str, status: int
) -> None:
    async with Declining({"error": error}, field, status) as server:
        first, second = await asked_of(server)
    assert (first.text, second.calls) == (TEXT, 1)
    kept = {"temperature", "prompt_cache_key", "reasoning_effort"} - {field}
    assert kept <= server.heard[-1].document.keys()
    limits = {"max_tokens", "max_completion_tokens"} & server.heard[-1].document.keys()
    assert len(limits) == 1, "an answer without a limit could cost anything"


async def test_what_a_router_passes_on_and_what_a_web_framework_says_are_read_too() -> None:
    raw = '{"error": {"message": "temperature: unsupported"}}'
    passed_on = {"error": {"message": "Provider returned error", "metadata": {"raw": raw}}}
    fields = [
        {"loc": ["body", "prompt_cache_key"], "msg": "Extra inputs are not permitted"},
        {"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"},
    ]
    for error, status in ((passed_on, 400), ({"detail": fields}, 422)):
        async with Declining(error, "temperature", status) as server:
            first, second = await asked_of(server)
        assert (first.calls, second.calls) == (2, 1)


PARTS_ARE_NOT_TAKEN = [
    "messages[1]: invalid type: sequence, expected a string at line 1 column 90",
    "'messages.1' : for 'role:user' the following must be satisfied[('messages.1.content' : value must"
    " be a string)]",
    "messages.1.content: Input should be a valid string",
]


class OfText(Loopback):
    """A server that takes messages of one text only, and says so in the words `said`."""

    def __init__(self, said: str) -> None:
        super().__init__([])
        self.said = said

    def reply_to(self, heard: Any) -> Reply:
        if any(isinstance(turn["content"], list) for turn in heard.document["messages"]):
            return Reply({"error": {"message": self.said}}, status=400)
        return Reply(Kind("chat").answer())


@pytest.mark.parametrize("said", PARTS_ARE_NOT_TAKEN)
async def test_messages_are_one_text_for_a_server_that_takes_no_parts(said: str) -> None:
    async with OfText(said) as server:
        first, second = await asked_of(server)
    assert (first.calls, second.calls) == (2, 1)
    system, user = server.heard[-1].document["messages"]
    assert user == {"role": "user", "content": "The tool: żółw.\n\nYou: skeptic."}
    assert system["content"] == "You review tools."


SYSTEM_IS_NOT_TAKEN = [
    "System role not supported",
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "This model does not accept a system prompt.",
]


class OfTwoRoles(Loopback):
    """A server whose model has no system message, and which says so in the words `said`."""

    def __init__(self, said: str) -> None:
        super().__init__([])
        self.said = said

    def reply_to(self, heard: Any) -> Reply:
        if heard.document["messages"][0]["role"] == "system":
            return Reply({"error": {"message": self.said}}, status=400)
        return Reply(Kind("chat").answer())


@pytest.mark.parametrize("said", SYSTEM_IS_NOT_TAKEN)
async def test_a_model_without_a_system_message_is_told_the_same_by_the_users(said: str) -> None:
    async with OfTwoRoles(said) as server:
        first, second = await asked_of(server)
    assert (first.calls, second.calls) == (2, 1)
    (user,) = server.heard[-1].document["messages"]
    assert user["role"] == "user"
    told = [part["text"] for part in user["content"]]
    assert told == ["You review tools.", "The tool: żółw.", "You: skeptic."]


BOUNDED = [
    "output_config.format.schema: For 'integer' type, properties maximum, minimum are not supported",
    "Invalid schema for response_format 'ballot': 'minimum' is not permitted.",
    "schema is invalid: unsupported keyword maximum",
]


class Unbounded(Loopback):
    """A server that declines a schema with bounds in the words `said`."""

    def __init__(self, said: str) -> None:
        super().__init__([])
        self.said = said

    def reply_to(self, heard: Any) -> Reply:
        schema = heard.document["response_format"]["json_schema"]["schema"]
        if "minimum" in schema["$defs"]["score"]:
            return Reply({"error": {"message": self.said}}, status=400)
        return Reply(Kind("chat").answer())


@pytest.mark.parametrize("said", BOUNDED)
async def test_bounds_that_a_server_does_not_take_become_words_and_the_schema_stays(
    said: str,
) -> None:
    async with Unbounded(said) as server:
        first, second = await asked_of(server)
    assert (first.calls, second.calls) == (2, 1)
    named = server.heard[-1].document["response_format"]["json_schema"]
    assert named["schema"]["$defs"]["score"] == {
        "type": "integer",
        "description": "{minimum: 1, maximum: 5}",
    }
    assert list(named["schema"]["properties"]) == list(SCHEMA["properties"])


NOT_ABOUT_A_FIELD: list[dict[str, Any]] = [
    {"message": "max_tokens is too large: 900. This model takes at most 512."},
    {"message": "This model's maximum context length is 8192 tokens. Please shorten the messages."},
    {"message": "Your account may not use gpt-6-luna"},
    {"message": "the prompt breaks our temperature of debate", "code": "content_filter"},
    {"message": "filtered", "innererror": {"code": "ResponsibleAIPolicyViolation"}},
    {"message": "frequency_penalty must be a number"},
    {"message": "our system is busy with messages of others"},
    {"message": ""},
]


@pytest.mark.parametrize("error", NOT_ABOUT_A_FIELD)
async def test_a_refusal_that_names_no_optional_field_costs_one_call(error: dict[str, Any]) -> None:
    async with Loopback([Reply({"error": error}, status=400)]) as server, plain(server) as client:
        with pytest.raises(Refused):
            await retried(client).complete(a_request(**FULL))
    assert len(server.heard) == 1


async def test_a_server_that_declines_for_ever_is_asked_for_a_handful_of_times() -> None:
    everything = (
        "temperature max_tokens max_completion_tokens response_format prompt_cache_key "
        "reasoning_effort schema minimum"
    )
    async with (
        Loopback([Reply({"error": {"message": everything}}, status=400)]) as server,
        plain(server) as client,
    ):
        with pytest.raises(Refused, match="declined"):
            await retried(client).complete(a_request(**FULL))
        with pytest.raises(Refused):
            await retried(client).complete(a_request(**FULL))
    assert len(server.heard) <= 8
    last = server.heard[-1].document
    assert {"model", "messages"} < last.keys()
    assert {"max_tokens", "max_completion_tokens"} & last.keys()


async def test_calls_at_once_learn_the_same_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        Declining(
            {"error": {"message": "unknown: prompt_cache_key"}}, "prompt_cache_key"
        ) as server,
        plain(server) as client,
    ):
        asked = retried(client)
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(asked.complete(a_request(**FULL))) for _ in range(8)]
    assert {call.result().text for call in calls} == {TEXT}
    assert len(server.heard) <= 16
    (said,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert "gpt-6-luna is asked without prompt_cache_key" in said.getMessage()


async def test_what_one_model_declines_the_next_is_still_sent() -> None:
    async with (
        Declining({"error": {"message": "unknown: temperature"}}, "temperature") as server,
        plain(server) as client,
    ):
        with pytest.raises(Amended):
            await client.complete(a_request(**FULL))
        await client.complete(a_request(**FULL))
        with pytest.raises(Amended):
            await client.complete(a_request(**FULL, model="another"))


FORMS = [("json_schema", True), ("json_schema", False), ("json_object", True), ("none", True)]


@pytest.mark.parametrize(("form", "enforces"), FORMS)
@pytest.mark.parametrize("name", ["openai", "any", "mistral", "anthropic"])
async def test_a_form_that_is_not_enforced_is_written_into_the_prompt(
    name: str, form: str, enforces: bool
) -> None:
    if name == "anthropic" and form == "json_object":
        pytest.skip("its API has no such form")
    row = built_in()[name].model_copy(
        update={"answer_format": form, "enforces_schema": enforces, "describes": ("minimum",)}
    )
    async with before(row) as (server, client):
        assert (await client.complete(a_request())).text == TEXT
    assert server.declined == []
    body = server.heard[0].body.decode()
    wanted = 1 if form == "json_schema" else 0
    assert body.count("{minimum: 1}") == wanted + (not enforces or form != "json_schema")


@pytest.mark.parametrize(
    "said", ["404 page not found", "<h1>Not Found</h1>", '{"detail":"Not Found"}']
)
async def test_an_address_where_no_model_answers_stops_the_run_and_names_what_is_missing(
    said: str,
) -> None:
    async with Loopback([Reply(said.encode(), status=404)]) as server:
        options = ClientOptions(
            service=built_in()["any"].model_copy(update={"base_url": server.address}),
            clock=StillClock(),
            timeout_s=60,
        )
        client = ADAPTERS["chat"].open("", options)
        with pytest.raises(Stopped, match="/v1") as stopped:
            await client.complete(a_request())
        await client.close()
    assert stopped.value.cause == "address"
    assert "base_url" in str(stopped.value)


async def test_a_model_that_is_gone_is_refused_in_the_servers_words() -> None:
    for words in (
        "No endpoints found for some-model.",
        "model 'x' not found, try pulling it first",
    ):
        async with Loopback([Reply({"error": {"message": words}}, status=404)]) as server:
            with pytest.raises(Refused, match=words.split(",", maxsplit=1)[0]) as refused:
                await asked_of(server)
        assert "/v1" not in str(refused.value), "its address has a path"


async def test_a_server_at_an_address_without_its_version_is_found() -> None:
    for name, given, meant in (
        ("ollama", "http://box:11434", "http://box:11434/v1"),
        ("ollama", "http://box:11434/", "http://box:11434/v1"),
        ("vllm", "http://box:8000/v1/", "http://box:8000/v1/"),
        ("llama.cpp", "http://box:8080/llm/v1", "http://box:8080/llm/v1"),
        ("azure", "https://me.services.ai.azure.com", "https://me.services.ai.azure.com/openai/v1"),
        (
            "azure",
            "https://me.example/?api-version=1",
            "https://me.example/openai/v1?api-version=1",
        ),
        ("openai", "http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("openai", "http://localhost:1234", "http://localhost:1234/v1"),
        ("any", "http://box:9", "http://box:9"),
        ("any", "box:9", "box:9"),
    ):
        assert at_address(name, given, built_in()).base_url == meant


async def test_a_router_that_says_who_answered_is_believed() -> None:
    row = built_in()["openrouter"]
    answered = Kind("chat").answer(provider="Mistral")
    async with Loopback([Reply(answered), Reply(Kind("chat").answer())]) as server:
        client = opened(row, server.address)
        first, second = [await client.complete(a_request()) for _ in range(2)]
        await client.close()
    assert (first.upstream, second.upstream) == ("Mistral", None)
    assert "upstream" not in second.model_dump(mode="json")
    assert server.heard[0].document["provider"] == {"require_parameters": True}


def test_every_bound_of_the_ballot_can_be_described() -> None:
    assert {"minimum", "maximum", "maxLength"} <= {*BOUNDS}
