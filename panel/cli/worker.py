"""`shipskip worker`: one of any number of processes that review tools from a shared queue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.log import Log, log_format_option
from panel.cli.options import events_option, pages_option, root_option

if TYPE_CHECKING:
    from panel.batch.workers.worker import WorkerOptions
    from panel.cli.log import LogFormat


@click.command(short_help="Review tools from the queue that machines share (Postgres).")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Panels at the same time.")
@click.option("--until-empty", is_flag=True, help="End when no panel is left, here or elsewhere.")
@events_option
@pages_option
@log_format_option
@root_option
def worker(
    *,
    concurrency: int | None,
    until_empty: bool,
    jsonl: str | None,
    out: Path | None,
    log_format: "LogFormat | None",
    root: Path | None,
) -> int:
    """Take panels from the queue in database_url and convene them, until told to stop.

    `shipskip batch --enqueue` fills the queue. Any number of workers may run, anywhere: rate limits
    and the cost cap hold for all of them together, and what one leaves behind when it dies another
    takes over. SIGTERM: nothing more is taken, and within 30 s it is gone.
    """
    from panel.batch.workers.worker import WorkerOptions
    from panel.cli.gc import collect_often
    from panel.cli.malloc import share_pools

    collect_often()
    share_pools()
    log = Log(log_format)
    log.show_warnings()
    with log.reporting_faults():
        _work(WorkerOptions(concurrency, until_empty), log, jsonl, out, root)
    return 0


def _work(
    options: "WorkerOptions", log: Log, jsonl: str | None, out: Path | None, root: Path | None
) -> None:
    import asyncio
    import signal

    from panel.app.event_loop import run_async
    from panel.app.publish import Publisher
    from panel.app.workspace import Workspace
    from panel.batch.workers.worker import Worker
    from panel.cli.event_file import open_events
    from panel.cli.worker_output import WorkerOutput

    workspace = Workspace.open(root)

    async def work() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, stop.set)
        with workspace.ledger() as ledger, open_events(jsonl) as events:
            publisher, listener = Publisher(workspace, out), WorkerOutput(log, events).listener()
            await Worker(workspace, publisher, ledger, listener).work(options, stop)

    run_async(work)
