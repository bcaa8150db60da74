"""The HTTP server of a web service."""

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from panel.errors import ConfigError

_GRACE_S = 3
_BACKLOG = 512


def serve(app: ASGIApp, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve `app` until the process is told to stop; open requests have three seconds to end.

    `port` 0 takes a free one. `announce` gets the address once connections are accepted. Forwarded
    addresses are not read here: see `client_address`. Raises ConfigError where the address is taken,
    or is none of this machine.
    """
    listening = _listen(host, port)
    name = f"[{host}]" if ":" in host else host
    announce(f"http://{name}:{listening.getsockname()[1]}")
    config = uvicorn.Config(
        app,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
        lifespan="on",
    )
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"{host}:{port}: {error.strerror}. Choose another --host or --port, or stop what listens "
            "there."
        ) from error
    return listening
