"""The routes of comparisons: two to five tools as readers would see them."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panel.app.decisions import RunPublication, publication, read_approved
from panel.desk.desk import PREVIEW_HEADERS, Desk
from panel.domain.comparison import FEWEST, MOST
from panel.domain.wording import spelled
from panel.errors import ConfigError, PanelError

_SHOWN = 40
_Choice = tuple[str, str, str, str]


class CompareRoutes:
    """Any two to five tools of the queue and of the site, side by side."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/compare", self.show), Route("/compare/preview", self.preview)]

    async def show(self, request: Request) -> Response:
        """Return the page to pick tools on, with the comparison of those that are picked."""
        await self._desk.refresh()
        chosen = _chosen(request)
        choices = await run_in_threadpool(self._choices)
        states = {slug: state for slug, _, _, state in choices}
        query = request.query_params.get("q", "").strip()[:100]
        path, fault = "", ""
        if chosen:
            try:
                path = await run_in_threadpool(self._path, chosen)
            except PanelError as error:
                fault = str(error)
        preview = f"/compare/preview?{urlencode([('t', slug) for slug in chosen])}"
        return await self._desk.render(
            request,
            "compare.j2",
            here="/compare",
            choices=_filtered(choices, query, chosen),
            total=len(choices),
            chosen=chosen,
            q=query,
            fault=fault,
            preview=preview if path else "",
            preview_path=path,
            public=all(states.get(slug) == "approved" for slug in chosen),
        )

    async def preview(self, request: Request) -> Response:
        """Return the page of a comparison as readers would see it, with what editors decided."""
        try:
            found = await run_in_threadpool(self._found, _chosen(request))
            html = await run_in_threadpool(self._desk.preview.comparison, found)
        except PanelError as error:
            raise HTTPException(404, str(error)) from error
        return Response(html, media_type="text/html", headers=PREVIEW_HEADERS)

    def _choices(self) -> list[_Choice]:
        """Return slug, name, category and state of each tool that can be compared, by name."""
        newsroom = self._desk.newsroom
        found = {
            one.slug: (one.slug, one.name, one.category or "", "waits")
            for one in newsroom.rows
            if one.state == "finished" and one.panel is not None
        }
        for slug, public in newsroom.public.items():
            if public.state == "approved":
                found[slug] = (slug, public.subject.name, "", "approved")
        return sorted(found.values(), key=lambda one: one[1].casefold())

    def _path(self, slugs: Sequence[str]) -> str:
        """Return where the comparison of tools stands on a site. Raises as its preview does."""
        return f"/{self._desk.preview.path(self._found(slugs))}"

    def _found(self, slugs: Sequence[str]) -> list[RunPublication]:
        """Return the runs that are compared. Raises ConfigError and StoreError."""
        if not FEWEST <= len(slugs) <= MOST:
            raise ConfigError(
                f"Pick {spelled(FEWEST)} to {spelled(MOST)} tools: {len(slugs)} picked."
            )
        return [self._run(slug) for slug in slugs]

    def _run(self, slug: str) -> RunPublication:
        workspace, public = self._desk.workspace, self._desk.newsroom.public.get(slug)
        if public is not None and public.state == "approved":
            return read_approved(workspace, public)
        row = next((one for one in self._desk.newsroom.rows if one.slug == slug), None)
        if row is None:
            raise ConfigError(f"{slug[:80]}: no tool of that name is published or waits.")
        return publication(workspace, row.path)


def _chosen(request: Request) -> list[str]:
    """Return the slugs of an address, each once and in alphabetical order."""
    return sorted({slug[:200] for slug in request.query_params.getlist("t")})


def _filtered(choices: Sequence[_Choice], query: str, chosen: Sequence[str]) -> list[_Choice]:
    wanted = query.casefold()
    first = [one for one in choices if one[0] in chosen]
    rest = [one for one in choices if one[0] not in chosen and wanted in one[1].casefold()]
    return [*first, *rest[:_SHOWN]]
