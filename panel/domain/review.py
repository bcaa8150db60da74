"""A review: a scorecard, or an abstention with its reason."""

from typing import Annotated, Literal

from pydantic import Field

from panel.domain.ballot import Ballot, Decision
from panel.domain.exchange import Count
from panel.domain.flag import Flag
from panel.domain.value import Value, is_none

CHECKLIST, MANUAL = "checklist", "manual"
"""The providers that ask no model: one reads signals off the text, one takes answers by hand."""

Points = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class Agreement(Value):
    """How many of a reviewer's samples came to the verdict that is shown."""

    agree: int
    of: int


class Scorecard(Value):
    """A checked ballot, stamped by the code with who wrote it.

    `score` is the plain mean of its criteria out of 10. `flags` say what the checks found and one
    repair did not mend; they are shown to the editor. `unchecked` has the sentences of the take, by
    number from 1, that compute what code could not follow. `repeats` counts the wordings of the
    persona's last reviews that stayed. `model` is the one that the provider named in its answer;
    `instead_of` the reference of the model that gave no review, where a substitute answered.
    """

    kind: Literal["scorecard"] = "scorecard"
    reviewer: str
    name: str
    provider: str
    model: str
    instead_of: str | None = Field(default=None, exclude_if=is_none)
    ballot: Ballot
    score: Points
    flags: tuple[Flag, ...] = ()
    unchecked: tuple[Count, ...] = ()
    repeats: Count = 0
    agreement: Agreement | None = None

    @property
    def by_checklist(self) -> bool:
        """Whether the checklist filled it in, which judges nothing."""
        return self.provider == CHECKLIST

    @property
    def verdict(self) -> Decision:
        """Ship or skip, as the ballot says."""
        return self.ballot.verdict


class Abstention(Value):
    """Why a reviewer has no scorecard. Never a score."""

    kind: Literal["abstention"] = "abstention"
    reviewer: str
    name: str
    provider: str
    model: str
    reason: str


Review = Annotated[Scorecard | Abstention, Field(discriminator="kind")]
