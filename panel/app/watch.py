"""The verdict watch: the pages of published tools are looked at again, and what changed is queued."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from panel.app.facts_without_model import with_read_facts
from panel.app.sources import page_tool
from panel.app.workspace import Workspace
from panel.domain.cleaning import clean
from panel.domain.difference import (
    Difference,
    TextChange,
    share_of_passages,
    text_change,
    tool_difference,
)
from panel.domain.feed import Validators, make_entry
from panel.domain.tool import Tool
from panel.domain.watched_page import Answer, PageChange, PageText, WatchedPage
from panel.errors import (
    AddressRefused,
    ExitCode,
    FeedError,
    FetchError,
    PanelError,
    StoreError,
    ToolError,
    UnreadableRow,
)
from panel.feeds.fetch import Fetched, Fetcher, Unchanged
from panel.feeds.politeness import MOST_BYTES, PAUSE_S, Politeness
from panel.ports import Ledger

SOURCE = "watch"
"""What the ledger calls the feed that changed pages are announced by."""
_HOSTS_AT_ONCE = 8
_GONE = (404, 410)
_FROM_PAGE = 0.5  # of the passages of a page stand in a description that was made from it


@dataclass(frozen=True)
class Look:
    """What a look at a page found: `page` has the answer, `change` what is said otherwise.

    `is_queued` tells whether the new text waits to be reviewed; it does not where that very text was
    before the panel already.
    """

    page: WatchedPage
    change: PageChange | None = None
    is_queued: bool = False


def polite_fetcher(pause_s: float = PAUSE_S) -> Fetcher:
    """Return who reads pages by the rules of their servers, `pause_s` seconds between two."""
    return Fetcher(gate=Politeness(Fetcher(most_bytes=MOST_BYTES).fetch, pause_s=pause_s))


async def check_pages(
    workspace: Workspace,
    pages: Sequence[WatchedPage],
    fetcher: Fetcher,
    on_look: Callable[[Look], None] = lambda _: None,
) -> tuple[Look, ...]:
    """Return what a look at each of `pages` that has an address found; a bad page stops no other.

    Servers are read side by side, the pages of one after each other. A text that has changed is queued
    as the entry of a feed is. A page is passed over of which what is kept cannot be read. Raises
    StoreError and Busy.
    """
    by_host: dict[str, list[WatchedPage]] = defaultdict(list)
    for page in pages:
        if page.url is not None:
            by_host[urlsplit(page.url).netloc].append(page)
    looks = [Look(page) for page in pages if page.answer == "damaged"]
    for known in looks:
        on_look(known)
    failed: list[PanelError] = []
    gate = asyncio.Semaphore(_HOSTS_AT_ONCE)
    with workspace.ledger() as ledger:
        watch = _Watch(workspace, ledger, fetcher)

        async def read_host(of_host: Iterable[WatchedPage]) -> None:
            async with gate:
                for page in of_host:
                    if failed:
                        return
                    try:
                        look = await watch.look(page)
                    except PanelError as error:
                        failed.append(error)
                        return
                    looks.append(look)
                    on_look(look)

        async with asyncio.TaskGroup() as group:
            for of_host in by_host.values():
                group.create_task(read_host(of_host))
    if failed:
        raise failed[0]
    return tuple(sorted(looks, key=lambda look: look.page.tool))


@dataclass(frozen=True)
class _Reading:
    """What a page said once: the tool, its text cleaned, and what to ask its server with next time."""

    tool: Tool
    text: str
    validators: Validators


@dataclass(frozen=True)
class _Watch:
    """Looks at pages, and keeps in the ledger what it found."""

    workspace: Workspace
    ledger: Ledger
    fetcher: Fetcher

    async def look(self, page: WatchedPage) -> Look:
        """Return what stands at the address of a page now, once that is kept.

        A page that says something else is read twice, for what passes is no change.
        """
        try:
            last = await asyncio.to_thread(self.ledger.watched.text, page.tool)
        except UnreadableRow:
            return Look(page.damaged())
        try:
            return await self._look(page, last)
        except UnreadableRow as error:  # of another table, which the error names
            return Look(page.damaged(str(error)))

    async def _look(self, page: WatchedPage, last: PageText | None) -> Look:
        is_settled = last is not None and last.unconfirmed is None
        answer: Answer = "unreachable"
        try:
            found = await self.fetcher.fetch(
                page.url or "", page.validators if is_settled else Validators()
            )
            if isinstance(found, Unchanged):
                return await self._keep(page, self._seen(page, "unchanged"), None)
            read = await _read(found)
            if last is None:
                last = await asyncio.to_thread(self._described, page, read.text)
            if last is None or text_change(last.text, read.text).is_empty:
                after = self._seen(
                    page, "unchanged" if last else "first", validators=read.validators
                )
                return await self._keep(page, after, PageText(text=read.text))
            again = await _read(await self.fetcher.fetch(page.url or ""))
        except AddressRefused as error:
            return await self._keep(page, self._seen(page, "refused", str(error)), None)
        except (FetchError, FeedError, ToolError) as error:
            if isinstance(error, FetchError) and error.status in _GONE:
                answer = "gone"
            return await self._keep(page, self._seen(page, answer, str(error)), None)
        return await asyncio.to_thread(self._compare, page, last, read, again)

    async def _keep(self, page: WatchedPage, after: WatchedPage, text: PageText | None) -> Look:
        await asyncio.to_thread(self.ledger.watched.keep, page, after, text, None)
        return Look(after)

    def _compare(self, page: WatchedPage, last: PageText, read: _Reading, again: _Reading) -> Look:
        """Keep what a page says now, and queue it where something of it counts as changed.

        Where nothing does, the next look asks without a condition: of two servers that answer for one
        address the second may lag behind, and the mark of the first one's text would hide it for good.
        """
        today = self.workspace.today
        is_another_day = page.checked is not None and page.checked.date() < today
        answer, found = _judge(
            page.name, last, read.text, again.text, is_another_day=is_another_day
        )
        kept, change, is_queued, known = PageText(text=last.text), None, False, Validators()
        if answer == "changed":
            change, is_queued = self._queue(page, read.tool, read.text, found)
            kept, known = PageText(text=read.text), read.validators
        elif answer == "unconfirmed":
            kept = PageText(text=last.text, unconfirmed=read.text)
        after = self._seen(page, answer, validators=known)
        self.ledger.watched.keep(page, after, kept, change)
        return Look(after, change, is_queued)

    def _described(self, page: WatchedPage, text: str) -> PageText | None:
        """Return the description that the published run was made from, where that was the page.

        A description out of a feed says other words than the page that it links to, though neither
        has changed.
        """
        if page.day is None or page.run is None:
            return None
        try:
            path = self.workspace.runs.find(page.day, page.run)
            run = self.workspace.runs.read(path) if path is not None else None
        except StoreError:
            return None
        if run is None:
            return None
        description = run.inputs.tool.description
        is_of_page = share_of_passages(text, description) >= _FROM_PAGE
        return PageText(text=description) if is_of_page else None

    def _queue(
        self, page: WatchedPage, tool: Tool, text: str, difference: Difference
    ) -> tuple[PageChange, bool]:
        """Announce a new text, and return the change and whether it waits to be reviewed.

        That comes before the change is kept: a process that dies between the two finds the page
        changed again, and its text announced already.
        """
        now = self.workspace.clock.now()
        entry = make_entry(
            id=page.url,
            link=page.url,
            title=page.name,
            text=text,
            category=None,
            published=None,
            markup=tool.original or "",
        )
        entries = (entry,) if entry is not None else ()  # it has a title: there is one
        (announced,) = self.ledger.entries.announce(self._batch(now), SOURCE, entries, now)
        published = page.model_dump(include={"tool", "name", "day", "run", "url"})
        change = PageChange(**published, at=now, job=announced.job, difference=difference)
        return change, self.ledger.jobs.get(announced.job).state == "queued"

    def _batch(self, now: datetime) -> str:
        """Return the batch that changed pages are announced in: the last one, which may have ended."""
        batches = self.ledger.batches
        last = batches.last()
        if last is None:
            last = batches.open(self.workspace.settings.batch.day_of(now), now, SOURCE)
            batches.end(last.id, now, ExitCode.DONE)
        return last.id

    def _seen(
        self,
        page: WatchedPage,
        answer: Answer,
        why: str | None = None,
        validators: Validators | None = None,
    ) -> WatchedPage:
        kept = page.validators if validators is None else validators
        found = {"checked": self.workspace.clock.now(), "answer": answer, "why": why}
        return page.model_copy(update={**found, "validators": kept})


async def _read(found: Fetched) -> _Reading:
    """Return what a page says. Raises FeedError and ToolError."""
    tool = await page_tool(found)
    return _Reading(tool, clean(tool.description).text, found.validators)


def _judge(
    name: str, last: PageText, read: str, again: str, *, is_another_day: bool
) -> tuple[Answer, Difference]:
    """Return the answer of a look that read a page twice, and what of it counts as changed.

    Prices and terms count at once, where both readings have them. Other sentences count once they
    stand there on another day too: so neither the day's date nor its quotation does.
    """
    found = text_change(last.text, read, (again,))
    facts = _facts_change(name, last.text, read)
    if not facts.is_empty and facts == _facts_change(name, last.text, again):
        return "changed", facts.model_copy(update={"text": found})
    if found.is_empty:
        return "unchanged", Difference()
    if last.unconfirmed is None or not is_another_day:
        return "unconfirmed", Difference()
    lasting = text_change(last.text, read, (again, last.unconfirmed))
    return "unconfirmed" if lasting.is_empty else "changed", Difference(text=lasting)


def _facts_change(name: str, before: str, now: str) -> Difference:
    """Return the prices and terms that two texts state differently, to the same reader."""
    old, new = (with_read_facts(Tool(name=name, description=said)) for said in (before, now))
    return tool_difference(old, new).model_copy(update={"text": TextChange()})
