"""OpenAI, and every server that speaks its chat completions or responses API: calls and batches."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

import httpx2
import openai

from panel.domain.exchange import Completion, Request
from panel.domain.json_schema import Schema
from panel.domain.submitted_batch import Collected, Underway, mark_of
from panel.errors import ConfigError, ProviderError
from panel.ports import Clock
from panel.providers.faults import connection_faults, fault_of, fault_of_sdk
from panel.providers.http_client import client_settings, open_client
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server, check_key, read_address
from panel.providers.services import AnswerFormat
from panel.providers.wire.answer import read_chat, read_responses
from panel.providers.wire.batch_file import Answers, write_line
from panel.providers.wire.batch_state import MARK, find_marked, read_batch, read_id
from panel.providers.wire.quirks import Acceptance, Quirks
from panel.providers.wire.request import (
    answer_format,
    chat_messages,
    ends_prefix,
    responses_input,
    with_form,
    without_system,
    write_body,
)

HOME = "https://api.openai.com/v1"
AT_HOME = Quirks(limit_field="max_completion_tokens")

_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "none")
_NO_PATH = ": it has no path, and most servers want /v1 at its end"

_BATCH_FILE = "requests.jsonl"
_BATCHES_SEARCHED = 100


class OpenAI:
    """A provider that asks OpenAI or, with `base_url`, a compatible server of that `name`.

    `quirks` say what the server takes; a call that it declines for an optional part of it raises
    Amended, and the next one goes without, until the process ends. One client for the life of the
    object; nothing is retried here. `timeout_s` bounds each wait for bytes, not the whole call.
    `explicit_cache` marks the shared prefix for the prompt cache, which OpenAI takes from gpt-5.6 on.
    No key of its own, nor any of `other_keys`, is left in what it returns or raises. Raises ConfigError
    where key or address cannot be meant.
    """

    def __init__(
        self,
        *,
        api_key: str,
        clock: Clock,
        timeout_s: float,
        name: str | None = None,
        base_url: str | None = None,
        api: Literal["chat", "responses"] = "responses",
        quirks: Quirks | None = None,
        service_tier: str | None = None,
        explicit_cache: bool = False,
        other_keys: Iterable[str] = (),
    ) -> None:
        is_home = base_url in (None, HOME)
        if is_home and not api_key:
            raise ConfigError(
                "no key for OpenAI: set OPENAI_API_KEY, or base_url for another server"
            )
        if api_key:
            check_key(api_key, "OpenAI")
        address = read_address(
            HOME if base_url is None else base_url,
            setting="base_url",
            example="http://HOST:PORT/v1 or https://HOST/v1",
        )
        self.server = Server(
            name or ("OpenAI" if is_home else "the model server"),
            KnownKeys((api_key, *address.secrets, *other_keys)),
            path_hint="" if address.has_path else _NO_PATH,
        )
        self._clock = clock
        self._api = api
        self.path = "/chat/completions" if api == "chat" else "/responses"
        self._read = read_chat if api == "chat" else read_responses
        first = quirks or (AT_HOME if is_home else Quirks())
        self._acceptance = Acceptance(first, self.server, _FORMATS)
        self._service_tier = service_tier
        self._explicit_cache = explicit_cache
        settings = client_settings(address, self.server, timeout_s=timeout_s, is_file=_is_file)
        self._http = open_client(openai.DefaultAioHttpClient, settings)
        self.sdk = openai.AsyncOpenAI(
            api_key=api_key or "unused",
            # None would mean what the environment says, which is read in the settings only.
            base_url=address.url,
            max_retries=0,
            http_client=self._http,
        )
        if not is_home:  # they come from the environment and are not meant for another server
            self.sdk.organization = self.sdk.project = None

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        quirks = self._acceptance.of(request.model)
        body = self.body(request, quirks)
        content = write_body(body)
        with connection_faults(self.server):
            # The SDK's own client without its methods: they would build the request and the answer
            # anew each time, at the cost of everything else in a call.
            response = await self._http.send(self._call(content))
        if not response.is_success:
            raise self._declined(response, request, quirks, body)
        return self._read(response.content, self.server, request.model)

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        await self.sdk.close()

    def body(self, request: Request, quirks: Quirks | None = None) -> dict[str, Any]:
        """Return what is sent for `request`, as the server is known to take it."""
        quirks = quirks or self._acceptance.of(request.model)
        form = self._acceptance.form(request, quirks)
        build = self._chat_body if self._api == "chat" else self._responses_body
        return build(with_form(request, form.in_prompt), quirks, form.schema)

    def answers(self, requests: Sequence[Request]) -> Answers:
        """Return a reader for the answers to a batch of `requests`."""
        return Answers(requests, self.server, self._read, learn=self._acceptance.learner(self.body))

    def _chat_body(self, request: Request, quirks: Quirks, schema: Schema) -> dict[str, Any]:
        forms = {
            "json_schema": {"type": "json_schema", "json_schema": answer_format(request, schema)},
            "json_object": {"type": "json_object"},
        }
        settings = {
            "response_format": forms.get(quirks.answer_format),
            quirks.limit_field: request.max_output_tokens,
            "reasoning_effort": request.effort,
            **self._settings(request, quirks),
        }
        marks = self._marks_prefix(quirks)
        request = without_system(request) if quirks.joins_system else request
        return {
            "model": request.model,
            "messages": chat_messages(request, mark_prefix=marks, joined=quirks.joins_parts),
            **quirks.fields(settings),
        }

    def _responses_body(self, request: Request, quirks: Quirks, schema: Schema) -> dict[str, Any]:
        forms = {
            "json_schema": {"type": "json_schema", **answer_format(request, schema)},
            "json_object": {"type": "json_object"},
        }
        form = forms.get(quirks.answer_format)
        settings = {
            "text": form and {"format": form},
            "max_output_tokens": request.max_output_tokens,
            "store": False,
            "reasoning": request.effort and {"effort": request.effort},
            **self._settings(request, quirks),
        }
        marks = self._marks_prefix(quirks)
        return {
            "model": request.model,
            "input": responses_input(request, mark_prefix=marks),
            **quirks.fields(settings),
        }

    def _marks_prefix(self, quirks: Quirks) -> bool:
        return self._explicit_cache and "prompt_cache_breakpoint" not in quirks.leaves_out

    def _settings(self, request: Request, quirks: Quirks) -> dict[str, Any]:
        """Return the settings that both APIs name alike, None where they are not set."""
        marked = self._marks_prefix(quirks) and ends_prefix(request)
        return {
            "temperature": request.temperature,
            "prompt_cache_key": request.prefix_key or None,
            "prompt_cache_options": {"mode": "explicit"} if marked else None,
            "service_tier": self._service_tier,
        }

    def _call(self, content: bytes) -> httpx2.Request:
        """Return the request of a call with that content."""
        blank = self._blank_call
        return httpx2.Request(
            blank.method,
            blank.url,
            headers=blank.headers,
            content=content,
            extensions=blank.extensions,
        )

    @cached_property
    def _blank_call(self) -> httpx2.Request:
        """A call without content: its address, and the headers that the SDK sends with each."""
        named = {**self.sdk.default_headers, **self.sdk.auth_headers}
        blank = self._http.build_request(
            "POST",
            str(self.sdk.base_url).rstrip("/") + self.path,
            headers={k: v for k, v in named.items() if isinstance(v, str)},
        )
        del blank.headers["content-length"]
        return blank

    def _declined(
        self, response: httpx2.Response, request: Request, quirks: Quirks, body: dict[str, Any]
    ) -> ProviderError:
        """Return the error of an answer that is none.

        Raises Amended where the server declines what of `body` it can be asked without.
        """
        status, answer = response.status_code, response.content
        self._acceptance.learn(request, quirks, body, status=status, answer=answer)
        return fault_of(response, self.server, self._clock.now())

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Raise a ProviderError for what the SDK raises, or the connection below it."""
        try:
            with connection_faults(self.server):
                yield
        except openai.OpenAIError as error:
            raise self.translated(error) from error

    def translated(self, error: openai.OpenAIError) -> ProviderError:
        """Return our error for one of the SDK's."""
        return fault_of_sdk(error, openai, self.server, self._clock.now())


class OpenAIBatches:
    """OpenAI's batch service: half the price, answers within a day.

    A request is sent with the body of a live call, and its answer read like one. The batch is a
    service tier of its own, so the setting of that name is left out. Nothing is retried here;
    `live` is closed by its owner.
    """

    def __init__(self, live: OpenAI) -> None:
        self._live = live
        self._server = live.server
        self._endpoint: Literal["/v1/chat/completions", "/v1/responses"] = (
            "/v1/responses" if live.path == "/responses" else "/v1/chat/completions"
        )

    async def submit(self, requests: Sequence[Request]) -> str:
        """Return the id of the batch that `requests`, all of one model, are in. See BatchService."""
        live, mark = self._live, mark_of(requests)
        with live.translating():
            listed = await live.sdk.batches.with_raw_response.list(limit=_BATCHES_SEARCHED)
        known = find_marked(listed.content, mark, self._server)
        if known is not None:
            return known
        data = b"".join(self._line(request) for request in requests)
        with live.translating():
            uploaded = await live.sdk.files.with_raw_response.create(
                file=(_BATCH_FILE, data, "application/jsonl"), purpose="batch"
            )
            created = await live.sdk.batches.with_raw_response.create(
                input_file_id=read_id(uploaded.content, self._server),
                endpoint=self._endpoint,
                completion_window="24h",
                metadata={MARK: mark},
            )
        return read_batch(created.content, self._server).id

    async def collect(self, id: str, requests: Sequence[Request]) -> Collected | Underway:  # noqa: A002 - its word
        """Return what came of the batch `id` of `requests`, or how far it is. See BatchService."""
        with self._live.translating():
            told = await self._live.sdk.batches.with_raw_response.retrieve(id)
        state = read_batch(told.content, self._server)
        if state.ending is None:
            return state.underway(len(requests))
        answers = self._live.answers(requests)
        for file in state.files:
            await answers.read_file(self._chunks(file))
        return answers.collected(state.ending, state.reason)

    def _line(self, request: Request) -> bytes:
        body = self._live.body(request)
        body.pop("service_tier", None)
        return write_line(request, body, path=self._endpoint)

    async def _chunks(self, file: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file as they arrive."""
        files = self._live.sdk.files.with_streaming_response
        with self._live.translating():
            async with files.content(file) as response:
                async for chunk in response.iter_bytes():
                    yield chunk


def _is_file(response: httpx2.Response) -> bool:
    return response.is_success and response.url.path.endswith("/content")
