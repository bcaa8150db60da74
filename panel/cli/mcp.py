"""`shipskip mcp`: the panel for a chat client, over standard input and output."""

from pathlib import Path

import click

from panel.cli.options import root_option
from panel.errors import ConfigError


@click.command(short_help="The panel for a chat client, by MCP (extra: mcp).")
@root_option
def mcp(*, root: Path | None) -> int:
    """Serve a chat client over standard input and output, until it closes them.

    It reviews, reads, compares and searches. It never decides: approval is an editor's, at the desk
    or by `shipskip approve`. Standard output is the protocol; logs go to standard error.
    """
    from panel.app.workspace import Workspace

    try:
        from panel.mcp.server import make_server
    except ImportError as error:
        raise ConfigError("MCP needs more packages: pip install 'shipskip[mcp]'") from error
    make_server(Workspace.open(root)).run()
    return 0
