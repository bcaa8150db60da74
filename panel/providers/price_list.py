"""What models charge: the prices in shipskip.toml, then the catalogue of genai-prices."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from panel.domain.exchange import Service
from panel.domain.model_cost import Rate
from panel.ports import Clock

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

Processing = Literal["standard", "batch", "flex", "priority"]

_NOTHING = Decimal(0)
_FREE = Rate(
    input=_NOTHING,
    cached=_NOTHING,
    cache_write=_NOTHING,
    output=_NOTHING,
    source="no charge: no paid service is called",
)
# What the catalogue calls a way of processing: it lists service tiers by their name on the wire.
_CONTEXTS: Final[Mapping[Processing, Mapping[str, str]]] = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


class _Entry(NamedTuple):
    """A model in the catalogue; `is_own` tells whether its seller has it in a list of its own.

    Of a model that is listed with its maker alone, the standard price is known and no other.
    """

    model: "ModelInfo"
    is_own: bool


class PriceList:
    """Prices by model, in US dollars.

    `overrides` are rates by `provider:model`. `processing` and `base_urls` say how, and at which
    address, a provider is asked where that is not the usual: prices are then those of whoever
    answers there; `catalogues` has the names of providers in the catalogue. Providers in `free` charge
    nothing, where no override says otherwise. `clock` decides which of the dated prices of
    the catalogue applies. The catalogue is imported with the first question (0.4 s).
    """

    def __init__(
        self,
        overrides: Mapping[str, Rate],
        *,
        clock: Clock,
        processing: Mapping[str, Processing] | None = None,
        base_urls: Mapping[str, str] | None = None,
        catalogues: Mapping[str, str] | None = None,
        free: Collection[str] = (),
    ) -> None:
        self._overrides = overrides
        self._clock = clock
        self._processing = processing or {}
        self._base_urls = base_urls or {}
        self._catalogues = catalogues or {}
        self._free = frozenset(free)
        self._found: dict[tuple[str, str], _Entry | None] = {}

    @cached_property
    def catalogue(self) -> str:
        """The name and version of the catalogue, to be recorded with each run."""
        return f"genai-prices {version('genai-prices')}"

    def rate(
        self,
        provider: str,
        model: str,
        *,
        answered_by: str | None = None,
        input_tokens: int = 0,
        service: Service | None = None,
    ) -> Rate | None:
        """Return what a model charges for a prompt of this length, None where no price is known.

        The model that the response named (`answered_by`) goes before the one that was asked for, an
        override before the catalogue. An override is what is paid: no discount comes off it. A
        batch `service` has the batch price, flex its own; where the catalogue has none, the standard
        price, which is not less. Priority costs more, so without a price of its own it has none.
        Example: `rate("openai", "gpt-5.4-mini", input_tokens=9000).output` is the price of a million
        output tokens.
        """
        names = [name for name in (answered_by, model) if name]
        for name in names:
            if (rate := self._overrides.get(f"{provider}:{name}")) is not None:
                return rate
        if provider in self._free:
            return _FREE
        for name in names:
            if (rate := self._listed(provider, name, input_tokens, service)) is not None:
                return rate
        return None

    def window(self, provider: str, model: str) -> int | None:
        """Return the context window of a model in tokens, None where the catalogue does not know it."""
        entry = None if provider in self._free else self._entry(provider, model)
        return entry.model.context_window if entry else None

    def describe(self, provider: str) -> str:
        """Return which price a provider's calls must have: "price", or "priority price"."""
        return "priority price" if self._processing.get(provider) == "priority" else "price"

    def _entry(self, provider: str, model: str) -> _Entry | None:
        key = (provider, model)
        if key not in self._found:
            listed_as = self._catalogues.get(provider, provider)
            self._found[key] = _find(listed_as, model, self._base_urls.get(provider))
        return self._found[key]

    def _listed(
        self, provider: str, model: str, input_tokens: int, service: Service | None
    ) -> Rate | None:
        entry = self._entry(provider, model)
        if entry is None:
            return None
        wanted = service or self._processing.get(provider, "standard")
        now = self._clock.now()
        context = _CONTEXTS[wanted] if _has_price(entry, wanted, now) else None
        if context is None and wanted == "priority":
            return None
        prices = entry.model.get_prices(now, context)
        source = f"{self.catalogue}, {wanted} price" if context else self.catalogue
        return _as_rate(prices, input_tokens, source)


def _find(provider: str, model: str, base_url: str | None) -> _Entry | None:
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - heavy: only when a price is asked

    where: dict[str, Any] = (
        {"provider_api_url": base_url} if base_url else {"provider_id": provider}
    )
    try:
        found = calc_price(Usage(input_tokens=0, output_tokens=0), model, **where)
    except LookupError:
        return None
    return _Entry(found.model, any(found.model is one for one in found.provider.models))


def _has_price(entry: _Entry, wanted: Processing, now: datetime) -> bool:
    """Tell whether the catalogue has a price of a model for a way of processing at this time."""
    return entry.is_own and any(
        variant.when == _CONTEXTS.get(wanted)
        and (variant.constraint is None or variant.constraint.active(now))
        for variant in entry.model.price_variants or ()
    )


def _as_rate(prices: "ModelPrice", input_tokens: int, source: str) -> Rate | None:
    """Return the rate, None where input or output has no price."""
    input_price = _at(prices.input_mtok, input_tokens)
    output_price = _at(prices.output_mtok, input_tokens)
    if input_price is None or output_price is None:
        return None
    cached = _at(prices.cache_read_mtok, input_tokens)
    written = _at(prices.cache_write_mtok, input_tokens)
    return Rate(
        input=input_price,
        cached=input_price if cached is None else cached,
        cache_write=input_price if written is None else written,
        output=output_price,
        source=source,
    )


def _at(price: "Decimal | TieredPrices | None", input_tokens: int) -> Decimal | None:
    """Return the price that a prompt of this length pays; a higher tier is paid for all of it."""
    if price is None or isinstance(price, Decimal):
        return price
    tiers = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return tiers[-1] if tiers else price.base
