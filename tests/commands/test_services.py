"""Model servers that each take something else, and the whole panel all the same: as a user runs it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, MISTRAL, answer, persona_of
from tests.commands.shop import Ran, Shop
from tests.contract.loopback import Heard, Reply

Declines = Callable[[dict[str, Any]], bool]
KEY = "a-key-of-no-known-shape-0123456789"


def error(message: str, status: int = 400, **fields: Any) -> Reply:
    return Reply({"error": {"message": message, **fields}}, status=status)


def has(*fields: str) -> Declines:
    return lambda sent: any(field in sent for field in fields)


def form_of(sent: dict[str, Any]) -> str:
    return str((sent.get("response_format") or {}).get("type"))


def has_bounds(sent: dict[str, Any]) -> bool:
    return '"minimum":' in json.dumps(sent.get("response_format"))


def serve(declines: Declines, reply: Reply, kind: Any = CHAT) -> Desk:
    """Return a server that gives `reply` to what it `declines`, and a sound ballot to the rest."""
    return Desk(lambda heard: reply if declines(heard.document) else answer(kind, heard))


def review(shop: Shop, desk: Desk, *, path: str = "/v1", model: str = "openai:some-model") -> Ran:
    env = {"OPENAI_BASE_URL": desk.address + path}
    return shop.shipskip("review", shop.tool(), "--model", model, "--json", env=env)


def assert_whole(ran: Ran) -> None:
    assert ran.code == 0, ran.err
    verdict = ran.document["verdict"]
    assert (verdict["decision"], verdict["abstentions"]) == ("ship", [])


CASES: list[tuple[Declines, Reply]] = [
    (
        lambda sent: form_of(sent) == "json_schema",
        error("This response_format type is unavailable now", param=None),
    ),
    (
        lambda sent: form_of(sent) != "None",
        error("Invalid parameter: 'response_format' is not supported with this model"),
    ),
    (has("prompt_cache_key"), error("Unrecognized request argument supplied: prompt_cache_key")),
    (
        has_bounds,
        error(
            "output_config.format.schema: For 'integer' type, properties maximum, minimum are not "
            "supported"
        ),
    ),
    (
        has("max_tokens"),
        error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        ),
    ),
]


@pytest.mark.parametrize(("declines", "reply"), CASES)
def test_what_a_server_does_not_take_costs_no_reviewer(
    shop: Shop, declines: Declines, reply: Reply
) -> None:
    with serve(declines, reply) as desk:
        assert_whole(review(shop, desk))
    assert len(desk.calls) <= 12


def test_a_server_behind_mistrals_api_may_take_no_bounds_either(shop: Shop) -> None:
    settings = shop.root / "shipskip.toml"
    with serve(has_bounds, error("schema: property minimum is not supported"), MISTRAL) as desk:
        own = f'\n[mistral]\nbase_url = "{desk.address}"\n'
        settings.write_text(settings.read_text(encoding="utf-8") + own, encoding="utf-8")
        env = {"MISTRAL_API_KEY": KEY}
        ran = shop.shipskip("review", shop.tool(), "--model", "mistral:m", "--json", env=env)
    assert_whole(ran)


@pytest.mark.parametrize(
    "words",
    [
        "Unsupported value: 'temperature' does not support 0.3 with this model.",
        "`temperature` is deprecated for this model.",
    ],
)
def test_a_persona_whose_temperature_is_not_taken_answers_without_it_and_it_is_said(
    shop: Shop, words: str
) -> None:
    file = shop.root / "personas" / "skeptic.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\nmotto:", "\ntemperature: 0.3\nmotto:", 1), encoding="utf-8")
    with serve(has("temperature"), error(words, param="temperature")) as desk:
        ran = review(shop, desk)
    assert_whole(ran)
    assert len(desk.calls) == 5
    assert ran.err.count("temperature") == 2, "the server's words, and what was done about it"
    assert "some-model is asked without temperature" in ran.err


@pytest.mark.parametrize("page", ["404 page not found", '{"detail": "Not Found"}'])
def test_an_address_without_its_version_is_said_once_and_not_as_four_abstentions(
    shop: Shop, page: str
) -> None:
    with Desk(lambda _: Reply(page.encode(), status=404)) as desk:
        ran = review(shop, desk, path="")
    assert ran.code == 4
    assert "/v1" in ran.fault
    assert "base_url" in ran.fault
    assert ran.document["verdict"]["decision"] is None
    with Desk(lambda heard: answer(CHAT, heard)) as desk:
        assert_whole(review(shop, desk))


@pytest.mark.parametrize(
    "words", ["No endpoints found for some-model.", "The model `some-model` does not exist"]
)
def test_a_model_that_is_gone_is_told_in_the_servers_words(shop: Shop, words: str) -> None:
    with Desk(lambda _: error(words, 404, code=404)) as desk:
        ran = review(shop, desk)
    assert ran.code == 4
    assert len(desk.calls) == 4
    assert all(words.rstrip(".") in one["reason"] for one in ran.document["reviews"])


@pytest.mark.parametrize(
    "fields",
    [
        {"param": "prompt", "code": "content_filter"},
        {"code": "invalid_request", "innererror": {"code": "ResponsibleAIPolicyViolation"}},
        {"param": "temperature", "type": "content_policy_violation"},
    ],
)
def test_a_filter_that_refuses_one_prompt_is_asked_once_and_costs_one_reviewer(
    shop: Shop, fields: dict[str, Any]
) -> None:
    def choose(heard: Heard) -> Reply:
        if persona_of(heard).key == "skeptic":
            return error("The response was filtered: content management policy.", **fields)
        return answer(CHAT, heard)

    with Desk(choose) as desk:
        ran = review(shop, desk)
    assert ran.code == 3
    assert len(desk.calls) == 4
    assert ran.document["verdict"]["decision"] == "ship"
    assert ran.document["verdict"]["abstentions"] == ["skeptic"]
    assert "filter" in str(ran.document["reviews"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1795978400"},
        {"Retry-After": "1795978400000"},
        {"x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-requests": "0"},
        {"x-ratelimit-reset": "600ms"},
    ],
)
def test_a_wait_in_whatever_words_leaves_the_panel_whole(
    shop: Shop, headers: dict[str, str]
) -> None:
    turned_away: list[Heard] = []

    def choose(heard: Heard) -> Reply:
        if not turned_away:
            turned_away.append(heard)
            return Reply({"error": {"message": "slow down"}}, status=429, headers=headers)
        return answer(CHAT, heard)

    with Desk(choose) as desk:
        assert_whole(review(shop, desk))
    assert len(desk.calls) <= 8


def test_several_services_sit_on_one_panel_each_asked_in_its_own_way(shop: Shop) -> None:
    settings = shop.root / "shipskip.toml"
    with Desk(lambda heard: answer(CHAT, heard)) as desk:
        own = "".join(
            f'\n[services.{name}]\nbase_url = "{desk.address}/v1"\n'
            for name in ("deepseek", "groq", '"llama.cpp"')
        )
        settings.write_text(settings.read_text(encoding="utf-8") + own, encoding="utf-8")
        models = ("deepseek:deepseek-chat", "groq:qwen/qwen3", "llama.cpp:gemma")
        given = [part for model in models for part in ("--model", model)]
        env = {"DEEPSEEK_API_KEY": KEY, "GROQ_API_KEY": KEY[::-1]}
        ran = shop.shipskip("review", shop.tool(), *given, "--json", env=env)
    assert_whole(ran)
    sent = {call.heard.document["model"]: call.heard for call in desk.calls}
    assert sent.keys() == {"deepseek-chat", "qwen/qwen3", "gemma"}
    assert form_of(sent["deepseek-chat"].document) == "json_object"
    assert form_of(sent["gemma"].document) == "json_schema"
    assert "max_completion_tokens" in sent["qwen/qwen3"].document
    keys = [sent[model].headers["authorization"] for model in sent]
    assert f"Bearer {KEY}" in keys
    assert sent["gemma"].headers["authorization"] not in (f"Bearer {KEY}", f"Bearer {KEY[::-1]}")
    assert KEY not in ran.out + ran.err
