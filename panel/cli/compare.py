"""`shipskip compare`: two to five tools side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from panel.cli.options import json_option, model_option, out_option, root_option
from panel.errors import ConfigError, Stopped, Waiting

if TYPE_CHECKING:
    from panel.app.session import Session
    from panel.app.workspace import ReviewOptions
    from panel.domain.run import Run
    from panel.domain.tool import Tool

_FILES = (".md", ".yaml", ".yml", ".json")


@click.command(short_help="Put two to five tools side by side: one page, and a pick.")
@click.argument("targets", nargs=-1, required=True, metavar="A B [C..]")
@model_option
@json_option
@out_option
@root_option
def compare(
    *,
    targets: tuple[str, ...],
    models: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    open_page: bool,
    root: Path | None,
) -> int:
    """Compare two to five tools: runs (folder, id or slug) or tool files.

    A file that has a finished run is compared by its newest one; else the panel is convened first.
    """
    from panel.app.session import Session
    from panel.app.workspace import ReviewOptions, Workspace
    from panel.cli.report import print_comparison, print_json
    from panel.domain.comparison import FEWEST, MOST

    if not FEWEST <= len(targets) <= MOST:
        raise click.UsageError(f"a comparison takes {FEWEST} to {MOST} tools, not {len(targets)}.")
    session = Session(Workspace.open(root), out)
    options = ReviewOptions(models=models)
    found = [_find(session, target, options) for target in targets]
    _refuse_twice([_slug(one) for one in found])
    runs = [_convened(session, one, options) for one in found]
    for target, run in zip(targets, runs, strict=True):
        _refuse_unfinished(target, run)
    compared = session.compare(runs)
    if as_json:
        print_json(compared.document)
    else:
        print_comparison(compared)
    if open_page:
        click.launch(compared.page.resolve().as_uri())
    return 0


def _find(session: "Session", target: str, options: "ReviewOptions") -> "Run | Tool":
    """Return the run that `target` names, or the newest of its file, or the tool to convene on."""
    from panel.store.tool_files import read_tool

    path = Path(target)
    if path.suffix.casefold() not in _FILES or not path.is_file():
        return session.workspace.find(target).run
    tool = read_tool(path)
    stored = session.workspace.latest(tool, options)
    if stored is None:
        return tool
    click.echo(f"{target}: its newest run is {stored.path}", err=True)
    return stored.run


def _slug(found: "Run | Tool") -> str:
    from panel.domain.tool import Tool

    return found.slug if isinstance(found, Tool) else found.tool.slug


def _refuse_twice(slugs: list[str]) -> None:
    """Raise ConfigError for a tool that is there twice, before any panel is convened for it."""
    twice = next((slug for slug in slugs if slugs.count(slug) > 1), None)
    if twice:
        raise ConfigError(
            f"two of the tools are filed as {twice!r}. Name each tool once; a page cannot hold two "
            "runs of one tool."
        )


def _convened(session: "Session", found: "Run | Tool", options: "ReviewOptions") -> "Run":
    from panel.cli.progress import Progress
    from panel.domain.tool import Tool

    if not isinstance(found, Tool):
        return found
    return session.review([found], options, listener_of=Progress().listener_of)[0].run


def _refuse_unfinished(target: str, run: "Run") -> None:
    """Raise Waiting or Stopped as the run ended, or ConfigError, where `run` has no verdict."""
    if run.verdict is not None:
        return
    what = f"{target}: its run {run.id} is {run.state} and has no verdict"
    if run.state == "set_aside":
        raise ConfigError(f"{what}: {run.reason} Compare tools that the panel has reviewed.")
    finish = "Finish it with `shipskip review`, then compare."
    if run.state == "waiting":
        raise Waiting(f"{what}. {finish}")
    if run.state == "stopped":
        raise Stopped(f"{what}: {run.pending[0].reason} {finish}", cause=_cause(run))
    raise ConfigError(f"{what}. {finish}")


def _cause(run: "Run") -> Literal["key", "quota", "cap"]:
    causes = [pending.cause for pending in run.pending if pending.cause != "answer"]
    return "cap" if "cap" in causes else causes[0]
