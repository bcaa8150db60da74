"""The publication of a run, folded out of the decisions on it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panel.domain.decision import (
    KINDS,
    Change,
    DecisionKind,
    Draft,
    EditorialDecision,
    grounds_of,
    subject_of,
)
from panel.editorial.publication import (
    MOVES,
    Publication,
    current,
    publication_of,
    publication_of_subject,
)
from tests.decisions import MORNING, a_decision, a_draft
from tests.factories import a_run, a_tool

RUN = a_run()  # the panel ships
LICENCE = Change(field="licence", before="MIT", after="Apache-2.0")


def after(*decisions: EditorialDecision) -> Publication:
    return publication_of(RUN, decisions)


def test_a_run_that_nobody_decided_on_waits_with_the_verdict_of_its_panel() -> None:
    publication = after()
    assert publication.state == "waiting"
    assert publication.decision == "ship"
    assert publication.last == 0
    assert publication.updated is None
    assert publication.first_published is None
    assert publication.approval is None


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("approve", "approved"),
        ("hold", "held"),
        ("reject", "rejected"),
        ("withdraw", "withdrawn"),
        ("edit", "waiting"),
        ("override", "waiting"),
    ],
)
def test_the_last_decision_of_its_kind_makes_the_state(kind: DecisionKind, state: str) -> None:
    assert after(a_decision(RUN, 1, kind)).state == state
    assert after(a_decision(RUN, 1, "hold"), a_decision(RUN, 2, "approve")).state == "approved"


def test_a_withdrawn_run_keeps_its_approval_and_says_who_withdrew_it() -> None:
    decisions = (a_decision(RUN, 1), a_decision(RUN, 2, "withdraw", reason="Its maker is gone."))
    publication = after(*decisions)
    assert publication.approval == decisions[0]
    assert publication.withdrawal == decisions[1]
    assert publication.first_published == decisions[0].at
    assert publication.updated == decisions[1].at
    assert after(*decisions, a_decision(RUN, 3)).withdrawal is None


def test_an_overridden_verdict_shows_both() -> None:
    override = a_decision(RUN, 1, "override", verdict="skip", reason="Nobody can run it.")
    publication = after(override)
    assert publication.decision == "skip"
    assert publication.panel == RUN.verdict
    assert publication.panel is not None
    assert publication.panel.decision == "ship"
    assert publication.override is not None
    assert publication.override.reason == "Nobody can run it."
    back = after(override, a_decision(RUN, 2, "override", verdict="ship"))
    assert back.override is None  # it is the panel's again
    assert back.decision == "ship"


def test_a_state_is_settled_by_its_own_decision_and_not_by_the_last_one() -> None:
    assert after(a_decision(RUN, 1, "override", verdict="skip")).settled_by is None
    approval = a_decision(RUN, 2)
    approved = after(approval, a_decision(RUN, 3, "override", verdict="skip"))
    assert approved.settled_by == approval
    withdrawal = a_decision(RUN, 4, "withdraw")
    assert after(approval, withdrawal).settled_by == withdrawal
    assert after(approval, withdrawal, a_decision(RUN, 5, "undo", undoes=4)).settled_by == approval


def test_an_undo_takes_the_decision_back_and_keeps_it_in_the_history() -> None:
    decisions = (
        a_decision(RUN, 1, "edit", changes=(LICENCE,), answers={"flag-1": "x"}, read=("a.take.1",)),
        a_decision(RUN, 2, "undo", undoes=1),
    )
    publication = after(*decisions)
    assert (publication.changes, publication.answers, publication.read) == ((), {}, ())
    assert publication.history == decisions
    assert publication.undone == (1,)
    assert publication.last == 2
    assert publication.updated is None


def test_what_is_changed_before_the_first_approval_is_no_correction() -> None:
    early = a_decision(RUN, 1, "edit", changes=(LICENCE,))
    late = Change(field="licence", before="Apache-2.0", after="MIT")
    publication = after(
        early,
        a_decision(RUN, 2, "override", verdict="skip"),
        a_decision(RUN, 3),
        a_decision(RUN, 4, "correct", changes=(late,), editor="Ben", reason="A reader wrote."),
        a_decision(RUN, 5, "override", verdict="ship"),
        a_decision(RUN, 6, "withdraw"),
    )
    assert [(one.kind, one.number, one.moved) for one in publication.corrections] == [
        ("correct", 4, False),
        ("override", 5, True),
        ("withdraw", 6, False),
    ]
    assert publication.corrections[0].changes == (late,)
    assert publication.corrections[0].editor == "Ben"
    assert publication.changes == (LICENCE, late)


def test_of_several_runs_of_a_tool_the_one_approved_last_is_public() -> None:
    newer = RUN.model_copy(update={"id": "quillbase-ffffffff"})
    other = a_run(a_tool("Rowboat"))
    decisions = [a_decision(RUN, 1), a_decision(newer, 2), a_decision(other, 3)]

    def public() -> dict[str, tuple[str, str]]:
        folded = [publication_of(run, decisions) for run in (newer, RUN, other)]
        return {slug: (one.subject.run, one.state) for slug, one in current(folded).items()}

    assert list(public().items()) == [
        ("rowboat", (other.id, "approved")),
        ("quillbase", (newer.id, "approved")),
    ]
    decisions.append(a_decision(newer, 4, "withdraw"))
    assert public()["quillbase"] == (newer.id, "withdrawn")  # the older approval does not come back
    decisions.append(a_decision(RUN, 5))
    assert next(iter(public().items())) == ("quillbase", (RUN.id, "approved"))  # it is the newest
    assert current([publication_of(RUN, ())]) == {}


def test_a_run_that_is_gone_is_still_folded() -> None:
    publication = publication_of_subject(
        subject_of(RUN), [a_decision(RUN, 1), a_decision(RUN, 2, "withdraw")]
    )
    assert publication.state == "withdrawn"
    assert publication.decision is None
    overridden = publication_of_subject(
        subject_of(RUN), [a_decision(RUN, 1, "override", verdict="skip")]
    )
    assert overridden.decision == "skip"


@given(st.data())
def test_any_order_of_the_same_decisions_comes_to_the_same(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(KINDS), max_size=8))
    decisions = []
    for number, kind in enumerate(kinds, start=1):
        undoes = data.draw(st.integers(0, number)) if kind == "undo" else None
        verdict = data.draw(st.sampled_from(["ship", "skip"])) if kind == "override" else None
        decisions.append(a_decision(RUN, number, kind, undoes=undoes, verdict=verdict))
    elsewhere = a_decision(a_run(a_tool("Rowboat")), 99, "reject")
    shuffled = data.draw(st.permutations([*decisions, elsewhere]))
    publication = publication_of(RUN, shuffled)
    assert publication == publication_of(RUN, decisions)
    assert len(publication.history) == len(kinds)  # nothing is ever erased
    counted = {one.number for one in publication.effective}
    assert counted.isdisjoint(publication.undone)
    assert Publication.model_validate_json(publication.model_dump_json()) == publication


def test_every_state_says_what_may_be_decided_in_it() -> None:
    allowed = {kind for kinds in MOVES.values() for kind in kinds}
    assert allowed == set(KINDS)
    assert "edit" not in MOVES["approved"]
    assert "approve" not in MOVES["approved"]


def test_what_a_decision_says_can_be_read() -> None:
    draft = a_draft(RUN, editor="  Duty\u200b  editor ", reason="\u202eRead.\0")
    assert (draft.editor, draft.reason) == ("Duty editor", "Read.")
    unreadable: tuple[dict[str, Any], ...] = (
        {"editor": "\u200b"},
        {"editor": ""},
        {"reason": "\ud800"},
        {"editor": "x" * 81},
    )
    for bad in unreadable:
        with pytest.raises(ValidationError):
            a_draft(RUN, **bad)
    with pytest.raises(ValidationError):
        a_draft(RUN, at=MORNING.replace(tzinfo=None))
    with pytest.raises(ValidationError):
        a_draft(RUN, answers={"flag 1": "x"})


def test_a_decision_stands_on_the_run_and_the_text() -> None:
    grounds = grounds_of(RUN)
    assert grounds.versions == RUN.versions
    later = RUN.model_copy(update={"started": RUN.started + timedelta(seconds=1)})
    assert grounds_of(later).run != grounds.run
    assert grounds_of(later).text == grounds.text
    assert Draft.model_validate_json(a_draft(RUN).model_dump_json()) == a_draft(RUN)
