"""Decisions: what a named editor decided on a run, why, and what the decision stood on."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from panel.domain.ballot import Decision
from panel.domain.cleaning import clean_text
from panel.domain.exchange import digest
from panel.domain.value import Value, is_none

if TYPE_CHECKING:
    from panel.domain.run import Run  # a ledger is opened without all that a run is made of

DecisionKind = Literal[
    "approve", "edit", "override", "hold", "reject", "correct", "withdraw", "undo"
]
KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
DONE: Mapping[DecisionKind, str] = {
    "approve": "approved",
    "edit": "edited",
    "override": "overridden",
    "hold": "held",
    "reject": "rejected",
    "correct": "corrected",
    "withdraw": "withdrawn",
    "undo": "undone",
}
"""What is said of a run, or of a decision, once each was done."""
NOUNS: Mapping[DecisionKind, str] = {
    "approve": "approval",
    "edit": "edit",
    "override": "override",
    "hold": "hold",
    "reject": "rejection",
    "correct": "correction",
    "withdraw": "withdrawal",
    "undo": "undo",
}
"""What each kind of decision is called."""
MOST_OF_A_NAME, MOST_OF_A_REASON, MOST_OF_A_VALUE = 80, 2_000, 2_000
MOST_PARTS = 400
"""The most changes, answers or sentences that one decision names."""


def _visible(text: str) -> str:
    """Return `text` without hidden characters. Raises ValueError where nothing is left."""
    seen = clean_text(text).strip()
    if not seen:
        raise ValueError("it has nothing that can be read")
    return seen


def _one_line(text: str) -> str:
    return " ".join(_visible(text).split())


EditorName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_NAME),
    AfterValidator(_one_line),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_REASON),
    AfterValidator(_visible),
]
FieldValue = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_VALUE),
    AfterValidator(_one_line),
]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,119}$")]


class Subject(Value):
    """Which run is decided on: its date and id, and the slug and the name of its tool.

    `facts_read` is the day on which its facts were read, None where that is its date.
    """

    day: date
    run: str
    tool: str
    name: str
    facts_read: date | None = Field(default=None, exclude_if=is_none)

    @property
    def key(self) -> tuple[date, str]:
        """What tells its run from every other one: the date and the id."""
        return self.day, self.run


class Grounds(Value):
    """What a decision stood on: digests of the run as recorded and of the text that its reviewers saw.

    `versions` has those of Shipskip and its libraries as the run was recorded. `document` is the digest
    of the bytes that the run was read from, None where nobody knows it: a run of the same bytes is
    the same.
    """

    run: str
    text: str
    versions: dict[str, str]
    document: str | None = Field(default=None, exclude_if=is_none)


class Change(Value):
    """One field that an editor changed: what it was and what it is; None where it says nothing.

    `found` is where the editor has it from: a passage of the text, an address, who wrote in. Fields are
    named as in `panel.editorial.fields`: `licence`, `price.1`, `builder.take.2`.
    """

    field: Label
    before: str | None
    after: FieldValue | None
    found: FieldValue | None = None


class Draft(Value):
    """A decision before it is written into the journal.

    `answers` maps a flag's id to the editor's answer and `read` has the ids of the `known` sentences
    that the editor has read (see `panel.editorial.open_points`). `verdict` is what an override sets.
    `undoes` is the number of the decision that an undo takes back. `from_list` tells that the editor
    approved from a list, without the tool's own page open.
    """

    kind: DecisionKind
    subject: Subject
    editor: EditorName
    reason: Reason
    at: AwareDatetime
    grounds: Grounds
    changes: Annotated[tuple[Change, ...], Field(max_length=MOST_PARTS)] = ()
    verdict: Decision | None = None
    answers: Annotated[dict[Label, Reason], Field(max_length=MOST_PARTS)] = Field(
        default_factory=dict
    )
    read: Annotated[tuple[Label, ...], Field(max_length=MOST_PARTS)] = ()
    undoes: int | None = None
    from_list: bool = False


class EditorialDecision(Draft):
    """A decision as the journal has it, under the number of its row."""

    number: int


class SiteBuild(Value):
    """A build of the public site: when, the digest of its manifest, and the last decision that it has.

    `upto` is the number of that decision; 0 where there was none.
    """

    at: AwareDatetime
    digest: str
    upto: int


def subject_of(run: "Run") -> Subject:
    """Return which run of which tool `run` is."""
    inputs, tool = run.inputs, run.inputs.tool
    return Subject(
        day=inputs.date,
        run=run.id,
        tool=tool.slug,
        name=tool.name,
        facts_read=inputs.facts_read,
    )


def grounds_of(run: "Run", document: str | None = None) -> Grounds:
    """Return what a decision on `run` stands on, which was read from the bytes with this digest.

    The release of a held run is an editor's own and no part of what was recorded.
    """
    recorded = run.model_dump(mode="json", exclude={"release"})
    return Grounds(
        run=digest(recorded),
        text=run.inputs.tool.text_digest,
        versions=dict(run.versions),
        document=document,
    )
