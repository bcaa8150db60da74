"""What a release feed says: its entries, which of them are the same, and the tool in each."""

import hashlib
import re
from datetime import datetime
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import AwareDatetime, Field, StringConstraints

from panel.domain.cleaning import clean_text
from panel.domain.folded_text import fold
from panel.domain.tool import MOST_OF_A_LINE, Tool
from panel.domain.value import Value

MOST_OF_A_NAME: Final = 200
_FEW_WORDS = 12
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_cid|mc_eid|ref|ref_src", re.IGNORECASE)
# Ids that no two feeds give to different things: addresses, tag: (RFC 4151), urn:, UUIDs.
_UNIQUE = re.compile(
    r"[a-z][a-z0-9+.-]*+://[^\s/?#]++\S*+|tag:[^\s,:]++,\d{4}[\d-]*+:\S++|urn:[a-z0-9-]++:\S++"
    r"|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}",
    re.IGNORECASE,
)
_OWN_PORT = re.compile(r"(?<=[^:\]]):(?:80|443)$|(?<=\]):(?:80|443)$")

_Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_LINE)
]


EntryKind = Literal["entry", "release", "package", "launch", "post", "paper", "episode", "news"]
"""What an item announces. A `release` is of a project and a `package` of a registry, a `launch` is
from Hacker News or Product Hunt, a `post` from Reddit or about code; `entry` is any other."""


class Entry(Value):
    """One item of a feed. `text` is plain, and empty where the feed has none.

    `title` is the tool's name where its kind tells it; `version` is set apart from it. `project` is the
    address that all versions share. `aside` says why it needs no review, None where it does.
    `original` is what the feed had where cleaning or reading markup took something away, else empty.
    `id` is what the feed calls it, else its link, else a digest of what it says.
    """

    id: Annotated[str, StringConstraints(min_length=1, max_length=MOST_OF_A_LINE)]
    link: _Line | None = None
    title: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_NAME)
    ]
    text: str = ""
    original: str = ""
    category: _Line | None = None
    published: AwareDatetime | None = None
    kind: EntryKind = "entry"
    version: _Line | None = None
    project: _Line | None = None
    aside: str | None = None

    @property
    def identity(self) -> str:
        """What this entry says, as 32 hexadecimal digits: the same for the same tool under two ids.

        It is a digest of title and text with forms, case and white space made alike. Where they are
        too short to tell two tools apart, the link (else the id) counts as well.
        """
        said: tuple[str, ...] = (_alike(self.title), _alike(self.text))
        if len(" ".join(said).split()) < _FEW_WORDS:
            said += (plain_link(self.link) if self.link else self.id,)
        return _digest(said)

    @property
    def lacks_text(self) -> bool:
        """Whether it has no description: it says nothing but its title."""
        return _adds_nothing(self.text, self.title)

    def origins(self, source: str) -> tuple[str, ...]:
        """Return what another entry about the same tool would share, though its text has changed.

        One key for the id and, where there is a link, one for the link without what tracks readers;
        one for the project, whose versions are texts about the same tool. An id counts within its
        feed, which `source` names, unless its form makes it the only one.
        """
        keys = [
            (f"id {self.id}",) if _UNIQUE.fullmatch(self.id) else ("id", _scope(source), self.id)
        ]
        if self.link:
            keys.append((f"link {plain_link(self.link)}",))
        if self.project:
            keys.append((f"project {plain_link(self.project)} {_alike(self.title)}",))
        return tuple(map(_digest, keys))


class Feed(Value):
    """What could be read of one feed.

    `malformed` says in a line what is wrong with it, None where nothing is. `left_out` has a line for
    each item that is no entry; `beyond` counts the items behind the most that are read.
    """

    source: str
    entries: tuple[Entry, ...]
    malformed: str | None = None
    left_out: tuple[str, ...] = ()
    beyond: int = Field(default=0, ge=0)


class Validators(Value):
    """What a server gave to ask later whether anything has changed."""

    etag: str | None = None
    last_modified: str | None = None


class Unread(Value):
    """A feed of which nothing could be read, and why: a line for the report."""

    source: str
    why: str


def lacks_text(tool: Tool) -> bool:
    """Tell whether `tool` is described by nothing but its name."""
    return _adds_nothing(tool.description, tool.name)


def _adds_nothing(text: str, title: str) -> bool:
    return _alike(text) in ("", _alike(title))


def plain_link(link: str) -> str:
    """Return `link` as it compares: without scheme, fragment, tracking and the last slash."""
    try:
        parts = urlsplit(link)
        host = _OWN_PORT.sub("", parts.netloc.casefold())
        query = [
            pair
            for pair in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
            if not _TRACKING.fullmatch(pair[0])
        ]
        asked = f"?{urlencode(query)}" if query else ""
    except ValueError:
        return link
    return f"{host}{parts.path.rstrip('/')}{asked}"


def make_entry(
    *,
    id: str | None,  # noqa: A002 - the feed's own word
    link: str | None,
    title: str | None,
    text: str,
    category: str | None,
    published: datetime | None,
    markup: str = "",
    kind: EntryKind = "entry",
    version: str | None = None,
    project: str | None = None,
    aside: str | None = None,
) -> Entry | None:
    """Return the entry with these parts, None where there is neither a title nor a text.

    A missing title is made from the first line of the text that a reader sees; a link that is no http
    or https address, or too long for one, is left out. `markup` is what the text was read out of.
    """
    given = ((title or "", MOST_OF_A_NAME), (category or "", MOST_OF_A_LINE))
    changed = [said for said, most in given if _line(said, most) != " ".join(said.split())]
    title = _line(title or "", MOST_OF_A_NAME) or _first_line(text)
    if not title:
        return None
    shown_link = _address(link)
    own = (id or "").strip() or shown_link or ""
    if not own or len(own) > MOST_OF_A_LINE:
        own = _digest((own, title, text))
    return Entry(
        id=own,
        link=shown_link,
        title=title,
        text=text.strip(),
        original="\n\n".join((*changed, markup)).strip(),
        category=_line(category or "", MOST_OF_A_LINE) or None,
        published=published,
        kind=kind,
        version=_line(version or "", MOST_OF_A_LINE) or None,
        project=_address(project),
        aside=aside,
    )


def _address(link: str | None) -> str | None:
    """Return an http or https address that is short enough to keep, else None."""
    given = (link or "").strip()
    try:
        is_web = urlsplit(given).scheme.casefold() in ("http", "https")
    except ValueError:
        return None
    return given if is_web and len(given) <= MOST_OF_A_LINE else None


def _scope(source: str) -> str:
    return plain_link(source) if "://" in source else source


def _first_line(text: str) -> str:
    return _line(clean_text(text).strip().partition("\n")[0], 80)


def _line(raw: str, most: int) -> str:
    line = " ".join(clean_text(raw)[: 8 * most].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _alike(text: str) -> str:
    return fold(clean_text(text)).casefold()


def _digest(parts: tuple[str, ...]) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:32]
