"""Whose request it is, where a proxy may stand in between."""

from collections.abc import Collection

from starlette.types import Scope


def client_address(scope: Scope, proxies: Collection[str] = ()) -> str:
    """Return the address that a request comes from; empty where nobody knows.

    `X-Forwarded-For` is read only where the connection comes from one of `proxies`: its last entry
    that is no proxy is what the outermost of them saw. What stands before it, anybody may have sent.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if peer not in proxies:
        return peer
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    entries = b",".join(lines).decode("latin-1").split(",")
    for entry in reversed(entries):
        address = entry.strip()
        if address and address not in proxies:
            return address
    return peer
