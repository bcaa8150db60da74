"""What kind of thing an item is, and the tool's name, version, text and page that follow from it.

Rules go by structure: hosts and paths of links, what a feed says of itself, how an item is built. The
first rule that knows an item counts; an item that none knows stays as its feed has it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from panel.feeds.markup import links_in
from panel.feeds.parse.boilerplate import (
    has_notes,
    without_labels,
    without_link_bar,
    without_submitter,
)
from panel.feeds.parse.items import Channel, Item, Kind, RawItem
from panel.feeds.parse.links import host, segments
from panel.feeds.parse.releases import find_package, find_release

_CODE_HOSTS: Final = frozenset(
    "github.com gitlab.com codeberg.org bitbucket.org huggingface.co sr.ht gitee.com".split()
)
_CODE_TALK: Final = frozenset("commit commits issues pull pulls discussions merge_requests".split())
_PAPER_HOSTS: Final = frozenset(
    "arxiv.org export.arxiv.org rss.arxiv.org biorxiv.org medrxiv.org openreview.net ssrn.com "
    "papers.ssrn.com doi.org dx.doi.org aclanthology.org".split()
)
_VIDEO_HOSTS: Final = frozenset("youtube.com youtu.be vimeo.com twitch.tv".split())
_HACKER_NEWS: Final = frozenset("news.ycombinator.com hnrss.org".split())
_LAUNCH: Final = re.compile(r"\s*(?:show|launch)\s+hn\s*[:–—-]\s*", re.IGNORECASE)
_TALK: Final = re.compile(r"\s*(?:ask|tell)\s+hn\s*[:–—-]", re.IGNORECASE)
_EPISODES: Final = frozenset("podcast podcasts episode episodes".split())
_DATED: Final = re.compile(r"(?:19|20)\d\d")
_ARTICLES: Final = frozenset(
    "news newsletter newsletters newsroom magazine headlines opinion editorial article articles "
    "story stories interview interviews".split()
)
_PUBLISHER: Final = re.compile(
    r"\b(?:news|newsletter|newspaper|magazine|headlines|podcast|gazette|herald|tribune)\b",
    re.IGNORECASE,
)
_DOI_ID: Final = re.compile(r"(?:oai:arxiv\.org|doi|urn:doi):", re.IGNORECASE)
_ABSTRACT: Final = re.compile(r"(?<!\s)\s*+arXiv:\S[^\n]{0,240}\s{1,9}Abstract:\s*")
_IN_BRACKETS: Final = re.compile(r"\s*[(\[][^()\[\]]{1,60}[)\]]\.?\s*$")
_FLAIR: Final = re.compile(r"\s*\[[^\[\]]{1,40}\]\s*")
_TAGLINE: Final = re.compile(r"\s+[–—|-]\s+|:\s+")
_URL: Final = re.compile(r"https?://[^\s<>()\"']{3,400}")
_MOST_OF_A_NAME: Final = 5  # words


@dataclass(slots=True)
class ItemReading:
    """What a rule makes of an item; what is None stays as the feed has it."""

    kind: Kind
    name: str | None = None
    version: str | None = None
    text: str | None = None
    link: str | None = None
    project: str | None = None
    aside: str | None = None


def read_kind(item: RawItem, channel: Channel) -> Item:
    """Return `item` as an entry is made of it, by the first rule that knows what it is."""
    item.title = " ".join((item.title or "").split()) or None
    item.text = without_link_bar(item.text, item.html)
    found = next(filter(None, (rule(item, channel) for rule in _RULES)), ItemReading("entry"))
    return {
        "place": item.place,
        "id": item.id,
        "link": found.link or item.link,
        "title": found.name or item.title,
        "text": item.text if found.text is None else found.text,
        "markup": item.markup,
        "category": next(iter(item.categories), None),
        "published": item.published,
        "kind": found.kind,
        "version": found.version,
        "project": found.project,
        "aside": found.aside,
    }


class OlderReleases:
    """Sets aside what a feed has of a project beside its first release that can be reviewed."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Item] = {}

    def check(self, item: Item) -> Item:
        """Return `item`, set aside where a newer release of its project came before it."""
        if item["kind"] != "release" or item["aside"] or not item["project"]:
            return item
        newest = self._newest.setdefault((item["project"], item["title"] or ""), item)
        if newest is not item and (item["published"] or "") <= (newest["published"] or ""):
            item["aside"] = f"An older release: {newest['version'] or 'a newer one'} comes first."
        return item


def _hacker_news(item: RawItem, channel: Channel) -> ItemReading | None:
    """Hacker News: what is shown or launched is a tool, a link to code may be one, talk is none."""
    title = item.title or ""
    launch = _LAUNCH.match(title)
    if not launch and _HACKER_NEWS.isdisjoint(map(host, (channel.link, item.link, item.id))):
        return None
    text = without_labels(item.text)
    link = item.link
    if host(link) in _HACKER_NEWS:
        link = _first_link(item, _HACKER_NEWS) or link
    if launch or _is_code(link):
        name, tagline = _split(_IN_BRACKETS.sub("", title[launch.end() if launch else 0 :]))
        text = "\n\n".join(filter(None, (tagline, text)))
        return ItemReading("launch", name, text=text, link=link)
    why = "discussion" if _TALK.match(title) or host(link) in _HACKER_NEWS else "linked article"
    return ItemReading("news", text=text, link=link, aside=f"A {why}, not a tool.")


def _product_hunt(item: RawItem, channel: Channel) -> ItemReading | None:
    if "producthunt.com" not in map(host, (channel.link, item.link)):
        return None
    name, tagline = _split(item.title or "")
    text = "" if item.text == item.title else item.text
    return ItemReading("launch", name, text="\n\n".join(filter(None, (tagline, text))))


def _reddit(item: RawItem, channel: Channel) -> ItemReading | None:
    """Reddit: the link of a post is what it points to; a reader decides whether that is a tool."""
    sites = {_site(link) for link in (channel.link, item.link)}
    if not sites & {"reddit.com", "redd.it"}:
        return None
    title = _FLAIR.sub(" ", item.title or "").strip() or item.title or ""
    name, tagline = _split(title)
    text = "\n\n".join(filter(None, (tagline, without_submitter(item.text, item.html))))
    outside = [
        href
        for label, href in links_in(item.html)
        if label == "[link]" and "redd" not in host(href)
    ]
    return ItemReading("post", name, text=text, link=next(iter(outside), None))


def _paper(item: RawItem, _: Channel) -> ItemReading | None:
    """Papers are set aside, unless their abstract leads to a tool."""
    at_hugging_face = host(item.link) == "huggingface.co" and segments(item.link)[:1] == ("papers",)
    if not (
        item.paper
        or at_hugging_face
        or host(item.link) in _PAPER_HOSTS
        or _DOI_ID.match(item.id or "")
    ):
        return None
    text = _ABSTRACT.sub("", item.text, count=1)
    link = _first_link(item, _PAPER_HOSTS)
    if link is None:
        return ItemReading("paper", text=text, aside="A paper, not a tool.")
    name, _tagline = _split(_IN_BRACKETS.sub("", item.title or ""))
    return ItemReading("paper", name, text=text, link=link)


def _episode(item: RawItem, _: Channel) -> ItemReading | None:
    is_video = _site(item.link) in _VIDEO_HOSTS or item.media.startswith("video")
    if item.media.startswith("audio") or is_video or _folders(item) & _EPISODES:
        return ItemReading("episode", aside="An episode or a video, not a tool.")
    return None


def _release(item: RawItem, channel: Channel) -> ItemReading | None:
    found = find_release(item, channel)
    if found is None:
        return None
    aside = None if has_notes(item.text) else "A release without notes."
    return ItemReading("release", found.name, found.version, None, found.page, found.page, aside)


def _package(item: RawItem, _: Channel) -> ItemReading | None:
    found = find_package(item)
    if found is None:
        return None
    return ItemReading("package", found.name, found.version, None, found.page, found.page)


def _code_talk(item: RawItem, _: Channel) -> ItemReading | None:
    path = segments(item.link)
    if host(item.link) in _CODE_HOSTS and set(path[2:4]) & _CODE_TALK:
        return ItemReading("post", aside="A commit, an issue or a discussion, not a release.")
    return None


def _news(item: RawItem, channel: Channel) -> ItemReading | None:
    """News: two signs of an article, one of them strong. A tool lost costs more than a question.

    Strong are its category, the folder of its link and a feed that names itself as a publisher's;
    weak are a date in its link and a byline.
    """
    sites = (host(channel.link), *segments(channel.link))
    named = " ".join((channel.title, *sites)).replace("-", " ")
    strong = (
        bool(_ARTICLES & {*map(str.casefold, item.categories)}),
        bool(_ARTICLES & _folders(item)),
        _PUBLISHER.search(named) is not None or "Substack" in channel.generator,
    )
    weak = (any(map(_DATED.fullmatch, segments(item.link)[:-1])), item.has_author)
    if any(strong) and sum(strong) + sum(weak) > 1:
        return ItemReading("news", aside="An article, not a tool.")
    return None


_RULES: Final[tuple[Callable[[RawItem, Channel], ItemReading | None], ...]] = (
    _hacker_news,
    _product_hunt,
    _reddit,
    _paper,
    _episode,
    _package,
    _release,
    _code_talk,
    _news,
)


def _split(title: str) -> tuple[str, str]:
    """Return the name before a dash or a colon and what follows; the whole where that is no name."""
    found = _TAGLINE.search(title)
    if found and 0 < len(title[: found.start()].split()) <= _MOST_OF_A_NAME:
        name = _IN_BRACKETS.sub("", title[: found.start()]).strip()
        return name or title.strip(), title[found.end() :].strip()
    return _IN_BRACKETS.sub("", title).strip() or title.strip(), ""


def _first_link(item: RawItem, but: Iterable[str]) -> str | None:
    """Return the first address in an item's text that leads to none of the hosts `but`."""
    found = [*_URL.findall(item.text), *(href for _, href in links_in(item.html))]
    unwanted = frozenset(but)
    useful = (link.rstrip(".,;:!?]") for link in found if link.startswith("http"))
    return next((link for link in useful if host(link) not in unwanted), None)


def _folders(item: RawItem) -> set[str]:
    """Return the words of the folders in which an item's page stands."""
    return {word for part in segments(item.link)[:-1] for word in part.casefold().split("-")}


def _is_code(link: str | None) -> bool:
    return host(link) in _CODE_HOSTS and len(segments(link)) >= 2  # noqa: PLR2004 - owner, project


def _site(link: str | None) -> str:
    """Return the last two labels of a link's host: `old.reddit.com` is of `reddit.com`."""
    return ".".join(host(link).split(".")[-2:])
