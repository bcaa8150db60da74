import html
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.feed import Entry, lacks_text, make_entry, plain_link
from panel.feeds.markup import TooDeep, hidden_words, plain_text
from panel.screening.original import entry_tool
from tests.hang_guard import guarded

TEXT = "Keeps a Postgres table and a vector index in step, and costs $20 a month for a team of ten."


def entry(**fields: object) -> Entry:
    given_fields = {"id": "rel-1", "title": "Rowboat Sync", "text": TEXT} | fields
    return Entry.model_validate(given_fields)


def test_the_same_tool_under_two_ids_has_one_identity() -> None:
    other = entry(id="tag:x,2026:rel-1", link="https://other.example/", text=f"  {TEXT.upper()}\n")
    assert entry(link="https://rowboat.example/").identity == other.identity


def test_a_changed_text_is_another_identity_with_the_same_origin() -> None:
    old, new = entry(), entry(text=TEXT.replace("$20", "$80"))
    assert old.identity != new.identity
    assert old.origins("f") == new.origins("f")


def test_a_changed_title_is_another_identity() -> None:
    assert entry().identity != entry(title="Rowboat Sync 2").identity


def test_a_text_too_short_to_tell_tools_apart_leaves_it_to_the_link_and_then_the_id() -> None:
    one, two = (entry(text="Fast.", link=f"https://{n}.example/") for n in "ab")
    assert one.identity != two.identity
    assert entry(text="", id="a").identity != entry(text="", id="b").identity
    tracked = entry(text="Fast.", id="z", link="http://A.example?utm_source=x#top")
    assert one.identity == tracked.identity


def test_two_entries_share_an_origin_by_link_though_their_ids_differ() -> None:
    one = entry(id="a", link="https://rowboat.example/")
    two = entry(id="b", link="http://rowboat.example:80?utm_campaign=x")
    assert set(one.origins("f")) & set(two.origins("another feed"))
    assert not set(entry(id="a").origins("f")) & set(entry(id="b").origins("f"))


@pytest.mark.parametrize("id", ["1", "rel-1", "tag:1", "urn:1", "http://", "a:b"])
def test_an_id_that_any_feed_may_give_counts_within_its_feed(id: str) -> None:  # noqa: A002
    one = entry(id=id)
    assert not set(one.origins("one.xml")) & set(one.origins("two.xml"))
    assert one.origins("https://a.example/feed?utm_source=x") == one.origins(
        "http://a.example/feed"
    )


@pytest.mark.parametrize(
    "id",
    [
        "https://a.example/?p=1",
        "tag:a.example,2026-11-22:rel-1",
        "URN:isbn:0451450523",
        "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
    ],
)
def test_an_id_that_only_one_thing_has_joins_over_all_feeds(id: str) -> None:  # noqa: A002
    assert entry(id=id).origins("one.xml") == entry(id=id).origins("two.xml")


@pytest.mark.parametrize(
    ("link", "plain"),
    [
        ("https://A.example/x/?b=1&utm_medium=m&a=2#f", "a.example/x?b=1&a=2"),
        ("http://a.example:80", "a.example"),
        ("http://[::1]:443/", "[::1]"),
        ("http://[", "http://["),
        ("https://a.example/?x=\ud800", "https://a.example/?x=\ud800"),  # half a character
    ],
)
def test_a_link_compares_without_what_does_not_matter(link: str, plain: str) -> None:
    assert plain_link(link) == plain


def test_an_entry_becomes_a_tool() -> None:
    tool = entry_tool(entry(link="https://rowboat.example/", category="Developer Tools"))
    assert (tool.name, tool.description) == ("Rowboat Sync", TEXT)
    assert (tool.url, tool.category) == ("https://rowboat.example/", "Developer Tools")
    assert entry_tool(entry(text="")).description == "Rowboat Sync"


@pytest.mark.parametrize(
    ("text", "lacks"), [("", True), (" ROWBOAT ", True), ("Keeps tables in step.", False)]
)
def test_a_tool_that_is_described_by_its_name_alone_lacks_a_text(text: str, lacks: bool) -> None:
    assert lacks_text(entry_tool(entry(title="Rowboat", text=text))) is lacks


def made(**fields: str | None) -> Entry | None:
    given_fields: dict[str, str | None] = dict.fromkeys(("id", "link", "title", "category"))
    given_fields |= fields
    text = given_fields.pop("text", None) or ""
    return make_entry(
        text=text,
        published=datetime(2026, 11, 22, tzinfo=UTC),
        id=given_fields["id"],
        link=given_fields["link"],
        title=given_fields["title"],
        category=given_fields["category"],
    )


def test_what_an_entry_lacks_is_made_from_what_it_has() -> None:
    bare = made(text="A tool. " * 40)
    assert bare is not None
    assert bare.title.startswith("A tool. A tool.")
    assert len(bare.title) <= 80
    headed = made(text="\nRowboat Sync\n\nIt keeps a table and an index in step.")
    assert headed is not None
    assert headed.title == "Rowboat Sync"
    hidden = made(text="\u200b\n\u200bRowboat Sync\nIt keeps a table and an index in step.")
    assert hidden is not None
    assert hidden.title == "Rowboat Sync"
    linked = made(title="A", link="https://a.example/")
    assert linked is not None
    assert linked.id == linked.link == "https://a.example/"
    assert made(title=" ", text="\u200b") is None


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "/relative", f"https://a.example/{'a' * 500}"]
)
def test_a_link_that_cannot_be_shown_is_left_out(link: str) -> None:
    linked = made(title="A", link=link)
    assert linked is not None
    assert linked.link is None


@given(*(st.none() | st.text(max_size=500) for _ in range(5)))
def test_any_item_is_an_entry_or_none(
    id: str | None,  # noqa: A002 - the feed's own word
    link: str | None,
    title: str | None,
    text: str | None,
    category: str | None,
) -> None:
    found = made(id=id, link=link, title=title, text=text, category=category)
    if found is not None:
        assert len(found.identity) == 32
        assert entry_tool(found).slug


def test_html_is_read_as_a_reader_sees_it() -> None:
    markup = (
        "<h1>Row&shy;boat</h1><p>Costs &lt;$20&gt;,\n  it\u00a0says.<br>Fast<script>steal()</script>"
        "<style>p {}</style><ul><li>one<li>two</ul><!-- hidden > --><a title='>' href=x>link</a>"
        "<table><tr><td>1</td><td>2</td></tr></table> 3 < 4 &#x110000;"
    )
    assert plain_text(markup) == (
        "Row\u00adboat\n\nCosts <$20>, it says.\nFast\n\n- one\n- two\n\nlink\n\n1 2\n\n"
        "3 < 4 \ufffd"
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<script>b", "a"),
        ("a<!-- b", "a"),
        ('a<b title="c>d<p>e', "a"),
        ("a<![CDATA[b]]>c", "ac"),
        ("a</p >b", "a\n\nb"),
        ("<head><title>x</title><body>a", "a"),
        ("a<svg/>b", "ab"),
        ("a<svg><svg></svg>b</svg>c", "ac"),
        ("</script>a", "a"),
        ("<SCRIPT>a</ScRiPt x>b", "b"),
        ("<textarea><b></textarea>", "<b>"),
        ("<", "<"),
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(st.sampled_from("<>/!-\"'= abscript&#x;[]\n"), max_size=300))
def test_no_html_is_too_broken(markup: str) -> None:
    text = plain_text(markup)
    assert text == text.strip()
    assert "\n\n\n" not in text
    hidden_words(markup)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), max_size=100))
def test_escaped_text_comes_back(text: str) -> None:
    assert plain_text(f"<p>{html.escape(text)}</p>") == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<!", "<![CDATA[", "&#", "&", "</", "<br>", "<li>", "<td>a"]
)
def test_hostile_html_is_looked_at_once(piece: str) -> None:
    with guarded(f"the text of {piece!r}"):
        assert len(plain_text(piece * 100_000)) <= len(piece) * 100_000


@pytest.mark.parametrize("piece", ["<a ", '<a "', '<a ">"', "<a '", "<script", "<svg>", "<ul><li>"])
def test_html_with_thousands_of_open_elements_is_refused_at_once(piece: str) -> None:
    with guarded(f"the depth of {piece!r}"), pytest.raises(TooDeep):
        plain_text(piece * 100_000)


def test_thousands_of_elements_that_need_no_end_tag_are_not_deep() -> None:
    text = plain_text("<ul>" + "<li>Row<br>boat <img src=a.png>" * 9_000 + "</ul>")
    assert text.count("- Row\nboat") == 9_000


@pytest.mark.parametrize(
    "markup",
    [
        "<head><title>Rowboat</title><body><p>Keeps a table in step.</p>",
        "<head><svg></head><p>Keeps a table in step.</p>",
        "<script/>alert(1)</script><p>Keeps a <!-- slow --> table in step.</p>",
    ],
)
def test_what_a_head_or_a_comment_left_open_hides_nothing_of_the_text(markup: str) -> None:
    assert plain_text(markup) == "Keeps a table in step."
