"""What a batch would take: all steps up to the first call, with nothing written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from panel.app.event_loop import run_async
from panel.app.panels import panel_inputs
from panel.app.sources import read_feeds
from panel.app.workspace import Workspace
from panel.batch.ingest import describe_feed
from panel.batch.options import BatchOptions
from panel.domain.batch_report import FeedLine
from panel.domain.estimate import Estimate, estimate
from panel.domain.feed import Entry, Feed
from panel.domain.run import Inputs
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger
from panel.screening.original import entry_tool
from panel.screening.screener import reason_to_hold


@dataclass(frozen=True)
class Estimated:
    """What would be done: entries `seen`, those that are `duplicates` of known tools, and the rest."""

    feeds: tuple[FeedLine, ...]
    seen: int
    duplicates: int
    held: int
    left_over: int
    estimate: Estimate

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "feeds": [feed.model_dump(mode="json") for feed in self.feeds],
            "seen": self.seen,
            "duplicates": self.duplicates,
            "held": self.held,
            "left_over": self.left_over,
            **self.estimate.model_dump(mode="json"),
        }


def estimate_batch(workspace: Workspace, ledger: Ledger | None, options: BatchOptions) -> Estimated:
    """Return what a batch with these `options` would take; `ledger` is None where there is none yet.

    Raises ConfigError and StoreError.
    """
    reads = run_async(lambda: read_feeds(options.feeds, Fetcher()))
    entries = [e for read in reads if isinstance(read.outcome, Feed) for e in read.outcome.entries]
    new = [] if options.only_failed else _unknown(ledger, entries)
    tools = [ledger.jobs.get(id_).tool for id_ in ledger.jobs.ids(options.states)] if ledger else []
    fresh = [entry_tool(entry) for entry in new if entry.aside is None]
    accepted = [tool for tool in fresh if reason_to_hold(tool) is None]
    chosen = (tools + accepted)[: options.max_tools]
    day = workspace.settings.batch.day_of(workspace.clock.now())

    def panels() -> Iterator[Inputs]:
        for tool in chosen:
            yield panel_inputs(workspace, tool, options.options, day)

    return Estimated(
        feeds=tuple(map(describe_feed, reads)),
        seen=len(entries),
        duplicates=len(entries) - len(new),
        held=len(fresh) - len(accepted),
        left_over=len(tools),
        estimate=estimate(panels(), workspace.prices.rate),
    )


def _unknown(ledger: Ledger | None, entries: list[Entry]) -> list[Entry]:
    """Return the entries that would be jobs, each tool once."""
    firsts = {entry.identity: entry for entry in reversed(entries)}
    known = ledger.jobs.known(firsts) if ledger else frozenset()
    return [entry for entry in reversed(firsts.values()) if entry.identity not in known]
