"""The routes of the votes service: a post votes and is answered 303, a GET never acts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, HTTPExceptionHandler

from panel.app.settings import VoteSettings
from panel.domain.community import KEPT_DAYS, Choice, VotableTool, is_local_path
from panel.errors import PanelError
from panel.ports import Clock
from panel.store.sql.votes import VoteRequest, VoteStore
from panel.votes.count_cache import PublicCounts
from panel.votes.network_limits import NetworkLimits
from panel.votes.votable_tools import ToolList
from panel.votes.vote_metrics import VoteMetrics
from panel.votes.vote_pages import VotedTool, VotePages
from panel.votes.voters import Voter, Voters
from panel.web.client_address import client_address
from panel.web.forms import read_form
from panel.web.health import Health
from panel.web.protection import is_https, protect
from panel.web.security_headers import NEVER_STORED

_MOST_BYTES: Final = 4096
_MOST_FIELDS: Final = 12
_MOST_OTHERS: Final = 4  # a comparison has five tools at most
_RETRY_S: Final = "10"
_DAY_S: Final = 86_400
_CHOICES: Final = ("ship", "skip", "none")
_DONE: Final = ("counted", "changed", "gone")


@dataclass(frozen=True)
class _Form:
    """What a vote's form sends; `other` and `back` only lead the reader on."""

    choice: str
    token: str | None
    is_change: bool
    others: tuple[str, ...]
    back: str | None


class VoteService:
    """Answers readers: votes, pages about a tool's votes, public counts, health and metrics."""

    def __init__(
        self,
        store: VoteStore,
        tools: ToolList,
        settings: VoteSettings,
        *,
        secret: bytes,
        publication: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._tools = tools
        self._settings = settings
        self._clock = clock
        self._voters = Voters(secret, over_tls=is_https(settings.address))
        self._limits = NetworkLimits(settings.rules)
        self._metrics = VoteMetrics()
        self._health = Health("votes")
        self._counts = PublicCounts(store, clock)
        self._pages = VotePages(settings, publication=publication)

    def app(self) -> ASGIApp:
        """Return the service as an ASGI application, behind its guard."""
        routes = [
            Route("/vote/{slug}", self.vote, methods=["POST"]),
            Route("/vote/{slug}", self.show),
            Route("/vote.css", self.style),
            Route("/votes.json", self.snapshot),
            Route("/votes.csv", self.daily),
            Route("/health", self.health),
            Route("/metrics", self.metrics),
        ]
        service = Starlette(
            routes=routes,
            lifespan=self.lifespan,
            exception_handlers={
                PanelError: self._fault,
                HTTPException: cast("HTTPExceptionHandler", self._refusal),
            },
        )
        settings = self._settings
        origins = [settings.site] if settings.site else []
        return protect(service, settings.address, most_bytes=_MOST_BYTES, origins=origins)

    async def vote(self, request: Request) -> Response:
        """Write a vote, a change or its taking back; answer 303 to the page that says so."""
        try:
            return await self._vote(request)
        except HTTPException as error:
            self._metrics.refused.labels(error.detail).inc()
            raise
        except PanelError:
            self._metrics.refused.labels("database").inc()
            raise

    async def _vote(self, request: Request) -> Response:
        tool = self._find(request.path_params["slug"])
        if tool.withdrawn:
            raise HTTPException(410, "withdrawn")
        form = await self._read_form(request)
        known = self._voters.recognise(request.cookies.get(self._voters.cookie_name))
        self._check_token(form, known)
        voter = known or self._voters.welcome()
        now = self._clock.now()
        address = client_address(request.scope, self._settings.proxies)
        rule = self._limits.check(address, tool.slug, voter.key, now)
        if rule == "refused":
            raise HTTPException(429, "network")
        choice = cast("Choice", form.choice) if form.choice != "none" else None
        await self._store.write(VoteRequest(tool.slug, voter.key, choice, now.date(), rule))
        self._metrics.accepted.labels(form.choice).inc()
        if rule is not None and choice is not None:
            self._metrics.set_aside.labels(rule).inc()
        return self._see_page(tool, form, voter)

    async def show(self, request: Request) -> Response:
        """Return the page of a tool's votes, and of the others that the reader came from."""
        tool = self._find(request.path_params["slug"])
        query = request.query_params
        known = self._voters.recognise(request.cookies.get(self._voters.cookie_name))
        others = [self._tools.find(slug) for slug in query.getlist("other")[:_MOST_OTHERS]]
        tools = [tool, *(one for one in others if one is not None and one != tool)]
        shown = [await run_in_threadpool(self._shown, one, known) for one in tools]
        back = query.get("back")
        page = self._pages.render(
            shown,
            done=done if (done := query.get("done")) in _DONE else None,
            token=known.form_token if known else None,
            back=back if back and is_local_path(back) else tool.page,
        )
        return Response(page, media_type="text/html", headers=NEVER_STORED)

    async def style(self, _: Request) -> Response:
        """Return the stylesheet of the pages."""
        headers = {"cache-control": "public, max-age=3600"}
        return Response(self._pages.style, media_type="text/css", headers=headers)

    async def snapshot(self, _: Request) -> Response:
        """Return the counts of all tools, as `votes pull --from-service` reads them."""
        text = await run_in_threadpool(self._counts.snapshot)
        return Response(text, media_type="application/json")

    async def daily(self, _: Request) -> Response:
        """Return the votes by tool, day, choice and rule, as CSV."""
        return Response(await run_in_threadpool(self._counts.daily), media_type="text/csv")

    async def health(self, _: Request) -> Response:
        """Tell whether votes can be taken: 200, or 503 with what is wrong."""
        self._tools.renew()
        try:
            await run_in_threadpool(self._store.check)
        except PanelError as error:
            return self._health.answer("votes cannot be kept", error)
        return self._health.answer("the list of tools cannot be read", self._tools.fault)

    async def metrics(self, _: Request) -> Response:
        """Return the counters since the start."""
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4")

    def _find(self, slug: str) -> VotableTool:
        tool = self._tools.find(slug)
        if tool is None:
            raise HTTPException(404, "unknown")
        return tool

    def _shown(self, tool: VotableTool, voter: Voter | None) -> VotedTool:
        count = self._counts.of_tool(tool.slug)
        own = self._store.find(tool.slug, voter.key) if voter else None
        return VotedTool(tool, count, own)

    async def _read_form(self, request: Request) -> _Form:
        fields = await read_form(request, _MOST_FIELDS)
        choices = fields.get("choice", [])
        if len(choices) != 1 or choices[0] not in _CHOICES:
            raise HTTPException(400, "form")
        back = fields.get("back", [""])[0]
        return _Form(
            choice=choices[0],
            token=fields.get("token", [None])[0],
            is_change="change" in fields,
            others=tuple(fields.get("other", [])[:_MOST_OTHERS]),
            back=back if is_local_path(back) else None,
        )

    def _check_token(self, form: _Form, known: Voter | None) -> None:
        """Refuse a form of this service that is not this voter's.

        A static page cannot have a token: its votes are told by their origin alone (see Guard). Only
        this service's pages take a vote back, and each of their forms has the token of its voter.
        """
        if form.token is None and form.choice != "none":
            return
        if known is None or not known.owns(form.token or ""):
            raise HTTPException(403, "token")

    def _see_page(self, tool: VotableTool, form: _Form, voter: Voter) -> Response:
        done = "gone" if form.choice == "none" else "changed" if form.is_change else "counted"
        query = [("done", done), *(("other", slug) for slug in form.others)]
        if form.back:
            query.append(("back", form.back))
        answer = Response(status_code=303, headers=NEVER_STORED)
        answer.headers["location"] = f"/vote/{quote(tool.slug)}?{urlencode(query)}"
        if voter.cookie is not None:
            answer.headers["set-cookie"] = self._voters.set_cookie(voter)
        return answer

    async def _refusal(self, _: Request, error: HTTPException) -> Response:
        page = self._pages.refuse(error.detail)
        return Response(page, error.status_code, media_type="text/html", headers=NEVER_STORED)

    async def _fault(self, _: Request, __: Exception) -> Response:
        """Answer where the database could not be reached; the error names it to nobody outside."""
        headers = {**NEVER_STORED, "retry-after": _RETRY_S}
        page = self._pages.refuse("database")
        return Response(page, 503, media_type="text/html", headers=headers)

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Forget old voters once a day while the service runs, and close the store after it."""
        forgetting = asyncio.create_task(self._forget_daily())
        yield
        forgetting.cancel()
        with suppress(asyncio.CancelledError):
            await forgetting
        await run_in_threadpool(self._store.close)

    async def _forget_daily(self) -> None:
        """Forget, once a day, the hashes of voters whose cookies are no longer accepted."""
        while True:
            before = self._clock.now().date() - timedelta(days=KEPT_DAYS)
            with suppress(PanelError):  # tomorrow is early enough; /health tells of a lasting fault
                await run_in_threadpool(self._store.forget_voters, before)
            await asyncio.sleep(_DAY_S)
