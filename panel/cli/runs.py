"""`shipskip runs` and `shipskip cost`: what was kept, and what it cost."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import click

from panel.cli.exits import DIFFERS, exit_code, worst
from panel.cli.options import json_option, root_option
from panel.errors import StoreError

if TYPE_CHECKING:
    from panel.app.workspace import Workspace
    from panel.domain.run import Run
    from panel.domain.usage import By, Total

T = TypeVar("T")


@click.group()
def runs() -> None:
    """List, show and compare recorded runs."""


@runs.command("list")
@click.option(
    "--retryable", is_flag=True, help="Only those that the same command would go on with."
)
@json_option
@root_option
def list_runs(*, retryable: bool, as_json: bool, root: Path | None) -> int:
    """List the runs, oldest date first."""
    from panel.app.workspace import Workspace
    from panel.cli.report import print_json

    workspace = Workspace.open(root)
    found, faults = _read_all(workspace, lambda path: (path, workspace.runs.read(path)))
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
    return _say_faults(faults)


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
    from panel.cli.report import print_json
    from panel.cli.reviews import print_reviews
    from panel.publish.documents import twin_of_run

    recording = Workspace.open(root).find(run)
    if as_json:
        print_json({**twin_of_run(recording.run), "path": str(recording.path)})
    else:
        print_reviews(recording.run, recording.path)
    return 0


@runs.command("diff")
@click.argument("first")
@click.argument("second")
@json_option
@root_option
def diff_runs(*, first: str, second: str, as_json: bool, root: Path | None) -> int:
    """Say what differs between two runs of one tool, most visible first; exit 6 where anything does."""
    from panel.app.workspace import Workspace
    from panel.cli.report import print_json
    from panel.pipeline.diff import differences
    from panel.publish.cells import plain

    workspace = Workspace.open(root)
    found = list(differences(workspace.find(first).run, workspace.find(second).run))
    if as_json:
        print_json({"v": 1, "same": not found, "differences": found})
    else:
        click.echo("\n".join(map(plain, found)) or "the same")
    return DIFFERS if found else 0


@click.command(short_help="What the recorded calls cost, by run, persona, model or day.")
@click.option(
    "--by",
    type=click.Choice(["run", "persona", "model", "day"]),
    default="run",
    show_default=True,
    help="What the sums are by.",
)
@json_option
@root_option
def cost(*, by: "By", as_json: bool, root: Path | None) -> int:
    """Say what the recorded calls cost, by run, persona, model or day.

    Prices are those known today; what is under `unpriced` or `uncounted` is in no sum.
    """
    from panel.app.workspace import Workspace
    from panel.cli.report import print_json
    from panel.domain.usage import add_up, pay

    workspace = Workspace.open(root)
    rate_of = workspace.rate_of()
    recordings, faults = _read_all(workspace, workspace.runs.load)
    paid = [
        pay(found.run.id, found.run.inputs.date, exchange, rate_of)
        for found in recordings
        for exchange in found.exchanges
    ]
    totals = add_up(paid, by)
    if as_json:
        rows = [_sum_document(total) for total in totals]
        print_json({"v": 1, "by": by, "totals": rows, "faults": [str(fault) for fault in faults]})
    else:
        for total in totals:
            click.echo(_sum_line(total, max(len(one.name) for one in totals)))
        if not totals:
            _say_none(workspace.runs.name)
    return _say_faults(faults)


def _read_all(
    workspace: "Workspace", read: Callable[[PurePath], T]
) -> tuple[list[T], list[StoreError]]:
    """Return what `read` makes of every run, and why some cannot be read: one hides no other."""
    found, faults = [], []
    for path in workspace.runs.paths():
        try:
            found.append(read(path))
        except StoreError as error:
            faults.append(error)
    return found, faults


def _say_faults(faults: list[StoreError]) -> int:
    for fault in faults:
        click.echo(f"shipskip: {fault}", err=True)
    return worst(exit_code(fault) for fault in faults)


def _document(path: PurePath, run: "Run") -> dict[str, Any]:
    return {
        "run": run.id,
        "tool": run.tool.name,
        "date": run.inputs.date.isoformat(),
        "state": run.state,
        "engine": run.engine,
        "decision": run.verdict.decision if run.verdict else None,
        "ship_share": run.verdict.ship_share if run.verdict else None,
        "score": run.verdict.score if run.verdict else None,
        "path": str(path),
    }


def _row(run: "Run") -> str:
    """Return a run as a row: date, what it came to, ships of scorecards, score, id, who answered."""
    came_to = {"set_aside": "aside", "open": "broken off"}.get(run.state, run.state)
    count = score = ""
    if verdict := run.verdict:
        ships = len(verdict.ships)
        came_to = verdict.decision or "no verdict"
        count = f"{ships} of {ships + len(verdict.skips)}"
        score = "" if verdict.score is None else f"{verdict.score}"
    return f"{run.inputs.date}  {came_to:<10}  {count:<6}  {score:>4}  {run.id}  ({run.engine})"


def _say_none(store: str, *, retryable: bool = False) -> None:
    if retryable:
        click.echo(f"nothing in {store} is left to go on with", err=True)
    else:
        click.echo(f"nothing is recorded in {store} yet; `shipskip review TOOL` begins", err=True)


def _sum_document(total: "Total") -> dict[str, Any]:
    return {**total.model_dump(mode="json"), "cached_share": total.cached_share}


def _sum_line(total: "Total", longest: int) -> str:
    cached = f" ({total.cached_share:.0%} cached)" if total.cached_share else ""
    notes = f"  {total.unpriced} unpriced" if total.unpriced else ""
    notes += f"  {total.uncounted} uncounted" if total.uncounted else ""
    calls = f"{total.calls} call{'' if total.calls == 1 else 's'}"
    tokens = f"{total.usage.input:,} in{cached}, {total.usage.output:,} out"
    return f"{total.name:<{longest}}  ${total.amount:.4f}  {calls:>9}  {tokens}{notes}"
