"""`shipskip replay`: recorded runs through today's code."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.exits import DIFFERS
from panel.cli.options import json_option, root_option

if TYPE_CHECKING:
    from panel.app.replay import Replayed


@click.command(short_help="Take recorded runs through today's code: no key, no network.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "--as-recorded",
    is_flag=True,
    help="Use the prompts, personas and rubric of the recording, not today's.",
)
@json_option
@root_option
def replay(*, runs: tuple[str, ...], as_recorded: bool, as_json: bool, root: Path | None) -> int:
    """Replay recorded runs (all finished ones, where none is named): no key, no network.

    Exit 6 where a request, a review or a verdict differs; what a reader would notice comes first.
    """
    from panel.app.replay import replay_runs
    from panel.app.workspace import Workspace
    from panel.cli.report import print_json

    found = replay_runs(Workspace.open(root), runs, as_recorded=as_recorded)
    if as_json:
        print_json({"v": 1, "replays": [one.document for one in found]})
    else:
        _print(found)
    return 0 if all(one.same for one in found) else DIFFERS


def _print(found: "list[Replayed]") -> None:
    from panel.publish.cells import plain

    for one in found:
        click.echo(f"{'same   ' if one.same else 'DIFFERS'}  {one.path}")
        for difference in one.differences:
            for line in difference.splitlines():
                click.echo(f"    {plain(line)}")
    different = sum(not one.same for one in found)
    if not found:
        click.echo("no finished run is recorded here", err=True)
    else:
        click.echo(f"{len(found)} replayed, {different or 'none'} differ", err=True)
