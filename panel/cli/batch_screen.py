"""What `shipskip batch` shows while it goes on, and the files that it leaves."""

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import click

from panel.cli.lines import clip, width
from panel.cli.report import print_json
from panel.errors import StoreError
from panel.publish import batch_events
from panel.publish.batch_text import batch_markdown, batch_text
from panel.publish.cells import plain

if TYPE_CHECKING:
    from types import TracebackType

    from panel.batch.enqueueing import Enqueued
    from panel.batch.estimating import Estimated
    from panel.batch.sitting import Listeners
    from panel.domain.batch_report import BatchReport, FeedLine
    from panel.domain.job import Announced, Batch, Job


_SOME_FAILED = 3


@dataclass(frozen=True)
class Outputs:
    """Where the report goes: `folder` is for one that is not named. `zone` is for its times.

    `root` is the workspace where commands have to name it.
    """

    folder: Path
    zone: str
    as_json: bool = False
    jsonl: str | None = None
    report: Path | None = None
    metrics: Path | None = None
    root: Path | None = None


class BatchScreen:
    """Shows a sitting line by line on standard error, and its report on standard output at the end."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._talks = outputs.jsonl != "-" and not outputs.as_json
        self._files = ExitStack()
        self._events: IO[str] | None = None
        self._left = 0

    def __enter__(self) -> Self:
        """Open the file of events before anything is paid for. Raises StoreError."""
        name = self._outputs.jsonl
        if name == "-":
            self._events = sys.stdout
        elif name is not None:
            path = Path(name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = path.open("a", encoding="utf-8")
            except OSError as error:
                raise _unwritable(path, error) from error
            self._events = self._files.enter_context(file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        """Close the file of events."""
        self._files.close()

    def listeners(self) -> "Listeners":
        """Return who hears of the sitting."""
        from panel.batch.sitting import Listeners

        return Listeners(
            began=self._began,
            feed=self._feed,
            announced=self._announced,
            gathered=self._gathered,
            job=self._job,
            halted=self._halted,
        )

    def end(self, report: "BatchReport") -> int:
        """Write and show the report; return the exit code. Raises StoreError."""
        outputs = self._outputs
        root = str(outputs.root) if outputs.root else None
        zone = ZoneInfo(outputs.zone)
        path = outputs.report or outputs.folder / f"{report.batch.id}.md"
        _write(path, batch_markdown(report, root=root, zone=zone))
        if outputs.metrics is not None:
            from panel.adapters.metrics_file import write_metrics

            write_metrics(outputs.metrics, report)
        last = batch_events.batch_done(report, _now())
        self._write(last)
        if outputs.as_json:
            rows = [row.model_dump(mode="json") for row in report.rows]
            print_json({**last, "report": str(path), "tools": rows})
        elif self._talks:
            text = batch_text(report, width=width(), root=root, zone=zone, full_report=str(path))
            click.echo(text, nl=False)
        return report.exit

    def _began(self, batch: "Batch") -> None:
        self._write(batch_events.batch_began(batch, _now()))
        how = "goes on" if batch.resumed else "begins"
        self._say(f"batch {batch.id} {how}, models {batch.engine}")

    def _feed(self, feed: "FeedLine") -> None:
        self._write(batch_events.feed_event(feed, _now()))
        if feed.entries is None:
            click.echo(f"shipskip: {plain(feed.why or feed.source)}", err=True)

    def _announced(self, announced: "Announced") -> None:
        self._write(batch_events.entry_event(announced, _now()))

    def _gathered(self, jobs: int) -> None:
        self._left = jobs
        self._say(f"{jobs} tool{'' if jobs == 1 else 's'} to put before the panel")

    def _job(self, job: "Job") -> None:
        self._left -= 1
        if (event := batch_events.job_event(job, _now())) is not None:
            self._write(event)
        self._say(f"{self._left:>5} left  {job.tool.slug}: {_became(job)}")

    def _halted(self, why: str) -> None:
        click.echo(f"shipskip: {plain(why)}", err=True)

    def _write(self, event: batch_events.Event) -> None:
        if self._events is not None:
            self._events.write(batch_events.event_line(event) + "\n")
            self._events.flush()

    def _say(self, line: str) -> None:
        if self._talks:
            click.echo(clip(line), err=True)


def print_estimate(found: "Estimated", *, as_json: bool) -> int:
    """Print what a batch would take; return its exit code."""
    one = found.estimate
    if as_json:
        print_json({"v": 1, "kind": "estimate", **found.document()})
        return found.exit
    for feed in found.feeds:
        if feed.entries is None:
            click.echo(f"shipskip: {plain(feed.why or feed.source)}", err=True)
    click.echo(
        f"tools   {found.seen} seen, {found.duplicates} known, {found.held} held, "
        f"{found.left_over} left from before: {one.tools} to put before the panel"
    )
    click.echo(f"calls   {one.calls}, without repairs and retries")
    click.echo(
        f"tokens  at most {one.tokens_in:,} in; about {one.tokens_out:,} out, at most "
        f"{one.most_out:,}"
    )
    unpriced = f"; no price is known for {', '.join(one.unpriced)}" if one.unpriced else ""
    click.echo(
        f"cost    about ${one.about_usd:.2f}, at most ${one.most_usd:.2f}, without a prompt cache"
        f"{unpriced}"
    )
    click.echo("Nothing was written and no call was made.")
    return found.exit


def print_enqueued(found: "Enqueued", *, as_json: bool) -> int:
    """Print what was put before the workers; return the exit code."""
    unread = [feed for feed in found.feeds if feed.entries is None]
    code = _SOME_FAILED if unread else 0
    if as_json:
        feeds = [feed.model_dump(mode="json") for feed in found.feeds]
        said = {"batch": found.batch.id, "queued": found.count, "due": len(found.jobs)}
        print_json({"v": 1, "kind": "enqueued", **said, "feeds": feeds, "exit": code})
        return code
    for feed in unread:
        click.echo(f"shipskip: {plain(feed.why or feed.source)}", err=True)
    there = len(found.jobs) - found.count
    known = f", {there} are there already" if there else ""
    click.echo(f"batch {found.batch.id}: {found.count} tools put before the workers{known}")
    click.echo("`shipskip worker` takes them, `shipskip batch --watch` follows and ends the batch.")
    return code


def _became(job: "Job") -> str:
    outcome = job.outcome
    if job.state == "in_review" and outcome and outcome.scorecards:
        return f"{outcome.ships} of {outcome.scorecards} ship"
    state = "left for another time" if job.state == "queued" else job.state.replace("_", " ")
    return f"{state}: {plain(job.reason)}" if job.reason else state


def _write(path: Path, text: str) -> None:
    """Write a report whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: {error.strerror}. The panels are kept; name another file, then run "
        "`shipskip batch --resume`."
    )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a log's time
