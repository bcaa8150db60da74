"""`shipskip predictions`: what reviewers said that a day would show, and what it showed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import end_with_faults, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panel.domain.prediction import ClaimOutcome, Prediction, PredictionRecord

_LOST = "its claims may be missing"


@click.group(short_help="The reviewers' dated claims: due, list, resolve.")
def predictions() -> None:
    """List the reviewers' dated claims, and write down what came of them."""


@predictions.command(short_help="What has to be resolved now.")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Instead of today."
)
@json_option
@root_option
def due(*, day: datetime | None, as_json: bool, root: Path | None) -> int:
    """List the open predictions whose day has come, the oldest first."""
    from panel.app.predictions import ClaimIndex, next_due
    from panel.app.predictions import due as find_due
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    on, index = day.date() if day else None, ClaimIndex(workspace)
    found = find_due(workspace, on, index)
    if as_json:
        print_json({"v": 1, "due": [_document(one) for one in found]})
        return end_with_faults(index.faults, _LOST)
    for one in found:
        _print(one)
    if not found:
        coming = next_due(workspace, 1, on, index)
        when = f"; the next one is on {coming[0].claim.by}" if coming else ""
        click.echo(f"no prediction is due{when}", err=True)
    return end_with_faults(index.faults, _LOST)


@predictions.command("list", short_help="All of them, and each reviewer's record.")
@click.option("--reviewer", metavar="KEY", help="Only of this persona.")
@json_option
@root_option
def list_predictions(*, reviewer: str | None, as_json: bool, root: Path | None) -> int:
    """List all predictions by their day, then each reviewer's record."""
    from panel.app.predictions import ClaimIndex, records
    from panel.app.predictions import predictions as find
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    index = ClaimIndex(workspace)
    found = find(workspace, index=index)
    if reviewer is not None:
        found = _of_reviewer(reviewer, found)
    kept = records(found)
    if as_json:
        rows = [_document(one) for one in found]
        print_json(
            {"v": 1, "predictions": rows, "records": [one.model_dump(mode="json") for one in kept]}
        )
        return end_with_faults(index.faults, _LOST)
    for one in found:
        _print(one)
    for record in kept:
        click.echo(_record_line(record))
    if not found:
        click.echo("no reviewer has predicted anything yet", err=True)
    return end_with_faults(index.faults, _LOST)


@predictions.command(short_help="Say what came of one.")
@click.argument("id")
@click.option(
    "--outcome",
    type=click.Choice(["yes", "no", "void"]),
    required=True,
    help="Whether it came true; void where nobody can tell any more.",
)
@click.option("--note", required=True, metavar="TEXT", help="What was found; kept, never erased.")
@click.option("--source", required=True, metavar="URL", help="Where a reader can see it.")
@click.option("--as", "editor", required=True, metavar="NAME", help="Who resolves it.")
@click.option("--again", is_flag=True, help="It was resolved before; both stay in the journal.")
@json_option
@root_option
def resolve(
    *,
    id: str,  # noqa: A002 - click names it so
    outcome: "ClaimOutcome",
    note: str,
    source: str,
    editor: str,
    again: bool,
    as_json: bool,
    root: Path | None,
) -> int:
    """Write down what came of the prediction ID: yes, no, or void where nobody can tell."""
    from panel.app import predictions as app
    from panel.app.workspace import Workspace
    from panel.errors import AlreadyResolved

    workspace = Workspace.open(root, own=True)
    try:
        made = app.resolve(
            workspace, id, outcome, note=note, source=source, editor=editor, again=again
        )
    except AlreadyResolved as error:
        raise AlreadyResolved(
            f"{error} To change it, give --again; both stay in the journal."
        ) from error
    if as_json:
        print_json({"v": 1, **_document(made)})
    else:
        _print(made)
    return 0


def _of_reviewer(reviewer: str, found: "Sequence[Prediction]") -> "tuple[Prediction, ...]":
    """Return the predictions of a reviewer. Raises ConfigError where all are of others."""
    from panel.errors import ConfigError

    chosen = tuple(one for one in found if one.claim.reviewer == reviewer)
    if found and not chosen:
        known = ", ".join(sorted({one.claim.reviewer for one in found}))
        raise ConfigError(f"{reviewer}: no prediction is by this reviewer. Give one of {known}.")
    return chosen


def _document(one: "Prediction") -> dict[str, Any]:
    return one.model_dump(mode="json")


def _print(one: "Prediction") -> None:
    from panel.cli.terminal import wrap

    claim, resolution = one.claim, one.resolution
    came = "open" if resolution is None else f"{resolution.outcome}, says {resolution.editor}"
    click.echo(wrap(f"{claim.by}  {claim.id}: {claim.name} ({came})", "", "  "))
    click.echo(wrap(f"{claim.probability:.0%}: {claim.claim}", "  "))
    if resolution is not None:
        click.echo(wrap(f"{resolution.note} {resolution.source}", "  "))


def _record_line(record: "PredictionRecord") -> str:
    from panel.domain.calibration import COIN
    from panel.domain.prediction import FEWEST_RESOLVED

    counts = f"{record.open} open, {record.came_true} of {record.resolved} came true"
    if record.brier is None or record.base_rate is None:
        return f"{record.reviewer}: {counts}; a score is said from {FEWEST_RESOLVED} resolved on"
    return (
        f"{record.reviewer}: {counts} ({record.base_rate:.0%}), Brier score {record.brier:.3f}, "
        f"a coin toss has {COIN:.3f}"
    )
