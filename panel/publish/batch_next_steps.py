"""What to do after a batch: its commands, the most urgent first."""

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from panel.domain.addresses import redact_source
from panel.domain.batch_report import BatchReport, FeedLine
from panel.domain.review import CHECKLIST
from panel.domain.wording import counted, plural
from panel.publish.cells import plain

Options = Sequence[tuple[str, ...]]
"""Options of a command line, each with its value: `("--max-cost", "6")`, `("--batch-api",)`."""


class Step(NamedTuple):
    """What to do next: a command, None where a person has to act, and what it does."""

    command: str | None
    purpose: str


def next_steps(
    report: BatchReport, root: str | None = None, options: Options = ()
) -> Iterator[Step]:
    """Yield what to do next, the most urgent first.

    Each command names the workspace `root`, and those that review tools repeat the `options` of this
    batch; those that go on with what the cost cap stopped ask for a higher one.
    """
    tools, stop = report.tools, report.stop
    at = f" --root {shlex.quote(root)}" if root else ""
    if stop in ("key", "quota", "address", "provider"):
        yield Step(f"shipskip doctor{at}", "says who would answer and which keys are set")
    again = f"{_words(options)}{at}"
    raised = _with_a_higher_cap(options) if stop == "cap" else options
    if tools.left:
        yield Step(
            f"shipskip batch --resume{_words(raised)}{at}",
            f"goes on with {counted(tools.left, 'tool')}",
        )
    yield from _failed(report, options, at)
    if tools.waiting:
        yield Step(
            f"shipskip batch --collect{_words(raised, '--batch-api')}{at}",
            f"fetches the answers to {counted(tools.waiting, 'tool')}",
        )
    yield from _unread(report.feeds, again)
    if tools.held or report.standing.held:
        held = counted(tools.held + report.standing.held, "held tool")
        yield Step(
            f"shipskip held{at}", f"{held}: a person reads the text before any reviewer does"
        )
    if run := _first_to_read(report):
        which = "it" if tools.reviewed == 1 else f"the first of {tools.reviewed:,} panels"
        yield Step(f"shipskip runs show {run}{at}", f"reads {which}")


def _failed(report: BatchReport, options: Options, at: str) -> Iterator[Step]:
    """Yield how to try failed tools again, and where to look for those that cannot do better.

    What the checklist cannot read it cannot read the next time either: a model is to be named.
    """
    failed = [row for row in report.rows if row.state == "failed"]
    final = [row for row in failed if not row.retryable]
    retryable = len(failed) - len(final) + report.standing.failed
    if retryable:
        if report.batch.engine == CHECKLIST:
            options = [("--model", "REF"), *(one for one in options if one[0] != "--model")]
        yield Step(
            f"shipskip batch --resume --only failed{_words(options)}{at}",
            f"tries {counted(retryable, 'failed tool')} again",
        )
    if final:
        run = next((row.run for row in final if row.run), None)
        yield Step(
            f"shipskip runs show {run}{at}" if run else None,
            f"{counted(len(final), 'tool')} failed for good: asking again does no better",
        )


def _unread(feeds: Sequence[FeedLine], again: str) -> Iterator[Step]:
    """Yield how to read feeds again: by name where that can be printed and copied safely."""
    unread = [feed.source for feed in feeds if feed.has_failed]
    named = [source for source in unread if _may_be_named(source)]
    later = [source for source in named if "://" in source]
    files = [source for source in named if "://" not in source]
    if later:
        yield Step(f"shipskip batch {shlex.join(later)}{again}", f"reads {_which(later)} again")
    if files:
        yield Step(
            f"shipskip batch {shlex.join(files)}{again}",
            f"once you have corrected {_which(files)} (see Feeds)",
        )
    if others := len(unread) - len(named):
        yield Step(
            None,
            f"hand in the unread {plural(others, 'feed')} again: known entries cost nothing",
        )


def _which(feeds: Sequence[str]) -> str:
    return "that feed" if len(feeds) == 1 else f"these {len(feeds)} feeds"


def _may_be_named(source: str) -> bool:
    return redact_source(source) == source == plain(source) and source not in (
        "-",
        "standard input",
    )


def _with_a_higher_cap(options: Options) -> Options:
    return [("--max-cost", "USD"), *(one for one in options if one[0] != "--max-cost")]


def _words(options: Options, without: str = "") -> str:
    """Return options as they follow a command, one of them left out."""
    return "".join(f" {shlex.join(option)}" for option in options if option[0] != without)


def _first_to_read(report: BatchReport) -> str | None:
    found = [row for row in report.rows if row.state == "in_review" and row.run]
    return min(found, key=lambda row: not row.needs_attention).run if found else None
