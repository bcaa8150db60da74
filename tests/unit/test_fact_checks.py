"""A fact that intake found counts as far as its passage stands in the text and says it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.fact_checks import CompletedTool, complete_tool, facts_flag
from panel.domain.intake import read_facts
from panel.domain.licence import read_licences
from panel.domain.tool import FACTS, Price, Tool
from panel.spdx import licence_table

TABLE = licence_table()
EVERY_FIELD = {"is_tool": True, "reason": "It is a program."} | dict.fromkeys(FACTS)


def complete(text: str, **found: Any) -> CompletedTool:
    answer = json.dumps(EVERY_FIELD | found)
    return complete_tool(Tool(name="Quarry", description=text), read_facts(answer), text, TABLE)


def licences(text: str, *found: dict[str, str]) -> list[str]:
    tool = complete(text, licence=list(found)).tool
    return [one.text for one in read_licences(tool.licence or "", TABLE)]


def a_licence(value: str, evidence: str, covers: str = "all") -> dict[str, str]:
    return {"value": value, "covers": covers, "evidence": evidence}


def a_sum(evidence: str, **fields: Any) -> dict[str, Any]:
    given = {"label": "plan", "amount": 9, "up_to": None, "currency": "USD", "unit": "month"}
    return given | {"terms": [], "evidence": evidence} | fields


def prices(text: str, *found: dict[str, Any]) -> list[Price]:
    return list(complete(text, prices=list(found)).tool.prices)


# Licences


def test_a_licence_in_one_word_is_known_by_its_name() -> None:
    text = "Widewren enlarges scans. It is fully under the AGPLv3 licence."
    assert licences(text, a_licence("AGPL-3.0", "fully under the AGPLv3 licence")) == ["AGPL-3.0"]
    assert licences(text, a_licence("AGPLv3", "fully under the AGPLv3 licence")) == ["AGPL-3.0"]
    assert licences(text, a_licence("GPL-2.0", "fully under the AGPLv3 licence")) == []


@pytest.mark.parametrize(
    "text",
    [
        "It is licensed under the Business Source License 1.1, which turns into Apache 2.0 later.",
        "It is under the BSL 1.1 and becomes Apache 2.0 in 2030.",
        "Quarry is FSL-1.1 licensed; two years on, each release is under Apache 2.0.",
    ],
)
def test_a_licence_that_only_follows_is_not_todays(text: str) -> None:
    whole = complete(text, licence=[a_licence("Apache-2.0", text)])
    assert whole.tool.licence is None
    assert whole.tool.not_read == ("licence",)
    assert whole.corrections == (
        "Licence Apache-2.0 is left out: it only follows the one that holds today.",
    )
    end = text[text.index("Apache") :]
    assert licences(text, a_licence("Apache 2.0", f"{end}")) == []
    today = next(
        name for name in ("Business Source License 1.1", "BSL 1.1", "FSL-1.1") if name in text
    )
    assert len(licences(text, a_licence(today, text), a_licence("Apache-2.0", text))) == 1


def test_a_licence_after_the_sentence_of_a_delayed_one_holds() -> None:
    text = "The server is under BUSL 1.1. The clients are under the MIT licence."
    found = licences(
        text,
        a_licence("BUSL-1.1", "The server is under BUSL 1.1", "server"),
        a_licence("MIT", "The clients are under the MIT licence", "clients"),
    )
    assert found == ["BUSL-1.1 (server)", "MIT (clients)"]


def test_code_and_weights_are_two_licences_and_the_stricter_leads() -> None:
    text = "The code is under the MIT licence. The weights are under CC BY-NC 4.0."
    found = [
        a_licence("MIT", "The code is under the MIT licence", "code"),
        a_licence("CC BY-NC 4.0", "The weights are under CC BY-NC 4.0", "weights"),
    ]
    assert licences(text, *found) == ["CC-BY-NC-4.0 (weights)", "MIT (code)"]
    tool = complete(text, licence=found).tool
    assert tool.evidence["licence"] == f"{found[0]['evidence']}; {found[1]['evidence']}"


@pytest.mark.parametrize(
    ("value", "passage"),
    [
        ("MIT", "It grew out of a thesis at MIT"),
        ("Apache-2.0", "It reads Apache Kafka topics into a notebook"),
        ("MIT", "It was shown at the MIT Media Lab in May"),
    ],
)
def test_a_name_that_looks_like_a_licence_is_none(value: str, passage: str) -> None:
    done = complete(f"{passage}.", licence=[a_licence(value, passage)])
    assert (done.tool.licence, done.tool.not_stated[-1]) == (None, "licence")


def test_a_licence_of_the_makers_own_keeps_its_name() -> None:
    text = "Code and weights are released under the KESTREL RESEARCH LICENSE."
    passage = "released under the KESTREL RESEARCH LICENSE"
    (one,) = read_licences(
        complete(text, licence=[a_licence("KESTREL RESEARCH LICENSE", passage)]).tool.licence or "",
        TABLE,
    )
    assert (one.name, one.spdx, one.openness) == ("KESTREL RESEARCH LICENSE", None, None)


def test_a_short_word_in_common_is_no_licence_of_the_makers_own() -> None:
    text = "Quarry is free. All of it is under the Rules of Oz."
    assert licences(text, a_licence("Rules of Oz", "All of it")) == []
    assert licences(text, a_licence("Rules of Oz", "the Rules of Oz")) == ["Rules of Oz"]


def test_the_commons_clause_goes_with_the_licence_that_it_narrows() -> None:
    text = "It is under the Apache License 2.0 with the Commons Clause."
    passage = "under the Apache License 2.0 with the Commons Clause"
    for value in ("Apache-2.0", "Apache 2.0 with Commons Clause"):
        tool = complete(text, licence=[a_licence(value, passage)]).tool
        (one,) = read_licences(tool.licence or "", TABLE)
        assert (one.name, one.openness) == ("Apache-2.0 WITH Commons Clause", "source-available")


def test_one_licence_as_an_object_is_a_list_of_one() -> None:
    text = "Licensed under the MIT License."
    found = {"value": "MIT", "evidence": "Licensed under the MIT License"}
    assert complete(text, licence=found).tool.licence == "MIT"
    (why,) = read_facts('{"is_tool": true, "licence": {"value": "MIT"}}').unread.values()
    assert why == "evidence: Field required"


# Prices

TABLE_OF_PRICES = """**Ledgerline** checks invoices.

| Plan | Price | Unit |
|------|-------|------|
| **Team** | **$12** | per seat and month |
"""


@pytest.mark.parametrize("currency", ["USD", "$", "usd", "US$", ""])
def test_a_sign_for_a_currency_is_read_by_the_sum(currency: str) -> None:
    found = a_sum("Team $12 per seat and month", amount=12, currency=currency, unit="seat a month")
    (price,) = prices(TABLE_OF_PRICES, found)
    assert (float(price.amount), price.currency, price.unit) == (12, "USD", "seat a month")


def test_a_currency_that_the_sum_does_not_have_is_corrected_and_said() -> None:
    text = "It costs A$29 a month in Australia."
    done = complete(text, prices=[a_sum("It costs A$29 a month", amount=29)])
    assert [price.currency for price in done.tool.prices] == ["AUD"]
    assert done.corrections == ("Price plan is in AUD by its passage, not in USD.",)


def test_credits_are_no_money() -> None:
    text = "A page is 2 credits. More credits are $9 per 1,000 credits."
    one, other = prices(
        text,
        a_sum("A page is 2 credits", amount=2, currency="credits", unit="page"),
        a_sum("More credits are $9 per 1,000 credits", unit="1,000 credits"),
    )
    assert (one.currency, one.counted_in) == (None, "credits")
    assert (other.currency, other.counted_in, other.unit) == ("USD", None, "1,000 credits")


@pytest.mark.parametrize(
    ("amount", "passage", "kept"),
    [
        (0.04, "A check is 4¢", True),
        (0.25, "an export costs 25 cents per file", True),
        (0.0005, "Input costs $0.0005 per 1K tokens", True),
        ("$1,200", "It costs $1,200 a year", True),
        (9, "It costs $90 a year", False),
        (9, "It costs $900 a year", False),
    ],
)
def test_an_amount_is_a_sum_of_its_passage(amount: Any, passage: str, *, kept: bool) -> None:
    found = prices(f"{passage}.", a_sum(passage, amount=amount))
    assert [price.currency for price in found] == (["USD"] if kept else [])


@pytest.mark.parametrize(
    ("passage", "kept"),
    [
        ("It is free for one user", True),
        ("Solo: free; Team: $12", True),
        ("FREEMIUM, Pro at $9", True),
        ("Freelancers pay $9 a month", False),
        ("An ad-free seat is $9", False),
    ],
)
def test_what_costs_nothing_is_called_free(passage: str, *, kept: bool) -> None:
    entry = {"value": "free", "evidence": passage}
    done = complete(passage, prices=[a_sum(passage, amount=0)], entry=entry).tool
    assert (len(done.prices), done.entry) == ((1, "free") if kept else (0, None))


def test_a_range_has_both_ends_and_one_that_is_not_there_is_dropped_and_said() -> None:
    text = "Prices run $0.95–$3.00 per 1M input tokens."
    found = a_sum("Prices run $0.95–$3.00 per 1M input tokens", amount=0.95, unit="1M input tokens")
    (price,) = prices(text, found | {"up_to": 3})
    assert (price.amount, price.up_to) == (Decimal("0.95"), Decimal(3))
    for end in (5, 0.5, 1234567):
        done = complete(text, prices=[found | {"up_to": end}])
        assert [price.up_to for price in done.tool.prices] == [None]
        assert done.corrections == (f"Price plan: its upper end {end} is not in its passage.",)


def test_a_sum_in_a_block_of_code_is_a_sample() -> None:
    text = "It reads.\n\n```\n| Chair | $48.71 |\n```\n\n~~~~ sh\n~~~\npay $5\n~~~~\nEnd: $7."
    for passage, amount in (("Chair $48.71", 48.71), ("pay $5", 5)):
        done = complete(text, prices=[a_sum(passage, amount=amount)])
        assert done.tool.prices == ()
        assert "prices" in done.tool.not_read
        why = "it only stands in a block of code, or struck out"
        assert done.corrections == (f"Price plan is left out: {why}.",)
    assert len(prices(text, a_sum("End: $7", amount=7))) == 1
    assert complete("```\nopen $5", prices=[a_sum("open $5", amount=5)]).tool.prices == ()


@pytest.mark.parametrize(
    ("text", "passage", "amount", "currency", "kept"),
    [
        ("| Plan | Price (USD) |\n|---|---|\n| Team | 12 |", "Team | 12", 12, "USD", "USD"),
        ("Prices in US dollars:\n\n- Pro: 20 a month", "Pro: 20 a month", 20, "USD", "USD"),
        ("It is $20 in / 80 out per 1M", "$20 in / 80 out per 1M", 80, "USD", "USD"),
        ("It costs Rs. 499 a month", "It costs Rs. 499 a month", 499, "INR", "INR"),
        ("It costs EUR10 a month", "It costs EUR10 a month", 10, "EUR", "EUR"),
        ("It costs 10 Swiss francs", "It costs 10 Swiss francs", 10, "CHF", "CHF"),
        ("Es kostet 12 Franken", "Es kostet 12 Franken", 12, "CHF", "CHF"),
        ("Es kostet 12 Taler, in CHF", "Es kostet 12 Taler", 12, "CHF", None),
        ("Стоит 500 рублей", "Стоит 500 рублей", 500, "RUB", "RUB"),
        ("A run is 10 credits", "A run is 10 credits", 10, "credits", "credits"),
        ("In credits.\n\nFast: 10", "Fast: 10", 10, "credits", "credits"),
        ("Up to 10 users", "Up to 10 users", 10, "USD", None),
        ("Up to 10 users for $49", "Up to 10 users for $49", 10, "USD", None),
        ("Up to 10 users\n\nIt costs $49", "Up to 10 users", 10, "USD", None),
        ("It saves 20% at $49", "It saves 20% at $49", 20, "USD", None),
        ("Up to 10 per workspace", "Up to 10 per workspace", 10, "USD", None),
        ("| Plan | EUR |\n|---|---|\n| Team | 12 |", "Team | 12", 12, "USD", None),
        ("It is $49.\n\nFirst.\n\nThen.\n\nPro: 20", "Pro: 20", 20, "USD", None),
    ],
)
def test_a_sum_has_its_currency_in_its_passage_or_beside_it(
    text: str, passage: str, amount: float, currency: str, kept: str | None
) -> None:
    found = prices(text, a_sum(passage, amount=amount, currency=currency))
    assert [one.currency or one.counted_in for one in found] == ([kept] if kept else [])


def test_a_price_without_its_currency_is_not_read_and_a_count_is_none() -> None:
    for text, state in (("Pro: 20 a month", "not_read"), ("Up to 20 users", "not_stated")):
        tool = complete(text, prices=[a_sum(text, amount=20)]).tool
        assert (tool.prices, "prices" in getattr(tool, state)) == ((), True)
    (price,) = prices("Pro: 20 a month", a_sum("Pro: 20 a month", amount=20, currency=None))
    assert price.amount == 20
    assert price.currency is None


@pytest.mark.parametrize(
    ("passage", "low", "high", "is_kept"),
    [
        ("5 to 10 euros a seat", 5, 10, True),
        ("from $5 to €9", 5, 9, False),
        ("$5 a seat, 10 seats", 5, 10, False),
        ("$5 to $1.2k", 5, 1200, True),
        ("$1 to $1.2k", 1, 1.2, False),
        ("5 a seat, 7 with support", 5, 7, True),
    ],
)
def test_the_upper_end_of_a_price_is_a_sum_in_its_currency(
    passage: str, low: float, high: float, *, is_kept: bool
) -> None:
    currency = "EUR" if "euro" in passage else None
    (price,) = prices(passage, a_sum(passage, amount=low, up_to=high, currency=currency))
    assert price.up_to == (Decimal(str(high)) if is_kept else None)


def test_a_sum_that_is_struck_out_is_no_price() -> None:
    for text in ("~~$49~~ $29 a month", "<del>$49</del> $29 a month", "<s class=x>$49</s> $29"):
        struck = complete(text, prices=[a_sum("$49", amount=49), a_sum("$29", amount=29)])
        assert [price.amount for price in struck.tool.prices] == [29]


def test_a_passage_with_a_sum_that_is_struck_out_states_the_other_sum_alone() -> None:
    for text in ("Team ~~$49~~ $29 a month", "Team <del>$49</del> $29 a month"):
        (price,) = prices(text, a_sum(text, amount=29, up_to=49), a_sum(text, amount=49))
        assert (price.amount, price.up_to) == (Decimal(29), None)
        assert price.evidence == text


def test_terms_are_kept_in_the_words_of_the_text_at_most_six() -> None:
    passage = "from $12 a seat, minimum 5 seats, plus VAT"
    said = ["from", "minimum 5 seats", "", "plus VAT", 7, *("more",) * 9]
    (price,) = prices(f"It is {passage}.", a_sum(passage, amount=12, terms=said))
    assert price.terms == ("from", "minimum 5 seats", "plus VAT", "more", "more", "more")


# Not stated, not read


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("The best-known rival charges $10 a month.", "not_read"),
        ("Save 25 cents a page.", "not_read"),
        ("Our sponsor gives €50.", "not_read"),
        ("It is a program with 3 plans.", "not_stated"),
    ],
)
def test_prices_are_not_stated_only_where_no_sum_stands_in_the_text(text: str, state: str) -> None:
    tool = complete(text, prices=[]).tool
    assert "prices" in getattr(tool, state)
    assert {"prices"} & {*tool.not_stated} & {*tool.not_read} == set()


def test_a_passage_in_another_form_is_not_read_and_a_made_up_one_not_stated() -> None:
    text = "Licensed under the MIT License. Made by Ledgerline Labs."
    done = complete(
        text,
        licence=[a_licence("MIT", "the MIT License, licensed under")],
        vendor={"value": "Moth Works", "evidence": "a product of Moth Works in Ghent"},
    )
    assert done.tool.not_read == ("licence",)
    assert "vendor" in done.tool.not_stated
    assert done.corrections == (
        "The vendor Moth Works is left out: its passage is not in the text.",
        "Licence MIT is left out: its passage stands in the text in another form only.",
    )


@pytest.mark.parametrize(
    ("licence", "passage"),
    [
        ("Apache-2.0", "![](https://badges.example/badge/license-Apache%202.0-blue.svg)"),
        ("Apache-2.0", "![](https://badges.example/License-Apache_2.0-blue)"),
        ("AGPL-3.0", '<img src="https://badges.example/v1?label=license&message=AGPL%2D3.0">'),
    ],
)
def test_a_badge_names_its_licence_in_its_address(licence: str, passage: str) -> None:
    text = f"# Solo\n{passage}\nNotes in plain files."
    assert complete(text, licence=[a_licence(licence, passage)]).tool.licence == licence


@pytest.mark.parametrize(
    ("text", "passage", "amounts"),
    [
        ("Preise in Euro: Team 29 pro Monat.", "Team 29 pro Monat", [29]),
        ("Team 29 im Monat, alle Preise in Euro.", "Team 29 im Monat", [29]),
        ("Prix en euros : 29 par mois.", "29 par mois", [29]),
        ("Precio en euros: 29 al mes.", "29 al mes", [29]),
        ("29 Pro seats for €90.", "29 Pro seats for €90", []),
        ("29 pro seats for €90.", "29 pro seats for €90", []),
    ],
)
def test_a_price_by_the_month_is_read_in_languages_besides_english(
    text: str, passage: str, amounts: list[int]
) -> None:
    done = complete(text, prices=[a_sum(passage, amount=29, currency="EUR")])
    assert [one.amount for one in done.tool.prices] == amounts


def test_what_is_left_out_is_said_with_the_reason() -> None:
    text = "It costs $9 a month. It is made at the MIT."
    done = complete(
        text,
        entry={"value": "free", "evidence": "It costs $9 a month"},
        licence=[a_licence("MIT", "It is made at the MIT")],
        prices=[a_sum("It costs $9 a month", amount=7), a_sum("It costs $12 a year", amount=12)],
    )
    assert done.tool.prices == ()
    assert done.corrections == (
        "The entry free is left out: its passage does not say it.",
        "Licence MIT is left out: its passage does not say it.",
        "Price plan is left out: its passage has no such sum.",
        "Price plan is left out: its passage is not in the text.",
    )


def test_one_wrong_fact_costs_itself_alone_and_is_said() -> None:
    text = "Solo is free for one user. The Team plan costs $12 a month. Licensed under the MIT License."
    answer = json.dumps(
        {
            **EVERY_FIELD,
            "entry": {"value": "open-source", "evidence": "Solo is free"},
            "licence": [a_licence("MIT", "Licensed under the MIT License") | {"sure": 1}],
            "prices": [
                a_sum("The Team plan costs $12 a month", amount=n) for n in (12, "twelve", -1)
            ],
        }
    )
    read = read_facts(answer)
    done = complete_tool(Tool(name="Quarry", description=text), read, text, TABLE)
    assert (done.tool.licence, len(done.tool.prices)) == ("MIT", 1)
    assert done.tool.not_read == ("entry",)
    flag = facts_flag(read, ("Price a is in AUD.",))
    assert flag is not None
    assert flag.message.startswith(
        "Intake gave facts that cannot be read, so they are left out: entry"
    )
    assert "prices (price 2: amount: " in flag.message
    assert flag.message.endswith(". Price a is in AUD.")
    assert facts_flag(read_facts('{"is_tool": true}'), ()) is None


@pytest.mark.parametrize(
    ("fact", "value", "passage", "kept"),
    [
        ("vendor", "Acme Works", "It is made in a shed.", True),
        ("vendor", "Bolt", "It is made in a shed.", False),
        ("entry", "free", "It is free.", True),
        ("entry", "free", "A seat costs $9.", False),
        ("entry", "freemium", "A seat costs $9.", False),
        ("entry", "paid", "A seat costs $9.", True),
    ],
)
def test_a_vendor_is_in_the_text_and_nothing_is_free_by_a_sum(
    fact: str, value: str, passage: str, *, kept: bool
) -> None:
    text = f"Quarry is by ACME WORKS. {passage}"
    whole = complete(text, **{fact: {"value": value, "evidence": passage}})
    assert getattr(whole.tool, fact) == (value if kept else None)
    assert whole.tool.evidence == ({fact: passage} if kept else {})
    assert any(f"The {fact} {value} is left out" in one for one in whole.corrections) is not kept


def test_an_entry_in_capitals_is_read() -> None:
    text = "Solo is free for one user."
    assert complete(text, entry={"value": "Freemium ", "evidence": text}).tool.entry == "freemium"


PASSAGES = st.sampled_from(
    ["It costs $9 a month", "under the MIT licence", "```", "\n", "BUSL 1.1", "free", "A$29", "4¢"]
)


@given(
    st.lists(PASSAGES, max_size=6).map(". ".join).filter(str.strip),
    st.lists(st.tuples(PASSAGES, st.sampled_from([0, 9, 29, 0.04, "$9"])), max_size=4),
)
def test_what_holds_stands_in_the_text_and_nothing_is_in_two_states(
    text: str, found: list[tuple[str, Any]]
) -> None:
    tool = complete(text, prices=[a_sum(said, amount=amount) for said, amount in found]).tool
    assert all((price.evidence or "") in text for price in tool.prices)
    assert not {*tool.not_stated} & {*tool.not_read}
    assert Tool.model_validate_json(tool.model_dump_json()) == tool
