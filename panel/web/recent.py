"""What was counted last, in memory that stays flat, and how often a network posts in a day."""

import hmac
from collections import OrderedDict
from datetime import date, datetime
from secrets import token_bytes
from typing import Final, Generic, TypeVar

from panel.domain.reader_vote_rules import network_of

T = TypeVar("T")
_MOST: Final = 50_000
"""How many keys are counted at a time."""


class Recent(Generic[T]):
    """What was put under a key, for the keys that were put last."""

    def __init__(self) -> None:
        self._values: OrderedDict[bytes, T] = OrderedDict()

    def get(self, key: bytes, default: T) -> T:
        """Return what was put under `key`, else `default`."""
        return self._values.get(key, default)

    def put(self, key: bytes, value: T) -> None:
        """Keep `value` under `key`."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _MOST:
            self._values.popitem(last=False)


class DailyLimit:
    """Counts the posts of each network of today, which is known by a hash under a key of the day.

    >>> from datetime import UTC, datetime
    >>> limit = DailyLimit(2)
    >>> now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    >>> [limit.allows("203.0.113.9", now) for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._day: date | None = None
        self._key = b""
        self._posts: Recent[int] = Recent()

    def allows(self, address: str, now: datetime) -> bool:
        """Count a post from `address`, and tell whether it is within the limit."""
        return self.count(address, now) is not None

    def count(self, address: str, now: datetime) -> bytes | None:
        """Count a post from `address`; return the hash of its network, None past the limit."""
        if now.date() != self._day:
            self._day, self._key, self._posts = now.date(), token_bytes(32), Recent()
        network = hmac.digest(self._key, network_of(address) or b"", "sha256")[:16]
        posts = self._posts.get(network, 0)
        if posts >= self._most:
            return None
        self._posts.put(network, posts + 1)
        return network
