"""What differs between two runs of one panel, in words, most visible first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.flag import Flag
from panel.domain.review import Agreement, Scorecard
from panel.domain.run import Run
from panel.domain.verdict import aggregate
from panel.pipeline.diff import differences
from tests.factories import a_ballot, a_panel, a_run, a_scorecard, an_abstention
from tests.gallery import some_runs

BEFORE = a_run()
BUILDER, *OTHERS = BEFORE.reviews


def differing(**fields: Any) -> list[str]:
    return list(differences(BEFORE, BEFORE.model_copy(update=fields)))


def test_a_run_does_not_differ_from_itself() -> None:
    assert differing() == []


def test_between_two_runs_of_the_checklist_no_score_is_named() -> None:
    before = some_runs()["checklist"]
    assert before.is_checklist
    cards = [one for one in before.reviews if isinstance(one, Scorecard)]
    turned = tuple(
        card.model_copy(update={"score": 2.0, "ballot": a_ballot("skip", step=1)}) for card in cards
    )
    after = before.model_copy(
        update={"reviews": turned, "verdict": aggregate(turned, before.inputs.rules)}
    )
    found = " ".join(differences(before, after))
    assert f"{cards[0].name} said {cards[0].verdict}, now said skip." in found
    assert "of 10" not in found
    assert "of 10" in " ".join(differences(BEFORE, after))


def test_neither_id_nor_cost_nor_version_is_a_difference() -> None:
    assert differing(id="other", versions={}, spending=a_run().spending) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"state": "stopped"}, ["The run was finished, now it is stopped."]),
        ({"verdict": None}, ["The verdict was ship, now it is none."]),
        (
            {"flags": (Flag(kind="ballot", message="It is too short.", holds=False),)},
            ["New flag: It is too short."],
        ),
        (
            {"tool": BEFORE.tool.model_copy(update={"licence": None, "not_stated": ("licence",)})},
            ["The licence was MIT, now it is not stated."],
        ),
        (
            {"tool": BEFORE.tool.model_copy(update={"description": "It keeps letters."})},
            ["The description is another one."],
        ),
        (
            {"tool": BEFORE.tool.model_copy(update={"entry": None, "tagline": "T"})},
            [
                "The tagline was Notes in plain files, now it is T.",
                "The entry was paid, now it is not known.",
            ],
        ),
        (
            {
                "assignments": (
                    BEFORE.assignments[0].model_copy(update={"model": "gpt-new"}),
                    *BEFORE.assignments[1:],
                )
            },
            ["builder was assigned to openai:gpt-test, now to openai:gpt-new."],
        ),
        (
            {"testimony": BEFORE.testimony.model_copy(update={"unfounded": 1})},
            ["Passages that speak to the reviewers: 0 before, 0 now, reported otherwise."],
        ),
        ({"reviews": tuple(OTHERS)}, ["Builder is no longer on the panel."]),
        (
            {"reviews": (*BEFORE.reviews, a_scorecard("auditor"))},
            ["Auditor is new on the panel: said ship with 8.0 of 10."],
        ),
        (
            {"reviews": (an_abstention("builder"), *OTHERS)},
            [
                "Builder said ship with 8.0 of 10, now gave no valid review "
                "(no readable answer after 2 tries)."
            ],
        ),
        (
            {"reviews": (a_scorecard("builder", model="gpt-new"), *OTHERS)},
            ["Builder was answered by gpt-test, now by gpt-new."],
        ),
        (
            {"reviews": (a_scorecard(agreement=Agreement(agree=2, of=3)), *OTHERS)},
            ["Builder: one sample was taken, now 2 of 3 samples agreed."],
        ),
    ],
)
def test_a_difference_is_told_by_what_a_reader_would_see(
    fields: dict[str, Any], found: list[str]
) -> None:
    assert differing(**fields) == found


def test_a_flag_that_is_gone_is_told() -> None:
    flag = Flag(kind="ballot", message="It is too short.", holds=False)
    flagged = BEFORE.model_copy(update={"flags": (flag,)})
    assert list(differences(flagged, BEFORE)) == ["Flag gone: It is too short."]


def test_a_flag_that_stays_is_no_difference() -> None:
    kept, gone, new = (
        Flag(kind="ballot", message=text, holds=False) for text in ("It is short.", "Gone.", "New.")
    )
    before = BEFORE.model_copy(update={"flags": (kept, gone)})
    after = BEFORE.model_copy(update={"flags": (kept, new)})
    assert list(differences(before, after)) == ["New flag: New.", "Flag gone: Gone."]


def test_a_tie_and_a_reviewer_of_the_own_maker_are_told() -> None:
    tied = a_run(reviews=a_panel("ship ship skip skip"))
    one_sided = a_run(reviews=a_panel("ship skip skip skip"))
    assert "The panel is now split in half." in list(differences(one_sided, tied))
    assert "The panel is no longer split in half." in list(differences(tied, one_sided))
    own = BEFORE.assignments[0].model_copy(update={"own_maker": "OpenAI"})
    changed = differing(assignments=(own, *BEFORE.assignments[1:]))
    assert changed == ["builder now judges its own maker."]


def test_a_model_that_answered_in_the_place_of_another_is_told() -> None:
    first, *others = BEFORE.assignments
    substitute = first.model_copy(update={"instead_of": "mistral:m"})
    assert differing(assignments=(substitute, *others)) == [
        f"builder was answered by {first.ref}, now by {first.ref} in the place of mistral:m."
    ]


def test_a_verdict_that_is_there_now_is_told() -> None:
    without = BEFORE.model_copy(update={"verdict": None})
    assert list(differences(without, BEFORE)) == ["The verdict was none, now it is ship."]
    assert list(differences(without, without)) == []


def test_the_verdict_comes_first_then_its_parts_then_the_reviews() -> None:
    found = list(differences(BEFORE, a_run(reviews=a_panel("ship skip skip skip"))))
    assert found[:4] == [
        "The verdict was ship, now it is skip.",
        "Panel ship was 100%, 4 of 4, now it is 25%, 1 of 4.",
        "The score was 8.0 of 10, now it is 5.0 of 10.",
        "Skeptic said ship with 8.0 of 10, now said skip with 4.0 of 10.",
    ]


def test_a_take_in_other_words_is_told_by_its_name() -> None:
    ballot = a_ballot(best_for="someone else")
    changed = (a_scorecard(ballot=ballot), *OTHERS)
    assert differing(reviews=changed) == ["Builder answered otherwise: best for."]


_PARTS = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["finished", "stopped", "waiting"]),
        "verdict": st.sampled_from(
            [None, BEFORE.verdict, a_run(reviews=a_panel("ship none skip skip")).verdict]
        ),
        "reviews": st.sampled_from(
            [a_panel("ship skip ship ship"), BEFORE.reviews[::-1], BEFORE.reviews[:2], ()]
        ),
        "flags": st.permutations(
            [Flag(kind="ballot", message=text, holds=False) for text in "ab"]
        ).map(tuple),
        "tool": st.sampled_from(["name", "description", "open_points"]).map(
            lambda field: BEFORE.tool.model_copy(
                update={field: ("a point",) if field == "open_points" else "another"}
            )
        ),
        "assignments": st.sampled_from([(), BEFORE.assignments[::-1]]),
    },
)


@given(before=_PARTS, after=_PARTS)
def test_no_difference_goes_without_a_sentence(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    one, other = (BEFORE.model_copy(update=fields) for fields in (before, after))
    assert bool(list(differences(one, other))) == (_seen(one) != _seen(other))


def _seen(run: Run) -> tuple[object, ...]:
    return run.state, run.verdict, run.reviews, run.flags, run.tool, run.assignments
