"""Each gate refuses once, says how to clear it, and is cleared that way."""

from datetime import UTC, datetime
from typing import Any

import pytest

from panel.domain.decision import Change, EditorialDecision, grounds_of
from panel.domain.flag import Flag
from panel.domain.run import Assignment, Pending, Release, Run
from panel.editorial.fields import change_of
from panel.editorial.gates import GateName, check_gates, require_gates
from panel.editorial.open_points import known_sentences, raised_flags
from panel.editorial.publication import publication_of
from panel.errors import ExitCode, GateRefused
from tests.decisions import a_decision
from tests.factories import (
    a_ballot,
    a_panel,
    a_run,
    a_scorecard,
    a_sentence,
    some_inputs,
)

ALL: tuple[GateName, ...] = (
    "checklist",
    "unchanged",
    "quorum",
    "namesake",
    "addressed",
    "flags",
    "quoted",
    "known",
    "stale",
)
PLAIN = a_ballot(take=(a_sentence("It keeps notes.", "quoted", "notes in plain files"),))
MISQUOTED = a_ballot(take=(a_sentence("It keeps notes.", "quoted", "notes in rich files"),))
HOLDS = Flag(kind="witnessed", message="A passage speaks to the reviewers.", holds=True)
MISNAMED = Flag(kind="name_mismatch", message="The title says 8B, the text 6B.", holds=False)


def sound(**fields: Any) -> Run:
    """Return a run that every gate lets through."""
    return a_run(reviews=[a_scorecard(key, ballot=PLAIN) for key in ("a", "b", "c")], **fields)


def refused(run: Run, *decisions: EditorialDecision, **given: Any) -> tuple[GateName, ...]:
    gates = check_gates(run, publication_of(run, decisions), **given)
    assert tuple(gate.name for gate in gates) == ALL
    assert all(bool(gate.clear) != gate.passed for gate in gates)
    return tuple(gate.name for gate in gates if not gate.passed)


def test_a_clean_run_needs_nothing() -> None:
    assert refused(sound()) == ()
    require_gates(check_gates(sound(), publication_of(sound(), ())), "x-1")


def test_a_checklist_is_never_approved_and_a_model_is() -> None:
    who = Assignment(persona="a", provider="checklist", model="checklist")
    assert refused(sound(inputs=some_inputs(assignments=(who,)))) == ("checklist",)
    gate = check_gates(sound(), publication_of(sound(), ()))[0]
    assert (gate.name, gate.says) == ("checklist", "no checklist wrote any of it")
    assert refused(sound()) == ()


def test_too_few_reviews_are_asked_again() -> None:
    few = a_run(reviews=[*a_panel("ship ship none none")])
    assert "quorum" in refused(few)
    gate = {gate.name: gate for gate in check_gates(few, publication_of(few, ()))}["quorum"]
    assert gate.says == "2 valid reviews, 3 are needed"
    assert "who failed is asked again" in gate.clear
    assert refused(sound().model_copy(update={"state": "stopped"})) == ("quorum",)
    assert refused(sound()) == ()


def test_a_run_that_waits_for_answers_names_them() -> None:
    pending = tuple(
        Pending(reviewer=who, reason="paste it", cause="answer") for who in ("builder", "skeptic")
    )
    run = sound().model_copy(update={"state": "waiting", "pending": pending})
    assert refused(run) == ("quorum",)
    gate = {gate.name: gate for gate in check_gates(run, publication_of(run, ()))}["quorum"]
    assert gate.clear.startswith("Answers are missing: builder, skeptic. ")
    assert "`--answer builder=FILE`" in gate.clear


def test_every_flag_is_answered() -> None:
    card = a_scorecard("d", ballot=PLAIN, flags=(Flag(kind="ballot", message="x", holds=False),))
    run = sound(flags=(MISNAMED,))
    run = run.model_copy(update={"reviews": (*run.reviews, card)})
    assert [(one.id, one.reviewer) for one in raised_flags(run)] == [
        ("flag-1", None),
        ("flag-2", "d"),
    ]
    assert refused(run) == ("flags",)
    assert refused(run, answers={"flag-1": "6B."}) == ("flags",)
    assert refused(run, a_decision(run, 1, "edit", answers={"flag-1": "6B."})) == ("flags",)
    answered = a_decision(run, 1, "edit", answers={"flag-1": "6B."})
    assert refused(run, answered, answers={"flag-2": "It is fine."}) == ()
    undone = a_decision(run, 2, "undo", undoes=1)
    assert refused(run, answered, undone, answers={"flag-2": "It is fine."}) == ("flags",)


def test_a_text_that_addressed_the_reviewers_needs_an_answer_of_its_own() -> None:
    run = sound(flags=(MISNAMED, HOLDS))
    assert refused(run, answers={"flag-1": "6B."}) == ("addressed",)
    assert refused(run, answers={"flag-1": "6B.", "flag-2": "It quotes an attack."}) == ()
    release = Release(reason="quoted", at=datetime(2026, 11, 23, tzinfo=UTC), run=run.id)
    assert refused(sound(flags=(HOLDS,), release=release)) == ()
    again = release.model_copy(update={"stands": False, "without": ("ship it",)})
    assert refused(sound(flags=(HOLDS,), release=again)) == ("addressed",)


def test_a_quoted_sentence_stands_in_the_text_word_for_word() -> None:
    run = a_run(reviews=[a_scorecard(key, ballot=MISQUOTED) for key in ("a", "b", "c")])
    assert refused(run) == ("quoted",)
    edits: list[Change] = [
        change_of(run, "a.take.1.evidence", "notes in plain files"),
        change_of(run, "b.take.1.basis", "judged"),
        change_of(run, "c.take.1.evidence", None),
    ]
    assert refused(run, a_decision(run, 1, "edit", changes=tuple(edits))) == ("quoted",)
    edits[2] = change_of(run, "c.take.1.evidence", "“It costs 9 dollars a seat”")
    assert refused(run, a_decision(run, 1, "edit", changes=tuple(edits))) == ()


def test_every_unchecked_sentence_is_read() -> None:
    run = a_run()
    ids = [one.id for one in known_sentences(run)]
    assert ids == [f"{card.reviewer}.take.4" for card in run.reviews]
    assert refused(run, read=ids[1:]) == ("known",)
    assert refused(run, a_decision(run, 1, "edit", read=tuple(ids[:1])), read=ids[1:]) == ()
    judged = tuple(change_of(run, f"{name}.basis", "judged") for name in ids)
    assert refused(run, a_decision(run, 1, "edit", changes=judged)) == ()


def test_a_run_that_was_changed_since_is_looked_at_again() -> None:
    before = sound(flags=(MISNAMED,))
    edit = a_decision(before, 1, "edit", changes=(change_of(before, "licence", "Apache-2.0"),))
    after = sound()
    assert refused(after, edit) == ("unchanged",)
    assert refused(after, edit, a_decision(after, 2, "undo", undoes=1)) == ()
    assert refused(after, a_decision(before, 1, "hold")) == ()  # it rests on no word of the run
    assert refused(after, seen=grounds_of(before)) == ("unchanged",)
    assert refused(after, seen=grounds_of(after)) == ()


def test_a_change_of_words_that_are_others_by_now_clears_nothing() -> None:
    reviews = [a_scorecard("a", ballot=MISQUOTED), *sound().reviews[1:]]
    before, after = a_run(reviews=reviews, flags=(MISNAMED,)), a_run(reviews=reviews)
    change = change_of(before, "a.take.1.evidence", "notes in plain files")
    assert refused(before, a_decision(before, 1, "edit", changes=(change,))) == ("flags",)
    assert refused(after, a_decision(before, 1, "edit", changes=(change,))) == (
        "unchanged",
        "quoted",
    )


def test_the_release_of_a_held_run_does_not_change_what_was_decided_on() -> None:
    release = Release(reason="quoted", at=datetime(2026, 11, 23, tzinfo=UTC), run="x-1")
    assert grounds_of(sound()) == grounds_of(sound(release=release))
    assert grounds_of(sound()) != grounds_of(sound(flags=(MISNAMED,)))


def test_a_refusal_is_a_line_for_each_gate_with_what_clears_it() -> None:
    run = a_run(flags=(MISNAMED,))
    with pytest.raises(GateRefused) as caught:
        require_gates(check_gates(run, publication_of(run, ())), run.id)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{run.id}: not approved, 2 gates refused."
    assert lines == [
        "flags: 1 flag without an answer (flag-1). Answer each: `--answer flag-1=TEXT`.",
        "known: 4 unchecked sentences not read (builder.take.4, skeptic.take.4, futurist.take.4, "
        "business_analyst.take.4). Read each, then name it: `--read builder.take.4`.",
    ]
    assert caught.value.gates == ("flags", "known")
    assert caught.value.exit_code is ExitCode.GATE


def test_a_long_list_of_what_is_open_is_cut_short() -> None:
    run = sound(flags=(MISNAMED,) * 6)
    gate = next(g for g in check_gates(run, publication_of(run, ())) if g.name == "flags")
    assert gate.says.endswith("(flag-1, flag-2, flag-3, flag-4 and 2 more)")
    assert len(gate.missing) == 6
