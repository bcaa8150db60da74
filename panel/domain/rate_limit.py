"""How fast a model may be asked: its limits, the size of a call, and the rule that paces calls."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from panel.domain.exchange import Request
from panel.domain.value import Value

MINUTE_S = 60.0

Positive = Annotated[int, Field(gt=0)]


class Limit(Value):
    """What a provider allows for one model; None where no limit is known."""

    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    concurrency: Positive | None = None


def limit_for(limits: Mapping[str, Limit], provider: str, model: str) -> Limit:
    """Return the limit named `provider:model`, else the one named `provider`, else no limit."""
    return limits.get(f"{provider}:{model}") or limits.get(provider) or Limit()


def prompt_tokens(request: Request) -> int:
    """Return a ceiling for the tokens of a prompt, messages and schema: a third of its bytes + 20.

    About a third too high on English text, so no tokenizer is needed (stack.md, 8). Text made to be
    hard on tokenizers can exceed it: what a call is charged is what the provider counted.
    """
    return -(-request.size // 3) + 20


@dataclass(slots=True)
class Admission:
    """Units that were let out at a moment; `counted` until a minute has passed."""

    at: float
    units: int
    counted: bool = True


class RateLimit:
    """So many units a minute, let out evenly, and never more than that in any minute.

    Two rules at once: evenly, as in the generic cell rate algorithm (ITU-T I.371), where as many
    whole units as `burst_s` seconds hold may go ahead of time; and a log of the last minute,
    because a large request at the end of a minute would else exceed it. What leaves evenly does not
    arrive evenly, so the pace is slower by `headroom`, a share of one. Moments are seconds of one
    monotonic clock. Of an allowance that is shared, `per_minute` is this holder's part.
    """

    def __init__(self, per_minute: int, *, burst_s: float = 0.1, headroom: float = 0.02) -> None:
        self._whole = per_minute
        self._burst_wanted_s = burst_s
        self._headroom = headroom
        self._paid_off = -math.inf
        self._set_pace(1)
        self._recent: deque[Admission] = deque()
        self._sum = 0

    def ready_at(self, units: int, now: float) -> float:
        """Return the first moment from `now` on at which `units` may go, if nothing goes before.

        More units than a minute holds are taken for a whole minute's: they go alone. So do more
        than this holder's part of a minute, which takes as many minutes as they hold parts.
        """
        self._forget(now)
        ready = max(now, self._paid_off - self._burst_s)
        excess = self._sum + min(units, self._whole) - self.per_minute
        for grant in self._recent:
            if excess <= 0:
                break
            excess -= grant.units
            ready = max(ready, grant.at + MINUTE_S)
        return ready

    def take(self, units: int, now: float) -> Admission:
        """Let `units` out now."""
        grant = Admission(at=now, units=min(units, self._whole))
        self._paid_off = max(self._paid_off, now) + grant.units * self._seconds_each
        self._recent.append(grant)
        self._sum += grant.units
        return grant

    def settle(self, grant: Admission, units: int) -> None:
        """Put what was used in the place of what was granted: give back, or charge."""
        less = grant.units - units
        self._paid_off -= less * self._seconds_each
        if grant.counted:
            self._sum -= less
        grant.units = units

    def share(self, holders: int, now: float) -> None:
        """Let out one part in `holders` from `now` on; what is ahead of time is owed in units.

        A part of less than one unit a minute is one unit in as many minutes as it takes.
        """
        owed = max(0.0, self._paid_off - now) / self._seconds_each
        self._set_pace(holders)
        if owed:
            self._paid_off = now + owed * self._seconds_each

    def _set_pace(self, holders: int) -> None:
        self.per_minute = max(1, self._whole // holders)
        self._seconds_each = MINUTE_S * holders / self._whole * (1 + self._headroom)
        # A server may keep no burst at all at a slow rate: half a unit ahead of time is a 429.
        whole_units = math.floor(self._burst_wanted_s / self._seconds_each)
        self._burst_s = whole_units * self._seconds_each

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0].at + MINUTE_S <= now:
            grant = self._recent.popleft()
            grant.counted = False
            self._sum -= grant.units
