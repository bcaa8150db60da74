"""Who answers: the command, the persona, the settings, the keys, and nobody."""

from collections.abc import Sequence
from typing import Any

import pytest

from panel.app.assignments import available_models, check_ref, choose_assignments
from panel.app.settings import Settings
from panel.domain.run import Assignment
from panel.errors import ConfigError
from panel.store.persona_files import PersonaSet
from tests.factories import REVIEWERS, a_persona

OPENAI, MISTRAL = "openai:gpt-5.4-mini", "mistral:mistral-medium-latest"
BOTH = {"openai": "sk-1", "mistral": "m-1"}


def persona_set(**models: str) -> PersonaSet:
    """Return four personas; `models` names the own model of some."""
    personas = tuple(a_persona(key, model=models.get(key)) for key in REVIEWERS)
    return PersonaSet(personas, ())


def settings(keys: Sequence[str] = (), **fields: Any) -> Settings:
    return Settings.model_validate({"keys": {key: BOTH[key] for key in keys}, **fields})


def assigned(
    given: Settings, *, models: Sequence[str] = (), personas: Sequence[str] = (), **own: str
) -> list[str]:
    assignments, _, _ = choose_assignments(given, persona_set(**own), personas, models)
    return [assignment.ref for assignment in assignments]


def fallbacks(given: Settings, models: Sequence[str] = ()) -> tuple[str, ...]:
    return choose_assignments(given, persona_set(), (), models)[1]


def intake(given: Settings, models: Sequence[str] = ()) -> Assignment:
    return choose_assignments(given, persona_set(), (), models)[2]


def test_without_a_key_the_checklist_answers() -> None:
    assert assigned(settings()) == ["checklist"] * 4


def test_with_one_key_its_provider_answers() -> None:
    assert assigned(settings(["openai"])) == [OPENAI] * 4
    assert assigned(settings(["mistral"])) == [MISTRAL] * 4


def test_with_both_keys_the_personas_alternate_between_the_makers() -> None:
    assert assigned(settings(["openai", "mistral"])) == [OPENAI, MISTRAL, OPENAI, MISTRAL]


def test_the_settings_name_the_model_of_each_provider() -> None:
    given = settings(
        ["openai", "mistral"], models={"defaults": {"openai": "gpt-a", "mistral": "m-b"}}
    )
    assert assigned(given)[:2] == ["openai:gpt-a", "mistral:m-b"]


def test_the_panel_in_the_settings_goes_before_the_keys() -> None:
    given = settings(["openai", "mistral"], models={"panel": ("manual", OPENAI)})
    assert assigned(given) == ["manual", OPENAI, "manual", OPENAI]


def test_a_personas_own_model_goes_before_the_settings() -> None:
    given = settings(["openai", "mistral"], models={"panel": (OPENAI,)})
    assert assigned(given, skeptic=MISTRAL) == [OPENAI, MISTRAL, OPENAI, OPENAI]


def test_the_command_goes_before_all() -> None:
    given = settings(["openai", "mistral"], models={"panel": (OPENAI,)})
    assert assigned(given, models=["checklist"], skeptic=MISTRAL) == ["checklist"] * 4
    assert assigned(given, models=["manual", MISTRAL]) == ["manual", MISTRAL, "manual", MISTRAL]


def test_personas_are_assigned_in_the_order_in_which_they_are_named() -> None:
    assignments, _, _ = choose_assignments(settings(), persona_set(), ["futurist", "builder"], ())
    assert [assignment.persona for assignment in assignments] == ["futurist", "builder"]


def test_intake_is_read_by_the_first_model() -> None:
    assert intake(settings(["openai", "mistral"])).ref == OPENAI
    assert intake(settings(), ["manual"]).ref == "manual"
    assert intake(settings()).ref == "checklist"


def test_the_fallbacks_are_the_models_that_the_keys_allow() -> None:
    assert fallbacks(settings(["openai", "mistral"])) == (OPENAI, MISTRAL)
    assert fallbacks(settings(["openai"])) == (OPENAI,)
    assert fallbacks(settings(["openai", "mistral"]), [MISTRAL]) == (OPENAI, MISTRAL)


@pytest.mark.parametrize("ref", ["checklist", "manual"])
def test_the_checklist_and_answers_by_hand_have_no_fallbacks(ref: str) -> None:
    assert fallbacks(settings(["openai", "mistral"]), [ref]) == ()
    assert fallbacks(settings()) == ()


@pytest.mark.parametrize(
    ("ref", "name"), [(OPENAI, "OPENAI_API_KEY"), (MISTRAL, "MISTRAL_API_KEY")]
)
@pytest.mark.parametrize("place", ["command", "settings", "persona"])
def test_a_model_whose_key_is_not_set_is_an_error_that_lists_what_can_be_done(
    ref: str, name: str, place: str
) -> None:
    given = settings(models={"panel": (ref,)} if place == "settings" else {})
    models = [ref] if place == "command" else []
    own = {"builder": ref} if place == "persona" else {}
    with pytest.raises(ConfigError) as refused:
        assigned(given, models=models, **own)
    message = str(refused.value)
    assert message.startswith(f"{ref}: {name} is not set.")
    assert "--model manual" in message
    assert "--model checklist" in message
    assert ("base_url" in message) is (ref == OPENAI)


def test_a_server_of_ones_own_stands_in_for_the_key() -> None:
    given = settings(providers={"openai": {"base_url": "http://127.0.0.1:11434/v1"}})
    check_ref("openai:qwen3", given)
    assert available_models(given) == (OPENAI,)
    with pytest.raises(ConfigError):
        check_ref(MISTRAL, given)


@pytest.mark.parametrize("ref", ["", "gpt-5", "openai", "openai:", "nobody:claude", "local:"])
def test_a_reference_to_nobody_lists_what_there_is(ref: str) -> None:
    with pytest.raises(ConfigError, match="is no model reference") as refused:
        check_ref(ref, settings(["openai", "mistral"]))
    assert "local:PATH.gguf" in str(refused.value)


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("manuel", "Did you mean manual? "),
        ("cheklist:x", "Did you mean checklist? "),
        ("opnai:gpt-5", "Did you mean openai:gpt-5? "),
        ("mistal", "Did you mean mistral:MODEL? "),
        ("openai", ""),
        ("zzz", ""),
    ],
)
def test_a_misspelt_reference_is_answered_with_the_nearest(ref: str, meant: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_ref(ref, settings(["openai", "mistral"]))
    assert f"{ref!r} is no model reference. {meant}Give openai:MODEL" in str(refused.value)
