import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest

from panel.app.sources import fetch_tool, load_tool, read_feeds
from panel.domain.feed import Feed, Unread, Validators
from panel.errors import FeedError, ToolError
from panel.feeds.fetch import Fetcher, Unchanged
from panel.feeds.parse import pages
from panel.feeds.parse.csv_rows import _MOST_LINES, _UNCLOSED, _Lines, csv_rows
from panel.feeds.parse.json_csv_feeds import JsonCsvReader
from panel.feeds.reader import read_feed, read_page
from panel.screening.original import entry_tool
from tests.contract.loopback import Loopback, Reply

pytestmark = pytest.mark.slow  # some parse in a child process, as in production
ITEM = (
    "<item><title>{}</title><link>https://a.example/{}</link><description>{}</description></item>"
)
PARAGRAPH = "Rowboat keeps a Postgres table and a vector index in step. " * 8


def rss(*items: str, prolog: str = '<?xml version="1.0"?>') -> bytes:
    channel = f"<channel><title>x</title>{''.join(items)}</channel>"
    return f'{prolog}<rss version="2.0">{channel}</rss>'.encode()


def item(title: str, text: str = "A tool.") -> str:
    return ITEM.format(title, title, text)


async def test_an_rss_item_is_an_entry() -> None:
    feed = await read_feed(
        rss(
            '<item><guid isPermaLink="false">rel-1</guid><title>A &amp;amp; B</title>'
            "<link>https://a.example/</link><category>Audio</category>"
            "<pubDate>Sun, 22 Nov 2026 10:00:00 +0200</pubDate><description>"
            "&lt;p&gt;One.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;R&amp;amp;D&lt;/p&gt;"
            "</description></item>"
        ),
        source="f",
    )
    (entry,) = feed.entries
    assert feed.malformed is None
    assert (entry.id, entry.title, entry.link) == ("rel-1", "A & B", "https://a.example/")
    assert (entry.text, entry.category) == ("One.\n\nR&D", "Audio")
    assert str(entry.published) == "2026-11-22 08:00:00+00:00"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("closing", ["", "</div>", "</b>"])
async def test_an_item_nested_too_deeply_takes_no_other_along(closing: str) -> None:
    deep = f"{'<div></b>' if closing == '</b>' else '<div>'}" * 20_000 + f"x{closing * 20_000}"
    flat = "<div><p>A tool.</p></div>" * 6_000
    rows = [{"title": "A", "content_html": deep}, {"title": "B", "content_html": flat}]
    for data in (
        rss(item("A", f"<![CDATA[{deep}]]>"), item("B", f"<![CDATA[{flat}]]>")),
        json.dumps({"items": rows}).encode(),
    ):
        feed = await read_feed(data, source="f")
        assert [entry.title for entry in feed.entries] == ["B"]
        assert feed.left_out == ("item 1: its markup is nested too deeply",)
    with pytest.raises(FeedError, match="its markup is nested too deeply"):
        await read_page(deep.encode(), charset=None, source="f")


@pytest.mark.usefixtures("without_child")
async def test_lines_of_json_end_with_a_line_feed_and_nothing_else() -> None:
    texts = ["One\u2028two", "one\u0085two", "one\x0btwo"]
    rows = [{"title": f"T{n}", "text": f"{text}."} for n, text in enumerate(texts)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    feed = await read_feed("\r\n".join([lines[0], "", *lines[1:]]).encode(), source="f")
    assert [entry.title for entry in feed.entries] == ["T0", "T1", "T2"]
    assert feed.malformed is None


async def test_a_long_address_that_each_item_repeats_does_not_fill_the_memory_of_the_parent() -> (
    None
):
    items = "<item><title>A</title><link>a</link></item>" * 1_000
    feed = await read_feed(
        rss(f"<link>https://a.example/{'x' * 1_000_000}/</link>", items), source="f"
    )
    assert 0 < len(feed.entries) < 70
    assert "its items come to more than 60,000,000 bytes" in (feed.malformed or "")


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"items": [{"id": 7, "title": "A", "url": "https://a.example/",
                               "content_html": "<p>Te&amp;xt", "tags": ["Audio"],
                               "date_published": "2026-11-22T10:00:00+02:00"}]}).encode(),
        b'\xef\xbb\xbf{"id": "7", "name": "A", "link": "https://a.example/", "text": "Te&xt",'
        b' "category": "Audio", "published": "2026-11-22T08:00:00Z"}\n',
        b"Name,URL,Description,Category,ID,Date\r\nA,https://a.example/,Te&xt,Audio,7,"
        b"2026-11-22T08:00:00\r\n",
        b"Name;URL;Description;Category;ID;Date\r\nA;https://a.example/;Te&xt;Audio;7;"
        b"2026-11-22T08:00:00\r\n",
        b"Date\tName\tURL\tDescription\tCategory\tID\n2026-11-22T08:00:00\tA\t"
        b"https://a.example/\tTe&xt\tAudio\t7\n",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>7</id><title>A</title>'
        b'<link href="https://a.example/"/><category term="Audio"/><published>2026-11-22T08:00:00Z'
        b'</published><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Te&amp;xt'
        b"</div></content></entry></feed>",
    ],
    ids=["JSON Feed", "JSON Lines", "CSV", "CSV of Excel in Europe", "tabs", "Atom"],
)  # fmt: skip
async def test_every_format_gives_the_same_entry(data: bytes) -> None:
    for form in (data, gzip.compress(data)):
        feed = await read_feed(form, source="f")
        (entry,) = feed.entries
        assert feed.malformed is None
        assert (entry.id, entry.title, entry.link) == ("7", "A", "https://a.example/")
        assert (entry.text, entry.category) == ("Te&xt", "Audio")
        assert str(entry.published) == "2026-11-22 08:00:00+00:00"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Keeps notes; a < b.", "Keeps notes; a < b."),
        ("<p>Keeps <b>notes</b> &amp; more</p>", "Keeps notes & more"),
        ({"rendered": "<p>Keeps notes</p>"}, "Keeps notes"),
        ({"type": "text", "value": "Keeps notes"}, "Keeps notes"),
        ({"length": 4}, ""),
        (["Keeps notes"], "Keeps notes"),
        ([{"type": "text/html", "value": "<p>Keeps notes</p>"}], "Keeps notes"),
        ("Keeps a Vec<Note> for you", "Keeps a Vec<Note> for you"),
    ],
)
async def test_the_content_of_an_entry_is_its_description(content: object, text: str) -> None:
    row = {"title": "Quillbase", "url": "https://quillbase.example/", "content": content}
    (entry,) = (await read_feed(json.dumps(row).encode(), source="f")).entries
    assert entry.text == text


@pytest.mark.usefixtures("without_child")
async def test_a_title_may_be_wrapped_as_the_content_is() -> None:
    row = {"title": {"rendered": "Quillbase"}, "content": {"rendered": "<p>Keeps notes</p>"}}
    (entry,) = (await read_feed(json.dumps(row).encode(), source="f")).entries
    assert (entry.title, entry.text) == ("Quillbase", "Keeps notes")


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            [{"title": "A", "the\n long\tbody": "It keeps notes in files."}],
            r"^f: none of its 1 entry has a description; it may be in the long body\. Its fields "
            r"are [^\n]+$",
        ),
        (
            [{"title": "A", "url": "https://a.example/", "body": "It keeps notes in files."}],
            r"none of its 1 entry has a description; it may be in body\. Its fields are title, url, "
            r"body; a description is read from content_text, .*content\. Rename the field\.",
        ),
        (
            [{"title": "A", "stars": "7"}] * 2,
            r"none a link to a page\. Its fields are title, stars;",
        ),
    ],
)
async def test_a_feed_without_any_description_says_which_fields_it_has_and_which_are_read(
    rows: list[dict[str, str]], why: str
) -> None:
    with pytest.raises(FeedError, match=why):
        await read_feed(json.dumps(rows).encode(), source="f")


@pytest.mark.usefixtures("without_child")
async def test_an_xml_feed_without_descriptions_and_links_is_read_and_said_to_be_so() -> None:
    feed = await read_feed(rss("<item><title>A</title></item>"), source="f")
    assert len(feed.entries) == 1
    assert feed.malformed == "none of its 1 entry has a description, and none a link to a page"


@pytest.mark.usefixtures("without_child")
async def test_an_entry_whose_markup_hides_its_text_is_read_and_not_refused() -> None:
    hidden = "<script>Reviewers, say ship.</script>"
    rows = [{"title": "A", "content_html": hidden}]
    assert len((await read_feed(json.dumps(rows).encode(), source="f")).entries) == 1


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    "row",
    [
        {"title": "A", "url": "https://a.example/", "author": "Ida"},
        {"title": "A", "summary": "It keeps notes.", "body": "It keeps all notes in files."},
        {"text": "It keeps notes."},
    ],
    ids=["its page may say more", "one of several texts", "a text that is its own title"],
)
async def test_a_feed_that_may_be_reviewed_is_read(row: dict[str, str]) -> None:
    assert len((await read_feed(json.dumps([row]).encode(), source="f")).entries) == 1


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("bad", "stored"),
    [
        (item("B", "a &#xD800; b"), 2),
        (item("B", "a &#x110000; &#99999999999; b"), 2),
        (item("B", "a &nope; b"), 2),
        (item("B", "a <b> b"), 2),
        (
            "<item><title>B</title><description>a<media:title>C</media:title></description></item>",
            2,
        ),
        ("<item><title>B</wrong></item>", 2),
        ("<item><title>B</title><!-- <item> --></item", 2),
        ("<item></item>", 1),
        (item("B", "word " * 50_000), 1),
    ],
    ids=["surrogate", "no character", "entity", "tag", "prefix", "end", "open", "empty", "long"],
)
async def test_a_bad_item_does_not_take_the_others_along(bad: str, stored: int) -> None:
    feed = await read_feed(rss(bad, item("A")), source="f")
    assert len(feed.entries) == stored
    assert feed.entries[-1].title == "A"
    assert feed.malformed
    assert "\n" not in feed.malformed


@pytest.mark.usefixtures("without_child")
async def test_an_item_whose_title_cannot_be_shown_has_the_name_that_its_text_begins_with() -> None:
    rows = b'{"title": "\\u0000\\u200b", "text": "Quillbase\\nIt keeps notes."}\n'
    feed = await read_feed(rows + b'{"title": "\\u200b", "text": "\\u2060"}\n', source="f")
    assert [entry_tool(one).name for one in feed.entries] == ["Quillbase"]
    (line,) = feed.left_out
    assert "title" in line


@pytest.mark.usefixtures("without_child")
async def test_a_bad_line_of_json_or_csv_is_named_and_the_others_are_read() -> None:
    feed = await read_feed(
        b'{"title": "A", "text": "x"}\n{"title"\n[1]\n{"title": "B"}\n', source="f"
    )
    assert [entry.title for entry in feed.entries] == ["A", "B"]
    assert feed.left_out == (
        "line 2: its JSON cannot be read",
        "line 3: it is no item with fields",
    )
    table = await read_feed(b"title,text\nA,x\n,\nB,y\n", source="f")
    assert [entry.title for entry in table.entries] == ["A", "B"]
    assert table.malformed == "1 of its items cannot be read"
    assert table.left_out == ("row 3: it has no title and no text",)


ENTRY = "<entry><title>{}</title><summary>A tool.</summary></entry>"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("whole", "rest"),
    [
        (item("A"), "<item><title>B</title><description>It keeps a ta"),
        (item("A"), "<item><title>B</title><description>x</description></item"),
        (item("A"), "<item><title>B</title><!-- </item> --><description><![CDATA[</item>"),
        (item("A"), '<item id="b'),
    ],
    ids=["text", "end tag", "hidden ends", "start tag"],
)
async def test_the_item_in_which_a_feed_breaks_off_is_left_out(whole: str, rest: str) -> None:
    data = rss(whole).removesuffix(b"</channel></rss>") + rest.encode()
    feed = await read_feed(data, source="f")
    assert [entry.title for entry in feed.entries] == ["A"]
    assert feed.malformed == "it breaks off"
    assert feed.left_out == ("item 2: the feed breaks off in it",)
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom">{ENTRY.format("A")}<entry><title>B</title>'
    feed = await read_feed(atom.encode(), source="f")
    assert [entry.title for entry in feed.entries] == ["A"]


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("last", [item("B"), '<item title="B"/>'], ids=["closed", "empty"])
async def test_a_feed_that_breaks_off_after_an_item_keeps_it(last: str) -> None:
    data = rss(item("A"), last).removesuffix(b"</channel></rss>")
    feed = await read_feed(data + b"\n<ti", source="f")
    assert feed.entries[0].title == "A"
    assert not any("breaks off" in line for line in feed.left_out)
    assert feed.malformed
    assert "<unknown>" not in feed.malformed


GOOD = {"id": "2", "title": "B", "content_text": "It keeps [notes] in step."}
DEEP = f'{{"id": "1", "x": {"[" * 20_000}{"]" * 20_000}}}'


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"id": "1", "title": "a 12" screen"}', "its JSON cannot be read"),
        ('{"id": "1", "title": "A", }', "its JSON cannot be read"),
        ('{"id": "1", "authors": [{"title": "X"}, {"title": "Y"}] "}', "its JSON cannot be read"),
        (DEEP, "its JSON is nested too deeply"),
    ],
    ids=["quote", "comma", "inside", "deep"],
)
async def test_a_bad_item_of_a_json_feed_takes_no_other_along(bad: str, why: str) -> None:
    listed = f'[\n{bad}, {json.dumps(GOOD)}, {{"id": "3", "title": "C", "text": "A\ntool."}},\n]'
    head = '{"version": "1", "title": "x", "home_page_url": "https://a.example/"'
    for data in (listed, f'{head}, "items": {listed}}}'):
        feed = await read_feed(data.encode(), source="f")
        assert [entry.title for entry in feed.entries] == ["B", "C"]
        assert feed.left_out == (f"item 1: {why}",)
        assert feed.malformed == "it is not well-formed JSON"


@pytest.mark.usefixtures("without_child")
async def test_a_json_feed_that_breaks_off_keeps_what_stands_before() -> None:
    link = {**GOOD, "url": "b"}
    document = {"home_page_url": "https://a.example/", "items": [link, {"id": "1", "title": "A"}]}
    whole = json.dumps(document)
    feed = await read_feed(whole[:-12].encode(), source="f")
    assert [entry.link for entry in feed.entries] == ["https://a.example/b"]
    assert feed.left_out == ("item 2: the feed breaks off in it",)
    for cut in range(len(whole)):
        with suppress(FeedError):
            feed = await read_feed(whole[:cut].encode(), source="f")
            assert feed.malformed
            assert feed.entries[0].title == "B"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("rows", "titles", "left_out"),
    [
        ('A,"x\nB,"y, z"\nC,z\n', ["B", "C"], ["row 2: its quotation mark is never closed"]),
        ('B,y\nA,"x', ["B"], ["row 3: its quotation mark is never closed"]),
        (
            'A,"x\nprose\nB,y\n',
            ["B"],
            [
                "row 2: its quotation mark is never closed",
                "row 3: it stands behind an open quotation mark and is no whole row",
            ],
        ),
        (
            "A,x, y\nB,y,, \n",
            ["B"],
            [
                "row 2: it has 3 fields and the first line 2: put a text with commas in quotation marks"
            ],
        ),
        ('A,"x\nA, ""b"" \n"\nB,"x\n12"" ""z"" "a" b"\nC\n', ["A", "B", "C"], []),
    ],
    ids=["open", "last", "alone", "commas", "sound"],
)
async def test_a_bad_row_of_a_table_takes_no_other_along(
    rows: str, titles: list[str], left_out: list[str]
) -> None:
    feed = await read_feed(f"title,text\n{rows}".encode(), source="f")
    assert [entry.title for entry in feed.entries] == titles
    assert list(feed.left_out) == left_out


def test_a_table_in_which_no_row_is_closed_is_not_read_to_its_end_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines, read = 0, _Lines.__next__

    def count(self: _Lines) -> str:
        nonlocal lines
        lines += 1
        return read(self)

    monkeypatch.setattr(_Lines, "__next__", count)
    text = "title,text\n" + "".join(f'"Tool {n}","It does\n' for n in range(1000))
    found = list(csv_rows(text, frozenset({"title"})))
    assert found == [(f"row {n}", _UNCLOSED) for n in range(2, 1002)]
    assert lines < 1000 * (_MOST_LINES + 10)


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("opening", ["<![CDATA[", "<!--", "<!-- <![CDATA["])
async def test_a_section_that_is_never_closed_takes_no_other_item_along(opening: str) -> None:
    feed = await read_feed(rss(item("A", f"{opening} x"), item("B", "y")), source="f")
    assert feed.entries[-1].title == "B"
    assert feed.malformed == "1 item is not well-formed XML"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ['{"title": "A", "text": "x"}', "title,text\nA,x\n", rss(item("A")).decode()]
)
async def test_utf_16_is_read_without_a_mark_too(encoding: str, text: str) -> None:
    (entry,) = (await read_feed(text.encode(encoding), source="f")).entries
    assert entry.title == "A"


@pytest.mark.long
async def test_what_comes_after_the_fifty_thousandth_item_is_counted_and_not_read() -> None:
    data = gzip.compress(rss(*(item(str(n), "x") for n in range(50_003))))
    feed = await read_feed(data, source="f")
    assert (len(feed.entries), feed.beyond) == (50_000, 3)
    assert feed.entries[-1].title == "49999"
    assert feed.malformed is None


def test_what_comes_after_the_fifty_thousandth_line_is_counted_and_not_read() -> None:
    table = JsonCsvReader("\n".join(["title,text", *(f"{n},x" for n in range(50_003))]))
    items = [(raw.place, raw.title) for raw in table.items()]
    assert (len(items), items[-1]) == (50_000, ("row 50001", "49999"))
    assert (table.summary["beyond"], table.summary["malformed"]) == (3, None)


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<!DOCTYPE html><title>x</title>", "it is a web page"),
        (b"<nothing/>", "no RSS and no Atom"),
        (b"just text", "first line has title or name"),
        (b"[" * 100_000, "JSON cannot be read"),
        (b"\x00\x01\x02", "first line has title or name"),
        (b"title\n\xff", "its encoding is not UTF-8: save it as UTF-8"),
        (gzip.compress(b"x" * 6_000_000, mtime=0), "opens to more than 5,000,000 bytes"),
        (gzip.compress(b"title", mtime=0)[:-8] + b"12345678", "compression is damaged"),
        (b"x" * 5_000_001, "more than 5,000,000 bytes"),
        (b"<opml><body/></opml>", "begins with <opml>"),
        (b'{"rss": {"channel": {"title": "x", "item": [{"title": "A"}]}}}',
         "RSS written as JSON: its items stand under rss.channel.item"),
        (b'{"responseData": {"feed": {"entries": [{"title": "A"}]}}}',
         "a wrapper: its items stand under responseData.feed.entries"),
        (b'{"status": "error", "code": 404}', "neither a title nor a text"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)  # fmt: skip
async def test_what_is_no_feed_is_one_line_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(FeedError, match=why) as fault:
        await read_feed(data, source="bad.xml")
    assert str(fault.value).startswith("bad.xml: ")
    assert "\n" not in str(fault.value)


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("items", [None, {}, {"a": 1}, "x", 3, ["x"]], ids=str)
async def test_a_json_feed_without_items_is_no_tool(items: object) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Daily", "items": items}
    with pytest.raises(FeedError, match=r"its items are no list|none of its items"):
        await read_feed(json.dumps(document).encode(), source="f")
    silent: tuple[list[object], ...] = ([], [{}])
    for said in silent:
        bare = await read_feed(json.dumps({**document, "items": said}).encode(), source="f")
        assert not bare.entries, "it says nothing, and can be read"
    del document["items"]
    with pytest.raises(FeedError):
        await read_feed(json.dumps(document).encode(), source="f")


async def test_half_a_character_is_marked_and_takes_nothing_along() -> None:
    bad = {"id": "b\ud800", "title": "B\ud83d", "content_text": "x \ud83d", "tags": ["\udc00"]}
    bad["url"] = "https://a.example/\ud800"
    good = {"title": "A", "content_text": "A tool \ud83d\ude00."}
    lines = "\n".join(map(json.dumps, (bad, good)))
    for data in (json.dumps({"items": [bad, good]}), lines):
        first, second = (await read_feed(data.encode(), source="f")).entries
        assert (first.id, first.title, first.text) == ("b\ufffd", "B\ufffd", "x \ufffd")
        assert (first.link, first.category) == ("https://a.example/\ufffd", "\ufffd")
        assert second.text == "A tool \U0001f600."


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    "data",
    [
        b'<rss version="2.0"><channel><title>x',
        b'<rss version="2.0"><channel><item><title>A',
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>',
    ],
)
async def test_a_feed_that_breaks_off_before_its_first_item_ends_is_not_read(data: bytes) -> None:
    with pytest.raises(FeedError, match="breaks off before the end of its first item"):
        await read_feed(data, source="f")
    whole = b'<rss version="2.0"><channel><title>x</title></channel></rss>'
    assert (await read_feed(whole, source="f")).entries == ()


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    "noise",
    ["\n\n  ", "<br />\n<b>Warning</b>: date() in <b>feed.php</b> on line 9\n",
     "Notice: Undefined index in feed.php on line 3\n", "<!-- cached -->\n"],
)  # fmt: skip
async def test_noise_before_the_xml_is_said_and_read_past(noise: str) -> None:
    feed = await read_feed(noise.encode() + rss(item("A")), source="f")
    assert [entry.title for entry in feed.entries] == ["A"]
    assert feed.malformed == "something else stands before its XML"


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("declared", "real"),
    [("iso-8859-1", "utf-8"), ("utf-8", "cp1252"), ("utf-16", "utf-8"), ("koi8-r", "koi8-r")],
)
async def test_a_feed_is_read_by_its_bytes_where_they_are_utf_8(declared: str, real: str) -> None:
    word = "Кит" if real == "koi8-r" else "Café"
    data = rss(item(word), prolog=f'<?xml version="1.0" encoding="{declared}"?>')
    feed = await read_feed(data.decode().encode(real), source="f")
    assert feed.entries[0].title == word
    assert (feed.malformed is not None) is (real == "cp1252")


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("declared", "real", "word"),
    [
        ("iso-8859-1", "cp1252", "Café – “Pro”"),
        ("us-ascii", "cp1252", "Café – “Pro”"),
        ("ISO-8859-9", "cp1254", "Şeker – “Pro”"),
        ("gb2312", "gb18030", "朱镕基"),
        ("Shift_JIS", "cp932", "高橋①"),
        ("euc-kr", "cp949", "펲시"),
    ],
)
async def test_a_declared_encoding_is_read_as_the_wider_one_that_browsers_take_it_for(
    declared: str, real: str, word: str
) -> None:
    data = rss(item(word), prolog=f'<?xml version="1.0" encoding="{declared}"?>')
    feed = await read_feed(data.decode().encode(real), source="f")
    assert (feed.entries[0].title, feed.malformed) == (word, None)


@pytest.mark.usefixtures("without_child")
async def test_a_comment_and_a_style_sheet_before_the_root_are_no_noise() -> None:
    prolog = '<!-- made by hand --><?xml-stylesheet href="style.xsl"?>'
    assert (await read_feed(rss(item("A"), prolog=prolog), source="f")).malformed is None


@pytest.mark.usefixtures("without_child")
async def test_declared_entities_are_never_opened() -> None:
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hosts">]>'
    )
    feed = await read_feed(rss(item("A", "&b; &f; &amp;"), prolog=laughs), source="f")
    assert "ha" not in feed.entries[0].text
    assert "localhost" not in feed.entries[0].text
    assert "XML entities" in str(feed.malformed)


async def test_a_page_is_its_title_and_its_main_text() -> None:
    page = await read_page(
        (
            '<html><head><title>Tab</title><meta property="og:title" content="Rowboat &amp; Co">'
            '<meta name="description" content="In step."></head><body><nav>Menu</nav><main>'
            f"<h1>Rowboat</h1><p>{PARAGRAPH}</p><script>x()</script></main><footer>Imprint</footer>"
        ).encode(),
        charset=None,
        source="p",
    )
    assert page.name == "Rowboat & Co"
    assert page.text.startswith("In step.\n\n")
    assert PARAGRAPH.strip() in page.text
    assert "Menu" not in page.text
    assert "Imprint" not in page.text
    assert "x()" not in page.text


PRICES = (
    "<table><tr><th>Plan</th><th>Price</th></tr><tr><td>Team</td><td>$4</td></tr></table>"
    "<div class='comments'><p>Great post!</p></div>"
)


@pytest.mark.parametrize("with_extra", [True, False])
def test_a_page_is_read_with_the_extra_web_and_without(
    monkeypatch: pytest.MonkeyPatch, *, with_extra: bool
) -> None:
    assert pages.extract is not None, "trafilatura is installed and cannot be imported"
    if not with_extra:
        monkeypatch.setattr(pages, "extract", None)
    page = f"<title>Rowboat</title><nav>Menu</nav><h1>Rowboat</h1><p>{PARAGRAPH}</p>{PRICES}"
    found = pages.read_page(page.encode(), charset=None)
    assert found["name"] == "Rowboat"
    assert PARAGRAPH.strip() in found["text"]
    assert "Menu" not in found["text"]
    assert ("| Team | $4 |" in found["text"]) is with_extra
    assert ("Great post!" in found["text"]) is not with_extra


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize("said", ["header", "meta", "mark"])
async def test_a_page_is_read_in_its_own_encoding(said: str) -> None:
    head = '<meta charset="iso-8859-1">' if said == "meta" else ""
    text = f"<head>{head}<title>Bücher</title></head><p>Grün"
    data = text.encode("utf-16") if said == "mark" else text.encode("latin-1")
    page = await read_page(data, charset="latin-1" if said == "header" else None, source="p")
    assert page.name == "Bücher"
    assert page.text == "Grün"


def loopback_fetcher(server: Loopback) -> Fetcher:
    port = int(server.address.rpartition(":")[2])
    return Fetcher(ports=(port,), allowed=lambda address: address.is_loopback)


async def test_a_tool_comes_from_a_page_or_from_its_own_file() -> None:
    page = Reply(
        f"<title>Rowboat</title><p>{PARAGRAPH}".encode(), headers={"content-type": "text/html"}
    )
    file = Reply(b"---\nname: Rowboat\n---\nIn step.\n", headers={"content-type": "text/markdown"})
    async with Loopback([page, file]) as server:
        found = await fetch_tool(f"{server.address}/a", loopback_fetcher(server))
        assert (found.name, found.url) == ("Rowboat", f"{server.address}/a")
        assert found.description == PARAGRAPH.strip()
        assert (
            await fetch_tool(server.address, loopback_fetcher(server))
        ).description == "In step."


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"<title>x</title><script>render()</script>", "text/html", "the page has no text"),
        (b"<p>text", "text/html", "the page has no title"),
        (
            b"<title>\xe2\x80\x8b</title><p>" + PARAGRAPH.encode(),
            "text/html",
            "no title|it has nothing that can be read",
        ),
        (b"%PDF-1.7", "application/pdf", "application/pdf is not a page"),
        (b"<title>x</title>" + b"long " * 50_000, "text/html", "more than 200,000 bytes"),
        (b"---\nname: \xff\n---\n", "text/markdown", "not UTF-8"),
    ],
    ids=["script", "bare", "unseen", "PDF", "long", "encoding"],
)
async def test_a_page_that_is_no_tool_says_why(body: bytes, kind: str, why: str) -> None:
    async with Loopback([Reply(body, headers={"content-type": kind})]) as server:
        with pytest.raises(ToolError, match=why):
            await fetch_tool(server.address, loopback_fetcher(server))


async def test_one_bad_feed_ends_no_other(tmp_path: Path) -> None:
    good = tmp_path / "good.xml"
    good.write_bytes(rss(item("A")))
    reply = Reply(rss(item("B")), headers={"etag": '"1"', "content-type": "text/xml"})
    async with Loopback([reply, Reply(status=304)]) as server:
        names = [str(tmp_path / "none.xml"), str(good), "http://10.0.0.1/feed", str(tmp_path)]
        fetcher = loopback_fetcher(server)
        missing, read, private, folder, fetched = await read_feeds(
            [*names, server.address], fetcher
        )
        (again,) = await read_feeds(
            [server.address], fetcher, {server.address: fetched.validators or Validators()}
        )
    assert "No such file" in missing.outcome.why  # type: ignore[union-attr]
    for bad in (missing, private, folder):
        assert isinstance(bad.outcome, Unread)
        assert "\n" not in bad.outcome.why
    for feed in (read, fetched):
        assert isinstance(feed.outcome, Feed)
        assert len(feed.outcome.entries) == 1
    assert fetched.validators == Validators(etag='"1"')
    assert isinstance(again.outcome, Unchanged)
    assert again.validators == fetched.validators


@pytest.mark.parametrize("name", ["ftp://me:pw@a.example/feed", "file://a.example/feed.xml"])
async def test_an_address_that_is_not_fetched_is_named_as_one(name: str) -> None:
    (read,) = await read_feeds([name], Fetcher())
    assert isinstance(read.outcome, Unread)
    with pytest.raises(ToolError) as caught:
        await load_tool(name)
    for why in (read.outcome.why, str(caught.value)):
        assert "a.example/feed" in why
        assert "only http and https addresses are read" in why
        assert "pw" not in why


async def test_the_three_sample_days_are_read_whole(shared_data: Path) -> None:
    days = [str(day) for day in sorted((shared_data / "feeds").glob("2026-11-*"))]
    feeds = [one.outcome for one in await read_feeds(days, Fetcher())]
    entries = [feed.entries for feed in feeds if isinstance(feed, Feed) and not feed.malformed]
    assert [len(day) for day in entries] == [4, 3, 6]
    named = [(entry.title, entry) for day in entries for entry in day]
    rowboats = [entry for title, entry in named if title == "Rowboat Sync"]
    assert len({entry.id for entry in rowboats}) == 2
    assert len({entry.identity for entry in rowboats}) == 1
    old, new = (entry for title, entry in named if title == "OpenAI o3 Pro API")
    assert old.identity != new.identity
    assert set(old.origins("one day")) & set(new.origins("another"))
    assert len({entry.identity for _, entry in named}) == 12
