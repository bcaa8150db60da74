"""`shipskip audit`: how good the panel is, on its own archive and on controls."""

from pathlib import Path

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json, say
from panel.errors import ExitCode


@click.command(short_help="How good the panel is: leniency, agreement, flips (extra: audit).")
@click.argument("runs", nargs=-1)
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it as a page too.",
)
@json_option
@root_option
def audit(*, runs: tuple[str, ...], page: Path | None, as_json: bool, root: Path | None) -> int:
    """Audit the archive, or RUNS of it: a folder, an id, or a tool's slug each.

    Each figure has its number of cases, and says nothing below its minimum. Sets of personas stand
    apart. docs/audit.md explains each figure, and what it does not show.
    """
    from panel.app.audit import audit_runs, write_page
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    found = audit_runs(workspace, runs)
    if page is not None:
        write_page(workspace, found, page)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        from panel.audit.text import audit_lines
        from panel.cli.terminal import fold

        for line in audit_lines(found):
            indent = " " * (len(line) - len(line.lstrip()))
            click.echo(fold(line.lstrip(), indent, f"{indent}  "))
        if page is not None:
            click.echo(f"page  {page}")
    for number, fault in enumerate(found.faults, start=1):
        say(f"shipskip: passed over ({number} of {len(found.faults)}): {fault}")
    if not found.panels:
        return ExitCode.NOTHING_EVALUATED
    return ExitCode.SOME_FAILED if found.faults else ExitCode.DONE
