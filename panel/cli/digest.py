"""`shipskip digest`: the weekly mail, from what is published to its readers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json, say
from panel.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from panel.app.digest import BuiltDigest
    from panel.digest.sending import SendReport

_EVERY = 100  # mails between two lines of progress


@contextmanager
def _extra() -> Iterator[None]:
    """Translate a missing package. Raises ConfigError."""
    try:
        yield
    except ImportError as error:
        raise ConfigError(
            "The digest needs more packages: pip install 'shipskip[digest]'"
        ) from error


@click.group(short_help="The weekly mail: build, approve, send, sign-up.")
def digest() -> None:
    """Build the weekly mail from what is published, have it approved, and send it.

    `[digest]` in shipskip.toml has the settings; docs/digest.md goes from nothing to the first mail.
    """


@digest.command(short_help="Write the mail of a week as files.")
@click.option("--week", metavar="WEEK", help="Like 2026-W48 (default: the week that is now).")
@json_option
@root_option
def build(*, week: str | None, as_json: bool, root: Path | None) -> int:
    """Choose what the mail says by rule, and write it as .eml, .html, .txt and .md.

    The same decisions give the same bytes. An approval of another text does not count any more.
    """
    with _extra():
        from panel.app.digest import build_digest, week_of
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    built = build_digest(workspace, week_of(workspace, week))
    if as_json:
        print_json(_document(built))
        return ExitCode.DONE
    click.echo(f"{built.letter.subject}\n{built.folder}")
    if built.approval is None:
        name = built.letter.issue.week
        say(f"not approved: shipskip digest approve {name} --as NAME --reason TEXT")
    return ExitCode.DONE


@digest.command(short_help="An editor approves the mail of a week.")
@click.argument("week")
@click.option("--as", "editor", required=True, metavar="NAME", help="Who approves it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; the journal keeps it.")
@json_option
@root_option
def approve(*, week: str, editor: str, reason: str, as_json: bool, root: Path | None) -> int:
    """Approve the mail of a week as it was built; a text that changes has to be approved again."""
    with _extra():
        from panel.app.digest import approve_digest, week_of
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    built = approve_digest(workspace, week_of(workspace, week), editor, reason)
    if as_json:
        print_json(_document(built))
    else:
        click.echo(f"{week}: approved by {editor}. `shipskip digest send {week}` sends it.")
    return ExitCode.DONE


@digest.command(short_help="Send the mail of a week, or go on with it.")
@click.argument("week")
@click.option(
    "--unsure-again",
    is_flag=True,
    help="Also to readers of whom nobody knows whether they have it.",
)
@json_option
@root_option
def send(*, week: str, unsure_again: bool, as_json: bool, root: Path | None) -> int:
    """Send an approved mail to everybody once. Run it again after a fault: it goes on.

    A reader whose mail was handed over when the process or the server died may have it or not; it is
    not sent again without --unsure-again.
    """
    with _extra():
        from panel.app.digest import send_digest, week_of
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)

    def tell(tried: int) -> None:
        if tried % _EVERY == 0:
            say(f"{tried} mails")

    report = send_digest(workspace, week_of(workspace, week), tell, unsure_too=unsure_again)
    if as_json:
        fault = str(report.fault) if report.fault else None
        counts = {str(state): number for state, number in report.counts.items()}
        print_json(
            {
                "v": 1,
                **counts,
                "earlier": report.earlier,
                "fault": fault,
                "damaged": len(report.damaged),
            }
        )
    else:
        click.echo(_say_report(report))
        if report.fault:
            say(str(report.fault))
    _name_damaged(report.damaged)
    return ExitCode.SOME_FAILED if report.is_incomplete else ExitCode.DONE


@digest.command(short_help="Make a draft at a newsletter service.")
@click.argument("engine", type=click.Choice(["listmonk", "buttondown"]))
@click.option("--week", metavar="WEEK", help="Like 2026-W48 (default: the week that is now).")
@root_option
def push(*, engine: Any, week: str | None, root: Path | None) -> int:  # noqa: ANN401 - one of a choice
    """Put a built mail into a newsletter service as a draft; it is sent there, by hand."""
    with _extra():
        from panel.app.digest import push_digest, week_of
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    click.echo(f"draft: {push_digest(workspace, week_of(workspace, week), engine)}")
    return ExitCode.DONE


@digest.command(short_help="Serve the sign-up pages (extra: desk).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8743, show_default=True, help="0: a free one."
)
@root_option
def serve(*, host: str, port: int, root: Path | None) -> int:
    """Serve the sign-up alone; `shipskip votes serve` has it beside the votes."""
    from panel.app.workspace import Workspace
    from panel.cli.log import Log
    from panel.cli.sign_up import open_sign_up

    workspace = Workspace.open(root, own=True)
    Log().show_warnings()
    with open_sign_up(workspace) as service:
        from panel.web.server import serve as run_server

        run_server(service.app(), host, port, lambda where: say(f"sign-up: {where}/digest/"))
    return ExitCode.DONE


@digest.command(short_help="Delete all that is known of an address.")
@click.argument("address")
@root_option
def forget(*, address: str, root: Path | None) -> int:
    """Delete an address: its sign-ups, its place on the list, and what became of mails to it."""
    with _extra():
        from panel.app.subscribers import address_of, open_subscribers
    from panel.app.workspace import Workspace

    wanted = address_of(address)
    with open_subscribers(Workspace.open(root, own=True)) as store:
        rows = store.forget(wanted)
    click.echo(f"{wanted}: {'nothing was known' if rows == 0 else 'forgotten'}")
    return ExitCode.DONE


@digest.command(short_help="A mail to an address came back.")
@click.argument("address")
@root_option
def bounce(*, address: str, root: Path | None) -> int:
    """Mark an address dead, as a mail that came back later says; nothing is sent to it any more."""
    with _extra():
        from panel.app.subscribers import address_of, open_subscribers
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    wanted = address_of(address)
    with open_subscribers(workspace) as store:
        known = store.mark_dead(wanted, workspace.clock.now())
    click.echo(f"{wanted}: {'dead' if known else 'not on the list'}")
    return ExitCode.DONE


@digest.command(short_help="The list, or what became of a week's mails.")
@click.option("--results", metavar="WEEK", help="What became of each mail of a week.")
@root_option
def export(*, results: str | None, root: Path | None) -> int:
    """Print the confirmed addresses, or the results of a week, a JSON line each: they are personal."""
    with _extra():
        from panel.app.digest import week_of
        from panel.app.subscribers import open_subscribers
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    with open_subscribers(workspace) as store:
        if results is None:
            damaged: list[str] = []
            for reader in store.subscribers(damaged.append):
                click.echo(reader.model_dump_json(exclude={"token"}))
            _name_damaged(damaged)
            return ExitCode.SOME_FAILED if damaged else ExitCode.DONE
        for address, delivery in store.results(week_of(workspace, results).name):
            click.echo(_line(address, delivery.state, delivery.answer))
    return ExitCode.DONE


@digest.command(short_help="What sending needs, and whether it is there.")
@json_option
@root_option
def check(*, as_json: bool, root: Path | None) -> int:
    """Check the settings and the session with the mail server. Nothing is sent."""
    with _extra():
        from panel.app.mail_server import check_digest
        from panel.app.subscribers import open_subscribers
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    checks = check_digest(workspace)
    with open_subscribers(workspace) as store:
        counts = store.counts()
    if as_json:
        listed = [{"name": one.name, "ok": one.is_there, "text": one.text} for one in checks]
        print_json({"v": 1, "checks": listed, "addresses": counts})
    else:
        marks = {True: "ok", False: "fault", None: "look"}
        for one in checks:
            click.echo(f"{marks[one.is_there]:8}{one.name}: {one.text}")
        click.echo(
            "addresses: " + ", ".join(f"{number} {state}" for state, number in counts.items())
        )
    return ExitCode.USAGE if any(one.is_there is False for one in checks) else ExitCode.DONE


def _document(built: "BuiltDigest") -> dict[str, Any]:
    return {
        "v": 1,
        "week": built.letter.issue.week,
        "folder": str(built.folder),
        "subject": built.letter.subject,
        "digest": built.letter.digest,
        "approved_by": built.approval.editor if built.approval else None,
    }


def _say_report(report: "SendReport") -> str:
    parts = [f"{number} {state}" for state, number in sorted(report.counts.items())]
    return f"{', '.join(parts) or 'nobody to send to'}; {report.earlier} done before"


def _name_damaged(addresses: Sequence[str]) -> None:
    """Name each reader who was passed over because the row is damaged, and what to do about it."""
    for address in addresses:
        click.echo(
            f"shipskip: passed over {address}: the row cannot be read. `shipskip digest forget "
            f"{address}` takes it off the list; its reader may sign up again.",
            err=True,
        )


def _line(address: str, state: str, answer: str) -> str:
    import json

    return json.dumps({"address": address, "state": state, "answer": answer})
