"""Two services in one process: each gets the requests of its own paths."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from panel.web.combined_service import CombinedService


def named(name: str) -> Starlette:
    async def answer(_: Request) -> Response:
        return PlainTextResponse(name)

    return Starlette(routes=[Route("/{path:path}", answer)])


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/digest", "sign-up"),
        ("/digest/", "sign-up"),
        ("/digest/leave", "sign-up"),
        ("/digestive", "votes"),
        ("/vote/digest", "votes"),
        ("/", "votes"),
    ],
)
async def test_a_request_goes_to_the_service_of_its_path(path: str, service: str) -> None:
    app = CombinedService("/digest", named("sign-up"), named("votes"), ())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://one.example") as client:
        assert (await client.get(path)).text == service
