"""The routes of lists: the queue, what is published, the journal, costs and health."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panel.app.decisions import decide
from panel.app.held import dismiss_job, held_jobs, release_job
from panel.app.journal import object_namer, say_action
from panel.app.workspace import Workspace
from panel.desk.decision_forms import ticked_order
from panel.desk.desk import Desk, read_listing, see
from panel.desk.numbers import read_number
from panel.desk.queue_page import FILTERS, Listing, headline, pages_of, strip
from panel.domain.batch_report import FeedLine
from panel.domain.job import Job, JobState, Transition
from panel.domain.wording import counted
from panel.editorial.publication import Correction, Publication
from panel.errors import ConfigError, PanelError, StoreError, Tampered, UnreadableRow

_ROWS: Final = 100
_PUBLISHED: Final = 25
_CORRECTIONS: Final = 12
_STRIP: Final = 6
_NOT_HELD: Final = "It is not held any more, so nothing was written."
_BECAME: Final[Mapping[JobState, str]] = {
    "queued": "It goes before the panel with the next batch: shipskip batch --resume.",
    "running": "Its panel is at work.",
    "waiting": "Its panel waits for the answers of a provider's batch service.",
    "in_review": "Its panel has ended: the run waits for an editor.",
    "set_aside": "It is set aside: this text of it is not looked at again.",
    "failed": "Its panel failed. shipskip batch --resume tries again what can be tried.",
}
_RELEASES: Final = (
    "No instruction to a reviewer.",
    "An instruction; the panel is to read it as it stands.",
)


@dataclass(frozen=True)
class JournalRow:
    """A row of the journal with what was done and to what, in the words of the command line."""

    row: Transition
    did: str
    to: str


class ListRoutes:
    """The desk's lists."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.home),
            Route("/queue", self.queue),
            Route("/queue/approve", self.approve, methods=["POST"]),
            Route("/jobs/{job}", self.job),
            Route("/jobs/{job}/release", self.release, methods=["POST"]),
            Route("/published", self.published),
            Route("/journal", self.journal),
            Route("/journal", self.verify, methods=["POST"]),
            Route("/costs", self.costs),
            Route("/checks", self.checks),
        ]

    async def home(self, _: Request) -> Response:
        """Lead to the queue."""
        return see("/queue")

    async def queue(self, request: Request) -> Response:
        """Return the queue."""
        return await self._queue(request, Listing.read(request.query_params))

    async def approve(self, request: Request) -> Response:
        """Approve what was ticked, one after the other; say which were refused."""
        fields = await self._desk.read_fields(request)
        listing = read_listing(dict(fields).get("list", ""))
        tickets = [value for name, value in fields if name == "ticked"]
        editor = request.state.session.editor
        refused = []
        for ticket in tickets:
            refused += await run_in_threadpool(self._approve, ticket, editor)
        if not tickets:
            refused = ["Nothing was ticked."]
        if not refused:
            return see(f"/queue{listing.query()}")
        return await self._queue(request, listing, refused)

    def _approve(self, ticket: str, editor: str) -> list[str]:
        """Approve one run; return why it was refused, in a list that is empty where it was not."""
        try:
            day, run, order = ticked_order(ticket, editor)
            path = self._desk.workspace.runs.find(day, run)
            if path is None:
                return [f"{run[:80]}: no such run is here."]
            decide(self._desk.workspace, path, order)
        except PanelError as error:
            return str(error).splitlines()
        return []

    async def _queue(
        self, request: Request, listing: Listing, refused: list[str] | None = None
    ) -> Response:
        desk = self._desk
        unread = await desk.refresh()
        queue = await desk.queue(listing)
        held, damaged = await run_in_threadpool(held_jobs, desk.workspace)
        personas = desk.workspace.persona_set.personas
        first = queue.shown[0] if queue.shown else None
        batch, feeds, unread_lines = await run_in_threadpool(_last_batch, desk.workspace)
        return await desk.render(
            request,
            "queue.j2",
            here="/queue",
            status=409 if refused else 200,
            notice=" ".join(refused or ()),
            listing=queue.listing.query(),
            queue=queue,
            headline=headline(queue),
            filters=list(FILTERS.items()),
            letters=[(one.short[:1], one.name) for one in personas],
            strip=strip(queue.every) if len(personas) <= _STRIP else [],
            first=first.summary.run if first else "",
            first_row=first,
            unread=unread,
            faults=[*desk.newsroom.faults, *damaged, *unread_lines],
            held=held,
            batch=batch,
            feeds=feeds,
        )

    async def job(self, request: Request) -> Response:
        """Return a tool that is held before the panel, with its text; else what became of it."""
        job = await run_in_threadpool(_find_job, self._desk.workspace, request.path_params["job"])
        if job is None:
            raise HTTPException(404, "No such tool is here.")
        return await self._job(request, job)

    async def _job(self, request: Request, job: Job, fault: str = "") -> Response:
        desk, status = self._desk, 409 if fault else 200
        if job.state != "held":
            return await desk.render(
                request,
                "message.j2",
                here="/queue",
                status=status,
                title=job.tool.name,
                lines=(*((fault,) if fault else ()), *_became_of(job)),
                link=f"/runs/{job.run_date}/{job.run}" if job.run else "",
            )
        return await desk.render(
            request, "job.j2", here="/queue", status=status, job=job, answers=_RELEASES, fault=fault
        )

    async def release(self, request: Request) -> Response:
        """Let a held tool go before the panel with the next batch, or set it aside."""
        form = await self._desk.read_form(request)
        workspace, name = self._desk.workspace, request.path_params["job"]
        job = await run_in_threadpool(_find_job, workspace, name)
        if job is None:
            raise HTTPException(404, "No such tool is here.")
        if job.state != "held":
            return await self._job(request, job, _NOT_HELD)
        reason = form.get("answer", "").strip() or form.get("other", "").strip()
        if not reason:
            return await self._job(request, job, "A reason is missing: write one, it is kept.")
        editor = request.state.session.editor
        move = dismiss_job if form.get("do") == "dismiss" else release_job
        try:
            await run_in_threadpool(move, workspace, job, editor, reason)
        except ConfigError as error:
            now = await run_in_threadpool(_find_job, workspace, job.id)
            return await self._job(request, now or job, str(error))
        return see(f"/jobs/{job.id}")

    async def published(self, request: Request) -> Response:
        """Return what the public may read, and the newest corrections."""
        desk = self._desk
        await desk.refresh()
        every = list((await run_in_threadpool(lambda: desk.newsroom.public)).values())
        show = request.query_params.get("show", "all")
        tabs = {
            "all": every,
            "corrected": [one for one in every if one.corrections and one.state == "approved"],
            "withdrawn": [one for one in every if one.state == "withdrawn"],
        }
        chosen = tabs.get(show, every)
        pages = pages_of(len(chosen), _PUBLISHED)
        number = min(Listing.read(request.query_params).page, pages)
        shown = chosen[(number - 1) * _PUBLISHED : number * _PUBLISHED]
        runs = await run_in_threadpool(
            lambda: [desk.newsroom.summarise_public(one) for one in shown]
        )
        return await desk.render(
            request,
            "published.j2",
            here="/published",
            tabs=[
                (name, label, len(tabs[name]))
                for name, label in (
                    ("all", "All"),
                    ("corrected", "Corrected"),
                    ("withdrawn", "Withdrawn"),
                )
            ],
            show=show if show in tabs else "all",
            rows=[
                (one, run.decision, desk.say_old_prices(one) if run.has_prices else "")
                for one, run in zip(shown, runs, strict=True)
            ],
            number=number,
            pages=pages,
            built=desk.newsroom.built,
            corrections=_newest_corrections(every),
        )

    async def journal(self, request: Request) -> Response:
        """Return a hundred rows of the journal, the newest first."""
        return await self._journal(request, None, None)

    async def verify(self, request: Request) -> Response:
        """Verify the journal, and return its newest rows with what was found."""
        await self._desk.read_form(request)
        try:
            rows = await run_in_threadpool(_verify, self._desk.workspace)
        except StoreError as error:
            return await self._journal(request, None, str(error))
        return await self._journal(request, rows, None)

    async def _journal(
        self, request: Request, verified: int | None, broken: str | None
    ) -> Response:
        before = read_number(request.query_params.get("before", ""))
        last, rows, damaged = await run_in_threadpool(_rows, self._desk.workspace, before)
        end = rows[0].row.number if rows else 0
        return await self._desk.render(
            request,
            "journal.j2",
            here="/journal",
            rows=rows,
            verified=verified,
            broken=broken or damaged,
            older=rows[-1].row.number if rows and rows[-1].row.number > 1 else 0,
            newer=min(last + 1, end + _ROWS + 1) if end < last else 0,
        )

    async def costs(self, request: Request) -> Response:
        """Return what the panels of the runs that wait have cost, by day."""
        await self._desk.refresh()
        by_day: dict[str, list[Decimal | None]] = defaultdict(list)
        for row in self._desk.newsroom.rows:
            by_day[str(row.day)].append(row.cost)
        sums = {day: _sum(costs) for day, costs in by_day.items()}
        batch, _, _ = await run_in_threadpool(_last_batch, self._desk.workspace)
        return await self._desk.render(
            request,
            "costs.j2",
            here="/costs",
            total=_sum([cost for costs in by_day.values() for cost in costs]),
            unpriced=sum(cost is None for costs in by_day.values() for cost in costs),
            days=[(day, len(by_day[day]), sums[day]) for day in sorted(by_day, reverse=True)],
            batch=batch,
        )

    async def checks(self, request: Request) -> Response:
        """Return what is well and what is not."""
        unread = await self._desk.refresh()
        found = await run_in_threadpool(_checks, self._desk.workspace)
        faults = self._desk.newsroom.faults
        damaged = f"{counted(len(faults), 'waiting run')} cannot be read"
        found.append((not faults, damaged if faults else "Every waiting run can be read"))
        behind = f"{counted(unread, 'tool')} still to be read"
        found.append((not unread, behind if unread else "Every tool is read"))
        return await self._desk.render(
            request, "health.j2", here="/checks", checks=found, ok=all(good for good, _ in found)
        )


def _sum(costs: Sequence[Decimal | None]) -> Decimal | None:
    """Return what is known of `costs`, added up; None where some are not known and no other is paid."""
    known = sum((cost for cost in costs if cost is not None), Decimal(0))
    return None if not known and None in costs else known


def _newest_corrections(every: list[Publication]) -> list[tuple[Publication, Correction]]:
    found = [(one, correction) for one in every for correction in one.corrections]
    return sorted(found, key=lambda pair: pair[1].number, reverse=True)[:_CORRECTIONS]


def _last_batch(workspace: Workspace) -> tuple[str, list[str], list[StoreError]]:
    """Return the last batch in a line, a line for each feed that gave nothing, and the damage met."""
    feeds: Sequence[FeedLine] = ()
    damaged: list[StoreError] = []
    last = None
    with workspace.ledger() as ledger:
        try:
            last = ledger.batches.last()
            feeds = ledger.feeds.of_batch(last.id) if last else ()
        except UnreadableRow as error:
            damaged.append(error)
    failed = [_say_failed(one) for one in feeds if one.has_failed]
    if last is None:
        return "", failed, damaged
    ended = "is under way" if last.ended is None else f"ended {last.ended:%H:%M} UTC"
    return f"Batch of {last.date} {ended}.", failed, damaged


def _say_failed(feed: FeedLine) -> str:
    why = feed.why or "none of its items can be read"
    return why if why.startswith(feed.source) else f"{feed.source}: {why}"


def _find_job(workspace: Workspace, id_: str) -> Job | None:
    with workspace.ledger() as ledger:
        try:
            return ledger.jobs.get(id_)
        except KeyError:
            return None


def _became_of(job: Job) -> tuple[str, ...]:
    """Return what became of a tool that is not held, and why, a line each."""
    became = _BECAME[job.state]
    return (became, f"The reason that is kept: “{job.reason}”") if job.reason else (became,)


def _verify(workspace: Workspace) -> int:
    with workspace.ledger() as ledger:
        return ledger.journal.verify()


def _rows(workspace: Workspace, before: int) -> tuple[int, list[JournalRow], str | None]:
    """Return the number of the newest row, and a hundred rows before row `before`, newest first.

    A row that cannot be read is passed over; why the first such one cannot comes last, else None.
    """
    broken: str | None = None
    found: list[JournalRow] = []
    with workspace.ledger() as ledger:
        last = ledger.journal.last()
        end = before - 1 if 0 < before <= last else last
        done = max(0, end - _ROWS)
        name_of = object_namer(ledger)
        while done < end:
            try:
                for row in islice(ledger.journal.rows(done), end - done):
                    found.append(JournalRow(row, say_action(row.action), name_of(row.object)))
                    done = row.number
                break
            except (Tampered, UnreadableRow) as error:
                broken = broken or str(error)
                done += 1
    return last, found[::-1], broken


def _checks(workspace: Workspace) -> list[tuple[bool, str]]:
    found = [(True, "The ledger can be read")]
    try:
        with workspace.ledger() as ledger:
            ledger.try_writing()
        found.append((True, "The ledger can be written"))
    except PanelError as error:
        found.append((False, str(error)))
    return found
