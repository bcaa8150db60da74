"""Panels of which a server answers oddly, in part or not at all: what is counted and what is said."""

import json
from typing import Any

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, MISTRAL, RESPONSES, answer, persona_of, sound
from tests.commands.shop import TOOL, Ran, Shop
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply

ENV = {"OPENAI_API_KEY": "a-key", "MISTRAL_API_KEY": "a-key"}
SEEN = "keeps a team's notes in plain files"
NOT_VERBATIM = "does not stand in the description word for word"
MARKED = TOOL.replace(SEEN, "keeps a *team's* notes in [plain files](https://quill.example/files)")


def review(shop: Shop, desk: Desk, kind: Kind = CHAT, text: str = TOOL) -> Ran:
    """Return what a review by the model behind `desk` came to, as one document."""
    name = "mistral" if kind is MISTRAL else "openai"
    address = desk.address if kind is MISTRAL else f"{desk.address}/v1"
    api = "" if kind is MISTRAL else f'api = "{kind.name}"\n'
    settings = shop.root / "shipskip.toml"
    own = f'\n[{name}]\nbase_url = "{address}"\n{api}'
    settings.write_text(settings.read_text(encoding="utf-8") + own, encoding="utf-8")
    return shop.shipskip("review", shop.tool(text=text), "--model", f"{name}:m", "--json", env=ENV)


def page(shop: Shop) -> str:
    return next(shop.root.glob("site/**/index.html")).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "first",
    [
        {"id": "g", "error": {"message": "Provider returned error", "code": 429}, "user_id": "u"},
        {"error": {"message": "Upstream idle timeout exceeded", "code": 504}, "choices": []},
        {"error": {"message": "no worker left", "code": 503}, "choices": None, "usage": None},
        {"error": {"message": "no worker left", "code": "503"}},
        {"error": {"message": "busy", "code": None, "status": "UNAVAILABLE"}},
        {"error": {"message": "busy", "type": "overloaded_error"}},
        dict.fromkeys(("id", "choices", "model", "object", "usage")) | {"created": 1},
        {"id": "g", "choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
        {"id": "g", "choices": [{"index": 0, "message": None, "finish_reason": None}]},
    ],
)
def test_a_passing_failure_under_status_200_costs_one_more_call(
    shop: Shop, first: dict[str, Any]
) -> None:
    left = [first]
    with Desk(lambda heard: Reply(left.pop()) if left else answer(CHAT, heard)) as desk:
        ran = review(shop, desk)
    assert (ran.code, len(desk.calls)) == (0, 5)
    assert ran.document["verdict"]["abstentions"] == []


@pytest.mark.parametrize("kind", [CHAT, MISTRAL], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "odd",
    [
        None,
        {"prompt_tokens": 900, "completion_tokens": None, "total_tokens": None},
        {"prompt_tokens": "900", "completion_tokens": "400"},
        {"prompt_tokens": -1, "completion_tokens": 0.5},
        {},
    ],
)
def test_tokens_that_are_not_told_are_not_counted_as_none(
    shop: Shop, kind: Kind, odd: dict[str, Any] | None
) -> None:
    rates = f'\n[prices."{"mistral" if kind is MISTRAL else "openai"}:m"]\ninput = 1\noutput = 2\n'
    settings = shop.root / "shipskip.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + rates, encoding="utf-8")

    def choose(heard: Heard) -> Reply:
        body = kind.answer(sound(persona_of(heard)).model_dump_json())
        if persona_of(heard).key == "builder":
            del body["usage"]
        elif persona_of(heard).key == "skeptic":
            body["usage"] = odd
        return Reply(body)

    with Desk(choose) as desk:
        ran = review(shop, desk, kind)
    assert ran.code == 0
    assert ran.document["verdict"]["abstentions"] == []
    told = kind.answer()["usage"]
    assert ran.document["usage"]["input"] == 2 * told["prompt_tokens"]
    assert ran.document["usage"]["output"] == 2 * told["completion_tokens"]
    assert ran.document["cost_is_at_least"]


@pytest.mark.parametrize("fence", ["```json\n%s\n```", "```\n%s\n```\n", "~~~json\n%s\n~~~"])
def test_a_fence_over_the_responses_api_is_taken_off(shop: Shop, fence: str) -> None:
    def choose(heard: Heard) -> Reply:
        return answer(RESPONSES, heard, fence % sound(persona_of(heard)).model_dump_json())

    with Desk(choose) as desk:
        ran = review(shop, desk, RESPONSES)
    assert {call.heard.path for call in desk.calls} == {"/v1/responses"}
    assert (ran.code, len(desk.calls)) == (0, 4)
    assert ran.document["verdict"]["abstentions"] == []


PROSE = CHAT.answer("I think it is fine, ship it.")
NO = CHAT.refusal("I would rather not.")
GONE = Reply(b"upstream timed out", status=504, headers={"retry-after-ms": "1"})


@pytest.mark.parametrize(
    ("missing", "reply", "code", "said"),
    [
        (("futurist",), Reply(PROSE), 3, "no readable answer"),
        (("builder",), Reply(NO), 3, "declined to answer"),
        (("skeptic",), Reply(CHAT.answer("{}")), 3, "no readable answer"),
        (("builder", "skeptic"), GONE, 4, "(504)"),
        (("futurist", "skeptic"), Reply(PROSE), 4, "no readable answer"),
        (("builder", "futurist", "business_analyst"), Reply(NO), 4, "declined to answer"),
    ],
)
def test_a_panel_of_fewer_is_never_shown_as_a_whole_one(
    shop: Shop, missing: tuple[str, ...], reply: Reply, code: int, said: str
) -> None:
    def choose(heard: Heard) -> Reply:
        return reply if persona_of(heard).key in missing else answer(CHAT, heard)

    with Desk(choose) as desk:
        ran = review(shop, desk)
    assert ran.code == code
    verdict = ran.document["verdict"]
    assert set(verdict["abstentions"]) == set(missing)
    gone = {one["reviewer"]: one for one in ran.document["reviews"] if "reason" in one}
    assert set(gone) == set(missing)
    assert all(said in one["reason"] for one in gone.values())
    votes = [one["verdict"] for one in ran.document["reviews"] if "reason" not in one]
    share = votes.count("ship") / len(votes)
    assert verdict["ship_share"] == pytest.approx(share, abs=1e-3)
    assert verdict["decision"] == (None if code == 4 else "ship")
    shown = page(shop).casefold()
    assert all(key.replace("_", " ") in shown for key in missing)
    assert "no valid review" in shown


def quote(heard: Heard, words: str) -> Reply:
    ballot = sound(persona_of(heard)).model_dump(mode="json")
    for finding in ballot["findings"]:
        finding["evidence"] = words
    return answer(CHAT, heard, json.dumps(ballot))


@pytest.mark.parametrize(
    "words",
    [SEEN, "Quillbase keeps a team's notes", "keeps a *team's* notes in plain files"],
)
def test_a_quote_as_a_reader_sees_it_costs_no_second_call(shop: Shop, words: str) -> None:
    with Desk(lambda heard: quote(heard, words)) as desk:
        ran = review(shop, desk, text=MARKED)
    assert (ran.code, len(desk.calls)) == (0, 4)
    assert NOT_VERBATIM not in ran.out + page(shop)


@pytest.mark.parametrize(
    "words",
    ["keeps a firm's notes in plain files", "keeps notes in plain files", "in plain files. Export"],
)
def test_a_quote_that_is_almost_in_the_text_is_asked_for_again_and_then_flagged(
    shop: Shop, words: str
) -> None:
    with Desk(lambda heard: quote(heard, words)) as desk:
        ran = review(shop, desk, text=MARKED)
    assert (ran.code, len(desk.calls)) == (0, 8)
    flagged = [one for one in ran.document["reviews"] if NOT_VERBATIM in json.dumps(one["flags"])]
    assert len(flagged) == 4
    assert NOT_VERBATIM in page(shop)
