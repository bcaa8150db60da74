"""`shipskip compare`: two to five tools side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import json_option, model_option, out_option, root_option
from panel.cli.output import print_json

if TYPE_CHECKING:
    from panel.app.publish import PublishedComparison
    from panel.editorial.publication import Publication


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
    from panel.app.compare import changed_by_editors
    from panel.app.compare import compare as compare_tools
    from panel.app.panels import ReviewOptions
    from panel.app.review import ReviewEvents
    from panel.app.workspace import Workspace
    from panel.cli.progress import Progress
    from panel.domain.comparison import FEWEST, MOST

    if not FEWEST <= len(targets) <= MOST:
        raise click.UsageError(f"a comparison takes {FEWEST} to {MOST} tools, not {len(targets)}.")
    workspace = Workspace.open(root)
    compared = compare_tools(
        *targets,
        options=ReviewOptions(models=models),
        workspace=workspace,
        out=out,
        events=ReviewEvents(begun=Progress().listener_of),
        on_found=lambda target, path: click.echo(f"{target}: its newest run is {path}", err=True),
    )
    if as_json:
        print_json(compared.document)
    else:
        _print(compared)
        _print_changes(changed_by_editors(workspace, compared.comparison.runs))
    if open_page:
        click.launch(compared.page.resolve().as_uri())
    return 0


def _print(compared: "PublishedComparison") -> None:
    """Print a comparison: each tool's verdict, the pick and why, and where the page is."""
    from panel.cli.run_summary import checklist_notice, headline
    from panel.cli.terminal import wrap

    comparison = compared.comparison
    for run in comparison.runs:
        mark = "-> " if run.slug == comparison.pick else "   "
        click.echo(wrap(f"{run.tool.name}: {headline(run)}", mark, "     "))
        if notice := checklist_notice(run):
            click.echo(wrap(notice, "   "))
    click.echo(wrap(comparison.reason, "   "))
    click.echo(f"   page  {compared.page}")


def _print_changes(changed: "list[Publication]") -> None:
    """Say which tools an editor has changed: the page is of the panels as they were recorded."""
    from panel.cli.terminal import wrap

    for one in changed:
        verdict = [f"the verdict to {one.override.verdict}"] if one.override else []
        fields = sorted({change.field for change in one.changes})
        said = ", ".join([*verdict, *fields])
        both = "; the public site has both" if one.is_public else ""
        told = (
            f"{one.subject.name}: an editor changed {said}. This page has the panel's word{both}."
        )
        click.echo(wrap(told, "   "))
