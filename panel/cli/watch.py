"""`shipskip watch`: the pages of published tools, looked at again."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.cli.exit_codes import worst
from panel.cli.options import Dollars, Duration, json_option, root_option
from panel.cli.output import print_json
from panel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from panel.app.flips import AskedFlips
    from panel.app.watch import Look
    from panel.domain.watched_page import WatchedPage

_NO_ADDRESS = "no published tool has the address of a page; `shipskip watch list` says of each why"


@click.group(short_help="The pages of published tools: list, check for changes.")
def watch() -> None:
    """Look again at the pages that published verdicts were made from."""


@watch.command("list", short_help="Each published tool, its page, and what was found there last.")
@json_option
@root_option
def list_pages(*, as_json: bool, root: Path | None) -> int:
    """List the pages of the published tools. Nothing is fetched."""
    from panel.app.watched_pages import watched_pages
    from panel.app.workspace import Workspace

    pages = watched_pages(Workspace.open(root, own=True))
    if as_json:
        print_json({"v": 1, "pages": [page.model_dump(mode="json") for page in pages]})
        return ExitCode.DONE
    if pages:
        click.echo("\n".join(line for page in pages for line in _lines(page)))
    else:
        click.echo("nothing is published yet; `shipskip approve RUN` publishes a run", err=True)
    return ExitCode.DONE


@watch.command(short_help="Let go of what was found on a page: the next look begins anew.")
@click.argument("tools", nargs=-1, required=True, metavar="TOOL...")
@root_option
def forget(*, tools: tuple[str, ...], root: Path | None) -> int:
    """Let go of what was found on the pages of the tools with the slugs TOOL.

    For a page of which what is kept cannot be read. What an earlier look queued, and every decision,
    stays.
    """
    from panel.app.watched_pages import forget_page
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root, own=True)
    for tool in tools:
        forget_page(workspace, tool)
        click.echo(f"{tool}: forgotten; the next look keeps its page to compare with")
    return ExitCode.DONE


@watch.command(short_help="Look at the pages, and queue what has changed.")
@click.argument("tools", nargs=-1, metavar="[TOOL]...")
@click.option(
    "--pause",
    type=Duration(),
    help="Between two requests to one server, where its robots.txt asks for no more (default: 2s).",
)
@click.option("--ask", is_flag=True, help="Ask the model of the settings as --ask-model does.")
@click.option(
    "--ask-model",
    "models",
    multiple=True,
    metavar="REF",
    help="Ask this model, once a changed tool, whether the text meets what would turn a reviewer.",
)
@click.option("--answered-by", metavar="NAME", help="With manual: who wrote the answers.")
@click.option("--max-cost", type=Dollars(), help="Stop before the questions cost more than this.")
@json_option
@root_option
def check(
    *,
    tools: tuple[str, ...],
    pause: float | None,
    ask: bool,
    models: tuple[str, ...],
    answered_by: str | None,
    max_cost: Decimal | None,
    as_json: bool,
    root: Path | None,
) -> int:
    """Look at the pages of all published tools, or of those with the slugs TOOL.

    A text that has changed is queued like the entry of a feed: `shipskip batch --resume` puts it before
    the panel, and the desk shows what changed. A page is asked for only if it has changed since the
    last time, and only where its robots.txt allows it.
    """
    from panel.app.assignments import check_ref
    from panel.app.event_loop import run_async
    from panel.app.flips import ask_flips
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.app.watch import check_pages, polite_fetcher
    from panel.app.watched_pages import watched_pages
    from panel.app.workspace import Workspace
    from panel.feeds.politeness import PAUSE_S

    if not (ask or models) and (answered_by is not None or max_cost is not None):
        raise click.UsageError("--answered-by and --max-cost go with --ask or --ask-model.")
    fetcher = polite_fetcher(PAUSE_S if pause is None else pause)
    options = ReviewOptions(models=models, max_cost=max_cost, answered_by=answered_by or BY_HAND)
    asked: Sequence[AskedFlips] = ()
    with Workspace.open(root, own=True).with_open_ledger() as workspace:
        for ref in models:  # before any page is asked for
            check_ref(ref, workspace.settings)
        pages = watched_pages(workspace, tools)
        on_look = _ignore if as_json else _print_look
        looks = run_async(lambda: check_pages(workspace, pages, fetcher, on_look))
        if ask or models:
            on_asked = _ignore if as_json else _print_flips
            asked = run_async(lambda: ask_flips(workspace, tools, options, on_asked))
    if as_json:
        answers = [_answer(one) for one in asked]
        print_json({"v": 1, "pages": [_document(look) for look in looks], "asked": answers})
    elif not looks:
        click.echo(_NO_ADDRESS, err=True)
    return worst((_exit_code(looks), *(one.exit_code for one in asked)))


def _ignore(_: object) -> None:
    """Print nothing: the document has it."""


def _exit_code(looks: "Sequence[Look]") -> ExitCode:
    failed = sum(look.page.answer in ("unreachable", "damaged") for look in looks)
    if not failed:
        return ExitCode.DONE
    return ExitCode.NOTHING_EVALUATED if failed == len(looks) else ExitCode.SOME_FAILED


def _document(look: "Look") -> dict[str, Any]:
    from panel.publish.changes import describe_changes

    document = look.page.model_dump(mode="json")
    if look.change is None:
        return document
    found = look.change.difference
    return {
        **document,
        "job": look.change.job,
        "queued": look.is_queued,
        "changes": list(describe_changes(found)),
        "difference": found.model_dump(mode="json"),
    }


def _lines(page: "WatchedPage") -> "Iterator[str]":
    from panel.cli.terminal import wrap

    found = page.answer or "not looked at yet"
    at = f" {page.checked:%Y-%m-%d %H:%M}" if page.checked else ""
    yield wrap(f"{page.tool}  {found}{at}  {page.url or 'its run has no web address'}", "", "  ")
    if page.why:
        yield wrap(page.why, "  ")


def _print_look(look: "Look") -> None:
    from panel.cli.terminal import wrap
    from panel.publish.changes import in_short

    said = f"{look.page.tool}: {look.page.answer}"
    if look.change is not None:
        then = "queued" if look.is_queued else "this text was before the panel already"
        said = f"{said}: {in_short(look.change.difference)} ({then})"
    elif look.page.answer == "first":
        said = f"{said} look, kept to compare with"
    elif look.page.answer == "unconfirmed":
        said = f"{said}: other sentences, which count once they stand there on another day too"
    elif look.page.why:
        said = f"{said}: {look.page.why}"
    click.echo(wrap(said, "", "  "))


def _answer(asked: "AskedFlips") -> dict[str, Any]:
    tool = {"tool": asked.change.tool, "job": asked.change.job}
    if asked.check is None:
        return {**tool, "error": str(asked.error)}
    return {**tool, **asked.check.model_dump(mode="json", include={"model", "conditions"})}


def _print_flips(asked: "AskedFlips") -> None:
    from panel.cli.terminal import wrap

    tool = asked.change.tool
    if asked.check is None:
        click.echo(wrap(f"{tool}: not asked: {asked.error}", "", "  "))
        return
    for one in asked.check.conditions:
        met = f"met by “{one.span}”" if one.is_met else "not met"
        click.echo(wrap(f"{tool}: {one.name} would turn if {one.flips_if}: {met}", "", "  "))
