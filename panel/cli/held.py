"""`shipskip held`: tools whose text addresses the reviewers, before a panel and after one."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.exit_codes import worst
from panel.cli.options import answered_by_option, json_option, root_option
from panel.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from panel.app.panels import StoredRun
    from panel.app.workspace import Workspace
    from panel.domain.job import Job
    from panel.domain.run import Run
    from panel.errors import StoreError

_FEWEST = 6  # or a typing error releases the wrong one
_SHOWN = 12  # of the 32 characters of a job's id: enough to tell held ones apart


@click.command(
    short_help="Tools whose text addresses the reviewers: read, release or dismiss them."
)
@click.option(
    "--release",
    "released",
    multiple=True,
    metavar="ID",
    help="Let it go on: a tool of the batch (its id, or how it begins) goes before the panel "
    "with the next batch, a run stands as it is.",
)
@click.option(
    "--dismiss",
    "dismissed",
    multiple=True,
    metavar="ID",
    help="Set a tool of the batch aside: no panel is convened for this text of it.",
)
@click.option("--as", "editor", metavar="NAME", help="Who decides it.")
@click.option("--reason", metavar="TEXT", help="Why; kept and never erased.")
@click.option(
    "--without-passages",
    is_flag=True,
    help="Convene the panel of a run again, on the text without the passages that it reported.",
)
@answered_by_option
@json_option
@root_option
def held(
    *,
    released: tuple[str, ...],
    dismissed: tuple[str, ...],
    editor: str | None,
    reason: str | None,
    without_passages: bool,
    answered_by: str | None,
    as_json: bool,
    root: Path | None,
) -> int:
    """Show each held tool with its text, as a person has to read it before anything goes on.

    Before a panel the batch holds what screening found. After a panel a run is held where a reviewer or
    intake reported a passage that addresses the reviewers. What is released is marked on its page.
    """
    from panel.app.held import held_jobs
    from panel.app.workspace import Workspace

    if without_passages and not released:
        raise click.UsageError("--without-passages goes with --release.")
    if answered_by and not without_passages:
        raise click.UsageError("--answered-by goes with --without-passages: else nobody is asked.")
    if as_json and (released or dismissed):
        raise click.UsageError(
            "--json lists what is held; leave it out with --release or --dismiss."
        )
    if (reason or editor) and not (released or dismissed):
        raise click.UsageError("--as and --reason go with --release or --dismiss.")
    workspace = Workspace.open(root, own=True)
    jobs, damaged = held_jobs(workspace)
    if not (released or dismissed):
        return _show(workspace, jobs, damaged, as_json=as_json)
    if not (reason and editor):
        raise click.UsageError("it needs --as NAME and --reason TEXT: both are kept.")
    for name in dismissed:
        _dismiss(workspace, jobs, name, editor, reason)
    release = _ReleaseOptions(editor, reason, answered_by, again=without_passages)
    return worst(_release(workspace, jobs, name, release) for name in released)


@dataclass(frozen=True)
class _ReleaseOptions:
    """Who releases something and why; `again` is without the passages that were reported."""

    editor: str
    reason: str
    answered_by: str | None
    again: bool


def _held_job(jobs: "list[Job]", name: str) -> "Job | None":
    """Return the held tool of the batch that `name` is the id of, or the beginning of it."""
    if len(name) < _FEWEST:
        raise ConfigError(
            f"{name!r}: an id has {_FEWEST} characters or more here. `shipskip held` shows them."
        )
    found = [job for job in jobs if job.id.startswith(name.casefold())]
    if found[1:]:
        raise ConfigError(
            f"{name}: several held tools have such an id. `shipskip held` shows them."
        )
    return found[0] if found else None


def _dismiss(
    workspace: "Workspace", jobs: "list[Job]", name: str, editor: str, reason: str
) -> None:
    from panel.app.held import dismiss_job
    from panel.publish.cells import plain

    job = _held_job(jobs, name)
    if job is None:
        raise ConfigError(
            f"{name}: no tool of the batch is held under that id. `shipskip held` shows them; a run is "
            "turned down by `shipskip reject`."
        )
    dismiss_job(workspace, job, editor, reason)
    click.echo(f"dismissed {plain(job.tool.name)}; another text of it is looked at anew")


def _release(
    workspace: "Workspace", jobs: "list[Job]", name: str, release: _ReleaseOptions
) -> ExitCode:
    from panel.app.held import find_held_run, release_run
    from panel.publish.cells import plain

    job = _held_job(jobs, name)
    if job and release.again:
        raise ConfigError(
            f"{name}: no panel has seen it yet, so no passage was reported. Release it as it is."
        )
    if job:
        _release_job(workspace, job, release)
        return ExitCode.DONE
    stored = find_held_run(workspace, name)
    if release.again:
        return _review_again(workspace, stored, release)
    published = release_run(workspace, stored, release.editor, release.reason)
    page = published.page if published else "none of its own: another run of the tool has it"
    click.echo(f"released {plain(stored.run.tool.name)}, {stored.run.id}")
    click.echo(f"  page  {page}")
    return ExitCode.DONE


def _release_job(workspace: "Workspace", job: "Job", release: _ReleaseOptions) -> None:
    from panel.app.held import release_job
    from panel.publish.cells import plain

    release_job(workspace, job, release.editor, release.reason)
    click.echo(f"released {plain(job.tool.name)}; `shipskip batch --resume` convenes its panel")


def _review_again(
    workspace: "Workspace", stored: "StoredRun", release: _ReleaseOptions
) -> ExitCode:
    from panel.app.event_loop import run_async
    from panel.app.held import review_without_passages
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.cli.run_summary import print_review

    options = ReviewOptions(answered_by=release.answered_by or BY_HAND)
    reviewed = run_async(
        lambda: review_without_passages(workspace, stored, release.editor, release.reason, options)
    )
    print_review(reviewed)
    click.echo(f"  moved {_moved(reviewed.run)}")
    return reviewed.exit_code


def _moved(run: "Run") -> str:
    before = run.release.before if run.release else None
    if run.has_moved is None or before is None or run.verdict is None:
        return "not known: one of the two panels came to no verdict"
    if run.has_moved:
        return f"yes: {before.decision} with the passages, {run.verdict.decision} without"
    return f"no: {run.verdict.decision} with and without the passages"


def _show(
    workspace: "Workspace", jobs: "list[Job]", damaged: "list[StoreError]", *, as_json: bool
) -> int:
    from panel.app.held import held_runs
    from panel.cli.output import end_with_faults, print_json

    runs, faults = held_runs(workspace)
    faults = [*damaged, *faults]
    if as_json:
        print_json(
            {
                "v": 1,
                "held": [job.model_dump(mode="json") for job in jobs],
                "runs": [_document(one) for one in runs],
            }
        )
        return end_with_faults(faults)
    for job in jobs:
        _show_job(job)
    for one in runs:
        _show_run(one)
    if not jobs and not runs:
        click.echo("none")
        return end_with_faults(faults)
    click.echo(
        "`shipskip held --release ID --as NAME --reason TEXT` releases one, --dismiss sets one aside."
    )
    if runs:
        click.echo(
            "With --without-passages a run's panel is convened again on the text without them."
        )
    return end_with_faults(faults)


def _document(stored: "StoredRun") -> dict[str, object]:
    run = stored.run
    return {
        "run": run.id,
        "path": str(stored.path),
        "name": run.tool.name,
        "decision": run.decision,
        "flags": [flag.model_dump(mode="json") for flag in run.flags if flag.holds],
        "testimony": run.testimony.model_dump(mode="json"),
        "description": run.inputs.tool.description,
    }


def _show_job(job: "Job") -> None:
    from panel.cli.terminal import wrap
    from panel.publish.cells import plain

    click.echo(f"{job.id[:_SHOWN]}  {plain(job.tool.name)}")
    click.echo(wrap(f"{job.source}, {job.tool.url or 'no link'}", "  "))
    click.echo(wrap(job.reason or "", "  ! "))
    _show_text(job.tool.description)


def _show_run(stored: "StoredRun") -> None:
    from panel.cli.run_summary import flag_line, headline
    from panel.publish.cells import plain

    run = stored.run
    click.echo(f"{run.id}  {plain(run.tool.name)}: {headline(run)}")
    for flag in run.flags:
        if flag.holds:
            click.echo(flag_line(flag))
    _show_text(run.inputs.tool.description)


def _show_text(text: str) -> None:
    from panel.cli.terminal import wrap

    for line in text.splitlines():
        click.echo(wrap(line, "  | "))
    click.echo("")
