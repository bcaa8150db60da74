"""`shipskip runs`: recorded runs listed, shown and compared."""

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import end_with_faults, print_json
from panel.errors import ExitCode

if TYPE_CHECKING:
    from panel.domain.run import Run


@click.group()
def runs() -> None:
    """List, show and compare recorded runs."""


@runs.command("list")
@click.option("--retryable", is_flag=True, help="Only those that the same command would resume.")
@json_option
@root_option
def list_runs(*, retryable: bool, as_json: bool, root: Path | None) -> int:
    """List the runs in the order of their start, the oldest first."""
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    found, faults = workspace.read_each(lambda path: (path, workspace.runs.read(path)))
    found.sort(key=lambda pair: pair[1].started)
    if retryable:
        found = [pair for pair in found if not pair[1].is_final]
    if as_json:
        rows = [_document(path, run) for path, run in found]
        print_json({"v": 1, "runs": rows, "faults": [str(fault) for fault in faults]})
    else:
        for _, run in found:
            click.echo(_row(run))
        if not found:
            _say_none(workspace.runs.name, retryable=retryable)
    return end_with_faults(faults)


@runs.command("show")
@click.argument("run", required=False)
@click.option("--graph", is_flag=True, help="Print the panel's graph as a Mermaid drawing instead.")
@json_option
@root_option
def show_run(*, run: str | None, graph: bool, as_json: bool, root: Path | None) -> int:
    """Show one run: a folder, an id, or a tool's slug (its newest run)."""
    if graph:
        from panel.pipeline.graph import draw_graph

        click.echo(draw_graph())
        return 0
    if run is None:
        raise click.UsageError("name a run, or give --graph.")
    from panel.app.workspace import Workspace
    from panel.cli.run_reviews import print_reviews
    from panel.publish.documents import run_document

    recording = Workspace.open(root).find(run)
    if as_json:
        print_json({**run_document(recording.run), "path": str(recording.path)})
    else:
        print_reviews(recording.run, recording.path)
    return 0


@runs.command("diff")
@click.argument("first")
@click.argument("second")
@json_option
@root_option
def diff_runs(*, first: str, second: str, as_json: bool, root: Path | None) -> int:
    """Say in words what differs between two runs of one tool; exit 6 where anything does."""
    from panel.app.workspace import Workspace
    from panel.cli.terminal import wrap
    from panel.pipeline.diff import differences

    workspace = Workspace.open(root)
    found = list(differences(workspace.find(first).run, workspace.find(second).run))
    if as_json:
        print_json({"v": 1, "same": not found, "differences": found})
    else:
        for sentence in found or ["the same"]:
            click.echo(wrap(sentence, "", "  "))
    return ExitCode.DIFFERS if found else ExitCode.DONE


def _document(path: PurePath, run: "Run") -> dict[str, Any]:
    from panel.checklist.tally import lead_line

    return {
        "run": run.id,
        "tool": run.tool.name,
        "date": run.inputs.date.isoformat(),
        "started": run.started.isoformat(),
        "state": run.state,
        "engine": run.engine,
        "signals": lead_line(run),
        "decision": run.decision,
        "ship_share": run.verdict.ship_share if run.verdict else None,
        "score": run.verdict.score if run.verdict and not run.is_checklist else None,
        "path": str(path),
    }


def _row(run: "Run") -> str:
    """Return a run as a row: its start, what it came to, ships of scorecards, score, id, name, who."""
    from panel.checklist.tally import lead_line
    from panel.publish.cells import plain

    came_to = {"set_aside": "aside", "open": "unfinished"}.get(run.state, run.state)
    count = score = ""
    if verdict := run.verdict:
        ships = len(verdict.ships)
        came_to = verdict.decision or "no verdict"
        count = "" if run.is_checklist else f"{ships} of {ships + len(verdict.skips)}"
        score = "" if run.is_checklist or verdict.score is None else f"{verdict.score}"
    who = lead_line(run) or run.engine
    start = f"{run.started:%Y-%m-%d %H:%M}"
    row = f"{start}  {came_to:<10}  {count:<6}  {score:>4}  {run.id}  {run.tool.name} ({who})"
    return plain(row)


def _say_none(store: str, *, retryable: bool) -> None:
    if retryable:
        click.echo(f"no run in {store} is left to resume", err=True)
    else:
        click.echo(f"nothing is recorded in {store} yet; `shipskip review TOOL` begins", err=True)
