"""Feeds as Atom (RFC 4287) and as JSON Feed 1.1: the newest verdicts, the notices, what changed.

An entry's id is a `tag:` address (RFC 4151) made of the day on which the tool was first published. A
correction moves `updated` and never the id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from panel.publish.catalogue import Identity
from panel.publish.columns import BADGES
from panel.publish.history import VerdictEvent, say_shift
from panel.publish.notices import Notice
from panel.publish.provenance import byline_of
from panel.publish.published import PublishedTool
from panel.publish.rows import Row
from panel.site.xml_text import xml_text

MOST: Final = 50
"""Entries of a feed, the newest."""
DISCLOSURE: Final = (
    "Written by AI reviewers from the maker’s own description; nobody has run the tool."
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FeedLink:
    """A feed that a page names in its head."""

    title: str
    path: str


@dataclass(frozen=True)
class FeedEntry:
    """One entry of a feed: `text` is plain, in paragraphs."""

    id: str
    path: str
    title: str
    published: datetime
    updated: datetime
    text: tuple[str, ...]
    tags: tuple[str, ...]
    editor: str


@dataclass(frozen=True)
class SiteFeed:
    """A feed as both formats write it; `home` is the page that it belongs to."""

    identity: Identity
    title: str
    path: str
    home: str
    entries: tuple[FeedEntry, ...]

    @property
    def updated(self) -> datetime:
        """When the newest of its entries was changed last."""
        return max((entry.updated for entry in self.entries), default=_EPOCH)


def verdict_feed(identity: Identity, title: str, home: str, rows: Sequence[Row]) -> SiteFeed:
    """Return the feed of the newest verdicts among `rows`, which are the newest first."""
    entries = tuple(verdict_entry(identity, row) for row in rows[:MOST])
    return SiteFeed(identity, title, f"{home}feed", home, entries)


def verdict_entry(identity: Identity, row: Row) -> FeedEntry:
    """Return the entry of a tool: verdict, votes, one sentence, and that machines wrote it."""
    tool = row.tool
    share = f", panel ship {row.share}%" if row.share else ""
    told = f"{BADGES[row.badge]} by the editor; the panel: {BADGES[row.panel_badge].lower()}{share}"
    verdict = told if row.is_overridden else f"{BADGES[row.badge]}{share}"
    said = f"{row.words.who}: “{row.words.text}”" if row.words else ""
    approval = tool.publication.approval
    return FeedEntry(
        id=_tag(identity, tool.first_published, tool.path),
        path=tool.path,
        title=f"{tool.name}: {BADGES[row.badge].lower()}",
        published=tool.first_published,
        updated=tool.updated,
        text=tuple(filter(None, (f"{verdict}: {row.standing}.", said, _disclose(tool)))),
        tags=(tool.category,),
        editor=approval.editor if approval else identity.title,
    )


def notice_feed(identity: Identity, notices: Iterable[Notice]) -> SiteFeed:
    """Return the feed of corrections, overrides and withdrawals, which are the newest first."""
    entries = tuple(
        FeedEntry(
            id=_tag(identity, notice.correction.at, f"corrections/{notice.correction.number}"),
            path=f"corrections/#{notice.anchor}",
            title=f"{notice.title}: {notice.tool.name}",
            published=notice.correction.at,
            updated=notice.correction.at,
            text=(notice.correction.reason, notice.stands),
            tags=(notice.title,),
            editor=notice.correction.editor,
        )
        for notice in notices
    )
    title = f"{identity.title}: corrections"
    return SiteFeed(identity, title, "corrections/feed", "corrections/", entries[:MOST])


def change_feed(identity: Identity, changes: Iterable[VerdictEvent]) -> SiteFeed:
    """Return the feed of what changed and why, of all tools; `changes` are the newest first."""
    entries = tuple(_change(identity, one) for one in islice(changes, MOST))
    return SiteFeed(identity, f"{identity.title}: what changed", "changes", "", entries)


def _change(identity: Identity, event: VerdictEvent) -> FeedEntry:
    verdict = f": {event.says}" if event.says else ""
    shifts = [say_shift(one) for one in event.shifts]
    disclosed = () if event.kind in ("correct", "withdraw") else (_disclose(event.tool),)
    return FeedEntry(
        id=_tag(identity, event.at, f"changes/{event.number}"),
        path=event.path,
        title=f"{event.page.name}: {event.title.lower()}{verdict}",
        published=event.at,
        updated=event.at,
        text=tuple(filter(None, (*shifts, event.reason, *disclosed))),
        tags=event.tags,
        editor=event.editor,
    )


def _disclose(tool: PublishedTool) -> str:
    """Return who wrote the reviews of a tool, and that nobody has run it."""
    return DISCLOSURE if tool.recorded is None else byline_of((tool.recorded,)).disclosure


def write_atom(feed: SiteFeed) -> str:
    """Return a feed as an Atom document."""
    site = feed.identity
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        f"<title>{xml_text(feed.title)}</title>",
        f"<subtitle>{xml_text(DISCLOSURE)}</subtitle>",
        f"<id>{xml_text(site.url(feed.path))}.atom</id>",
        f'<link rel="self" type="application/atom+xml" href="{xml_text(site.url(feed.path))}.atom"/>',
        f'<link rel="alternate" type="text/html" href="{xml_text(site.url(feed.home))}"/>',
        f"<updated>{_stamp(feed.updated)}</updated>",
        f"<author><name>{xml_text(site.title)}</name></author>",
        "<generator>Shipskip</generator>",
        *(line for entry in feed.entries for line in _atom_entry(site, entry)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _atom_entry(site: Identity, entry: FeedEntry) -> list[str]:
    return [
        "<entry>",
        f"<title>{xml_text(entry.title)}</title>",
        f"<id>{xml_text(entry.id)}</id>",
        f'<link rel="alternate" type="text/html" href="{xml_text(site.url(entry.path))}"/>',
        f"<published>{_stamp(entry.published)}</published>",
        f"<updated>{_stamp(entry.updated)}</updated>",
        f"<author><name>{xml_text(site.title)} panel (AI reviewers)</name></author>",
        f"<contributor><name>{xml_text(entry.editor)} (editor)</name></contributor>",
        *(f'<category term="{xml_text(tag)}"/>' for tag in entry.tags),
        f'<summary type="text">{xml_text(" ".join(entry.text))}</summary>',
        "</entry>",
    ]


def json_feed(feed: SiteFeed) -> dict[str, Any]:
    """Return a feed as a JSON Feed 1.1 document."""
    site = feed.identity
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": site.url(feed.home),
        "feed_url": f"{site.url(feed.path)}.json",
        "description": DISCLOSURE,
        "language": "en",
        "authors": [{"name": site.title}],
        "items": [
            {
                "id": entry.id,
                "url": site.url(entry.path),
                "title": entry.title,
                "content_text": "\n\n".join(entry.text),
                "date_published": _stamp(entry.published),
                "date_modified": _stamp(entry.updated),
                "authors": [{"name": f"{site.title} panel (AI reviewers)"}],
                "tags": list(entry.tags),
                "language": "en",
            }
            for entry in feed.entries
        ],
    }


def _tag(identity: Identity, first: datetime, path: str) -> str:
    return f"tag:{identity.host},{first.astimezone(UTC).date().isoformat()}:{path}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
