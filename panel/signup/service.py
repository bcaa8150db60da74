"""The routes of the sign-up service: a GET never acts, because mail software opens links by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, HTTPExceptionHandler

from panel.app.settings import DigestSettings
from panel.digest.addresses import read_address
from panel.errors import MailError, PanelError
from panel.ports import Clock
from panel.signup.sign_up_pages import SignUpPages
from panel.store.sql.subscribers import SubscriberStore
from panel.web.client_address import client_address
from panel.web.forms import read_form
from panel.web.health import Health
from panel.web.protection import protect
from panel.web.recent import DailyLimit
from panel.web.security_headers import NEVER_STORED

PREFIX: Final = "/digest"
_LEAVE: Final = f"{PREFIX}/leave"
_MOST_BYTES: Final = 4096
_MOST_FIELDS: Final = 30
_LONGEST_TOKEN: Final = 64
_HOUR_S: Final = 3600
_RETRY_S: Final = "60"


class SendsConfirmation(Protocol):
    """Sends the one mail that asks a reader to confirm."""

    def __call__(self, address: str, token: str) -> None:
        """Return when the mail server has taken the mail. Raises MailError."""
        ...


class SignUpService:
    """Answers readers: the form, the press that confirms, and the press that leaves.

    Whoever gives an address sees the same page whether it is on the list or not. Nothing but a token
    of a mail puts an address on the list or takes it off.
    """

    def __init__(
        self,
        store: SubscriberStore,
        settings: DigestSettings,
        *,
        send: SendsConfirmation,
        site: str,
        publication: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._settings = settings
        self._send = send
        self._site = site
        self._clock = clock
        self._limit = DailyLimit(settings.sign_ups_a_day)
        self._pages = SignUpPages(settings, site=site, publication=publication)
        self._health = Health("sign-up")

    def app(self) -> ASGIApp:
        """Return the service as an ASGI application, behind its guard."""
        routes = [
            Route(PREFIX, self.form),
            Route(f"{PREFIX}/", self.form),
            Route(f"{PREFIX}/style.css", self.style),
            Route(f"{PREFIX}/sign-up", self.sign_up, methods=["POST"]),
            Route(f"{PREFIX}/confirm", self.ask_to_confirm),
            Route(f"{PREFIX}/confirm", self.confirm, methods=["POST"]),
            Route(_LEAVE, self.ask_to_leave),
            Route(_LEAVE, self.leave, methods=["POST"]),
            Route(f"{PREFIX}/return", self.come_back, methods=["POST"]),
            Route(f"{PREFIX}/health", self.health),
        ]
        service = Starlette(
            routes=routes,
            lifespan=self.lifespan,
            exception_handlers={
                PanelError: self._fault,
                HTTPException: cast("HTTPExceptionHandler", self._refusal),
            },
        )
        return protect(
            service,
            self._settings.address,
            most_bytes=_MOST_BYTES,
            origins=[self._site],
            across_sites=True,  # the site's form, whose proof is the press in the mail
            open_paths=[_LEAVE],  # a post of mail software: its token is the proof
        )

    async def form(self, _: Request) -> Response:
        """Return the form."""
        return self._page(self._pages.form())

    async def style(self, _: Request) -> Response:
        """Return the stylesheet of the pages."""
        headers = {"cache-control": "public, max-age=3600"}
        return Response(self._pages.style, media_type="text/css", headers=headers)

    async def sign_up(self, request: Request) -> Response:
        """Send the confirmation mail, and say so whether the address is on the list or not."""
        fields = await read_form(request, _MOST_FIELDS)
        address = read_address(fields.get("address", [""])[0])
        if address is None:
            return self._page(self._pages.form(fault=True), 400)
        now = self._clock.now()
        where = client_address(request.scope, self._settings.proxies)
        if not self._limit.allows(where, now):
            raise HTTPException(429, "network")
        chosen = [name for name in self._settings.categories if name in fields.get("category", [])]
        token = await run_in_threadpool(self._store.sign_up, address, tuple(chosen), now)
        if token is not None:
            try:
                await run_in_threadpool(self._send, address, token)
            except MailError as error:
                await run_in_threadpool(self._store.take_back, token)
                raise HTTPException(503, "mail") from error
        return self._page(self._pages.check_mail(address, tuple(chosen)))

    async def ask_to_confirm(self, request: Request) -> Response:
        """Return the button that confirms."""
        token = _token(request)
        if not await run_in_threadpool(self._store.waits, token, self._clock.now()):
            return self._page(self._pages.too_old(), 410)
        return self._page(self._pages.ask_to_confirm(token))

    async def confirm(self, request: Request) -> Response:
        """Put the reader on the list, once."""
        found = await run_in_threadpool(self._store.confirm, _token(request), self._clock.now())
        if found is None:
            return self._page(self._pages.too_old(), 410)
        return self._page(self._pages.on_the_list(found))

    async def ask_to_leave(self, request: Request) -> Response:
        """Return the button that leaves."""
        token = _token(request)
        state = await run_in_threadpool(self._store.leaving, token)
        if state == "active":
            return self._page(self._pages.ask_to_leave(token))
        return self._page(self._pages.off(None) if state else self._pages.unknown())

    async def leave(self, request: Request) -> Response:
        """Take the reader off the list: by the button, or by mail software (RFC 8058).

        That reads the status alone: a link that is not known is no fault of its own.
        """
        token = _token(request)
        await run_in_threadpool(self._store.leave, token, self._clock.now())
        state = await run_in_threadpool(self._store.leaving, token)
        if state is None:
            return self._page(self._pages.unknown())
        return self._page(self._pages.off(token if state == "left" else None))

    async def come_back(self, request: Request) -> Response:
        """Put a reader on the list again who has just left it."""
        done = await run_in_threadpool(self._store.come_back, _token(request), self._clock.now())
        return self._page(
            self._pages.back() if done else self._pages.too_old(), 200 if done else 410
        )

    async def health(self, _: Request) -> Response:
        """Tell whether sign-ups can be taken: 200, or 503 with what is wrong."""
        try:
            await run_in_threadpool(self._store.check)
        except PanelError as error:
            return self._health.answer("sign-ups cannot be kept", error)
        return self._health.answer()

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Delete each hour what was not confirmed, while the service runs."""
        cleaning = asyncio.create_task(self._clean_up_hourly())
        yield
        cleaning.cancel()
        with suppress(asyncio.CancelledError):
            await cleaning

    async def _clean_up_hourly(self) -> None:
        while True:
            with suppress(PanelError):  # an hour later is early enough
                await run_in_threadpool(self._store.clean_up, self._clock.now())
            await asyncio.sleep(_HOUR_S)

    def _page(self, html: str, status: int = 200) -> Response:
        return Response(html, status, media_type="text/html", headers=NEVER_STORED)

    async def _refusal(self, _: Request, error: HTTPException) -> Response:
        return self._page(self._pages.refuse(error.detail), error.status_code)

    async def _fault(self, _: Request, __: Exception) -> Response:
        """Answer where the database could not be reached; the error names it to nobody outside."""
        answer = self._page(self._pages.refuse("database"), 503)
        answer.headers["retry-after"] = _RETRY_S
        return answer


def _token(request: Request) -> str:
    return request.query_params.get("t", "")[:_LONGEST_TOKEN]
