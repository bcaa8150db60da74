"""Feeds by kind: what each item becomes, by its structure; names and texts are invented."""

from html import escape
from typing import Any

import pytest

from panel.domain.feed import Entry
from panel.feeds.parse.boilerplate import has_notes, without_labels, without_link_bar
from panel.feeds.parse.item_kinds import OlderReleases, read_kind
from panel.feeds.parse.items import RawItem
from panel.feeds.parse.json_csv_feeds import JsonCsvReader
from panel.feeds.parse.xml_feeds import XmlReader
from panel.feeds.reader import feed_of
from panel.screening.original import entry_tool

NOTES = "<ul><li>A folder of invoices is now read twice as fast.</li><li>No more crashes.</li></ul>"
FORGE = "https://github.com/inkwell-dev/ledgerline"


def read(text: str) -> tuple[Entry, ...]:
    """Return the entries of a feed, as the child and its parent make them."""
    reader: XmlReader | JsonCsvReader = (
        XmlReader(text) if text.lstrip().startswith("<") else JsonCsvReader(text)
    )
    releases = OlderReleases()
    items: list[Any] = [releases.check(read_kind(item, reader.channel)) for item in reader.items()]
    return feed_of(items, {**reader.summary}, source="f").entries


def rss(*items: str, title: str = "Tools of the day", link: str = "https://tools.example/") -> str:
    head = f"<title>{title}</title><link>{link}</link>"
    return f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def item(title: str, link: str = "", html: str = "", more: str = "") -> str:
    linked = f"<link>{link}</link>" if link else ""
    return f"<item><title>{title}</title>{linked}{more}<description>{escape(html)}</description></item>"


def atom(title: str, *entries: str, link: str = "") -> str:
    alternate = f'<link rel="alternate" href="{link}"/>' if link else ""
    inside = f"<title>{title}</title>{alternate}{''.join(entries)}"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{inside}</feed>'


def release(tag: str, html: str = NOTES, title: str = "", at: str = "2026-11-22") -> str:
    return (
        f"<entry><id>tag:github.com,2008:Repository/1/{tag}</id><title>{title or tag}</title>"
        f"<updated>{at}T09:00:00Z</updated>"
        f'<link rel="alternate" href="{FORGE}/releases/tag/{tag.replace("=", "%3D")}"/>'
        f'<content type="html">{escape(html)}</content></entry>'
    )


def named(entry: Entry) -> tuple[str, str | None, str]:
    return entry.title, entry.version, entry.kind


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (atom("Release notes from ledgerline", release("v1.4.0")), ("ledgerline", "v1.4.0")),
        (atom("Release notes from Ledger-Line", release("1.4.0", title="The fast one")),
         ("Ledger-Line", "1.4.0")),
        (atom("Tags from ledgerline", release("b7170")), ("ledgerline", "b7170")),
        (atom("x", release("ledgerline-v2.0")), ("x", "v2.0")),
        (atom("Release notes from ledgerline", release("ledgerline-core==0.3.1")),
         ("ledgerline-core", "0.3.1")),
        (atom("Release notes from ledgerline", release("@inkwell/reader@2.1.0")),
         ("@inkwell/reader", "2.1.0")),
        (rss(item("v3.12.14", "https://gitlab.com/a/b/moth/-/releases/v3.12.14", NOTES)),
         ("moth", "v3.12.14")),
        (rss(item("3.12.14", "https://moth.example/3.12.14", NOTES), title="Papermoth releases"),
         ("Papermoth", "3.12.14")),
        (rss(item("Papermoth 3.5.0", "https://moth.example/2026/11/x/", NOTES), title="Papermoth",
             link="https://moth.example/news/"), ("Papermoth", "3.5.0")),
        (rss(item("cleftnote 2.0.1 is out", "", NOTES), title="What is new: releases"),
         ("cleftnote", "2.0.1")),
    ],
)  # fmt: skip
def test_a_release_is_named_by_its_project_with_its_version_apart(
    feed: str, expected: tuple[str, str]
) -> None:
    (entry,) = read(feed)
    name, version, kind = named(entry)
    if expected[0] == "x":
        expected = ("ledgerline", expected[1])
    assert (name, version, kind) == (*expected, "release")
    assert entry.aside is None
    assert entry.version
    assert entry_tool(entry).description.startswith(f"Version: {entry.version}\n\n- A folder")


def test_two_projects_with_one_version_are_two_tools() -> None:
    other = release("v1.4.0").replace("inkwell-dev/ledgerline", "moth-labs/papermoth")
    other = other.replace("Repository/1/", "Repository/2/")
    first, second = (
        read(atom(f"Release notes from {name}", entry))[0]
        for name, entry in (("ledgerline", release("v1.4.0")), ("papermoth", other))
    )
    assert (first.title, second.title) == ("ledgerline", "papermoth")
    assert first.identity != second.identity
    assert not set(first.origins("a")) & set(second.origins("b"))


def test_versions_of_one_project_are_texts_about_one_tool() -> None:
    feed = "Release notes from ledgerline"
    old, new = (read(atom(feed, release(tag, html)))[0] for tag, html in
                (("v1.4.0", NOTES), ("v1.5.0", NOTES + "<p>It reads scans.</p>")))  # fmt: skip
    assert set(old.origins("a")) & set(new.origins("b"))
    assert old.identity != new.identity


@pytest.mark.parametrize(
    "html",
    [
        "",
        "No content.",
        f"<p><strong>Full Changelog</strong>: <a href='{FORGE}/compare/v1...v2'>v1...v2</a></p>",
        "<p>1.4.1</p>",
    ],
)
def test_a_release_without_notes_is_set_aside_and_the_newest_with_some_is_reviewed(
    html: str,
) -> None:
    feed = atom("Release notes from ledgerline", release("v1.4.1", html), release("v1.4.0"))
    patch, minor = read(feed)
    assert patch.aside == "A release without notes."
    assert minor.aside is None


def test_of_several_releases_of_a_project_the_first_is_reviewed() -> None:
    tags = ("v1.5.0", "v1.4.0", "cli@2.0.0")
    ways = [release(tag, at=f"2026-11-{22 - n}") for n, tag in enumerate(tags)]
    new, old, package = read(atom("Release notes from ledgerline", *ways))
    assert new.aside is None
    assert old.aside == "An older release: v1.5.0 comes first."
    assert (package.title, package.aside) == ("cli", None)


@pytest.mark.parametrize(
    ("title", "link", "expected"),
    [
        ("Ledger-Line added to PyPI", "https://packages.example/project/ledger-line/",
         ("Ledger-Line", None)),
        ("newpkg added to PyPI", "", ("newpkg", None)),
        ("ledgerline 1.2.3", "https://packages.example/project/ledgerline/1.2.3/",
         ("ledgerline", "1.2.3")),
        ("1.2.3", "https://packages.example/project/ledgerline/1.2.3/", ("ledgerline", "1.2.3")),
        ("@inkwell/reader@2.0.1", "https://registry.example/package/@inkwell/reader",
         ("@inkwell/reader", "2.0.1")),
        ("reader", "https://registry.example/package/reader/v/3.0.0", ("reader", "3.0.0")),
        ("moth/paper (1.0.2)", "https://packages.example/packages/moth/paper", ("moth/paper", "1.0.2")),
        ("New crate: cleft v0.1.0", "https://crates.example/crates/cleft", ("cleft", "v0.1.0")),
    ],
)  # fmt: skip
def test_a_package_is_named_by_its_page(
    title: str, link: str, expected: tuple[str, str | None]
) -> None:
    (entry,) = read(rss(item(title, link, "Checks invoices.")))
    assert named(entry) == (*expected, "package")
    assert entry.aside is None
    assert entry.text == "Checks invoices."


def test_a_page_of_a_project_is_no_package_where_its_title_says_more() -> None:
    (entry,) = read(
        rss(item("Ledgerline: checks invoices", "https://l.example/project/ledgerline"))
    )
    assert named(entry) == ("Ledgerline: checks invoices", None, "entry")


COMMENTS = "https://news.ycombinator.com/item?id=1"
LABELS = (
    "<hr><p>Article URL: <a href='https://ledgerline.example/'>https://ledgerline.example/</a></p>"
    f"<p>Comments URL: <a href='{COMMENTS}'>{COMMENTS}</a></p><p>Points: 5</p><p># Comments: 2</p>"
)


@pytest.mark.parametrize(
    ("title", "html", "name", "text"),
    [
        ("Show HN: Ledgerline – check invoices (2026)", "<p>Hi HN.</p>" + LABELS, "Ledgerline",
         "check invoices\n\nHi HN."),
        ("Launch HN: Papermoth (YC W26) – scans to text", LABELS, "Papermoth", "scans to text"),
        ("Show HN: I wrote a tool that checks invoices", LABELS,
         "I wrote a tool that checks invoices", ""),
    ],
)  # fmt: skip
def test_what_is_shown_on_hacker_news_is_a_tool(
    title: str, html: str, name: str, text: str
) -> None:
    guid = f'<guid isPermaLink="false">{COMMENTS}</guid>'
    feed = rss(
        item(title, "https://ledgerline.example/", html, guid), link="https://news.ycombinator.com/"
    )
    (entry,) = read(feed)
    assert (entry.title, entry.kind, entry.aside) == (name, "launch", None)
    assert entry.text == text
    assert entry.link == "https://ledgerline.example/"


@pytest.mark.parametrize(
    ("title", "link", "aside"),
    [
        ("Why tables won", "https://blog.example/tables", "A linked article, not a tool."),
        ("Ask HN: How do you check invoices?", COMMENTS, "A discussion, not a tool."),
        ("Ledgerline: Check invoices", FORGE, None),
    ],
)
def test_what_is_talked_about_on_hacker_news_is_none_but_for_code(
    title: str, link: str, aside: str | None
) -> None:
    html = f'<a href="{COMMENTS}">Comments</a>'
    (entry,) = read(rss(item(title, link, html), link="https://news.ycombinator.com/"))
    assert entry.aside == aside
    assert "Comments" not in entry.text


def test_product_hunt_has_a_name_a_tagline_and_no_links() -> None:
    bar = '<p><a href="https://a.example/1">Discussion</a> | <a href="https://a.example/2">Link</a></p>'
    entries = "".join(
        f"<entry><id>tag:www.producthunt.com,2005:Post/{n}</id><title>{title}</title><link "
        f'href="https://www.producthunt.com/products/{n}"/><content type="html">{escape(html)}'
        "</content></entry>"
        for n, (title, html) in enumerate(
            [("Ledgerline", f"<p> Check invoices </p>{bar}"), ("Papermoth – Scans to text", bar)]
        )
    )
    first, second = read(atom("Product Hunt — The best new products", entries))
    assert (first.title, first.text, first.kind) == ("Ledgerline", "Check invoices", "launch")
    assert (second.title, second.text) == ("Papermoth", "Scans to text")


def test_a_post_of_reddit_has_no_submitter_and_leads_where_it_points_to() -> None:
    post = "https://www.reddit.com/r/tools/comments/abc/x/"
    html = (
        '<!-- SC_OFF --><div class="md"><p>I wrote it.</p></div><!-- SC_ON --> submitted by <a '
        'href="https://www.reddit.com/user/foo">/u/foo</a> <br/> <span><a href="{}">[link]</a></span>'
        f' <span><a href="{post}">[comments]</a></span>'
    )
    titled = "[Show] Ledgerline: check invoices"
    outside, own = read(
        rss(item(titled, post, html.format(FORGE)), item("A question", post, html.format(post)))
    )
    assert (outside.title, outside.kind, outside.link) == ("Ledgerline", "post", FORGE)
    assert outside.text == "check invoices\n\nI wrote it."
    assert (own.title, own.link, own.text) == ("A question", post, "I wrote it.")


def test_a_paper_is_set_aside_unless_it_links_a_tool() -> None:
    head = "arXiv:2611.00001v1 Announce Type: new\nAbstract: "
    with_code, without, doi = read(
        rss(
            item("Ledgerline: Checking invoices (arXiv:2611.00001v1 [cs.CL])",
                 "https://arxiv.org/abs/2611.00001", f"{head}We check invoices. Code: {FORGE}."),
            item("On invoices", "https://arxiv.org/abs/2611.00002", f"{head}We think."),
            item("On money", "https://journal.example/1", "We count.",
                 '<dc:identifier xmlns:dc="http://purl.org/dc/elements/1.1/">doi:10.1/x</dc:identifier>'),
        )
    )  # fmt: skip
    assert (with_code.title, with_code.link, with_code.aside) == ("Ledgerline", FORGE, None)
    assert with_code.text.startswith("We check invoices.")
    assert without.aside == doi.aside == "A paper, not a tool."
    assert without.text == "We think."


@pytest.mark.parametrize(
    "shown",
    [
        item("Episode 12", "https://cast.example/12", "We talk.",
             '<enclosure url="https://cast.example/12.mp3" type="audio/mpeg" length="1"/>'),
        item("Talk", "https://www.youtube.com/watch?v=1", "We talk."),
        item("Episode 13", "https://cast.example/13", "We talk.",
             '<itunes:duration xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">9:00'
             "</itunes:duration>"),
    ],
)  # fmt: skip
def test_an_episode_is_set_aside(shown: str) -> None:
    (entry,) = read(rss(shown))
    assert (entry.kind, entry.aside) == ("episode", "An episode or a video, not a tool.")


BYLINE = '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">A. Writer</dc:creator>'


@pytest.mark.parametrize(
    ("feed", "link", "more", "is_news"),
    [
        ("The Paper News", "https://paper.example/news/minister", "", True),
        ("The Paper", "https://paper.example/us-news/2026/nov/22/minister", "", True),
        ("The Paper", "https://paper.example/x", f"<category>News</category>{BYLINE}", True),
        ("Ledgerline", "https://ledgerline.example/news/ledgerline-reads-scans", "", False),
        ("Ledgerline Blog", "https://ledgerline.example/2026/11/22/scans/", BYLINE, False),
        ("New AI tools, daily", "https://tools.example/papermoth", "", False),
    ],
)
def test_an_article_is_set_aside_by_two_signs_and_not_by_one(
    feed: str, link: str, more: str, is_news: bool
) -> None:
    (entry,) = read(rss(item("Ledgerline reads scans", link, "It does.", more), title=feed))
    assert (entry.kind == "news") is is_news
    assert bool(entry.aside) is is_news


def test_a_commit_or_an_issue_is_no_release() -> None:
    links = (f"{FORGE}/commit/abc", f"{FORGE}/issues/1", f"{FORGE}/discussions/2")
    entries = read(rss(*(item("Fix it", link, "A fix.") for link in links)))
    assert {entry.kind for entry in entries} == {"post"}
    assert all(entry.aside for entry in entries)


@pytest.mark.parametrize(
    "nested",
    [
        "<author><title>Dr</title><name>A. Writer</name></author>",
        "<image><title>Logo</title><link>https://other.example/</link></image>",
        '<media:content xmlns:media="http://search.yahoo.com/mrss/"><media:title>Shot</media:title>'
        "</media:content>",
        '<media:title xmlns:media="http://search.yahoo.com/mrss/">Shot</media:title>',
        "<source url='https://other.example/'><title>Other</title></source>",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_only_the_children_of_an_item_name_it(nested: str, first: bool) -> None:
    own = "<title>Ledgerline</title><link>https://l.example/</link>"
    inside = f"{nested}{own}" if first else f"{own}{nested}"
    (entry,) = read(rss(f"<item>{inside}<description>It checks.</description></item>"))
    assert (entry.title, entry.link, entry.text) == (
        "Ledgerline",
        "https://l.example/",
        "It checks.",
    )


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("", "/t/x", "https://tools.example/t/x"),
        ("", "t/x", "https://tools.example/t/x"),
        ("", "//l.example/", "https://l.example/"),
        (' xml:base="https://b.example/y/"', "x", "https://b.example/y/x"),
        ("", "javascript:alert(1)", None),
        ("", "http://[::1", None),
    ],
)
def test_a_relative_link_is_resolved(base: str, link: str, expected: str | None) -> None:
    text = rss(item("Ledgerline", link, "It checks.")).replace("<item>", f"<item{base}>")
    (entry,) = read(text)
    assert entry.link == expected


def test_the_longest_text_of_a_json_feed_counts() -> None:
    feed = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "home_page_url": '
        '"https://tools.example/", "items": [{"id": "1", "url": "/a", "title": "Ledgerline", '
        '"summary": "Short.", "content_html": "<p>A <b>longer</b> text.</p>"}, '
        '{"title": "Papermoth", "content_text": "The longest of its texts.", "summary": "No."}, '
        '{"title": "Cast", "attachments": [{"mime_type": "audio/mpeg"}]}]}'
    )
    first, second, third = read(feed)
    assert (first.text, first.link) == ("A longer text.", "https://tools.example/a")
    assert second.text == "The longest of its texts."
    assert third.kind == "episode"


def test_one_guid_for_all_items_makes_no_one_of_them() -> None:
    texts = ("checks invoices", "reads scans", "writes notes")
    same = "<guid isPermaLink='false'>post</guid>"
    items = [item(f"T{n}", f"https://t{n}.example/", t, same) for n, t in enumerate(texts)]
    assert len({entry.identity for entry in read(rss(*items))}) == 3


def test_a_guid_and_a_link_that_change_make_no_other_tool() -> None:
    text = "Ledgerline checks a folder of invoices against a bank export on your own machine."
    one, two = (
        read(rss(item("Ledgerline", f"https://l.example/{n}", text, f"<guid>{n}</guid>")))[0]
        for n in "ab"
    )
    assert one.identity == two.identity


@pytest.mark.parametrize(
    ("text", "html", "left"),
    [
        ("It checks.\n\nDiscussion | Link", "<a>x</a><a href=1>Discussion</a><a href=2>Link</a>",
         "It checks."),
        ("It checks. Read more", "<a href=1>Read more</a>", "It checks. Read more"),
        ("It checks.\n\nRead more", "<a href=1>Read more</a>", "It checks."),
        ("See docs and prices", "<a href=1>docs</a> and <a href=2>prices</a>",
         "See docs and prices"),
        ("Comments", "<a href=1>Comments</a>", ""),
    ],
)  # fmt: skip
def test_a_bar_of_links_is_no_text(text: str, html: str, left: str) -> None:
    assert without_link_bar(text, html) == left


def test_labels_at_the_end_are_no_text_and_others_are() -> None:
    labels = (
        "Article URL: https://a.example/ Comments URL: https://b.example/ Points: 5 # Comments: 2"
    )
    assert without_labels(f"It checks.\n\n{labels}") == "It checks."
    assert without_labels(labels) == ""
    assert without_labels("Price: 20\nIt checks.") == "Price: 20\nIt checks."


def test_notes_are_words_and_no_links_names_or_numbers() -> None:
    assert has_notes("Fixed a crash on empty files of invoices")
    assert not has_notes("Full Changelog: https://a.example/compare/v1...v2 by @bot in #12, 1.2.3")


@pytest.mark.parametrize(
    "piece",
    ["submitted by ", "A: 1 ", "Points: 5 ", "arXiv:a ", "[a]", "(a)", " - ", "1.", "v1.2-", "@a/",
     "https://a.example/ ", "/", "releases ", "Show HN: ", f"x{' ' * 60_000}", "x" + "\n" * 60_000],
)  # fmt: skip
def test_hostile_items_are_looked_at_once(piece: str) -> None:
    long = piece * (190_000 // len(piece))
    for link in (COMMENTS, "https://arxiv.org/abs/1", "https://www.reddit.com/r/a", f"{FORGE}/x"):
        item = RawItem("item 1", id=long, link=link, title=long, text=long, html="<a href=x>y</a>")
        assert read_kind(item, XmlReader(atom(long[:5000])).channel)["kind"]
