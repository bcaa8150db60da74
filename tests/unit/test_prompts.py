"""What a model is asked depends on its seat in two ways only: its name and its effort."""

import pytest

from panel.domain.exchange import Effort
from panel.domain.prompts import Brief, review_request
from panel.domain.run import Assignment, CallSettings
from panel.domain.template import Template
from tests.factories import a_persona, some_inputs

SHARED = Brief(shown="", house="Judge.", description="A tool.", answer_schema={}, prefix_key="p")


@pytest.mark.parametrize(
    ("provider", "model", "wanted", "effort"),
    [
        ("openai", "gpt-5.4-mini", None, "low"),
        ("openai", "o3-pro", None, "low"),
        ("openai", "gpt-4o", None, None),
        ("openai", "qwen3", None, None),
        ("mistral", "mistral-medium-latest", None, None),
        ("openai", "gpt-5.4-mini", "high", "high"),
        ("mistral", "magistral", "medium", "medium"),
    ],
)
def test_effort_is_low_for_models_that_reason_unless_it_is_set(
    provider: str, model: str, wanted: Effort | None, effort: Effort | None
) -> None:
    assignment = Assignment(persona="builder", provider=provider, model=model)
    inputs = some_inputs(
        prompts=(Template(name="reviewer", text="$persona"),), calls=CallSettings(effort=wanted)
    )
    assert review_request(inputs, SHARED, a_persona(), assignment, 0).effort == effort


def test_of_a_model_file_its_name_alone_is_recorded() -> None:
    inputs = some_inputs(prompts=(Template(name="reviewer", text="$persona"),))
    for path in ("models/tiny.gguf", "C:\\models\\tiny.gguf", "tiny.gguf"):
        assignment = Assignment(persona="builder", provider="local", model=path)
        assert review_request(inputs, SHARED, a_persona(), assignment, 0).model == "tiny.gguf"
