"""How often a network votes, in memory only and under a key that is thrown away each day."""

from datetime import date, datetime
from typing import Literal

from panel.domain.community import Rule
from panel.domain.reader_vote_rules import VoteRules
from panel.web.recent import DailyLimit, Recent


class NetworkLimits:
    """Counts the posts and the voters of each network of today.

    A network stands in memory as a hash under a random key, which is made anew each day (UTC) with all
    counts. Of more than 50,000 networks the one that was longest silent is forgotten. A restart
    forgets all of them.

    >>> from datetime import UTC, datetime
    >>> limits = NetworkLimits(VoteRules(voters_in_burst=1))
    >>> now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    >>> [limits.check("203.0.113.9", "quillbase", voter, now) for voter in (b"1", b"1", b"2")]
    [None, None, 'burst']
    """

    def __init__(self, rules: VoteRules) -> None:
        self._rules = rules
        self._daily = DailyLimit(rules.posts_a_day)
        self._day: date | None = None
        self._window = -1
        self._of_day: Recent[frozenset[bytes]] = Recent()
        self._of_window: Recent[frozenset[bytes]] = Recent()

    def check(
        self, address: str, tool: str, voter: bytes, now: datetime
    ) -> Rule | Literal["refused"] | None:
        """Return what rule sets a vote aside, `refused` past the limit of a day, None if it counts."""
        network = self._daily.count(address, now)
        if network is None:
            return "refused"
        self._turn(now)
        place = network + tool.encode()
        if not _join(self._of_window, place, voter, self._rules.voters_in_burst):
            return "burst"
        if not _join(self._of_day, place, voter, self._rules.voters_a_day):
            return "network_day"
        return None

    def _turn(self, now: datetime) -> None:
        """Begin a new day and a new window where it is time."""
        if now.date() != self._day:
            self._day, self._of_day, self._of_window = now.date(), Recent(), Recent()
        window = int(now.timestamp()) // self._rules.burst_s
        if window != self._window:
            self._window, self._of_window = window, Recent()


def _join(counted: "Recent[frozenset[bytes]]", place: bytes, voter: bytes, most: int) -> bool:
    """Tell whether `voter` is one of the first `most` in `place`."""
    voters = counted.get(place, frozenset())
    if voter not in voters:
        if len(voters) >= most:
            return False
        voters |= {voter}
    counted.put(place, voters)
    return True
