"""The guard of the services: an address is the same one however an editor or a proxy spells it."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from panel.web.guard import Guard


async def take(_: Request) -> Response:
    return PlainTextResponse("taken")


@pytest.mark.parametrize(
    ("origins", "host", "origin", "status"),
    [
        ("https://Example.org", "votes.test", "https://example.org", 200),
        ("https://example.org:443", "votes.test", "https://example.org", 200),
        ("HTTP://EXAMPLE.org:80/reviews/", "votes.test", "http://example.org", 200),
        ("http://[2001:DB8::1]:8080", "votes.test", "http://[2001:db8::1]:8080", 200),
        ("https://example.org:8443", "votes.test", "https://example.org", 403),
        ("https://example.org:80", "votes.test", "https://example.org", 403),
        ("http://example.org", "votes.test", "https://example.org", 403),
        ("https://", "votes.test", "", 403),
        ("https://example.org:x", "votes.test", "", 403),
        ("", "Votes.test:443", "https://votes.test", 200),
        ("", "votes.test:80", "https://votes.test", 403),
        ("", "votes.test", "votes.test", 403),
    ],
)
async def test_an_origin_is_compared_as_a_browser_writes_it(
    origins: str, host: str, origin: str, status: int
) -> None:
    app = Guard(
        Starlette(routes=[Route("/", take, methods=["POST"])]),
        hosts=["votes.test"],
        origins=[origins],
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://votes.test") as client:
        answer = await client.post("/", headers={"host": host, "origin": origin})
    assert answer.status_code == status
