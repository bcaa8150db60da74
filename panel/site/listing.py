"""Lists of tools: by category in four orders, and from A to Z, cut into pages of one hundred."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from panel.publish.entry_price import entry_order
from panel.publish.rows import Row

A_PAGE: Final = 100
T = TypeVar("T")


@dataclass(frozen=True)
class Sheet(Generic[T]):
    """One page of a list: its number from 1, how many there are, and what is on it."""

    path: str
    number: int
    of: int
    items: tuple[T, ...]
    base: str

    @property
    def previous(self) -> str | None:
        """The address of the page before."""
        return sheet_path(self.base, self.number - 1) if self.number > 1 else None

    @property
    def following(self) -> str | None:
        """The address of the page after."""
        return sheet_path(self.base, self.number + 1) if self.number < self.of else None


def sheet_path(base: str, number: int) -> str:
    """Return the address of a page of a list that begins at `base`."""
    return base if number == 1 else f"{base}page-{number}/"


def cut(base: str, items: Sequence[T], a_page: int = A_PAGE) -> list[Sheet[T]]:
    """Return the pages of a list, one where it is empty."""
    parts = [tuple(items[at : at + a_page]) for at in range(0, len(items), a_page)] or [()]
    return [
        Sheet(sheet_path(base, number), number, len(parts), part, base)
        for number, part in enumerate(parts, start=1)
    ]


@dataclass(frozen=True)
class ListOrder:
    """An order of a category's tools: its words, its address and whether it rises."""

    key: str
    label: str
    suffix: str
    sort: str
    by: Callable[[Row], Any]


_TOLD = {"ship": 0, "split": 1, "skip": 2}

ORDERS = (
    ListOrder(
        "date", "newest", "", "descending", lambda row: -row.tool.first_published.timestamp()
    ),
    ListOrder("name", "by name", "by-name/", "ascending", lambda row: row.tool.name.casefold()),
    ListOrder(
        "share",
        "by ship share",
        "by-share/",
        "descending",
        lambda row: (_TOLD.get(row.badge, 9), -int(row.share) if row.share else 1),
    ),
    ListOrder(
        "price",
        "by entry price",
        "by-price/",
        "ascending",
        lambda row: entry_order(row.tool.run.tool),
    ),
)


def in_order(rows: Sequence[Row], order: ListOrder) -> list[Row]:
    """Return rows in an order; equal ones by name."""
    return sorted(rows, key=lambda row: (order.by(row), row.tool.name.casefold(), row.tool.slug))


def letter_of(name: str) -> str:
    """Return the letter from A to Z under which a name is filed, else `0-9` or `other`.

    `letter_of("Éclair")` is `e`
    """
    for sign in unicodedata.normalize("NFKD", name).casefold():
        if "a" <= sign <= "z":
            return sign
        if sign.isdigit():
            return "0-9"
        if sign.isalpha():
            return "other"
    return "other"


def by_letter(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by their letter, digits first and other scripts last, each part by name."""
    found: dict[str, list[Row]] = {}
    for row in in_order(rows, ORDERS[1]):
        found.setdefault(letter_of(row.tool.name), []).append(row)
    return dict(sorted(found.items(), key=lambda part: (part[0] == "other", part[0])))
