"""The error that a call to a model server is: by its status and complaint, or by what broke."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

import httpx2

from panel.errors import ProviderError, Refused, Stopped, Transient, Unusable
from panel.providers.key_redaction import WORD
from panel.providers.retry_after import read_retry_after
from panel.providers.server import Server

MOST_REASON = 200
"""The characters of one reason."""

_MAY_PASS = frozenset({408, 409, 425, 429})
_UNPAID = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"}
)
_UNKNOWN_PAGE = "Not Found"  # what the web frameworks of many servers say of an unknown path
_ABOUT_THE_KEY = re.compile(r"api[ _-]?key|auth|credential|permission|token", re.IGNORECASE)
# What servers show of a key, in part or starred out, and keys that are not ours.
_SHAPED_LIKE_A_KEY = re.compile(r"(?i:bearer)\s+\S+|\b(?:sk|pk|rk)-[\w*.-]{6,}", re.ASCII)


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
        why = f": {one_line(words)}" if words and complaint.is_of_the_api else ""
        return Transient(
            f"{server.name} is {_trouble(status)} ({status}){why}",
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


def fault_of_sdk(error: Exception, sdk: ModuleType, server: Server, now: datetime) -> ProviderError:
    """Return the error of ours for `error`, which an `sdk` raised at `now`.

    `sdk` is the package `openai` or `anthropic`, whose errors have the same names.
    """
    if isinstance(error, sdk.APIStatusError):
        return fault_of(error.response, server, now)
    if isinstance(error, sdk.APIConnectionError):
        return unanswered(error.__cause__, server)
    if isinstance(error, sdk.APIResponseValidationError):
        return Unusable(f"{server.name} sent an answer that the {sdk.__name__} package cannot read")
    return Refused(f"{server.name} gave no answer: {one_line(server.keys.scrub(str(error)))}")


@contextmanager
def connection_faults(server: Server) -> Iterator[None]:
    """Raise Transient for a connection that broke, was never made, or fell silent."""
    try:
        yield
    except _transport_errors() as error:
        raise unanswered(error, server) from error


def unanswered(cause: BaseException | None, server: Server) -> ProviderError:
    """Return the error of a call that got no answer, by the `cause` that an SDK names."""
    # An SDK may take what the client refused to read for a broken connection.
    if isinstance(cause, ProviderError):
        return cause
    # aiohttp reports a reset as a ConnectTimeout too, so that one says no more than no answer.
    if isinstance(cause, httpx2.ReadTimeout | httpx2.WriteTimeout):
        return timed_out(server)
    return unconnected(server)


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
