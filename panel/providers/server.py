"""A model server: its name, the keys that none of its words may show, and its address."""

import re
from dataclasses import dataclass

import httpx2

from panel.domain.addresses import redact_url
from panel.errors import ConfigError
from panel.providers.key_redaction import KnownKeys

_HEADER_SAFE = re.compile(r"[!-~]+", re.ASCII)


@dataclass(frozen=True)
class Server:
    """A model server: its `name` in messages, and the `keys` that none of its words may show.

    `path_hint` is what may be wrong with its address where nothing answers there.
    """

    name: str
    keys: KnownKeys
    path_hint: str = ""


@dataclass(frozen=True)
class Address:
    """The base address of a server: `query` and `login` go with every request, and are not in `url`."""

    url: str
    query: httpx2.QueryParams
    login: tuple[str, str] | None
    secrets: tuple[str, ...]

    @property
    def has_path(self) -> bool:
        """Whether anything stands behind the host."""
        return httpx2.URL(self.url).path.strip("/") != ""

    @property
    def is_plain(self) -> bool:
        """Whether it is spoken to without TLS."""
        return self.url.startswith("http://")


def read_address(text: str, *, setting: str, example: str) -> Address:
    """Return the base address that `text` is.

    A user and a password are sent as HTTP Basic has them, before a key that needs the same header.
    The password, or a user that has none, and the values of the query are secrets. Raises ConfigError,
    which names `setting` and an `example`, where it is no http address with a host.
    """
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        shown = redact_url(text.rpartition("@")[2])
        raise ConfigError(f"{setting} is {shown!r}: give it as {example}")
    return Address(
        url=str(url.copy_with(userinfo=b"", query=None, fragment=None)),
        query=url.params,
        login=(url.username, url.password) if url.userinfo else None,
        secrets=_secrets_in(url),
    )


def secrets_in(text: str) -> tuple[str, ...]:
    """Return what is secret in an address: see read_address. Nothing, where it is none."""
    try:
        return _secrets_in(httpx2.URL(text))
    except httpx2.InvalidURL:
        return ()


def _secrets_in(url: httpx2.URL) -> tuple[str, ...]:
    # As it is written as well: a plain + stands for a space where it is read.
    written = (pair.partition("=")[2] for pair in url.query.decode("ascii", "replace").split("&"))
    values = (value for _, value in url.params.multi_items())
    return (url.password or url.username, *values, *written)


def check_key(key: str, maker: str) -> None:
    """Raise ConfigError where `key` cannot be sent in a header."""
    if not _HEADER_SAFE.fullmatch(key):
        raise ConfigError(f"the key for {maker} holds a space or an odd character: paste it again")
