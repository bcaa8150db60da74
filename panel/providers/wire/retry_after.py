"""How long a server asks us to wait, read from its headers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the wait in seconds that `headers` ask for, or None where they ask for none.

    `retry-after-ms` comes before `Retry-After`, which is a number of seconds or an HTTP date
    (RFC 9110, 10.2.3), measured from `now`. What is negative, past, not a number or garbage asks
    for nothing; how long a wait is obeyed is for the caller to say. The names of `headers` are in
    lower case, or `headers` does not tell cases apart.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _number(asked)
    return seconds if asked is None or seconds is not None else _until(asked, now)


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and _NUMBER.fullmatch(value.strip()) else None


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now).total_seconds()
    return seconds if seconds >= 0 else None
