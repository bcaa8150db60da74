"""`shipskip compare`: two to five tools side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import json_option, model_option, out_option, root_option
from panel.cli.output import print_json

if TYPE_CHECKING:
    from panel.app.publish import PublishedComparison


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
    from panel.app.compare import compare as compare_tools
    from panel.app.panels import ReviewOptions
    from panel.app.review import ReviewEvents
    from panel.cli.progress import Progress
    from panel.domain.comparison import FEWEST, MOST

    if not FEWEST <= len(targets) <= MOST:
        raise click.UsageError(f"a comparison takes {FEWEST} to {MOST} tools, not {len(targets)}.")
    compared = compare_tools(
        *targets,
        options=ReviewOptions(models=models),
        workspace=root,
        out=out,
        events=ReviewEvents(begun=Progress().listener_of),
        on_found=lambda target, path: click.echo(f"{target}: its newest run is {path}", err=True),
    )
    if as_json:
        print_json(compared.document)
    else:
        _print(compared)
    if open_page:
        click.launch(compared.page.resolve().as_uri())
    return 0


def _print(compared: "PublishedComparison") -> None:
    """Print a comparison: each tool's verdict, the pick and why, and where the page is."""
    from panel.cli.run_summary import checklist_notice, headline
    from panel.cli.terminal import fold

    comparison = compared.comparison
    for run in comparison.runs:
        mark = "-> " if run.tool.slug == comparison.pick else "   "
        click.echo(fold(f"{run.tool.name}: {headline(run)}", mark, "     "))
        if notice := checklist_notice(run):
            click.echo(fold(notice, "   "))
    click.echo(fold(comparison.reason, "   "))
    click.echo(f"   page  {compared.page}")
