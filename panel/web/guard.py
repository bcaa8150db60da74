"""The guard of a web service: known hosts only, and no post that another site had a browser send."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_READING: Final = frozenset({"GET", "HEAD"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class Guard:
    """Refuses requests by their headers, before the application sees them.

    - 400: a `Host` that is neither in `hosts` nor this machine's own name for itself. A page that
      points its name at this address (DNS rebinding) is answered so.
    - 403: a request that may change something and comes from a page of another origin. A browser
      says so by `Sec-Fetch-Site`; one that does not send it, or says `same-site`, has to name as
      `Origin` this service or one of `origins`. A request with neither header is refused too.

    `hosts` are names without a port; `origins` are addresses of other sites whose pages may post.
    `open_paths` are paths whose posts are let through because a secret in them is the proof, as mail
    software sends them. With `across_sites` the pages of `origins` may post from another site too; a
    browser sends no cookie then, so the service must need none.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
        open_paths: Collection[str] = (),
        across_sites: bool = False,
    ) -> None:
        self._app = app
        self._hosts = _LOOPBACK | {host.casefold() for host in hosts}
        self._origins = frozenset(map(origin_of, origins)) - {""}
        self._open_paths = frozenset(open_paths)
        self._across_sites = across_sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await (self._refuse(scope) or self._app)(scope, receive, send)

    def _refuse(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if _host_name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("This service has another name.\n", 400)
        is_free = scope["method"] in _READING or scope["path"] in self._open_paths
        if is_free or self._allows(headers):
            return None
        return PlainTextResponse("Not accepted: sent from another site.\n", 403)

    def _allows(self, headers: Headers) -> bool:
        """Tell whether a request that may change something comes from a page that may send it."""
        site = headers.get("sec-fetch-site")
        if site == "same-origin":
            return True
        origin = headers.get("origin", "")
        if site == "cross-site" and self._across_sites:
            return origin in self._origins
        if site not in (None, "same-site"):
            return False
        return origin in self._origins or _is_own(origin, headers.get("host", ""))


def _is_own(origin: str, host: str) -> bool:
    """Tell whether `origin` is the service itself. A proxy may have ended TLS: the scheme is open."""
    scheme = origin.partition(":")[0]
    own = f"{scheme}://{host}"
    return scheme in _PORTS and origin.casefold() in (own.casefold(), origin_of(own))


def origin_of(url: str) -> str:
    """Return the origin of an address as a browser writes it; empty where it has none.

    `origin_of("https://Example.org:443/a")` is `https://example.org`
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    name = parts.hostname or ""
    if parts.scheme not in _PORTS or not name:
        return ""
    written = f"[{name}]" if ":" in name else name
    at = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{written}{at}"


def _host_name(host: str) -> str:
    """Return a `Host` header's name without its port; empty where it is malformed."""
    if not host or any(sign in host for sign in "/@?#\\ "):
        return ""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    name = parts.hostname or ""
    return f"[{name}]" if ":" in name else name
