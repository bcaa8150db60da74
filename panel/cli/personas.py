"""`shipskip personas`: the personas listed, shown, checked, tried and upgraded."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.exit_codes import worst
from panel.cli.options import answered_by_option, json_option, model_option, root_option
from panel.cli.output import print_json, say
from panel.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from panel.app.workspace import Workspace
    from panel.domain.review import Review


@click.group()
def personas() -> None:
    """List, show, check, try and upgrade the personas."""


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
@click.option(
    "--against",
    metavar="DIR",
    help="Convene the panel on these controls too, and refuse what got worse (extra: audit).",
)
@model_option
@answered_by_option
@root_option
def check_personas(
    *,
    against: str | None,
    models: tuple[str, ...],
    answered_by: str | None,
    root: Path | None,
) -> int:
    """Check personas and prompts; every fault is named by file and key.

    With --against they stand before the controls of DIR (`starter` has some to begin with): the gate
    for a changed persona or prompt. It refuses, with exit code 7, a vote that was right the last time
    and is wrong now, and one that is wrong on a clear control.
    """
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    persona_set = workspace.persona_set
    click.echo(
        f"{len(persona_set.personas)} personas, "
        f"{sum(len(persona.criteria) for persona in persona_set.personas)} criteria, "
        f"{len(persona_set.prompts)} prompts: no fault found"
    )
    if against is None:
        return 0
    return _check_against(workspace, against, models, answered_by)


@personas.command("try")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--on", required=True, metavar="RUN", help="A run's folder, its id, or a slug.")
@model_option
@answered_by_option
@root_option
def try_persona(
    *, file: Path, on: str, models: tuple[str, ...], answered_by: str | None, root: Path | None
) -> int:
    """Show how the persona in FILE reviews the tool of RUN, beside that run's own review."""
    from panel.app.controls import try_persona
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.app.workspace import Workspace
    from panel.cli.audit import echo_lines

    options = ReviewOptions(models=models, answered_by=answered_by or BY_HAND)
    tried = try_persona(Workspace.open(root), file, on, options)
    click.echo(f"{tried.persona.name} on {tried.tool.name}")
    for when, review in (("then", tried.before), ("now", tried.now)):
        echo_lines(_review_lines(when, review))
    return ExitCode.DONE if tried.is_reviewed else tried.exit_code


@personas.command("upgrade")
@root_option
def upgrade_personas(*, root: Path | None) -> int:
    """Bring personas and prompts of the former format, with one rubric for all, to today's."""
    from panel.app.persona_upgrade import upgrade_personas
    from panel.app.settings import FILE
    from panel.app.workspace import find_root, this_folder
    from panel.cli.terminal import wrap

    home = root or find_root(this_folder())
    if home is None or not (home / FILE).is_file():
        raise ConfigError("no workspace is here. Name one with --root DIR.")
    done = upgrade_personas(home)
    if done is None:
        click.echo(f"{home}: its personas are of today's format; nothing was changed")
        return 0
    if done.built_in:
        click.echo(wrap(f"{', '.join(done.built_in)}: today's built-in persona", ""))
    for key in done.converted:
        what = "its texts, and the criteria that it gave most weight to; look over lens and anchors"
        click.echo(wrap(f"{key}: {what}", ""))
    click.echo(wrap(f"the former files: {' and '.join(map(str, done.kept))}", ""))
    click.echo("next  shipskip personas check")
    return 0


def _check_against(
    workspace: "Workspace", folder: str, models: tuple[str, ...], answered_by: str | None
) -> int:
    from panel.app.controls import check_controls
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.audit.control_report import moved_lines
    from panel.cli.audit import control_events, echo_lines

    options = ReviewOptions(models=models, answered_by=answered_by or BY_HAND)
    found = check_controls(workspace, folder, options, control_events())
    report = found.report
    echo_lines(moved_lines(report))
    if not report.moved:
        click.echo("no vote moved since the last time")
    for one, vote in report.refused:
        why = "was right the last time" if vote.is_worse else "is a clear control"
        say(
            f"refused: {vote.name} on {one.key}: {vote.vote}, its lens says {vote.expected}; it {why}"
        )
    if report.refused:
        return ExitCode.GATE
    if not found.exit_codes:
        return ExitCode.NOTHING_EVALUATED
    if worst(found.exit_codes) == ExitCode.DONE:
        click.echo("the gate is passed")
    return worst(found.exit_codes)


def _review_lines(when: str, review: "Review | None") -> Iterator[str]:
    if review is None:
        yield f"  {when}: no review"
    elif review.kind == "abstention":
        yield f"  {when}: no valid review: {review.reason}"
    else:
        yield f"  {when}: {review.verdict}, {review.score} of 10, by {review.provider}:{review.model}"
        for finding in review.ballot.findings:
            yield f"    {finding.criterion} {finding.score} of 5: {finding.finding}"
        yield f"    {review.ballot.take_text}"
