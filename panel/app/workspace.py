"""A workspace: a folder with settings, personas, prompts and runs, and what can be done in it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from panel.app.assembly import (
    Providers,
    choose_assignments,
    open_ledger,
    open_runs,
    price_list,
    versions,
)
from panel.app.clock import SystemClock
from panel.app.layout import built_in, find_root
from panel.app.settings import FILE, Settings, load_settings
from panel.domain.exchange import Exchange, digest
from panel.domain.recording import Recording
from panel.domain.run import Assignment, CallSettings, Inputs, Run
from panel.domain.tool import Tool
from panel.domain.usage import RateOf, pay, spend
from panel.errors import ConfigError, PanelError, StoreError
from panel.pipeline.recording import Recording as RecordingProvider
from panel.ports import Ledger, Listener, OpenRun, Provider, RunStore
from panel.providers.middleware.budget import Budget
from panel.providers.price_list import PriceList
from panel.store.persona_files import PersonaSet, load_personas

if TYPE_CHECKING:
    from panel.pipeline.convener import Convener

MANUAL_FOLDER = "manual"
LEDGER = "ledger.db"
NOTHING = Decimal(0)
UNNAMED = "answers given by hand"


@dataclass(frozen=True)
class ReviewOptions:
    """What an editor asks for on the command line; what is empty is taken from the settings."""

    models: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    samples: int | None = None
    max_cost: Decimal | None = None
    concurrency: int | None = None
    answered_by: str = UNNAMED


@dataclass(frozen=True)
class StoredRun:
    """A run and the place that it is kept in; `resumed` tells whether it was begun before.

    `exchanges` are those of a run that was just convened.
    """

    run: Run
    path: PurePath
    resumed: bool = False
    exchanges: tuple[Exchange, ...] = ()


class Answering(Protocol):
    """Who answers a run: the providers of a process, or what stands before them."""

    @property
    def prices(self) -> PriceList:
        """What models charge."""
        ...

    def of(self, inputs: Inputs, manual: Path, answered_by: str) -> dict[str, Provider]:
        """Return who answers each model reference of a run. Raises ConfigError."""
        ...


@dataclass(frozen=True)
class Workspace:
    """A root folder and what was read from it."""

    root: Path
    settings: Settings
    persona_set: PersonaSet
    runs: RunStore
    site: Path
    clock: SystemClock = field(default_factory=SystemClock)

    @classmethod
    def open(cls, root: Path | None = None) -> "Workspace":
        """Return the workspace at `root`, else the one found upward from here, else the built-in.

        The built-in one has its personas in the package and keeps its runs below this folder.
        Raises ConfigError, which names every fault by file and key.
        """
        here = Path.cwd()
        home = root or find_root(here)
        if root is not None and not (root / FILE).is_file():
            raise ConfigError(f"{root}: no {FILE} is here. `shipskip init {root}` lays one out.")
        data = home or built_in()
        keep = home or here
        settings = load_settings(data / FILE)
        return cls(
            root=keep,
            settings=settings,
            persona_set=load_personas(data / "personas", data / "prompts"),
            runs=open_runs(settings, keep / "runs"),
            site=keep / "site",
        )

    def assignments(self, options: ReviewOptions) -> tuple[Assignment, ...]:
        """Return who would answer, intake last, before the vendor-conflict rule. Raises ConfigError."""
        assignments, _, intake = choose_assignments(
            self.settings, self.persona_set, options.personas, options.models
        )
        return *assignments, intake

    def begin(self, tool: Tool, options: ReviewOptions) -> StoredRun:
        """Return the unfinished run of the same task to go on with, or a new one, not yet on disk."""
        inputs = self.inputs(tool, options, self.clock.now().astimezone(UTC).date())
        path = self.runs.unfinished(inputs.task)
        if path is not None:
            return StoredRun(self.runs.read(path), path, resumed=True)
        run = self._number(inputs)
        return StoredRun(run, self.runs.place(run))

    def begin_job(
        self, tool: Tool, options: ReviewOptions, day: date, run: tuple[date, str] | None
    ) -> StoredRun:
        """Return the run of that date and id to go on with, where it was saved, or a new one of `day`.

        A finished run is gone on with as well: what failed in it is asked again. One of other seats
        than those of today is not. Raises ConfigError and StoreError.
        """
        inputs = self.inputs(tool, options, day)
        if run is not None and (path := self.runs.find(*run)) is not None:
            there = self.runs.read(path)
            if not there.is_final or there.inputs.assignments == inputs.assignments:
                return StoredRun(there, path, resumed=True)
        new = self._number(inputs)
        return StoredRun(new, self.runs.place(new))

    def latest(self, tool: Tool, options: ReviewOptions) -> StoredRun | None:
        """Return the newest finished run of `tool`, by the models of `options` where it names any."""
        of_slug = [path for path in self.runs.paths() if path.name.startswith(f"{tool.slug}-")]
        found = [
            StoredRun(run, path)
            for path in of_slug
            if (run := self.runs.read(path)).state == "finished"
            and run.inputs.tool == tool
            and (
                not options.models
                or {assignment.ref for assignment in run.inputs.assignments} == set(options.models)
            )
        ]
        return max(found, key=lambda stored: stored.run.started, default=None)

    @cached_property
    def convener(self) -> "Convener":
        """The compiled panel, made once: it serves any number of runs at a time."""
        from panel.pipeline.convener import Convener  # noqa: PLC0415 - langgraph takes 1 to 2 s

        return Convener()

    async def convene(
        self,
        stored: StoredRun,
        providers: Answering,
        options: ReviewOptions,
        listener: Listener | None = None,
    ) -> StoredRun:
        """Return the run as far as it came, saved. Raises Busy, ConfigError and StoreError.

        `listener` hears each event as it happens.
        """
        run = stored.run
        async with self._hold(run) as folder:
            manual = self.manual_folder(folder.path)
            inner = providers.of(run.inputs, manual, options.answered_by)
            if not stored.resumed:
                run = run.model_copy(update={"versions": versions(run.inputs, providers.prices)})
                await asyncio.to_thread(folder.save, run)
            chain = {
                ref: RecordingProvider(provider, folder, self.clock)
                for ref, provider in inner.items()
            }
            try:
                run = await self.convener.convene(run, chain, listener)
            finally:
                spent = spend(
                    folder.exchanges, self.rate_of(providers.prices), providers.prices.catalogue
                )
                run = run.model_copy(update={"spending": spent})
                await asyncio.to_thread(folder.save, run)
            return StoredRun(run, folder.path, stored.resumed, folder.exchanges)

    async def record(self, stored: StoredRun, exchanges: Iterable[Exchange]) -> None:
        """Keep `exchanges` that came in by another way than a call. Raises Busy and StoreError."""
        async with self._hold(stored.run) as held:
            for exchange in exchanges:
                if held.find(exchange.request) is None:
                    await held.append(exchange)

    def manual_folder(self, path: PurePath) -> Path:
        """Return the folder for the prompts of a run that are answered by hand, and the answers."""
        return self.runs.beside(path) / MANUAL_FOLDER

    @asynccontextmanager
    async def _hold(self, run: Run) -> AsyncIterator[OpenRun]:
        """Yield `run` held by this process; other calls go on while the store is waited for."""
        lock = self.runs.lock(run)
        entering = asyncio.ensure_future(asyncio.to_thread(lock.__enter__))
        try:
            held = await asyncio.shield(entering)
        except asyncio.CancelledError:
            with suppress(PanelError):
                await entering
                await asyncio.to_thread(lock.__exit__, None, None, None)
            raise
        try:
            yield held
        finally:
            await asyncio.shield(asyncio.to_thread(lock.__exit__, None, None, None))

    def rate_of(self, prices: PriceList | None = None) -> RateOf:
        """Return the lookup of an exchange's price under today's settings, or in `prices`."""
        prices = prices or price_list(self.settings, self.clock)
        return lambda exchange: prices.rate(
            exchange.request.provider,
            exchange.request.model,
            answered_by=getattr(exchange.outcome, "model", None),
            input_tokens=exchange.outcome.usage.input if exchange.outcome.usage else 0,
            service=exchange.outcome.service,
        )

    def spent(self, day: date, id: str) -> Decimal:  # noqa: A002 - the run's word
        """Return what the recorded exchanges of a run cost, as far as their prices are known."""
        path = self.runs.find(day, id)
        recorded = self.runs.load(path).exchanges if path is not None else ()
        paid = (pay(id, day, exchange, self.rate_of()) for exchange in recorded)
        return sum((one.amount for one in paid if one.amount is not None), NOTHING)

    def find(self, name: str) -> Recording:
        """Return the recording that `name` is: a folder, a run's id, or a tool's slug.

        A slug is its newest run with a verdict, else its newest. Raises ConfigError where there is
        none, and StoreError.
        """
        return self.runs.load(self.place_of(name))

    def place_of(self, name: str) -> PurePath:
        """Return the place of the run that `name` is, as `find` does. Raises ConfigError."""
        if (direct := self.runs.at(name)) is not None:
            return direct
        paths = self.runs.paths()
        found = [path for path in paths if path.name == name]
        found = found or [path for path in paths if path.name.rpartition("-")[0] == name]
        if not found:
            raise ConfigError(
                f"{name}: no such run in {self.runs.name}. `shipskip runs list` shows them."
            )
        if not found[1:]:
            return found[0]
        runs = {path: self.runs.read(path) for path in found}
        return max(runs, key=lambda path: (runs[path].is_decided, runs[path].started))

    @property
    def has_ledger(self) -> bool:
        """Whether a batch has ever been begun here, as far as can be told without opening it."""
        return self.settings.database_url is not None or (self.root / LEDGER).is_file()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Yield the ledger: that of the database in the settings, else of the file `ledger.db`.

        Raises ConfigError, StoreError and Busy.
        """
        with open_ledger(self.settings, self.root / LEDGER) as ledger:
            yield ledger

    def providers(
        self,
        options: ReviewOptions,
        *,
        leader_first: bool | None = None,
        spent: Decimal = NOTHING,
        budget: Budget | None = None,
    ) -> Providers:
        """Return the providers of this process. Call it inside the event loop.

        `leader_first` goes before the setting of that name; `spent` counts towards the cap; `budget` is
        one that is shared with other processes.
        """
        return Providers(
            self.settings,
            self.persona_set,
            self.clock,
            max_cost=options.max_cost,
            concurrency=options.concurrency,
            leader_first=leader_first,
            spent=spent,
            budget=budget,
        )

    def inputs(self, tool: Tool, options: ReviewOptions, day: date) -> Inputs:
        """Return what a new run of `tool` on `day` would be convened with. Raises ConfigError."""
        assignments, fallbacks, intake = choose_assignments(
            self.settings, self.persona_set, options.personas, options.models
        )
        calls = self.settings.calls
        if options.samples:
            calls = CallSettings.model_validate({**calls.model_dump(), "samples": options.samples})
        return Inputs(
            tool=tool,
            date=day,
            personas=tuple(p.without_signals() for p in self.persona_set.choose(options.personas)),
            rubric=self.persona_set.rubric,
            prompts=self.persona_set.prompts,
            assignments=assignments,
            fallbacks=fallbacks,
            intake=intake,
            rules=self.settings.verdict,
            calls=calls,
        )

    def _number(self, inputs: Inputs) -> Run:
        """Return a new run of `inputs` under an id that no run of that day has.

        A folder without its run.json is one that another process has just begun, or never got to: it
        is named again, and the lock on it decides.
        """
        started = self.clock.now()
        for number in range(1_000_000):
            name = digest([inputs.model_dump(mode="json"), number])[:8]
            run = Run(
                id=f"{inputs.tool.slug}-{name}",
                state="open",
                started=started,
                inputs=inputs,
                versions={},
                tool=inputs.tool,
            )
            if self.runs.find(inputs.date, run.id) is None:
                return run
        raise StoreError(f"{self.runs.name}: a million runs of one tool on one day. Move some.")
