"""The publication of a run: what the decisions on it come to, by a rule.

A run waits until it is approved; it may be held or rejected before, and withdrawn after. MOVES has what
may be decided in each state. Nothing is ever erased: what was undone stays in the history.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import Field

from panel.domain.ballot import Decision
from panel.domain.decision import (
    Change,
    DecisionKind,
    EditorialDecision,
    Subject,
    subject_of,
)
from panel.domain.run import Run
from panel.domain.value import Value
from panel.domain.verdict import Verdict

PublicationState = Literal["waiting", "held", "rejected", "approved", "withdrawn"]

MOVES: Mapping[PublicationState, frozenset[DecisionKind]] = {
    "waiting": frozenset({"approve", "edit", "override", "hold", "reject", "undo"}),
    "held": frozenset({"approve", "edit", "override", "reject", "undo"}),
    "rejected": frozenset({"approve", "hold", "undo"}),
    "approved": frozenset({"override", "correct", "withdraw", "undo"}),
    "withdrawn": frozenset({"approve", "correct", "undo"}),
}
"""What may be decided in each state."""

_ENDS: Mapping[DecisionKind, PublicationState] = {
    "approve": "approved",
    "hold": "held",
    "reject": "rejected",
    "withdraw": "withdrawn",
}


class Override(Value):
    """An editor's verdict, which stands beside the panel's and never in its place."""

    verdict: Decision
    editor: str
    reason: str
    at: datetime


class Correction(Value):
    """What the public is told was changed after the first approval.

    A `correct` has its changes; an `override` and a `withdraw` have none. `moved` tells whether the
    verdict that readers see is another one since.
    """

    kind: Literal["correct", "override", "withdraw"]
    number: int
    at: datetime
    editor: str
    reason: str
    changes: tuple[Change, ...]
    moved: bool


class Publication(Value):
    """What the decisions on one run come to.

    `panel` is the panel's verdict and `override` the editor's; `decision` is what readers are told.
    `changes` has what edits and corrections changed, in order: `panel.editorial.fields.apply` makes
    the run that the public reads. `history` has every decision on the run, undone ones too, and
    `undone` their numbers. `last` is the number of the last one, 0 where there is none.
    """

    subject: Subject
    state: PublicationState
    panel: Verdict | None
    override: Override | None = None
    changes: tuple[Change, ...] = ()
    answers: dict[str, str] = Field(default_factory=dict)
    read: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    history: tuple[EditorialDecision, ...] = ()
    undone: tuple[int, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the public reads it, or that it was withdrawn."""
        return self.state in ("approved", "withdrawn")

    @property
    def is_open(self) -> bool:
        """Whether it waits for an editor, or is held by one."""
        return self.state in ("waiting", "held")

    @property
    def decision(self) -> Decision | None:
        """Ship or skip: the editor's where there is one, else the panel's."""
        if self.override is not None:
            return self.override.verdict
        return self.panel.decision if self.panel else None

    @property
    def last(self) -> int:
        """The number of the last decision on the run."""
        return self.history[-1].number if self.history else 0

    @property
    def effective(self) -> tuple[EditorialDecision, ...]:
        """The decisions that count, oldest first: neither undone nor an undo."""
        return _effective(self.history)

    @property
    def approval(self) -> EditorialDecision | None:
        """The approval that counts now, if there is one; a withdrawn run keeps its last."""
        return _last_of(self.effective, "approve")

    @property
    def withdrawal(self) -> EditorialDecision | None:
        """The withdrawal, where the run is withdrawn."""
        return _last_of(self.effective, "withdraw") if self.state == "withdrawn" else None

    @property
    def settled_by(self) -> EditorialDecision | None:
        """The decision that brought the run into its state, None while it waits."""
        return next((one for one in reversed(self.effective) if one.kind in _ENDS), None)

    @property
    def first_published(self) -> datetime | None:
        """When the run was approved first, of the approvals that count."""
        return next((one.at for one in self.effective if one.kind == "approve"), None)

    @property
    def prices_read(self) -> date:
        """The day on which its prices were read last: in its text, or by an editor who changed one."""
        changed = [
            one.at.astimezone(UTC).date()
            for one in self.effective
            if any(map(_is_of_a_price, one.changes))
        ]
        return max((self.subject.facts_read or self.subject.day, *changed))

    @property
    def updated(self) -> datetime | None:
        """When the last decision that counts was made: what readers see is as old as that."""
        return self.effective[-1].at if self.effective else None


def publication_of(run: Run, decisions: Iterable[EditorialDecision]) -> Publication:
    """Return the publication of `run` by those of `decisions` that are on it.

    `publication_of(run, ())` is waiting, with the panel's verdict.
    """
    return publication_of_subject(subject_of(run), decisions, run.verdict)


def publication_of_subject(
    subject: Subject, decisions: Iterable[EditorialDecision], panel: Verdict | None = None
) -> Publication:
    """Return the publication of the run that is `subject`; `panel` is its verdict, where known.

    `decisions` may be in any order, and on other runs too.
    """
    ours = (one for one in decisions if one.subject.key == subject.key)
    history = tuple(sorted(ours, key=lambda one: one.number))
    effective = _effective(history)
    counted = {one.number for one in effective}
    return Publication(
        subject=subject,
        state=next(
            (_ENDS[one.kind] for one in reversed(effective) if one.kind in _ENDS), "waiting"
        ),
        panel=panel,
        override=_override(effective, panel),
        changes=tuple(change for one in effective for change in one.changes),
        answers={flag: text for one in effective for flag, text in one.answers.items()},
        read=tuple(dict.fromkeys(name for one in effective for name in one.read)),
        corrections=_corrections(effective, panel),
        history=history,
        undone=tuple(
            one.number for one in history if one.kind != "undo" and one.number not in counted
        ),
    )


def current(publications: Iterable[Publication]) -> dict[str, Publication]:
    """Return for each tool the publication that the public sees: approved or withdrawn, newest first.

    Of several runs of a tool it is the one that was approved last; that one withdrawn, no older
    approval comes back.
    """
    public = [one for one in publications if one.is_public]
    newest: dict[str, Publication] = {}
    for one in sorted(public, key=_approved_as):
        newest.pop(one.subject.tool, None)
        newest[one.subject.tool] = one
    return dict(reversed(newest.items()))


def _approved_as(publication: Publication) -> int:
    return publication.approval.number if publication.approval else 0


def _is_of_a_price(change: Change) -> bool:
    return change.field == "entry" or change.field.startswith("price.")


def _effective(history: Sequence[EditorialDecision]) -> tuple[EditorialDecision, ...]:
    undone = {one.undoes for one in history if one.kind == "undo"}
    return tuple(one for one in history if one.kind != "undo" and one.number not in undone)


def _last_of(
    decisions: Sequence[EditorialDecision], kind: DecisionKind
) -> EditorialDecision | None:
    return next((one for one in reversed(decisions) if one.kind == kind), None)


def _override(effective: Sequence[EditorialDecision], panel: Verdict | None) -> Override | None:
    """Return the editor's verdict, where it is another one than the panel's."""
    last = _last_of(effective, "override")
    if last is None or last.verdict is None or (panel and panel.decision == last.verdict):
        return None
    return Override(verdict=last.verdict, editor=last.editor, reason=last.reason, at=last.at)


def _corrections(
    effective: Sequence[EditorialDecision], panel: Verdict | None
) -> tuple[Correction, ...]:
    found: list[Correction] = []
    told = panel.decision if panel else None
    is_public = False
    for one in effective:
        is_public = is_public or one.kind == "approve"
        before, told = told, one.verdict or told
        if is_public and one.kind in ("correct", "override", "withdraw"):
            found.append(
                Correction(
                    kind=one.kind,
                    number=one.number,
                    at=one.at,
                    editor=one.editor,
                    reason=one.reason,
                    changes=one.changes,
                    moved=told != before,
                )
            )
    return tuple(found)
