"""Facts by rules: only what stands in the text, each with its passage."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.checklist.fact_rules import find_facts
from panel.checklist.price_rules import NO_UNIT, find_prices
from panel.checklist.sentences import read_sentences
from panel.domain.grounding import is_verbatim
from panel.domain.intake import Facts, ReadFacts, complete_tool, read_facts
from panel.domain.pricing import read_pricing
from panel.domain.tool import Tool
from tests.conftest import CHECKOUT

FEEDS = CHECKOUT.parent / "shared" / "data" / "feeds"


def facts(description: str, name: str = "Quillbase") -> Facts:
    return find_facts(read_sentences(f"name: {name}\n\n{description}"))


def value(found: Any) -> Any:
    return None if found is None else found.value


def prices(description: str) -> list[tuple[str, float, str, str]]:
    found = find_prices(read_sentences(f"name: Quillbase\n\n{description}"))
    return [(price.label, price.amount, price.currency, price.unit) for price in found]


# --- prices


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It is a paid service at $12 per seat a month.", ("paid service", 12, "USD", "seat a month")),
        ("It costs $49 once, with updates.", ("price", 49, "USD", "once")),
        ("One licence costs $49 once.", ("licence", 49, "USD", "once")),
        ("Then $0.40 per 100,000 rows a month.", ("price", 0.4, "USD", "100,000 rows a month")),
        ("It charges $4 per 100k rows monthly beyond it.", ("price", 4, "USD", "100K rows a month")),
        ("It costs $20 per million tokens.", ("price", 20, "USD", "1M tokens")),
        ("It costs $2 per 10 million tokens.", ("price", 2, "USD", "10M tokens")),
        ("It costs $2 per hundred pages.", ("price", 2, "USD", "100 pages")),
        ("Plans start at 29 euros a month for 50 pictures.", ("price", 29, "EUR", "month")),
        ("You need the Team plan at 99 euros.", ("Team plan", 99, "EUR", NO_UNIT)),
        ("9 dollars per hundred posted reviews, paid.", ("price", 9, "USD", "100 posted reviews")),
        ("Private projects cost $19/month.", ("Private projects", 19, "USD", "month")),
        ("It is €1.200,50 net.", ("price", 1200.5, "EUR", NO_UNIT)),
        ("It is EUR 1,200 a year.", ("price", 1200, "EUR", "year")),
        ("It is 1200 CHF yearly.", ("price", 1200, "CHF", "year")),
        ("It is 4,50 € / user / month.", ("price", 4.5, "EUR", "user a month")),
        ("Forty cents for each page.", ("price", 0.4, "USD", "page")),
        ("One million contacts for $99.", ("price", 99, "USD", "One million contacts")),
        ("Everything for $12/mo.", ("price", 12, "USD", "month")),
        ("$12 for the Pro plan.", ("Pro plan", 12, "USD", NO_UNIT)),
        ("It was built for teams, $5 a month.", ("price", 5, "USD", "month")),
        ("It is £5.", ("price", 5, "GBP", NO_UNIT)),
    ],
)  # fmt: skip
def test_a_price_has_its_amount_currency_unit_and_label(
    text: str, wanted: tuple[str, float, str, str]
) -> None:
    assert prices(text) == [wanted]


def test_input_and_output_prices_are_told_apart_and_can_be_computed_with() -> None:
    text = "Input costs $20 per million tokens and output $80 per million tokens."
    found = facts(text)
    assert [(p.label, p.unit) for p in found.prices] == [
        ("input", "1M tokens"),
        ("output", "1M tokens"),
    ]
    tool = complete_tool(
        Tool(name="Quillbase", description=text), ReadFacts(facts=found, unread={}), text
    )
    assert read_pricing(tool).months[0].amount == 80


@pytest.mark.parametrize(
    "text",
    [
        "Acme raised $30 million.",
        "It saves $200 a month.",
        "It is worth $5.",
        "It has 50 pictures and 8% more.",
        "There are no prices.",
        "It costs $99999999999.",
        "It was $5.",
        "It weighs two pounds.",
        "It runs on a $35 Raspberry Pi.",
        "It needs a $600 laptop.",
        "Doing this by hand would cost $200 an hour.",
        "Our users spend $40 a month on pictures.",
        "It turns $1 into $3.",
        "There is a bug bounty of $500.",
        "It reads invoices above $10,000.",
        "It used to cost $20.",
        "New users get $10 in credits.",
        "There is $5 off in May.",
        "A spending cap of $50 protects you.",
    ],
)
def test_sums_that_are_no_price_are_left_out(text: str) -> None:
    assert prices(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Unlike Slack, Quillbase costs $4 a month.", [("price", 4, "USD", "month")]),
        ("The Team plan is 99 euros.", [("Team plan", 99, "EUR", NO_UNIT)]),
        ("It does one thing for $5.", [("price", 5, "USD", NO_UNIT)]),
        ("It costs $5 a month, less than Slack at $8.", [("price", 5, "USD", "month")]),
        ("Where others charge $30, we ask $5 a month.", [("price", 5, "USD", "month")]),
        ("It replaces a $300 scanner and costs $20.", [("price", 20, "USD", NO_UNIT)]),
        ("Slack costs $8 a month, Quillbase costs $4.", [("price", 4, "USD", NO_UNIT)]),
        ("It is cheaper than Notion: $4 a month.", [("price", 4, "USD", "month")]),
        ("At $4 a month it is cheaper than Slack at $8.", [("price", 4, "USD", "month")]),
        ("Quillbase charges $4 per call.", [("price", 4, "USD", "call")]),
        ("It's $8 a month.", [("price", 8, "USD", "month")]),
        ("The price is $15 per user per month.", [("price", 15, "USD", "user a month")]),
        ("$20 for an app that reads mail.", [("price", 20, "USD", NO_UNIT)]),
        ("It costs $5, an honest sum.", [("price", 5, "USD", NO_UNIT)]),
        ("Seats cost $8 each and that is all.", [("Seats", 8, "USD", NO_UNIT)]),
        ("Transcription costs $0.10 a minute.", [("Transcription", 0.1, "USD", "minute")]),
        ("Get the $9 Solo plan.", [("price", 9, "USD", NO_UNIT)]),
        ("Costs no more than $20 a month.", [("price", 20, "USD", "month")]),
        ("The Quillbase Pro costs $20.", [("Pro", 20, "USD", NO_UNIT)]),
        (
            "Pro: $12/mo; Team: $30/mo.",
            [("Pro", 12, "USD", "month"), ("Team", 30, "USD", "month")],
        ),
        (
            "Pro is $12 per seat a month, Business $20.",
            [("Pro", 12, "USD", "seat a month"), ("Business", 20, "USD", NO_UNIT)],
        ),
        (
            "The hosted version is free up to 100,000 rows and then $0.40 per 100,000 rows a month.",
            [("hosted version", 0.4, "USD", "100,000 rows a month")],
        ),
        ("The thing that you asked us for here costs $5.", [("price", 5, "USD", NO_UNIT)]),
        (
            "A most-extraordinarily-well-upholstered-armchair costs $5.",
            [("price", 5, "USD", NO_UNIT)],
        ),
    ],
)
def test_a_label_and_a_unit_are_given_only_where_words_bind_them_to_the_price(
    text: str, wanted: list[tuple[str, float, str, str]]
) -> None:
    assert prices(text) == wanted


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
        "Versus $99 for Photoshop, it is free.",
        "The market leader asks $15 a seat.",
        "Competitors start at $30 a month.",
        "While Otter is $17 a month, Quillbase has no price.",
        "It costs less than Slack ($8).",
        "Other tools charge $30 a month.",
        "You forget the $8 that Slack charges.",
        "Slack costs $8 a month, Quillbase nothing.",
        "Quillbase is free, but Slack costs $8 a month.",
        "Like Slack at $8 a month, it keeps a log.",
        "Notion and Slack at $8 a month are dearer; it is free.",
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


# --- licence, entry, vendor


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("It is MIT licensed.", "MIT"),
        ("Released under the MIT license.", "MIT"),
        ("The proxy is open source (Apache-2.0).", "Apache-2.0"),
        ("The weights are under the Apache 2.0 licence.", "Apache-2.0"),
        ("AGPL-3.0 for the server.", "AGPL-3.0"),
        ("It is GPLv3.", "GPL"),
        ("Open source (BSD-3-Clause).", "BSD"),
        ("Under the MPL 2.0.", "MPL-2.0"),
        ("It is proprietary software.", "proprietary"),
        ("licence proprietary", "proprietary"),
        ("Licence: proprietary.", "proprietary"),
        ("The code is proprietary.", "proprietary"),
        ("It reads a format which is proprietary.", None),
        ("It is proprietary formats that it reads.", None),
        ("licence MIT", "MIT"),
        ("It is open source.", "open source"),
        ("It is not open source.", None),
        ("You grant us a perpetual licence to your pictures.", None),
        ("Mit Vergnügen.", None),
        ("It works.", None),
    ],
)
def test_a_licence_is_named_only_where_it_stands(text: str, licence: str | None) -> None:
    assert value(facts(text).licence) == licence


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("It costs $9 a month.", "paid"),
        ("It costs $9 a month, with a free plan for one.", "freemium"),
        ("It is open source (MIT); hosting is $9 a month.", "freemium"),
        ("It is proprietary software for $9.", "paid"),
        ("Contact sales for pricing.", "contact"),
        ("There is a free tier of three meetings.", "freemium"),
        ("It is free for now; pricing will be announced.", "free"),
        ("It comes with a paid plan.", "paid"),
        ("It is MIT licensed.", "free"),
        ("It is a sugar-free diary.", None),
        ("It works.", None),
    ],
)
def test_the_entry_follows_from_prices_words_and_licence(text: str, entry: str | None) -> None:
    assert value(facts(text).entry) == entry


@pytest.mark.parametrize(
    ("text", "vendor"),
    [
        ("Mistral AI has put out the weights of a model.", "Mistral AI"),
        ("It was built by the team Quill & Sons in a year.", "Quill & Sons"),
        ("Buy it from Broth GmbH.", "Broth GmbH"),
        ("Quillbase has launched an app.", None),
        ("It has released an app made by You.", None),
        ("It works.", None),
    ],
)
def test_a_vendor_is_named_only_where_the_text_says_so(text: str, vendor: str | None) -> None:
    assert value(facts(text).vendor) == vendor


# --- tagline, category, open points


@pytest.mark.parametrize(
    ("text", "tagline"),
    [
        ("Quillbase is a note app for teams. It is old.", "note app for teams"),
        ("Quillbase, once Quill, is now the app for notes.", "app for notes"),
        ("It is an app.", "app"),
        ("Gate sits between two tools.", "Gate sits between two tools"),
        (
            "Quillbase is a tool and a library that keeps the names of all rooms and the doors of a "
            "house in step.",
            "tool and a library that keeps the names of all rooms and the doors of a house in step",
        ),
        (
            "Quillbase is a tool for the rooms of the house, their doors and the windows and then "
            "for all of the stairs and cellars.",
            "tool for the rooms of the house",
        ),
        (
            "Quillbase is a tool for all rooms of a house that counts the doors and the windows and "
            "then all of the stairs and cellars.",
            "tool for all rooms of a house",
        ),
        (
            "Quillbase is a tool for all rooms and doors and windows and stairs and cellars and "
            "attics and gardens and gates and sheds of a house.",
            "tool for all rooms and doors and windows and stairs and cellars and attics and gardens "
            "and gates and sheds …",
        ),
    ],
)
def test_a_tagline_is_the_core_of_the_first_sentence_and_ends_where_sense_does(
    text: str, tagline: str
) -> None:
    found = facts(text).tagline
    assert found is not None
    assert found.value == tagline
    assert is_verbatim(found.value.removesuffix(" …"), text)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("It transcribes speech.", "Audio"),
        ("It makes product pictures from a phone photo.", "Images"),
        ("It writes meeting notes.", "Productivity"),
        ("A Python library and an API.", "Developer Tools"),
        ("It blocks attacks on an API.", "Security"),
        ("It works.", None),
    ],
)
def test_a_category_is_the_one_with_most_words(text: str, category: str | None) -> None:
    assert value(facts(text).category) == category


def test_open_points_are_what_the_text_does_not_mention() -> None:
    assert facts("It works.").open_points[:2] == (
        "an API or other interface",
        "measured results",
    )
    told = facts(
        "It is MIT licensed, has an API and costs $9 a month. Median delay is 3 ms. It does not "
        "support MySQL. Export is one command. Data is stored on your server; see the changelog."
    )
    assert told.open_points == ()
    assert all(len(point.split()) <= 6 for point in facts("It works.").open_points)


def test_a_fact_that_is_not_stated_is_no_open_point_as_well() -> None:
    text = "It works."
    tool = complete_tool(
        Tool(name="Quillbase", description=text), ReadFacts(facts=facts(text), unread={}), text
    )
    assert {"prices", "licence"} <= set(tool.not_stated)
    assert not {"price", "prices", "licence"} & set(tool.open_points)


# --- is it a tool


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("We are hiring", "Join us.", "job advert"),
        ("Designer wanted", "Send us your CV.", "job advert"),
        ("News", "Acme appoints a head of sales.", "news or opinion"),
        (
            "Round B",
            "Acme raised $30 million in a series B. It goes into hiring.",
            "news or opinion",
        ),
        ("Careers", "We are hiring a senior engineer.", "job advert"),
    ],
)
def test_adverts_and_news_without_a_product_are_set_aside(
    name: str, text: str, reason: str
) -> None:
    found = facts(text, name)
    assert not found.is_tool
    assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Hirely", "Hirely sorts applications. We are hiring too."),
        ("Quillbase", "Quillbase is a note app. Acme acquired it. Join us."),
        ("Quillbase", "Join us. It costs $5 a month."),
        ("Quillbase", "Join us. `pip install quillbase`."),
        ("Thing", "Thing."),
        ("Nimbus", "Chat with your files. Join us on Discord."),
        ("Nimbus", "Join us on Discord and chat with your files."),
        ("Nimbus", "Practice your interview with an AI, before the conference in May."),
        ("Nimbus", "Nimbus, acquired by Acme, chats with your files."),
        ("Jobs", "Find open positions and vacancies near you."),
        ("X", ""),
        ("工具", "本地运行的代码搜索工具"),
    ],
)
def test_a_tool_is_never_set_aside(name: str, text: str) -> None:
    assert facts(text, name).is_tool


def test_of_the_sample_feed_only_the_advert_is_set_aside() -> None:
    if not FEEDS.is_dir():
        pytest.skip("the sample feeds are not beside this checkout")
    items = json.loads((FEEDS / "2026-11-22.json").read_text())["items"]
    aside = [item["id"] for item in items if not facts(item["content_text"], item["title"]).is_tool]
    assert aside == ["rel-hello"]


# --- any text

PIECES = st.sampled_from(
    "$9 a month|MIT licensed|raised $5|We are hiring|Acme Inc|free plan|€|1,|Quillbase is a |"
    "one cent a page| per |\n|. |；|９ dollars|\x00".split("|")
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join), st.text(max_size=30))
def test_any_text_gives_readable_facts_that_stand_in_it(text: str, name: str) -> None:
    shown = f"name: {name}\n\n{text}"
    found = find_facts(read_sentences(shown))
    assert read_facts(found.model_dump_json()) == ReadFacts(facts=found, unread={})
    single = (found.tagline, found.category, found.vendor, found.entry, found.licence)
    for fact in (*single, *found.prices):
        assert fact is None or is_verbatim(fact.evidence, shown)
