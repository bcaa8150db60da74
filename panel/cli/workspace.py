"""`shipskip personas`, `shipskip doctor` and `shipskip init`: a workspace, looked at and laid out."""

from pathlib import Path
from typing import Any

import click

from panel.cli.options import json_option, root_option
from panel.errors import ConfigError, PanelError, StoreError


@click.group()
def personas() -> None:
    """List, show and check the personas."""


@personas.command("list")
@root_option
def list_personas(*, root: Path | None) -> int:
    """List the personas with their mottos."""
    from panel.app.workspace import Workspace

    for persona in Workspace.open(root).persona_set.personas:
        click.echo(f"{persona.key:<18} {persona.motto}")
    return 0


@personas.command("show")
@click.argument("key")
@root_option
def show_persona(*, key: str, root: Path | None) -> int:
    """Show a persona as its model reads it."""
    from panel.app.workspace import Workspace

    click.echo(Workspace.open(root).persona_set.choose([key])[0].render())
    return 0


@personas.command("check")
@root_option
def check_personas(*, root: Path | None) -> int:
    """Check personas, rubric and prompts; every fault is named by file and key."""
    from panel.app.workspace import Workspace

    persona_set = Workspace.open(root).persona_set
    click.echo(
        f"{len(persona_set.personas)} personas, {len(persona_set.rubric.criteria)} criteria, "
        f"{len(persona_set.prompts)} prompts: no fault found"
    )
    return 0


@click.command(short_help="Who would answer, what is set, whether runs can be written.")
@json_option
@root_option
def doctor(*, as_json: bool, root: Path | None) -> int:
    """Say who would answer, what is set and whether runs can be written."""
    from panel.app.doctor import examine
    from panel.cli.report import print_json

    try:
        found = examine(root)
    except PanelError as error:
        found = {"v": 1, "ok": False, "faults": str(error).splitlines()}
    if as_json:
        print_json(found)
    else:
        _print_findings(found)
    return 0 if found["ok"] else 2


@click.command(short_help="Lay out settings, personas and prompts to edit in a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(*, folder: Path) -> int:
    """Lay out a workspace in FOLDER: settings, personas and prompts to edit. Overwrites nothing."""
    from panel.app.layout import built_in

    source = built_in()
    names = [source / "shipskip.toml"]
    names += sorted((source / "personas").glob("*.yaml")) + sorted(
        (source / "prompts").glob("*.md")
    )
    there = [folder / name.relative_to(source) for name in names]
    taken = [path for path in there if path.exists()]
    if taken:
        raise ConfigError(f"{taken[0]} exists already; nothing was written. Name an empty folder.")
    try:
        for name, path in zip(names, there, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.read_bytes())
    except OSError as error:
        raise StoreError(
            f"{error.filename}: {error.strerror}. Name a folder to write to."
        ) from error
    click.echo(
        f"{folder}: {len(names)} files. Edit personas/ and prompts/, then `shipskip review`."
    )
    return 0


def _print_findings(found: dict[str, Any]) -> None:
    from panel.cli.terminal import fold

    for fault in found["faults"]:
        click.echo(fold(fault, "fault    "))
    if "root" not in found:
        return
    click.echo(f"root     {found['root']}")
    click.echo(f"runs     {found['runs']} kept")
    if last := found["last_batch"]:
        ended = f"exit {last['exit']}" if last["ended"] else "not ended"
        click.echo(
            f"batch    {last['id']}, {ended}, {last['hours_ago']} h ago, {last['left']} left"
        )
    for assignment in found["assignments"]:
        click.echo(f"seat     {assignment['persona']:<18}{assignment['ref']}")
    for name, state in found["keys"].items():
        click.echo(f"key      {name:<18}{'is set' if state else 'is not set'}")
    for name, state in found["libraries"].items():
        click.echo(f"library  {name:<18}{state}")
    for note in found["notes"]:
        click.echo(fold(note, "note     "))
