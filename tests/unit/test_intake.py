"""Intake fills in what the editor did not give, each fact with the words it stands on, or nothing."""

import json
from decimal import Decimal
from typing import Any

import pytest

from panel.domain.exchange import Request
from panel.domain.fact_checks import complete_tool
from panel.domain.intake import Facts, intake_schema, read_facts
from panel.domain.json_answer import UnreadableAnswerError
from panel.domain.run import Run
from panel.domain.tool import FACTS, Tool
from panel.errors import Refused, Stopped, Transient, Waiting
from panel.ports import Event
from panel.spdx import licence_table
from tests.factories import DESCRIPTION, a_tool
from tests.panels import SHIP, an_open_run, convene, kinds, panel_inputs, scripted
from tests.scripted import Scripted

COSTS = "It costs 9 dollars a seat each month"
FOUND: dict[str, Any] = {
    "is_tool": True,
    "reason": "It keeps notes.",
    "tagline": {"value": "Notes in plain files", "evidence": "notes in plain files"},
    "category": {"value": "Productivity", "evidence": "keeps a team's notes"},
    "vendor": None,
    "entry": {"value": "paid", "evidence": COSTS},
    "licence": None,
    "prices": [
        {"label": "seat", "amount": 9, "currency": "USD", "unit": "seat a month", "evidence": COSTS}
    ],
    "open_points": ["Is there a trial?"],
}


def facts(**fields: Any) -> str:
    return json.dumps(FOUND | fields)


def bare() -> Tool:
    return Tool(name="Quillbase", description=DESCRIPTION)


def completed(tool: Tool | None = None, **fields: Any) -> Tool:
    return complete(tool or bare(), facts(**fields), DESCRIPTION)


def complete(tool: Tool, answer: str, shown: str) -> Tool:
    return complete_tool(tool, read_facts(answer), shown, licence_table()).tool


def a_bare_run(**fields: Any) -> Run:
    return an_open_run(panel_inputs(bare(), **fields))


async def test_intake_is_skipped_where_the_editor_gave_every_fact() -> None:
    provider, heard = scripted(), []  # type: ignore[var-annotated]
    run = await convene(provider, listener=heard.append)
    assert kinds(heard)[1] == "intake.skipped"
    assert "intake" not in [request.label for request in provider.asked]
    assert run.tool == run.inputs.tool


async def test_facts_that_intake_found_are_in_the_run_with_their_words() -> None:
    heard: list[Event] = []
    run = await convene(scripted({"intake": facts()}), a_bare_run(), heard.append)
    assert run.state == "finished"
    assert run.tool.entry == "paid"
    assert run.tool.evidence["entry"] == COSTS
    assert run.tool.not_stated == ("vendor", "licence")
    assert run.inputs.tool == bare()
    assert kinds(heard)[1:3] == ["intake.started", "intake.done"]
    assert heard[1]["lacks"] == list(FACTS)


async def test_reviewers_are_asked_the_same_with_and_without_intakes_answer() -> None:
    asked = []
    for answer in (facts(), Refused("no")):
        provider = scripted({"intake": answer})
        await convene(provider, a_bare_run())
        asked.append([request.key for request in provider.asked if request.label != "intake"])
    assert asked[0] == asked[1]


@pytest.mark.parametrize("error", [Refused("declined"), Transient("busy")])
async def test_an_intake_that_fails_is_flagged_and_the_panel_goes_on(error: Exception) -> None:
    run = await convene(scripted({"intake": error}), a_bare_run())  # type: ignore[dict-item]
    assert run.state == "finished"
    assert run.tool == bare()
    (flag,) = run.flags
    assert (flag.kind, flag.holds) == ("intake_failed", False)
    assert flag.message.endswith(f"facts that nobody gave are missing: {error}")


async def test_an_unreadable_intake_is_asked_again_once() -> None:
    run = await convene(scripted({"intake": ["no facts here", facts()]}), a_bare_run())
    assert run.flags == ()
    assert run.tool.entry == "paid"


async def test_what_is_no_tool_is_set_aside_and_no_review_is_paid_for() -> None:
    heard: list[Event] = []
    provider = scripted({"intake": facts(is_tool=False, reason="It is a job advert.")})
    run = await convene(provider, a_bare_run(), heard.append)
    assert (run.state, run.reason) == ("set_aside", "It is a job advert.")
    assert (run.reviews, run.verdict) == ((), None)
    assert [request.label for request in provider.asked] == ["intake"]
    assert heard[-1] == {"ev": "intake.done", "set_aside": "It is a job advert."}


async def test_a_stop_in_intake_ends_the_run_before_any_review() -> None:
    heard: list[Event] = []
    provider = scripted({"intake": Stopped("cap reached", cause="cap")})
    run = await convene(provider, a_bare_run(), heard.append)
    assert run.state == "stopped"
    assert [(one.reviewer, one.cause) for one in run.pending] == [("intake", "cap")]
    assert [request.label for request in provider.asked] == ["intake"]
    assert heard[-1] == {"ev": "intake.pending", "cause": "cap"}


async def test_an_intake_by_hand_is_waited_for() -> None:
    def answer(request: Request) -> str:
        if request.label == "intake":
            raise Waiting("paste it")
        return SHIP

    run = await convene(Scripted(answer), a_bare_run())
    assert (run.state, run.pending[0].cause) == ("waiting", "answer")


async def test_a_vendor_that_intake_found_counts_for_the_conflict_rule() -> None:
    found = facts(vendor={"value": "OpenAI", "evidence": "made by OpenAI"})
    tool = Tool(name="Quillbase", description=f"{DESCRIPTION} It is made by OpenAI.")
    inputs = panel_inputs(tool, fallbacks=("mistral:mistral-test",))
    run = await convene(scripted({"intake": found}), an_open_run(inputs))
    assert {assignment.provider for assignment in run.assignments} == {"mistral"}


def test_what_the_editor_gave_is_never_replaced() -> None:
    given = a_tool()
    other = {"value": "Other", "evidence": "plain files"}
    assert completed(given, tagline=other, vendor=other, licence=other) == given.model_copy(
        update={"open_points": ("Is there a trial?",)}
    )


def test_a_fact_that_does_not_stand_in_the_text_is_dropped_and_counts_as_not_stated() -> None:
    made_up = {"value": "MIT", "evidence": "under the MIT licence"}
    price = {**FOUND["prices"][0], "evidence": "costs 7 dollars"}
    tool = completed(licence=made_up, prices=[price], entry=None)
    assert tool.licence is None
    assert tool.prices == ()
    assert set(tool.not_stated) == {"vendor", "entry", "licence"}
    assert tool.not_read == ("prices",)
    assert "licence" not in tool.evidence


NOTES = "keeps a team's notes"


@pytest.mark.parametrize(
    ("fact", "value", "passage"),
    [
        ("vendor", "OpenAI (certified best)", "plain files"),
        ("vendor", "OpenAI", COSTS),
        ("licence", "MIT", NOTES),
        ("licence", "at", NOTES),
        ("entry", "free", COSTS),
        ("entry", "freemium", COSTS),
    ],
)
def test_a_fact_that_its_passage_does_not_say_is_dropped(
    fact: str, value: str, passage: str
) -> None:
    found = facts(**{fact: {"value": value, "evidence": passage}})
    tool = complete(bare(), found, DESCRIPTION)
    assert getattr(tool, fact) is None
    assert fact in tool.not_stated


@pytest.mark.parametrize(
    ("amount", "passage", "holds"),
    [
        (9, "It costs 9 dollars", True),
        (0.01, "It costs 9 dollars", False),
        (900, "It costs 9 dollars", False),
        (0.4, "40 cents a page", True),
        (1000, "from $1,000 a year", True),
        (0, "$0 for one person, $9 for a team", True),
        (0, "free for one person, then $9", True),
        (0, "costs nothing", True),
        (0, "It costs 9 dollars", False),
        (0, "Gratis für Einzelpersonen", True),
        (0, "個人は無料", True),
        (0, "Enterprise: contact us", False),
        (1200, "from $1.2k a month", True),
        (1.2, "from $1.2k a month", False),
        (3_000_000, "3 million dollars a year", True),
        (3, "$3M a year", False),
        (1500, "1.500 € im Jahr", True),
    ],
)
def test_an_amount_is_a_figure_of_its_passage(amount: float, passage: str, *, holds: bool) -> None:
    price = {**FOUND["prices"][0], "amount": amount, "evidence": passage}
    tool = complete(bare(), facts(prices=[price]), f"{DESCRIPTION} {passage}.")
    assert bool(tool.prices) is holds


@pytest.mark.parametrize(
    ("fact", "value", "passage"),
    [
        ("vendor", "quill works", "by Quill Works of Oslo"),
        ("licence", "Apache-2.0", "under the Apache licence"),
        ("licence", "may not be resold", "You may not resell it"),
        ("entry", "free", "free for 3 people"),
        ("entry", "free", "nothing to pay"),
    ],
)
def test_a_fact_that_its_passage_says_in_other_words_is_kept(
    fact: str, value: str, passage: str
) -> None:
    found = facts(**{fact: {"value": value, "evidence": passage}})
    tool = complete(bare(), found, f"{DESCRIPTION} {passage}.")
    assert getattr(tool, fact) == value


def test_every_fact_is_looked_for_once_intake_is_done() -> None:
    assert completed().lacks() == ()


def test_what_was_not_stated_before_is_not_looked_for_again() -> None:
    tool = completed(Tool(name="Quillbase", description=DESCRIPTION, not_stated=("tagline",)))
    assert tool.tagline is None
    assert tool.not_stated == ("tagline", "vendor", "licence")


def test_prices_keep_their_words_once_each() -> None:
    second = {**FOUND["prices"][0], "label": "team"}
    tool = completed(prices=[*FOUND["prices"], second])
    assert [price.amount for price in tool.prices] == [Decimal(9), Decimal(9)]
    assert tool.evidence["prices"] == COSTS


def test_long_words_of_prices_are_cut_to_what_comes_back_from_disk() -> None:
    passages = ["costs $9 " + "a" * 389, "costs $9 b"]
    prices = [{**FOUND["prices"][0], "evidence": passage} for passage in passages]
    shown = "\n".join(passages)
    tool = complete(bare(), facts(prices=prices), shown)
    assert tool.evidence["prices"] == f"{passages[0]};"
    assert Tool.model_validate_json(tool.model_dump_json()) == tool


def test_open_points_are_five_at_most_and_an_editors_own_stay() -> None:
    assert completed(open_points=[f"Point {n}" for n in range(9)]).open_points == tuple(
        f"Point {n}" for n in range(5)
    )
    own = Tool(name="Q", description=DESCRIPTION, open_points=("Mine",))
    assert completed(own).open_points == ("Mine",)


@pytest.mark.parametrize("text", ["[]", "no facts", "{}", facts(is_tool="yes")])
def test_an_answer_that_does_not_say_whether_it_is_a_tool_is_refused(text: str) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_facts(text)


PRICE = FOUND["prices"][0]
LICENCE = {"value": "MIT", "evidence": "under the MIT licence"}


@pytest.mark.parametrize(
    ("fields", "fact", "why"),
    [
        ({"licence": {"value": "MIT"}}, "licence", "evidence: Field required"),
        ({"licence": "MIT"}, "licence", ""),
        ({"entry": {"value": "open-source", "evidence": "x"}}, "entry", "value: "),
        ({"prices": "none"}, "prices", "it is no list"),
        ({"prices": [{}]}, "prices", "price 1: label: "),
        ({"prices": [PRICE, PRICE | {"amount": -1}]}, "prices", "price 2: amount: "),
        ({"licence": ["MIT"]}, "licence", "licence 1: "),
        ({"licence": [LICENCE] * 7}, "licence", "there are more than 6"),
        ({"licence": [LICENCE, {}]}, "licence", "licence 2: value: "),
        ({"prices": [PRICE] * 31}, "prices", "there are more than 30"),
    ],
)
def test_a_fact_that_cannot_be_read_costs_itself_and_no_other(
    fields: dict[str, Any], fact: str, why: str
) -> None:
    read = read_facts(facts(**fields))
    assert list(read.unread) == [fact]
    assert why in read.unread[fact]  # type: ignore[index]
    tool = complete_tool(bare(), read, DESCRIPTION, licence_table()).tool
    assert tool.tagline == "Notes in plain files"
    assert fact not in tool.not_stated
    assert fact in tool.lacks() or tool.prices


def test_prices_that_can_be_read_stay_beside_one_that_cannot() -> None:
    assert len(read_facts(facts(prices=[PRICE, {}, PRICE])).facts.prices) == 2
    assert len(read_facts(facts(prices=[PRICE] * 31)).facts.prices) == 30


def test_what_is_beside_the_facts_is_passed_over() -> None:
    read = read_facts(facts(extra=1, reason=None, open_points=["a", 7, " "], addressed=None))
    assert read.unread == {}
    assert (read.facts.reason, read.facts.open_points) == ("intake gave no reason", ("a",))
    assert read.facts.addressed == ()


def test_a_fact_that_the_answer_has_no_field_for_is_not_read_and_null_is_not_stated() -> None:
    given = {name: value for name, value in FOUND.items() if name not in ("vendor", "category")}
    tool = complete(bare(), json.dumps(given), DESCRIPTION)
    assert tool.not_read == ("category", "vendor")
    assert tool.not_stated == ("licence",)


async def test_an_answer_without_most_facts_is_asked_again_once() -> None:
    provider = scripted({"intake": ['{"is_tool": true}', facts()]})
    run = await convene(provider, a_bare_run())
    assert (run.tool.entry, run.tool.not_read, run.flags) == ("paid", (), ())
    asked = [request for request in provider.asked if request.label == "intake"]
    assert "it has no tagline, category, vendor, entry, prices, licence: give every field" in (
        asked[1].messages[-1].parts[-1].text
    )


async def test_an_answer_that_stays_without_most_facts_states_nothing_and_is_flagged() -> None:
    answers = ['{"is_tool": true}', '{"is_tool": true, "vendor": null}']
    run = await convene(scripted({"intake": [*answers]}), a_bare_run())
    assert run.tool.not_stated == ("vendor",)
    assert run.tool.not_read == tuple(fact for fact in FACTS if fact != "vendor")
    (flag,) = run.flags
    assert flag.message == (
        "Intake's answers had no field for tagline, category, entry, prices, licence, "
        "so they are not read."
    )


@pytest.mark.parametrize(
    "answer",
    [
        {name: FOUND[name] for name in ("is_tool", "reason", "tagline", "category", "entry")},
        {"is_tool": False, "reason": "An advert."},
    ],
    ids=["a server that leaves out null fields", "no tool"],
)
async def test_an_answer_that_has_what_it_found_is_not_asked_again(answer: dict[str, Any]) -> None:
    provider = scripted({"intake": [json.dumps(answer), Refused("asked again")]})
    await convene(provider, a_bare_run())
    assert [request.label for request in provider.asked].count("intake") == 1


async def test_unread_facts_are_said_in_a_flag() -> None:
    answer = facts(entry={"value": "open-source", "evidence": "x"})
    run = await convene(scripted({"intake": answer}), a_bare_run())
    (flag,) = run.flags
    assert (flag.kind, flag.holds) == ("intake_facts", False)
    assert "so they are left out: entry (value: " in flag.message
    assert run.tool.entry is None
    assert "entry" not in run.tool.not_stated


async def test_intake_is_a_witness_too() -> None:
    run = await convene(
        scripted({"intake": facts(addressed=["Export is one command"])}), a_bare_run()
    )
    assert [(flag.kind, flag.holds) for flag in run.flags] == [("witnessed", True)]
    assert "as intake reported" in run.flags[0].message


async def test_a_text_that_is_no_tool_and_speaks_to_reviewers_is_flagged_all_the_same() -> None:
    answer = facts(is_tool=False, addressed=["Export is one command"])
    run = await convene(scripted({"intake": answer}), a_bare_run())
    assert run.state == "set_aside"
    assert [flag.kind for flag in run.flags] == ["witnessed"]


def test_an_amount_is_rounded_to_what_a_price_can_hold() -> None:
    price = {**FOUND["prices"][0], "amount": 9 + 1e-15}
    assert completed(prices=[price]).prices[0].amount == 9


def test_the_schema_asks_for_exactly_the_fields_of_facts() -> None:
    # No model is asked what it has not read: the checklist alone says so.
    assert set(intake_schema()["required"]) == set(Facts.model_fields) - {"not_read"}
    assert intake_schema()["additionalProperties"] is False


IN_MARKDOWN = """**Ledgerline** checks a folder of [invoices](https://l.example/docs) against a
bank export, made by [Ledgerline Labs](https://l.example).

| Plan | Price | Unit |
|------|-------|------|
| **Team** | **$12** | per seat and month |
| Solo | free | one user |

Licensed under the [MIT License](LICENSE).
"""
AS_SHOWN: dict[str, Any] = {
    "tagline": {"value": "checks invoices", "evidence": "Ledgerline checks a folder of invoices"},
    "category": {"value": "Finance", "evidence": "checks a folder of invoices"},
    "vendor": {"value": "Ledgerline Labs", "evidence": "made by Ledgerline Labs"},
    "entry": {"value": "freemium", "evidence": "Solo free one user"},
    "licence": {"value": "MIT", "evidence": "Licensed under the MIT License"},
    "prices": [{"label": "Team", "amount": 12, "currency": "USD", "unit": "seat a month",
                "evidence": "Team $12 per seat and month"}],
}  # fmt: skip


def test_facts_stand_in_markdown_as_a_reader_sees_it() -> None:
    tool = Tool(name="Ledgerline", description=IN_MARKDOWN)
    found = complete(tool, facts(**AS_SHOWN), IN_MARKDOWN)
    assert (found.vendor, found.licence, found.entry) == ("Ledgerline Labs", "MIT", "freemium")
    assert [price.amount for price in found.prices] == [12]
    assert found.not_stated == ()


def test_a_fact_whose_words_stand_in_another_order_is_not_said_to_be_missing() -> None:
    tool = Tool(name="Ledgerline", description=IN_MARKDOWN)
    other = {"value": "MIT", "evidence": "the MIT License, licensed under"}
    made_up = {"value": "Moth Works", "evidence": "a product of Moth Works in Ghent"}
    given = facts(**{**AS_SHOWN, "licence": other, "vendor": made_up})
    found = complete(tool, given, IN_MARKDOWN)
    assert (found.licence, found.vendor) == (None, None)
    assert found.not_stated == ("vendor",)
