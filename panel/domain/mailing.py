"""The weekly mail: its week, its approval, who gets it, and what became of each mail."""

import re
from datetime import date, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from panel.domain.decision import EditorName, Reason
from panel.domain.value import Value

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")
KEPT_H: Final = 48
"""How long a confirmation can be pressed, and a reader who left can come back by one press."""

DeliveryState = Literal["sending", "sent", "deferred", "refused", "unsure"]
"""`sending` is written before the mail is handed over. `unsure`: it was handed over, and the server's
answer never came, so the reader may have it or not."""


class Week(Value):
    """A week as ISO 8601 counts it, from Monday to Sunday.

    >>> Week.of(date(2026, 11, 28)).name, Week.named("2026-W48").monday.isoformat()
    ('2026-W48', '2026-11-23')
    """

    year: int
    number: int

    @model_validator(mode="after")
    def _is_a_week(self) -> Self:
        date.fromisocalendar(self.year, self.number, 1)
        date.fromisocalendar(self.year, self.number, 7)  # the last week of all has no Sunday
        return self

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week that `day` is in."""
        found = day.isocalendar()
        return cls(year=found.year, number=found.week)

    @classmethod
    def named(cls, name: str) -> "Week":
        """Return the week of a name like `2026-W48`. Raises ValueError where it names none."""
        found = _WEEK.fullmatch(name)
        if found is None:
            raise ValueError("write a week like 2026-W48")
        return cls(year=int(found[1]), number=int(found[2]))

    @property
    def name(self) -> str:
        """The name of the week, like `2026-W48`."""
        return f"{self.year:04}-W{self.number:02}"

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    def __contains__(self, day: date) -> bool:
        """Tell whether `day` is in the week."""
        return self.monday <= day <= self.sunday


class DigestApproval(Value):
    """That an editor approved the digest of a week; `digest` is the SHA-256 of what was approved."""

    week: str
    editor: EditorName
    reason: Reason
    at: AwareDatetime
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Subscriber(Value):
    """A reader who confirmed an address; `token` is the secret of the links that leave the list.

    No `categories` are all of them.
    """

    address: str
    token: str
    categories: tuple[str, ...]
    confirmed: date


class Delivery(Value):
    """What became of the mail of a week to one address; `answer` is what the server said."""

    state: DeliveryState
    answer: str = ""
