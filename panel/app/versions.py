"""The versions that a run depends on."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from panel.app.settings import Settings
from panel.domain.run import Inputs
from panel.providers.price_list import PriceList
from panel.providers.registry import ADAPTERS


def versions(inputs: Inputs, settings: Settings, prices: PriceList) -> dict[str, str]:
    """Return the versions of Shipskip and of the libraries that a run of `inputs` will use."""
    named = {one.provider for one in (*inputs.assignments, inputs.intake)}
    asked = [service for name in named if (service := settings.service(name))]
    libraries = {ADAPTERS[service.api].library for service in asked}
    names = {"shipskip", "langgraph", "pydantic", *libraries}
    return {**{name: _version(name) for name in sorted(names)}, "prices": prices.catalogue}


@cache
def _version(name: str) -> str:
    """Return the version of a package: to look it up takes as long as half a panel."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
