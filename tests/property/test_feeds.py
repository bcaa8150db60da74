"""Whatever stands in a feed's fields: it is read, announced and told of, and nothing raises."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.domain.feed import Entry
from panel.errors import FeedError
from panel.feeds.parse.item_kinds import OlderReleases, read_kind
from panel.feeds.parse.items import UnreadableFeedError, json_line
from panel.feeds.parse.json_csv_feeds import JsonCsvReader
from panel.feeds.reader import feed_of
from panel.screening.original import entry_tool

FIELDS = (
    "id guid url link title name content_text text description content_html category tags "
    "date_published date"
).split()
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
HOSTILE = st.sampled_from(
    [
        *("\ud83d", "\x00", "\u200b", "\x85\x1c", "a" * 500, "<!-- \udc00 -->"),
        *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"),
        *("http://[::1", "https://a.example/\ud800"),
    ]
)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT, HOSTILE, st.just(10**400)
)
VALUE = st.recursive(
    SCALAR,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(ANY_TEXT, inside, max_size=3),
    max_leaves=6,
)
ITEM = st.dictionaries(st.sampled_from(FIELDS), st.one_of(SCALAR, VALUE)) | VALUE
DOCUMENT = st.one_of(
    st.fixed_dictionaries({"items": st.lists(ITEM, max_size=4) | VALUE}), st.lists(ITEM), VALUE
)


@given(DOCUMENT)
@settings(deadline=None)
def test_any_json_is_a_feed_that_can_be_stored_or_an_unreadable_one(document: Any) -> None:
    items: list[Any] = []
    last: dict[str, Any] = {}
    releases = OlderReleases()
    try:
        reader = JsonCsvReader(json.dumps(document))
        for item in reader.items():
            line = json_line(releases.check(read_kind(item, reader.channel)))
            items.append(json.loads(line))
        last |= reader.summary
    except UnreadableFeedError as error:
        last["fault"] = str(error)
    entries: tuple[Entry, ...] = ()
    with suppress(FeedError):
        entries = feed_of(items, last, source="f").entries
    for entry in entries:
        said = (entry.id, entry.identity, *entry.origins("f"), entry_tool(entry).model_dump_json())
        for text in said:
            text.encode("utf-8")
