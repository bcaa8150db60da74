"""Forms of the desk read into orders: what an editor asks for, and what that editor was looking at."""

from collections.abc import Mapping
from datetime import date
from typing import Final, TypedDict, cast

from panel.app.decisions import FieldEdit, Order, RunPublication
from panel.desk.desk_points import is_sentence
from panel.desk.numbers import read_number
from panel.domain.ballot import Decision
from panel.domain.decision import DecisionKind, Grounds
from panel.editorial.fields import FACT_FIELDS, field_text
from panel.errors import ConfigError

READY: Final[Mapping[str, tuple[str, ...]]] = {
    "override": (),
    "hold": (
        "Ask the maker about the price.",
        "Ask the maker about the licence.",
        "A second editor should read it.",
        "Wait for the next release.",
    ),
    "reject": (
        "Not a tool.",
        "Cannot be had yet.",
        "Same as a tool that is published.",
        "The maker misleads.",
    ),
    "withdraw": (),
}
APPROVAL: Final = "Read beside its text."
_FROM_LIST: Final = "Approved from the list."
_FACTS: Final = "Checked against the text."
_UNDO: Final = "Taken back at the desk."
Form = Mapping[str, str]


def order_of(kind: DecisionKind, form: Form, editor: str) -> Order:
    """Return the order of a button: approve, override, hold, reject, withdraw or undo."""
    chosen = form.get("reason", "").strip() or form.get("why", "").strip()
    reason = chosen or {"approve": APPROVAL, "undo": _UNDO}.get(kind, "")
    if not reason:
        raise ConfigError("A reason is missing: write one, the journal keeps it.")
    if kind == "undo":
        undoes = read_number(form.get("undoes", "")) or None
        return Order(kind=kind, editor=editor, reason=reason, undoes=undoes)
    verdict = form.get("verdict") if kind == "override" else None
    if kind == "override" and verdict not in ("ship", "skip"):
        raise ConfigError("An override names the verdict: choose ship or skip.")
    return Order(
        kind=kind,
        editor=editor,
        reason=reason,
        verdict=cast("Decision | None", verdict),
        **_shown(form),
    )


def request_order(form: Form, editor: str) -> Order:
    """Return what the editor was looking at who asks for another panel, as the order of an edit."""
    return Order(kind="edit", editor=editor, reason=form.get("reason", ""), **_shown(form))


def answer_order(form: Form, editor: str) -> Order:
    """Return the order that answers an open point: a flag in words, a sentence by having read it."""
    point = form.get("point", "")
    answer = form.get("answer", "").strip() or form.get("other", "").strip()
    if not answer:
        raise ConfigError("An answer is missing: press a ready one, or write your own.")
    is_read = is_sentence(point)
    return Order(
        kind="edit",
        editor=editor,
        reason=answer,
        answers={} if is_read else {point: answer},
        read=(point,) if is_read else (),
        **_shown(form),
    )


def facts_order(found: RunPublication, form: Form, editor: str) -> Order | None:
    """Return the order that changes the facts which a form has otherwise; None where none is."""
    fields = [field for field in form if field in FACT_FIELDS or field.startswith("price.")]
    return _edits(found, {field: form[field] for field in fields}, form, editor)


def review_order(found: RunPublication, form: Form, editor: str) -> Order | None:
    """Return the order that changes the sentences which a form has otherwise; None where none is."""
    return _edits(found, {f: text for f, text in form.items() if ".take." in f}, form, editor)


def ticked_order(ticket: str, editor: str) -> tuple[date, str, Order]:
    """Return day and id of a run that was ticked in the list, and the order to approve it.

    Raises ConfigError for what is no ticket of the queue.
    """
    day, _, rest = ticket.partition("/")
    run, _, rest = rest.partition("/")
    seen, _, digest = rest.partition("/")
    try:
        on = date.fromisoformat(day)
    except ValueError as error:
        raise ConfigError("A tick is none of this page. Load the queue again.") from error
    shown = Grounds(run=digest, text="", versions={})
    return (
        on,
        run,
        Order(
            kind="approve",
            editor=editor,
            reason=_FROM_LIST,
            from_list=True,
            shown=shown,
            seen=read_number(seen),
        ),
    )


def shown_by(form: Form) -> Grounds:
    """Return the digests of the run that the form's page showed."""
    return Grounds(run=form.get("run", ""), text=form.get("text", ""), versions={})


class _Shown(TypedDict):
    shown: Grounds
    seen: int
    redacted: str


def _shown(form: Form) -> _Shown:
    """Return what the form's page showed: the run, the last decision, the run without its passages."""
    return {
        "shown": shown_by(form),
        "seen": read_number(form.get("seen", "")),
        "redacted": form.get("redacted", ""),
    }


def _edits(
    found: RunPublication, given: Mapping[str, str], form: Form, editor: str
) -> Order | None:
    public = found.public
    edits = []
    for field, text in given.items():
        value = " ".join(text.split())
        before = field_text(public, field)
        if value != " ".join(before.split()):
            edits.append(FieldEdit(field, value or None))
    if not edits:
        return None
    is_public = found.publication.is_public
    reason = form.get("reason", "").strip()
    if is_public and not reason:
        raise ConfigError("A correction needs a reason: readers are told it.")
    return Order(
        kind="correct" if is_public else "edit",
        editor=editor,
        reason=reason or _FACTS,
        edits=tuple(edits),
        **_shown(form),
    )
