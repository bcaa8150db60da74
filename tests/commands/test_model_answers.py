"""Servers as they are: odd answers, cut prompts, dead models; one command, a real socket."""

import json

import pytest

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, persona_of, sound
from tests.commands.shop import TOOL, Ran, Shop
from tests.contract.loopback import Heard, Reply

MODEL = ("--model", "openai:qwen3")
LONG = TOOL + "\nIt keeps every page as a file. " * 1_200


def review(shop: Shop, desk: Desk, *options: str, text: str = TOOL) -> Ran:
    env = {"OPENAI_BASE_URL": f"{desk.address}/v1", "OPENAI_API_KEY": "a-key"}
    return shop.shipskip("review", shop.tool(text=text), *MODEL, *options, env=env)


def configure(shop: Shop, line: str) -> None:
    settings = shop.root / "shipskip.toml"
    text = settings.read_text(encoding="utf-8").replace("[models]\n", f"[models]\n{line}\n", 1)
    settings.write_text(text, encoding="utf-8")


def page(shop: Shop) -> str:
    return next(shop.root.glob("site/**/index.html")).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "around",
    ['<think>Maybe {"verdict": "skip"}?</think>\n\n%s', "Sure! My ballot:\n```json\n%s\n```\nBye."],
)
def test_what_a_model_says_around_its_ballot_costs_no_second_call(shop: Shop, around: str) -> None:
    def choose(heard: Heard) -> Reply:
        return answer(CHAT, heard, around % sound(persona_of(heard)).model_dump_json())

    with Desk(choose) as desk:
        ran = review(shop, desk, "--json")
        assert (ran.code, len(desk.calls)) == (0, 4)
    assert ran.document["verdict"]["abstentions"] == []


def test_numbers_in_other_spellings_are_those_numbers(shop: Shop) -> None:
    def choose(heard: Heard) -> Reply:
        ballot = sound(persona_of(heard)).model_dump(mode="json")
        for finding, kind in zip(ballot["findings"], (str, float, str), strict=False):
            finding["score"] = kind(finding["score"])
        return answer(CHAT, heard, json.dumps(ballot | {"confidence": str(ballot["confidence"])}))

    with Desk(choose) as desk:
        assert review(shop, desk).code == 0
        assert len(desk.calls) == 4


def test_a_ballot_against_its_own_scores_is_kept_and_said_everywhere(shop: Shop) -> None:
    def choose(heard: Heard) -> Reply:
        ballot = sound(persona_of(heard)).model_dump(mode="json")
        if persona_of(heard).key == "builder":
            for finding in ballot["findings"]:
                finding["score"] = 1
        return answer(CHAT, heard, json.dumps(ballot))

    with Desk(choose) as desk:
        ran = review(shop, desk)
        assert len(desk.calls) == 5
    said = "the verdict is ship, but the scores have a mean of 1.00 of 5"
    assert f"! Builder: {said}" in " ".join(ran.out.split())
    assert said in page(shop)


def test_a_prompt_that_the_server_cut_is_flagged_and_holds_the_tool(shop: Shop) -> None:
    usage = {"prompt_tokens": 2_050, "completion_tokens": 400, "total_tokens": 2_450}
    with Desk(lambda heard: answer(CHAT, heard, usage=usage)) as desk:
        ran = review(shop, desk, text=LONG)
    said = " ".join(ran.out.split())
    assert "held for an editor" in said
    assert "read fewer tokens than the prompt has (2,050 of at least" in said
    assert "A model server did not read this description whole" in page(shop)


def test_a_long_text_is_cut_to_the_window_and_said_everywhere(shop: Shop) -> None:
    configure(shop, 'window = {"openai:qwen3" = 9000}')
    usage = {"prompt_tokens": 4_000, "completion_tokens": 400, "total_tokens": 4_400}
    with Desk(lambda heard: answer(CHAT, heard, usage=usage)) as desk:
        ran = review(shop, desk, "--json", text=LONG)
        bodies = {call.heard.document["messages"][1]["content"][0]["text"] for call in desk.calls}
    assert ran.code == 0
    assert len(bodies) == 1
    assert len(bodies.pop()) < len(LONG) / 2
    assert [flag["kind"] for flag in ran.document["flags"]] == ["text_cut"]
    assert "The reviewers read a part of this description" in page(shop)
    assert shop.shipskip("replay").code == 0


def test_a_window_without_room_is_refused_before_a_call(shop: Shop) -> None:
    configure(shop, "window = 4096")
    with Desk(lambda heard: answer(CHAT, heard)) as desk:
        ran = review(shop, desk)
        assert (ran.code, len(desk.calls)) == (2, 0)
    assert "its window of 4,096 tokens has no room" in ran.fault
    assert "max_output_tokens" in ran.fault


def test_a_dead_model_is_replaced_and_all_say_who_answered(shop: Shop) -> None:
    configure(shop, 'substitutes = ["openai:spare"]')

    def choose(heard: Heard) -> Reply:
        is_dead = heard.document["model"] == "qwen3" and persona_of(heard).key == "skeptic"
        return Reply({"error": "no such model"}, status=404) if is_dead else answer(CHAT, heard)

    with Desk(choose) as desk:
        ran = review(shop, desk)
        assert (ran.code, len(desk.calls)) == (0, 5)
    said = "openai:spare answered as the skeptic: openai:qwen3 gave no valid review."
    assert f"! {said}" in " ".join(ran.out.split())
    assert "openai:qwen3 gave no valid review as the skeptic, so openai:spare is asked" in " ".join(
        ran.err.split()
    )
    assert said in page(shop)
    shown = shop.shipskip("runs", "show", shop.run.name, "--json").document
    assert shown["engine"] == "openai:qwen3, openai:spare"
    assert [one.get("instead_of") for one in shown["reviews"]].count("openai:qwen3") == 1
    assert shop.shipskip("replay").code == 0


def test_a_substitute_keeps_to_the_cost_cap(shop: Shop) -> None:
    configure(shop, 'substitutes = ["openai:spare"]')
    settings = shop.root / "shipskip.toml"
    rates = "".join(
        f'\n[prices."openai:{m}"]\ninput = 0.1\noutput = 15\n' for m in ("qwen3", "spare")
    )
    settings.write_text(settings.read_text(encoding="utf-8") + rates, encoding="utf-8")

    def choose(heard: Heard) -> Reply:
        is_dead = heard.document["model"] == "qwen3"
        return Reply({"error": "no such model"}, status=404) if is_dead else answer(CHAT, heard)

    with Desk(choose) as desk:
        capped = review(shop, desk, "--max-cost", "0.065")
        assert capped.code == 5
        again = review(shop, desk, "--max-cost", "5")
        assert again.code == 0
    spare = [call for call in desk.calls if call.heard.document["model"] == "spare"]
    assert len({call.name for call in spare}) == len(spare) == 4, "nothing is paid for twice"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('substitutes = ["checklist"]', "checklist is no model"),
        ('substitutes = ["qwen3"]', "'qwen3' is no model reference"),
        ("window = 12", "models.window"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(shop: Shop, line: str, said: str) -> None:
    configure(shop, line)
    with Desk(lambda heard: answer(CHAT, heard)) as desk:
        ran = review(shop, desk)
        assert (ran.code, len(desk.calls)) == (2, 0)
    assert said in ran.err
