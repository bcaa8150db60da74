"""`shipskip site`: the public site of what an editor has approved."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from panel.cli.gc import collect_later
from panel.cli.options import json_option, root_option
from panel.cli.output import print_json
from panel.errors import ExitCode

if TYPE_CHECKING:
    from panel.app.site import SiteReport

F = TypeVar("F", bound=Callable[..., Any])
_PORT = 8080


def _site_option(command: F) -> F:
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where the site is (default: public in the workspace).",
    )(command)


@click.group(short_help="The public site: build it, check it, look at it.")
def site() -> None:
    """Build the public site from approved runs, check it, and look at it on this machine."""


@site.command()
@_site_option
@json_option
@root_option
def build(*, out: Path | None, as_json: bool, root: Path | None) -> int:
    """Build the site and put it in the place of the one before, in one step.

    What has not changed is taken from the build before. A build that fails leaves the old site.
    """
    with collect_later():
        from panel.app.site import build_site
        from panel.app.workspace import Workspace

        report = build_site(Workspace.open(root, own=True), out)
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    return ExitCode.DONE


def _document(report: "SiteReport") -> dict[str, Any]:
    built = report.built
    return {
        "folder": str(built.folder),
        "digest": built.digest,
        "files": built.files,
        "made": built.made,
        "bytes": built.size,
        "new": built.is_new,
        "tools": report.tools,
        "withdrawn": report.withdrawn,
        "comparisons": report.comparisons,
        "unknown": list(report.unknown),
    }


def _print(report: "SiteReport") -> None:
    from panel.domain.wording import counted

    built = report.built
    gone = f", {report.withdrawn} withdrawn" if report.withdrawn else ""
    click.echo(
        f"{built.folder}: {counted(report.tools, 'tool')}{gone}, "
        f"{counted(report.comparisons, 'comparison')}; {counted(built.files, 'file')}, "
        f"{built.made} made anew{'' if built.is_new else '; it is the site that was there'}"
    )
    for slug in report.unknown:
        click.echo(
            f"shipskip: [site] pairs names {slug}, which is not published: it is left out.",
            err=True,
        )
    if not report.tools:
        click.echo("Nothing is approved yet: `shipskip approve RUN --as NAME --reason TEXT`.")


@site.command()
@_site_option
@json_option
@click.option("--browser", is_flag=True, help="Chromium with axe, and the Nu HTML checker, too.")
@root_option
def check(*, out: Path | None, as_json: bool, browser: bool, root: Path | None) -> int:
    """Check the built site: links, ids, JSON-LD, feeds, contrast, weight and wording.

    Exit 6 where something is wrong.
    """
    from panel.app.site_check import check_site
    from panel.app.workspace import Workspace

    report = check_site(Workspace.open(root, own=True), out, browser=browser)
    if as_json:
        print_json(report.document)
    else:
        for fault in report.faults:
            click.echo(f"{fault.path}: {fault.what}")
        for line in report.notes:
            click.echo(line, err=True)
        click.echo(report.summary)
    return ExitCode.DIFFERS if report.faults else ExitCode.DONE


@site.command()
@_site_option
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=_PORT,
    show_default=True,
    help="The port; 0 takes one that is free.",
)
@root_option
def serve(*, out: Path | None, port: int, root: Path | None) -> int:
    """Serve the built site on this machine alone, with the headers of its `_headers`."""
    from panel.app.site import serve_site
    from panel.app.workspace import Workspace

    serve_site(Workspace.open(root, own=True), out, port, click.echo)
    return ExitCode.DONE
