"""`shipskip worker`: one of any number of processes that convene panels from a shared queue."""

from pathlib import Path

import click

from panel.cli.options import root_option


@click.command(short_help="Convene panels from the queue that machines share (Postgres).")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Panels at the same time.")
@click.option("--until-empty", is_flag=True, help="End when no panel is left, here or elsewhere.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where pages go (default: site/ in the workspace).",
)
@root_option
def worker(
    *, concurrency: int | None, until_empty: bool, out: Path | None, root: Path | None
) -> int:
    """Take panels from the queue in database_url and convene them, until told to stop.

    `shipskip batch --enqueue` fills the queue. Any number of workers may run, anywhere: rate limits
    and the cost cap hold for all of them together, and what one leaves behind when it dies another
    takes over. SIGTERM: nothing more is taken, and within 30 s it is gone.
    """
    import asyncio
    import signal

    from panel.app.event_loop import run_async
    from panel.app.publish import Publisher
    from panel.app.workspace import Workspace
    from panel.batch.workers.worker import Worker, WorkerOptions
    from panel.cli.gc import collect_often
    from panel.cli.output import say
    from panel.publish.cells import plain

    collect_often()
    workspace = Workspace.open(root)

    async def work() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with workspace.ledger() as ledger:
            at_work = Worker(
                workspace, Publisher(workspace, out), ledger, lambda line: say(plain(line))
            )
            await at_work.work(WorkerOptions(concurrency, until_empty), stop)

    run_async(work)
    return 0
