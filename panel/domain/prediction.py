"""Predictions: what reviewers said that a day would show, what it showed, and their record."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from panel.domain.ballot import Share
from panel.domain.calibration import CalibrationGroup, brier_score, calibration_groups
from panel.domain.decision import EditorName, Reason
from panel.domain.exchange import Count
from panel.domain.value import Value, is_none

if TYPE_CHECKING:
    from panel.domain.run import Run  # a ledger is opened without all that a run is made of

ClaimOutcome = Literal["yes", "no", "void"]
"""Whether a claim came true; `void` where nobody can tell any more."""
FEWEST_RESOLVED: Final = 20
"""From so many resolved predictions on a reviewer has a record."""
_ENDS: Final = (0.2, 0.4, 0.6, 0.8)
Source = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^https?://[^\s]+$")
]


class Claim(Value):
    """A dated claim of a reviewer. `id` is that of `claim_id`; `made` is the run's day.

    `started` is when its run began, None in a claim that was taken before that was kept.
    """

    id: str
    tool: str
    name: str
    reviewer: str
    made: date
    claim: str
    by: date
    probability: Share
    started: AwareDatetime | None = Field(default=None, exclude_if=is_none)


class ClaimsTaken(Value):
    """Claims that were taken out of runs, and which runs those were, as `<date>/<id>`."""

    runs: tuple[str, ...]
    claims: tuple[Claim, ...]


class NumberedClaims(ClaimsTaken):
    """Claims that were taken, with the number of their row in the journal."""

    number: Annotated[int, Field(gt=0)]


class Resolution(Value):
    """What a named editor found on a claim: its outcome, a note, and the address that shows it."""

    claim: str
    outcome: ClaimOutcome
    note: Reason
    source: Source
    editor: EditorName
    at: AwareDatetime


class NumberedResolution(Resolution):
    """A resolution with the number of its row in the journal."""

    number: Annotated[int, Field(gt=0)]


class Prediction(Value):
    """A claim and what became of it; None while it is open."""

    claim: Claim
    resolution: Resolution | None = None


class PredictionRecord(Value):
    """A reviewer's record. A `void` one counts nowhere.

    `brier` is the mean squared error, `base_rate` the share of claims that came true; both are None
    below 20 resolved ones.
    """

    reviewer: str
    open: Count
    void: Count
    resolved: Count
    came_true: Count
    brier: float | None
    base_rate: float | None
    groups: tuple[CalibrationGroup, ...] = ()


def claim_id(run: str, reviewer: str) -> str:
    """Return the id of the claim that a reviewer made in the run of that id."""
    return f"{run}.{reviewer}"


def claims_of(run: "Run") -> tuple[Claim, ...]:
    """Return the claims of a run's reviewers that name a day; the checklist, no model, makes none."""
    return tuple(
        Claim(
            id=claim_id(run.id, card.reviewer),
            tool=run.slug,
            name=run.tool.name,
            reviewer=card.reviewer,
            made=run.inputs.date,
            started=run.started,
            claim=card.ballot.prediction.claim,
            by=day,
            probability=card.ballot.prediction.probability,
        )
        for card in run.reviews
        if card.kind == "scorecard"
        and not card.by_checklist
        and (day := card.ballot.prediction.day) is not None
    )


def follow(
    claims: Iterable[Claim], resolutions: Iterable[Resolution], until: date | None = None
) -> tuple[Prediction, ...]:
    """Return the predictions in the order of their day, of those that end by `until` if it is given.

    Of several resolutions of one claim the last counts. Of a tool that was reviewed again only the
    newest run's claims are open; an older one stays where it was resolved.
    """
    found = {one.claim: one for one in resolutions}
    every = list(claims)
    asked = every if until is None else [claim for claim in every if claim.by <= until]
    tools = {claim.tool for claim in asked}
    newest: dict[str, Claim] = {}
    for claim in every:
        if claim.tool in tools:
            newest[claim.tool] = max(claim, newest.get(claim.tool, claim), key=_age)
    kept = [c for c in asked if c.id in found or _age(c) == _age(newest[c.tool])]
    kept.sort(key=lambda claim: (claim.by, claim.id))
    return tuple(Prediction(claim=claim, resolution=found.get(claim.id)) for claim in kept)


def _age(claim: Claim) -> tuple[date, datetime, str]:
    """Return what tells the run of a claim from an older one of the same tool."""
    began = claim.started or datetime.min.replace(tzinfo=UTC)
    return claim.made, began, claim.id.rpartition(".")[0]


def record_predictions(reviewer: str, predictions: Iterable[Prediction]) -> PredictionRecord:
    """Return the record of one reviewer among `predictions`."""
    own = [one for one in predictions if one.claim.reviewer == reviewer]
    outcomes = [one.resolution.outcome for one in own if one.resolution is not None]
    scored = [
        (one.claim.probability, one.resolution.outcome == "yes")
        for one in own
        if one.resolution is not None and one.resolution.outcome != "void"
    ]
    came_true = sum(happened for _, happened in scored)
    enough = len(scored) >= FEWEST_RESOLVED
    return PredictionRecord(
        reviewer=reviewer,
        open=len(own) - len(outcomes),
        void=outcomes.count("void"),
        resolved=len(scored),
        came_true=came_true,
        brier=brier_score(scored) if enough else None,
        base_rate=came_true / len(scored) if enough else None,
        groups=calibration_groups(scored, _ENDS) if enough else (),
    )
