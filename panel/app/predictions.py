"""Predictions: the dated claims of a workspace's runs, what is due, and what came of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from pathlib import PurePath
from typing import Final

from pydantic import ValidationError

from panel.app.workspace import Workspace
from panel.domain.prediction import (
    Claim,
    ClaimsTaken,
    NumberedResolution,
    Outcome,
    Prediction,
    PredictionRecord,
    Resolution,
    claims_of,
    follow,
    record_predictions,
)
from panel.errors import ConfigError, StoreError
from panel.ports import Ledger

_AT_A_TIME: Final = 200


def predictions(workspace: Workspace, until: date | None = None) -> tuple[Prediction, ...]:
    """Return the predictions of a workspace in the order of their day, up to `until` if it is given.

    Claims of runs that finished since the last time are written to the ledger first; a run that cannot
    be read is passed over. Raises StoreError and Busy.
    """
    if not workspace.has_ledger and not workspace.runs.paths():
        return ()
    with workspace.ledger() as ledger:
        return _follow(workspace, ledger, until)[0]


def due(workspace: Workspace, day: date | None = None) -> tuple[Prediction, ...]:
    """Return the open predictions whose day has come by `day`, today by default, the oldest first."""
    day = day or workspace.clock.now().astimezone(UTC).date()
    return tuple(one for one in predictions(workspace, day) if one.resolution is None)


def resolved(workspace: Workspace) -> tuple[Prediction, ...]:
    """Return the predictions that editors have resolved, in the order of their day.

    Nothing is written, and no run is read. Raises StoreError and Busy.
    """
    if not workspace.has_ledger:
        return ()
    with workspace.ledger() as ledger:
        resolutions = ledger.predictions.resolutions()
        taken = ledger.predictions.taken() if resolutions else ()
    claims = {claim.id: claim for one in taken for claim in one.claims}
    return tuple(one for one in follow(claims.values(), resolutions) if one.resolution is not None)


def records(found: Sequence[Prediction]) -> tuple[PredictionRecord, ...]:
    """Return the record of each reviewer among `found`, in alphabetical order."""
    reviewers = sorted({one.claim.reviewer for one in found})
    return tuple(record_predictions(reviewer, found) for reviewer in reviewers)


def resolve(
    workspace: Workspace,
    id: str,  # noqa: A002 - its word
    outcome: Outcome,
    *,
    note: str,
    source: str,
    editor: str,
    again: bool = False,
) -> Prediction:
    """Return the prediction as a named editor resolves it.

    With `again` one that was resolved before is resolved anew, and both stay in the journal. Raises
    ConfigError for an unknown one, for one that is resolved, and for a "no" before its day; Overtaken
    where another editor was faster.
    """
    now = workspace.clock.now()
    with workspace.ledger() as ledger:
        found, resolutions = _follow(workspace, ledger)
        claim = _claim(id, found)
        last = next((one for one in reversed(resolutions) if one.claim == id), None)
        if last is not None and not again:
            raise ConfigError(
                f"{id}: {last.editor} resolved it as {last.outcome} on {last.at:%Y-%m-%d}. To change "
                "it, give --again; both stay in the journal."
            )
        if outcome == "no" and now.astimezone(UTC).date() < claim.by:
            raise ConfigError(
                f"{id}: its day is {claim.by}, until then it may come true. Resolve it then, or as "
                "void where nobody will be able to tell."
            )
        resolution = _resolution(id, outcome, note, source, editor, now)
        made = ledger.predictions.resolve(resolution, last.number if last else 0)
    return Prediction(claim=claim, resolution=made)


def _follow(
    workspace: Workspace, ledger: Ledger, until: date | None = None
) -> tuple[tuple[Prediction, ...], tuple[NumberedResolution, ...]]:
    taken = [*ledger.predictions.taken()]
    known = {run for one in taken for run in one.runs}
    new = [path for path in workspace.runs.paths() if _name(path) not in known]
    for fresh in _take(workspace, new):
        ledger.predictions.take(fresh, workspace.clock.now())
        taken.append(fresh)
    claims = {claim.id: claim for one in taken for claim in one.claims}
    resolutions = ledger.predictions.resolutions()
    return follow(claims.values(), resolutions, until), resolutions


def _take(workspace: Workspace, places: Sequence[PurePath]) -> Iterator[ClaimsTaken]:
    """Yield the claims of the finished runs in `places`, two hundred runs at a time."""
    for start in range(0, len(places), _AT_A_TIME):
        runs: list[str] = []
        claims: list[Claim] = []
        for path in places[start : start + _AT_A_TIME]:
            try:
                run = workspace.runs.read(path)
            except StoreError:
                continue
            if run.is_final:
                runs.append(_name(path))
                claims += claims_of(run)
        if runs:
            yield ClaimsTaken(runs=tuple(runs), claims=tuple(claims))


def _name(path: PurePath) -> str:
    return f"{path.parent.name}/{path.name}"


def _claim(id: str, found: Sequence[Prediction]) -> Claim:  # noqa: A002 - its word
    for one in found:
        if one.claim.id == id:
            return one.claim
    raise ConfigError(f"{id}: there is no such prediction. `shipskip predictions list` shows them.")


def _resolution(*fields: object) -> Resolution:
    names = ("claim", "outcome", "note", "source", "editor", "at")
    try:
        return Resolution.model_validate(dict(zip(names, fields, strict=True)))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        why = "it is no web address" if place == "source" else fault["msg"]
        raise ConfigError(f"{place}: {why}. Correct it and resolve it again.") from error
