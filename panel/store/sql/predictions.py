"""The ledger of predictions: claims and what was found on them, as rows of the journal."""

from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, select

from panel.domain.prediction import ClaimsTaken, NumberedClaims, NumberedResolution, Resolution
from panel.errors import Overtaken
from panel.store.sql.columns import utc
from panel.store.sql.journal import Journal, JournalEnd, is_written
from panel.store.sql.mapping import fetch, integer, string
from panel.store.sql.schema import JOURNAL

_TAKEN, _RESOLVED = "take_claims", "resolve"
_CLAIMS: Final = "predictions"
_ACTOR: Final = "predictions"
_ROW: Final = select(JOURNAL.c.number, JOURNAL.c.document).where(JOURNAL.c.document.is_not(None))
_OF_ACTION: Final = _ROW.where(
    JOURNAL.c.action == bindparam("b_action"), JOURNAL.c.number > bindparam("b_after")
).order_by(JOURNAL.c.number)
_LAST_OF_OBJECT: Final = (
    _ROW.where(JOURNAL.c.object == bindparam("b_object")).order_by(JOURNAL.c.number.desc()).limit(1)
)


class Predictions:
    """The claims of reviewers and their resolutions; see `ports.Predictions`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def take(self, taken: ClaimsTaken, at: datetime) -> None:
        """Write down the claims of runs. Two processes may write the same: a claim has one id."""
        ticket = uuid4().hex

        def work(connection: Connection, end: JournalEnd) -> None:
            if not is_written(connection, ticket):
                end.add(
                    utc(at),
                    _ACTOR,
                    _TAKEN,
                    _CLAIMS,
                    document=taken.model_dump_json(),
                    ticket=ticket,
                )

        self._journal.write(work)

    def taken(self, after: int = 0) -> tuple[NumberedClaims, ...]:
        """Return the claims that were written down after the row of that number, oldest first."""
        values = {"b_action": _TAKEN, "b_after": after}
        return tuple(
            self._journal.database.read(
                lambda c: fetch(c, _OF_ACTION, _taken, "claims of reviewers", values)
            )
        )

    def resolve(self, resolution: Resolution, seen: int) -> NumberedResolution:
        """Return the resolution, written after the one that its editor saw last on the claim.

        `seen` is the number of that one, 0 where there was none. Raises Overtaken where there is a
        newer one by now: nothing is written then.
        """
        resolution = resolution.model_copy(update={"at": utc(resolution.at)})
        return self._journal.write(
            partial(_resolve, resolution=resolution, seen=seen, ticket=uuid4().hex)
        )

    def resolutions(self) -> tuple[NumberedResolution, ...]:
        """Return all resolutions, oldest first."""
        values = {"b_action": _RESOLVED, "b_after": 0}
        return tuple(
            self._journal.database.read(
                lambda c: fetch(c, _OF_ACTION, _resolution, "a resolution", values)
            )
        )


def _resolve(
    connection: Connection, end: JournalEnd, *, resolution: Resolution, seen: int, ticket: str
) -> NumberedResolution:
    object_ = f"prediction {resolution.claim}"
    last = _last(connection, end, object_)
    if last is not None and last.number != seen:
        if is_written(connection, ticket):
            return last
        at = f"{last.at:%Y-%m-%d %H:%M} UTC"
        raise Overtaken(
            f"{resolution.claim}: {last.editor} resolved it meanwhile ({last.outcome}, {at}), and "
            "nothing was written. Look at it as it is now, and decide again.",
            number=last.number,
        )
    end.add(
        resolution.at,
        resolution.editor,
        _RESOLVED,
        object_,
        reason=resolution.note,
        document=resolution.model_dump_json(),
        ticket=ticket,
    )
    return NumberedResolution(number=end.number, **dict(resolution))


def _last(connection: Connection, end: JournalEnd, object_: str) -> NumberedResolution | None:
    """Return the last resolution of a claim, one of the same transaction among them."""
    for row in reversed(end.rows):
        if row["object"] == object_:
            return _numbered(row["number"], row["document"])
    found = fetch(connection, _LAST_OF_OBJECT, _resolution, "a resolution", {"b_object": object_})
    return found[0] if found else None


def _taken(row: Row[Any]) -> NumberedClaims:
    taken = ClaimsTaken.model_validate_json(string(row.document))
    return NumberedClaims(number=integer(row.number), **dict(taken))


def _resolution(row: Row[Any]) -> NumberedResolution:
    return _numbered(integer(row.number), string(row.document))


def _numbered(number: int, document: str) -> NumberedResolution:
    return NumberedResolution(number=number, **dict(Resolution.model_validate_json(document)))
