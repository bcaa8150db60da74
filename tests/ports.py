"""A port of this machine for a server that has to be told one before it listens."""

import random
import socket
from contextlib import suppress
from typing import Final

_BELOW_OUTGOING: Final = range(20_000, 32_000)
"""No system gives these to a connection by itself, so that none takes one before the server does."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    for port in random.SystemRandom().sample(_BELOW_OUTGOING, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports are all taken")
