"""Dates of feeds."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_READERS: Final[tuple[Callable[[str], datetime], ...]] = (
    datetime.fromisoformat,
    parsedate_to_datetime,
)


def moment(text: str | None) -> str | None:
    """Return a date, ISO 8601 or as in mail, as ISO 8601 in UTC; None where it is neither.

    One without a zone is taken for UTC.
    """
    for read in _READERS if text else ():
        try:
            found = read((text or "").strip())
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC).isoformat()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
