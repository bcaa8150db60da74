"""Headers that every answer of a web service has."""

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
NEVER_STORED: Final[Mapping[str, str]] = {"cache-control": "no-store"}
"""For an answer to one reader or editor, and for one that is true at this moment alone."""
_YEAR_S: Final = 31_536_000


class SecurityHeaders:
    """Sets the headers of OWASP ASVS 5.0, 3.4, on every answer, error pages included.

    Nothing may be loaded but styles and pictures of the service itself, and nothing may frame it.
    `policy` is another Content-Security-Policy; `over_tls` says that the public address is https.
    """

    def __init__(self, app: ASGIApp, *, over_tls: bool, policy: str = POLICY) -> None:
        self._app = app
        headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        if over_tls:
            headers["strict-transport-security"] = f"max-age={_YEAR_S}"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers that its answer has not set itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", [])
                names = {name.lower() for name, _ in own}
                added = [pair for pair in self._headers if pair[0] not in names]
                message = {**message, "headers": [*own, *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
