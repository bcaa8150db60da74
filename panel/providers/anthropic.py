"""Anthropic through its own SDK: the messages API, with its prompt cache."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import httpx2

from panel.domain.exchange import Completion, Message, Request
from panel.domain.json_schema import BOUNDS
from panel.errors import ConfigError, ProviderError
from panel.ports import Clock
from panel.providers.faults import connection_faults, fault_of_sdk
from panel.providers.http_client import client_settings, open_client
from panel.providers.key_redaction import KnownKeys
from panel.providers.server import Server, check_key, read_address
from panel.providers.services import AnswerFormat
from panel.providers.wire.messages import read_messages
from panel.providers.wire.quirks import Acceptance, Quirks
from panel.providers.wire.request import with_form, write_body

HOME = "https://api.anthropic.com"
AT_HOME = Quirks(describes=BOUNDS)

_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "none")
_CACHED = {"type": "ephemeral"}
_EFFORTS = ("low", "medium", "high")  # it knows no lower one; thinking is off by default


class Anthropic:
    """A provider that asks Anthropic, or a server that speaks its API at `base_url` (without /v1).

    The part that ends the shared prefix carries a mark for the prompt cache, without which nothing is
    cached. `quirks` say what the server takes; a call that it declines for an optional part of it
    raises Amended, and the next one goes without, until the process ends. One client for the life of
    the object; nothing is retried here. `timeout_s` bounds each wait for bytes, not the whole call. No
    key of its own, nor any of `other_keys`, is left in what it returns or raises. Raises ConfigError
    where key or address cannot be meant.
    """

    def __init__(
        self,
        *,
        api_key: str,
        clock: Clock,
        timeout_s: float,
        base_url: str | None = None,
        quirks: Quirks | None = None,
        other_keys: Iterable[str] = (),
    ) -> None:
        if not api_key:
            raise ConfigError("no key for Anthropic: set ANTHROPIC_API_KEY")
        check_key(api_key, "Anthropic")
        address = read_address(
            HOME if base_url is None else base_url,
            setting="the address for Anthropic",
            example="https://HOST",
        )
        self.server = Server("Anthropic", KnownKeys((api_key, *address.secrets, *other_keys)))
        self._clock = clock
        self._acceptance = Acceptance(quirks or AT_HOME, self.server, _FORMATS, limit_fields=())
        settings = client_settings(
            address, self.server, timeout_s=timeout_s, is_file=lambda _: False
        )
        self.sdk = anthropic.AsyncAnthropic(
            api_key=api_key,
            # The SDK's paths begin with /v1, where other addresses are written with it.
            base_url=address.url.rstrip("/").removesuffix("/v1"),
            max_retries=0,
            open_telemetry=False,
            http_client=open_client(anthropic.DefaultAioHttpClient, settings),
        )
        # They come from the environment, which is read in the settings only.
        self.sdk._custom_headers = {}  # noqa: SLF001 - there is no public way

    async def complete(self, request: Request) -> Completion:
        """Return the answer to `request`. Raises a ProviderError where there is none."""
        quirks = self._acceptance.of(request.model)
        body = self._body(request, quirks)
        content = write_body(body)
        with self._translating(request, quirks, body):
            response = await self.sdk.post(
                "/v1/messages",
                cast_to=httpx2.Response,
                content=content,
                options={"headers": {"Content-Type": "application/json"}},
            )
        return read_messages(response.content, self.server, request.model)

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        await self.sdk.close()

    def _body(self, request: Request, quirks: Quirks) -> dict[str, Any]:
        form = self._acceptance.form(request, quirks)
        asked = with_form(request, form.in_prompt)
        marks = "cache_control" not in quirks.leaves_out
        system = [
            part
            for one in asked.messages
            if one.role == "system"
            for part in _parts(one, marks=marks)
        ]
        by_schema = quirks.answer_format == "json_schema"
        format_ = {"type": "json_schema", "schema": form.schema} if by_schema else None
        takes_effort = "effort" not in quirks.leaves_out and request.effort in _EFFORTS
        output = {"format": format_, "effort": request.effort if takes_effort else None}
        settings = {
            "max_tokens": request.max_output_tokens,
            "system": system or None,
            "output_config": {key: one for key, one in output.items() if one is not None} or None,
            "temperature": request.temperature,
        }
        return {
            "model": request.model,
            "messages": [
                {"role": one.role, "content": _parts(one, marks=marks)}
                for one in asked.messages
                if one.role != "system"
            ],
            **quirks.fields(settings),
        }

    @contextmanager
    def _translating(
        self, request: Request, quirks: Quirks, body: dict[str, Any]
    ) -> Iterator[None]:
        """Raise a ProviderError for what the SDK raises, or the connection below it."""
        try:
            with connection_faults(self.server):
                yield
        except anthropic.APIStatusError as error:
            answer = error.response.content
            self._acceptance.learn(request, quirks, body, status=error.status_code, answer=answer)
            raise self.translated(error) from error
        except anthropic.AnthropicError as error:
            raise self.translated(error) from error

    def translated(self, error: anthropic.AnthropicError) -> ProviderError:
        """Return our error for one of the SDK's."""
        return fault_of_sdk(error, anthropic, self.server, self._clock.now())


def _parts(message: Message, *, marks: bool) -> list[dict[str, Any]]:
    """Return the parts of a message; those of an earlier answer go back as they came."""
    return [
        {
            "type": "text",
            "text": part.text,
            **({"cache_control": _CACHED} if part.ends_prefix and marks else {}),
        }
        for part in message.parts
    ]
