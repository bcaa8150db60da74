"""The providers of a batch whose reviews wait for the providers' batch services."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from panel.app.providers import Providers
from panel.domain.exchange import Request
from panel.domain.model_cost import worst_cost
from panel.domain.rate_limit import prompt_tokens
from panel.domain.run import Inputs
from panel.errors import ProviderError
from panel.ports import BatchService, Provider
from panel.providers.middleware.cost_cap import Budget, admit_unpriced, costs_nothing
from panel.providers.middleware.deferred import DeferredProvider
from panel.providers.price_list import PriceList

_NOTHING: Final = Decimal(0)


class DeferredProviders:
    """The providers of a batch whose reviews are submitted: only what cannot wait is asked live.

    `outbox` has the requests that were held back, by their keys. Without `live_too` all of them are.
    """

    def __init__(self, live: Providers, *, live_too: bool) -> None:
        self.outbox: dict[str, Request] = {}
        self._live = live
        self._live_too = live_too

    @property
    def prices(self) -> PriceList:
        """What models charge."""
        return self._live.prices

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run."""
        live = self._live.of(inputs, manual, answered_by)
        return {
            ref: DeferredProvider(self.outbox, live=one if self._live_too else None)
            for ref, one in live.items()
        }


async def submit_within(
    requests: Sequence[Request], service: BatchService, prices: PriceList, budget: Budget
) -> str:
    """Return the id of the batch that `requests` are in, their worst case counted as spent.

    Raises Stopped where the cap forbids it, and ProviderError. What was declined is not counted.
    """
    reservation = await budget.reserve(_worst_cost(requests, prices, budget))
    paid = reservation.amount  # stays so where nobody knows what the service has
    try:
        return await service.submit(requests)
    except ProviderError as error:
        if costs_nothing(error):
            paid = _NOTHING
        raise
    finally:
        budget.settle(reservation, paid)


def _worst_cost(requests: Iterable[Request], prices: PriceList, budget: Budget) -> Decimal:
    worst = _NOTHING
    for request in requests:
        rate = prices.rate(request.provider, request.model, service="batch")
        if rate is None:
            admit_unpriced(budget, request)
        else:
            worst += worst_cost(prompt_tokens(request), request.max_output_tokens, rate)
    return worst
