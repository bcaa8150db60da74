"""`shipskip runs prune`: old runs are removed, and archived before."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.cli.options import Duration, json_option, root_option
from panel.cli.output import print_json
from panel.domain.wording import counted
from panel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panel.app.prune import OldRun, PrunePlan
    from panel.errors import PanelError

_SHOWN = 20
_UNIT = 1000
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@click.command("prune")
@click.option(
    "--older-than",
    type=Duration(),
    required=True,
    metavar="TIME",
    help="Only runs that began longer ago: 90d, 12h.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Put them into this new tar file first, .tar or .tar.gz; it is read back and compared.",
)
@click.option("--yes", is_flag=True, help="Remove them; without it, only say what would go.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pages are (default: site/ in the workspace).",
)
@json_option
@root_option
def prune(
    *,
    older_than: float,
    archive: Path | None,
    yes: bool,
    out: Path | None,
    as_json: bool,
    root: Path | None,
) -> int:
    """Remove runs that began longer ago than TIME. Without --yes it only says what would go.

    Kept are the ledger with its journal, every run that is published, that an editor decided on but to
    reject it, or that a page or a comparison shows, and every run that can go on. A removed run is not
    missed by `shipskip replay`.
    """
    from datetime import timedelta

    from panel.app.prune import archive_runs, plan_prune, remove_runs
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    plan = plan_prune(workspace, timedelta(seconds=older_than), out)
    size, failed = None, []
    if yes:
        size = archive_runs(workspace, plan, archive) if archive and plan.removed else None
        failed = [
            (run, error)
            for run, error in remove_runs(workspace, plan, archive)
            if error is not None
        ]
    if as_json:
        print_json(_document(plan, failed, archive=archive, size=size, done=yes))
    else:
        _print(plan, failed, archive=archive, size=size, done=yes)
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _print(
    plan: "PrunePlan",
    failed: "Sequence[tuple[OldRun, PanelError]]",
    *,
    archive: Path | None,
    size: int | None,
    done: bool,
) -> None:
    from panel.app.prune import reasons
    from panel.publish.cells import plain

    for run in plan.removed[:_SHOWN]:
        click.echo(f"{plain(str(run.path))}  {_bytes(run.size)}")
    if (more := len(plan.removed) - _SHOWN) > 0:
        click.echo(f"and {more:,} more")
    for why, number in reasons(plan).items():
        click.echo(f"kept: {counted(number, 'old run')}, because {why}")
    for run, error in failed:
        click.echo(f"shipskip: {plain(str(run.path))}: {plain(str(error))}", err=True)
    total = f"{counted(len(plan.removed), 'run')}, {_bytes(plan.size)}"
    if not done:
        click.echo(f"{total} would be removed. Nothing was; --yes does it.")
        return
    if size is not None:
        click.echo(f"archived in {plain(str(archive))}, {_bytes(size)}")
    click.echo(f"{counted(len(plan.removed) - len(failed), 'run')} of {total} removed.")


def _document(
    plan: "PrunePlan",
    failed: "Sequence[tuple[OldRun, PanelError]]",
    *,
    archive: Path | None,
    size: int | None,
    done: bool,
) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": "prune",
        "done": done,
        "removed": [{"path": str(run.path), "bytes": run.size} for run in plan.removed],
        "bytes": plan.size,
        "kept": [{"path": str(run.path), "why": run.kept} for run in plan.kept],
        "failed": [{"path": str(run.path), "why": str(error)} for run, error in failed],
        "archive": None if size is None else {"file": str(archive), "bytes": size},
    }


def _bytes(number: int) -> str:
    """Return a number of bytes as `3.2 MB`."""
    size = float(number)
    for unit in _UNITS:
        if size < _UNIT or unit == _UNITS[-1]:
            break
        size /= _UNIT
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"
