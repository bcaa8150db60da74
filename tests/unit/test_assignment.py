"""A model does not judge its own maker unmarked."""

import pytest

from panel.domain.assignment import (
    alternate,
    answered_by_maker_flags,
    assign,
    own_maker_flags,
    reassign,
)
from panel.domain.conflict_of_interest import is_own_maker, maker_of, makers_named
from panel.domain.review import Review
from panel.domain.run import Assignment
from tests.factories import a_scorecard, an_abstention


@pytest.mark.parametrize(
    ("provider", "model", "maker"),
    [
        ("openai", "gpt-5.4-mini", "OpenAI"),
        ("openai", "o3-pro", "OpenAI"),
        ("openai", "ft:gpt-5:us", "OpenAI"),
        ("openai", "meta-llama/Llama-4-70b", "Meta"),
        ("openai", "qwen3:8b", "Alibaba"),
        ("openai", "deepseek-r1-distill-qwen-7b", "DeepSeek"),
        ("openai", "mistral-small", "Mistral AI"),
        ("mistral", "labs-model", "Mistral AI"),
        ("local", "weights/Phi-4.gguf", "Microsoft"),
        ("local", "weights/philosopher.gguf", None),
        ("local", "google/downloads/model.gguf", None),
        ("openrouter", "mistralai/x", "Mistral AI"),
        ("openrouter", "x-ai/anything", "xAI"),
        ("openrouter", "z-ai/glm-5", "Z.ai"),
        ("openrouter", "z.ai/anything", "Z.ai"),
        ("openrouter", "somebody/model", None),
        ("openrouter", "somebody/claude-merge", "Anthropic"),
        ("groq", "meta-llama/next", "Meta"),
        ("nvidia", "nvidia/llama-3.1-nemotron-70b", "NVIDIA"),
        ("together", "accounts/qwen/models/next", "Alibaba"),
        ("anthropic", "next", "Anthropic"),
        ("gemini", "next", "Google"),
        ("azure", "our-deployment", None),
        ("checklist", "checklist", None),
        ("manual", "manual", None),
    ],
)
def test_the_maker_is_told_by_the_models_name_then_by_its_provider(
    provider: str, model: str, maker: str | None
) -> None:
    assert maker_of(provider, model) == maker


def test_a_vendor_may_be_one_maker_or_none_or_several() -> None:
    assert makers_named("OpenAI Inc.") == {"OpenAI"}
    assert makers_named("Google and Mistral") == {"Google", "Mistral AI"}
    assert makers_named("Quill Works") == makers_named(None) == frozenset()


@pytest.mark.parametrize(
    ("maker", "vendor", "own"),
    [
        ("OpenAI", "OpenAI", True),
        ("OpenAI", "openai, Inc.", True),
        ("OpenAI", "Open AI", True),
        ("OpenAI", "OpenAir", False),
        ("Mistral AI", "Mistral", True),
        ("Mistral AI", "MISTRAL AI SAS", True),
        ("Mistral AI", "Some AI", False),
        ("Meta", "Metabase", False),
        ("Google", "Google DeepMind", True),
        ("xAI", "x.ai", True),
        ("Z.ai", "Z.AI", True),
        ("Alibaba", "Qwen Team", True),
        ("Moonshot AI", "Moonshot", True),
        ("Amazon", "Nova Labs", False),
        ("Cohere", "Command Line Tools GmbH", False),
        ("OpenAI", "", False),
        ("OpenAI", None, False),
        (None, "OpenAI", False),
    ],
)
def test_vendor_and_maker_are_compared_by_whole_words(
    maker: str | None, vendor: str | None, own: bool
) -> None:
    assert is_own_maker(maker, vendor) is own


def seat(ref: str, persona: str = "builder") -> Assignment:
    return assign(persona, ref)


def test_a_seat_goes_to_the_first_on_the_bench_with_another_maker() -> None:
    fallbacks = ("openai:gpt-5", "mistral:mistral-medium", "openai:llama-4")
    assert reassign([seat("openai:o3")], fallbacks, "OpenAI") == (seat("mistral:mistral-medium"),)
    assert reassign([seat("openai:o3")], fallbacks, "Quill Works") == (seat("openai:o3"),)
    assert reassign([seat("openai:llama-4")], fallbacks, "OpenAI") == (seat("openai:llama-4"),)


def test_without_another_maker_the_seat_stays_and_is_marked() -> None:
    for fallbacks in ((), ("openai:gpt-5",)):
        (found,) = reassign([seat("openai:o3")], fallbacks, "OpenAI")
        assert (found.ref, found.own_maker) == ("openai:o3", "OpenAI")


def test_each_maker_is_flagged_once() -> None:
    marked = seat("openai:o3").model_copy(update={"own_maker": "OpenAI"})
    flags = own_maker_flags([marked, seat("mistral:m"), marked])
    assert [flag.kind for flag in flags] == ["own_maker"]
    assert flags[0].message.startswith("A model made by OpenAI, who is also the vendor")
    assert own_maker_flags([seat("mistral:m")]) == ()


def test_personas_take_turns_through_the_models() -> None:
    assignments = alternate(["a", "b", "c"], ["openai:x", "mistral:y"])
    assert [(one.persona, one.ref) for one in assignments] == [
        ("a", "openai:x"),
        ("b", "mistral:y"),
        ("c", "openai:x"),
    ]


@pytest.mark.parametrize("ref", ["manual", "checklist", "openai:gpt-5", "local:a/b:c.gguf"])
def test_a_seat_gives_back_the_reference_that_it_was_made_from(ref: str) -> None:
    assert seat(ref).ref == ref


def test_a_router_that_chose_the_vendors_own_model_is_told_of_once() -> None:
    vendor = "Mistral"
    assignments = [assign(key, "openrouter:openrouter/auto") for key in ("builder", "skeptic")]
    cards: list[Review] = [
        a_scorecard("builder", provider="openrouter", model="mistralai/next"),
        a_scorecard("skeptic", provider="openrouter", model="mistralai/next"),
        an_abstention("futurist"),
    ]
    (flag,) = answered_by_maker_flags(cards, assignments, vendor)
    assert (flag.kind, flag.holds) == ("own_maker", False)
    assert "Mistral AI" in flag.message
    assert answered_by_maker_flags(cards, assignments, "Somebody") == ()
    marked = [one.model_copy(update={"own_maker": "Mistral AI"}) for one in assignments]
    assert answered_by_maker_flags(cards, marked, vendor) == ()
