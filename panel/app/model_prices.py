"""The price list that the settings make: the catalogue, and what they put in its place."""

from typing import Final

from panel.app.settings import Settings
from panel.domain.review import CHECKLIST, MANUAL
from panel.ports import Clock
from panel.providers.price_list import PriceList, Processing

_PROCESSING: Final[dict[str, Processing]] = {"flex": "flex", "priority": "priority"}


def price_list(settings: Settings, clock: Clock) -> PriceList:
    """Return the prices that apply under `settings`."""
    own = settings.providers
    asked = {name: settings.service(name) for name in settings.services}
    tiers = {
        name: own[name].service_tier
        for name, one in asked.items()
        if one and name in own and one.takes_service_tier
    }
    return PriceList(
        settings.prices,
        clock=clock,
        processing={name: _PROCESSING[tier] for name, tier in tiers.items() if tier in _PROCESSING},
        base_urls={name: one.base_url for name, one in own.items() if one.base_url},
        catalogues={name: one.prices for name, one in asked.items() if one and one.prices},
        free={CHECKLIST, MANUAL, *(name for name, one in asked.items() if one and one.is_free)},
    )
