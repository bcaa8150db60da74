"""`shipskip doctor`: who would answer, what is set, whether runs can be written."""

from pathlib import Path
from typing import Any

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json
from panel.errors import ExitCode, PanelError


@click.command(short_help="Who would answer, what is set, whether runs can be written.")
@json_option
@root_option
def doctor(*, as_json: bool, root: Path | None) -> int:
    """Say who would answer, what is set and whether runs can be written."""
    from panel.app.doctor import examine

    try:
        found = examine(root)
    except PanelError as error:
        found = {"v": 1, "ok": False, "faults": str(error).splitlines()}
    if as_json:
        print_json(found)
    else:
        _print(found)
    return ExitCode.DONE if found["ok"] else ExitCode.USAGE


def _print(found: dict[str, Any]) -> None:
    from panel.cli.terminal import wrap

    for fault in found["faults"]:
        click.echo(wrap(fault, "fault    "))
    if "root" not in found:
        return
    for fault in found["damaged"]:
        click.echo(wrap(fault, "damaged  "))
    click.echo(f"root     {found['root']}")
    damaged = f", {len(found['damaged'])} damaged" if found["damaged"] else ""
    click.echo(f"runs     {found['runs']} kept{damaged}")
    if last := found["last_batch"]:
        ended = f"exit {last['exit']}" if last["ended"] else "not ended"
        click.echo(
            f"batch    {last['id']}, {ended}, {last['hours_ago']} h ago, {last['left']} left"
        )
    for assignment in found["assignments"]:
        click.echo(f"reviewer {assignment['persona']:<18}{assignment['ref']}")
    for one in found["services"]:
        line = f"{one['name']:<18}{one['key']}; {one['address']}; {one['takes']}"
        click.echo(wrap(line, "service  "))
    for name, state in found["libraries"].items():
        click.echo(f"library  {name:<18}{state}")
    for note in found["notes"]:
        click.echo(wrap(note, "note     "))
