"""Types of columns that are the same in both databases, and come back as they went in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import overload

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_SHOWN_NUL = "\N{SYMBOL FOR NULL}"


class TextColumn(TypeDecorator[str]):
    """Text from outside, as both databases can hold it (see `storable_text`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return `value` as both databases can hold it."""
        return storable_text(value)


class UtcColumn(TypeDecorator[datetime]):
    """A moment as text of one length in UTC, which sorts as time does; it comes back with its zone."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text of `value`. Raises ValueError where it has no zone."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment that was stored, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class DecimalColumn(TypeDecorator[Decimal]):
    """Money as text: SQLite would make a float of a number."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return every digit of `value`."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the amount that was stored."""
        return None if value is None else Decimal(value)


@overload
def storable_text(text: str) -> str: ...
@overload
def storable_text(text: None) -> None: ...
@overload
def storable_text(text: str | None) -> str | None: ...
def storable_text(text: str | None) -> str | None:
    """Return `text` as both databases can hold it: NUL as its symbol, ␀, no UTF-8 as an escape."""
    if text is None:
        return None
    return text.replace("\0", _SHOWN_NUL).encode("utf-8", "backslashreplace").decode()


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, as it will be read back. Raises ValueError without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def moment_text(moment: datetime) -> str:
    """Return `moment` in UTC as `2026-11-22T03:30:00.000000+00:00`. Raises ValueError without zone."""
    return utc(moment).isoformat(timespec="microseconds")
