"""`shipskip batch`: the day's releases before the panel, unattended."""

from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from panel.cli.log import Log, log_format_option
from panel.cli.options import (
    Dollars,
    Duration,
    events_option,
    model_option,
    pages_option,
    root_option,
    split_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panel.app.workspace import Workspace
    from panel.batch.options import BatchListener, BatchOptions
    from panel.cli.log import LogFormat
    from panel.domain.batch_report import BatchReport
    from panel.ports import Ledger


class Given(TypedDict):
    """The options of `shipskip batch` as they were given."""

    feeds: tuple[str, ...]
    models: tuple[str, ...]
    personas: str | None
    max_tools: int | None
    max_cost: Decimal | None
    deadline: float | None
    concurrency: int | None
    dry_run: bool
    resume: bool
    only: str | None
    batch_api: bool
    collect: bool
    enqueue: bool
    watch: bool
    log_format: "LogFormat | None"
    as_json: bool
    jsonl: str | None
    report: Path | None
    metrics: Path | None
    out: Path | None
    root: Path | None


@click.command(short_help="Put the day's release feeds before the panel, unattended.")
@click.argument("feeds", nargs=-1, metavar="FEED...")
@model_option
@click.option("--personas", metavar="A,B", help="Only these personas, in this order.")
@click.option("--max-tools", type=click.IntRange(min=1), help="Leave the others for another time.")
@click.option("--max-cost", type=Dollars(), help="Stop before the calls cost more than this.")
@click.option("--deadline", type=Duration(), help="Begin no tool later than that: 90m, 2h.")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Calls at the same time.")
@click.option("--dry-run", is_flag=True, help="Say what it would take; write and call nothing.")
@click.option("--resume", is_flag=True, help="Resume what is left; no feed is needed.")
@click.option("--only", type=click.Choice(["failed"]), help="Only the tools that failed before.")
@click.option(
    "--batch-api", is_flag=True, help="Reviews by the providers' batch services: half the price."
)
@click.option("--collect", is_flag=True, help="Fetch the answers to what --batch-api submitted.")
@click.option("--enqueue", is_flag=True, help="Put the tools before workers (Postgres).")
@click.option("--watch", is_flag=True, help="Follow the batch that workers are at, to its end.")
@log_format_option
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON document.")
@events_option
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The report as Markdown (default: batches/<batch>.md in the workspace).",
)
@click.option(
    "--metrics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Metrics for a Prometheus textfile collector; FILE ends in .prom.",
)
@pages_option
@root_option
def batch(**given: Unpack[Given]) -> int:
    """Put every new tool of FEED before the panel: RSS, Atom, JSON Feed, JSON Lines or CSV.

    A feed is a file, an address, or - for stdin. A tool that was seen before costs nothing; one whose
    text has changed is reviewed anew. What an earlier batch left is taken up first. A second batch on
    the same workspace exits 75.
    """
    from panel.app.workspace import Workspace

    _check(given)
    with Log(given["log_format"]).reporting_faults(), _interruptible():
        workspace = Workspace.open(given["root"])
        if given["dry_run"]:
            return _estimate(workspace, given)
        if given["enqueue"]:
            return _enqueue(workspace, given)
        return _run(workspace, given)


@contextmanager
def _interruptible() -> "Iterator[None]":
    """Have SIGTERM and SIGHUP end this block as Ctrl-C does, before the batch itself handles them."""
    import signal

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {one: signal.getsignal(one) for one in numbers}
    for number in numbers:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, before[number])


def _check(given: Given) -> None:
    """Raise UsageError where the options do not go together."""
    feeds, collect, watch = given["feeds"], given["collect"], given["watch"]
    if not feeds and not (given["resume"] or given["only"] or collect or watch):
        raise click.UsageError("name a feed, or --resume to go on with what is left.")
    started = given["only"] or given["dry_run"] or given["enqueue"]
    if collect and (feeds or started or given["batch_api"]):
        raise click.UsageError(
            "--collect goes alone: it fetches answers to what --batch-api submitted."
        )
    if watch and (feeds or started or collect):
        raise click.UsageError("--watch goes alone: it follows what --enqueue has begun.")
    _check_for_workers(given)
    if feeds.count("-") > 1:
        raise click.UsageError("standard input can be read once: give one - at most.")
    if given["as_json"] and given["jsonl"] == "-":
        raise click.UsageError("--json and --jsonl - exclude each other.")
    if given["metrics"] is not None and given["metrics"].suffix != ".prom":
        raise click.UsageError("--metrics: the collector reads no file but *.prom; name one.")


def _check_for_workers(given: Given) -> None:
    """Raise UsageError where an option says how a panel works, or is told, and workers do that."""
    panel = {
        "--model": given["models"],
        "--personas": given["personas"],
        "--concurrency": given["concurrency"],
        "--deadline": given["deadline"],
        "--batch-api": given["batch_api"],
    }
    told = {name: given[name] for name in ("report", "metrics", "jsonl", "out")}
    unused = [name for name, value in panel.items() if value]
    if (given["enqueue"] or given["watch"]) and unused:
        raise click.UsageError(
            f"{', '.join(unused)}: workers go by their own settings. Leave it out here."
        )
    if given["watch"] and (given["max_cost"] is not None or given["max_tools"] is not None):
        raise click.UsageError(
            "--max-cost, --max-tools: --enqueue takes them; leave them out of --watch."
        )
    unused = [f"--{name}" for name, value in told.items() if value is not None]
    if given["enqueue"] and unused:
        raise click.UsageError(
            f"{', '.join(unused)}: nothing is reported before --watch, which takes it."
        )


def _batch_options(given: Given) -> "BatchOptions":
    from panel.app.panels import ReviewOptions
    from panel.batch.options import BatchOptions

    return BatchOptions(
        feeds=given["feeds"],
        options=ReviewOptions(
            models=given["models"],
            personas=split_keys(given["personas"]),
            max_cost=given["max_cost"],
            concurrency=given["concurrency"],
        ),
        max_tools=given["max_tools"],
        deadline_s=given["deadline"],
        only_failed=given["only"] == "failed",
        batch_api=given["batch_api"],
        collect=given["collect"],
    )


def _repeated_options(given: Given) -> tuple[tuple[str, ...], ...]:
    """Return the options that a later batch needs again to go on in the same way."""
    named = (
        *(("--model", model) for model in given["models"]),
        ("--personas", given["personas"]),
        ("--max-cost", given["max_cost"]),
        ("--concurrency", given["concurrency"]),
        ("--out", given["out"]),
    )
    flags = (("--batch-api",),) if given["batch_api"] else ()
    return (*((name, str(value)) for name, value in named if value is not None), *flags)


def _run(workspace: "Workspace", given: Given) -> int:
    from panel.app.publish import Publisher
    from panel.batch.runner import BatchRunner
    from panel.cli.batch_output import Outputs, open_output
    from panel.cli.gc import collect_often
    from panel.cli.malloc import share_pools

    collect_often()
    share_pools()
    outputs = Outputs(
        folder=workspace.root / "batches",
        zone=workspace.settings.batch.zone,
        as_json=given["as_json"],
        jsonl=given["jsonl"],
        report=given["report"],
        metrics=given["metrics"],
        root=given["root"],
        pages=given["out"] or workspace.pages,
        options=_repeated_options(given),
        log_format=given["log_format"],
    )
    with workspace.ledger() as ledger, open_output(outputs) as output:
        if given["watch"]:
            return output.end(_watch(workspace, ledger, given, output.listener()))
        publisher = Publisher(workspace, given["out"])
        options, listener = _batch_options(given), output.listener()
        runner = BatchRunner(workspace, publisher, ledger, options, listener)
        return (
            output.end(runner.run()) if runner.is_due() else output.end_idle(runner.empty_report())
        )


def _watch(
    workspace: "Workspace", ledger: "Ledger", given: Given, listener: "BatchListener"
) -> "BatchReport":
    from panel.app.event_loop import run_async
    from panel.batch.workers.watch import watch

    return run_async(lambda: watch(workspace, ledger, _batch_options(given), listener))


def _enqueue(workspace: "Workspace", given: Given) -> int:
    from panel.app.event_loop import run_async
    from panel.batch.workers.enqueue import enqueue
    from panel.cli.batch_plan import print_enqueued

    with workspace.ledger() as ledger:
        found = run_async(lambda: enqueue(workspace, ledger, _batch_options(given)))
    return print_enqueued(found, as_json=given["as_json"])


def _estimate(workspace: "Workspace", given: Given) -> int:
    from contextlib import nullcontext

    from panel.app.panels import panel_assignments
    from panel.batch.estimate import estimate_batch
    from panel.cli.batch_plan import Checklist, print_estimate
    from panel.domain.review import CHECKLIST

    options = _batch_options(given)
    with workspace.ledger() if workspace.has_ledger else nullcontext() as ledger:
        found = estimate_batch(workspace, ledger, options)
    refs = {assignment.ref for assignment in panel_assignments(workspace, options.options)}
    by_checklist: Checklist = (
        "all" if refs == {CHECKLIST} else "some" if CHECKLIST in refs else "none"
    )
    return print_estimate(found, by_checklist, as_json=given["as_json"])
