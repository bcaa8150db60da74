"""How often a model may be called: its limits, the size of a call, and the rule for the pace."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from panel.domain.exchange import Request
from panel.domain.value import Value

MINUTE_S = 60.0
BYTES_PER_TOKEN, TOKENS_OF_A_CALL = 3, 20

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
    """Return an upper bound for the tokens of a prompt, messages and schema: its bytes / 3 + 20.

    It is about a third too high on English text, so no tokenizer is needed. Text made to be hard on
    tokenizers can exceed it: a call is charged what the provider counted. Example: 41 for 62 bytes.
    """
    return -(-request.size // BYTES_PER_TOKEN) + TOKENS_OF_A_CALL


@dataclass(slots=True)
class Admission:
    """Units that were admitted at a moment; `counted` until a minute has passed."""

    at: float
    units: int
    counted: bool = True


class RateLimit:
    """At most so many units in any minute, admitted evenly.

    Two rules at once. Evenly, as in the generic cell rate algorithm (ITU-T I.371), where as many
    whole units as `burst_s` seconds hold may go ahead of time; and a log of the last minute, because
    a large request at the end of a minute would else exceed it. What leaves evenly does not arrive
    evenly, so the pace is slower by `headroom`, a share of one. Moments are seconds of one monotonic
    clock. Where the limit is shared, `per_minute` is the part of this process.

    Example: `limit = RateLimit(60); limit.ready_at(1, now)` is the moment for the next request, and
    `limit.take(1, now)` counts it.
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

        More units than a minute holds count as a whole minute's: they go alone. So do more units
        than this process's part of a minute, which take as many minutes as parts.
        """
        self._forget(now)
        ready = max(now, self._paid_off - self._burst_s)
        excess = self._sum + min(units, self._whole) - self.per_minute
        for admission in self._recent:
            if excess <= 0:
                break
            excess -= admission.units
            ready = max(ready, admission.at + MINUTE_S)
        return ready

    def take(self, units: int, now: float) -> Admission:
        """Admit `units` now."""
        admission = Admission(at=now, units=min(units, self._whole))
        self._paid_off = max(self._paid_off, now) + admission.units * self._seconds_each
        self._recent.append(admission)
        self._sum += admission.units
        return admission

    def settle(self, admission: Admission, units: int) -> None:
        """Replace what was admitted by what was used: give units back, or take more."""
        less = admission.units - units
        self._paid_off -= less * self._seconds_each
        if admission.counted:
            self._sum -= less
        admission.units = units

    def share(self, holders: int, now: float) -> None:
        """Admit one part in `holders` from `now` on; units ahead of time stay owed.

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
            admission = self._recent.popleft()
            admission.counted = False
            self._sum -= admission.units
