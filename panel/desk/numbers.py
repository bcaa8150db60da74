"""Numbers that a browser sends: in an address, a field or a header."""

from typing import Final

_MOST_DIGITS: Final = 17


def read_number(text: str) -> int:
    """Return the number from 0 up that `text` is; 0 where it is none, or too long to be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
