"""Answers by hand: prompts go to files, answers come back today or in a week."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bars.rooms import FACTS, sound
from tests.commands.shop import TOOL, Shop
from tests.workspaces import REPEATING, persona_set

WHO = tuple(persona.key for persona in persona_set().personas)


def answers(folder: Path) -> dict[str, Path]:
    """Return a file with a sound answer for each persona."""
    found = {}
    for persona in persona_set().personas:
        found[persona.key] = folder / f"said-{persona.key}.json"
        found[persona.key].write_text(sound(persona).model_dump_json(), encoding="utf-8")
    return found


def test_without_answers_the_prompts_lie_in_files_and_the_exit_is_8(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--model", "manual")
    assert ran.code == 8
    prompts = sorted((shop.run / "manual").glob("*.prompt.md"))
    assert [path.name.rpartition("-")[0] for path in prompts] == sorted(WHO)
    assert all(path.name in ran.out for path in prompts)
    assert str(shop.run / "manual") in ran.out
    assert "run the same command" in ran.out
    text = prompts[0].read_text(encoding="utf-8")
    assert "plain files" in text
    assert "JSON Schema" in text


def test_answers_from_files_finish_the_run_and_it_replays(shop: Shop) -> None:
    tool, given = shop.tool(), answers(shop.root)
    options = [part for who, path in given.items() for part in ("--answer", f"{who}={path}")]
    ran = shop.shipskip(
        "review", tool, "--model", "manual", "--answered-by", "Some Model", *options, "--json"
    )
    assert ran.code == 0
    assert ran.document["state"] == "finished"
    assert {one["model"] for one in ran.document["reviews"]} == {"Some Model"}
    assert ran.document["usage"] is None
    assert shop.shipskip("replay").code == 0


def test_a_waiting_run_goes_on_days_later_by_the_same_command(shop: Shop) -> None:
    tool = shop.tool()
    assert shop.shipskip("review", tool, "--model", "manual").code == 8
    for prompt in (shop.run / "manual").glob("*.prompt.md"):
        who = prompt.name.rpartition("-")[0]
        answer = prompt.with_name(prompt.name.replace(".prompt.md", ".answer.json"))
        answer.write_text(answers(shop.root)[who].read_text(encoding="utf-8"), encoding="utf-8")
    ran = shop.shipskip("review", tool, "--model", "manual")
    assert ran.code == 0
    assert f"resuming {shop.run.name}" in ran.err


def test_one_answer_comes_from_standard_input(shop: Shop) -> None:
    tool, given = shop.tool(), answers(shop.root)
    last = given.pop("skeptic")
    for who, path in given.items():
        ran = shop.shipskip("review", tool, "--model", "manual", "--answer", f"{who}={path}")
        assert ran.code == 8
    said = last.read_bytes()
    ran = shop.shipskip("review", tool, "--model", "manual", "--answer", "skeptic=-", stdin=said)
    assert ran.code == 0
    assert len(shop.runs) == 1


def test_an_answer_that_cannot_be_read_is_asked_again_once_by_hand_too(shop: Shop) -> None:
    tool, given = shop.tool(), answers(shop.root)
    given["builder"].write_text("I would rather tell you in prose.", encoding="utf-8")
    options = [part for who, path in given.items() for part in ("--answer", f"{who}={path}")]
    ran = shop.shipskip("review", tool, "--model", "manual", *options)
    assert ran.code == 8
    assert "builder-repair-" in ran.out
    assert "waiting for 1 answer by hand" in ran.out
    assert "Builder" not in ran.err  # an answer that is waited for is named once
    assert "cannot be read: the answer is not one JSON object" in " ".join(ran.out.split())


def test_a_byte_order_mark_of_an_editor_costs_no_answer(shop: Shop) -> None:
    tool, given = shop.tool(), answers(shop.root)
    for path in given.values():
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    options = [part for who, path in given.items() for part in ("--answer", f"{who}={path}")]
    assert shop.shipskip("review", tool, "--model", "manual", *options).code == 0


def test_a_waiting_run_does_not_take_the_page_of_a_finished_one(shop: Shop) -> None:
    tool = shop.tool()
    assert shop.shipskip("review", tool, "--model", "checklist").code == 0
    finished = shop.run.name
    ran = shop.shipskip("review", tool, "--model", "manual")
    assert ran.code == 8
    assert f"still that of {finished}" in ran.out


def test_a_waiting_run_has_no_end_that_a_replay_could_compare(shop: Shop) -> None:
    assert shop.shipskip("review", shop.tool(), "--model", "manual").code == 8
    ran = shop.shipskip("replay", shop.run.name)
    assert ran.code == 2
    assert "it is waiting, so there is no end to compare with" in ran.fault


def test_a_run_that_waits_for_answers_is_listed_for_the_editor(shop: Shop) -> None:
    assert shop.shipskip("review", shop.tool(), "--model", "manual").code == 8
    listed = shop.shipskip("waiting")
    assert listed.out.startswith(shop.run.name)
    assert "waits for answers by hand" in listed.out
    gates = " ".join(shop.shipskip("waiting", shop.run.name).out.split())
    assert "Answers are missing: builder, business_analyst, futurist, skeptic." in gates


def test_an_answer_that_nobody_asked_for_is_named_and_the_rest_is_kept(shop: Shop) -> None:
    stray = shop.tool(file="stray.json", text="{}")
    ran = shop.shipskip("review", shop.tool(), "--model", "manual", "--answer", f"critic={stray}")
    assert ran.code == 2
    told = " ".join(ran.err.split())
    assert "nobody asked for the answer of critic" in told
    assert "builder, business_analyst, futurist, skeptic: these are waited for" in told
    assert len(list((shop.run / "manual").glob("*.prompt.md"))) == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--answer", "builder"), "WHO=FILE"),
        (("--answer", "=x.json"), "WHO=FILE"),
        (("--answer", "builder=-", "--answer", "skeptic=-"), "can be read once"),
        (("--answer", "builder=a", "--answer", "builder=b"), "twice"),
        (("--answer", "builder=missing.json"), "missing.json: No such file"),
    ],
)
def test_an_answer_option_that_cannot_be_meant_is_one_line(
    shop: Shop, options: tuple[str, ...], said: str
) -> None:
    ran = shop.shipskip("review", shop.tool(), "--model", "manual", *options)
    assert ran.code == 2
    assert said in ran.fault
    assert shop.runs == []


def test_an_answer_is_for_one_tool_and_for_a_panel_by_hand(shop: Shop) -> None:
    given = f"builder={answers(shop.root)['builder']}"
    two = shop.shipskip(
        "review", shop.tool(), shop.tool("Inkwell"), "--model", "manual", "--answer", given
    )
    assert two.code == 2
    assert "one tool at a time" in two.fault
    asked = shop.shipskip("review", shop.tool(), "--answer", given)
    assert asked.code == 2
    assert "--model manual" in asked.fault
    assert shop.runs == []


def test_an_answer_file_that_is_no_text_is_named_and_nothing_is_lost(shop: Shop) -> None:
    tool = shop.tool()
    shop.shipskip("review", tool, "--model", "manual")
    prompt = next((shop.run / "manual").glob("builder-*.prompt.md"))
    answer = prompt.with_name(prompt.name.replace(".prompt.md", ".answer.json"))
    answer.write_bytes(b"\xff\xfe{")
    ran = shop.shipskip("review", tool, "--model", "manual")
    assert ran.code == 2
    assert f"{answer}: the answer is not UTF-8 text" in ran.err
    answer.write_text(answers(shop.root)["builder"].read_text(encoding="utf-8"), encoding="utf-8")
    assert shop.shipskip("review", tool, "--model", "manual").code == 8


def test_intake_is_asked_by_hand_where_a_fact_is_not_given(shop: Shop) -> None:
    bare = TOOL.replace("licence: MIT\n", "")
    tool = shop.tool(file="bare.md", text=bare)
    ran = shop.shipskip("review", tool, "--model", "manual", "--json")
    assert ran.code == 8
    assert [one["reviewer"] for one in ran.document["pending"]] == ["intake"]
    said = json.loads(FACTS) | {"is_tool": False, "reason": "It is a poem."}
    ran = shop.shipskip(
        "review", tool, "--model", "manual", "--answer", "intake=-", stdin=json.dumps(said)
    )
    assert ran.code == 4
    assert "set aside, not a tool: It is a poem." in ran.out


def contradiction(folder: Path) -> Path:
    """Return an answer of the builder that can be read and has a fault."""
    ballot = sound(persona_set().personas[0])
    against = ballot.model_copy(update={"verdict": "skip"})
    path = folder / "against.json"
    path.write_text(against.model_dump_json(), encoding="utf-8")
    return path


def give_all(shop: Shop, builder: Path, *options: str) -> Any:
    given = answers(shop.root) | {"builder": builder}
    said = [part for who, path in given.items() for part in ("--answer", f"{who}={path}")]
    return shop.shipskip("review", shop.tool(), "--model", "manual", *said, *options)


def test_a_readable_answer_with_a_fault_is_told_from_one_that_is_not(shop: Shop) -> None:
    ran = give_all(shop, contradiction(shop.root))
    assert ran.code == 8
    said = " ".join(ran.out.split())
    assert "The first answer is readable and has 1 fault: the verdict is skip" in said
    assert "or let it stand with --accept builder" in said


def test_an_answer_that_is_corrected_in_its_file_is_read_again_and_replays(shop: Shop) -> None:
    assert give_all(shop, contradiction(shop.root)).code == 8
    (first,) = (path for path in (shop.run / "manual").glob("builder-*.answer.json"))
    first.write_text(sound(persona_set().personas[0]).model_dump_json(), encoding="utf-8")
    ran = shop.shipskip("review", shop.tool(), "--model", "manual", "--json")
    assert ran.code == 0
    builder = next(one for one in ran.document["reviews"] if one["reviewer"] == "builder")
    assert (builder["verdict"], builder["flags"]) == ("ship", [])
    assert shop.shipskip("replay").code == 0


def test_an_answer_to_a_repair_may_be_corrected_but_not_what_it_was_built_on(shop: Shop) -> None:
    against = contradiction(shop.root)
    assert give_all(shop, against).code == 8
    ran = shop.shipskip(
        "review", shop.tool(), "--model", "manual", "--answer", f"builder={against}", "--json"
    )
    assert ran.code == 0
    builder = next(one for one in ran.document["reviews"] if one["reviewer"] == "builder")
    assert len(builder["flags"]) == 1
    assert shop.shipskip("replay").code == 0


def test_a_readable_answer_stands_with_its_fault_where_that_is_accepted(shop: Shop) -> None:
    assert give_all(shop, contradiction(shop.root)).code == 8
    accepted = ("--accept", "builder", "--accept", "skeptic")
    ran = shop.shipskip("review", shop.tool(), "--model", "manual", *accepted, "--json")
    assert ran.code == 0
    builder = next(one for one in ran.document["reviews"] if one["reviewer"] == "builder")
    assert (builder["verdict"], len(builder["flags"])) == ("skip", 1)
    assert shop.shipskip("replay").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", "manual", "--accept", "critic"), "there is no persona 'critic'"),
        (("--model", "checklist", "--accept", "builder"), "--accept goes with --model manual"),
    ],
)
def test_what_cannot_be_accepted_is_one_line(
    shop: Shop, options: tuple[str, ...], said: str
) -> None:
    ran = shop.shipskip("review", shop.tool(), *options)
    assert ran.code == 2
    assert said in ran.fault
    assert shop.runs == []


def test_each_sample_is_asked_for_in_a_fresh_chat(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--model", "manual", "--samples", "2")
    assert ran.code == 8
    assert " ".join(ran.out.split()).count("into a fresh chat") == 8


def test_a_persona_is_told_how_its_last_reviews_of_other_tools_opened(shop: Shop) -> None:
    settings = shop.root / "shipskip.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("recent_reviews = 0", REPEATING), encoding="utf-8")
    assert give_all(shop, answers(shop.root)["builder"]).code == 0
    ran = shop.shipskip("review", shop.tool("Inkwell"), "--model", "manual")
    assert ran.code == 8
    (prompt,) = shop.runs[-1 if "inkwell" in shop.runs[-1].name else 0].glob(
        "manual/builder-*.prompt.md"
    )
    assert "Your last reviews opened with “it keeps notes”" in prompt.read_text(encoding="utf-8")
    again = shop.shipskip("review", shop.tool(), "--model", "manual")
    assert again.code == 8
    prompts = list(shop.root.glob("runs/*/quillbase-*/manual/builder-*.prompt.md"))
    assert not any("last reviews" in path.read_text(encoding="utf-8") for path in prompts)
