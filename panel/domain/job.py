"""A job: one tool of a batch, and how far it has come."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from panel.domain.ballot import Decision
from panel.domain.exchange import Count
from panel.domain.review import Points
from panel.domain.tool import Tool
from panel.domain.value import Value, is_none

JobState = Literal["queued", "running", "waiting", "in_review", "set_aside", "held", "failed"]
"""`queued`; `running` (or its process died); `waiting` for a batch service; `in_review`: the panel is
done and an editor reads it; `set_aside`: not a tool, or dismissed by an editor; `held`: its text
addresses the reviewers, and no call was made; `failed`: no verdict, may be tried again."""

Seen = Literal["new", "revised", "duplicate"]
"""What an entry is: `revised` has the id or the link of an earlier one and another text."""

TRANSITIONS: Final[dict[JobState, frozenset[JobState]]] = {
    "queued": frozenset({"running", "held", "set_aside", "failed"}),
    "running": frozenset({"queued", "running", "waiting", "in_review", "set_aside", "failed"}),
    "waiting": frozenset({"running", "failed"}),
    "failed": frozenset({"running", "failed"}),
    "held": frozenset({"queued", "set_aside"}),
    "in_review": frozenset(),
    "set_aside": frozenset(),
}


class ReviewerResult(Value):
    """What one reviewer of a job came to; `verdict` and `score` are None for an abstention."""

    persona: str
    model: str
    verdict: Decision | None
    score: Points | None


class Outcome(Value):
    """What the report says of a job's run.

    `ships` of `scorecards` ship, of `seats` asked; `mean` is the panel's, out of 10; `split` has the
    personas that differ from the majority. `calls` are HTTP calls, `retries` those beyond the first
    of an exchange. `cost_usd` is None where a price is unknown. `evidence` counts pieces of evidence
    and `verbatim` those found in the text. `retryable`: asking again may do better.
    """

    decision: Decision | None = None
    ships: Count = 0
    scorecards: Count = 0
    seats: Count = 0
    mean: Points | None = None
    split: tuple[str, ...] = ()
    voices: tuple[ReviewerResult, ...] = ()
    flags: tuple[str, ...] = ()
    exchanges: Count = 0
    invalid: Count = 0
    calls: Count = 0
    retries: Count = 0
    tokens_in: Count = 0
    tokens_cached: Count = 0
    tokens_out: Count = 0
    cost_usd: Decimal | None = None
    unpriced: tuple[str, ...] = ()
    evidence: Count = 0
    verbatim: Count = 0
    ms: Count = 0
    retryable: bool = False


class Job(Value):
    """One tool of a batch.

    `id` is the identity of what its entry says, so that no tool is a job twice. `run` is the id of
    the run and `run_date` the date it is filed under, both named before the run begins; `revises` is
    the job of an earlier text of the same tool. One that was never begun has a `reason` where what its
    entry announces is no tool: it is set aside without a call. `tries` counts how often it was begun;
    `cleared`: a person has read its text and let it go on, though it was held.
    """

    id: str
    batch: str
    source: str
    tool: Tool
    state: JobState = "queued"
    revises: str | None = None
    run: str | None = None
    run_date: date | None = None
    reason: str | None = None
    tries: Count = 0
    cleared: bool = False
    outcome: Outcome | None = None
    moved: datetime


class Announced(Value):
    """What the ledger made of one entry: a new job, a revised one, or a duplicate of `job`.

    `of_run` is the run of that job, or of the one that a revised entry revises.
    """

    source: str
    seen: Seen
    job: str
    title: str
    of_run: str | None = None


class Batch(Value):
    """One batch: what it read and how it ended. `ended` is None until it has.

    `id` is the feed date, with a number from the second one of a day on: `2026-11-22`,
    `2026-11-22-2`. `resumed` tells that it was begun by a process that did not end it. `max_cost` is
    the cost cap in US dollars that its command named.
    """

    id: str
    date: date
    began: datetime
    engine: str
    ended: datetime | None = None
    exit: int | None = None
    resumed: bool = False
    max_cost: Decimal | None = Field(default=None, exclude_if=is_none)


class Transition(Value):
    """One row of the journal: who did what to which object, and why.

    `before` and `after` are digests of the object; `chain` is the digest of this row and of the
    chain of the row before it, so that a row cannot be changed, taken out or put in unseen. `document`
    has what is kept of it besides, in JSON: of an editor's decision all that it says.
    """

    number: int
    at: datetime
    actor: str
    action: str
    object: str
    before: str | None
    after: str | None
    reason: str | None
    document: str | None = None
    chain: str
