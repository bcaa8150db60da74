"""The routes of one run: its page, its decisions, its progress."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from anyio import Event
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panel.app.decisions import Order, RunPublication, decide, require_seen
from panel.app.manual_answers import OpenPrompt, keep_answer, list_open_prompts
from panel.app.panels import BY_HAND, StoredRun
from panel.app.redacted_runs import find_redacted
from panel.app.revision import find_revision, later_changes
from panel.desk.decision_forms import (
    APPROVAL,
    READY,
    answer_order,
    facts_order,
    order_of,
    request_order,
    review_order,
    shown_by,
)
from panel.desk.desk import PREVIEW_HEADERS, Desk, day_of, listing_text, read_listing, see
from panel.desk.desk_pages import mark_ends
from panel.desk.numbers import read_number
from panel.desk.queue_page import QueueRow
from panel.desk.run_page import find_held_before, list_events, list_progress
from panel.desk.tool_page import ENTRIES, build_tool_page
from panel.domain.decision import DONE, DecisionKind
from panel.domain.flag import OF_THE_PANEL
from panel.domain.review import MANUAL
from panel.domain.run import Run
from panel.errors import ConfigError, GateRefused, PanelError

_PING_S, _GRACE_S = 15, 1.0
_LOOK_AGAIN_S = "1"  # as the header is written
EditReader = Callable[[RunPublication, Mapping[str, str], str], Order | None]
_NEXT: frozenset[str] = frozenset({"approve", "hold", "reject"})
"""After these the desk shows the next tool."""
_ACTED: Mapping[DecisionKind, str] = {
    "approve": "approved it",
    "edit": "edited it",
    "override": "overrode it",
    "hold": "held it",
    "reject": "rejected it",
    "correct": "corrected it",
    "withdraw": "withdrew it",
    "undo": "undid the decision before",
}


@dataclass(frozen=True)
class Refusal:
    """Why nothing was decided, as the page says it; the gates are listed where they are why."""

    title: str
    lines: tuple[str, ...]
    has_gates: bool = False


class RunRoutes:
    """What the desk shows of a run and does with it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes."""
        at = "/runs/{day}/{run}"
        decisions = [
            Route(f"{at}/{kind}", self._decision(kind), methods=["POST"])
            for kind in ("approve", "override", "hold", "reject", "withdraw", "undo")
        ]
        return [
            Route(at, self.show),
            Route(f"{at}/progress", self.progress),
            Route(f"{at}/preview", self.preview),
            Route(f"{at}/events", self.events),
            *decisions,
            Route(f"{at}/answer", self.answer, methods=["POST"]),
            Route(f"{at}/facts", self.facts, methods=["POST"]),
            Route(f"{at}/review", self.review, methods=["POST"]),
            Route(f"{at}/without-passages", self.without_passages, methods=["POST"]),
            Route(f"{at}/reconvene", self.reconvene, methods=["POST"]),
            Route(f"{at}/paste", self.paste, methods=["POST"]),
            Route(f"{at}/resume", self.resume, methods=["POST"]),
            Route(f"{at}/stop", self.stop, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Return the page to decide on a finished run, else how far it has come."""
        if await self._desk.place(request) is None:
            return await self.progress(request)
        found = await self._desk.find(request)
        if found.run.state != "finished" or self._desk.live.is_running(found.run.id):
            return await self.progress(request)
        return await self._tool(request, found, listing_text(request))

    async def preview(self, request: Request) -> Response:
        """Return the run's page as readers would see it, with what editors decided."""
        found = await self._desk.find(request)
        html = await run_in_threadpool(self._desk.preview.tool, found)
        return Response(html, media_type="text/html", headers=PREVIEW_HEADERS)

    async def answer(self, request: Request) -> Response:
        """Write down the answer to an open point."""
        form = await self._desk.read_form(request)
        found = await self._desk.find(request)
        try:
            order = answer_order(form, request.state.session.editor)
        except ConfigError as error:
            return await self._refuse(request, found, form, Refusal("Not answered", (str(error),)))
        return await self._decide(request, found, order, form)

    async def facts(self, request: Request) -> Response:
        """Write down the facts that were changed."""
        return await self._edit(request, facts_order)

    async def review(self, request: Request) -> Response:
        """Write down the sentences that were changed."""
        return await self._edit(request, review_order)

    async def without_passages(self, request: Request) -> Response:
        """Have the panel convened again on the text without what speaks to it."""
        reason = "Asked again from the desk."

        async def ask(found: RunPublication, editor: str) -> StoredRun:
            return await self._desk.live.ask_without_passages(found.run.id, editor, reason)

        return await self._ask_again(request, ask)

    async def reconvene(self, request: Request) -> Response:
        """Have the panel convened again on the facts as they were corrected, and show how far it is."""

        async def ask(found: RunPublication, _: str) -> StoredRun:
            return await self._desk.live.ask_on_corrected_facts(found)

        return await self._ask_again(request, ask)

    async def _ask_again(
        self, request: Request, ask: Callable[[RunPublication, str], Awaitable[StoredRun]]
    ) -> Response:
        """Have another panel begun on what the editor saw, and show how far it is."""
        desk, editor = self._desk, request.state.session.editor
        form = await desk.read_form(request)
        found = await desk.find(request)
        order = request_order(form, editor)
        try:
            await run_in_threadpool(require_seen, desk.workspace, found, order)
            begun = (await ask(found, editor)).run
        except PanelError as error:
            lines = tuple(str(error).splitlines())
            return await self._refuse(request, found, form, Refusal("Not asked", lines))
        return see(f"/runs/{begun.inputs.date}/{begun.id}/progress")

    async def progress(self, request: Request) -> Response:
        """Return how far a run has come."""
        desk, run_id = self._desk, str(request.path_params["run"])
        path = await desk.place(request)
        mine = desk.live.is_running(run_id)
        if path is None:
            if not mine:
                raise HTTPException(404, "No such run is here.")
            begins = await desk.render(
                request,
                "message.j2",
                title="The run begins",
                lines=("This page shows it as soon as it is recorded.",),
            )
            begins.headers["refresh"] = _LOOK_AGAIN_S
            return begins
        # Asked first: a run that ends meanwhile is shown once more, and not as interrupted.
        is_at_work = await desk.live.is_at_work(path, run_id)
        found = await run_in_threadpool(desk.workspace.runs.load, path)
        events = list_events(found.run, found.exchanges)
        reviewers = list_progress(found.run, events)
        before = await run_in_threadpool(find_held_before, desk.workspace, found.run, reviewers)
        prompts = await run_in_threadpool(list_open_prompts, desk.workspace, path, found.run)
        return await desk.render(
            request,
            "run.j2",
            run=found.run,
            path=f"runs/{found.run.inputs.date}/{found.run.id}",
            events=events,
            reviewers=reviewers,
            before=before,
            live=mine or (is_at_work and not found.run.is_final),
            mine=mine,
            fault=desk.live.fault(run_id),
            prompts=prompts,
            can_go_on=_can_go_on(found.run, prompts),
        )

    async def events(self, request: Request) -> Response:
        """Return the event stream of a run, after the event that the browser has seen last."""
        seen = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        day, run = day_of(request), str(request.path_params["run"])
        ending = Event()
        stream = self._desk.live.stream(day, run, read_number(seen), ending)
        return EventSourceResponse(
            stream, ping=_PING_S, shutdown_event=ending, shutdown_grace_period=_GRACE_S
        )

    async def paste(self, request: Request) -> Response:
        """Take an answer that was given by hand, and go on with the run."""
        form = await self._desk.read_form(request)
        found = await self._desk.find(request)
        who, by = form.get("who", ""), form.get("by", "").strip()
        try:
            await run_in_threadpool(
                keep_answer, self._desk.workspace, found.path, who, form.get("answer", "")
            )
        except PanelError as error:
            return await self._not_taken(request, error)
        return await self._go_on(request, found.run, by or BY_HAND)

    async def resume(self, request: Request) -> Response:
        """Go on with a run that was interrupted or stopped."""
        await self._desk.read_form(request)
        found = await self._desk.find(request)
        return await self._go_on(request, found.run, BY_HAND)

    async def stop(self, request: Request) -> Response:
        """Stop a review that was started here."""
        await self._desk.read_form(request)
        self._desk.live.stop(str(request.path_params["run"]))
        return see(_address(request, "/progress"))

    async def _go_on(self, request: Request, run: Run, by: str) -> Response:
        try:
            await self._desk.live.go_on(run, by)
        except PanelError as error:
            return await self._not_taken(request, error)
        return see(_address(request, "/progress"))

    async def _not_taken(self, request: Request, error: PanelError) -> Response:
        lines = tuple(str(error).splitlines())
        return await self._desk.render(
            request, "message.j2", status=409, title="Not taken", lines=lines
        )

    def _decision(self, kind: DecisionKind) -> Callable[[Request], Awaitable[Response]]:
        async def act(request: Request) -> Response:
            form = await self._desk.read_form(request)
            found = await self._desk.find(request)
            try:
                order = order_of(kind, form, request.state.session.editor)
            except ConfigError as error:
                refusal = Refusal(f"Not {DONE[kind]}", (str(error),))
                return await self._refuse(request, found, {**form, "kind": kind}, refusal)
            return await self._decide(request, found, order, form)

        return act

    async def _edit(self, request: Request, read: EditReader) -> Response:
        form = await self._desk.read_form(request)
        found = await self._desk.find(request)
        try:
            order = read(found, form, request.state.session.editor)
        except ConfigError as error:
            return await self._refuse(request, found, form, Refusal("Not changed", (str(error),)))
        if order is None:
            return see(_address(request, f"?list={quote(form.get('list', ''))}"))
        return await self._decide(request, found, order, form)

    async def _decide(
        self, request: Request, found: RunPublication, order: Order, form: Mapping[str, str]
    ) -> Response:
        """Decide, and show the next tool or this one; a refusal is this page again, as 409."""
        desk = self._desk
        typed = {**form, "kind": order.kind}
        after = (await desk.queue(read_listing(form.get("list", "")))).following(found.run.id)
        try:
            await run_in_threadpool(decide, desk.workspace, found.path, order)
        except GateRefused as error:
            names = len(error.gates)
            title = f"Not approved: {names} {'gate refuses' if names == 1 else 'gates refuse'}"
            return await self._refuse(
                request, found, typed, Refusal(title, (), has_gates=True), order
            )
        except PanelError as error:
            found = await desk.find(request)
            refusal = self._elsewhere(found, order) or Refusal(
                f"Not {DONE[order.kind]}", tuple(str(error).splitlines())
            )
            return await self._refuse(request, found, typed, refusal, order)
        await desk.refresh()
        if order.kind in _NEXT:
            return see(_href(after, form.get("list", "")))
        return see(_address(request, f"?list={quote(form.get('list', ''))}{_anchor(order)}"))

    def _elsewhere(self, found: RunPublication, order: Order) -> Refusal | None:
        """Return what another editor decided on this run meanwhile, None where nobody did."""
        last = next(reversed(found.publication.history), None)
        if last is None or last.number != found.seen or order.seen in (None, found.seen):
            return None
        return Refusal(
            f"Decided elsewhere: {last.editor} {_ACTED[last.kind]} at "
            f"{self._desk.pages.when(last.at)}",
            ("Nothing of yours was written. Look at it as it is now.",),
        )

    async def _refuse(
        self,
        request: Request,
        found: RunPublication,
        typed: Mapping[str, str],
        refusal: Refusal,
        order: Order | None = None,
    ) -> Response:
        return await self._tool(
            request, found, typed.get("list", ""), refusal=refusal, typed=typed, order=order
        )

    async def _tool(
        self,
        request: Request,
        found: RunPublication,
        listing: str,
        *,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
        order: Order | None = None,
    ) -> Response:
        desk, run = self._desk, found.run
        shown = shown_by(typed or {}) if order is not None and order.kind == "approve" else None
        redacted = await run_in_threadpool(find_redacted, desk.workspace, run)
        page = await run_in_threadpool(
            build_tool_page, found, redacted=redacted, shown=shown, given=typed
        )
        revision = await run_in_threadpool(find_revision, desk.workspace, found)
        since = await run_in_threadpool(later_changes, desk.workspace, found)
        await desk.refresh()
        queue = await desk.queue(read_listing(listing))
        given, *fields = mark_ends(page.column.given.description, *page.column.given.fields)
        before, after = queue.before(run.id), queue.after(run.id)
        holding = {flag.kind for flag in run.flags if flag.holds}
        return await desk.render(
            request,
            "tool.j2",
            status=409 if refusal else 200,
            listing=listing,
            page=page,
            revision=revision,
            since=since,
            refusal=refusal,
            typed=_Typed(typed or {}),
            ready=READY,
            approval=APPROVAL,
            entries=ENTRIES,
            old_prices=desk.say_old_prices(found.publication) if found.public.tool.prices else "",
            given=given,
            fields=fields,
            names={card.key: card.name for card in page.cards},
            place=queue.place(run.id),
            of=len(queue.rows),
            before=_href(before, listing) if before else None,
            after=_href(after, listing) if after else None,
            can_ask_again=bool(holding & OF_THE_PANEL and run.testimony.passages and not redacted),
        )


class _Typed(dict[str, str]):
    """What an editor typed, by the form's field; nothing where it has none."""

    def __missing__(self, key: str) -> str:
        return ""


def _can_go_on(run: Run, prompts: Sequence[OpenPrompt]) -> bool:
    """Tell whether a run that is not at work is asked again from the desk.

    What waits for a batch service is not: to ask the same of a model would be paid for twice.
    """
    if run.state == "waiting":
        return not prompts and any(one.provider == MANUAL for one in run.inputs.assignments)
    return run.state in ("open", "stopped")


def _address(request: Request, rest: str = "") -> str:
    return f"/runs/{request.path_params['day']}/{request.path_params['run']}{rest}"


def _href(row: QueueRow | None, listing: str) -> str:
    query = listing.lstrip("?")
    if row is None:
        return f"/queue?{query}" if query else "/queue"
    return f"{row.href}?list={quote(query)}" if query else row.href


def _anchor(order: Order) -> str:
    """Return the place that a page goes back to: the next open point, or what was changed."""
    if order.answers or order.read:
        return "#hfl"
    fields = [edit.field for edit in order.edits]
    if not fields:
        return ""
    reviewer, _, is_of_review = fields[0].partition(".take.")
    return f"#{reviewer}" if is_of_review else "#hf"
