"""Mistral's chat completions API, through its own SDK."""

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

import httpx2
from mistralai.client import Mistral as MistralSDK
from mistralai.client import errors, models
from pydantic import TypeAdapter

from panel.domain.addresses import redact_url
from panel.domain.exchange import Completion, Request
from panel.errors import ConfigError, Transient, Unusable
from panel.ports import Clock
from panel.providers.wire.answer import MOST_BYTES, read_chat
from panel.providers.wire.batch_file import Answers
from panel.providers.wire.http_fault import fault, one_line
from panel.providers.wire.known_keys import KnownKeys
from panel.providers.wire.request import answer_format, chat_messages
from panel.providers.wire.retry_after import read_retry_after

SERVICE = "Mistral"
SLOWEST_CONNECT_S = 10.0

_HEADER_SAFE = re.compile(r"[!-~]+", re.ASCII)
_UNCONNECTED = f"no answer from {SERVICE}: the connection broke, or nobody is there"
_OK = 200
# Built once: given plain messages, the SDK would build a model for them with every call.
_MESSAGES = TypeAdapter(list[models.ChatCompletionRequestMessage])


# What the server said to the call that is being made, before the SDK makes anything of it.
_heard: ContextVar[list[httpx2.Response]] = ContextVar("_heard")


class Mistral:
    """A provider that asks Mistral, or a server that speaks its API at `server_url` (without /v1).

    One client for the life of the object; nothing is retried here. `timeout_s` bounds each wait for
    bytes, not the whole call. No key of its own, nor any of `other_keys`, is left in
    what it says. Raises ConfigError where key or address cannot be meant.
    """

    def __init__(
        self,
        *,
        api_key: str,
        clock: Clock,
        timeout_s: float,
        server_url: str | None = None,
        other_keys: Iterable[str] = (),
    ) -> None:
        _check(api_key, server_url)
        self._clock = clock
        password = httpx2.URL(server_url or "").password
        self.keys = KnownKeys((api_key, password, *other_keys))
        # To load the certificates of the world takes 20 ms, and plain HTTP has no use for them.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        is_plain = server_url is not None and server_url.startswith("http://")
        self._http = _open_client(timeout_s, self.keys, verify=nobody if is_plain else True)
        self.sdk = MistralSDK(
            api_key=api_key,
            # The SDK adds /v1 itself, where other addresses are written with it.
            server_url=server_url and server_url.rstrip("/").removesuffix("/v1"),
            async_client=self._http,
            # For blocking calls, which are never made; it would trust nobody.
            client=httpx2.Client(verify=nobody),
            retry_config=None,
            # Without it the SDK sets a timeout of its own, of five minutes, on every request.
            timeout_ms=round(timeout_s * 1000),
        )

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        response = await self.ask(self.sdk.chat.complete_async(**_arguments(request)))
        return read_chat(response.content, service=SERVICE, asked=request.model, keys=self.keys)

    async def ask(self, call: Awaitable[object]) -> httpx2.Response:
        """Return what the server answers to `call`, one of the SDK.

        Raises a ProviderError where there is no answer, or one that is a fault.
        """
        heard: list[httpx2.Response] = []
        _heard.set(heard)
        with judged_below(heard):
            await call
        response = heard[0]
        if response.status_code != _OK:
            raise fault(
                response.status_code,
                response.content,
                service=SERVICE,
                keys=self.keys,
                retry_after=read_retry_after(response.headers, self._clock.now()),
            )
        return response

    def answers(self, requests: Sequence[Request]) -> Answers:
        """Return a reader of what a batch of `requests` comes back as."""
        return Answers(requests, service=SERVICE, read=read_chat, keys=self.keys)

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        await self._http.aclose()


@contextmanager
def judged_below(heard: list[httpx2.Response]) -> Iterator[None]:
    """Translate a failure on the way; once the server has spoken, let its own words be judged.

    The SDK's types drop what they do not know and its errors drop the usage, so that what it makes
    of an answer decides nothing: an error of it that comes after an answer is let go.
    """
    try:
        yield
    except httpx2.TimeoutException as error:
        raise Transient(f"{SERVICE} did not answer in time") from error
    except (httpx2.HTTPError, errors.NoResponseError, OSError) as error:
        raise Transient(_UNCONNECTED) from error
    except (errors.MistralError, ValueError, LookupError, TypeError, RecursionError) as error:
        if not heard:
            raise Transient(_UNCONNECTED) from error


def body_of(request: Request) -> dict[str, Any]:
    """Return what the SDK sends for `request`."""
    asked = models.ChatCompletionRequest(**_arguments(request), stream=False)
    return asked.model_dump(by_alias=True, mode="json", exclude_none=True)


def _arguments(request: Request) -> dict[str, Any]:
    """Return `request` as the SDK takes it, with settings only where they are set."""
    schema = models.JSONSchema.model_validate(answer_format(request))
    settings = {
        "temperature": request.temperature,
        "reasoning_effort": request.effort,
        "prompt_cache_key": request.prefix_key or None,
    }
    return {
        "model": request.model,
        "messages": _MESSAGES.validate_python(chat_messages(request)),
        "response_format": models.ResponseFormat(type="json_schema", json_schema=schema),
        "max_tokens": request.max_output_tokens,
        **{name: value for name, value in settings.items() if value is not None},
    }


class _Capped(httpx2.AsyncByteStream):
    """A body that breaks off, with a plain reason, where it grows past what is read."""

    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Unusable(f"{SERVICE} sent more than {MOST_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


async def _hear(keys: KnownKeys, response: httpx2.Response) -> None:
    """Read the body up to the cap and keep the response for the call that it answers."""
    # A few bytes can unpack to gigabytes, so nothing packed is read; none was asked for.
    packing = keys.scrub(response.headers.get("content-encoding", "identity"))
    if packing != "identity":
        raise Unusable(f"{SERVICE} sent a body that is packed as {one_line(packing)}")
    # The file of a batch is read line by line, which has caps of its own.
    if not _is_file(response):
        response.stream = _Capped(cast(httpx2.AsyncByteStream, response.stream))
        await response.aread()
    _heard.get().append(response)


def _is_file(response: httpx2.Response) -> bool:
    kind = response.headers.get("content-type", "")
    return response.status_code == _OK and kind.startswith("application/octet-stream")


def _open_client(
    timeout_s: float, keys: KnownKeys, *, verify: ssl.SSLContext | bool
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        verify=verify,
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, SLOWEST_CONNECT_S)),
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=100),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        event_hooks={"response": [partial(_hear, keys)]},
    )


def _check(api_key: str, server_url: str | None) -> None:
    if not api_key:
        raise ConfigError("no key for Mistral: set MISTRAL_API_KEY")
    if not _HEADER_SAFE.fullmatch(api_key):
        raise ConfigError("the key for Mistral holds a space or an odd character: paste it again")
    if server_url is not None and not _is_address(server_url):
        raise ConfigError(
            f"the address for Mistral is {redact_url(server_url.rpartition('@')[2])!r}: give it as"
            " https://HOST"
        )


def _is_address(text: str) -> bool:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
