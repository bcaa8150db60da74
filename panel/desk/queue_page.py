"""The queue: what waits for an editor, filtered and sorted as its address says."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from panel.app.run_summary import RunSummary
from panel.desk.desk_points import GATE_ORDER, SHORT_FLAGS, need_of
from panel.desk.numbers import read_number
from panel.domain.wording import counted

A_PAGE: Final = 100
_OLD: Final = timedelta(hours=24)
SORTS: Final = ("need", "tool", "verdict", "price", "cost", "age")


@dataclass(frozen=True)
class QueueRow:
    """A run in the queue: what it needs from an editor in words, None where a reading is all.

    `group` is where it stands: `need`, `read` where sentences that nobody has checked are to be read,
    `clean` where every gate is clear, or `running`. `filters` are those that show it, but for
    its age, and `severity` orders what blocks most first.
    """

    summary: RunSummary
    need: str | None
    chips: tuple[str, ...]
    group: str
    filters: frozenset[str]
    severity: tuple[int, int, datetime]

    @property
    def href(self) -> str:
        """The address of its page."""
        return f"/runs/{self.summary.day}/{self.summary.run}"

    @property
    def can_be_ticked(self) -> bool:
        """Whether it may be approved from the list: nothing in it is left to be read."""
        return self.group == "clean"

    @property
    def ticket(self) -> str:
        """What its tick sends: the run, and what of it was shown."""
        one = self.summary
        return f"{one.day}/{one.run}/{one.seen}/{one.digest}"


@dataclass(frozen=True)
class Listing:
    """How the queue is looked at: which rows, in which order, which page of them."""

    show: str = "all"
    sort: str = "need"
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Listing":
        """Return the listing that an address asks for; what it does not know is left out."""
        return cls(
            show=query.get("show", "all") if query.get("show") in FILTERS else "all",
            sort=query.get("sort", "need") if query.get("sort") in SORTS else "need",
            page=max(1, read_number(query.get("page", ""))),
        )

    def query(self, **changes: Any) -> str:  # noqa: ANN401 - any of the fields
        """Return the query of this listing with `changes`, without what is the default."""
        given = {"show": self.show, "sort": self.sort, "page": self.page, **changes}
        kept = {k: v for k, v in given.items() if v != getattr(Listing, k)}
        return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True)
class Queue:
    """The queue as a page prints it."""

    rows: list[QueueRow]
    listing: Listing
    counts: dict[str, int]
    every: Sequence[QueueRow]
    now: datetime

    @property
    def shown(self) -> list[QueueRow]:
        """The rows of this page."""
        start = (self.listing.page - 1) * A_PAGE
        return self.rows[start : start + A_PAGE]

    def age(self, row: QueueRow) -> str:
        """Return how long ago a run was begun."""
        return _age(self.now - row.summary.started)

    def is_old(self, row: QueueRow) -> bool:
        """Tell whether a run has waited for more than a day."""
        return self.now - row.summary.started > _OLD

    @property
    def direction(self) -> str:
        """The value of `aria-sort` for the column that the rows are sorted by."""
        return _DIRECTIONS[self.listing.sort]

    @property
    def has_ticks(self) -> bool:
        """Tell whether a row of this page may be approved from the list."""
        return any(row.can_be_ticked for row in self.shown)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return pages_of(len(self.rows), A_PAGE)

    def groups(self) -> list[tuple[str, list[QueueRow]]]:
        """Return the rows of this page under `need`, `read`, `clean` and `running`."""
        found = ((name, [r for r in self.shown if r.group == name]) for name in _GROUPS)
        return [(name, rows) for name, rows in found if rows]

    def after(self, run: str) -> QueueRow | None:
        """Return the row after a run that an editor may decide on, or the first one."""
        return self._beside(run, 1)

    def following(self, run: str) -> QueueRow | None:
        """Return the row to go on with once a run is decided, None where no other is left."""
        return self.after(run) or next((r for r in self.rows if r.summary.run != run), None)

    def before(self, run: str) -> QueueRow | None:
        """Return the row before a run."""
        return self._beside(run, -1)

    def place(self, run: str) -> int | None:
        """Return the number of a run in the queue, from 1."""
        names = [row.summary.run for row in self.rows]
        return names.index(run) + 1 if run in names else None

    def _beside(self, run: str, step: int) -> QueueRow | None:
        names = [row.summary.run for row in self.rows]
        if run not in names:
            return self.rows[0] if self.rows and step > 0 else None
        at = names.index(run) + step
        return self.rows[at] if 0 <= at < len(names) else None


_GROUPS: Final = ("need", "read", "clean", "running")
FILTERS: Final[Mapping[str, str]] = {
    "all": "All",
    "need": "Need you",
    "read": "To read",
    "clean": "Clean",
    "divided": "Divided",
    "flagged": "Flagged",
    "none": "No verdict",
    "old": "Older than a day",
}


class QueueRows:
    """The rows of the summaries that were asked for last: only those that changed are made anew."""

    def __init__(self) -> None:
        self._rows: dict[str, QueueRow] = {}

    def of(self, summaries: Iterable[RunSummary]) -> list[QueueRow]:
        """Return the rows of `summaries`, in their order."""
        known, rows = self._rows, {}
        for one in summaries:
            row = known.get(one.run)
            rows[one.run] = row if row is not None and row.summary is one else _row(one)
        self._rows = rows
        return list(rows.values())


def build_queue(every: Sequence[QueueRow], listing: Listing, now: datetime) -> Queue:
    """Return the queue of `every` row, the oldest first, as `listing` looks at it.

    A page behind the last, from which the last row was decided on, is the last.
    """
    old = bisect_left(every, now - _OLD, key=lambda row: row.summary.started)
    counted_by = Counter(name for row in every for name in row.filters)
    counts = {name: old if name == "old" else counted_by[name] for name in FILTERS}
    shown = [
        row
        for row in (every[:old] if listing.show == "old" else every)
        if listing.show == "old" or listing.show in row.filters
    ]
    order = _ORDERS[listing.sort]
    rows: list[QueueRow] = []
    for group in _GROUPS:
        rows += sorted((row for row in shown if row.group == group), key=order)
    page = min(listing.page, pages_of(len(rows), A_PAGE))
    return Queue(rows, replace(listing, page=page), counts, every, now)


def pages_of(rows: int, a_page: int) -> int:
    """Return how many pages so many rows take, one at least."""
    return max(1, -(-rows // a_page))


def strip(rows: Sequence[QueueRow], most: int = 40) -> list[tuple[str, str, list[str]]]:
    """Return for each reviewer its name, its ships in words, and its votes on the newest runs.

    `rows` are the oldest first. Nothing is returned where nobody has voted yet.
    """
    newest = [row for row in rows[-most:] if row.summary.votes]
    if not any(row.summary.cards for row in newest):
        return []
    by_reviewer: dict[str, tuple[str, list[str]]] = {}
    for row in newest:
        for one in row.summary.votes:
            by_reviewer.setdefault(one.key, (one.short, []))[1].append(one.vote)
    found = []
    for short, votes in by_reviewer.values():
        cards = sum(vote in ("ship", "skip") for vote in votes)
        found.append((short, f"{votes.count('ship')} of {cards} ship", votes))
    return found


def _row(one: RunSummary) -> QueueRow:
    unread = one.gate("known")
    chips = [SHORT_FLAGS[flag] for flag in dict.fromkeys(one.flags)]
    if one.is_split:
        chips.append("tie")
    if unread is not None:
        chips.append(f"{len(unread.missing)} unchecked")
    need = need_of(one)
    group = "need"
    if need is None:
        group = "read" if one.uncleared_gates else "clean"
    if one.state in ("open", "stopped") or (one.state == "waiting" and not one.waits_by_hand):
        group = "running"
    shown_by = {
        "all": True,
        "need": group == "need",
        "read": group == "read",
        "clean": group == "clean",
        "divided": one.is_divided,
        "flagged": bool(one.flags),
        "none": one.panel is None,
    }
    filters = frozenset(name for name, shows in shown_by.items() if shows)
    return QueueRow(one, need, tuple(chips), group, filters, _severity(one))


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds()) // 60)
    hours = minutes // 60
    if hours >= 72:  # noqa: PLR2004 - three days
        return f"{hours // 24} d"
    return f"{hours} h" if hours else f"{minutes} min"


def _severity(one: RunSummary) -> tuple[int, int, datetime]:
    names = [gate.name for gate in one.uncleared_gates]
    worst = next((n for n, name in enumerate(GATE_ORDER) if name in names), len(GATE_ORDER))
    missing = sum(len(gate.missing) for gate in one.uncleared_gates)
    return (-1 if one.waits_by_hand else worst), -missing, one.started


_DIRECTIONS: Final[Mapping[str, str]] = {
    "need": "other",
    "tool": "ascending",
    "verdict": "other",
    "price": "ascending",
    "cost": "descending",
    "age": "descending",
}
"""For each order the value of `aria-sort`; the oldest run is the first by age."""
_ORDERS: Final[Mapping[str, Callable[[QueueRow], Any]]] = {
    "need": lambda row: row.severity,
    "tool": lambda row: row.summary.name.casefold(),
    "verdict": lambda row: (row.summary.panel or "z", -row.summary.ships),
    "price": lambda row: row.summary.entry_order,
    "cost": lambda row: -(row.summary.cost or Decimal(0)),
    "age": lambda row: row.summary.started,
}


def headline(queue: Queue) -> str:
    """Return what the night left, in one sentence."""
    need, read, clean = (queue.counts[group] for group in ("need", "read", "clean"))
    running = len(queue.every) - need - read - clean
    first = f"{need} {'needs' if need == 1 else 'need'} you" if need else "Nothing needs you"
    rest = [f"{read} to read"] if read else []
    rest += [f"{clean} {'is' if clean == 1 else 'are'} clean"] if clean else []
    if running:
        rest.append(f"{counted(running, 'run')} not finished")
    return ", ".join([first, *rest]) + "."
