"""`shipskip journal`: each transition of the batch, and whether the record of any was changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from panel.cli.options import root_option
from panel.errors import ConfigError

if TYPE_CHECKING:
    from panel.domain.job import Transition


@click.command(short_help="What the batch did, step by step; --verify checks every row.")
@click.option("--verify", is_flag=True, help="Only say whether every row is as it was written.")
@click.option("--jsonl", is_flag=True, help="Each transition as a JSON line.")
@root_option
def journal(*, verify: bool, jsonl: bool, root: Path | None) -> int:
    """Show the journal of the batch, oldest first: when, who, what, on which tool, why.

    Each row is bound to the one before it. With --verify, a row that was changed, taken out or put in
    is named, and the exit code is 6.
    """
    from panel.app.journal import object_namer
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    if not workspace.has_ledger:
        raise ConfigError(f"{workspace.root}: no batch was ever begun here. `shipskip batch FEED`.")
    with workspace.ledger() as ledger:
        if verify:
            click.echo(f"{ledger.journal.verify()} rows, each as it was written")
            return 0
        zone, name_of = ZoneInfo(workspace.settings.batch.zone), object_namer(ledger)
        for transition in ledger.journal.rows():
            click.echo(
                _document(transition, name_of) if jsonl else _line(transition, zone, name_of)
            )
    return 0


def _document(transition: "Transition", name_of: Callable[[str], str]) -> str:
    fields = {"v": 1, **transition.model_dump(mode="json"), "name": name_of(transition.object)}
    return json.dumps(fields, ensure_ascii=False)


def _line(transition: "Transition", zone: ZoneInfo, name_of: Callable[[str], str]) -> str:
    from panel.app.journal import say_action
    from panel.publish.cells import plain

    reason = f": {transition.reason}" if transition.reason else ""
    at = transition.at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    done, name = say_action(transition.action), name_of(transition.object)
    return plain(f"{transition.number:>6}  {at}  {transition.actor}  {done}  {name}{reason}")
