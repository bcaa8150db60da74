"""Reviews: tools before the panel, each with its run, its page and how it ended."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from panel.app.event_loop import run_async
from panel.app.panels import (
    PanelRunner,
    ReviewOptions,
    StoredRun,
    open_providers,
    panel_assignments,
)
from panel.app.providers import Providers
from panel.app.publish import PublishedRun, Publisher
from panel.app.resumption import Resumption
from panel.app.sources import load_tool
from panel.app.workspace import Workspace, open_workspace
from panel.domain.review import MANUAL
from panel.domain.tool import Tool
from panel.errors import ConfigError, PanelError, Tampered
from panel.ports import Listener
from panel.providers.manual import give

_MOST_ROUNDS = 3  # an answer by hand may lead to the next question: intake, review, repair


def review(
    tool: Tool | str | Path,
    options: ReviewOptions | None = None,
    *,
    workspace: Workspace | str | Path | None = None,
    out: str | Path | None = None,
    listener: Listener | None = None,
) -> PublishedRun:
    """Return `tool` reviewed by the panel, with its page written.

    `tool` is a Tool, a file's path (.md, .yaml, .json) or a web address. The
    workspace is found upward from here where none is given; pages go to `out`, else to its site. An
    interrupted run of the same tool is resumed. `listener` is called with each event. It works in
    a script and in a notebook, whose event loop waits meanwhile. Raises PanelError: ConfigError
    where settings or tool have to be corrected, StoreError where nothing can be written.

    >>> from panel import ReviewOptions, review
    >>> found = review("examples/tools/rowboat-sync.md", ReviewOptions(models=("checklist",)))
    >>> found.run.tool.name, found.run.state, found.page.name
    ('Rowboat Sync', 'finished', 'index.html')
    """
    return run_async(
        lambda: areview(tool, options, workspace=workspace, out=out, listener=listener)
    )


async def areview(
    tool: Tool | str | Path,
    options: ReviewOptions | None = None,
    *,
    workspace: Workspace | str | Path | None = None,
    out: str | Path | None = None,
    listener: Listener | None = None,
) -> PublishedRun:
    """Return `tool` reviewed, as `review` does, while other tasks of the event loop run.

    Any number may be awaited at a time. Each call keeps its own rate limits and cost cap; those that
    are to share them go through one ReviewService. Raises as `review` does.

    >>> import asyncio
    >>> from panel import ReviewOptions, areview
    >>> async def both():
    ...     by_checklist = ReviewOptions(models=("checklist",))
    ...     async with asyncio.TaskGroup() as group:
    ...         first = group.create_task(areview("examples/tools/rowboat-sync.md", by_checklist))
    ...         second = group.create_task(areview("examples/tools/pixelbroth.md", by_checklist))
    ...     return first.result().run.state, second.result().run.state
    >>> asyncio.run(both())
    ('finished', 'finished')
    """
    async with ReviewService(options, workspace=workspace, out=out) as service:
        return await service.review(tool, listener=listener)


@dataclass(frozen=True)
class ReviewEvents:
    """Callbacks of a review command.

    `begun` returns a listener of a run's events; `done` is called for each tool that ended, `fault` for
    what stopped one, `notice` with a tool and where its damaged run was set aside. Without a `fault`
    the first error is raised and ends the command.
    """

    begun: Callable[[StoredRun], Listener | None] = lambda _: None
    done: Callable[[PublishedRun], None] = lambda _: None
    fault: Callable[[str, PanelError], None] | None = None
    notice: Callable[[str, str], None] = lambda _tool, _line: None

    def on_fault(self, tool: str, error: PanelError) -> None:
        """Call `fault` with what stopped `tool`. Raises `error` where there is no callback."""
        if self.fault is None:
            raise error
        self.fault(tool, error)


_NO_EVENTS = ReviewEvents()


class ReviewService:
    """Reviews tools with one set of providers: rate limits and the cost cap hold for all of them.

    Open it with `async with`, inside the event loop that uses it. Raises ConfigError where nobody
    could answer or too few for a verdict, and StoreError where no page could be written: then
    nothing was asked.

    >>> import asyncio
    >>> from panel import ReviewOptions, ReviewService
    >>> async def main():
    ...     async with ReviewService(ReviewOptions(models=("checklist",))) as service:
    ...         return (await service.review("examples/tools/rowboat-sync.md")).run.state
    >>> asyncio.run(main())
    'finished'
    """

    def __init__(
        self,
        options: ReviewOptions | None = None,
        *,
        workspace: Workspace | str | Path | None = None,
        out: str | Path | None = None,
    ) -> None:
        self.workspace = open_workspace(workspace)
        self._options = options or ReviewOptions()
        self._publisher = Publisher(self.workspace, out)
        self._runner = PanelRunner(self.workspace)
        self._assignments = panel_assignments(self.workspace, self._options)
        self._publisher.check_writable()
        self._opened: Providers | None = None

    async def __aenter__(self) -> Self:
        """Open the providers."""
        self._opened = open_providers(self.workspace, self._options)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every connection."""
        if self._opened is not None:
            await self._opened.aclose()

    async def review(
        self, tool: Tool | str | Path, *, listener: Listener | None = None
    ) -> PublishedRun:
        """Return `tool` reviewed, with its page written. Raises PanelError."""
        loaded = tool if isinstance(tool, Tool) else await load_tool(tool)
        (found,) = await self.review_all([loaded], ReviewEvents(begun=lambda _: listener))
        return found

    async def review_all(
        self,
        tools: Sequence[Tool],
        events: ReviewEvents = _NO_EVENTS,
        answers: Mapping[str, str] | None = None,
    ) -> list[PublishedRun]:
        """Return `tools` reviewed, one after the other, each with its page written.

        They are one command: after an interruption the same tools are resumed, and what was finished
        is not asked again. `answers` are given by hand, by persona or `intake`. Raises
        PanelError for what concerns all tools, and as `events.fault` says for one of them.
        """
        given = dict(answers or {})
        asks_by_hand = any(one.provider == MANUAL for one in self._assignments)
        if given and not asks_by_hand:
            raise ConfigError(
                "nobody here takes answers by hand. Give them with --model manual, as the prompts "
                "were written."
            )
        if self._options.accepted and not asks_by_hand:
            raise ConfigError(
                "no answer is given by hand here, so none can be accepted. --accept goes with --model "
                "manual."
            )
        resumption = await asyncio.to_thread(Resumption.open, self.workspace, tools)
        found = []
        for tool in tools:
            try:
                reviewed = await self._review(tool, _Work(resumption, given, events))
            except PanelError as error:
                events.on_fault(tool.name, error)
            else:
                found.append(reviewed)
                events.done(reviewed)
        resumption.end(len(found) == len(tools))
        if given:
            events.on_fault(tools[-1].name, _unused(given, found))
        return found

    async def _review(self, tool: Tool, work: "_Work") -> PublishedRun:
        stored = await asyncio.to_thread(self._runner.begin, tool, self._options)
        if done := work.resumption.finished(tool, stored.run.inputs.task):
            return await asyncio.to_thread(self._publisher.publish_run, done, already_done=True)
        await asyncio.to_thread(work.resumption.began, stored.run)
        try:
            stored = await self._convene(stored, work)
        except Tampered as error:
            if not stored.resumed:
                raise
            await self._set_aside(tool, stored, error, work.events)
            stored = await asyncio.to_thread(self._runner.begin, tool, self._options)
            await asyncio.to_thread(work.resumption.began, stored.run)
            stored = await self._convene(stored, work)
        return await asyncio.to_thread(self._publisher.publish_run, stored)

    async def _set_aside(
        self, tool: Tool, stored: StoredRun, error: Tampered, events: ReviewEvents
    ) -> None:
        """Have nobody go on with a damaged run, and say where what is damaged of it lies."""
        place = await asyncio.to_thread(self.workspace.runs.set_aside, stored.path)
        what = str(error).partition(". ")[0]
        events.notice(tool.name, f"{what}. The run was set aside as {place}; its panel begins anew")

    async def _convene(self, stored: StoredRun, work: "_Work") -> StoredRun:
        """Return the run convened, again for as long as a given answer resumes it."""
        stored = await self._convene_once(stored, work)
        for _ in range(_MOST_ROUNDS):
            folder = self.workspace.manual_folder(stored.path)
            used = [who for who, text in work.answers.items() if give(folder, who, text)]
            if not used:
                break
            for who in used:
                del work.answers[who]
            stored = await self._convene_once(replace(stored, resumed=True), work)
        return stored

    async def _convene_once(self, stored: StoredRun, work: "_Work") -> StoredRun:
        listener = work.events.begun(stored)
        return await self._runner.convene(stored, self._providers, self._options, listener)

    @property
    def _providers(self) -> Providers:
        if self._opened is None:
            raise RuntimeError("open a ReviewService with `async with` before a review")
        return self._opened


def _unused(given: Iterable[str], found: Iterable[PublishedRun]) -> ConfigError:
    """Return the error that says which answers were not used, and which are waited for."""
    names = dict.fromkeys(one.reviewer for each in found for one in each.run.pending)
    waited = f"{', '.join(names)}: these are waited for" if names else "no answer is waited for"
    return ConfigError(
        f"nobody asked for the answer of {', '.join(given)}, so it was not used. "
        f"--answer takes the names of the waiting prompts; {waited}."
    )


@dataclass(frozen=True)
class _Work:
    """One command at work; `answers` shrinks as they are used."""

    resumption: Resumption
    answers: dict[str, str]
    events: ReviewEvents
