"""OpenAI, and every server that speaks its chat completions or responses API."""

import json
import re
import ssl
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Literal, cast

import httpx2
import openai

from panel.domain.addresses import redact_url
from panel.domain.exchange import Completion, Request
from panel.errors import ConfigError, ProviderError, Refused, Transient, Unusable
from panel.ports import Clock
from panel.providers.wire.answer import MOST_BYTES, read_chat, read_responses
from panel.providers.wire.batch_file import Answers
from panel.providers.wire.http_fault import fault, one_line
from panel.providers.wire.known_keys import KnownKeys
from panel.providers.wire.request import answer_format, chat_messages, ends_prefix, responses_input
from panel.providers.wire.retry_after import read_retry_after

HOME = "https://api.openai.com/v1"
SLOWEST_CONNECT_S = 10.0

_CONNECTIONS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
_HEADER_SAFE = re.compile(r"[!-~]+", re.ASCII)


class OpenAI:
    """A provider that asks OpenAI or, with `base_url`, a compatible server.

    One client for the life of the object; nothing is retried here. `timeout_s` bounds each wait for
    bytes, not the whole call. `explicit_cache` marks the shared prefix for the prompt cache, which
    OpenAI takes from gpt-5.6 on. No key of its own, nor any of `other_keys`, is left in what it
    says. Raises ConfigError where key or address cannot be meant.
    """

    def __init__(
        self,
        *,
        api_key: str,
        clock: Clock,
        timeout_s: float,
        base_url: str | None = None,
        api: Literal["chat", "responses"] = "responses",
        service_tier: str | None = None,
        explicit_cache: bool = False,
        other_keys: Iterable[str] = (),
    ) -> None:
        _check(api_key, base_url)
        self._clock = clock
        self._api = api
        self.path = "/chat/completions" if api == "chat" else "/responses"
        self._read = read_chat if api == "chat" else read_responses
        self._is_home = base_url is None
        self.service = "OpenAI" if base_url is None else "the model server"
        self._service_tier = service_tier
        self._explicit_cache = explicit_cache
        address = base_url or HOME
        self.keys = KnownKeys((api_key, httpx2.URL(address).password, *other_keys))
        self.sdk = openai.AsyncOpenAI(
            api_key=api_key or "unused",
            # None would mean what the environment says, which is not ours to read.
            base_url=address,
            max_retries=0,
            http_client=_open_client(timeout_s, self.service, address, self.keys),
        )
        if base_url is not None:
            # They come from the environment and are no business of another server.
            self.sdk.organization = self.sdk.project = None

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        body = self.body(request)
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            # `post` sends the body as it is and hands back the response as it came; the typed
            # methods would rebuild both, at twice the time of everything else in a call.
            response = await self.sdk.post(
                self.path,
                cast_to=httpx2.Response,
                content=content,
                options={
                    "headers": {"Content-Type": "application/json"},
                    "security": {"bearer_auth": True},
                },
            )
        except openai.OpenAIError as error:
            raise self.translated(error) from error
        except untranslated() as error:
            raise self.unconnected() from error
        return self._read(
            response.content, service=self.service, asked=request.model, keys=self.keys
        )

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        await self.sdk.close()

    def body(self, request: Request) -> dict[str, Any]:
        """Return what is sent for `request`."""
        return self._chat_body(request) if self._api == "chat" else self._responses_body(request)

    def answers(self, requests: Sequence[Request]) -> Answers:
        """Return a reader of what a batch of `requests` comes back as."""
        return Answers(requests, service=self.service, read=self._read, keys=self.keys)

    def _chat_body(self, request: Request) -> dict[str, Any]:
        limit = "max_completion_tokens" if self._is_home else "max_tokens"
        return {
            "model": request.model,
            "messages": chat_messages(request, mark_prefix=self._explicit_cache),
            "response_format": {"type": "json_schema", "json_schema": answer_format(request)},
            limit: request.max_output_tokens,
            **({} if request.effort is None else {"reasoning_effort": request.effort}),
            **self._settings(request),
        }

    def _responses_body(self, request: Request) -> dict[str, Any]:
        return {
            "model": request.model,
            "input": responses_input(request, mark_prefix=self._explicit_cache),
            "text": {"format": {"type": "json_schema", **answer_format(request)}},
            "max_output_tokens": request.max_output_tokens,
            "store": False,
            **({} if request.effort is None else {"reasoning": {"effort": request.effort}}),
            **self._settings(request),
        }

    def _settings(self, request: Request) -> dict[str, Any]:
        """Return what both APIs name alike, each only where it is set."""
        marked = self._explicit_cache and ends_prefix(request)
        settings = {
            "temperature": request.temperature,
            "prompt_cache_key": request.prefix_key or None,
            "prompt_cache_options": {"mode": "explicit"} if marked else None,
            "service_tier": self._service_tier,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def translated(self, error: openai.OpenAIError) -> ProviderError:
        """Return our error for one of the SDK's."""
        if isinstance(error, openai.APIStatusError):
            return fault(
                error.status_code,
                error.response.content,
                service=self.service,
                keys=self.keys,
                retry_after=read_retry_after(error.response.headers, self._clock.now()),
            )
        if isinstance(error, openai.APIConnectionError):
            # A reset comes out of the aiohttp transport as a ConnectTimeout: both mean no answer.
            if isinstance(error.__cause__, httpx2.ReadTimeout | httpx2.WriteTimeout):
                return Transient(f"{self.service} did not answer in time")
            return self.unconnected()
        if isinstance(error, openai.APIResponseValidationError | openai.LengthFinishReasonError):
            return Unusable(f"{self.service} sent an answer that the openai package cannot read")
        said = one_line(self.keys.scrub(str(error)))
        return Refused(f"{self.service} gave no answer: {said}")

    def unconnected(self) -> Transient:
        """Return the error for a connection that broke, or was never made."""
        return Transient(f"no answer from {self.service}: the connection broke, or nobody is there")


def untranslated() -> tuple[type[Exception], ...]:
    """Return what the transports let through where an answer is no HTTP at all."""
    aiohttp = sys.modules.get("aiohttp")
    return (OSError, ValueError) if aiohttp is None else (OSError, ValueError, aiohttp.ClientError)


class _Capped(httpx2.AsyncByteStream):
    """A body that breaks off, with a plain reason, where it grows past what is read."""

    def __init__(self, body: httpx2.AsyncByteStream, service: str) -> None:
        self._body = body
        self._service = service

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Unusable(f"{self._service} sent more than {MOST_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def _open_client(
    timeout_s: float, service: str, address: str, keys: KnownKeys
) -> httpx2.AsyncClient:
    """Return the HTTP client, on aiohttp where that is installed, which takes far less time."""

    async def cap(response: httpx2.Response) -> None:
        # A few bytes can unpack to gigabytes, so nothing packed is read; none was asked for.
        packing = keys.scrub(response.headers.get("content-encoding", "identity"))
        if packing != "identity":
            raise Unusable(f"{service} sent a body that is packed as {one_line(packing)}")
        # The file of a batch is read line by line, which has caps of its own.
        if not (response.is_success and response.url.path.endswith("/content")):
            response.stream = _Capped(cast(httpx2.AsyncByteStream, response.stream), service)

    # To load the certificates of the world takes 20 ms, and plain HTTP has no use for them.
    is_plain = address.startswith("http://")
    settings: dict[str, Any] = {
        "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else True,
        "timeout": httpx2.Timeout(timeout_s, connect=min(timeout_s, SLOWEST_CONNECT_S)),
        "limits": _CONNECTIONS,
        "headers": {"Accept-Encoding": "identity"},
        "follow_redirects": False,
        "event_hooks": {"response": [cap]},
    }
    try:
        return openai.DefaultAioHttpClient(**settings)
    except RuntimeError:
        return httpx2.AsyncClient(**settings)


def _check(api_key: str, base_url: str | None) -> None:
    if base_url is None and not api_key:
        raise ConfigError("no key for OpenAI: set OPENAI_API_KEY, or base_url for another server")
    if api_key and not _HEADER_SAFE.fullmatch(api_key):
        raise ConfigError("the key for OpenAI holds a space or an odd character: paste it again")
    if base_url is not None and not _is_address(base_url):
        raise ConfigError(
            f"base_url is {redact_url(base_url.rpartition('@')[2])!r}: give it as "
            "http://HOST:PORT/v1 or https://HOST/v1"
        )


def _is_address(text: str) -> bool:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
