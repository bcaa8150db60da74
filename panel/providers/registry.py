"""The providers that call models: for each its key, its models and how it is opened.

A new provider is one file beside this one and one row of PROVIDERS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Protocol, TypeVar

from panel.domain.rate_limit import Limit
from panel.ports import BatchService, Clock, Provider

if TYPE_CHECKING:
    from panel.providers.local import Local
    from panel.providers.mistral import Mistral
    from panel.providers.openai import OpenAI

Api = Literal["chat", "responses"]
C = TypeVar("C", bound="Client")
_NO_LIMIT: Final = Limit()


class Client(Provider, Protocol):
    """A provider with connections, which its owner closes."""

    async def close(self) -> None:
        """Close the connections; the provider cannot be used again."""
        ...


@dataclass(frozen=True)
class ClientOptions:
    """What a client is opened with; `timeout_s` bounds each wait, `other_keys` are scrubbed too."""

    clock: Clock
    timeout_s: float
    key: str = ""
    base_url: str | None = None
    api: Api | None = None
    service_tier: str | None = None
    explicit_cache: bool = False
    other_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProviderEntry(Generic[C]):
    """One provider.

    `open` returns a client for a model, or for all models where they `share_client`; its library is
    imported there and not before. `open_batches` returns the batch service of an open client, where
    the provider has one. `key_variable` and `address_variable` name what the environment may hold; a
    server at another address needs no key where the `key_is_optional` there. `default_model` is
    asked where a key is set and no model is named; `model_example` says how models are written.
    """

    open: Callable[[str, ClientOptions], C]
    open_batches: Callable[[C], BatchService] | None = None
    key_variable: str | None = None
    key_is_optional: bool = False
    address_variable: str | None = None
    default_model: str | None = None
    model_example: str = "MODEL"
    library: str | None = None
    shares_client: bool = True
    is_free: bool = False
    limit: Limit = _NO_LIMIT


def _open_openai(_: str, options: ClientOptions) -> "OpenAI":
    from panel.providers.openai import OpenAI  # noqa: PLC0415 - 0.8 s

    return OpenAI(
        api_key=options.key,
        clock=options.clock,
        timeout_s=options.timeout_s,
        base_url=options.base_url,
        api=options.api or ("chat" if options.base_url else "responses"),
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
        server_url=options.base_url,
        other_keys=options.other_keys,
    )


def _open_mistral_batches(client: "Mistral") -> BatchService:
    from panel.providers.mistral import MistralBatches  # noqa: PLC0415 - 0.6 s

    return MistralBatches(client)


def _open_local(model: str, options: ClientOptions) -> "Local":
    from panel.providers.local import Local  # noqa: PLC0415 - loads llama.cpp

    return Local(Path(model), timeout_s=options.timeout_s)


PROVIDERS: Final[Mapping[str, ProviderEntry[Any]]] = {
    "openai": ProviderEntry(
        open=_open_openai,
        open_batches=_open_openai_batches,
        key_variable="OPENAI_API_KEY",
        key_is_optional=True,
        address_variable="OPENAI_BASE_URL",
        default_model="gpt-5.4-mini",
        library="openai",
    ),
    "mistral": ProviderEntry(
        open=_open_mistral,
        open_batches=_open_mistral_batches,
        key_variable="MISTRAL_API_KEY",
        default_model="mistral-medium-latest",
        library="mistralai",
    ),
    "local": ProviderEntry(
        open=_open_local,
        model_example="PATH.gguf",
        library="xllamacpp",
        shares_client=False,
        is_free=True,
        limit=Limit(concurrency=1),
    ),
}


def default_models() -> dict[str, str]:
    """Return the model of each provider that is asked where none is named."""
    return {name: one.default_model for name, one in PROVIDERS.items() if one.default_model}


def key_variables() -> dict[str, str]:
    """Return the environment variable of each provider's key, by the provider's name."""
    return {name: one.key_variable for name, one in PROVIDERS.items() if one.key_variable}
