"""The providers of one process: who answers each model reference, behind its middleware."""

from decimal import Decimal
from pathlib import Path
from typing import Final

from panel.app.assignments import check_ref
from panel.app.model_prices import price_list
from panel.app.settings import Settings
from panel.checklist.provider import Checklist
from panel.domain.rate_limit import Limit
from panel.domain.review import CHECKLIST, MANUAL
from panel.domain.run import Inputs
from panel.errors import ConfigError
from panel.ports import BatchService, Clock, Provider
from panel.providers.manual import Manual
from panel.providers.middleware.cache_warming import CacheWarming
from panel.providers.middleware.circuit_breaker import CircuitBreaker
from panel.providers.middleware.cost_cap import Budget, CostCap, LocalBudget
from panel.providers.middleware.deadline import Deadline
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from panel.providers.middleware.retry import Retry
from panel.providers.middleware.stop import StopLatch
from panel.providers.registry import ADAPTERS, Client, ClientOptions
from panel.providers.server import secrets_in
from panel.providers.services import ModelService

_NOTHING: Final = Decimal(0)


class Providers:
    """The providers of one process: one chain for each model reference, limits and budget shared.

    Made inside a running event loop; `aclose` closes their connections. `leader_first` overrides the
    setting of that name: in a batch it costs no time, so a batch sets it. What was `spent` before
    counts towards the cap; `budget` is one that is shared with other processes, with its own cap.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        max_cost: Decimal | None = None,
        concurrency: int | None = None,
        leader_first: bool | None = None,
        spent: Decimal = _NOTHING,
        budget: Budget | None = None,
    ) -> None:
        limits = settings.limits
        cap = max_cost if max_cost is not None else limits.max_cost_usd
        self.prices = price_list(settings, clock)
        self.budget = budget or LocalBudget(cap, spent=spent, allow_unpriced=limits.allow_unpriced)
        self._settings = settings
        self._clock = clock
        self._warms_cache = limits.leader_first if leader_first is None else leader_first
        self._queues = ModelQueues(
            {**_own_limits(settings), **limits.per_model},
            clock=clock,
            concurrency=concurrency or limits.concurrency,
            longest_wait_s=limits.longest_wait_s,
        )
        self._chains: dict[str, Provider] = {}
        self._clients: dict[str, Client] = {}

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run.

        Answers given by hand are looked for in the folder `manual`. Raises ConfigError for a
        reference whose key is not set any more.
        """
        return {ref: self._provider(ref, inputs, manual, answered_by) for ref in inputs.refs}

    def share(self, workers: int) -> None:
        """Keep to one part in `workers` of every limit a minute from now on: see ModelQueues."""
        self._queues.share(workers)

    def batch_service(self, provider: str) -> BatchService:
        """Return the batch service of a provider. Raises ConfigError where there is none."""
        row = self._settings.services.get(provider)
        if row is None or not row.has_batches:
            raise no_batch_service(provider, self._settings)
        open_batches = ADAPTERS[self._service(provider).api].open_batches
        if open_batches is None:
            raise no_batch_service(provider, self._settings)
        return open_batches(self._client(provider, ""))

    async def aclose(self) -> None:
        """Close every connection."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.close()

    def _provider(self, ref: str, inputs: Inputs, manual: Path, answered_by: str) -> Provider:
        if ref == MANUAL:
            return Manual(manual, answered_by)
        if ref == CHECKLIST:
            return Checklist(inputs.personas)
        if ref not in self._chains:
            check_ref(ref, self._settings)
            self._chains[ref] = self._chain(ref)
        return self._chains[ref]

    def _chain(self, ref: str) -> Provider:
        limits = self._settings.limits
        provider, _, model = ref.partition(":")
        timed = Deadline(self._client(provider, model), limits.deadline_s)
        # A second latch inside, for calls that wait at the limiter when a key is refused.
        breaker = CircuitBreaker(timed, clock=self._clock)
        paced = RateLimiter(StopLatch(breaker), self._queues)
        paid = CostCap(paced, self.budget, self.prices)
        retried = Retry(paid, clock=self._clock, longest_wait_s=limits.longest_wait_s)
        return StopLatch(CacheWarming(retried) if self._warms_cache else retried)

    def _client(self, provider: str, model: str) -> Client:
        """Return the client for a model: one for all models of a provider where they share it."""
        service = self._service(provider)
        adapter = ADAPTERS[service.api]
        key = provider if adapter.shares_client else f"{provider}:{model}"
        if key not in self._clients:
            self._clients[key] = adapter.open(model, self._options(provider, service))
        return self._clients[key]

    def _service(self, name: str) -> ModelService:
        service = self._settings.service(name)
        if service is None:
            raise ConfigError(f"{name} is no service. Name it under [services.{name}].")
        return service

    def _options(self, provider: str, service: ModelService) -> ClientOptions:
        own = self._settings.provider(provider)
        return ClientOptions(
            service=service,
            clock=self._clock,
            timeout_s=self._settings.limits.deadline_s,
            key=self._settings.keys.get(provider, ""),
            service_tier=own.service_tier,
            explicit_cache=own.explicit_cache,
            other_keys=_all_keys(self._settings),
        )


def _own_limits(settings: Settings) -> dict[str, Limit]:
    """Return the limits of the services that take few calls at once."""
    return {
        name: Limit(concurrency=one.concurrency)
        for name, one in settings.services.items()
        if one.concurrency is not None
    }


def _all_keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys of all services, and what is secret in their addresses."""
    rows = map(settings.service, settings.services)
    addresses = (row.base_url for row in rows if row is not None and row.base_url is not None)
    return (*settings.keys.values(), *(key for one in addresses for key in secrets_in(one)))


def no_batch_service(provider: str, settings: Settings) -> ConfigError:
    """Return the error of asking for batches of a provider that takes none."""
    known = " or ".join(
        f"{name}:{one.model_example}" for name, one in settings.services.items() if one.has_batches
    )
    return ConfigError(
        f"{provider} has no batch service. Give --model {known}, or leave --batch-api out."
    )
