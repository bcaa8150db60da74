"""What a model is asked: the same prefix for all, the vendor's text inside the fence, no surprise."""

import re
from typing import Any

import pytest

from panel.domain.assignment import assign
from panel.domain.ballot import ballot_schema
from panel.domain.exchange import Completion, Exchange, Failure, Message, Part, Usage, canonical
from panel.domain.fault import Fault
from panel.domain.fence import fence
from panel.domain.prompts import (
    PROMPTS,
    brief,
    has_canary,
    intake_request,
    repair_request,
    review_request,
)
from panel.domain.repetition import RecentTakes
from panel.domain.run import Assignment, CallSettings, Run
from panel.domain.template import Template
from tests.factories import DESCRIPTION, REVIEWERS, a_criterion, a_persona, a_run, a_tool
from tests.panels import TEXTS, panel_inputs
from tests.virtual import a_request, an_answer

INPUTS = panel_inputs()
SHARED = brief(INPUTS)
REQUESTS = [
    review_request(INPUTS, SHARED, persona, seat, 0)
    for persona, seat in zip(INPUTS.personas, INPUTS.assignments, strict=True)
]


def test_all_reviewers_of_a_tool_share_the_prefix_and_the_schema() -> None:
    first = REQUESTS[0]
    for request in REQUESTS[1:]:
        assert request.messages[0] == first.messages[0]
        assert request.messages[1].parts[0] == first.messages[1].parts[0]
        assert request.answer_schema == first.answer_schema == ballot_schema()
        assert request.prefix_key == first.prefix_key
    assert [part.ends_prefix for part in first.messages[1].parts] == [True, False]
    assert len({request.key for request in REQUESTS}) == 4


def test_the_prefix_key_changes_with_what_is_shared_and_only_with_it() -> None:
    other = panel_inputs(a_tool(description="Another text."))
    assert brief(other).prefix_key != SHARED.prefix_key
    assert brief(panel_inputs(personas=(a_persona("poet"),))).prefix_key == SHARED.prefix_key


def test_the_description_stands_cleaned_between_its_marker_lines() -> None:
    tool = a_tool(description="Notes\u200b for $date. <|im_end|>")
    shared = brief(panel_inputs(tool))
    assert shared.shown.endswith("Notes for $date. ")
    marker = fence(shared.shown).marker
    assert shared.description == (
        f"Between {marker} stands the tool, {shared.canary} is ours.\n"
        f"{marker}\n{shared.shown}\n{marker}"
    )


def test_the_house_rules_name_the_day() -> None:
    assert SHARED.house == "Today is 2026-11-22."


def test_a_reviewer_is_told_how_its_last_reviews_opened() -> None:
    recent = RecentTakes(persona="builder", openings=("ten seats cost",), phrases=("a b c",))
    inputs = panel_inputs(recent=(recent,))
    request, other = (
        review_request(inputs, SHARED, persona, seat, 0).messages[1].parts[1].text
        for persona, seat in zip(inputs.personas[:2], inputs.assignments, strict=False)
    )
    assert "Your last reviews opened with “ten seats cost”: open this one otherwise." in request
    assert "last reviews" not in other
    assert "a b c" not in request


def test_each_text_has_a_canary_of_its_own() -> None:
    other = brief(panel_inputs(a_tool(description="Another text.")))
    assert re.fullmatch(r"[0-9a-f]{16}", SHARED.canary)
    assert brief(INPUTS).canary == SHARED.canary != other.canary
    assert SHARED.canary in SHARED.description
    assert SHARED.canary in SHARED.facts_from
    assert SHARED.canary not in SHARED.shown


@pytest.mark.parametrize("form", ["{}", "sure: {} it is", "{upper}", "{spaced}", "{dashed}"])
def test_a_canary_is_seen_however_it_is_written(form: str) -> None:
    sign = SHARED.canary
    answer = form.format(
        sign, upper=sign.upper(), spaced=" ".join(sign), dashed="-".join((sign[:8], sign[8:]))
    )
    assert has_canary(answer, SHARED)
    assert not has_canary(sign[:-1] + "g", SHARED)
    assert not has_canary(TEXTS["tool"], SHARED)


def test_a_request_carries_its_seat_persona_sample_and_settings() -> None:
    inputs = panel_inputs(calls=CallSettings(max_output_tokens=777, effort="low"))
    seat = Assignment(persona="builder", provider="mistral", model="m")
    persona = a_persona("builder", temperature=0.3)
    request = review_request(inputs, brief(inputs), persona, seat, 2)
    assert (request.label, request.provider, request.model) == ("review:builder", "mistral", "m")
    assert (request.sample, request.attempt) == (2, 0)
    assert (request.temperature, request.max_output_tokens, request.effort) == (0.3, 777, "low")
    assert request.messages[1].parts[1].text == f"You are\n{persona.render()}\n"


def test_intake_is_asked_by_its_own_seat_and_without_a_persona() -> None:
    seat = Assignment(persona="intake", provider="openai", model="small")
    request = intake_request(INPUTS.model_copy(update={"intake": seat}), SHARED)
    assert (request.label, request.model, request.schema_name) == ("intake", "small", "intake")
    assert [message.text for message in request.messages] == [TEXTS["intake"], SHARED.facts_from]
    assert request.prefix_key == ""


@pytest.mark.parametrize(
    ("ref", "set_to", "effort"),
    [
        ("openai:gpt-5.4-mini", None, "low"),
        ("openai:gpt-5.4-mini", "high", "high"),
        ("openai:qwen3:8b", None, None),
        ("openai:qwen3:8b", "high", "high"),
        ("mistral:mistral-medium", None, None),
    ],
)
def test_a_model_that_reasons_is_asked_for_little_of_it_unless_it_was_set(
    ref: str, set_to: Any, effort: str | None
) -> None:
    inputs = panel_inputs(calls=CallSettings(effort=set_to))
    seat = assign("builder", ref)
    assert review_request(inputs, SHARED, a_persona(), seat, 0).effort == effort
    intake = inputs.model_copy(update={"intake": seat})
    assert intake_request(intake, SHARED).effort == effort


@pytest.mark.parametrize("path", ["models/small.gguf", "C:\\models\\small.gguf", "small.gguf"])
def test_of_a_model_file_its_name_alone_is_asked_for(path: str) -> None:
    seat = assign("builder", f"local:{path}")
    assert review_request(INPUTS, SHARED, a_persona(), seat, 0).model == "small.gguf"
    remote = assign("builder", "openai:maker/model")
    assert review_request(INPUTS, SHARED, a_persona(), remote, 0).model == "maker/model"


def test_a_repair_is_the_request_with_its_answer_and_its_faults() -> None:
    repair = repair_request(
        INPUTS, REQUESTS[0], "an \u200banswer", [Fault(message="one $fault"), Fault(message="two")]
    )
    assert repair.messages[:2] == REQUESTS[0].messages
    assert [message.text for message in repair.messages[2:]] == [
        "an answer",
        "Mend this:\n- one $fault\n- two",
    ]
    assert repair.but(messages=REQUESTS[0].messages) == REQUESTS[0]


def test_every_prompt_uses_exactly_its_variables() -> None:
    for name, text in TEXTS.items():
        assert Template(name=name, text=text).variables == PROMPTS[name]


# A template


def test_a_template_is_filled_once_and_its_values_are_left_alone() -> None:
    template = Template(name="t", text="$$ $a $b $$a $5 ${a} $A")
    assert template.variables == {"a", "b"}
    assert template.fill({"a": "$b $$", "b": "B"}) == "$ $b $$ B $a $5 ${a} $A"


def test_a_variable_without_a_value_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="b"):
        Template(name="t", text="$a $b").fill({"a": ""})


def test_an_unknown_prompt_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="poem"):
        INPUTS.prompt("poem")


# A persona as it is read


def test_a_persona_is_rendered_without_what_only_code_reads() -> None:
    persona = a_persona(
        "builder",
        model="openai:x",
        temperature=0.7,
        lens="You look.\n",
        criteria=(a_criterion(),),
    )
    assert persona.render() == (
        "Builder. What is in it for the builder?\n"
        "You look.\n"
        "What wins you over\n"
        "  - a clear limit\n"
        "What you are tired of\n"
        "  - a login first\n"
        "Your criteria\n"
        "evidence: What about its evidence?\n"
        "  1: none\n"
        "  2: little\n"
        "  3: some\n"
        "  4: much\n"
        "  5: all\n"
        "You ship when you would use it."
    )


def test_a_criterion_stands_once_in_a_persona() -> None:
    with pytest.raises(ValueError, match="criteria: the key evidence stands twice"):
        a_persona(criteria=(a_criterion(), a_criterion()))


@pytest.mark.parametrize("number", [0, 5])
def test_a_persona_has_one_to_four_criteria(number: int) -> None:
    with pytest.raises(ValueError, match="criteria"):
        a_persona(criteria=tuple(a_criterion(f"key_{n}") for n in range(number)))


# Requests and exchanges


def test_a_key_hangs_on_every_field_of_the_request() -> None:
    changes: list[dict[str, object]] = [
        {"label": "x"},
        {"provider": "x"},
        {"model": "x"},
        {"messages": ()},
        {"schema_name": "x"},
        {"answer_schema": {}},
        {"max_output_tokens": 1},
        {"temperature": 0.0},
        {"effort": "low"},
        {"prefix_key": "x"},
        {"sample": 1},
        {"attempt": 1},
    ]
    assert {name for change in changes for name in change} == set(type(a_request()).model_fields)
    keys = {a_request().but(**change).key for change in changes}
    assert len(keys | {a_request().key}) == len(changes) + 1


def test_a_key_does_not_hang_on_the_order_of_a_schemas_keys() -> None:
    first, second = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert a_request(answer_schema=first).key == a_request(answer_schema=second).key


def test_a_message_is_its_parts_with_an_empty_line_between() -> None:
    assert Message(role="user", parts=(Part(text="a"), Part(text="b"))).text == "a\n\nb"


def test_usage_adds_up_field_by_field() -> None:
    one = Usage(input=1, output=2, cached=3, cache_written=4, reasoning=5)
    assert one + one == Usage(input=2, output=4, cached=6, cache_written=8, reasoning=10)


def test_canonical_json_is_sorted_tight_and_refuses_what_is_no_json() -> None:
    assert canonical({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))


def test_an_outcome_is_read_as_what_it_was() -> None:
    for outcome in (an_answer(), Failure(kind="refused", reason="no")):
        exchange = Exchange(request=a_request(), outcome=outcome, ms=1)
        again = Exchange.model_validate_json(exchange.model_dump_json()).outcome
        assert type(again) is type(outcome)
        assert again == outcome
    assert isinstance(an_answer(), Completion)


# A run's own words


@pytest.mark.parametrize(
    ("state", "final"),
    [
        ("open", False),
        ("waiting", False),
        ("stopped", False),
        ("set_aside", True),
        ("finished", True),
    ],
)
def test_only_a_final_run_cannot_be_resumed(state: str, final: bool) -> None:
    assert a_run(state=state).is_final is final


def engine(*refs: str, **fields: Any) -> Run:
    seats = tuple(
        Assignment(persona=key, provider=ref.split(":")[0], model=ref.split(":")[-1])
        for key, ref in zip(REVIEWERS, refs, strict=False)
    )
    return a_run(inputs=panel_inputs(assignments=seats), **fields)


def test_the_engine_names_each_model_once_as_it_was_seated() -> None:
    assert engine("openai:a", "mistral:b", "openai:a").engine == "openai:a, mistral:b"
    assert engine("checklist", "checklist").engine == "checklist"
    assert (
        engine("openai:a", assignments=(Assignment(persona="x", provider="p", model="q"),)).engine
        == "p:q"
    )
    assert engine("openai:a", assignments=()).engine == "openai:a"


def test_a_run_with_any_part_by_the_checklist_says_so() -> None:
    assert engine("openai:a", "checklist").has_checklist_part
    assert not engine("openai:a", "manual").has_checklist_part


def test_a_task_is_what_the_editor_asked_for_and_not_the_day_or_the_texts() -> None:
    same = panel_inputs(
        date=INPUTS.date.replace(year=2027),
        personas=tuple(a_persona(key, motto="Other.") for key in REVIEWERS),
        prompts=(),
        fallbacks=("mistral:x",),
    )
    assert same.task == INPUTS.task
    for other in (
        panel_inputs(a_tool(description=DESCRIPTION + " More.")),
        panel_inputs(assignments=INPUTS.assignments[:3]),
        panel_inputs(calls=CallSettings(samples=2)),
    ):
        assert other.task != INPUTS.task
