"""Wiring: the one place that picks concrete adapters."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from panel.app.settings import KEYS, ProviderSettings, Settings
from panel.checklist.provider import Checklist
from panel.domain.assignment import alternate, assign
from panel.domain.money import Rate
from panel.domain.rate_limit import Limit
from panel.domain.run import Assignment, Inputs
from panel.errors import ConfigError
from panel.feeds.fetch import Fetcher
from panel.ports import BatchService, Clock, Ledger, Provider, RunStore
from panel.providers.manual import Manual
from panel.providers.middleware.budget import Budget, CostCap, LocalBudget
from panel.providers.middleware.cache_warming import CacheWarming
from panel.providers.middleware.circuit_breaker import CircuitBreaker, Circuits
from panel.providers.middleware.deadline import Deadline
from panel.providers.middleware.rate_limiter import ModelQueues, RateLimiter
from panel.providers.middleware.retry import Retry
from panel.providers.middleware.stop import StopLatch
from panel.providers.price_list import PriceList
from panel.store.persona_files import PersonaSet
from panel.store.run_files import RunFiles

if TYPE_CHECKING:
    from panel.providers.local import Local
    from panel.providers.mistral import Mistral
    from panel.providers.openai import OpenAI

_PROCESSING: dict[str, Literal["flex", "priority"]] = {"flex": "flex", "priority": "priority"}
_NOTHING = Decimal(0)
CHECKLIST = "checklist"
MANUAL = "manual"
_REFS = "openai:MODEL, mistral:MODEL, local:PATH.gguf, manual or checklist"


class Providers:
    """The providers of one process: one chain a model reference, limits and budget shared by all.

    Made inside a running event loop; `aclose` ends their connections. `leader_first` goes before the
    setting of that name: in a batch it costs no time, so a batch sets it. What was `spent` before
    counts towards the cap; `budget` is one that is shared with other processes, with a cap of its own.
    """

    def __init__(
        self,
        settings: Settings,
        persona_set: PersonaSet,
        clock: Clock,
        *,
        max_cost: Decimal | None = None,
        concurrency: int | None = None,
        leader_first: bool | None = None,
        spent: Decimal = _NOTHING,
        budget: Budget | None = None,
    ) -> None:
        self._settings = settings
        self._voice = persona_set
        self._clock = clock
        limits = settings.limits
        cap = max_cost if max_cost is not None else limits.max_cost_usd
        self.prices = price_list(settings, clock)
        self.budget = budget or LocalBudget(cap, spent=spent, allow_unpriced=limits.allow_unpriced)
        self._breaker = Circuits(clock=clock)
        self._leads = limits.leader_first if leader_first is None else leader_first
        self._limiter = ModelQueues(
            {"local": Limit(concurrency=1), **limits.per_model},
            clock=clock,
            concurrency=concurrency or limits.concurrency,
            longest_wait_s=limits.longest_wait_s,
        )
        self._chains: dict[str, Provider] = {}
        self._openai: OpenAI | None = None
        self._mistral: Mistral | None = None
        self._locals: dict[str, Local] = {}

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run.

        Answers given by hand are looked for in the folder `manual`. Raises ConfigError for a
        reference whose key is not set any more.
        """
        refs = (
            *(assignment.ref for assignment in (*inputs.assignments, inputs.intake)),
            *inputs.fallbacks,
        )
        return {ref: self._one(ref, inputs, manual, answered_by) for ref in dict.fromkeys(refs)}

    def share(self, workers: int) -> None:
        """Keep to one part in `workers` of every limit a minute from now on: see Limiter."""
        self._limiter.share(workers)

    def _one(self, ref: str, inputs: Inputs, manual: Path, answered_by: str) -> Provider:
        if ref == MANUAL:
            return Manual(manual, answered_by)
        if ref == CHECKLIST:
            own = inputs.rubric == self._voice.rubric
            return self._checklist if own else Checklist(self._voice.personas, inputs.rubric)
        if ref not in self._chains:
            check_ref(ref, self._settings)
            self._chains[ref] = self._chain(ref)
        return self._chains[ref]

    def batch_service(self, provider: str) -> BatchService:
        """Return the batch service of a maker. Raises ConfigError where there is none."""
        if provider == "openai":
            from panel.providers.openai.batches import OpenAIBatches  # noqa: PLC0415 - 0.8 s

            return OpenAIBatches(self._open_openai())
        if provider == "mistral":
            from panel.providers.mistral.batches import MistralBatches  # noqa: PLC0415 - 0.6 s

            return MistralBatches(self._open_mistral())
        raise no_batch_service(provider)

    async def aclose(self) -> None:
        """End every connection."""
        for adapter in (self._openai, self._mistral, *self._locals.values()):
            if adapter is not None:
                await adapter.close()
        self._openai = self._mistral = None
        self._locals.clear()

    def _chain(self, ref: str) -> Provider:
        limits = self._settings.limits
        timed = Deadline(self._adapter(ref), limits.deadline_s)
        # Stopping twice: inside, for those who wait at the limiter when a key is refused.
        paced = RateLimiter(StopLatch(CircuitBreaker(timed, self._breaker)), self._limiter)
        paid = CostCap(paced, self.budget, self.prices)
        retried = Retry(paid, clock=self._clock, longest_wait_s=limits.longest_wait_s)
        return StopLatch(CacheWarming(retried) if self._leads else retried)

    @cached_property
    def _checklist(self) -> Checklist:
        return Checklist(self._voice.personas, self._voice.rubric)

    def _adapter(self, ref: str) -> Provider:
        """Return the adapter of `ref`: one client a maker, whatever number of models it serves."""
        provider, _, model = ref.partition(":")
        if provider == "openai":
            return self._open_openai()
        if provider == "mistral":
            return self._open_mistral()
        if ref not in self._locals:
            self._locals[ref] = self._local(model)
        return self._locals[ref]

    def _open_openai(self) -> "OpenAI":
        if self._openai is None:
            self._openai = self._make_openai()
        return self._openai

    def _open_mistral(self) -> "Mistral":
        if self._mistral is None:
            self._mistral = self._make_mistral()
        return self._mistral

    def _make_openai(self) -> "OpenAI":
        from panel.providers.openai import OpenAI  # noqa: PLC0415 - 0.8 s

        wanted = self._settings.openai
        return OpenAI(
            api_key=self._settings.keys.get("openai", ""),
            clock=self._clock,
            timeout_s=self._settings.limits.deadline_s,
            base_url=wanted.base_url,
            api=wanted.api or ("chat" if wanted.base_url else "responses"),
            service_tier=wanted.service_tier,
            explicit_cache=wanted.explicit_cache,
            other_keys=self._settings.keys.values(),
        )

    def _make_mistral(self) -> "Mistral":
        from panel.providers.mistral import Mistral  # noqa: PLC0415 - 0.6 s

        return Mistral(
            api_key=self._settings.keys.get("mistral", ""),
            clock=self._clock,
            timeout_s=self._settings.limits.deadline_s,
            server_url=self._settings.mistral.base_url,
            other_keys=self._settings.keys.values(),
        )

    def _local(self, model: str) -> "Local":
        from panel.providers.local import Local  # noqa: PLC0415 - loads llama.cpp

        return Local(Path(model), timeout_s=self._settings.limits.deadline_s)


def page_fetcher(settings: Settings) -> Fetcher | None:
    """Return who fetches the pages that short entries are filled up from; None where none is to be."""
    wanted = settings.batch.read_links
    reads = find_spec("trafilatura") is not None if wanted is None else wanted
    return Fetcher() if reads else None


def no_batch_service(provider: str) -> ConfigError:
    """Return the error of whom no batch can be handed in to."""
    return ConfigError(
        f"{provider} has no batch service. Give --model openai:MODEL or mistral:MODEL, or leave "
        "--batch-api out."
    )


def price_list(settings: Settings, clock: Clock) -> PriceList:
    """Return the prices that apply under `settings`."""
    own: dict[str, ProviderSettings] = {"openai": settings.openai, "mistral": settings.mistral}
    rates: dict[str, Rate] = settings.prices
    return PriceList(
        rates,
        clock=clock,
        processing=_PROCESSING.get(settings.openai.service_tier or "", "standard"),
        base_urls={name: one.base_url for name, one in own.items() if one.base_url},
    )


def choose_assignments(
    settings: Settings, persona_set: PersonaSet, personas: Sequence[str], models: Sequence[str]
) -> tuple[tuple[Assignment, ...], tuple[str, ...], Assignment]:
    """Return who answers as whom, the bench for the vendor-conflict rule, and who does the intake.

    `models` (from the command) goes before a persona's own model, that before `[models] panel`, and
    that before the keys that are set; with none the checklist answers. Raises ConfigError.
    """
    chosen = persona_set.choose(personas)
    for ref in models or settings.models.panel:
        check_ref(ref, settings)
    general = tuple(models) or settings.models.panel or by_keys(settings)
    assignments = alternate([persona.key for persona in chosen], general)
    if not models:
        own = {persona.key: persona.model for persona in chosen if persona.model}
        for ref in own.values():
            check_ref(ref, settings)
        assignments = tuple(
            assign(s.persona, own[s.persona]) if s.persona in own else s for s in assignments
        )
    fallbacks = tuple(ref for ref in by_keys(settings) if ref != CHECKLIST)
    fits = not any(ref in (CHECKLIST, MANUAL) for ref in general)
    return assignments, fallbacks if fits else (), assign("intake", general[0])


def by_keys(settings: Settings) -> tuple[str, ...]:
    """Return the model references that the keys allow: both makers in turn, one, or the checklist."""
    models = {"openai": settings.models.openai, "mistral": settings.models.mistral}
    found = tuple(f"{name}:{model}" for name, model in models.items() if settings.has_key(name))
    return found or (CHECKLIST,)


def check_ref(ref: str, settings: Settings) -> None:
    """Raise ConfigError, with what can be done, where `ref` names nobody who could answer."""
    provider, _, model = ref.partition(":")
    if ref in (CHECKLIST, MANUAL):
        return
    if provider not in (*KEYS, "local") or not model:
        raise ConfigError(f"{ref!r} is no model reference. Give {_REFS}.")
    if provider in KEYS and not settings.has_key(provider):
        own = (
            " or name a server of your own under [openai] base_url" if provider == "openai" else ""
        )
        raise ConfigError(
            f"{ref}: {KEYS[provider]} is not set. Set it{own}, use --model manual to paste the "
            "prompts into any chat, or --model checklist, which asks no model."
        )


def versions(inputs: Inputs, prices: PriceList) -> dict[str, str]:
    """Return the versions that a run depends on: ours, and the libraries that it will use."""
    names = {"shipskip", "langgraph", "pydantic"}
    refs: Iterable[str] = [
        assignment.provider for assignment in (*inputs.assignments, inputs.intake)
    ]
    names |= {provider if provider != "mistral" else "mistralai" for provider in refs} & {
        "openai",
        "mistralai",
    }
    return {**{name: _version(name) for name in sorted(names)}, "prices": prices.catalogue}


@cache
def _version(name: str) -> str:
    """Return the version of an installed package: to look it up takes as long as half a panel."""
    return version(name)


def open_runs(settings: Settings, folder: Path) -> RunStore:
    """Return where runs are kept: the database that the settings name, else files in `folder`."""
    if settings.database_url is None:
        return RunFiles(folder)
    from panel.store.sql.run_rows import RunRows  # noqa: PLC0415 - 0.2 s, and an extra

    return RunRows.open(settings.database_url, beside=folder)


@contextmanager
def open_ledger(settings: Settings, file: Path) -> Iterator[Ledger]:
    """Yield the ledger of the database that the settings name, else that in `file`."""
    from panel.store.sql.ledger import SqlLedger  # noqa: PLC0415 - 0.3 s

    ledger = SqlLedger.open(settings.database_url or file)
    try:
        yield ledger
    finally:
        ledger.close()
