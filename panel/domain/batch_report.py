"""The report of a batch: what came in, what became of it, what it cost, and the exit code."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from panel.domain.batch_figures import Calls, Cost, Figures, PersonaLine, ToolLine, Tools
from panel.domain.drift import DriftCheck
from panel.domain.exchange import Count
from panel.domain.feed import Feed, Unread
from panel.domain.flag import ADDRESSING
from panel.domain.job import Announced, Batch, Job
from panel.domain.value import Value
from panel.errors import ExitCode

Stop = Literal[
    "cap", "price", "deadline", "max_tools", "signal", "key", "quota", "address", "provider"
]
"""What ended a batch before its last tool: `cap` and `deadline` as they were set, a `price` that is not
known under a cap, `max_tools` as many as were asked for, a `signal`, a refused `key`, an exhausted
`quota`, an `address` where no model answers, a `provider` that is down."""

_REASONS: Final = 2
_STOPPED: Final[dict[Stop | None, ExitCode]] = {
    "cap": ExitCode.CAPPED,
    "price": ExitCode.USAGE,
}
_OUTAGES: Final[frozenset[Stop]] = frozenset({"key", "quota", "address", "provider"})
"""Stops after which nobody can answer: a failure, whatever became of the tools before."""


class FeedLine(Value):
    """What one feed gave. `entries` is None where it could not be read; then `why` says why not.

    `unchanged` says that its server had nothing new. `malformed` is what is wrong with a feed that
    could be read all the same; `left_out` counts its items that are no entry, and `reasons` says
    of the first two where they stand and why; `beyond` counts those behind the most that are read.
    """

    source: str
    entries: Count | None
    why: str | None = None
    unchanged: bool = False
    malformed: str | None = None
    left_out: Count = 0
    reasons: tuple[str, ...] = ()
    beyond: Count = 0

    @property
    def has_failed(self) -> bool:
        """Whether it gave nothing: it could not be read, or none of its items is an entry."""
        return self.entries is None or (self.entries == 0 and self.left_out > 0)


class Standing(Value):
    """How many tools of earlier batches are still held or failed, and are no part of this one."""

    held: Count = 0
    failed: Count = 0


_NONE_STANDING: Final = Standing()


class BatchReport(Value):
    """All that is said of a batch, computed from what the ledger has of it.

    `notices` are sentences on what else went wrong: damaged files, batches of a service that failed.
    """

    batch: Batch
    ended: datetime | None
    stop: Stop | None
    exit: int
    feeds: tuple[FeedLine, ...]
    tools: Tools
    calls: Calls
    cost: Cost
    evidence: Count
    verbatim: Count
    decided: Count
    skips: Count
    personas: tuple[PersonaLine, ...]
    drift: DriftCheck | None
    rows: tuple[ToolLine, ...]
    standing: Standing = _NONE_STANDING
    notices: tuple[str, ...] = ()

    @property
    def verbatim_share(self) -> Fraction | None:
        """The share of the evidence that was found in the texts; None without evidence."""
        return Fraction(self.verbatim, self.evidence) if self.evidence else None

    @property
    def skip_rate(self) -> Fraction | None:
        """The share of the verdicts that are skips; None without a verdict."""
        return Fraction(self.skips, self.decided) if self.decided else None

    @property
    def addressed(self) -> int:
        """How many tools were held, or flagged because their text speaks to the reviewers."""
        return sum(row.state == "held" or bool(ADDRESSING & {*row.flags}) for row in self.rows)


def feed_line(feed: Feed | Unread) -> FeedLine:
    """Return what the report says of a feed; one that has not changed is said by its caller."""
    if isinstance(feed, Unread):
        return FeedLine(source=feed.source, entries=None, why=feed.why)
    return FeedLine(
        source=feed.source,
        entries=len(feed.entries),
        malformed=feed.malformed,
        left_out=len(feed.left_out),
        reasons=feed.left_out[:_REASONS],
        beyond=feed.beyond,
    )


def report_batch(
    batch: Batch,
    announced: Iterable[Announced],
    jobs: Iterable[Job],
    feeds: Sequence[FeedLine] = (),
    *,
    stop: Stop | None = None,
    cap: Decimal | None = None,
    yesterday: Decimal | None = None,
    drift: DriftCheck | None = None,
    ended: datetime | None = None,
    standing: Standing = _NONE_STANDING,
    notices: Sequence[str] = (),
) -> BatchReport:
    """Return the report of `batch`: its jobs in order, each read once and then let go.

    `ended` is for a batch whose end is not written down yet, since its exit code is found here;
    `drift` is None where nothing could be compared. `standing` counts what is not among `jobs`.
    """
    figures = Figures()
    for one in announced:
        figures.announce(one)
    rows = tuple(map(figures.add, jobs))
    tools = figures.tools()
    return BatchReport(
        batch=batch,
        ended=ended or batch.ended,
        stop=stop,
        exit=int(_exit_code(tools, rows, feeds, stop)),
        feeds=tuple(feeds),
        tools=tools,
        calls=figures.calls(),
        cost=figures.cost(cap, yesterday),
        evidence=figures.sums["evidence"],
        verbatim=figures.sums["verbatim"],
        decided=sum(row.decision is not None for row in rows),
        skips=sum(row.decision == "skip" for row in rows),
        personas=figures.personas(),
        drift=drift,
        rows=rows,
        standing=standing,
        notices=tuple(notices),
    )


def _exit_code(
    tools: Tools, rows: Sequence[ToolLine], feeds: Sequence[FeedLine], stop: Stop | None
) -> ExitCode:
    """Return the exit code: what ended the batch, else what became of it.

    Tools left behind are no failure where no more were asked for. Duplicates, tools set aside and
    tools held are work that is done. NOTHING_EVALUATED is for a batch that evaluated no tool at all.
    """
    unread = sum(feed.entries is None for feed in feeds)
    failed = sum(feed.has_failed for feed in feeds)
    if stop in _STOPPED:
        return _STOPPED[stop]
    if stop == "signal" and (tools.left or unread):
        return ExitCode.INTERRUPTED
    left = 0 if stop == "max_tools" else tools.left
    is_outage = stop in _OUTAGES
    undone = tools.failed + left + failed + is_outage
    waiting = 0 if is_outage else tools.waiting
    if undone and not (tools.reviewed or tools.set_aside or waiting):
        return ExitCode.NOTHING_EVALUATED
    if waiting:
        return ExitCode.WAITING
    if undone or any(row.state == "in_review" and row.abstentions for row in rows):
        return ExitCode.SOME_FAILED
    return ExitCode.DONE
