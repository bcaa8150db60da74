"""What stands around every service: headers, guard and a bound on what is sent."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp

from panel.web.guard import Guard
from panel.web.security_headers import POLICY, SecurityHeaders


def protect(
    app: ASGIApp,
    address: str | None,
    *,
    most_bytes: int,
    policy: str = POLICY,
    origins: Collection[str] = (),
    open_paths: Collection[str] = (),
    across_sites: bool = False,
) -> ASGIApp:
    """Return `app` behind its guard, with the headers of every answer.

    `address` is the service as browsers reach it, None on this machine alone; a request has
    `most_bytes` at most. What the others are: `Guard` and `SecurityHeaders`.
    """
    guarded = Guard(
        RequestBodyLimitMiddleware(app, most_bytes),
        hosts=[urlsplit(address).hostname or ""] if address else (),
        origins=origins,
        open_paths=open_paths,
        across_sites=across_sites,
    )
    return SecurityHeaders(guarded, over_tls=is_https(address), policy=policy)


def is_https(address: str | None) -> bool:
    """Tell whether browsers reach a service over TLS."""
    return address is not None and address.startswith("https://")
