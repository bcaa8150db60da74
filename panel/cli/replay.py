"""`shipskip replay`: recorded runs through today's code."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json
from panel.errors import ExitCode

if TYPE_CHECKING:
    from panel.app.replay import ReplayResult


@click.command(short_help="Take recorded runs through today's code: no key, no network.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "--as-recorded",
    is_flag=True,
    help="Use the prompts and personas of the recording, not today's.",
)
@json_option
@root_option
def replay(*, runs: tuple[str, ...], as_recorded: bool, as_json: bool, root: Path | None) -> int:
    """Replay recorded runs (all finished ones, where none is named): no key, no network.

    Exit 6 where a request, a review or a verdict differs, or a recording is damaged or missing; what a
    reader would notice comes first.
    """
    from panel.app.replay import replay as replay_runs

    found = replay_runs(*runs, workspace=root, as_recorded=as_recorded)
    if as_json:
        print_json({"v": 1, "replays": [one.document for one in found]})
    else:
        _print(found)
    return ExitCode.DONE if all(one.is_same for one in found) else ExitCode.DIFFERS


def _print(found: "list[ReplayResult]") -> None:
    from panel.publish.cells import plain

    for one in found:
        click.echo(f"{_word(one)}  {one.path}")
        for said in (one.damage,) if one.damage else one.differences:
            for line in said.splitlines():
                click.echo(f"    {plain(line)}")
    missing = sum(one.is_missing for one in found)
    damaged = sum(one.damage is not None for one in found) - missing
    different = sum(not one.is_same for one in found) - damaged - missing
    if not found:
        click.echo("no finished run is recorded here", err=True)
        return
    unread = f", {damaged} damaged and passed over" if damaged else ""
    unread += f", {missing} missing" if missing else ""
    replayed = len(found) - damaged - missing
    click.echo(f"{replayed} replayed, {different or 'none'} differ{unread}", err=True)


def _word(one: "ReplayResult") -> str:
    if one.is_missing:
        return "MISSING"
    if one.damage:
        return "DAMAGED"
    return "same   " if one.is_same else "DIFFERS"
