"""What the surfaces ask for, whole: a review with its page, a comparison, a replay."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from panel.app.assembly import MANUAL, Providers
from panel.app.event_loop import run_async
from panel.app.workspace import ReviewOptions, StoredRun, Workspace
from panel.domain.comparison import Comparison
from panel.domain.comparison import compare as compare_runs
from panel.domain.review import Abstention
from panel.domain.run import Run
from panel.domain.tool import Tool, are_namesakes
from panel.errors import ConfigError, PanelError, StoreError
from panel.ports import Listener
from panel.providers.manual import give
from panel.publish.documents import twin_of_comparison, twin_of_run, write_twin
from panel.store.site_files import SiteFiles

if TYPE_CHECKING:
    from panel.publish.pages import Pages

DONE, SOME_FAILED, NOTHING, CAPPED, WAITING = 0, 3, 4, 5, 8
_MOST_ROUNDS = 3
ListenerOf = Callable[[StoredRun], Listener | None]
OnDone = Callable[["Reviewed"], None]
OnFault = Callable[[str, PanelError], None]


def give_up(tool: str, error: PanelError) -> None:  # noqa: ARG001 - the error names its place
    """Raise `error`: the first fault of any tool ends them all."""
    raise error


@dataclass(frozen=True)
class Reviewed:
    """A convened run with its place, its page and its document.

    `manual` is the folder for prompts and answers by hand. `page_of` is the run that the page shows:
    another one where that has a verdict and this has none.
    """

    run: Run
    path: PurePath
    page: Path
    document: Mapping[str, Any]
    resumed: bool
    manual: Path
    page_of: str

    @property
    def exit(self) -> int:
        """The exit code that the design gives to how the run ended."""
        if self.run.state == "waiting":
            return WAITING
        if self.run.state == "stopped":
            return CAPPED if any(one.cause == "cap" for one in self.run.pending) else NOTHING
        if self.run.verdict is None or self.run.verdict.decision is None:
            return NOTHING
        failed = any(isinstance(review, Abstention) for review in self.run.reviews)
        return SOME_FAILED if failed else DONE


@dataclass(frozen=True)
class Compared:
    """A comparison with its page and its document."""

    comparison: Comparison
    page: Path
    document: Mapping[str, Any]


class Session:
    """One command's work in a workspace; pages go to `out`, else to the workspace's site."""

    def __init__(self, workspace: Workspace, out: Path | None = None) -> None:
        self.workspace = workspace
        self._folder = out or workspace.site
        self._site = SiteFiles(self._folder)

    @cached_property
    def _pages(self) -> "Pages":
        """The templates: nobody waits for them before the first call."""
        from panel.publish.pages import Pages  # noqa: PLC0415 - 0.05 s

        return Pages.load()

    def review(
        self,
        tools: Sequence[Tool],
        options: ReviewOptions,
        *,
        answers: Mapping[str, str] | None = None,
        listener_of: ListenerOf = lambda _: None,
        on_done: OnDone = lambda _: None,
        on_fault: OnFault = give_up,
    ) -> list[Reviewed]:
        """Return `tools` reviewed, one after the other, each with its page written.

        `answers` are given by hand, by persona or `intake`. `on_done` hears of each as it ends. What
        stops one tool goes to `on_fault` with the tool's name; where that returns, the others are
        still convened. Raises PanelError.
        """
        assignments = self.workspace.assignments(options)
        if answers and not any(assignment.provider == MANUAL for assignment in assignments):
            raise ConfigError(
                "nobody here takes answers by hand. Give them with --model manual, as the prompts "
                "were written."
            )
        self._refuse_unwritable()
        work = _Work(options, dict(answers or {}), listener_of, on_done, on_fault)
        return run_async(lambda: self._review(tools, work))

    def compare(self, runs: Sequence[Run]) -> Compared:
        """Return the comparison of two to five runs with its page written. Raises ConfigError."""
        try:
            comparison = compare_runs(runs, self.workspace.settings.months)
        except ValueError as error:
            raise ConfigError(f"{error}.") from error
        place = f"compare/{comparison.slug}"
        twin = twin_of_comparison(comparison)
        html = self._pages.render_comparison(comparison)
        page = self._site.write(place, html, write_twin(twin))
        return Compared(comparison, page, {**twin, "page": str(page)})

    def publish(self, stored: StoredRun, folder: str | None = None) -> Reviewed:
        """Return a run with its tool page written, to `tools/<slug>` or another `folder` of `tools`."""
        place = f"tools/{folder or stored.run.tool.slug}"
        twin = twin_of_run(stored.run)
        page_of = (
            stored.run.id if stored.run.is_decided else self._decided_at(place) or stored.run.id
        )
        if page_of == stored.run.id:
            html = self._pages.render_tool(stored.run, months=self.workspace.settings.months)
            page = self._site.write(place, html, write_twin(twin))
        else:
            page = self._site.page(place)
        document = {**twin, "path": str(stored.path), "page": str(page)}
        manual = self.workspace.manual_folder(stored.path)
        return Reviewed(stored.run, stored.path, page, document, stored.resumed, manual, page_of)

    def _decided_at(self, place: str) -> str | None:
        """Return the run whose verdict a page shows, None where there is no page or no verdict."""
        there = self._site.read_twin(place) or {}
        verdict = there.get("verdict")
        decided = isinstance(verdict, dict) and verdict.get("decision") is not None
        return str(there["run"]) if decided and "run" in there else None

    def _refuse_unwritable(self) -> None:
        """Raise StoreError where no page could be written, before anything is paid for."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            raise StoreError(
                f"{self._folder}: {error.strerror}; nothing was asked yet. Choose another folder for "
                "the pages with --out."
            ) from error

    def _refuse_taken(self, tool: Tool) -> None:
        """Raise ConfigError where the page of another tool stands in the place of this one's."""
        there = (self._site.read_twin(_place(tool)) or {}).get("tool")
        if not isinstance(there, dict) or "name" not in there:
            return
        other, vendor = str(there["name"]), there.get("vendor")
        if not are_namesakes(other, tool.name) or (
            vendor and tool.vendor and vendor != tool.vendor
        ):
            raise ConfigError(
                f"{self._folder / _place(tool)} is the page of {other!r}"
                f"{f' by {vendor}' if vendor else ''}, and this tool would take its place. Name one of "
                "them otherwise, or choose another folder with --out."
            )

    async def _review(self, tools: Sequence[Tool], work: "_Work") -> list[Reviewed]:
        found = []
        async with aclosing(self.workspace.providers(work.options)) as providers:
            for tool in tools:
                try:
                    self._refuse_taken(tool)
                    stored = self.workspace.begin(tool, work.options)
                    reviewed = self.publish(await self._convene(stored, work, providers))
                except PanelError as error:
                    work.on_fault(tool.name, error)
                else:
                    found.append(reviewed)
                    work.on_done(reviewed)
        if work.answers:
            unused = ConfigError(
                f"nobody asked for the answer of {', '.join(work.answers)}, so it was not used. "
                "--answer takes the names of the waiting prompts."
            )
            work.on_fault(tools[-1].name, unused)
        return found

    async def _convene(self, stored: StoredRun, work: "_Work", providers: Providers) -> StoredRun:
        """Return the run convened, again for as long as an answer at hand lets it go on."""
        listener = work.listener_of(stored)
        stored = await self.workspace.convene(stored, providers, work.options, listener)
        for _ in range(_MOST_ROUNDS):
            folder = self.workspace.manual_folder(stored.path)
            used = [who for who, text in work.answers.items() if give(folder, who, text)]
            for who in used:
                del work.answers[who]
            if not used:
                break
            again = StoredRun(stored.run, stored.path, resumed=True)
            listener = work.listener_of(again)
            stored = await self.workspace.convene(again, providers, work.options, listener)
        return stored


@dataclass(frozen=True)
class _Work:
    """What one call of `review` was asked for; `answers` shrinks as they are used."""

    options: ReviewOptions
    answers: dict[str, str]
    listener_of: ListenerOf
    on_done: OnDone
    on_fault: OnFault


def _place(tool: Tool) -> str:
    return f"tools/{tool.slug}"
