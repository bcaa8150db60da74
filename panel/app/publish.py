"""Publishing: the pages of runs and comparisons, each with its JSON document, in a folder."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from panel.app.panels import PanelRunner, ReviewOptions, StoredRun, load_panel, open_providers
from panel.app.votes import read_community
from panel.app.workspace import Workspace
from panel.domain.community import Community
from panel.domain.comparison import Comparison
from panel.domain.namesakes import compare_tools, own_folder
from panel.domain.review import Abstention
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.errors import ExitCode, StoreError, exit_code_of
from panel.publish.documents import comparison_document, run_document, write_document
from panel.store.page_files import PageFiles
from panel.store.regular_files import describe_unread, read_file

if TYPE_CHECKING:
    from panel.publish.pages import Pages


@dataclass(frozen=True)
class PublishedRun:
    """A run with its place in the store, its page and its JSON document.

    `manual` is the folder for prompts and answers by hand. `page_of` is the id of the run that the
    page shows: another one where that has a verdict and this one has none. `already_done` tells that
    an earlier command, which was interrupted, had finished it.

    >>> from panel import ReviewOptions, review
    >>> by_checklist = ReviewOptions(models=("checklist",))
    >>> found = review("examples/tools/rowboat-sync.md", by_checklist)
    >>> found.page_of == found.run.id, found.document["verdict"]["decision"] in ("ship", "skip")
    (True, True)
    """

    run: Run
    path: PurePath
    page: Path
    document: Mapping[str, Any]
    manual: Path
    page_of: str
    resumed: bool = False
    already_done: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that says how the run ended."""
        run = self.run
        if run.state == "waiting":
            return ExitCode.WAITING
        if run.state == "stopped":
            codes = {exit_code_of(one.cause) for one in run.pending if one.cause != "answer"}
            # A setting is to be corrected before a cap is raised, and that before a key is tried.
            order = (ExitCode.USAGE, ExitCode.CAPPED)
            return next((code for code in order if code in codes), ExitCode.NOTHING_EVALUATED)
        if not run.is_decided:
            return ExitCode.NOTHING_EVALUATED
        failed = any(isinstance(review, Abstention) for review in run.reviews)
        return ExitCode.SOME_FAILED if failed else ExitCode.DONE


@dataclass(frozen=True)
class ShownPage:
    """What a tool page is about: its run, and what tells its tool from others of its name."""

    run: str
    name: str
    url: str | None
    vendor: str | None


@dataclass(frozen=True)
class PublishedComparison:
    """A comparison with its page and its JSON document.

    >>> from panel import ReviewOptions, compare
    >>> files = "examples/tools/rowboat-sync.md", "examples/tools/pixelbroth.md"
    >>> found = compare(*files, options=ReviewOptions(models=("checklist",)))
    >>> found.page.is_file(), len(found.document["tools"])
    (True, 2)
    """

    comparison: Comparison
    page: Path
    document: Mapping[str, Any]


class Publisher:
    """Writes pages to `out`, else to the workspace's site."""

    def __init__(self, workspace: Workspace, out: str | Path | None = None) -> None:
        self._workspace = workspace
        self._folder = workspace.pages if out is None else Path(out)
        self._site = PageFiles(self._folder)

    @cached_property
    def _pages(self) -> "Pages":
        """The templates, loaded once the first page is due: no call waits for them."""
        from panel.publish.pages import Pages  # noqa: PLC0415 - 0.05 s

        return Pages.load()

    @cached_property
    def _community(self) -> Community | None:
        return read_community(self._workspace)

    def publish_run(
        self, stored: StoredRun, folder: str | None = None, *, already_done: bool = False
    ) -> PublishedRun:
        """Return a run with its page written, to a `folder` of `tools`.

        Without `folder` it is that of `folder_of`, or where its page is. `already_done` says that an
        earlier command finished it. A run without a verdict leaves the
        page of one with a verdict as it is. Raises StoreError.
        """
        run = stored.run
        place = f"tools/{folder or self.place_of(run) or self.folder_of(run.tool)}"
        document = run_document(run, self._community)
        page_of = run.id if run.is_decided else self._decided_at(place) or run.id
        if page_of == run.id:
            html = self._pages.render_tool(
                run, months=self._workspace.settings.months, community=self._community
            )
            page = self._site.write(place, html, write_document(document))
        else:
            page = self._site.page(place)
        return PublishedRun(
            run=run,
            path=stored.path,
            page=page,
            document={
                **document,
                "path": str(stored.path),
                "page": str(page),
                "already_done": already_done,
            },
            manual=self._workspace.manual_folder(stored.path),
            page_of=page_of,
            resumed=stored.resumed,
            already_done=already_done,
        )

    def publish_comparison(self, comparison: Comparison) -> PublishedComparison:
        """Return a comparison with its page written. Raises StoreError."""
        document = comparison_document(comparison, self._community)
        html = self._pages.render_comparison(comparison, community=self._community)
        page = self._site.write(f"compare/{comparison.slug}", html, write_document(document))
        return PublishedComparison(comparison, page, {**document, "page": str(page)})

    def check_writable(self) -> None:
        """Raise StoreError where no page could be written, before anything is paid for."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder):
                pass
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{self._folder}: {describe_unread(error)}; nothing was asked yet. Choose another "
                "folder for the pages with --out."
            ) from error

    def folder_of(self, tool: Tool) -> str:
        """Return the folder of `tools` that is this tool's: never one that is another tool's.

        Whether two tools of one name are the same is told by link, then by vendor, as in a batch.
        Where neither tells, an editor who names a tool again means the one that is there.
        """
        known = tool.name, tool.url, tool.vendor
        shown = {
            folder: compare_tools((page.name, page.url, page.vendor), known)
            for folder in self._site.folders("tools", tool.slug)
            if (page := self.shown_at(folder))
        }
        if same := next((folder for folder, likeness in shown.items() if likeness == "same"), None):
            return same
        if shown.get(tool.slug) != "other":
            return tool.slug
        return own_folder(tool.slug, "\n".join((tool.name, tool.url or "", tool.vendor or "")))

    def place_of(self, run: Run) -> str | None:
        """Return the folder of `tools` whose page shows `run`; None where there is none."""
        return self._site.find_page("tools", run.slug, run.id)

    def renew_page(self, stored: StoredRun, folder: str) -> list[Path]:
        """Return the files of a page that were there and are other ones, now that it is written anew.

        Raises StoreError.
        """
        page = self._site.page(f"tools/{folder}")
        files = (page, page.with_suffix(".json"))
        before = {file: _bytes_of(file) for file in files}
        self.publish_run(stored, folder)
        return [file for file in files if before[file] not in (None, _bytes_of(file))]

    def shown_at(self, folder: str) -> "ShownPage | None":
        """Return what the page in a `folder` of `tools` is about, None where there is none."""
        there = self._site.read_document(f"tools/{folder}") or {}
        tool = there.get("tool")
        if not isinstance(tool, dict) or "name" not in tool:
            return None
        return ShownPage(
            run=str(there.get("run")),
            name=str(tool["name"]),
            url=_text_of(tool.get("url")),
            vendor=_text_of(tool.get("vendor")),
        )

    def _decided_at(self, place: str) -> str | None:
        """Return the run whose verdict a page shows, None where there is no page or no verdict."""
        there = self._site.read_document(place) or {}
        verdict = there.get("verdict")
        decided = isinstance(verdict, dict) and verdict.get("decision") is not None
        return str(there["run"]) if decided and "run" in there else None


def _bytes_of(file: Path) -> bytes | None:
    try:
        return read_file(file)
    except OSError:
        return None


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


async def convene_begun(
    workspace: Workspace,
    runner: PanelRunner,
    begun: StoredRun,
    options: ReviewOptions,
    *,
    instead_of: Run | None = None,
) -> PublishedRun:
    """Return the run that `runner` began, once its panel has ended and its page is written.

    The page takes the place of that of `instead_of`, where it has one. Raises as a review does.
    """
    await asyncio.to_thread(load_panel)
    providers = open_providers(workspace, options)
    try:
        done = await runner.convene(begun, providers, options)
    finally:
        await providers.aclose()
    publisher = Publisher(workspace)
    place = publisher.place_of(instead_of) if instead_of else None
    place = place or publisher.place_of(done.run)
    return await asyncio.to_thread(publisher.publish_run, done, place)
