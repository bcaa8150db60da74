"""Mistral through its own SDK: chat completions and batches."""

from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx2
from mistralai.client import Mistral as MistralSDK
from mistralai.client import errors, models
from pydantic import TypeAdapter

from panel.domain.exchange import Completion, Request
from panel.domain.json_schema import Schema
from panel.domain.submitted_batch import Collected, Underway, mark_of
from panel.errors import ConfigError
from panel.ports import Clock
from panel.providers.faults import connection_faults, fault_of, unconnected
from panel.providers.http_client import client_settings, no_certificates
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server, check_key, read_address
from panel.providers.services import AnswerFormat
from panel.providers.wire.answer import read_chat
from panel.providers.wire.batch_file import Answers, write_line
from panel.providers.wire.batch_state import MARK, find_marked, read_id, read_job
from panel.providers.wire.quirks import Acceptance, Quirks
from panel.providers.wire.request import answer_format, chat_messages, with_form

HOME = "https://api.mistral.ai"

_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "none")
_OK = 200
_BATCH_FILE = "requests.jsonl"
# Built once: given plain messages, the SDK would build a model for them with every call.
_MESSAGES = TypeAdapter(list[models.ChatCompletionRequestMessage])

# The server's answer to the call under way, before the SDK reads it.
_received: ContextVar[list[httpx2.Response]] = ContextVar("_received")


class Mistral:
    """A provider that asks Mistral, or a server that speaks its API at `server_url` (without /v1).

    `quirks` say what the server takes; a call that it declines for an optional part of it raises
    Amended, and the next one goes without, until the process ends. One client for the life of the
    object; nothing is retried here. `timeout_s` bounds each wait for bytes, not the whole call. No key
    of its own, nor any of `other_keys`, is left in what it returns or raises. Raises ConfigError where
    key or address cannot be meant.
    """

    def __init__(
        self,
        *,
        api_key: str,
        clock: Clock,
        timeout_s: float,
        server_url: str | None = None,
        quirks: Quirks | None = None,
        other_keys: Iterable[str] = (),
    ) -> None:
        if not api_key:
            raise ConfigError("no key for Mistral: set MISTRAL_API_KEY")
        check_key(api_key, "Mistral")
        address = read_address(
            HOME if server_url is None else server_url,
            setting="the address for Mistral",
            example="https://HOST",
        )
        self.server = Server("Mistral", KnownKeys((api_key, *address.secrets, *other_keys)))
        self._acceptance = Acceptance(
            quirks or Quirks(), self.server, _FORMATS, limit_fields=("max_tokens",)
        )
        self._clock = clock
        settings = client_settings(address, self.server, timeout_s=timeout_s, is_file=_is_file)
        settings["event_hooks"]["response"].append(_receive)
        self._http = httpx2.AsyncClient(**settings)
        self.sdk = MistralSDK(
            api_key=api_key,
            # The SDK adds /v1 itself, where other addresses are written with it.
            server_url=address.url.rstrip("/").removesuffix("/v1"),
            async_client=self._http,
            # For blocking calls, which are never made.
            client=httpx2.Client(verify=no_certificates()),
            retry_config=None,
            # Without it the SDK sets a timeout of its own, of five minutes, on every request.
            timeout_ms=round(timeout_s * 1000),
        )

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        quirks = self._acceptance.of(request.model)
        arguments = self._arguments(request, quirks)
        response = await self._called(self.sdk.chat.complete_async(**arguments))
        status, answer = response.status_code, response.content
        self._acceptance.learn(request, quirks, arguments, status=status, answer=answer)
        return read_chat(self._checked(response).content, self.server, request.model)

    async def ask(self, call: Awaitable[object]) -> httpx2.Response:
        """Return the server's answer to `call`, one of the SDK.

        Raises a ProviderError where there is no answer, or one that is a fault.
        """
        return self._checked(await self._called(call))

    async def _called(self, call: Awaitable[object]) -> httpx2.Response:
        received: list[httpx2.Response] = []
        _received.set(received)
        with translating(self.server, received):
            await call
        return received[0]

    def _checked(self, response: httpx2.Response) -> httpx2.Response:
        if response.status_code != _OK:
            raise fault_of(response, self.server, self._clock.now())
        return response

    def body(self, request: Request) -> dict[str, Any]:
        """Return the body that the SDK sends for `request`."""
        arguments = self._arguments(request, self._acceptance.of(request.model))
        asked = models.ChatCompletionRequest(**arguments, stream=False)
        return asked.model_dump(by_alias=True, mode="json", exclude_none=True)

    def answers(self, requests: Sequence[Request]) -> Answers:
        """Return a reader for the answers to a batch of `requests`."""
        learn = self._acceptance.learner(self._arguments)
        return Answers(requests, self.server, read_chat, learn=learn)

    def _arguments(self, request: Request, quirks: Quirks) -> dict[str, Any]:
        """Return `request` as the SDK takes it, with settings only where they are set."""
        form = self._acceptance.form(request, quirks)
        asked = with_form(request, form.in_prompt)
        settings = {
            "response_format": _response_format(request, form.schema, quirks.answer_format),
            "max_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            "reasoning_effort": request.effort,
            "prompt_cache_key": request.prefix_key or None,
        }
        return {
            "model": request.model,
            "messages": _MESSAGES.validate_python(chat_messages(asked)),
            **quirks.fields(settings),
        }

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        await self._http.aclose()


class MistralBatches:
    """Mistral's batch service: half the price, answers within a day.

    A request is sent with the body of a live call, and its answer read like one. Nothing is retried
    here; `live` is closed by its owner.
    """

    def __init__(self, live: Mistral) -> None:
        self._live = live
        self._server = live.server

    async def submit(self, requests: Sequence[Request]) -> str:
        """Return the id of the batch that `requests`, all of one model, are in. See BatchService."""
        sdk, ask, mark = self._live.sdk, self._live.ask, mark_of(requests)
        listed = await ask(sdk.batch.jobs.list_async(metadata={MARK: mark}))
        known = find_marked(listed.content, mark, self._server)
        if known is not None:
            return known
        data = b"".join(write_line(request, self._live.body(request)) for request in requests)
        file = models.File(file_name=_BATCH_FILE, content=data, content_type="application/jsonl")
        uploaded = await ask(sdk.files.upload_async(file=file, purpose="batch"))
        created = await ask(
            sdk.batch.jobs.create_async(
                endpoint="/v1/chat/completions",
                input_files=[read_id(uploaded.content, self._server)],
                model=requests[0].model,
                metadata={MARK: mark},
            )
        )
        return read_job(created.content, self._server).id

    async def collect(self, id: str, requests: Sequence[Request]) -> Collected | Underway:  # noqa: A002 - its word
        """Return what came of the batch `id` of `requests`, or how far it is. See BatchService."""
        told = await self._live.ask(self._live.sdk.batch.jobs.get_async(job_id=id))
        state = read_job(told.content, self._server)
        if state.ending is None:
            return state.underway(len(requests))
        answers = self._live.answers(requests)
        for file in state.files:
            await answers.read_file(self._chunks(file))
        return answers.collected(state.ending, state.reason)

    async def _chunks(self, file: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file as they arrive."""
        response = await self._live.ask(self._live.sdk.files.download_async(file_id=file))
        try:
            with translating(self._server, []):
                async for chunk in response.aiter_bytes():
                    yield chunk
        finally:
            await response.aclose()


@contextmanager
def translating(server: Server, received: Sequence[httpx2.Response]) -> Iterator[None]:
    """Raise Transient for a call that got no answer; ignore what the SDK makes of an answer.

    The SDK's types drop what they do not know and its errors drop the usage, so an answer that was
    `received` is read here, and an error of the SDK after it says nothing.
    """
    with connection_faults(server):
        try:
            yield
        except (
            errors.MistralError,
            errors.NoResponseError,
            ValueError,
            LookupError,
            TypeError,
            RecursionError,
        ) as error:
            if not received:
                raise unconnected(server) from error


def _response_format(
    request: Request, schema: Schema, form: AnswerFormat
) -> models.ResponseFormat | None:
    if form != "json_schema":
        return None if form == "none" else models.ResponseFormat(type=form)
    named = models.JSONSchema.model_validate(answer_format(request, schema))
    return models.ResponseFormat(type=form, json_schema=named)


async def _receive(response: httpx2.Response) -> None:
    """Keep the response for the call that it answers, read whole unless it is a file."""
    if not _is_file(response):
        await response.aread()
    _received.get().append(response)


def _is_file(response: httpx2.Response) -> bool:
    kind = response.headers.get("content-type", "")
    return response.status_code == _OK and kind.startswith("application/octet-stream")
