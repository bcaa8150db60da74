"""What would turn a reviewer: the question, and what is taken of its answer."""

import json
from typing import Any

import pytest

from panel.domain.flips import VARIABLES, clauses_of, flips_request, flips_schema, read_flips
from panel.domain.json_answer import UnreadableAnswerError
from panel.store.persona_files import load_prompt
from tests.conftest import CHECKOUT
from tests.factories import a_ballot, a_run, a_scorecard, an_abstention, some_inputs

SHOWN = "Quillbase is free now.\nThe **export** keeps every link. It runs on your server."
RUN = a_run(
    reviews=(
        a_scorecard("builder", ballot=a_ballot(flips_if="the export keeps links")),
        an_abstention("skeptic"),
        a_scorecard("futurist", ballot=a_ballot("skip", flips_if="it is\n free \u202eof charge")),
        a_scorecard("business_analyst", provider="checklist"),
    )
)
CLAUSES = clauses_of(RUN)


def an_answer(*conditions: Any) -> str:
    return json.dumps({"conditions": list(conditions)})


def said(reviewer: str, span: str | None, *, met: object = True) -> dict[str, Any]:
    return {"reviewer": reviewer, "span": span, "met": met}


def test_an_abstention_and_the_checklist_say_nothing_on_what_would_turn_them() -> None:
    assert [one.reviewer for one in clauses_of(RUN)] == ["builder", "futurist"]


def test_one_request_has_the_text_fenced_and_every_clause_on_a_line_of_its_own() -> None:
    prompt = load_prompt(CHECKOUT / "prompts" / "flips.md", VARIABLES)
    request = flips_request(some_inputs(), prompt, SHOWN, CLAUSES)
    (message,) = request.messages
    marker = message.text.split(SHOWN)[0].splitlines()[-1]
    assert f"{marker}\n{SHOWN}\n{marker}" in message.text
    assert "\n- builder: the export keeps links\n- futurist: it is free of charge\n" in message.text
    assert request.answer_schema == flips_schema()
    assert (request.provider, request.model) == ("openai", "gpt-test")


def test_a_condition_is_met_only_by_words_that_stand_in_the_text() -> None:
    answer = an_answer(said("futurist", "Quillbase is “free” now"), said("builder", "export keeps"))
    found, faults = read_flips(answer, CLAUSES, SHOWN)
    assert [(one.reviewer, one.is_met) for one in found] == [("builder", True), ("futurist", False)]
    (fault,) = faults
    assert "the span of futurist is not in the description" in fault.message


@pytest.mark.parametrize("span", [None, "", "not there at all", 7, "x" * 3_000])
def test_a_condition_without_such_words_is_not_met_and_is_asked_about_again(span: Any) -> None:
    answer = an_answer(said("builder", span), said("futurist", None, met=False))
    found, faults = read_flips(answer, CLAUSES, SHOWN)
    assert [one.is_met for one in found] == [False, False]
    assert len(faults) == 1


def test_a_span_of_what_is_not_met_is_not_kept() -> None:
    answer = an_answer(
        said("builder", "It runs on your server", met=False), said("futurist", None, met=False)
    )
    found, faults = read_flips(answer, CLAUSES, SHOWN)
    assert [one.span for one in found] == [None, None]
    assert not faults


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot say.",
        "{}",
        json.dumps({"conditions": "none"}),
        an_answer(said("builder", None, met=False)),
        an_answer(said("builder", None, met="no"), said("futurist", None, met=False)),
        an_answer("builder", 7, {"reviewer": 3}, {"met": True}),
    ],
)
def test_an_answer_that_leaves_a_reviewer_out_is_not_taken(answer: str) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_flips(answer, CLAUSES, SHOWN)


def test_a_span_is_kept_as_the_text_has_it() -> None:
    answer = an_answer(
        said("builder", "the EXPORT keeps every link", met=True), said("futurist", None, met=False)
    )
    (builder, _), faults = read_flips(answer, CLAUSES, SHOWN)
    assert builder.span is None
    assert faults
    exact = answer.replace("the EXPORT", "The export")
    (builder, _), faults = read_flips(exact, CLAUSES, SHOWN)
    assert builder.span == "The **export** keeps every link"
    assert not faults
