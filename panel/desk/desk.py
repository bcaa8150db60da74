"""What all routes of the desk share: who asks, what every page prints, how a form is read."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from panel.app.decisions import RunPublication, publication
from panel.app.newsroom import Newsroom
from panel.app.site_preview import SitePreview
from panel.app.workspace import Workspace
from panel.desk.access import Access, Session
from panel.desk.desk_pages import DeskContext, DeskPages
from panel.desk.live_runs import LiveRuns
from panel.desk.queue_page import Listing, Queue, QueueRows, build_queue
from panel.editorial.publication import Publication
from panel.web.security_headers import NEVER_STORED

KEYS_COOKIE: Final = "desk_keys"
_REFRESH_S: Final = 0.05
_MOST_FIELDS: Final = 1000
_NAV: Final = (
    ("/queue", "Queue"),
    ("/new", "Review"),
    ("/compare", "Compare"),
    ("/published", "Published"),
    ("/predictions", "Predictions"),
    ("/journal", "Journal"),
    ("/costs", "Costs"),
    ("/checks", "Health"),
)


@dataclass(frozen=True)
class Desk:
    """The parts of a desk that its routes work with."""

    workspace: Workspace
    newsroom: Newsroom
    access: Access
    pages: DeskPages
    live: LiveRuns
    preview: SitePreview
    rows: QueueRows

    async def render(
        self,
        request: Request,
        template: str,
        *,
        here: str = "",
        status: int = 200,
        notice: str = "",
        listing: str | None = None,
        **values: Any,  # noqa: ANN401 - what the template prints
    ) -> Response:
        """Return a page, under a policy that lets only this page's own scripts run.

        `listing` is the query of the list that it was opened from, None where the address has it.
        """
        session: Session = request.state.session
        nonce = secrets.token_urlsafe(16)
        last = await run_in_threadpool(self.newsroom.last_by, session.editor)
        desk = DeskContext(
            editor=session.editor,
            token=self.access.form_token(session),
            nonce=nonce,
            path=request.url.path,
            here=here,
            nav=tuple((href, label, self._count(href)) for href, label in _NAV),
            now=self.pages.clock(self.workspace.clock.now()),
            keys=request.cookies.get(KEYS_COOKIE) != "off",
            list=listing_text(request) if listing is None else listing.lstrip("?"),
            notice=notice,
            last=last,
            last_at=self.pages.when(last.at) if last else "",
        )
        html = await run_in_threadpool(self.pages.render, template, desk, **values)
        headers = {**NEVER_STORED, "content-security-policy": policy(nonce)}
        return Response(html, status, media_type="text/html", headers=headers)

    async def read_form(self, request: Request) -> dict[str, str]:
        """Return the fields of a form of this session; the last of several of one name counts.

        Raises HTTPException 403 where it is of no page of this session.
        """
        return dict(await self.read_fields(request))

    async def read_fields(self, request: Request) -> list[tuple[str, str]]:
        """Return the fields of a form of this session, in order. Raises as `read_form` does."""
        sent = await request.form(max_files=0, max_fields=_MOST_FIELDS)
        fields = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
        if not self.access.owns(request.state.session, dict(fields).get("token", "")):
            raise HTTPException(403, "This form is of no page of yours. Load the page again.")
        return [(name, value) for name, value in fields if name != "token"]

    async def refresh(self) -> int:
        """Take in what has changed, a little of it; return how many tools are still unread."""
        return await run_in_threadpool(self.newsroom.refresh, _REFRESH_S)

    async def queue(self, listing: Listing) -> Queue:
        """Return the queue as `listing` looks at it."""
        return await run_in_threadpool(self._queue, listing)

    async def find(self, request: Request) -> RunPublication:
        """Return the run that an address names. Raises HTTPException 404 where there is none."""
        path = await self.place(request)
        if path is None:
            raise HTTPException(404, "No such run is here.")
        return await run_in_threadpool(publication, self.workspace, path)

    async def place(self, request: Request) -> PurePath | None:
        """Return the place of the run that an address names, None where there is none."""
        day, run = day_of(request), str(request.path_params["run"])
        return await run_in_threadpool(self.workspace.runs.find, day, run)

    def say_old_prices(self, publication: Publication) -> str:
        """Return how long ago the prices of a run were read, nothing where that is not long ago."""
        days = (self.workspace.today - publication.prices_read).days
        is_old = days > self.workspace.settings.site.price_days
        return f"prices read {days} days ago" if is_old else ""

    def _queue(self, listing: Listing) -> Queue:
        rows = self.rows.of(self.newsroom.rows)
        return build_queue(rows, listing, self.workspace.clock.now())

    def _count(self, href: str) -> int:
        return self.newsroom.waiting if href == "/queue" else 0


def day_of(request: Request) -> date:
    """Return the date in an address. Raises HTTPException 404."""
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError as error:
        raise HTTPException(404, "No such run is here.") from error


def listing_text(request: Request) -> str:
    """Return the query of the list that a page was opened from."""
    return request.query_params.get("list", "")[:200]


def read_listing(text: str) -> Listing:
    """Return the listing that a `list` field names."""
    return Listing.read(dict(parse_qsl(text.lstrip("?")[:200])))


def see(address: str) -> Response:
    """Return the answer to a post that was done: look there now."""
    return RedirectResponse(address, 303, headers=NEVER_STORED)


def policy(nonce: str) -> str:
    """Return the Content-Security-Policy of a page."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


PREVIEW_HEADERS: Final[Mapping[str, str]] = {
    **NEVER_STORED,
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src 'self' data:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
    ),
}
"""A preview is the public page whole, its style in it; nothing of it may run or post."""
