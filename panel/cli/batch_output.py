"""What `shipskip batch` shows while it goes on, and the files that it leaves."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from panel.cli.event_file import EventFile, open_events
from panel.cli.log import Log, LogFormat, now
from panel.cli.output import print_json, until_closed
from panel.cli.terminal import width
from panel.domain.wording import counted
from panel.errors import StoreError
from panel.publish import batch_events
from panel.publish.batch_markdown import batch_markdown
from panel.publish.batch_next_steps import Options
from panel.publish.batch_summary import BatchSummary, summarise_batch
from panel.publish.batch_text import batch_text
from panel.publish.cells import cells, cut, plain
from panel.store.atomic_write import write_atomically
from panel.store.disk_errors import advice_for, store_error

if TYPE_CHECKING:
    from panel.batch.options import BatchListener
    from panel.domain.batch_report import BatchReport, FeedLine
    from panel.domain.job import Announced, Batch, Job


_LEAST_OF_A_NAME = 12
_NOTHING_BEGUN = "name another file", "Nothing was begun."
_ALL_KEPT = "name another place next time", "The batch is done and its panels are kept."


@dataclass(frozen=True)
class Outputs:
    """Where the report goes: `folder` is for one that is not named. `zone` is for its times.

    `root` is the workspace where commands have to name it, `options` what else they repeat, and
    `pages` where the pages are.
    """

    folder: Path
    zone: str
    as_json: bool = False
    jsonl: str | None = None
    report: Path | None = None
    metrics: Path | None = None
    root: Path | None = None
    pages: Path | None = None
    options: Options = ()
    log_format: LogFormat | None = None


@contextmanager
def open_output(outputs: Outputs) -> Iterator["BatchOutput"]:
    """Yield what shows a batch; the places of its files are tried before anything is paid for.

    Raises StoreError.
    """
    _try_folder(outputs.report or outputs.folder / "today.md")
    if outputs.metrics is not None:
        _try_folder(outputs.metrics)
    with open_events(outputs.jsonl) as events:
        yield BatchOutput(outputs, events)


class BatchOutput:
    """Shows a batch line by line on standard error, and its report on standard output at the end."""

    def __init__(self, outputs: Outputs, events: EventFile) -> None:
        self._outputs = outputs
        self._events = events
        self._is_verbose = outputs.jsonl != "-" and not outputs.as_json
        self._log = Log(outputs.log_format)
        self._log.show_warnings()
        self._left = 0

    def listener(self) -> "BatchListener":
        """Return the callbacks that the batch calls."""
        from panel.batch.options import BatchListener

        return BatchListener(
            began=self._began,
            feed=self._feed,
            announced=self._announced,
            ingested=self._ingested,
            job=self._job,
            stopped=self._stopped,
            notice=self._notice,
        )

    def end(self, report: "BatchReport") -> int:
        """Show the report, then write its files, each as far as it can be; return the exit code.

        Raises StoreError, which names every file that could not be written.
        """
        outputs = self._outputs
        path = outputs.report or outputs.folder / f"{report.batch.id}.md"
        last = batch_events.batch_done(report, now())
        self._events.write(last)
        summary = summarise_batch(
            report,
            zone=ZoneInfo(outputs.zone),
            root=str(outputs.root) if outputs.root else None,
            options=outputs.options,
        )
        with until_closed(sys.stdout):
            self._show(report, summary, path, last)
        markdown = batch_markdown(summary)
        writers: list[Callable[[], None]] = [lambda: _write(path, markdown)]
        if (metrics := outputs.metrics) is not None:
            from panel.store.metrics_file import write_metrics

            writers.append(lambda: write_metrics(metrics, report))
        if faults := [fault for write in writers if (fault := _fault_of(write))]:
            raise StoreError("\n".join(faults))
        return report.exit

    def end_idle(self, report: "BatchReport") -> int:
        """Say that there was nothing to do, and leave every file as it is; return the exit code."""
        last = batch_events.batch_done(report, now())
        self._events.write(last)
        with until_closed(sys.stdout):
            if self._outputs.as_json:
                print_json({**last, "report": None, "tools": []})
            elif self._is_verbose:
                click.echo("nothing is left to go on with; no batch was begun")
        return report.exit

    def _show(
        self, report: "BatchReport", summary: BatchSummary, path: Path, last: batch_events.Event
    ) -> None:
        outputs = self._outputs
        if outputs.as_json:
            rows = [row.model_dump(mode="json") for row in report.rows]
            print_json({**last, "report": str(path), "tools": rows})
        elif self._is_verbose:
            pages = outputs.pages if report.tools.reviewed else None
            text = batch_text(
                summary,
                width=width(),
                full_report=_from_here(path),
                pages=f"{_from_here(pages)}/" if pages else None,
            )
            click.echo(text, nl=False)

    def _began(self, batch: "Batch") -> None:
        self._events.write(batch_events.batch_began(batch, now()))
        how = "goes on" if batch.resumed else "begins"
        self._info(f"batch {batch.id} {how}, models {batch.engine}")

    def _feed(self, feed: "FeedLine") -> None:
        self._events.write(batch_events.feed_event(feed, now()))
        if feed.entries is None:
            self._log.warning(feed.why or feed.source)

    def _announced(self, announced: "Announced") -> None:
        self._events.write(batch_events.entry_event(announced, now()))

    def _ingested(self, jobs: int) -> None:
        self._left = jobs
        self._info(f"{counted(jobs, 'tool')} to review")

    def _job(self, job: "Job") -> None:
        self._left -= 1
        if (event := batch_events.job_event(job, now())) is not None:
            self._events.write(event)
        first, result = f"{self._left:>5} left  ", f": {plain(describe_end(job))}"
        name = job.tool.name
        if self._log.is_plain:
            name = cut(name, max(width() - cells(first) - cells(result), _LEAST_OF_A_NAME))
        self._info(f"{first}{name}{result}")

    def _stopped(self, why: str) -> None:
        self._log.warning(why)

    def _notice(self, notice: str) -> None:
        self._events.write(batch_events.notice_event(notice, now()))
        self._log.warning(notice)

    def _info(self, line: str) -> None:
        if self._is_verbose:
            self._log.info(line)


def describe_end(job: "Job") -> str:
    """Return what became of a job, in a few words: `3 of 4 ship`, `held: ...`."""
    outcome = job.outcome
    if job.state == "in_review" and outcome and outcome.scorecards:
        return f"{outcome.ships} of {outcome.scorecards} ship"
    state = "left for another time" if job.state == "queued" else job.state.replace("_", " ")
    return f"{state}: {job.reason}" if job.reason else state


def _from_here(path: Path) -> str:
    """Return a path as it is named from this folder, where it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _fault_of(write: Callable[[], None]) -> str | None:
    try:
        write()
    except StoreError as error:
        return str(error)
    return None


def _try_folder(path: Path) -> None:
    """Make the folder of `path` and write to it, so that a fault is known before the work."""
    trial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            trial.write_bytes(b"-")
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error, _NOTHING_BEGUN) from error


def _write(path: Path, text: str) -> None:
    """Write a report whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except OSError as error:
        raise _unwritable(path, error, _ALL_KEPT) from error


def _unwritable(path: Path, error: OSError, advice: tuple[str, str]) -> StoreError:
    otherwise, kept = advice
    return store_error(path, error, f"{advice_for(error, otherwise)} {kept}")
