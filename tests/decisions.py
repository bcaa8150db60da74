"""Decisions to start a test from: name what matters to the test, the rest is plausible."""

from datetime import UTC, datetime, timedelta
from typing import Any

from panel.domain.decision import (
    DecisionKind,
    Draft,
    EditorialDecision,
    grounds_of,
    subject_of,
)
from panel.domain.run import Run

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_draft(run: Run, kind: DecisionKind = "approve", **fields: Any) -> Draft:
    given: dict[str, Any] = {
        "editor": "Duty editor",
        "reason": "Read beside the text.",
        "at": MORNING,
        "subject": subject_of(run),
        "grounds": grounds_of(run),
    }
    return Draft(kind=kind, **(given | fields))


def a_decision(
    run: Run, number: int, kind: DecisionKind = "approve", **fields: Any
) -> EditorialDecision:
    """Return a decision so many minutes after eight."""
    given = {"at": MORNING + timedelta(minutes=number)}
    return EditorialDecision(number=number, **dict(a_draft(run, kind, **(given | fields))))
