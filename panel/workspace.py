"""A workspace: a folder with settings, personas, prompts and runs, and what can be done in it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from panel.adapters.persona_files import Voice, load_voice
from panel.adapters.run_files import RUN, Recording, RunFiles, RunFolder
from panel.adapters.system_clock import SystemClock
from panel.calls.recording import Recording as RecordingProvider
from panel.domain.exchange import digest
from panel.domain.run import CallSettings, Inputs, Run, Seat
from panel.domain.spending import RateOf, spend
from panel.domain.tool import Tool
from panel.errors import ConfigError, StoreError
from panel.ports import Listener
from panel.settings import FILE, Settings, load_settings
from panel.wiring import Providers, choose_seats, price_list, versions

T = TypeVar("T")
MANUAL_FOLDER = "manual"
UNNAMED = "answers given by hand"


@dataclass(frozen=True)
class Wish:
    """What an editor asks for on the command line; what is empty is taken from the settings."""

    models: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    samples: int | None = None
    max_cost: Decimal | None = None
    concurrency: int | None = None
    answered_by: str = UNNAMED


@dataclass(frozen=True)
class Kept:
    """A run and the folder that it is kept in; `resumed` tells whether it was begun before."""

    run: Run
    path: Path
    resumed: bool = False


@dataclass(frozen=True)
class Workspace:
    """A root folder and what was read from it."""

    root: Path
    settings: Settings
    voice: Voice
    runs: RunFiles
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
        return cls(
            root=keep,
            settings=load_settings(data / FILE),
            voice=load_voice(data / "personas", data / "prompts"),
            runs=RunFiles(keep / "runs"),
            site=keep / "site",
        )

    def seats(self, wish: Wish) -> tuple[Seat, ...]:
        """Return who would answer, intake last, before the vendor-conflict rule. Raises ConfigError."""
        seats, _, intake = choose_seats(self.settings, self.voice, wish.personas, wish.models)
        return *seats, intake

    def begin(self, tool: Tool, wish: Wish) -> Kept:
        """Return the unfinished run of the same task to go on with, or a new one, not yet on disk."""
        inputs = self._inputs(tool, wish)
        path = self.runs.unfinished(inputs.task)
        if path is not None:
            return Kept(self.runs.read(path), path, resumed=True)
        run = self._number(inputs)
        return Kept(run, self.runs.place(run))

    def latest(self, tool: Tool, wish: Wish) -> Kept | None:
        """Return the newest finished run of `tool`, by the models of `wish` where it names any."""
        of_slug = [path for path in self.runs.paths() if path.name.startswith(f"{tool.slug}-")]
        found = [
            Kept(run, path)
            for path in of_slug
            if (run := self.runs.read(path)).state == "finished"
            and run.inputs.tool == tool
            and (not wish.models or {seat.ref for seat in run.inputs.seats} == set(wish.models))
        ]
        return max(found, key=lambda kept: kept.run.started, default=None)

    async def convene(
        self, kept: Kept, providers: Providers, wish: Wish, listener: Listener | None = None
    ) -> Kept:
        """Return the run as far as it came, saved. Raises Busy, ConfigError and StoreError.

        `listener` hears each event as it happens.
        """
        from panel.pipeline.convening import Convener  # noqa: PLC0415 - langgraph takes 1 to 2 s

        run = kept.run
        with self.runs.hold(run) as folder:
            inner = providers.of(run.inputs, folder.path / MANUAL_FOLDER, wish.answered_by)
            if not kept.resumed:
                run = run.model_copy(update={"versions": versions(run.inputs, providers.prices)})
                folder.save(run)
            chain = {
                ref: RecordingProvider(provider, folder, self.clock)
                for ref, provider in inner.items()
            }
            try:
                run = await Convener().convene(run, chain, listener)
            finally:
                run = self._save(folder, run, providers)
            return Kept(run, folder.path, kept.resumed)

    def rate_of(self) -> RateOf:
        """Return the lookup of an exchange's price under today's settings."""
        prices = price_list(self.settings, self.clock)
        return lambda exchange: prices.rate(
            exchange.request.provider,
            exchange.request.model,
            answered_by=getattr(exchange.outcome, "model", None),
            input_tokens=exchange.outcome.usage.input if exchange.outcome.usage else 0,
        )

    def find(self, name: str) -> Recording:
        """Return the recording that `name` is: a folder, a run's id, or a tool's slug (its newest).

        Raises ConfigError where there is none, and StoreError.
        """
        return self.runs.load(self.place_of(name))

    def place_of(self, name: str) -> Path:
        """Return the folder of the run that `name` is. Raises ConfigError where there is none."""
        direct = Path(name)
        if (direct / RUN).is_file():
            return direct
        paths = self.runs.paths()
        found = [path for path in paths if path.name == name]
        found = found or [path for path in paths if path.name.rpartition("-")[0] == name]
        if not found:
            raise ConfigError(
                f"{name}: no such run in {self.runs.folder}. `shipskip runs list` shows them."
            )
        return max(found, key=lambda path: self.runs.read(path).started) if found[1:] else found[0]

    def providers(self, wish: Wish) -> Providers:
        """Return the providers of this process. Call it inside the event loop."""
        return Providers(
            self.settings,
            self.voice,
            self.clock,
            max_cost=wish.max_cost,
            concurrency=wish.concurrency,
        )

    def _save(self, folder: RunFolder, run: Run, providers: Providers) -> Run:
        spent = spend(folder.exchanges, self.rate_of(), providers.prices.catalogue)
        run = run.model_copy(update={"spending": spent})
        folder.save(run)
        return run

    def _inputs(self, tool: Tool, wish: Wish) -> Inputs:
        seats, bench, intake = choose_seats(self.settings, self.voice, wish.personas, wish.models)
        calls = self.settings.calls
        if wish.samples:
            calls = CallSettings.model_validate({**calls.model_dump(), "samples": wish.samples})
        return Inputs(
            tool=tool,
            date=self.clock.now().astimezone(UTC).date(),
            personas=tuple(p.without_signals() for p in self.voice.choose(wish.personas)),
            rubric=self.voice.rubric,
            prompts=self.voice.prompts,
            seats=seats,
            bench=bench,
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
            if not (self.runs.place(run) / RUN).exists():
                return run
        raise StoreError(f"{self.runs.folder}: a million runs of one tool on one day. Move some.")


def find_root(start: Path) -> Path | None:
    """Return the nearest folder from `start` upward that has a shipskip.toml."""
    return next((f for f in (start, *start.parents) if (f / FILE).is_file()), None)


def built_in() -> Path:
    """Return the folder with the settings, personas and prompts that came with the package."""
    package = Path(str(files("panel")))
    data = package / "_data"
    return data if data.is_dir() else package.parent


def run_async(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what `task` comes to, on uvloop where it is installed."""
    factory = None
    if find_spec("uvloop"):
        with suppress(ImportError):
            import uvloop  # noqa: PLC0415 - optional

            factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(task())
