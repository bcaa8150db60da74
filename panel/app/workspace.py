"""A workspace: a folder with settings, personas, prompts and runs; it opens and it finds."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path, PurePath
from typing import TypeVar

from panel.app.clock import SystemClock
from panel.app.model_prices import price_list
from panel.app.settings import FILE, Settings, load_settings
from panel.app.stores import open_ledger, open_runs
from panel.domain.run import Run
from panel.domain.run_document import Recording, slug_of
from panel.domain.tool import Tool
from panel.errors import ConfigError, StoreError
from panel.ports import Ledger, RunStore
from panel.providers.price_list import PriceList
from panel.store.persona_files import PersonaSet, load_personas

LEDGER = "ledger.db"
_MANUAL_FOLDER = "manual"
T = TypeVar("T")


@dataclass(frozen=True)
class Workspace:
    """A root folder and what was read from it; its personas when they are first asked for.

    So a fault in them stops who needs them, and nobody else. `load_personas` raises ConfigError.

    >>> from panel import Workspace
    >>> [persona.key for persona in Workspace.open().persona_set.personas]
    ['builder', 'business_analyst', 'futurist', 'skeptic']
    """

    root: Path
    settings: Settings
    load_personas: Callable[[], PersonaSet]
    runs: RunStore
    pages: Path
    clock: SystemClock = field(default_factory=SystemClock)
    kept_ledger: Ledger | None = field(default=None, repr=False)

    @classmethod
    def open(cls, root: str | Path | None = None, *, own: bool = False) -> "Workspace":
        """Return the workspace at `root`, else the one found upward from here, else the built-in.

        The built-in one has its personas in the package and keeps its runs below this folder; `own`
        rules it out, for what nobody wants to do by accident in any folder. Raises ConfigError, which
        names every fault of the settings by its key.
        """
        here = this_folder()
        if root is not None and not (Path(root) / FILE).is_file():
            raise ConfigError(f"{root}: no {FILE} is here. `shipskip init {root}` lays one out.")
        home = find_root(here) if root is None else Path(root)
        if own and home is None:
            raise ConfigError(
                f"{here}: no {FILE} is here or above. Name a workspace with --root, or lay one out: "
                "`shipskip init FOLDER`."
            )
        data, keep = home or built_in(), home or here
        settings = load_settings(data / FILE)
        return cls(
            root=keep,
            settings=settings,
            load_personas=partial(load_personas, data / "personas", data / "prompts"),
            runs=open_runs(settings, keep / "runs"),
            pages=keep / "site",
        )

    @cached_property
    def persona_set(self) -> PersonaSet:
        """Who reviews, and by which prompts. Raises ConfigError, with every fault by file and key."""
        return self.load_personas()

    @property
    def public(self) -> Path:
        """Where the public site is served from, unless a command says otherwise."""
        return self.root / "public"

    @property
    def today(self) -> date:
        """The date of now, in UTC."""
        return self.clock.now().astimezone(UTC).date()

    @cached_property
    def prices(self) -> PriceList:
        """What models charge and how much they read, under its settings; each is looked up once."""
        return price_list(self.settings, self.clock)

    def find(self, name: str | PurePath) -> Recording:
        """Return the recording that `name` is: a folder, a run's id, or a tool's slug.

        A slug is its newest run with a verdict, else its newest. Raises ConfigError where there is
        none, and StoreError.
        """
        return self.runs.load(self.place_of(name))

    def place_of(self, name: str | PurePath) -> PurePath:
        """Return the place of the run that `name` is, as `find` does. Raises as `find` does."""
        name = str(name)
        if (direct := self.runs.at(name)) is not None:
            return direct
        paths = self.runs.paths()
        found = [path for path in paths if path.name == name]
        found = found or [path for path in paths if slug_of(path) == name]
        if not found:
            raise ConfigError(
                f"{name}: no such run in {self.runs.name}. `shipskip runs list` shows them."
            )
        if not found[1:]:
            return found[0]
        runs, faults = self.read_each(lambda path: (path, self.runs.read(path)), found)
        if not runs:
            raise faults[0]
        return max(runs, key=lambda pair: (pair[1].is_decided, pair[1].started))[0]

    def latest(self, tool: Tool, models: Sequence[str] = ()) -> tuple[Run, PurePath] | None:
        """Return the newest finished run of `tool` and its place, by `models` where any is named."""
        of_slug = [path for path in self.runs.paths() if slug_of(path) == tool.slug]
        runs, _ = self.read_each(lambda path: (self.runs.read(path), path), of_slug)
        found = [
            (run, path)
            for run, path in runs
            if run.state == "finished"
            and run.inputs.tool == tool
            and (not models or {one.ref for one in run.inputs.assignments} == set(models))
        ]
        return max(found, key=lambda pair: pair[0].started, default=None)

    def read_each(
        self, read: Callable[[PurePath], T], places: Sequence[PurePath] | None = None
    ) -> tuple[list[T], list[StoreError]]:
        """Return what `read` makes of each of `places`, all runs by default, and what was damaged.

        A run that cannot be read is a StoreError in the second list and hides no other.
        """
        found, faults = [], []
        for path in self.runs.paths() if places is None else places:
            try:
                found.append(read(path))
            except StoreError as error:
                faults.append(error)
        return found, faults

    def manual_folder(self, path: PurePath) -> Path:
        """Return the folder for the prompts of a run that are answered by hand, and the answers."""
        return self.runs.beside(path) / _MANUAL_FOLDER

    @property
    def has_ledger(self) -> bool:
        """Whether there is a ledger, as far as can be told without opening it."""
        return (
            self.kept_ledger is not None
            or self.settings.database_url is not None
            or os.path.lexists(self.root / LEDGER)  # a broken link is a fault, and no new ledger
        )

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Yield the ledger: that of the database in the settings, else of the file `ledger.db`.

        Raises ConfigError, StoreError and Busy.
        """
        if self.kept_ledger is not None:
            yield self.kept_ledger
            return
        with open_ledger(self.settings, self.root / LEDGER) as ledger:
            yield ledger

    @contextmanager
    def with_open_ledger(self) -> Iterator["Workspace"]:
        """Yield this workspace with its ledger open all the while, for a service of many requests.

        Raises ConfigError, StoreError and Busy.
        """
        with self.ledger() as ledger:
            yield replace(self, kept_ledger=ledger)


def this_folder() -> Path:
    """Return the folder that this process runs in. Raises ConfigError where it was removed."""
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigError(
            "the folder that this command runs in is gone. Change to one that is there."
        ) from error


def find_root(start: Path) -> Path | None:
    """Return the nearest folder from `start` upward that has a shipskip.toml."""
    return next((f for f in (start, *start.parents) if (f / FILE).is_file()), None)


def built_in() -> Path:
    """Return the folder with the settings, personas and prompts that came with the package."""
    package = Path(str(files("panel")))
    data = package / "_data"
    return data if data.is_dir() else package.parent


def open_workspace(workspace: Workspace | str | Path | None) -> Workspace:
    """Return `workspace` itself, or the one that is opened at its path: see Workspace.open."""
    return workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
