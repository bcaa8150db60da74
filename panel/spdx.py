"""The table of licences, out of the SPDX and OSI data of the package license-expression."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from panel.domain.licence import Category, LicenceTable, fold_name

_CATEGORIES: Final[dict[str, Category]] = {
    "Public Domain": "public domain",
    "Permissive": "permissive",
    "Copyleft": "copyleft",
    "Copyleft Limited": "copyleft",
    "Source-available": "source-available",
    "Free Restricted": "source-available",
    "Proprietary Free": "proprietary",
    "Commercial": "proprietary",
}
_PLAIN_WORDS: Final[dict[str, tuple[str | None, Category]]] = {
    "gpl": (None, "copyleft"),
    "lgpl": (None, "copyleft"),
    "agpl": (None, "copyleft"),
    "cc-0": ("CC0-1.0", "public domain"),
    "bsd": (None, "permissive"),
    "bsd-3": ("BSD-3-Clause", "permissive"),
    "bsd-2": ("BSD-2-Clause", "permissive"),
    "public-domain": (None, "public domain"),
    "source-available": (None, "source-available"),
    "proprietary": (None, "proprietary"),
    "closed-source": (None, "proprietary"),
    "commercial": (None, "proprietary"),
    "all-rights-reserved": (None, "proprietary"),
}
_VERSIONED: Final = re.compile(r"(?P<family>[A-Za-z]+(?:-[A-Za-z]+)*)-\d[\d.]*")
_SCANCODE: Final = "LicenseRef-"


@cache
def licence_table() -> LicenceTable:
    """Return every licence of the package by each of its spellings, and its families by name.

    A family without a version ("Apache", "GPL") is known where all of its versions are of one category.
    """
    from license_expression import get_license_index  # noqa: PLC0415 - 0.1 s

    index = [entry for entry in get_license_index() if entry["category"] in _CATEGORIES]
    known: dict[str, tuple[str | None, Category]] = dict(_PLAIN_WORDS)
    for entry in sorted(index, key=_is_scancode):
        spdx = entry["spdx_license_key"]
        identifier = None if _is_scancode(entry) else spdx
        for name in _names(entry):
            known.setdefault(fold_name(name), (identifier, _CATEGORIES[entry["category"]]))
    listed = [
        (entry["spdx_license_key"], _CATEGORIES[entry["category"]])
        for entry in index
        if not _is_scancode(entry)
    ]
    for family, category in _families(listed):
        known.setdefault(family, (None, category))
    known.update(_lone_exceptions(index))
    exceptions = frozenset(_exceptions(index))
    families = (name for name, _ in _families((one, "permissive") for one in exceptions))
    return LicenceTable(known=known, exceptions=frozenset(map(fold_name, (*exceptions, *families))))


def _is_scancode(entry: dict[str, Any]) -> bool:
    """Tell whether SPDX itself does not list a licence."""
    return (entry["spdx_license_key"] or _SCANCODE).startswith(_SCANCODE)


def _exceptions(index: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the names of the exceptions that add a permission and forbid nothing."""
    for entry in index:
        if entry["is_exception"] and _CATEGORIES[entry["category"]] in ("permissive", "copyleft"):
            yield from _names(entry)


def _lone_exceptions(
    index: Iterable[dict[str, Any]],
) -> Iterator[tuple[str, tuple[str, Category]]]:
    """Yield each exception that has one version under its name without it: "classpath-exception"."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in index:
        parts = _VERSIONED.fullmatch(entry["spdx_license_key"] or "")
        if parts and entry["is_exception"] and parts["family"].endswith("exception"):
            found.setdefault(fold_name(parts["family"]), []).append(entry)
    for name, entries in found.items():
        if len(entries) == 1:
            yield name, (entries[0]["spdx_license_key"], _CATEGORIES[entries[0]["category"]])


def _names(entry: dict[str, Any]) -> Iterator[str]:
    for name in (
        entry["spdx_license_key"],
        *entry["other_spdx_license_keys"],
        entry["license_key"],
    ):
        if name and not name.startswith(_SCANCODE):
            yield name


def _families(identifiers: Iterable[tuple[str, Category]]) -> Iterator[tuple[str, Category]]:
    """Yield each name without its version, and with its version alone, that has one category.

    Example: "apache" of the three Apache licences, "fsl-1.1" of the two of that version.
    """
    found: dict[str, set[Category]] = {}
    for identifier, category in identifiers:
        if parts := _VERSIONED.match(identifier):
            for name in {parts["family"], parts[0]} - {identifier}:
                found.setdefault(fold_name(name), set()).add(category)
    for name, categories in found.items():
        if len(categories) == 1:
            yield name, categories.pop()
