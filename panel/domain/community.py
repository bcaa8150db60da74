"""The community's figure: what readers who chose to vote say of a tool, apart from the panel."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from panel.domain.exchange import Count
from panel.domain.intervals import wilson_interval
from panel.domain.scale import percent
from panel.domain.value import Value

Choice = Literal["ship", "skip"]
Rule = Literal["burst", "network_day"]
FEWEST: Final = 20
"""From so many votes on a share is shown."""
KEPT_DAYS: Final = 180
"""How long a voter's cookie is accepted, and its hash is stored with the vote."""
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9._~-]{1,200}/){0,6}(?:[A-Za-z0-9._~-]{1,200})?")


class ShareInterval(Value):
    """A share in whole percent with the ends of its 95 % interval."""

    share: int
    low: int
    high: int


class VoteCount(Value):
    """The votes on one tool: those that count, and by rule those that were set aside."""

    ship: Count = 0
    skip: Count = 0
    set_aside: dict[Rule, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)

    @property
    def votes(self) -> int:
        """How many votes count."""
        return self.ship + self.skip

    @property
    def aside(self) -> int:
        """How many votes were set aside."""
        return sum(self.set_aside.values())

    @property
    def interval(self) -> ShareInterval | None:
        """The share of ship with its interval; None below 20 votes, which say too little.

        >>> VoteCount(ship=30, skip=18).interval
        ShareInterval(share=63, low=48, high=75)
        """
        if self.votes < FEWEST:
            return None
        low, high = wilson_interval(self.ship, self.votes)
        share = percent(self.ship / self.votes)
        return ShareInterval(share=share, low=percent(low), high=percent(high))


class VotableTool(Value):
    """A tool of the site: `page` is the path of its page there; a withdrawn one takes no votes."""

    slug: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[str, Field(min_length=1, max_length=1000)]
    withdrawn: bool = False
    page: str | None = None


class VotableTools(Value):
    """The tools of the site, as its build lists them for the votes in `data/tools.json`."""

    v: Literal[1] = 1
    tools: tuple[VotableTool, ...]


class VoteSnapshot(Value):
    """The counts of all tools at a moment in UTC, by slug, as `votes pull` freezes them."""

    v: Literal[1] = 1
    taken: datetime
    tools: dict[str, VoteCount]

    @model_validator(mode="after")
    def _has_a_zone(self) -> Self:
        if self.taken.tzinfo is None:
            raise ValueError("taken has no time zone")
        return self

    @property
    def day(self) -> date:
        """The day in UTC on which the counts were taken."""
        return self.taken.astimezone(UTC).date()


class DailyCount(Value):
    """The votes of one day on one tool with one choice; `rule` is what set them aside, if any did."""

    tool: str
    day: date
    choice: Choice
    rule: Rule | None
    votes: Count


class Community(Value):
    """What pages show of the readers' votes.

    `service` is the address of the votes service: the pages have a form that goes there. `snapshot`
    is None before the first `votes pull`. `withdrawn` names tools that take no more votes.
    """

    service: str
    snapshot: VoteSnapshot | None = None
    withdrawn: frozenset[str] = frozenset()

    def count_of(self, slug: str) -> VoteCount:
        """Return the frozen count of a tool."""
        counts: Mapping[str, VoteCount] = self.snapshot.tools if self.snapshot else {}
        return counts.get(slug, VoteCount())


def is_local_path(text: str) -> bool:
    """Tell whether `text` is a path on the site itself, such as `/compare/a-vs-b/`.

    >>> is_local_path("/tools/quillbase/"), is_local_path("//other.example/")
    (True, False)
    """
    return _PATH.fullmatch(text) is not None
