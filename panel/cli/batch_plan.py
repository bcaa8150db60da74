"""What `shipskip batch` says of work that is not done yet: an estimate, or what workers are to do."""

from typing import TYPE_CHECKING, Literal

import click

from panel.cli.output import print_json
from panel.domain.wording import counted, dollars
from panel.errors import ExitCode
from panel.publish.batch_summary import ending, feeds_fact
from panel.publish.cells import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panel.batch.estimate import Estimated
    from panel.batch.workers.enqueue import Enqueued
    from panel.domain.batch_report import FeedLine

Checklist = Literal["none", "some", "all"]
"""How many of the reviewers the checklist answers for."""


_BY_CHECKLIST: dict[Checklist, str] = {
    "none": "",
    "some": "; those of the checklist go to no model",
    "all": "; none goes to a model: the checklist answers",
}


def print_estimate(found: "Estimated", by_checklist: Checklist, *, as_json: bool) -> int:
    """Print what a batch would take; return the exit code: that of the batch, as far as it is known."""
    one, code = found.estimate, _code_of(found)
    if as_json:
        print_json({"v": 1, "kind": "estimate", **found.document(), "exit": code})
        return code
    _say_unread(found.feeds)
    if found.feeds:
        fact = feeds_fact(found.feeds)
        click.echo(f"feeds   {fact.text}")
        for line in fact.more:
            click.echo(f"        {plain(line)}")
    click.echo(
        f"tools   {found.seen} seen, {counted(found.duplicates, 'duplicate')}, "
        f"{found.aside} set aside, {found.held} held, {found.left_over} left from before: "
        f"{one.tools} to review"
    )
    of_it = _BY_CHECKLIST[by_checklist] if one.calls else ""
    click.echo(f"calls   {one.calls}, without repairs and retries{of_it}")
    click.echo(
        f"tokens  at most {one.tokens_in:,} in; about {one.tokens_out:,} out, at most "
        f"{one.most_out:,}"
    )
    unpriced = f"; no price is known for {', '.join(one.unpriced)}" if one.unpriced else ""
    click.echo(
        f"cost    about {dollars(one.about_usd)}, at most {dollars(one.most_usd)}, without a prompt "
        f"cache{unpriced}"
    )
    click.echo("Nothing was written and no call was made.")
    click.echo(ending(code))
    return code


def _say_unread(feeds: "Sequence[FeedLine]") -> None:
    for feed in feeds:
        if feed.entries is None:
            click.echo(f"shipskip: {plain(feed.why or feed.source)}", err=True)


def _code_of(found: "Estimated") -> int:
    if not any(feed.has_failed for feed in found.feeds):
        return 0
    return ExitCode.SOME_FAILED if found.estimate.tools else ExitCode.NOTHING_EVALUATED


def print_enqueued(found: "Enqueued", *, as_json: bool) -> int:
    """Print what was put before the workers; return the exit code."""
    code = ExitCode.SOME_FAILED if any(feed.has_failed for feed in found.feeds) else 0
    if as_json:
        feeds = [feed.model_dump(mode="json") for feed in found.feeds]
        said = {"batch": found.batch.id, "queued": found.count, "due": len(found.jobs)}
        print_json({"v": 1, "kind": "enqueued", **said, "feeds": feeds, "exit": code})
        return code
    _say_unread(found.feeds)
    there = len(found.jobs) - found.count
    known = f", {there} are there already" if there else ""
    click.echo(
        f"batch {found.batch.id}: {counted(found.count, 'tool')} queued for the workers{known}"
    )
    click.echo("`shipskip worker` takes them, `shipskip batch --watch` follows and ends the batch.")
    return code
