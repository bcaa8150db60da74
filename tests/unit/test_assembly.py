"""Who answers: the command, the persona, the settings, the keys, and nobody."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from panel.app.assembly import Providers, by_keys, check_ref, choose_assignments, versions
from panel.app.settings import Settings
from panel.checklist.provider import Checklist
from panel.domain.run import Assignment
from panel.errors import ConfigError
from panel.providers.manual import Manual
from panel.providers.middleware.cache_warming import CacheWarming
from panel.providers.middleware.stop import StopLatch
from panel.store.persona_files import PersonaSet
from tests.factories import REVIEWERS, a_persona, a_rubric, some_inputs
from tests.panels import Still

OPENAI, MISTRAL = "openai:gpt-5.4-mini", "mistral:mistral-medium-latest"
BOTH = {"openai": "sk-1", "mistral": "m-1"}


def persona_set(**models: str) -> PersonaSet:
    """Return four personas; `models` names the own model of some."""
    personas = tuple(a_persona(key, model=models.get(key)) for key in REVIEWERS)
    return PersonaSet(personas, a_rubric(), ())


def settings(keys: Sequence[str] = (), **fields: Any) -> Settings:
    return Settings.model_validate({"keys": {key: BOTH[key] for key in keys}, **fields})


def seated(
    given: Settings, *, models: Sequence[str] = (), personas: Sequence[str] = (), **own: str
) -> list[str]:
    assignments, _, _ = choose_assignments(given, persona_set(**own), personas, models)
    return [assignment.ref for assignment in assignments]


def fallbacks(given: Settings, models: Sequence[str] = ()) -> tuple[str, ...]:
    return choose_assignments(given, persona_set(), (), models)[1]


def intake(given: Settings, models: Sequence[str] = ()) -> Assignment:
    return choose_assignments(given, persona_set(), (), models)[2]


def test_without_a_key_the_checklist_answers() -> None:
    assert seated(settings()) == ["checklist"] * 4


def test_with_one_key_its_provider_answers() -> None:
    assert seated(settings(["openai"])) == [OPENAI] * 4
    assert seated(settings(["mistral"])) == [MISTRAL] * 4


def test_with_both_keys_the_personas_alternate_between_the_makers() -> None:
    assert seated(settings(["openai", "mistral"])) == [OPENAI, MISTRAL, OPENAI, MISTRAL]


def test_the_settings_name_the_model_of_each_provider() -> None:
    given = settings(["openai", "mistral"], models={"openai": "gpt-a", "mistral": "m-b"})
    assert seated(given)[:2] == ["openai:gpt-a", "mistral:m-b"]


def test_the_panel_in_the_settings_goes_before_the_keys() -> None:
    given = settings(["openai", "mistral"], models={"panel": ("manual", OPENAI)})
    assert seated(given) == ["manual", OPENAI, "manual", OPENAI]


def test_a_personas_own_model_goes_before_the_settings() -> None:
    given = settings(["openai", "mistral"], models={"panel": (OPENAI,)})
    assert seated(given, skeptic=MISTRAL) == [OPENAI, MISTRAL, OPENAI, OPENAI]


def test_the_command_goes_before_all() -> None:
    given = settings(["openai", "mistral"], models={"panel": (OPENAI,)})
    assert seated(given, models=["checklist"], skeptic=MISTRAL) == ["checklist"] * 4
    assert seated(given, models=["manual", MISTRAL]) == ["manual", MISTRAL, "manual", MISTRAL]


def test_the_personas_that_are_named_are_seated_in_that_order() -> None:
    assignments, _, _ = choose_assignments(settings(), persona_set(), ["futurist", "builder"], ())
    assert [assignment.persona for assignment in assignments] == ["futurist", "builder"]


def test_intake_is_read_by_the_first_model() -> None:
    assert intake(settings(["openai", "mistral"])).ref == OPENAI
    assert intake(settings(), ["manual"]).ref == "manual"
    assert intake(settings()).ref == "checklist"


def test_the_bench_holds_whom_the_keys_allow() -> None:
    assert fallbacks(settings(["openai", "mistral"])) == (OPENAI, MISTRAL)
    assert fallbacks(settings(["openai"])) == (OPENAI,)
    assert fallbacks(settings(["openai", "mistral"]), [MISTRAL]) == (OPENAI, MISTRAL)


@pytest.mark.parametrize("ref", ["checklist", "manual"])
def test_nobody_is_called_up_in_place_of_the_checklist_or_a_hand(ref: str) -> None:
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
        seated(given, models=models, **own)
    message = str(refused.value)
    assert message.startswith(f"{ref}: {name} is not set.")
    assert "--model manual" in message
    assert "--model checklist" in message
    assert ("base_url" in message) is (ref == OPENAI)


def test_a_server_of_ones_own_stands_in_for_the_key() -> None:
    given = settings(openai={"base_url": "http://127.0.0.1:11434/v1"})
    check_ref("openai:qwen3", given)
    assert by_keys(given) == (OPENAI,)
    with pytest.raises(ConfigError):
        check_ref(MISTRAL, given)


@pytest.mark.parametrize("ref", ["", "gpt-5", "openai", "openai:", "anthropic:claude", "local:"])
def test_a_reference_to_nobody_lists_what_there_is(ref: str) -> None:
    with pytest.raises(ConfigError, match="is no model reference") as refused:
        check_ref(ref, settings(["openai", "mistral"]))
    assert "local:PATH.gguf" in str(refused.value)


async def test_each_reference_of_a_run_has_its_provider_and_equal_ones_share_it(
    tmp_path: Path,
) -> None:
    assignments = [
        Assignment(persona=key, provider="openai", model="gpt-x") for key in REVIEWERS[:2]
    ]
    assignments += [Assignment(persona="futurist", provider="manual", model="manual")]
    assignments += [Assignment(persona="business_analyst", provider="checklist", model="checklist")]
    inputs = some_inputs(
        assignments=tuple(assignments), fallbacks=(MISTRAL,), intake=assignments[0]
    )
    given = settings(["openai", "mistral"])
    async with aclosing(Providers(given, persona_set(), Still())) as providers:
        found = providers.of(inputs, tmp_path, "somebody")
        again = providers.of(inputs, tmp_path, "somebody")
    assert list(found) == ["openai:gpt-x", "manual", "checklist", MISTRAL]
    assert isinstance(found["manual"], Manual)
    assert isinstance(found["checklist"], Checklist)
    assert found["openai:gpt-x"] is again["openai:gpt-x"], "limits and budget are shared"


async def test_a_run_whose_key_is_gone_is_refused_before_any_call(tmp_path: Path) -> None:
    async with aclosing(Providers(settings(), persona_set(), Still())) as providers:
        with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
            providers.of(some_inputs(), tmp_path, "somebody")


async def test_a_run_names_the_versions_it_depends_on() -> None:
    async with aclosing(Providers(settings(), persona_set(), Still())) as providers:
        found = versions(some_inputs(), providers.prices)
    assert found.keys() == {"shipskip", "langgraph", "pydantic", "openai", "prices"}
    assert all(found.values())


@pytest.mark.parametrize(
    ("setting", "argument", "leads"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
async def test_who_leads_is_said_by_the_caller_before_the_setting(
    tmp_path: Path, setting: bool, argument: bool | None, leads: bool
) -> None:
    given = settings(["openai"], limits={"leader_first": setting})
    async with aclosing(
        Providers(given, persona_set(), Still(), leader_first=argument)
    ) as providers:
        (chain,) = set(providers.of(some_inputs(), tmp_path, "somebody").values())
    assert isinstance(chain, StopLatch)
    assert isinstance(chain._inner, CacheWarming) is leads


async def test_the_providers_keep_to_their_share_of_every_limit() -> None:
    given = settings(limits={"per_model": {"openai": {"requests_per_minute": 60}}})
    async with aclosing(Providers(given, persona_set(), Still())) as providers:
        queue = providers._limiter.queue("openai", "gpt-x")
        providers.share(4)
    assert queue._requests is not None
    assert queue._requests.per_minute == 15
