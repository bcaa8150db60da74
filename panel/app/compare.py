"""Comparisons: two to five tools side by side, reviewed first where they were not."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from panel.app.decisions import RunPublication, publication
from panel.app.event_loop import run_async
from panel.app.panels import ReviewOptions
from panel.app.publish import PublishedComparison, Publisher
from panel.app.review import ReviewEvents, ReviewService
from panel.app.workspace import Workspace, open_workspace
from panel.domain.comparison import Comparison
from panel.domain.comparison import compare as compare_runs
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.editorial.publication import Publication, publication_of
from panel.errors import ConfigError, Stopped, Waiting
from panel.publish.published import PublishedTool, SiteComparison
from panel.store.tool_files import read_tool

Target = Run | Tool | str | Path
"""What can be compared: a run, or what names one (a folder, an id, a slug), or a tool or its file."""
_FILES = (".md", ".yaml", ".yml", ".json")
_NO_EVENTS = ReviewEvents()


def compare(
    *targets: Target,
    options: ReviewOptions | None = None,
    workspace: Workspace | str | Path | None = None,
    out: str | Path | None = None,
    events: ReviewEvents = _NO_EVENTS,
    on_found: Callable[[str, PurePath], None] = lambda _target, _path: None,
) -> PublishedComparison:
    """Return the comparison of two to five tools, with its page written.

    Each of `targets` is a Run, what names one (a folder, an id, or a tool's slug: its newest), a Tool
    or its file. A tool that has a finished run is compared by its newest one, with which `on_found` is
    called; else the panel is convened first, with `options`. Raises ConfigError for runs that cannot
    be compared, Waiting and Stopped where a review has not ended, and StoreError.

    >>> from panel import ReviewOptions, compare
    >>> files = "examples/tools/rowboat-sync.md", "examples/tools/pixelbroth.md"
    >>> found = compare(*files, options=ReviewOptions(models=("checklist",)))
    >>> found.comparison.slug
    'pixelbroth-vs-rowboat-sync'
    """
    opened = open_workspace(workspace)
    options = options or ReviewOptions()
    found = [_find(opened, target, options, on_found) for target in targets]
    _refuse_twice([one.slug for one in found])
    runs = (
        _reviewed(found, ReviewService(options, workspace=opened, out=out), events)
        if any(isinstance(one, Tool) for one in found)
        else [one for one in found if isinstance(one, Run)]
    )
    for target, run in zip(targets, runs, strict=True):
        _refuse_unfinished(_name(target), run)
    try:
        comparison = compare_runs(runs, opened.settings.months)
    except ValueError as error:
        raise ConfigError(f"{error}.") from error
    return Publisher(opened, out).publish_comparison(comparison)


def changed_by_editors(workspace: Workspace, runs: Sequence[Run]) -> list[Publication]:
    """Return the publications of those of `runs` whose verdict or fields an editor has changed."""
    if not workspace.has_ledger:
        return []
    with workspace.ledger() as ledger:
        found = [publication_of(run, ledger.decisions.of_tool(run.slug)) for run in runs]
    return [one for one in found if one.override is not None or one.changes]


def compare_published(
    workspace: Workspace, names: Sequence[str]
) -> tuple[Comparison, list[RunPublication]]:
    """Return two to five tools side by side as readers would see them; nothing is written.

    Each name is a run's id or a tool's slug: its published run, else its newest. An editor's verdict
    stands in the place of the panel's. Raises as `compare` does.
    """
    found = [publication(workspace, name, "correct") for name in names]
    _refuse_twice([one.run.slug for one in found])
    for name, one in zip(names, found, strict=True):
        _refuse_unfinished(name, one.run)
    found.sort(key=lambda one: one.run.slug)
    tools = tuple(PublishedTool(one.public, one.publication) for one in found)
    try:
        return SiteComparison(tools, workspace.settings.months).comparison, found
    except ValueError as error:
        raise ConfigError(f"{error}.") from error


def _find(
    workspace: Workspace,
    target: Target,
    options: ReviewOptions,
    on_found: Callable[[str, PurePath], None],
) -> Run | Tool:
    """Return the run that `target` names, or the newest of its tool, or the tool to review."""
    if isinstance(target, Run):
        return target
    if isinstance(target, Tool):
        tool = target
    else:
        path = Path(target)
        if path.suffix.casefold() not in _FILES or not path.is_file():
            return workspace.find(target).run
        tool = read_tool(path)
    latest = workspace.latest(tool, options.models)
    if latest is None:
        return tool
    run, place = latest
    on_found(_name(target), place)
    return run


def _reviewed(
    found: Sequence[Run | Tool], service: ReviewService, events: ReviewEvents
) -> list[Run]:
    """Return the runs of `found`, those of its tools after their review."""
    tools = [one for one in found if isinstance(one, Tool)]

    async def review() -> list[Run]:
        async with service:
            return [one.run for one in await service.review_all(tools, events)]

    new = iter(run_async(review))
    return [next(new) if isinstance(one, Tool) else one for one in found]


def _refuse_twice(slugs: Sequence[str]) -> None:
    """Raise ConfigError for a tool that is there twice, before any panel is convened for it."""
    twice = next((slug for slug in slugs if slugs.count(slug) > 1), None)
    if twice:
        raise ConfigError(
            f"two of the tools are filed as {twice!r}. Name each tool once; a page cannot hold two "
            "runs of one tool."
        )


def _refuse_unfinished(target: str, run: Run) -> None:
    """Raise Waiting or Stopped as the run ended, or ConfigError, where `run` has no verdict."""
    if run.verdict is not None:
        return
    what = f"{target}: its run {run.id} is {run.state} and has no verdict"
    if run.state == "set_aside":
        raise ConfigError(f"{what}: {run.reason} Compare tools that the panel has reviewed.")
    finish = "Finish it with `shipskip review`, then compare."
    if run.state == "waiting":
        raise Waiting(f"{what}. {finish}")
    for one in run.pending:
        if one.cause != "answer":
            raise Stopped(f"{what}: {one.reason} {finish}", cause=one.cause)
    raise ConfigError(f"{what}. {finish}")


def _name(target: Target) -> str:
    if isinstance(target, Run):
        return target.id
    return target.name if isinstance(target, Tool) else str(target)
