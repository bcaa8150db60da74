"""What a batch would take: all steps up to the first call, with nothing written."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from panel.app.event_loop import run_async
from panel.app.panels import panel_inputs
from panel.app.sources import page_fetcher, read_feeds, read_link
from panel.app.workspace import Workspace
from panel.batch.ingest import describe_feed
from panel.batch.options import BatchOptions
from panel.domain.batch_report import FeedLine
from panel.domain.estimate import CostEstimate, estimate
from panel.domain.feed import Entry, Feed, lacks_text
from panel.domain.run import Inputs
from panel.domain.tool import Tool
from panel.feeds.fetch import Fetcher
from panel.ports import Ledger
from panel.screening.original import entry_tool
from panel.screening.screener import reason_to_hold

_AT_ONCE = 4


@dataclass(frozen=True)
class Estimated:
    """What would be done: entries `seen`, those that are `duplicates` of known tools, and the rest.

    `aside` are entries that need no review, and those of which neither feed nor page says anything.
    """

    feeds: tuple[FeedLine, ...]
    seen: int
    duplicates: int
    aside: int
    held: int
    left_over: int
    estimate: CostEstimate

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "feeds": [feed.model_dump(mode="json") for feed in self.feeds],
            "seen": self.seen,
            "duplicates": self.duplicates,
            "set_aside": self.aside,
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
    asked = [entry_tool(entry) for entry in new if entry.aside is None]
    fresh = run_async(lambda: _described(asked, page_fetcher(workspace.settings)))
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
        aside=len(new) - len(fresh),
        held=len(fresh) - len(accepted),
        left_over=len(tools),
        estimate=estimate(panels(), workspace.prices.rate),
    )


async def _described(tools: list[Tool], fetcher: Fetcher | None) -> list[Tool]:
    """Return the tools that say something, of those that do not the ones whose page does.

    Pages are read as the batch will read them: what it would set aside is not counted.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def described(tool: Tool) -> Tool:
        if fetcher is None or not lacks_text(tool):
            return tool
        async with gate:
            return await read_link(tool, fetcher)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(described(tool)) for tool in tools]
    found = [task.result() for task in tasks]
    return [tool for tool in found if reason_to_hold(tool) or not lacks_text(tool)]


def _unknown(ledger: Ledger | None, entries: list[Entry]) -> list[Entry]:
    """Return the entries that would be jobs, each tool once."""
    firsts = {entry.identity: entry for entry in reversed(entries)}
    known = ledger.jobs.known(firsts) if ledger else frozenset()
    return [entry for entry in reversed(firsts.values()) if entry.identity not in known]
