"""The desk as an application: who may come in, its routes, and what stands around them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Final, cast
from urllib.parse import quote

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, HTTPExceptionHandler, Message, Receive, Scope, Send

from panel.app.newsroom import Newsroom
from panel.app.panels import ReviewOptions, panel_assignments
from panel.app.site_preview import SitePreview
from panel.app.sources import load_tool, parse_pasted
from panel.app.workspace import Workspace
from panel.desk.access import Access, NotAdmitted, SignInNeeded
from panel.desk.compare_routes import CompareRoutes
from panel.desk.desk import KEYS_COOKIE, Desk, see
from panel.desk.desk_pages import DeskPages
from panel.desk.list_routes import ListRoutes
from panel.desk.live_runs import LiveRuns
from panel.desk.prediction_routes import PredictionRoutes
from panel.desk.queue_page import QueueRows
from panel.desk.run_routes import RunRoutes
from panel.domain.addresses import is_address
from panel.domain.review import CHECKLIST, MANUAL
from panel.domain.tool import Tool
from panel.domain.validation import first_fault_of
from panel.errors import ConfigError, PanelError, StoreError
from panel.web.health import Health
from panel.web.protection import protect
from panel.web.security_headers import NEVER_STORED

_UNKNOWN: Final[Mapping[str, str]] = {
    "Not Found": "No page of the desk has this address. Open the tool in the queue.",
    "No such run is here.": "No run has this address: it was deleted, or the address is cut off.",
    "No such tool is here.": "No tool of a batch has this address. Open it in the queue.",
    "Method Not Allowed": "This address is no page to look at. Open the tool in the queue.",
}
"""What to say in the place of the words of HTTP, which tell an editor nothing to do."""
_MOST_BYTES: Final = 1_000_000
_NOT_FOUND: Final = 404
_LOOK_S: Final = 2.0
_OPEN_PATHS: Final = frozenset({"/sign-in", "/desk.css", "/health"})
_STATIC: Final = {"cache-control": "public, max-age=31536000, immutable"}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class DeskService:
    """Answers editors. The workspace has its ledger open for as long as the service runs."""

    def __init__(self, workspace: Workspace, *, host: str, editor: str | None = None) -> None:
        settings = workspace.settings.desk
        self._address = settings.address
        self._access = Access(settings, workspace.clock, host=host, editor=editor)
        self._health = Health("desk")
        self._desk = Desk(
            workspace=workspace,
            newsroom=Newsroom(workspace),
            access=self._access,
            pages=DeskPages(workspace.settings.batch.zone),
            live=LiveRuns(workspace),
            preview=SitePreview.load(workspace),
            rows=QueueRows(),
        )

    def app(self) -> ASGIApp:
        """Return the service as an ASGI application, behind its guard."""
        service = Starlette(
            routes=self.routes(),
            lifespan=self._lifespan,
            exception_handlers={
                HTTPException: cast("HTTPExceptionHandler", self._refusal),
                PanelError: self._fault,
            },
        )
        signed_in = SignedIn(service, self._access)
        return protect(signed_in, self._address, most_bytes=_MOST_BYTES, policy=_POLICY)

    def routes(self) -> list[Route]:
        """Return every route of the desk."""
        desk = self._desk
        return [
            *ListRoutes(desk).routes(),
            *RunRoutes(desk).routes(),
            *CompareRoutes(desk).routes(),
            *PredictionRoutes(desk).routes(),
            Route("/new", self.new),
            Route("/new", self.begin, methods=["POST"]),
            Route("/keys", self.keys, methods=["POST"]),
            Route("/sign-in", self.sign_in_page),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/health", self.health),
            *(Route(path, self.file) for path in desk.pages.files),
        ]

    async def file(self, request: Request) -> Response:
        """Return a style, a script or a font; its address changes with its content."""
        content, kind = self._desk.pages.files[request.url.path]
        return Response(content, media_type=kind, headers=_STATIC)

    async def health(self, _: Request) -> Response:
        """Tell whether the desk works: 200, or 503."""
        try:
            await self._desk.refresh()
        except PanelError as error:
            return self._health.answer("the ledger or the runs cannot be read", error)
        return self._health.answer()

    async def sign_in_page(self, request: Request) -> Response:
        """Return the form to sign in with."""
        return self._sign_in_page(request.query_params.get("next", ""))

    async def sign_in(self, request: Request) -> Response:
        """Open a session."""
        form = await request.form(max_files=0, max_fields=10)
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        after = str(form.get("next", ""))
        session = await self._access.sign_in(name, password)
        if session is None:
            wrong = "Not signed in. Name and password have to fit; after five tries wait a minute."
            return self._sign_in_page(after, wrong=wrong, name=name, status=403)
        answer = see(after if _is_local(after) else "/queue")
        answer.headers["set-cookie"] = self._access.set_cookie(session)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session, and show the form to sign in with."""
        await self._desk.read_form(request)
        answer = see("/sign-in")
        answer.headers["set-cookie"] = self._access.end_cookie()
        return answer

    async def keys(self, request: Request) -> Response:
        """Turn single keys on or off (WCAG 2.1.4)."""
        form = await self._desk.read_form(request)
        back = form.get("back", "")
        answer = see(back if _is_local(back) else "/queue")
        value = "off" if form.get("keys") == "off" else "on"
        answer.headers["set-cookie"] = (
            f"{KEYS_COOKIE}={value}; Path=/; Max-Age=31536000; SameSite=Strict"
        )
        return answer

    async def new(self, request: Request) -> Response:
        """Return the form to review a tool with; `run` names one whose tool is filled in."""
        of = request.query_params.get("run", "")
        tool = await run_in_threadpool(self._tool_of, of)
        if tool is None:
            return await self._new(request, {})
        typed = {"name": tool.name, "vendor": tool.vendor or "", "text": tool.description}
        return await self._new(request, {**typed, "of": of})

    async def begin(self, request: Request) -> Response:
        """Begin a review of an address or a pasted text, and show the run."""
        form = await self._desk.read_form(request)
        models = (MANUAL,) if form.get("models") == MANUAL else ()
        try:
            base = await run_in_threadpool(self._tool_of, form.get("of", ""))
            tool = await _read_tool(form, base)
            stored = await self._desk.live.start(tool, ReviewOptions(models=models))
        except PanelError as error:
            return await self._new(request, form, str(error))
        return see(f"/runs/{stored.run.inputs.date}/{stored.run.id}/progress")

    def _tool_of(self, name: str) -> Tool | None:
        """Return the tool of the run `<date>/<id>` as it was given, None where there is none."""
        day, _, run = name.partition("/")
        runs = self._desk.workspace.runs
        if "/" in run:  # out of this workspace, it may be
            return None
        try:
            path = runs.find(date.fromisoformat(day), run)
            return runs.read(path).inputs.tool if path is not None else None
        except (ValueError, StoreError):
            return None

    async def _new(self, request: Request, form: dict[str, str], fault: str = "") -> Response:
        typed = {"url": "", "name": "", "vendor": "", "text": "", "models": "", "of": "", **form}
        try:
            assignments = panel_assignments(self._desk.workspace, ReviewOptions())
            panel = ", ".join(dict.fromkeys(one.ref for one in assignments))
        except ConfigError as error:
            panel = str(error)
        return await self._desk.render(
            request,
            "new.j2",
            here="/new",
            status=409 if fault else 200,
            typed=typed,
            fault=fault,
            panel=panel,
            is_checklist=panel == CHECKLIST,
        )

    def _sign_in_page(
        self, after: str, *, wrong: str = "", name: str = "", status: int = 200
    ) -> Response:
        html = self._desk.pages.render_sign_in(
            next=after if _is_local(after) else "",
            wrong=wrong,
            name=name,
            asks_password=self._access.asks_password,
        )
        return Response(html, status, media_type="text/html", headers=NEVER_STORED)

    async def _refusal(self, request: Request, error: HTTPException) -> Response:
        if not hasattr(request.state, "session"):
            return PlainTextResponse(f"{error.detail}\n", error.status_code)
        return await self._desk.render(
            request,
            "message.j2",
            status=error.status_code,
            title="Not accepted" if error.status_code != _NOT_FOUND else "Nothing is here",
            lines=(_UNKNOWN.get(error.detail, error.detail),),
        )

    async def _fault(self, request: Request, error: Exception) -> Response:
        """Answer where a store fails: nothing was written, and the page says what to do."""
        try:
            return await self._desk.render(
                request,
                "message.j2",
                status=503,
                title="It cannot be done now",
                lines=tuple(str(error).splitlines()),
            )
        except PanelError:
            return PlainTextResponse(f"{error}\n", 503)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            await self._desk.live.close()

    async def _look_on(self) -> None:
        """Read what has changed, so that a page seldom has to."""
        while True:
            unread = 0  # a store that fails is asked again after a pause
            with suppress(PanelError):  # a page that needs it says so
                unread = await self._desk.refresh()
            await asyncio.sleep(0 if unread else _LOOK_S)


class SignedIn:
    """Lets in whom the desk knows, and shows others where to sign in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its session, or answer it."""
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            session = self._access.recognise(request)
        except NotAdmitted:
            refusal = PlainTextResponse("Not accepted: sign in through the proxy.\n", 403)
            await refusal(scope, receive, send)
            return
        except SignInNeeded:
            await _sign_in_first(request)(scope, receive, send)
            return
        request.state.session = session
        if session.cookie is None:
            await self._app(scope, receive, send)
            return
        cookie = (b"set-cookie", self._access.set_cookie(session).encode())

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), cookie]}
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith("/fonts/")


def _sign_in_first(request: Request) -> Response:
    """Lead to the form; a post is refused, for a new session has no form of its own yet."""
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("Not accepted: sign in, and press it again.\n", 403)
    query = f"?{request.url.query}" if request.url.query else ""
    return see(f"/sign-in?next={quote(request.url.path + query)}")


async def _read_tool(form: dict[str, str], base: Tool | None) -> Tool:
    """Return the tool of a form: fetched, or as its text says.

    Its other facts are those of `base` where name and text are: another text says other things. Raises
    PanelError.
    """
    url, text = form.get("url", "").strip(), _as_typed(form.get("text", ""))
    if url and not is_address(url):
        raise ConfigError("The address has to begin with https:// or http://.")
    if url:
        return await load_tool(url)
    name, vendor = form.get("name", "").strip(), form.get("vendor", "").strip()
    if not text:
        raise ConfigError(
            "Give a web address, a name and a text, or a text that begins with its name as a heading."
        )
    named = None if name else parse_pasted(text)
    try:
        if named is None:
            is_of_base = base and (base.name, _as_typed(base.description)) == (name, text)
            known = base.model_dump() if base and is_of_base else {"description": text}
            return Tool.model_validate({**known, "name": name, "vendor": vendor or None})
        return Tool.model_validate({**named.model_dump(), "vendor": named.vendor or vendor or None})
    except ValidationError as error:
        place, why = first_fault_of(error)
        raise ConfigError(f"{place}: {why}. Shorten or correct it.") from error


def _as_typed(text: str) -> str:
    """Return a text without the ends of lines that a browser posts, and without space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_local(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) < 500  # noqa: PLR2004
