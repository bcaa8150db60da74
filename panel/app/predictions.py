"""Predictions: the dated claims of a workspace's runs, what is due, and what came of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from pathlib import PurePath
from threading import Lock
from typing import Final

from pydantic import ValidationError

from panel.app.workspace import Workspace
from panel.domain.prediction import (
    Claim,
    ClaimOutcome,
    ClaimsTaken,
    Prediction,
    PredictionRecord,
    Resolution,
    claims_of,
    list_predictions,
    record_predictions,
)
from panel.domain.validation import first_fault_of
from panel.errors import AlreadyResolved, ConfigError, StoreError
from panel.ports import Ledger

_AT_A_TIME: Final = 200


class ClaimIndex:
    """The claims of a workspace's runs, kept up to date: only what is new is read again.

    May be used from any thread. A process that asks often keeps one.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self.faults: tuple[StoreError, ...] = ()
        self._upto = 0
        self._runs: set[str] = set()
        self._claims: dict[str, Claim] = {}

    def refresh(self, ledger: Ledger) -> Sequence[Claim]:
        """Return all claims. Those of runs that finished since are written to the ledger first.

        A run that cannot be read is passed over, and `faults` says why. Raises StoreError and Busy.
        """
        with self._lock:
            self._read(ledger)
            paths = self._workspace.runs.paths()
            new = [path for path in paths if _name(path) not in self._runs]
            faults: list[StoreError] = []
            for fresh in _take(self._workspace, new, faults):
                ledger.predictions.take(fresh, self._workspace.clock.now())
            self.faults = tuple(faults)
            if new:
                self._read(ledger)
            return list(self._claims.values())

    def _read(self, ledger: Ledger) -> None:
        for one in ledger.predictions.taken(self._upto):
            self._upto = one.number
            self._runs.update(one.runs)
            self._claims.update((claim.id, claim) for claim in one.claims)


def predictions(
    workspace: Workspace, until: date | None = None, index: ClaimIndex | None = None
) -> tuple[Prediction, ...]:
    """Return the predictions of a workspace in the order of their day, up to `until` if it is given.

    Claims of runs that finished since the last time are written to the ledger first; a run that cannot
    be read is passed over. Raises StoreError and Busy.
    """
    if not workspace.has_ledger and not workspace.runs.paths():
        return ()
    with workspace.ledger() as ledger:
        claims = (index or ClaimIndex(workspace)).refresh(ledger)
        return list_predictions(claims, ledger.predictions.resolutions(), until)


def due(
    workspace: Workspace, day: date | None = None, index: ClaimIndex | None = None
) -> tuple[Prediction, ...]:
    """Return the open predictions whose day has come by `day`, today by default, the oldest first."""
    found = predictions(workspace, day or workspace.today, index)
    return tuple(one for one in found if one.resolution is None)


def next_due(
    workspace: Workspace, most: int, day: date | None = None, index: ClaimIndex | None = None
) -> tuple[Prediction, ...]:
    """Return at most `most` of the open predictions with a later day than `day`, the soonest first."""
    day = day or workspace.today
    found = predictions(workspace, index=index)
    return tuple(one for one in found if one.resolution is None and one.claim.by > day)[:most]


def last_resolved(workspace: Workspace, index: ClaimIndex, most: int) -> tuple[Prediction, ...]:
    """Return the predictions that editors resolved last, the last one first, each once."""
    with workspace.ledger() as ledger:
        claims = {claim.id: claim for claim in index.refresh(ledger)}
        newest_first = reversed(ledger.predictions.resolutions())
    found: dict[str, Prediction] = {}
    for one in newest_first:
        if one.claim not in found and one.claim in claims:
            found[one.claim] = Prediction(claim=claims[one.claim], resolution=one)
        if len(found) == most:
            break
    return tuple(found.values())


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
    return tuple(
        one for one in list_predictions(claims.values(), resolutions) if one.resolution is not None
    )


def records(found: Sequence[Prediction]) -> tuple[PredictionRecord, ...]:
    """Return the record of each reviewer among `found`, in alphabetical order."""
    reviewers = sorted({one.claim.reviewer for one in found})
    return tuple(record_predictions(reviewer, found) for reviewer in reviewers)


def resolve(
    workspace: Workspace,
    id: str,  # noqa: A002 - its word
    outcome: ClaimOutcome,
    *,
    note: str,
    source: str,
    editor: str,
    again: bool = False,
    index: ClaimIndex | None = None,
) -> Prediction:
    """Return the prediction as a named editor resolves it.

    With `again` one that was resolved before is resolved anew, and both stay in the journal. Raises
    ConfigError for an unknown one and for a "no" before its day, AlreadyResolved without `again`, and
    Overtaken where another editor was faster.
    """
    now = workspace.clock.now()
    with workspace.ledger() as ledger:
        resolutions = ledger.predictions.resolutions()
        claim = _claim(
            id, list_predictions((index or ClaimIndex(workspace)).refresh(ledger), resolutions)
        )
        last = next((one for one in reversed(resolutions) if one.claim == id), None)
        if last is not None and not again:
            raise AlreadyResolved(
                f"{id}: {last.editor} resolved it as {last.outcome} on {last.at:%Y-%m-%d}."
            )
        if outcome == "no" and now.astimezone(UTC).date() < claim.by:
            raise ConfigError(
                f"{id}: its day is {claim.by}, until then it may come true. Resolve it then, or as "
                "void where nobody will be able to tell."
            )
        resolution = _resolution(id, outcome, note, source, editor, now)
        made = ledger.predictions.resolve(resolution, last.number if last else 0)
    return Prediction(claim=claim, resolution=made)


def _take(
    workspace: Workspace, places: Sequence[PurePath], faults: list[StoreError]
) -> Iterator[ClaimsTaken]:
    """Yield the claims of the finished runs in `places`, two hundred runs at a time.

    Why a run cannot be read is added to `faults`.
    """
    for start in range(0, len(places), _AT_A_TIME):
        runs: list[str] = []
        claims: list[Claim] = []
        for path in places[start : start + _AT_A_TIME]:
            try:
                run = workspace.runs.read(path)
            except StoreError as error:
                faults.append(error)
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
        place, why = first_fault_of(error)
        why = "it is no web address" if place == "source" else why
        raise ConfigError(f"{place}: {why}. Correct it and resolve it again.") from error
