"""The pages that published runs came from: what a look at one found, and what it said otherwise."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from panel.domain.difference import Difference
from panel.domain.feed import Validators
from panel.domain.value import Value

Answer = Literal[
    "first", "unchanged", "unconfirmed", "changed", "gone", "refused", "unreachable", "damaged"
]
"""What a look at a page found: `first`: it was read and there is nothing to compare it with yet;
`unconfirmed`: sentences are otherwise, which count once they stand there on another day too;
`gone`: nothing stands there any more; `refused`: it may not be read, by its robots.txt or by our rules
for addresses; `unreachable`: it could not be read this time; `damaged`: it was not looked at, for what
is kept of it cannot be read."""


class WatchedPage(Value):
    """The page of a published tool, and what the last look at it found.

    `run` and `day` are those of the published run, None where none is published any more. `url` is
    None where the run has no web address. `decided` is the number of the decision that this was taken
    from. `validators` are what its server gave with what it said last; `answer` is None before the
    first look.
    """

    tool: str
    name: str
    decided: int
    day: date | None = None
    run: str | None = None
    url: str | None = None
    validators: Validators = Validators()
    checked: AwareDatetime | None = None
    answer: Answer | None = None
    why: str | None = None

    def damaged(self, why: str | None = None) -> "WatchedPage":
        """Return this page as one that was not looked at; without `why`, its own row is damaged."""
        why = why or (
            "what is kept of it cannot be read: it was changed by hand, by another Shipskip, or "
            f"damaged. `shipskip watch forget {self.tool}` has it begin anew."
        )
        return self.model_copy(update={"answer": "damaged", "why": why})


class PageText(Value):
    """What a page says, as far as it counts, and what it said when it was last found otherwise.

    `unconfirmed` is None where it is not otherwise.
    """

    text: str
    unconfirmed: str | None = None


class PageChange(Value):
    """What a page said otherwise than before: it was queued as `job`, to be reviewed again.

    `run` and `day` are those of the run that was published then.
    """

    tool: str
    name: str
    day: date
    run: str
    url: str
    at: AwareDatetime
    job: str
    difference: Difference


class FlipCondition(Value):
    """What a reviewer said would turn its vote, and whether a new text meets it.

    `span` is the passage of the text that meets it, word for word; None where it is not met.
    """

    reviewer: str
    name: str
    flips_if: str
    span: str | None

    @property
    def is_met(self) -> bool:
        """Whether the text meets it."""
        return self.span is not None


class FlipCheck(Value):
    """What `model` said on the conditions of a tool's reviewers, for the change queued as `job`."""

    tool: str
    job: str
    at: AwareDatetime
    model: str
    conditions: tuple[FlipCondition, ...]
