"""The adapters to models: for each API how a client is opened and which library it takes.

A new API is one file beside this one, its name in `services.Api`, and here how it is opened and a row
of ADAPTERS; a new service that speaks one of them is a row of `services.yaml`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Protocol, TypeVar

from panel.errors import ConfigError
from panel.ports import BatchService, Clock, Provider
from panel.providers.services import Api, ModelService

if TYPE_CHECKING:
    from panel.providers.anthropic import Anthropic
    from panel.providers.local import Local
    from panel.providers.mistral import Mistral
    from panel.providers.openai import OpenAI

C = TypeVar("C", bound="Client")


class Client(Provider, Protocol):
    """A provider with connections, which its owner closes."""

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        ...


@dataclass(frozen=True)
class ClientOptions:
    """What a client of `service` is opened with.

    `timeout_s` bounds each wait, `other_keys` are scrubbed too.
    """

    service: ModelService
    clock: Clock
    timeout_s: float
    key: str = ""
    service_tier: str | None = None
    explicit_cache: bool = False
    other_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Adapter(Generic[C]):
    """One API.

    `open` returns a client for a model, or for all models where they `share_client`; its library is
    imported there and not before. `open_batches` returns the batch service of an open client.
    """

    open: Callable[[str, ClientOptions], C]
    library: str
    extra: str | None = None
    open_batches: Callable[[C], BatchService] | None = None
    shares_client: bool = True


def _open_chat(_: str, options: ClientOptions) -> "OpenAI":
    return _open_openai(options, "chat")


def _open_responses(_: str, options: ClientOptions) -> "OpenAI":
    return _open_openai(options, "responses")


def _open_openai(options: ClientOptions, api: Literal["chat", "responses"]) -> "OpenAI":
    from panel.providers.openai import OpenAI  # noqa: PLC0415 - 0.8 s

    return OpenAI(
        api_key=options.key,
        clock=options.clock,
        timeout_s=options.timeout_s,
        name=options.service.title,
        base_url=options.service.base_url,
        api=api,
        quirks=options.service.quirks,
        service_tier=options.service_tier,
        explicit_cache=options.explicit_cache,
        other_keys=options.other_keys,
    )


def _open_openai_batches(client: "OpenAI") -> BatchService:
    from panel.providers.openai import OpenAIBatches  # noqa: PLC0415 - 0.8 s

    return OpenAIBatches(client)


def _open_mistral(_: str, options: ClientOptions) -> "Mistral":
    from panel.providers.mistral import Mistral  # noqa: PLC0415 - 0.6 s

    return Mistral(
        api_key=options.key,
        clock=options.clock,
        timeout_s=options.timeout_s,
        server_url=options.service.base_url,
        quirks=options.service.quirks,
        other_keys=options.other_keys,
    )


def _open_mistral_batches(client: "Mistral") -> BatchService:
    from panel.providers.mistral import MistralBatches  # noqa: PLC0415 - 0.6 s

    return MistralBatches(client)


def _open_anthropic(_: str, options: ClientOptions) -> "Anthropic":
    if find_spec("anthropic") is None:
        raise ConfigError(
            "Anthropic's models need its library: run pip install 'shipskip[anthropic]'"
        )
    from panel.providers.anthropic import Anthropic  # noqa: PLC0415 - 0.5 s, and an extra

    return Anthropic(
        api_key=options.key,
        clock=options.clock,
        timeout_s=options.timeout_s,
        base_url=options.service.base_url,
        quirks=options.service.quirks,
        other_keys=options.other_keys,
    )


def _open_local(model: str, options: ClientOptions) -> "Local":
    from panel.providers.local import Local  # noqa: PLC0415 - loads llama.cpp

    return Local(Path(model), timeout_s=options.timeout_s)


ADAPTERS: Final[Mapping[Api, Adapter[Any]]] = {
    "responses": Adapter(_open_responses, "openai", open_batches=_open_openai_batches),
    "chat": Adapter(_open_chat, "openai", open_batches=_open_openai_batches),
    "messages": Adapter(_open_anthropic, "anthropic", extra="shipskip[anthropic]"),
    "mistral": Adapter(_open_mistral, "mistralai", open_batches=_open_mistral_batches),
    "gguf": Adapter(_open_local, "xllamacpp", extra="shipskip[local]", shares_client=False),
}
