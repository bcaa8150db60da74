"""No sockets, no keys: what a replay has to do without."""

import socket
import sys
from typing import NoReturn

import pytest

from panel.providers.services import built_in

KEYS = tuple(
    name
    for one in built_in().values()
    for name in (one.key_variable, one.address_variable)
    if name is not None
)
"""The variables that may hold a service's key or address."""


def take_keys(patch: pytest.MonkeyPatch) -> None:
    """Leave no key in the environment."""
    for name in KEYS:
        patch.delenv(name, raising=False)


def seal(patch: pytest.MonkeyPatch) -> None:
    """Let no socket connect, not even to this machine, and leave no key.

    uvloop would connect below Python, where nothing can be refused: it is hidden.
    """
    take_keys(patch)
    patch.setitem(sys.modules, "uvloop", None)
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _refuse)
    patch.setattr(socket, "getaddrinfo", _refuse)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a replay reached for a socket")
