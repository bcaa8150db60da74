"""How long a server asks to wait: `Retry-After` in its forms, and the headers of rate limits."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{1,13}(?:\.\d{1,9})?", re.ASCII)
_SPAN = re.compile(
    r"(?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,6}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?",
    re.ASCII,
)
_A_MOMENT = 1e9  # as a wait it would be 31 years
_A_YEAR = 366 * 86_400


def read_retry_after(
    headers: Mapping[str, str], now: datetime, *, status: int | None = None
) -> float | None:
    """Return the wait in seconds that `headers` ask for, or None where they ask for none.

    `retry-after-ms` comes before `Retry-After`, which is a number of seconds or an HTTP date
    (RFC 9110, 10.2.3), measured from `now`. A number that would be decades of seconds is a moment,
    in seconds or milliseconds since 1970. Under `status` 429, and with neither, the wait is until
    the last of the limits that are used up is reset. What is negative, past or none of these asks
    for nothing; how long a wait is obeyed is for the caller to say. The names of `headers` are in
    lower case, or `headers` does not tell cases apart.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None and milliseconds < 1000 * _A_MOMENT:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    if asked is not None and (seconds := _seconds(asked, now)) is not None:
        return seconds
    if status != 429:  # noqa: PLR2004 - Too Many Requests
        return None
    resets = [_reset(name.lower(), value, headers, now) for name, value in headers.items()]
    return max((wait for wait in resets if wait is not None), default=None)


def _reset(name: str, value: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return in how many seconds the limit of one header is reset, None where it is not used up."""
    if "ratelimit" not in name or "reset" not in name:
        return None
    left = _number(headers.get(name.replace("reset", "remaining")))
    if left is not None and left > 0:
        return None
    parts = _SPAN.fullmatch(value.strip())
    if parts is None or not value.strip():
        return _seconds(value, now)
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _seconds(value: str, now: datetime) -> float | None:
    """Return the seconds that `value` is from `now`: a number of them, a moment or a date."""
    number = _number(value)
    if number is None:
        return _seconds_until(value, now)
    if number < _A_MOMENT:
        return number
    moment = number / 1000 if number >= 100 * _A_MOMENT else number
    wait = moment - now.timestamp()
    return wait if 0 <= wait <= _A_YEAR else None


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and _NUMBER.fullmatch(value.strip()) else None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        moment = _read_date(date.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now).total_seconds()
    return seconds if seconds >= 0 else None


def _read_date(date: str) -> datetime:
    """Return the moment of an HTTP date, or of one by RFC 3339. Raises ValueError and others."""
    return datetime.fromisoformat(date) if date[:4].isdigit() else parsedate_to_datetime(date)
