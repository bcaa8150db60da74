"""`shipskip votes`: the service that takes readers' votes, and what becomes of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import print_json, say
from panel.domain.wording import counted
from panel.errors import ConfigError

if TYPE_CHECKING:
    from panel.domain.community import DailyCount, VoteCount


@click.group(short_help="Readers' votes: serve, pull, export, audit.")
def votes() -> None:
    """Take readers' votes by plain forms, and freeze their counts into the pages.

    They stay apart from the panel's verdict. `[votes]` in shipskip.toml has the settings; docs/votes.md
    says how to set the service up.
    """


@votes.command(short_help="Serve the forms of the pages (extra: desk).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8742, show_default=True, help="0: a free one."
)
@root_option
def serve(*, host: str, port: int, root: Path | None) -> int:
    """Serve votes until stopped. A vote is answered when it is on the disk.

    Where `[digest]` has an address, the sign-up for the weekly mail is served beside them.
    """
    from panel.app.votes import open_votes, tools_file, vote_secret
    from panel.app.workspace import Workspace
    from panel.cli.log import Log
    from panel.cli.sign_up import beside_votes

    try:
        from panel.votes.service import VoteService
        from panel.votes.votable_tools import ToolList
        from panel.web.server import serve as run_server
    except ImportError as error:
        raise ConfigError("Votes need more packages: pip install 'shipskip[desk]'") from error
    workspace = Workspace.open(root, own=True)
    tools = ToolList(tools_file(workspace), workspace.clock.monotonic)
    with open_votes(workspace) as store:

        def tell(where: str) -> None:
            say(f"votes: {where} ({store.name})")
            if workspace.settings.votes.address is None:
                say("votes: pages have no form until [votes] address is set and the site is built")

        service = VoteService(
            store,
            tools,
            workspace.settings.votes,
            secret=vote_secret(workspace),
            publication=workspace.settings.site.title,
            clock=workspace.clock,
        )
        Log().show_warnings()
        with beside_votes(workspace, service) as app:
            run_server(app, host, port, tell)
    return 0


@votes.command(short_help="Freeze the counts for the pages.")
@click.option(
    "--from-service", is_flag=True, help="Ask the running service for them, not the database."
)
@json_option
@root_option
def pull(*, from_service: bool, as_json: bool, root: Path | None) -> int:
    """Write the counts of now, with their time, into `votes.json`; pages are made with these."""
    from panel.app.votes import pull_votes
    from panel.app.workspace import Workspace

    file, snapshot = pull_votes(Workspace.open(root, own=True), from_service=from_service)
    if as_json:
        print_json({**snapshot.model_dump(mode="json"), "file": str(file)})
        return 0
    counts = snapshot.tools.values()
    click.echo(
        f"{counted(sum(one.votes for one in counts), 'vote')} on {counted(len(counts), 'tool')}, "
        f"{sum(one.aside for one in counts)} set aside: {file}"
    )
    return 0


@votes.command(short_help="The counts by tool, day and choice.")
@click.option("--jsonl", is_flag=True, help="Each count as a JSON line, instead of CSV.")
@root_option
def export(*, jsonl: bool, root: Path | None) -> int:
    """Print daily counts, as CSV: nothing in them is about a voter."""
    from panel.app.votes import open_votes
    from panel.app.workspace import Workspace
    from panel.publish.vote_table import daily_csv

    with open_votes(Workspace.open(root, own=True)) as store:
        if not jsonl:
            click.echo(daily_csv(store.daily()), nl=False)
            return 0
        for one in store.daily():
            click.echo(one.model_dump_json())
    return 0


@votes.command(short_help="What was set aside, and by which rule.")
@json_option
@root_option
def audit(*, as_json: bool, root: Path | None) -> int:
    """Show which votes were set aside: tool, day, rule, choice, and how the figure would differ."""
    from panel.app.votes import open_votes
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    with open_votes(workspace) as store:
        aside = [one for one in store.daily() if one.rule is not None]
        counts = store.count()
    rules = workspace.settings.votes.rules
    explained = {one.rule: rules.explain(one.rule) for one in aside if one.rule is not None}
    if as_json:
        print_json(
            {
                "v": 1,
                "rules": explained,
                "set_aside": [one.model_dump(mode="json") for one in aside],
                "counts": {slug: count.model_dump(mode="json") for slug, count in counts.items()},
            }
        )
        return 0
    for line in _audit_lines(aside, counts):
        click.echo(line)
    for rule, text in explained.items():
        click.echo(f"{rule}: {text}")
    return 0


def _audit_lines(aside: "list[DailyCount]", counts: "dict[str, VoteCount]") -> list[str]:
    from panel.publish.cells import plain

    if not aside:
        total = sum(one.votes for one in counts.values())
        return [f"{total} counted, none set aside"]
    lines = [
        f"{one.day}  {one.tool}  {one.votes} {one.choice}  set aside: {one.rule}" for one in aside
    ]
    for slug in dict.fromkeys(one.tool for one in aside):
        ships = sum(one.votes for one in aside if one.tool == slug and one.choice == "ship")
        count = counts[slug]
        lines.append(
            f"{slug}: {count.ship} of {count.votes} ship; with those set aside "
            f"{count.ship + ships} of {count.votes + count.aside}"
        )
    return [plain(line) for line in lines]
