"""HTTP as model servers speak it: addresses, the client, broken connections, statuses."""

import json
import re
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx2

from panel.domain.addresses import redact_url
from panel.errors import ConfigError, ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.known_keys import WORD, KnownKeys
from panel.providers.retry_after import read_retry_after

MOST_BYTES = 2_000_000
"""Of one answer."""

MOST_REASON = 200
"""The characters of one reason."""

SLOWEST_CONNECT_S = 10.0

_MOST_CONNECTIONS = 1000
_MOST_IDLE = 100
_HEADER_SAFE = re.compile(r"[!-~]+", re.ASCII)
_MAY_PASS = frozenset({408, 409, 425, 429})
_UNPAID = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"}
)
_UNKNOWN_PAGE = "Not Found"  # what the web frameworks of many servers say of an unknown path
_ABOUT_THE_KEY = re.compile(r"api[ _-]?key|auth|credential|permission|token", re.IGNORECASE)
# What servers show of a key, in part or starred out, and keys that are not ours.
_SHAPED_LIKE_A_KEY = re.compile(r"(?i:bearer)\s+\S+|\b(?:sk|pk|rk)-[\w*.-]{6,}", re.ASCII)


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


@contextmanager
def connection_faults(server: Server) -> Iterator[None]:
    """Raise Transient for a connection that broke, was never made, or fell silent."""
    try:
        yield
    except _transport_errors() as error:
        raise unanswered(error, server) from error


def timed_out(server: Server) -> Transient:
    """Return the error of a server that fell silent."""
    return Transient(f"{server.name} did not answer in time")


def unconnected(server: Server) -> Transient:
    """Return the error of a connection that broke, or was never made."""
    return Transient(f"no answer from {server.name}: the connection broke, or nobody is there")


def _transport_errors() -> tuple[type[Exception], ...]:
    """Return what transports raise, also where an answer is no HTTP at all."""
    aiohttp = sys.modules.get("aiohttp")
    more = () if aiohttp is None else (aiohttp.ClientError,)
    return (httpx2.HTTPError, OSError, ValueError, *more)


def fault(
    status: int,
    body: bytes,
    server: Server,
    *,
    retry_after: float | None = None,
    tokens: Mapping[str, int] | None = None,
) -> ProviderError:
    """Return the error that an answer of `status` with `body` is.

    Stopped where no further call can succeed (401, a key's 403, 402, exhausted quota), Transient
    where one may (408, 409, 425, 429, 5xx), else Refused with the server's own words.
    """
    complaint = read_complaint(body, server)
    words, codes = complaint.words, complaint.codes
    if status == 402 or codes & _UNPAID:  # noqa: PLR2004 - Payment Required
        return Stopped(
            f"{server.name} says the account has no credit left ({status}): top it up or raise its"
            " limit, then run the same command again",
            cause="quota",
        )
    if status == 401 or (status == 403 and _is_about_the_key(words, codes)):  # noqa: PLR2004 - RFC 9110
        return Stopped(
            f"{server.name} does not accept the key ({status}): check that it is set, complete and"
            " allowed to use this model",
            cause="key",
        )
    if status in _MAY_PASS or status >= 500:  # noqa: PLR2004 - RFC 9110
        return Transient(
            f"{server.name} is {_trouble(status)} ({status})",
            retry_after=retry_after,
            tokens=tokens,
        )
    if status == 404 and not complaint.is_of_the_api:  # noqa: PLR2004 - Not Found
        return Stopped(
            f"{server.name} has no models at this address (404): set the right base_url"
            f"{server.path_hint}, then run the same command again",
            cause="address",
        )
    said = one_line(words) + (server.path_hint if status == 404 else "")  # noqa: PLR2004 - Not Found
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110
        said = "it points to another address, which is not followed: set the right base_url"
    return Refused(
        f"{server.name} declined the request ({status})" + (f": {said}" if said else ""),
        tokens=tokens,
    )


def fault_of(response: httpx2.Response, server: Server, now: datetime) -> ProviderError:
    """Return the error that `response`, which came at `now` and is read, is: see fault."""
    status = response.status_code
    wait = read_retry_after(response.headers, now, status=status)
    return fault(status, response.content, server, retry_after=wait)


def unanswered(cause: BaseException | None, server: Server) -> ProviderError:
    """Return the error of a call that got no answer, by the `cause` that an SDK names."""
    # An SDK may take what the client refused to read for a broken connection.
    if isinstance(cause, ProviderError):
        return cause
    # aiohttp reports a reset as a ConnectTimeout too, so that one says no more than no answer.
    if isinstance(cause, httpx2.ReadTimeout | httpx2.WriteTimeout):
        return timed_out(server)
    return unconnected(server)


def one_line(text: str) -> str:
    """Return `text` as one printable line of at most 200 characters, without what looks like a key.

    Known keys are to be scrubbed before: a part of one that is cut off here would be left.
    """
    head = "".join(char if char.isprintable() else " " for char in text[: 10 * MOST_REASON])
    line = " ".join(_SHAPED_LIKE_A_KEY.sub(WORD, head).split())
    return line if len(line) <= MOST_REASON else f"{line[: MOST_REASON - 1].rstrip()}…"


def _trouble(status: int) -> str:
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return "asking us to slow down"
    return "overloaded" if status in (503, 529) else "in trouble"


def _is_about_the_key(words: str, codes: frozenset[str]) -> bool:
    return "model_not_found" not in codes and any(map(_ABOUT_THE_KEY.search, (words, *codes)))


@dataclass(frozen=True)
class Complaint:
    """What a server says is wrong: in words, by codes and types, and in all that was said with it.

    `is_of_the_api`: it has the form of an error of a model's API, and not that of a web server which
    knows no such page.
    """

    words: str
    codes: frozenset[str]
    text: str
    is_of_the_api: bool


def read_complaint(body: bytes, server: Server) -> Complaint:
    """Return what `body`, the answer to a call that failed, complains of."""
    text = server.keys.scrub(body[:100_000].decode("utf-8", "replace"))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        is_page = text.lstrip()[:1] == "<"
        words = "it answered with a web page" if is_page else text
        return Complaint(words, frozenset(), text, is_of_the_api=False)
    found = document if isinstance(document, dict) else {}
    inner = found.get("error")
    error: dict[str, Any] = inner if isinstance(inner, dict) else found
    deeper = error.get("innererror"), error.get("metadata")
    beside = [place if isinstance(place, dict) else {} for place in deeper]
    codes = frozenset(
        value
        for place in (error, beside[0])
        for name in ("code", "type")
        if isinstance(value := place.get(name), str)
    )
    said = _first_words((error.get("message"), inner, found.get("detail"), found.get("message")))
    # A router passes on the words of the server behind it.
    words = ": ".join(filter(None, (said, _first_words([beside[1].get("raw")]))))
    named = error.get("param")
    told = [words, *map(str, _faults_of_fields(found)), named if isinstance(named, str) else ""]
    return Complaint(
        words, codes, "\n".join(told), is_of_the_api=bool(words) and said != _UNKNOWN_PAGE
    )


def _first_words(places: Iterable[Any]) -> str:
    """Return the first message among `places`: each holds a text, a list of faults, or neither."""
    for place in places:
        value = place.get("detail") if isinstance(place, dict) else place
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = _fault_of_a_field(value[0])
        if isinstance(value, str) and value:
            return value
    return ""


def _faults_of_fields(document: dict[str, Any]) -> list[str]:
    """Return every fault of a list of them, of which the first is what a person is shown."""
    message = document.get("message")
    places = (document.get("detail"), message.get("detail") if isinstance(message, dict) else None)
    lists = [place for place in places if isinstance(place, list)]
    return [_fault_of_a_field(one) for found in lists for one in found if isinstance(one, dict)]


def _fault_of_a_field(entry: dict[str, Any]) -> str:
    """Return an entry of FastAPI's list of faults, `{"loc": [...], "msg": ...}`, as one text."""
    place, words = entry.get("loc"), entry.get("msg")
    if not isinstance(words, str):
        return ""
    named = place if isinstance(place, list) else []
    steps = ".".join(str(step) for step in named if isinstance(step, str | int))
    return f"{steps}: {words}".removeprefix(": ")
