"""Facts without a model: only what one plain sentence says, each with its passage."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel.checklist.facts import find_facts
from panel.checklist.matcher import SignalMatcher
from panel.checklist.prices import find_prices
from panel.checklist.prose import read_prose
from panel.checklist.signals import load_signals
from panel.domain.cleaning import clean
from panel.domain.currency import read_money
from panel.domain.fact_checks import complete_tool
from panel.domain.grounding import is_verbatim
from panel.domain.intake import Facts, ReadFacts, read_facts
from panel.domain.licence import read_licences
from panel.domain.monthly_cost import read_pricing
from panel.domain.tool import FACTS, Tool, price_line
from panel.spdx import licence_table
from tests.conftest import CHECKOUT, tries
from tests.hang_guard import guarded

FEEDS = CHECKOUT.parent / "shared" / "data" / "feeds"
MATCHER = SignalMatcher(load_signals())


def facts(description: str, name: str = "Quillbase") -> Facts:
    prose = read_prose(clean(f"name: {name}\n\n{description}").text)
    return find_facts(prose, MATCHER.find(prose), MATCHER)


def completed(found: Facts, text: str) -> Tool:
    bare = Tool(name="Quillbase", description=text)
    read = ReadFacts(facts=found, unread={})
    return complete_tool(bare, read, text, licence_table()).tool


def value(found: Any) -> Any:
    return None if found is None else found.value


def prices(description: str) -> list[tuple[str, float, str | None, str | None]]:
    found = find_prices(read_prose(f"name: Quillbase\n\n{description}"), MATCHER)
    return [(price.label, price.amount, price.currency, price.unit) for price in found]


# Prices


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It is a paid service at $12 per seat a month.", ("price", 12, "USD", "seat a month")),
        ("It costs $49 once, with updates.", ("price", 49, "USD", "once")),
        ("One licence costs $49 once.", ("licence", 49, "USD", "once")),
        ("Free and then $0.40 per 100 rows a month.", ("price", 0.4, "USD", "100 rows a month")),
        ("It costs $2 per 100,000 rows.", ("price", 2, "USD", "100,000 rows")),
        ("It costs $20 per million tokens.", ("price", 20, "USD", "million tokens")),
        ("Plans start at 29 euros a month for 50 pictures.", ("price", 29, "EUR", "month")),
        ("The Team plan is 99 euros.", ("Team plan", 99, "EUR", None)),
        ("Projects are public. Private projects cost $19/month.",
         ("Private projects", 19, "USD", "month")),
        ("Cold storage costs $0.02 per GB.", ("Cold storage", 0.02, "USD", "GB")),
        ("Its embedding is $0.1 per million tokens.", ("embedding", 0.1, "USD", "million tokens")),
        ("The Starter pack costs $10 a year.", ("Starter pack", 10, "USD", "year")),
        ("The Pro plan costs CHF 1'200 a year.", ("Pro plan", 1200, "CHF", "year")),
        ("It is EUR 1,200 a year.", ("price", 1200, "EUR", "year")),
        ("It is 1200 CHF yearly.", ("price", 1200, "CHF", "yearly")),
        ("It is 4,50 € / user / month.", ("price", 4.5, "EUR", "user / month")),
        ("A page costs 25 cents per file.", ("page", 0.25, "USD", "file")),
        ("It costs A$29 a month.", ("price", 29, "AUD", "month")),
        ("It costs ₹2,499 a month.", ("price", 2499, "INR", "month")),
        ("39 euros per user per month, never more than 600.", ("price", 39, "EUR", "user per month")),
        ("Unlike Slack, Quillbase costs $4 a month.", ("price", 4, "USD", "month")),
        ("It costs $5 a month, less than Slack at $8.", ("price", 5, "USD", "month")),
        ("It is cheaper than Notion: $4 a month.", ("price", 4, "USD", "month")),
        ("Slack costs $8 a month, Quillbase costs $4 a month.", ("price", 4, "USD", "month")),
        ("It's $8 a month.", ("price", 8, "USD", "month")),
        ("Pro: $12/mo.", ("price", 12, "USD", "mo")),
        ("We host it for 14 euros a seat each month.", ("price", 14, "EUR", "seat each month")),
        ("Extra queries cost $2 a month.", ("Extra queries", 2, "USD", "month")),
        ("Extra pages cost $2 a month.", ("Extra pages", 2, "USD", "month")),
        ("It costs $1,000,000,000 a month.", ("price", 10**9, "USD", "month")),
        ("A box is big. The big red box costs $2 a month.", ("big red box", 2, "USD", "month")),
        ("A box is big. The big red old box costs $2 a month.", ("price", 2, "USD", "month")),
        ("Yearly team plan $5 a month.", ("Yearly team plan", 5, "USD", "month")),
        ("Using Quillbase costs $3 a month.", ("price", 3, "USD", "month")),
        ("4 boxes for $5 a month.", ("price", 5, "USD", "4 boxes a month")),
    ],
)  # fmt: skip
def test_a_plain_sentence_gives_a_price_with_label_and_unit(
    text: str, wanted: tuple[str, float, str, str | None]
) -> None:
    assert prices(text) == [wanted]


def test_input_and_output_prices_are_told_apart_and_can_be_computed_with() -> None:
    for text in (
        "Input costs $20 per million tokens and output $80 per million tokens.",
        "Input costs $20 per 1M tokens and output costs $80 per 1M tokens.",
    ):
        found = facts(text)
        assert [price.label for price in found.prices] == ["input", "output"]
        tool = completed(found, text)
        assert read_pricing(tool).months[0].amount == 80


@pytest.mark.parametrize(
    "text",
    [
        "Acme raised $30 million.",
        "It saves $200 a month.",
        "It has 50 pictures and 8% more.",
        "It costs $99999999999.",
        "It was $5.",
        "It weighs two pounds.",
        "It runs on a $35 Raspberry Pi.",
        "It runs on a card that costs $300.",
        "A notary costs $90 an hour. It replaces your notary.",
        "Typing it by hand costs $3 per form.",
        "A lost parcel is $40.",
        "Most alternatives cost $15 per month.",
        "Any comparable suite is $15 per month.",
        "The reward is $100 a week.",
        "The Team plan costs €1.500 a month.",
        "A year is 2.400 zł for a firm.",
        "The Team plan costs 1.500 kr a month.",
        "Doing this by hand would cost $200 an hour.",
        "Our users spend $40 a month on pictures.",
        "It turns $1 into $3.",
        "There is a bug bounty of $500.",
        "It reads invoices above $10,000.",
        "It used to cost $20.",
        "Pricing was $8 a month or $80 a year.",
        "There is $5 off in May.",
        "A spending cap of $50 protects you.",
        "It does not cost $5 a month.",
        "It is small – $5 a month.",
        "The Team plan at $5 a month is not available.",
        "The Team plan at $5 a month is planned.",
        "It is small — $5 a month.",
        "We host 4 boxes for $5 a month.",
        "Does it cost $5 a month?",
        "A sample:\n\n```\nTotal: $48.71 a month\n```",
        "| Pro | $9 a month |",
        "<!-- It costs $9 a month. --> It is a tool.",
    ],
)
def test_sums_that_no_plain_sentence_calls_a_price_are_not_read(text: str) -> None:
    assert prices(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Unlike Slack at $8 a month, Quillbase has no price yet.",
        "Unlike Slack, which costs $8 a month, Quillbase has no price yet.",
        "Compared with Notion ($10 a month), it is simpler.",
        "In contrast to Notion's $10 a month, it is free.",
        "Slack charges $8 per user.",
        "It is cheaper than the $20 that Zoom asks.",
        "Rather than $30 a month, pay nothing.",
        "Instead of paying $50 a month for Ahrefs, use it.",
        "Competitors start at $30 a month.",
        "While Otter is $17 a month, Quillbase has no price.",
        "It costs less than Slack ($8).",
        "Other tools cost $30 a month.",
        "The best-known rival charges $10 a month.",
        "Slack costs $8 a month, Quillbase nothing.",
        "Quillbase is free, but Slack costs $8 a month.",
        "Like Slack at $8 a month, it keeps a log.",
        "It does what Zapier does for $20 a month.",
        "Slack's $8 a month is too much.",
        "It is free, and ChatGPT Plus is $20 a month.",
    ],
)
def test_what_a_rival_charges_is_no_price_of_the_tool(text: str) -> None:
    assert prices(text) == []
    assert value(facts(text).entry) in (None, "free")


def test_the_same_price_twice_is_one_price() -> None:
    assert len(prices("It is $5 a month. Yes, it is $5 a month.")) == 1


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("$1,200.50", (1200.5, "USD")),
        ("€1.200,50", (1200.5, "EUR")),
        ("4,50 €", (4.5, "EUR")),
        ("4¢", (0.04, "USD")),
        ("25 Cents", (0.25, "USD")),
        ("¥4,500", (4500, "JPY")),
        ("2 CHF", (2, "CHF")),
        ("CA$25", (25, "CAD")),
        ("$1.2.3", (123, "USD")),
        ("€1.500", (1500, "EUR")),
        ("12.000 kr", (12_000, "")),
        ("€0.125", (0.125, "EUR")),
        ("$1.500", (1.5, "USD")),
        ("CHF 1'200.50", (1200.5, "CHF")),
        ("₹1,00,000", (100_000, "INR")),
    ],
)
def test_a_sum_of_money_is_read_in_any_spelling(text: str, money: tuple[float, str]) -> None:
    amount, currencies = read_money(text)
    assert (float(amount), currencies[0]) == money


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("€900 to €1.500 a year", [(900, 1500)]),
        ("€2 - €1.500 a year", [(2, 1500)]),
        ("€1 to €1.500 a year", []),
        ("€1.500 to €2.500 a year", []),
        ("$1 to $1.500 a year", [(1, 1.5)]),
        ("$5 - €9 a year", []),
    ],
)
def test_a_range_is_read_where_both_its_ends_are_clear(
    said: str, wanted: list[tuple[float, float]]
) -> None:
    found = find_prices(read_prose(f"name: Quillbase\n\nIt costs {said}."), MATCHER)
    assert [(one.amount, one.up_to) for one in found] == wanted


# Licence and entry


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("It is MIT licensed.", "MIT"),
        ("It is MIT-licensed.", "MIT"),
        ("Released under the MIT license.", "MIT"),
        ("Licensed under the [MIT License](LICENSE).", "MIT"),
        ("The weights are under the Apache 2.0 licence.", "Apache 2.0"),
        ("It is fully under the AGPLv3 licence.", "AGPLv3"),
        ("Under the MPL 2.0.", "MPL 2.0"),
        ("Licence: proprietary.", "proprietary"),
        ("licence MIT", "MIT"),
        ("It is under the Kestrel Research License.", "Kestrel Research License"),
        (
            "It is licensed under the Business Source License 1.1, which turns into Apache 2.0.",
            "Business Source License 1.1",
        ),
        ("It is a fork of Foo, which moved to the SSPL. It is under the MIT licence.", "MIT"),
        ("It is under the MIT licence. It is under the GPLv3.", None),
        ("It grew out of a thesis at MIT.", None),
        ("It reads Apache Kafka topics.", None),
        ("It is not under the MIT licence.", None),
        ("Is it under the MIT licence?", None),
        ("Unlike Foo under the MIT licence, it is closed.", None),
        ("You grant us a perpetual licence to your pictures.", None),
        ("It works.", None),
        ("The MIT-licensed React library is used.", None),
        ("The Apache-licensed Kafka client is bundled.", None),
        ("The BSD-licensed parser of Postgres is inside.", None),
        ("An MIT-licensed fork of Redis is inside.", None),
        ("An MIT-licensed tool that reads logs.", "MIT"),
        ("The MIT-licensed Quillbase library is used by 40 firms.", "MIT"),
        ("The MIT-licensed library is small.", "MIT"),
        ("Scans repositories under the GPL for secrets.", None),
        ("Checks code under GPLv3.", None),
        ("Lists models under the MIT licence for review.", None),
        ("Runs under the MIT licence.", "MIT"),
        (
            "Quillbase is GPLv2 or later with Classpath exception.",
            "GPLv2 or later with Classpath exception",
        ),
        (
            "GPLv2 or later with Classpath exception",
            "GPLv2 or later with Classpath exception",
        ),
        (
            "Under the GNU GPL version 2 or later, with the Classpath exception.",
            "GNU GPL version 2 or later, with the Classpath exception",
        ),
    ],
)
def test_a_licence_is_read_where_one_plain_sentence_states_it(
    text: str, licence: str | None
) -> None:
    assert [one.value for one in facts(text).licence] == ([licence] if licence else [])


@pytest.mark.parametrize(
    ("text", "covers"),
    [
        ("The code is MIT and the weights are under CC-BY-4.0.", "weights"),
        ("The client is small and the server stays under the AGPL.", "server"),
        ("The code is documented and is released under the MIT licence.", "code"),
        ("It is quick and is released under the MIT licence.", None),
        ("The Apache-licensed core is open, the cloud part is not.", "core"),
        ("Our MIT-licensed SDK wraps the API.", "SDK"),
    ],
)
def test_a_licence_is_of_the_part_whose_verb_stands_before_it(
    text: str, covers: str | None
) -> None:
    assert [one.covers for one in facts(text).licence] == [covers]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("It costs $9 a month.", "paid"),
        ("It costs $9 a month, with a free plan for one.", "freemium"),
        ("There is a free tier of three meetings.", "freemium"),
        ("It is free under the MIT licence.", "free"),
        ("It is MIT licensed.", None),
        ("It is a sugar-free diary.", None),
        ("It is not free.", None),
        ("It works.", None),
        ("Pictures that you reject are free.", None),
        ("Export to CSV and support by mail are free.", None),
        ("Returns cost nothing.", None),
        ("It costs $9 a month. Exports are free.", "paid"),
        ("Exports are free. There is a free plan.", "freemium"),
        ("Quillbase for up to three people is free.", "freemium"),
        ("Exports are quick, and Quillbase stays free.", "free"),
        ("Use in schools is free.", "free"),
        ("For teachers, Quillbase itself is free.", "freemium"),
        ("It is free of charge for pupils only.", "freemium"),
        ("It is free during the beta.", "freemium"),
        ("It is free for everyone.", "free"),
        ("The community edition is free.", "freemium"),
        ("It is free. Paid plans add a server.", "freemium"),
        ("It is free and shows which bills are paid.", "free"),
        ("It is free as in speech.", None),
        ("The app is free.", "free"),
    ],
)
def test_the_entry_follows_from_prices_and_the_word_free(text: str, entry: str | None) -> None:
    assert value(facts(text).entry) == entry


def test_a_long_sentence_is_quoted_where_it_says_free() -> None:
    text = (
        "It works for teams of any size that keep their plans, lists and letters in one place for all, "
        "and for a firm of three it is free."
    )
    found = facts(text)
    assert found.entry is not None
    assert found.entry.evidence == "and for a firm of three it is free"
    assert found.reason == "It describes something to use."


def test_what_is_not_read_is_not_said_to_be_missing_from_the_text() -> None:
    text = "It works."
    found = facts(text)
    assert found.not_read == FACTS
    tool = completed(found, text)
    assert tool.not_stated == ()
    priced = facts("It costs $9 a month.")
    assert priced.not_read == ("tagline", "category", "vendor", "licence")


SITUATIONS: list[tuple[str, str | None, list[str], list[str]]] = [
    # By 1K tokens.
    ("Input costs $0.0005 per 1K tokens and output costs $0.0015 per 1K tokens.", "paid", [],
     ["input: 0.0005 USD per 1K tokens", "output: 0.0015 USD per 1K tokens"]),
    ("Input is €0.3 per 1k tokens, output is €0.9 per 1k tokens.", "paid", [],
     ["input: 0.3 EUR per 1k tokens", "output: 0.9 EUR per 1k tokens"]),
    # A range.
    ("Prices run $0.95–$3.00 per 1M input tokens, depending on the model.", "paid", [],
     ["input: 0.95 USD per 1M input tokens (up to 3)"]),
    ("A seat costs €8 to €12 per month.", "paid", [], ["seat: 8 EUR per month (up to 12)"]),
    ("A seat costs €8 - €6 per month.", "paid", [], ["seat: 8 EUR per month"]),
    ("A seat costs €8 to €8 per month.", "paid", [], ["seat: 8 EUR per month"]),
    ("A seat costs from €8 to €12 per month.", "paid", [], ["price: 8 EUR per month (up to 12)"]),
    # A count before the price.
    ("There are 3 plans from $49 a month, and 2 seats are in each.", "paid", [],
     ["price: 49 USD per month (from)"]),
    ("Its 4 editions start at £20 a year.", "paid", [], ["price: 20 GBP per year (from)"]),
    # Currencies that share a sign.
    ("In Australia it costs A$29 a month, in Canada CA$25 a month, in India ₹2,499 a month and in "
     "Japan ¥4,500 a month.", "paid", [],
     ["price: 29 AUD per month", "price: 25 CAD per month", "price: 2499 INR per month",
      "price: 4500 JPY per month"]),
    ("It costs NZ$12 a month.", "paid", [], ["price: 12 NZD per month"]),
    ("It costs 49 zł a month.", "paid", [], ["price: 49 PLN per month"]),
    # Cents.
    ("A check is 4¢, and an export costs 25 cents per file.", "paid", [],
     ["check: 0.04 USD", "export: 0.25 USD per file"]),
    # Credits.
    ("The Hobby plan is $16 a month for 3,000 credits, and one page is one credit. More credits are "
     "$9 per 1,000 credits.", "paid", [],
     ["Hobby plan: 16 USD per month (for 3,000 credits)", "More credits: 9 USD per 1,000 credits"]),
    # Conditions.
    ("The Team plan is $12 per seat a month, minimum of 5 seats.", "paid", [],
     ["Team plan: 12 USD per seat a month (minimum of 5 seats)"]),
    ("It costs €40 a month, plus VAT.", "paid", [], ["price: 40 EUR per month (plus VAT)"]),
    ("It costs $10/month billed yearly.", "paid", [], ["price: 10 USD per month (billed yearly)"]),
    ("3 seats for $30 a month.", "paid", [], ["price: 30 USD per 3 seats a month"]),
    ("It costs 300 kr a month.", "paid", [], ["price: 300 kr per month"]),
    ("It costs $99 a month, or $79 a month if you pay yearly.", "paid", [],
     ["price: 99 USD per month", "price: 79 USD per month (if you pay yearly)"]),
    ("It costs $15 per user/month (min. 10 users).", "paid", [],
     ["price: 15 USD per user/month (min. 10 users)"]),
    # Sums of others.
    ("It is free under the MIT licence. The best-known rival charges $10 a month. The tool that we "
     "left wanted an account, an API token and $16.", "free", ["MIT"], []),
    ("It is MIT licensed.\n\n```\n**Balance due:** $50.10\n| Chair | 1 | $48.71 |\n```", None,
     ["MIT"], []),
    # Licences.
    ("It is licensed under the Business Source License 1.1, which turns into Apache 2.0 after four "
     "years.", None, ["BUSL-1.1"], []),
    ("It is a fork of Heronsearch, which moved to the SSPL. Quillbase stays under the Apache 2.0 "
     "licence.", None, ["Apache-2.0"], []),
    ("The code is under the MIT licence. The weights are under CC BY-NC 4.0.", None,
     ["CC-BY-NC-4.0 (weights)", "MIT (code)"], []),
    ("The server is under the AGPLv3. The clients are under the Apache 2.0 licence.", None,
     ["AGPL-3.0 (server)", "Apache-2.0 (clients)"], []),
    ("Code and weights are released under the KESTREL RESEARCH LICENSE.", None,
     ["KESTREL RESEARCH LICENSE (code and weights)"], []),
    ("It reads Apache Kafka topics. It grew out of a thesis at MIT.", None, [], []),
    ("It was built at the MIT Media Lab on Apache Spark.", None, [], []),
    ("It is fully under the AGPLv3 licence.", None, ["AGPL-3.0"], []),
    ("It is GPLv3 licensed.", None, ["GPL-3.0"], []),
    ("License: GPL-3.0-or-later", None, ["GPL-3.0-or-later"], []),
    ("It is dual-licensed under MIT or Apache-2.0.", None, ["MIT OR Apache-2.0"], []),
    ("It is under the Apache License 2.0 with Commons Clause.", None,
     ["Apache-2.0 WITH Commons Clause"], []),
    ("The model weights are under the Llama 3.1 Community License and the code under Apache 2.0.",
     None, ["Llama 3.1 Community License (model weights)", "Apache-2.0 (code)"], []),
    ("The core is under the MIT license; other parts are under a commercial license.", None,
     ["commercial (other parts)", "MIT (core)"], []),
    ("The core is AGPL-3.0; the enterprise folder is under a commercial licence.", None,
     ["commercial (enterprise folder)", "AGPL-3.0 (core)"], []),
    # Licences of parts, and of other things.
    ("The examples are under the MIT licence, the service is closed.", None, ["MIT (examples)"], []),
    ("Its SDK is MIT licensed.", None, ["MIT (SDK)"], []),
    ("Bundled fonts are licensed under the SIL Open Font License.", None,
     ["SIL Open Font License (bundled fonts)"], []),
    ("We release the code and the weights under the Apache 2.0 licence.", None,
     ["Apache-2.0 (code and weights)"], []),
    ("Licence: MIT for the code, CC BY-NC 4.0 for the weights.", None,
     ["CC-BY-NC-4.0 (weights)", "MIT (code)"], []),
    ("## Licence\n\nMIT for the code, CC BY-NC-SA 4.0 for the models.", None,
     ["CC-BY-NC-SA-4.0 (models)", "MIT (code)"], []),
    ("It checks your packages for code under the GPL-3.0 licence.", None, [], []),
    ("Quillbase finds packages licensed under AGPL-3.0.", None, [], []),
    ("It uses ffmpeg, which is under the LGPL licence.", None, [], []),
    ("It is built on Qdrant (Apache 2.0 licence).", None, [], []),
    ("It is open source (MIT licence).", None, ["MIT"], []),
    ("All that you upload is licensed under CC BY 4.0.", None, [], []),
    ("Choose between the MIT licence and the Apache licence in its form.", None, [], []),
    ("It writes a LICENSE.\n\n## Licence\n\nSee LICENSE.", None, [], []),
    ("Notaries are licensed under the Notary License Act.", None, [], []),
    # Licences with an exception.
    ("It is under Apache-2.0 WITH LLVM-exception.", None, ["Apache-2.0 WITH LLVM-exception"], []),
    ("License: Apache-2.0 WITH LLVM-exception OR MIT", None,
     ["Apache-2.0 WITH LLVM-exception OR MIT"], []),
    ("It is GPLv2 with Classpath Exception licensed.", None,
     ["GPL-2.0-with-classpath-exception"], []),
    # Licences that only say which things are meant, and look-alikes that are the tool's.
    ("MIT-licensed code is welcome.", None, [], []),
    ("Apache-2.0 licensed datasets can be imported.", None, [], []),
    ("AGPL-licensed projects need a commercial plan.", None, [], []),
    ("Only MIT-licensed code may be uploaded.", None, [], []),
    ("Bring MIT-licensed code and it answers questions.", None, [], []),
    ("MIT-licensed and GPL-licensed packages are kept apart.", None, [], []),
    ("Repositories under the MIT licence get a discount.", None, [], []),
    ("MIT-licensed vector store for robots.", None, ["MIT"], []),
    ("This MIT-licensed project runs anywhere.", None, ["MIT"], []),
    ("MIT-licensed. Contributions are welcome.", None, ["MIT"], []),
    ("Open source, MIT-licensed, built in Rust.", None, ["MIT"], []),
    ("Code under MIT, weights under CC BY-NC 4.0.", None, ["CC-BY-NC-4.0 (weights)", "MIT (code)"],
     []),
    ("The core is under the MIT licence, plug-ins under Apache 2.0.", None,
     ["MIT (core)", "Apache-2.0 (plug-ins)"], []),
    ("The viewer is under MIT, the fast plug-ins under Apache 2.0.", None,
     ["MIT (viewer)", "Apache-2.0 (fast plug-ins)"], []),
    ("It is MIT licensed for everyone.", None, ["MIT"], []),
    ("Notes app under the MIT licence.", None, ["MIT"], []),
    ("An editor under the MIT licence.", None, ["MIT"], []),
    ("A viewer for maps under the MIT licence.", None, ["MIT"], []),
    ("The fast viewer under the MIT licence.", None, ["MIT (fast viewer)"], []),
    ("Fast plug-ins under the MIT licence.", None, [], []),
    ("Fast code under the MIT licence.", None, ["MIT (fast code)"], []),
    # In brackets behind the tool, and behind something else.
    ("The tool is Quillbase (MIT licence).", None, ["MIT"], []),
    ("It adopts Postgres (MIT licence).", None, [], []),
    ("It talks to a queue (MIT licence).", None, [], []),
    ("It is a box for big screens (MIT licence).", None, [], []),
    ("It is a big red box (MIT licence).", None, ["MIT"], []),
    ("It has Postgres (MIT licence) inside.", None, [], []),
    ("MIT is a school.", None, [], []),
    ("## Setup\n\nMIT is a school.", None, [], []),
    # Licences of other days.
    ("It used to be MIT licensed; from version 3 it is under the BUSL-1.1.", None, ["BUSL-1.1"], []),
    ("Versions before 5 are MIT licensed.", None, [], []),
    ("It will be released under Apache 2.0 next spring.", None, [], []),
    ("We are considering the MIT licence.", None, [], []),
    # Spellings.
    ("It is under the GNU AGPL version 3 or any later version.", None, ["AGPL-3.0-or-later"], []),
    ("License: MIT OR Apache-2.0", None, ["MIT OR Apache-2.0"], []),
    ("It is not open source; the licence is proprietary.", None, ["proprietary"], []),
    ("It runs.\n\n## Licence\n\n[MIT](LICENSE) © the authors", None, ["MIT"], []),
    ("It runs.\n\n## Licence\n\nWe have not decided.", None, [], []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "entry", "licences", "prices"), SITUATIONS)
def test_facts_of_odd_texts_are_right_or_not_read(
    text: str, entry: str | None, licences: list[str], prices: list[str]
) -> None:
    tool = completed(facts(text), text)
    assert tool.entry == entry
    assert [one.text for one in read_licences(tool.licence or "", licence_table())] == licences
    assert [price_line(price) for price in tool.prices] == prices
    assert tool.not_stated == ()
    assert ("prices" in tool.not_read) is not bool(prices)


# Is it a tool


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("We are hiring", "Join us."),
        ("Careers", "We are hiring a senior engineer."),
        ("News", "Acme appoints a head of sales."),
        ("Round B", "Acme raised $30 million in a series B. It goes into hiring."),
    ],
)
def test_adverts_and_news_without_a_product_are_set_aside(name: str, text: str) -> None:
    found = facts(text, name)
    assert not found.is_tool
    assert found.reason == "It reads as an advert or as news."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Hirely", "Hirely sorts applications. We are hiring too."),
        ("Quillbase", "We are hiring. It costs $5 a month."),
        ("Nimbus", "Join us on Discord and chat with your files."),
        ("Jobs", "Find open positions and vacancies near you."),
        ("X", ""),
        ("工具", "本地运行的代码搜索工具"),
    ],
)
def test_a_tool_is_not_set_aside(name: str, text: str) -> None:
    assert facts(text, name).is_tool


def test_of_the_sample_feed_only_the_advert_is_set_aside() -> None:
    if not FEEDS.is_dir():
        pytest.skip("the sample feeds are not beside this checkout")
    items = json.loads((FEEDS / "2026-11-22.json").read_text())["items"]
    aside = [item["id"] for item in items if not facts(item["content_text"], item["title"]).is_tool]
    assert aside == ["rel-hello"]


# Any text


@pytest.mark.parametrize(
    "piece", ["$1,", "is $1, ", "no $1 a seat. ", "not MIT licensed ", "MIT licensed "]
)
def test_a_long_row_of_sums_or_licences_is_read_at_once(piece: str) -> None:
    with guarded(f"{piece!r} over and over"):
        facts(f"The tool keeps notes. {piece * (20_000 // len(piece))}", "Quill")


PIECES = st.sampled_from(
    "$9 a month|MIT licensed|raised $5|We are hiring|Acme Inc|free plan|€|1,|Quillbase is |costs |"
    "one cent a page| per |\n|. |；|９ dollars|\x00|under the |no |`|<!--".split("|")
)  # fmt: skip


@tries(200)
@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join), st.text(max_size=30))
@example("It costs $" + "9" * 400 + ".", "x")
@example("It costs 0.0000000000000001 USD.", "x")
def test_any_text_gives_readable_facts_that_stand_in_it(text: str, name: str) -> None:
    shown = clean(f"name: {name}\n\n{text}").text
    found = facts(text, name)
    assert read_facts(found.model_dump_json()) == ReadFacts(facts=found, unread={})
    for fact in (found.entry, *found.licence, *found.prices):
        assert fact is None or is_verbatim(fact.evidence, shown)
    assert all(0 <= price.amount <= 10**9 for price in found.prices)
