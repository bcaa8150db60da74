"""Fetching an address without being led where nobody should go: checked, pinned and bounded."""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import ip_address
from typing import overload
from urllib.parse import urljoin

import httpcore2
import httpx2

from panel.domain.addresses import PORTS, Address, Target, is_public, read_target, redact_url
from panel.domain.feed import Validators
from panel.domain.value import Value
from panel.errors import AddressRefused, FetchError
from panel.feeds.decompression import MOST_BYTES, TooLarge, Unpacking

Resolve = Callable[[str], Awaitable[Sequence[str]]]
Gate = Callable[[Target], Awaitable[None]]
"""Called before each request, redirects too: it may wait, or refuse with a FetchError."""

MOST_REDIRECTS = 3
DEADLINE_S = 30.0
_SLOWEST_CONNECT_S = 5.0
_MOST_ADDRESSES = 4
_OK = 200
_UNCHANGED = 304
_MOVED = frozenset({301, 302, 303, 307, 308})
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_ACCEPTED = "text/html, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
_HEADER_SAFE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,500}[\x21-\x7e])?", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([a-z0-9_.:-]{1,40})", re.IGNORECASE | re.ASCII)
_SAVE = "Save it to a file and name that."
_LATER = "Try again later, or save it to a file and name that."
_NO_VALIDATORS = Validators()


class Fetched(Value):
    """What an address held: `url` is the last of its redirects, `data` is decompressed.

    `content_type` is in lower case without parameters, empty where the server named none.
    """

    url: str
    data: bytes
    content_type: str
    charset: str | None
    validators: Validators


class Unchanged(Value):
    """The server's word that what it gave last time still stands."""

    url: str


class Fetcher:
    """Reads http and https addresses of public servers, each within `deadline_s` and `most_bytes`.

    A name is resolved once a connection; one address that is not `allowed` refuses it whole, and the
    connection goes to an address that was checked, with the name kept for Host and TLS. Redirects
    are checked like the first address, at most three. Proxies of the environment are not used: they
    would look the name up again. What `gate` waits is no part of `deadline_s`. `allowed` is another
    rule than "public" for addresses that the settings name; `network` and `tls` are there for tests.
    """

    def __init__(
        self,
        *,
        ports: Collection[int] = PORTS,
        most_bytes: int = MOST_BYTES,
        deadline_s: float = DEADLINE_S,
        resolve: Resolve | None = None,
        gate: Gate | None = None,
        allowed: Callable[[Address], bool] = is_public,
        network: httpcore2.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._ports = ports
        self._most_bytes = most_bytes
        self._deadline_s = deadline_s
        self._resolve = resolve or look_up
        self._gate = gate
        self._allowed = allowed
        self._network = network
        self._tls = tls

    @overload
    async def fetch(self, url: str) -> Fetched: ...
    @overload
    async def fetch(self, url: str, known: Validators) -> Fetched | Unchanged: ...
    async def fetch(self, url: str, known: Validators = _NO_VALIDATORS) -> Fetched | Unchanged:
        """Return what stands at `url`, or Unchanged where `known` still holds.

        Raises AddressRefused where it may not be read, and FetchError where nothing usable came: also
        where a server that was not asked with `known` answers that nothing has changed.
        """
        try:
            async with asyncio.timeout(self._deadline_s) as deadline:
                return await self._follow(url, known, deadline)
        except TimeoutError as error:
            raise FetchError(
                f"{redact_url(url)}: it took longer than {self._deadline_s:g} seconds. {_LATER}"
            ) from error

    async def _follow(
        self, url: str, known: Validators, deadline: asyncio.Timeout
    ) -> Fetched | Unchanged:
        hop = url
        for _ in range(MOST_REDIRECTS + 1):
            target = read_target(hop, self._ports)
            if self._gate is not None:
                await _wait_for(self._gate, target, deadline)
            answer = await self._get(target, known)
            if not isinstance(answer, str):
                return answer
            hop = _join(target, answer)
        raise FetchError(
            f"{redact_url(url)}: it redirects more than {MOST_REDIRECTS} times. Give the last address."
        )

    async def _get(self, target: Target, known: Validators) -> Fetched | Unchanged | str:
        """Return what one request gave; the text is where it redirects to."""
        refusals = ""
        for address in (await self._addresses(target))[:_MOST_ADDRESSES]:
            try:
                return await self._ask(target, address, known)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                refusals = _said(error)
        raise FetchError(f"{redact_url(target.url)}: no connection ({refusals}). {_LATER}")

    async def _addresses(self, target: Target) -> tuple[Address, ...]:
        """Return where `target` may be reached, all of it checked. Raises AddressRefused."""
        if target.address is not None:
            found: tuple[Address, ...] = (target.address,)
        else:
            try:
                found = tuple(ip_address(text) for text in await self._resolve(target.host))
            except (OSError, UnicodeError) as error:
                raise _unknown(target) from error
            except ValueError as error:
                raise AddressRefused(
                    f"{redact_url(target.url)}: its name leads to what is no address. {_SAVE}"
                ) from error
        if not found:
            raise _unknown(target)
        for address in found:
            if not self._allowed(address):
                raise AddressRefused(
                    f"{redact_url(target.url)}: it leads to {address}, which is no public "
                    f"address. {_SAVE}"
                )
        return found

    async def _ask(
        self, target: Target, address: Address, known: Validators
    ) -> Fetched | Unchanged | str:
        if self._tls is None and target.scheme == "https":
            self._tls = httpx2.create_ssl_context(trust_env=False)
        url = httpcore2.URL(
            scheme=target.scheme, host=str(address), port=target.port, target=target.path
        )
        extensions = {
            "sni_hostname": target.host,
            "timeout": {"connect": _SLOWEST_CONNECT_S},
        }
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._tls, network_backend=self._network, max_connections=1
        )
        try:
            async with (
                pool,
                pool.stream(
                    "GET", url, headers=_headers(target, known), extensions=extensions
                ) as response,
            ):
                return await self._read(target, known, response)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            raise
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
        ) as error:
            raise FetchError(
                f"{redact_url(target.url)}: the answer broke off ({_said(error)}). {_LATER}"
            ) from error

    async def _read(
        self, target: Target, known: Validators, response: httpcore2.Response
    ) -> Fetched | Unchanged | str:
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in _MOVED and b"location" in headers:
            return headers[b"location"].decode("utf-8", "replace")
        if response.status == _UNCHANGED and known != _NO_VALIDATORS:
            return Unchanged(url=target.url)
        if response.status != _OK:
            advice = _LATER if response.status in _TEMPORARY else "Check the address."
            raise FetchError(
                f"{redact_url(target.url)}: the server answered {response.status}. {advice}",
                status=response.status,
            )
        data = await self._body(target, response, headers)
        content_type, charset = _content_type(headers.get(b"content-type", b""))
        return Fetched(
            url=target.url,
            data=data,
            content_type=content_type,
            charset=charset,
            validators=Validators(
                etag=_header_text(headers.get(b"etag")),
                last_modified=_header_text(headers.get(b"last-modified")),
            ),
        )

    async def _body(
        self, target: Target, response: httpcore2.Response, headers: dict[bytes, bytes]
    ) -> bytes:
        encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().casefold()
        announced = headers.get(b"content-length", b"")
        try:
            unpacking = Unpacking(encoding, most=self._most_bytes)
            unpacking.expect(announced)
            async for chunk in response.aiter_stream():
                unpacking.take(chunk)
        except TooLarge as error:
            raise FetchError(
                f"{redact_url(target.url)}: it opens to more than {self._most_bytes:,} bytes, which is "
                f"the most that is read. Save the part that matters to a file and name that."
            ) from error
        except ValueError as error:
            raise FetchError(
                f"{redact_url(target.url)}: its compression ({encoding[:20]}) cannot be read. {_SAVE}"
            ) from error
        if not unpacking.done:
            raise FetchError(f"{redact_url(target.url)}: the answer broke off. {_LATER}")
        return bytes(unpacking.data)


async def _wait_for(gate: Gate, target: Target, deadline: asyncio.Timeout) -> None:
    """Wait for `gate`, and have `deadline` come as much later. Raises what the gate raises."""
    left = (deadline.when() or 0.0) - asyncio.get_running_loop().time()
    deadline.reschedule(None)
    await gate(target)
    deadline.reschedule(asyncio.get_running_loop().time() + left)


async def look_up(host: str) -> tuple[str, ...]:
    """Return the addresses of `host` as the operating system knows them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _headers(target: Target, known: Validators) -> list[tuple[str, str]]:
    headers = [
        ("Host", target.authority),
        ("User-Agent", "shipskip"),
        ("Accept", _ACCEPTED),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]
    if known.etag:
        headers.append(("If-None-Match", known.etag))
    if known.last_modified:
        headers.append(("If-Modified-Since", known.last_modified))
    return headers


def _join(target: Target, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError as error:
        raise AddressRefused(
            f"{redact_url(target.url)}: it redirects to what is no address. Give the last address."
        ) from error


def _content_type(header: bytes) -> tuple[str, str | None]:
    text = header.decode("latin-1")
    charset = _CHARSET.search(text)
    return text.partition(";")[0].strip().casefold(), charset.group(1) if charset else None


def _header_text(value: bytes | None) -> str | None:
    """Return a header's value where it can be sent back as it is."""
    text = (value or b"").decode("latin-1").strip()
    return text if _HEADER_SAFE.fullmatch(text) else None


def _unknown(target: Target) -> FetchError:
    return FetchError(
        f"{redact_url(target.url)}: the name {target.host} is not known. Check the address."
    )


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())[:120]
    return text or type(error).__name__
