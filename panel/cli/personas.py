"""`shipskip personas`: the personas listed, shown, checked and upgraded."""

from pathlib import Path

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json
from panel.errors import ConfigError


@click.group()
def personas() -> None:
    """List, show, check and upgrade the personas."""


@personas.command("list")
@json_option
@root_option
def list_personas(*, as_json: bool, root: Path | None) -> int:
    """List the personas with their mottos."""
    from panel.app.workspace import Workspace

    found = Workspace.open(root).persona_set.personas
    if as_json:
        fields = {"key", "name", "short", "motto", "criteria"}
        rows = [one.model_dump(mode="json", include=fields) for one in found]
        print_json({"v": 1, "personas": rows})
        return 0
    for persona in found:
        click.echo(f"{persona.key:<18} {persona.motto}")
    return 0


@personas.command("show")
@click.argument("key")
@json_option
@root_option
def show_persona(*, key: str, as_json: bool, root: Path | None) -> int:
    """Show a persona as its model reads it; with --json its fields, as the file has them."""
    from panel.app.workspace import Workspace

    (persona,) = Workspace.open(root).persona_set.choose([key])
    if as_json:
        fields = persona.model_dump(mode="json", exclude_none=True)
        print_json({"v": 1, **fields})
    else:
        click.echo(persona.render())
    return 0


@personas.command("check")
@root_option
def check_personas(*, root: Path | None) -> int:
    """Check personas and prompts; every fault is named by file and key."""
    from panel.app.workspace import Workspace

    persona_set = Workspace.open(root).persona_set
    click.echo(
        f"{len(persona_set.personas)} personas, "
        f"{sum(len(persona.criteria) for persona in persona_set.personas)} criteria, "
        f"{len(persona_set.prompts)} prompts: no fault found"
    )
    return 0


@personas.command("upgrade")
@root_option
def upgrade_personas(*, root: Path | None) -> int:
    """Bring personas and prompts of the former format, with one rubric for all, to today's."""
    from panel.app.settings import FILE
    from panel.app.upgrade import upgrade_personas
    from panel.app.workspace import find_root
    from panel.cli.terminal import fold

    home = root or find_root(Path.cwd())
    if home is None or not (home / FILE).is_file():
        raise ConfigError("no workspace is here. Name one with --root DIR.")
    done = upgrade_personas(home)
    if done is None:
        click.echo(f"{home}: its personas are of today's format; nothing was changed")
        return 0
    if done.built_in:
        click.echo(fold(f"{', '.join(done.built_in)}: today's built-in persona", ""))
    for key in done.converted:
        what = "its texts, and the criteria that it gave most weight to; look over lens and anchors"
        click.echo(fold(f"{key}: {what}", ""))
    click.echo(fold(f"the former files: {' and '.join(map(str, done.kept))}", ""))
    click.echo("next  shipskip personas check")
    return 0
