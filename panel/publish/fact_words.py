"""The words that readers have for facts: for a field's name, and for the terms of the entry price."""

from typing import Final

_ENTRIES: Final = {"freemium": "free to start", "contact": "on request"}
_FIELDS: Final = {"entry": "entry price", "url": "address"}


def say_entry(value: str) -> str:
    """Return the terms of an entry price in words: `free to start` for `freemium`."""
    return _ENTRIES.get(value, value)


def say_field(name: str) -> str:
    """Return the name of a field of a tool in words: `entry price` for `entry`."""
    return _FIELDS.get(name, name)


def say_value(field: str, value: str | None) -> str | None:
    """Return what a field says in words; None stays None.

    >>> say_value("entry", "contact")
    'on request'
    """
    return say_entry(value) if field == "entry" and value is not None else value
