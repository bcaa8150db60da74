"""The services at which models answer: the rows of `services.yaml` and of `shipskip.toml`."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from panel.domain.json_schema import BOUNDS
from panel.domain.value import Value
from panel.yaml_loader import load_yaml

if TYPE_CHECKING:
    from panel.providers.wire.quirks import Quirks

SERVICES: Final = Path(__file__).with_name("services.yaml")
ANY: Final = "any"

Api = Literal["responses", "chat", "messages", "mistral", "gguf"]
AnswerFormat = Literal["json_schema", "json_object", "none"]
LimitField = Literal["max_tokens", "max_completion_tokens"]
Services = Mapping[str, "ModelService"]


def _keywords(value: object) -> object:
    return BOUNDS if value == "bounds" else value


Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


class ModelService(Value):
    """One service: where it is, whose key it takes and how it wants to be asked.

    `services.yaml` says what each column means. Example: `built_in()["deepseek"].answer_format` is
    `"json_object"`.
    """

    title: str
    api: Api = "chat"
    base_url: str | None = None
    path: str = ""
    address_variable: Variable | None = None
    elsewhere: str | None = None
    key_variable: Variable | None = None
    needs_key: bool = True
    default_model: str | None = None
    model_example: str = "MODEL"
    limit_field: LimitField = "max_tokens"
    answer_format: AnswerFormat = "json_schema"
    enforces_schema: bool = True
    joins_parts: bool = False
    joins_system: bool = False
    describes: Annotated[tuple[str, ...], BeforeValidator(_keywords)] = ()
    leaves_out: tuple[str, ...] = ()
    extra_body: dict[str, Any] = Field(default_factory=dict)
    prices: str | None = None
    is_free: bool = False
    has_batches: bool = False
    concurrency: Annotated[int, Field(ge=1)] | None = None

    @property
    def quirks(self) -> "Quirks":
        """What its server takes, and in which form."""
        from panel.providers.wire.quirks import Quirks  # noqa: PLC0415 - settings are read without it

        return Quirks(**{name: getattr(self, name) for name in Quirks.model_fields})

    @property
    def has_address(self) -> bool:
        """Whether it is known where it answers; a file on this machine has no address."""
        return self.base_url is not None or self.api == "gguf"


@cache
def built_in() -> Services:
    """Return the services of `services.yaml` by name; read once, in 2 ms."""
    rows = load_yaml(SERVICES.read_text(encoding="utf-8"))
    return {name: ModelService.model_validate(_with_tuples(row)) for name, row in rows.items()}


def read_service(name: str, table: Mapping[str, Any], services: Services) -> ModelService:
    """Return the service `name` with the columns of `table` over its row, or that of `any`.

    Raises pydantic's ValidationError, whose places are those of a Settings.
    """
    row = services.get(name) or services[ANY].model_copy(
        update={"title": name, "address_variable": None, "key_variable": None}
    )
    return ModelService.model_validate({**row.model_dump(), **table})


def at_address(name: str, base_url: str, services: Services) -> ModelService:
    """Return the service `name` as it is asked at `base_url`.

    The maker's own API is spoken by many: a server at another address than the row's is what stands
    at that address, or else any server, which may take no key. It keeps the row's title only at home.
    """
    row = services[name]
    if row.base_url is not None and row.elsewhere and _host(base_url) != _host(row.base_url):
        there = next(
            (
                one
                for one in services.values()
                if one.base_url and one.api == "chat" and _host(one.base_url) == _host(base_url)
            ),
            services[row.elsewhere],
        )
        own = ("key_variable", "address_variable", "default_model", "elsewhere")
        kept = {field: getattr(row, field) for field in own}
        row = there.model_copy(
            update={**kept, "needs_key": False, "is_free": False, "prices": None}
        )
    # A server on one's own network has no TLS; one that has it may be somebody's who charges.
    is_free = row.is_free and base_url.startswith("http://")
    return row.model_copy(update={"base_url": with_path(base_url, row.path), "is_free": is_free})


def with_path(base_url: str, path: str) -> str:
    """Return `base_url` with `path` where it has none: `http://box:11434` becomes `.../v1`."""
    import httpx2  # noqa: PLC0415 - 0.05 s, and few settings name an address

    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        return base_url
    is_bare = url.scheme in ("http", "https") and url.host and url.path in ("", "/")
    return str(url.copy_with(path=path)) if is_bare and path else base_url


@lru_cache(maxsize=128)  # every panel compares its address with those of all services
def _host(base_url: str) -> tuple[str, int | None]:
    import httpx2  # noqa: PLC0415 - 0.05 s, and few settings name an address

    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        return base_url, None
    return url.host.replace("localhost", "127.0.0.1"), url.port


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in row.items()}
