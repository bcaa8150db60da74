"""`shipskip desk`: the editors' desk in a browser."""

from pathlib import Path

import click

from panel.cli.options import root_option
from panel.cli.output import say
from panel.errors import ConfigError


@click.command(short_help="The editors' desk in a browser (extra: desk).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8741, show_default=True, help="0: a free one."
)
@click.option(
    "--as", "editor", metavar="NAME", help="Who decides here; else [desk] editor, else it is asked."
)
@click.option(
    "--hash-password", is_flag=True, help="Ask for a password, print what the settings keep of it."
)
@root_option
def desk(
    *, host: str, port: int, editor: str | None, hash_password: bool, root: Path | None
) -> int:
    """Serve the desk until stopped: the queue, each tool with its gates, runs, journal.

    It is for this machine alone. For editors elsewhere set [desk] address and a password, or a proxy
    that says who has signed in: see docs/desk.md.
    """
    from panel.app.workspace import Workspace
    from panel.cli.log import Log

    try:
        from panel.desk.access import hash_password as hashed
        from panel.desk.service import DeskService
        from panel.web.server import serve
    except ImportError as error:
        raise ConfigError("The desk needs more packages: pip install 'shipskip[desk]'") from error
    if hash_password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        click.echo(f'password_hash = "{hashed(password)}"')
        return 0
    with Workspace.open(root, own=True).with_open_ledger() as workspace:
        service = DeskService(workspace, host=host, editor=editor)
        Log().show_warnings()
        serve(service.app(), host, port, lambda where: say(f"desk: {where}"))
    return 0
