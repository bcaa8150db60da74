"""`shipskip journal`: what the batch did, move by move, and whether anybody has changed that since."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import root_option
from panel.errors import ConfigError

if TYPE_CHECKING:
    from panel.domain.job import Move


@click.command(short_help="What the batch did, move by move; --verify walks its chain.")
@click.option("--verify", is_flag=True, help="Only say whether every row is as it was written.")
@click.option("--jsonl", is_flag=True, help="Each move as a JSON line.")
@root_option
def journal(*, verify: bool, jsonl: bool, root: Path | None) -> int:
    """Show the journal of the batch, oldest first: when, who, what, on which object, why.

    Each row is bound to the one before it. With --verify, a row that was changed, taken out or put in
    is named, and the exit code is 6.
    """
    from panel.workspace import Workspace

    workspace = Workspace.open(root)
    if not workspace.has_ledger:
        raise ConfigError(f"{workspace.root}: no batch was ever begun here. `shipskip batch FEED`.")
    with workspace.ledger() as ledger:
        if verify:
            click.echo(f"{ledger.verify()} rows, each as it was written")
            return 0
        for move in ledger.journal():
            click.echo(move.model_dump_json() if jsonl else _line(move))
    return 0


def _line(move: "Move") -> str:
    from panel.publish.cells import plain

    reason = f": {move.reason}" if move.reason else ""
    at = move.at.isoformat(sep=" ", timespec="seconds")
    return plain(f"{move.number:>6}  {at}  {move.actor}  {move.action}  {move.object}{reason}")
