"""Who answers each model reference of a run, and what the providers of a process share."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from panel.app.providers import Providers
from panel.app.settings import Settings
from panel.app.versions import versions
from panel.checklist.provider import Checklist
from panel.domain.run import Assignment
from panel.errors import ConfigError
from panel.providers.manual import Manual
from panel.providers.middleware.cache_warming import CacheWarming
from panel.providers.middleware.circuit_breaker import CircuitBreaker
from panel.providers.middleware.stop import StopLatch
from tests.factories import REVIEWERS, some_inputs
from tests.panels import Still

pytestmark = pytest.mark.no_cover

MISTRAL = "mistral:mistral-medium-latest"
KEYS = {"openai": "sk-1", "mistral": "m-1"}


def settings(keys: Sequence[str] = (), **fields: Any) -> Settings:
    return Settings.model_validate({"keys": {key: KEYS[key] for key in keys}, **fields})


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
    async with aclosing(Providers(given, Still())) as providers:
        found = providers.of(inputs, tmp_path, "somebody")
        again = providers.of(inputs, tmp_path, "somebody")
    assert list(found) == ["openai:gpt-x", "manual", "checklist", MISTRAL]
    assert isinstance(found["manual"], Manual)
    assert isinstance(found["checklist"], Checklist)
    assert found["openai:gpt-x"] is again["openai:gpt-x"], "limits and budget are shared"


async def test_a_run_whose_key_is_gone_is_refused_before_any_call(tmp_path: Path) -> None:
    async with aclosing(Providers(settings(), Still())) as providers:
        with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
            providers.of(some_inputs(), tmp_path, "somebody")


async def test_a_run_names_the_versions_it_depends_on() -> None:
    async with aclosing(Providers(settings(), Still())) as providers:
        found = versions(some_inputs(), settings(), providers.prices)
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
    async with aclosing(Providers(given, Still(), leader_first=argument)) as providers:
        (chain,) = set(providers.of(some_inputs(), tmp_path, "somebody").values())
    assert isinstance(chain, StopLatch)
    assert isinstance(chain._inner, CacheWarming) is leads


async def test_the_providers_keep_to_their_share_of_every_limit() -> None:
    given = settings(limits={"per_model": {"openai": {"requests_per_minute": 60}}})
    async with aclosing(Providers(given, Still())) as providers:
        queue = providers._queues.queue("openai", "gpt-x")
        providers.share(4)
    requests, tokens = queue._limits
    assert requests is not None
    assert requests.per_minute == 15
    assert tokens is None


@pytest.mark.parametrize("provider", ["local", "manual", "checklist", "nobody"])
async def test_who_has_no_batch_service_says_who_has_one(provider: str) -> None:
    async with aclosing(Providers(settings(), Still())) as providers:
        with pytest.raises(ConfigError, match="openai:MODEL or mistral:MODEL"):
            providers.batch_service(provider)


async def test_a_batch_service_speaks_through_the_client_of_its_provider(tmp_path: Path) -> None:
    async with aclosing(Providers(settings(["openai"]), Still())) as providers:
        (chain,) = set(providers.of(some_inputs(), tmp_path, "somebody").values())
        service: Any = providers.batch_service("openai")
        assert isinstance(chain, StopLatch)
        assert service._live is providers._clients["openai"]


def breaker_of(chain: Any) -> CircuitBreaker:
    while not isinstance(chain, CircuitBreaker):
        chain = chain._inner
    return chain


def client_of(breaker: Any) -> object:
    return breaker._inner._inner


async def test_each_model_has_its_own_circuit_breaker_behind_one_client(tmp_path: Path) -> None:
    names = ("gpt-x", "gpt-y")
    assignments = tuple(
        Assignment(persona=key, provider="openai", model=model)
        for key, model in zip(REVIEWERS, names, strict=False)
    )
    inputs = some_inputs(assignments=assignments, fallbacks=(), intake=assignments[0])
    async with aclosing(Providers(settings(["openai"]), Still())) as providers:
        found = providers.of(inputs, tmp_path, "somebody")
        one, other = (breaker_of(found[f"openai:{name}"]) for name in names)
    assert one is not other
    assert client_of(one) is client_of(other)
