"""`shipskip held`: the tools that no reviewer has seen, because their text addresses the reviewers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import json_option, root_option
from panel.errors import ConfigError

if TYPE_CHECKING:
    from panel.app.workspace import Workspace
    from panel.domain.job import Job
    from panel.ports import Ledger

_FEWEST = 6  # or a typing error releases the wrong one
_SHOWN = 12  # of the 32 signs of a job's id: enough to tell held ones apart


@click.command(short_help="The tools that the batch held: read them, release one.")
@click.option(
    "--release",
    "released",
    multiple=True,
    metavar="JOB",
    help="Put it before the panel all the same, with the next batch. Its id, or the first signs of it.",
)
@click.option("--reason", metavar="TEXT", help="Why it is released; kept in the journal.")
@json_option
@root_option
def held(*, released: tuple[str, ...], reason: str | None, as_json: bool, root: Path | None) -> int:
    """Show each held tool with its text, as a person has to read it before any reviewer does.

    What is released is still fenced, flagged and marked on its page.
    """
    from panel.app.workspace import Workspace

    if reason and not released:
        raise click.UsageError("--reason says why one is released: name it with --release.")
    if released and not reason:
        raise click.UsageError(
            "--release needs --reason: the journal keeps what was released, and why."
        )
    workspace = Workspace.open(root)
    if not workspace.has_ledger:
        raise ConfigError(f"{workspace.root}: no batch was ever begun here. `shipskip batch FEED`.")
    with workspace.ledger() as ledger:
        jobs = [ledger.jobs.get(id_) for id_ in ledger.jobs.ids(frozenset({"held"}))]
        if released:
            return _release(workspace, ledger, [_find(jobs, name) for name in released], reason)
    _show(jobs, as_json=as_json)
    return 0


def _find(jobs: "list[Job]", name: str) -> "Job":
    if len(name) < _FEWEST:
        raise ConfigError(
            f"{name!r}: an id has {_FEWEST} characters or more here. `shipskip held` shows them."
        )
    found = [job for job in jobs if job.id.startswith(name.casefold())]
    if len(found) != 1:
        what = "several held tools have such an id" if found else "no held tool has that id"
        raise ConfigError(f"{name}: {what}. `shipskip held` shows them.")
    return found[0]


def _release(
    workspace: "Workspace", ledger: "Ledger", jobs: "list[Job]", reason: str | None
) -> int:
    from panel.publish.cells import plain

    for job in jobs:
        now = workspace.clock.now()
        ledger.jobs.transition(job.id, "queued", now, actor="editor", reason=reason)
        click.echo(f"released {plain(job.tool.name)}; `shipskip batch --resume` convenes its panel")
    return 0


def _show(jobs: "list[Job]", *, as_json: bool) -> None:
    from panel.cli.output import print_json
    from panel.cli.terminal import fold
    from panel.publish.cells import plain

    if as_json:
        print_json({"v": 1, "held": [job.model_dump(mode="json") for job in jobs]})
        return
    for job in jobs:
        click.echo(f"{job.id[:_SHOWN]}  {plain(job.tool.name)}")
        click.echo(fold(f"{job.source}, {job.tool.url or 'no link'}", "  "))
        click.echo(fold(job.reason or "", "  ! "))
        for line in job.tool.description.splitlines():
            click.echo(fold(line, "  | "))
        click.echo("")
    click.echo("`shipskip held --release ID --reason TEXT` releases one." if jobs else "none")
