"""What an HTTP status from a model server means for the call, the run and the person."""

import json
import re
from collections.abc import Mapping
from typing import Any

from panel.errors import ProviderError, Refused, Stopped, Transient
from panel.providers.wire.known_keys import WORD, KnownKeys

MOST_REASON = 200

_PASSING = frozenset({408, 409, 425, 429})
_UNPAID = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_ABOUT_THE_KEY = re.compile(r"api[ _-]?key|auth|credential|permission|token", re.IGNORECASE)
# What servers show of a key, in part or starred out, and keys that are not ours.
_SHAPED_LIKE_A_KEY = re.compile(r"(?i:bearer)\s+\S+|\b(?:sk|pk|rk)-[\w*.-]{6,}", re.ASCII)


def fault(
    status: int,
    body: bytes,
    *,
    service: str,
    keys: KnownKeys,
    retry_after: float | None = None,
    tokens: Mapping[str, int] | None = None,
) -> ProviderError:
    """Return the error that an answer of `status` with `body` is.

    Stopped where no further call can succeed (401, a key's 403, 402, exhausted quota), Transient
    where it may pass (408, 409, 425, 429, 5xx), else Refused with the server's own words. `service`
    names the server in the reason; none of `keys` stands in it.
    """
    said, codes = _complaint(body, keys)
    if status == 402 or codes & _UNPAID:  # noqa: PLR2004 - Payment Required
        return Stopped(
            f"{service} says the account has no credit left ({status}): top it up or raise its"
            " limit, then run the same command again",
            cause="quota",
        )
    if status == 401 or (status == 403 and _is_about_the_key(said, codes)):  # noqa: PLR2004 - RFC 9110
        return Stopped(
            f"{service} does not accept the key ({status}): check that it is set, complete and"
            " allowed to use this model",
            cause="key",
        )
    if status in _PASSING or status >= 500:  # noqa: PLR2004 - RFC 9110
        return Transient(
            f"{service} is {_trouble(status)} ({status})", retry_after=retry_after, tokens=tokens
        )
    words = one_line(said)
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110
        words = "it points to another address, which is not followed: set the right base_url"
    return Refused(
        f"{service} declined the request ({status})" + (f": {words}" if words else ""),
        tokens=tokens,
    )


def one_line(text: str) -> str:
    """Return `text` as one printable line of at most 200 characters, without what looks like a key.

    Keys that are known are scrubbed before: of one that is cut off here, a part would be left.
    """
    head = "".join(char if char.isprintable() else " " for char in text[: 10 * MOST_REASON])
    line = " ".join(_SHAPED_LIKE_A_KEY.sub(WORD, head).split())
    return line if len(line) <= MOST_REASON else f"{line[: MOST_REASON - 1].rstrip()}…"


def _trouble(status: int) -> str:
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return "asking us to slow down"
    return "overloaded" if status in (503, 529) else "in trouble"


def _is_about_the_key(said: str, codes: frozenset[str]) -> bool:
    return "model_not_found" not in codes and any(map(_ABOUT_THE_KEY.search, (said, *codes)))


def _complaint(body: bytes, keys: KnownKeys) -> tuple[str, frozenset[str]]:
    """Return what the server says in words, and the codes and types that it gives."""
    text = keys.scrub(body[:100_000].decode("utf-8", "replace"))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        is_page = text.lstrip()[:1] == "<"
        return ("it answered with a web page" if is_page else text), frozenset()
    found = document if isinstance(document, dict) else {}
    inner = found.get("error")
    error: dict[str, Any] = inner if isinstance(inner, dict) else found
    codes = frozenset(
        value for name in ("code", "type") if isinstance(value := error.get(name), str)
    )
    for words in (error.get("message"), inner, found.get("detail"), found.get("message")):
        if said := _words(words):
            return said, codes
    return "", codes


def _words(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the message in one of the shapes that servers put it: a text, or a list of faults."""
    if isinstance(value, dict):
        value = value.get("detail")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        place, said = value[0].get("loc"), value[0].get("msg")
        named = place if isinstance(place, list) else []
        steps = ".".join(str(step) for step in named if isinstance(step, str | int))
        return f"{steps}: {said}".removeprefix(": ") if isinstance(said, str) else ""
    return value if isinstance(value, str) else ""
