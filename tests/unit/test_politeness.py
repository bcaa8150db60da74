"""Politeness: what robots.txt forbids is not asked for, and requests keep their distance."""

import asyncio
import contextlib

import pytest

from panel.domain.addresses import read_target
from panel.domain.feed import Validators
from panel.errors import AddressRefused, FetchError
from panel.feeds.fetch import Fetched
from panel.feeds.politeness import Politeness
from tests.virtual import run

ROOT = "https://tools.example"


class Servers:
    """Servers that all have the same robots.txt, or answer with the same fault."""

    def __init__(self, answer: str | FetchError) -> None:
        self.asked: list[str] = []
        self._answer = answer

    async def read(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(0)
        if isinstance(self._answer, FetchError):
            raise self._answer
        data = self._answer.encode("utf-8", "surrogateescape")
        return Fetched(
            url=url, data=data, content_type="text/plain", charset=None, validators=Validators()
        )


async def times_of(politeness: Politeness, *urls: str) -> list[float]:
    """Return when each of `urls` may be asked for, all wanted at once."""
    loop, found = asyncio.get_running_loop(), []

    async def ask(url: str) -> None:
        await politeness(read_target(url))
        found.append(loop.time())

    for task in [asyncio.ensure_future(ask(url)) for url in urls]:
        await task
    return found


def allows(answer: str | FetchError, path: str) -> bool:
    asked = times_of(Politeness(Servers(answer).read), f"{ROOT}{path}")
    with contextlib.suppress(AddressRefused):
        run(asked)
        return True
    return False


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow: /a", "/a/b?c=d", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: Shipskip\nDisallow: /", "/a", False),
        ("User-agent: shipskip\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("\ufeff<html>nothing here</html>", "/a", True),
        ("User-agent: *\nDisallow: /\udcff\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: //[x\nDisallow: /x", "/x", False),
        ("User-agent: *\nCrawl-delay: ²\nDisallow: /x", "/x", False),
        ("User-agent: *\nRequest-rate: 1/²\nDisallow: /x", "/y", True),
    ],
)
def test_a_server_is_asked_by_the_rules_that_it_gives(rules: str, path: str, allowed: bool) -> None:
    assert allows(rules, path) is allowed


@pytest.mark.parametrize("status", [404, 410, 401, 403])
def test_a_server_without_a_robots_txt_allows_everything(status: int) -> None:
    assert allows(FetchError("none", status=status), "/a")


@pytest.mark.parametrize("fault", [503, 429, None])
def test_a_server_whose_robots_txt_cannot_be_read_is_asked_for_nothing(fault: int | None) -> None:
    servers = Servers(FetchError("no answer", status=fault))
    politeness = Politeness(servers.read)
    for path in ("/a", "/b"):
        with pytest.raises(FetchError, match="no answer"):
            run(times_of(politeness, f"{ROOT}{path}"))
    assert len(servers.asked) == 1, "once, for all pages of a server"


def test_requests_to_one_server_keep_their_distance_and_others_do_not_wait() -> None:
    servers = Servers("User-agent: *\nCrawl-delay: 7")
    urls = [f"{ROOT}/a", f"{ROOT}/b", f"{ROOT}/c", "https://other.example/"]
    found = run(times_of(Politeness(servers.read, pause_s=2), *urls))
    assert sorted(found) == [0, 0, 7, 14]
    assert sorted(servers.asked) == ["https://other.example/robots.txt", f"{ROOT}/robots.txt"]


@pytest.mark.parametrize(("asked", "pause"), [(1, 2), (7, 7), (86_400, 30), (10**400, 30)])
def test_the_longer_pause_holds_and_no_server_may_ask_for_a_day(asked: int, pause: float) -> None:
    servers = Servers(f"User-agent: *\nCrawl-delay: {asked}")
    first, second = run(times_of(Politeness(servers.read, pause_s=2), f"{ROOT}/a", f"{ROOT}/b"))
    assert second - first == pause
