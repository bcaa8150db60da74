"""Politeness towards servers that did not ask to be read: robots.txt, and a pause between requests."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.robotparser import RobotFileParser

from panel.domain.addresses import Target, redact_url
from panel.errors import AddressRefused, FetchError
from panel.feeds.fetch import Fetched

Read = Callable[[str], Awaitable[Fetched]]
AGENT: Final = "shipskip"
PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 30.0
MOST_BYTES: Final = 500_000
"""RFC 9309 asks for at least as much of a robots.txt to be read; a longer one is not read at all."""
_NOT_THERE: Final = range(400, 500)
_TOO_MANY: Final = 429


@dataclass
class _Host:
    """What is known of one server: its rules, or why there are none, and when it is free again."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: RobotFileParser | FetchError | None = None
    free_at: float = 0.0


class Politeness:
    """A gate for a Fetcher: each server is asked by its rules, and not more often than it likes.

    `read` gives what stands at an address: each robots.txt is read once. Between two pages of a server
    are `pause_s` seconds, or the Crawl-delay of its robots.txt, of which half a minute is kept
    to. A server without a robots.txt allows everything; one whose robots.txt cannot be read is not
    asked for anything else (RFC 9309).

    `Fetcher(gate=Politeness(Fetcher(most_bytes=MOST_BYTES).fetch))`
    """

    def __init__(self, read: Read, *, pause_s: float = PAUSE_S) -> None:
        self._read_address = read
        self._pause_s = pause_s
        self._hosts: dict[str, _Host] = defaultdict(_Host)

    async def __call__(self, target: Target) -> None:
        """Return when `target` may be asked for.

        Raises AddressRefused where its robots.txt forbids it, and FetchError where that cannot be read.
        """
        origin = f"{target.scheme}://{target.authority}"
        host = self._hosts[origin]
        async with host.lock:
            if host.rules is None:
                host.rules = await self._read(f"{origin}/robots.txt")
            if isinstance(host.rules, FetchError):
                raise host.rules
            if not host.rules.can_fetch(AGENT, target.url):
                raise AddressRefused(
                    f"{redact_url(target.url)}: the robots.txt of {target.host} asks not to read it. "
                    "Look at the page yourself."
                )
            asked = int(host.rules.crawl_delay(AGENT) or 0)
            await self._wait(host, max(self._pause_s, min(asked, LONGEST_PAUSE_S)))

    async def _wait(self, host: _Host, pause_s: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, host.free_at - loop.time()))
        host.free_at = loop.time() + pause_s

    async def _read(self, url: str) -> RobotFileParser | FetchError:
        """Return the rules that stand at `url`, or why they cannot be read."""
        try:
            found = await self._read_address(url)
        except FetchError as error:
            if error.status not in _NOT_THERE or error.status == _TOO_MANY:
                return error
            return _parse(())
        lines = found.data.decode("utf-8", "replace").splitlines()
        try:
            return _parse(lines)
        except ValueError:  # RFC 9309, 2.3.1.5: the rules that can be read hold
            return _parse(line for line in lines if _is_readable(line))


def _parse(lines: Iterable[str]) -> RobotFileParser:
    """Return the rules in `lines`. Raises ValueError where the library cannot read one of them."""
    rules = RobotFileParser()
    rules.parse(lines)
    return rules


def _is_readable(line: str) -> bool:
    try:
        _parse((f"User-agent: {AGENT}", line))
    except ValueError:
        return False
    return True
