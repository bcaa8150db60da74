"""`shipskip personas`: the personas listed, shown and checked."""

from pathlib import Path

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json


@click.group()
def personas() -> None:
    """List, show and check the personas."""


@personas.command("list")
@json_option
@root_option
def list_personas(*, as_json: bool, root: Path | None) -> int:
    """List the personas with their mottos."""
    from panel.app.workspace import Workspace

    found = Workspace.open(root).persona_set.personas
    if as_json:
        rows = [one.model_dump(mode="json", include={"key", "name", "motto"}) for one in found]
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
