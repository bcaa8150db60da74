"""A tool knows what it lacks, how it is filed and what its reviewers see."""

import pytest
from pydantic import ValidationError

from panel.domain.tool import Tool, bare_name, price_line, slugify
from tests.factories import DESCRIPTION, a_price, a_tool


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Mistral 8x24B", "mistral-8x24b"),
        ("  Crème brûlée!  ", "creme-brulee"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "tool-5ec1f7"),
        ("東京", "tool-130016"),
        ("写作", "tool-030fdb"),
        ("C++", "c-cedb1b"),
        ("C#", "c-951a4d"),
        ("C", "c"),
        ("🚀🚀", "tool-6708b2"),
        ("हिन्दी", "tool-9ddb12"),
        ("日本語 App", "app-b9ac2d"),
        ("Foo | Bar & Co", "foo-bar-co"),
        ("CON", "tool-con"),
        ("nul", "tool-nul"),
        ("Lpt9", "tool-lpt9"),
        ("console", "console"),
        ("a" * 60, "a" * 60),
        ("a" * 99, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-132844"),
        ("a" * 52 + " b" * 9, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-cc1040"),
        ("½", "1-2-cbd6d3"),
        ("ﬁle", "file"),
        ("Mistral—Large：2", "mistral-large-2"),
        ("Quill\u200bbase\u202e", "quillbase"),
        ("Straße", "strasse"),
        ("℡\ud800", "tel"),
        ("!!!", "tool-e84c53"),
        ("a/b\\c:d", "a-b-c-d"),
        ("-", "tool-3973e0"),
    ],
)
def test_a_name_is_filed_under_letters_digits_and_dashes(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Notion AI", "notion-ai", True),
        ("Cafe\u0301", "CAFÉ", True),
        ("Quill\u200bbase", "Quillbase", True),
        ("C++", "C#", False),
        ("Copilot", "Copilot+", False),
        ("Just name!", "Just Name", False),
        ("हिन्दी", "हन्द", False),
        ("--", "---", False),
    ],
)
def test_two_names_are_of_one_tool_where_only_spaces_hyphens_and_capitals_differ(
    one: str, other: str, *, same: bool
) -> None:
    assert (bare_name(one) == bare_name(other)) is same


def test_names_that_differ_beyond_their_slug_have_slugs_of_their_own() -> None:
    names = ("写作", "翻译", "C++", "C#", "C", "Q*", "Q", "🚀", "🚁", "a" * 61, "a" * 62)
    assert len({slugify(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "name", ["\x00", " \u200b\u2060 ", "\u202e\x07", "<|im_start|>", "\U000e0041"]
)
def test_a_name_of_which_cleaning_leaves_nothing_is_no_name(name: str) -> None:
    with pytest.raises(ValidationError, match="it has nothing that can be read"):
        Tool(name=name, description="It keeps notes.")
    assert Tool(name=f"Q{name}", description="It keeps notes.").name.startswith("Q")
    recorded = a_tool().model_copy(update={"name": name.strip()})
    assert Tool.model_validate_json(recorded.model_dump_json()) == recorded


def test_a_tool_is_filed_under_its_name() -> None:
    assert a_tool("Mistral 8x24B").slug == "mistral-8x24b"


def test_a_tool_lacks_what_was_neither_given_nor_looked_for() -> None:
    bare = Tool(name="Q", description="D")
    assert bare.lacks() == ("tagline", "category", "vendor", "entry", "prices", "licence")
    assert a_tool().lacks() == ()
    assert a_tool(vendor=None, prices=(), not_stated=("prices",)).lacks() == ("vendor",)


def test_reviewers_see_the_fields_that_were_given_above_the_description() -> None:
    tool = a_tool(url="https://q.example", description="\nIt keeps notes.\n")
    assert tool.as_shown() == (
        "name: Quillbase\n"
        "tagline: Notes in plain files\n"
        "category: Productivity\n"
        "vendor: Quill Works\n"
        "url: https://q.example\n"
        "entry: paid\n"
        "licence: MIT\n"
        "price: team: 9 USD per seat and month\n"
        "\n"
        "It keeps notes."
    )


def test_reviewers_do_not_see_what_intake_read() -> None:
    read = a_tool(evidence={"vendor": "Quill Works", "prices": "costs 9 dollars"})
    assert "vendor" not in read.as_shown()
    assert "price" not in read.as_shown()
    assert Tool(name="Q", description="D").as_shown() == "name: Q\n\nD"


def test_what_others_wrote_is_screened_field_by_field() -> None:
    assert a_tool(url="u").screened() == {
        "tagline": "Notes in plain files",
        "category": "Productivity",
        "vendor": "Quill Works",
        "url": "u",
        "licence": "MIT",
        "description": DESCRIPTION,
        "price 1": "team: 9 USD per seat and month",
    }
    assert Tool(name="Q", description="D").screened() == {"description": "D"}


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("9", "9"),
        ("9.00", "9"),
        ("12.50", "12.5"),
        ("1E+3", "1000"),
        ("0.000000000001", "0.000000000001"),
    ],
)
def test_an_amount_is_shown_plainly(amount: str, shown: str) -> None:
    assert price_line(a_price("a", amount)) == f"a: {shown} USD per seat and month"


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1E+10", "1E-13", "1E-999999"])
def test_an_amount_that_no_price_has_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError, match="amount"):
        a_price(amount=amount)


@pytest.mark.parametrize("currency", ["usd", "EURO", "$", ""])
def test_a_currency_is_its_iso_code(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        a_price(currency=currency)
