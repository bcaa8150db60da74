"""`shipskip audit`: how good the panel is, on its own archive and on controls."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.exit_codes import worst
from panel.cli.options import answered_by_option, json_option, model_option, root_option
from panel.cli.output import print_json, say
from panel.errors import ExitCode

if TYPE_CHECKING:
    from panel.app.review import ReviewEvents
    from panel.app.workspace import Workspace


@click.command(short_help="How good the panel is: leniency, agreement, flips (extra: audit).")
@click.argument("runs", nargs=-1)
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it as a page too.",
)
@click.option(
    "--controls",
    metavar="DIR",
    help="Convene today's panel on these controls instead; `starter` has some to begin with.",
)
@model_option
@answered_by_option
@json_option
@root_option
def audit(
    *,
    runs: tuple[str, ...],
    page: Path | None,
    controls: str | None,
    models: tuple[str, ...],
    answered_by: str | None,
    as_json: bool,
    root: Path | None,
) -> int:
    """Audit the archive, or RUNS of it: a folder, an id, or a tool's slug each.

    Each figure has its number of cases, and says nothing below its minimum. Sets of personas stand
    apart. docs/audit.md explains each figure, and what it does not show.
    """
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    if controls is not None:
        if runs:
            raise click.UsageError("--controls goes without RUNS.")
        return _audit_controls(workspace, controls, models, answered_by, page, as_json=as_json)
    if models or answered_by is not None:
        raise click.UsageError(
            "--model and --answered-by say who answers for --controls; an archive asks nobody."
        )
    return _audit_archive(workspace, runs, page, as_json=as_json)


def control_events() -> "ReviewEvents":
    """Return the callbacks that say on standard error which control is done, waits or failed."""
    from panel.app.review import ReviewEvents

    return ReviewEvents(
        done=lambda one: say(_progress(one.run.tool.name, one.run.state, str(one.manual))),
        fault=lambda tool, error: say(f"shipskip: {tool}: {error}"),
    )


def _progress(tool: str, state: str, manual: str) -> str:
    waits = f"; its prompts are in {manual}" if state == "waiting" else ""
    return f"{tool}: {state}{waits}"


def _audit_controls(
    workspace: "Workspace",
    folder: str,
    models: tuple[str, ...],
    answered_by: str | None,
    page: Path | None,
    *,
    as_json: bool,
) -> int:
    from panel.app.controls import check_controls, write_control_page
    from panel.app.panels import BY_HAND, ReviewOptions

    options = ReviewOptions(models=models, answered_by=answered_by or BY_HAND)
    found = check_controls(workspace, folder, options, control_events())
    if page is not None:
        write_control_page(workspace, found.report, page)
    if as_json:
        print_json(found.report.model_dump(mode="json"))
    else:
        from panel.audit.control_report import report_lines

        echo_lines(report_lines(found.report))
        if page is not None:
            click.echo(f"page  {page}")
    return worst(found.exit_codes) if found.exit_codes else ExitCode.NOTHING_EVALUATED


def _audit_archive(
    workspace: "Workspace", runs: tuple[str, ...], page: Path | None, *, as_json: bool
) -> int:
    from panel.app.audit import audit_runs, write_page

    found = audit_runs(workspace, runs)
    if page is not None:
        write_page(workspace, found, page)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        from panel.audit.text import audit_lines

        echo_lines(audit_lines(found))
        if page is not None:
            click.echo(f"page  {page}")
    for number, fault in enumerate(found.faults, start=1):
        say(f"shipskip: passed over ({number} of {len(found.faults)}): {fault}")
    if not found.panels:
        return ExitCode.NOTHING_EVALUATED
    return ExitCode.SOME_FAILED if found.faults else ExitCode.DONE


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines folded at the terminal's width, each with its indent."""
    from panel.cli.terminal import wrap

    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        click.echo(wrap(line.lstrip(), indent, f"{indent}  "))
