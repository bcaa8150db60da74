"""What anyone may download: the counts by tool, and by day; read from the database now and then."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from pydantic_core import to_json

from panel.app.votes import take_snapshot
from panel.domain.community import VoteCount
from panel.ports import Clock
from panel.publish.vote_table import daily_csv
from panel.store.sql.votes import VoteStore

T = TypeVar("T")
_SNAPSHOT_S: Final = 30.0
_DAILY_S: Final = 300.0


class PublicCounts:
    """The public figures of a store; whole tables are counted at most every 30 or 300 seconds."""

    def __init__(self, store: VoteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._snapshot = _Cached[bytes](clock.monotonic, _SNAPSHOT_S)
        self._daily = _Cached[str](clock.monotonic, _DAILY_S)

    def of_tool(self, slug: str) -> VoteCount:
        """Return the count of one tool as it is now. Raises StoreError and Busy."""
        return self._store.count(slug).get(slug, VoteCount())

    def snapshot(self) -> bytes:
        """Return the counts of all tools as JSON. Raises StoreError and Busy."""
        return self._snapshot.get(lambda: to_json(take_snapshot(self._store, self._clock)))

    def daily(self) -> str:
        """Return the votes by day as CSV. Raises StoreError and Busy."""
        return self._daily.get(lambda: daily_csv(self._store.daily()))


@dataclass
class _Made(Generic[T]):
    value: T
    until: float


class _Cached(Generic[T]):
    """A value that is made again once it is old; others wait for the one who makes it."""

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._lock = Lock()
        self._made: _Made[T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        with self._lock:
            if self._made is None or self._monotonic() >= self._made.until:
                self._made = _Made(make(), self._monotonic() + self._seconds)
            return self._made.value
