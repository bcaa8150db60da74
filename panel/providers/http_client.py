"""The HTTP client for a model server: what it sends, waits for, follows and reads at most."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

import httpx2

from panel.errors import Unusable
from panel.providers.faults import one_line
from panel.providers.server import Address, Server

MOST_BYTES = 2_000_000
"""Of one answer."""

SLOWEST_CONNECT_S = 10.0

_MOST_CONNECTIONS = 1000
_MOST_IDLE = 100


class _Capped(httpx2.AsyncByteStream):
    """A body that breaks off, with a plain reason, where it grows past what is read."""

    def __init__(self, body: httpx2.AsyncByteStream, server: Server) -> None:
        self._body = body
        self._server = server

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Unusable(f"{self._server.name} sent more than {MOST_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def client_settings(
    address: Address,
    server: Server,
    *,
    timeout_s: float,
    is_file: Callable[[httpx2.Response], bool],
) -> dict[str, Any]:
    """Return the settings of an HTTP client for `server`, as httpx2 takes them.

    It follows no redirect and reads no more than MOST_BYTES of an answer, unless it `is_file`: the
    file of a batch is read line by line, with limits of its own.
    """

    async def cap(response: httpx2.Response) -> None:
        # A few bytes can unpack to gigabytes, so nothing packed is read; none was asked for.
        packing = server.keys.scrub(response.headers.get("content-encoding", "identity"))
        if packing != "identity":
            raise Unusable(f"{server.name} sent a body that is packed as {one_line(packing)}")
        if not is_file(response):
            response.stream = _Capped(cast(httpx2.AsyncByteStream, response.stream), server)

    return {
        "verify": no_certificates() if address.is_plain else True,
        "timeout": httpx2.Timeout(timeout_s, connect=min(timeout_s, SLOWEST_CONNECT_S)),
        "limits": httpx2.Limits(
            max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_IDLE
        ),
        "headers": {"Accept-Encoding": "identity"},
        "auth": address.login,
        "params": address.query,
        "follow_redirects": False,
        "event_hooks": {"response": [cap]},
    }


def open_client(
    on_aiohttp: Callable[..., httpx2.AsyncClient], settings: Mapping[str, Any]
) -> httpx2.AsyncClient:
    """Return an SDK's client `on_aiohttp` where that is installed: it takes far less time."""
    try:
        return on_aiohttp(**settings)
    except RuntimeError:
        return httpx2.AsyncClient(**settings)


def no_certificates() -> ssl.SSLContext:
    """Return a TLS context without certificates: to load the usual ones takes 20 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
