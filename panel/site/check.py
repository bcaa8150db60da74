"""Checks of a built site, offline: links, ids, JSON-LD, feeds, contrast, weight and wording."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ValidationError
from selectolax.lexbor import LexborHTMLParser

from panel.domain.validation import first_fault_of
from panel.site.contrast import list_contrasts
from panel.site.terms import list_term_faults

MOST_OF_A_PAGE: Final = 25_000
"""Bytes of an HTML page, gzipped."""
MOST_OF_STYLE: Final = 65_000
"""Bytes of the stylesheet, gzipped, and of the fonts together."""
_MOST_ALIKE: Final = 0.10
_FEWEST_TAKES: Final = 4
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_LINKS: Final = (("a", "href"), ("link", "href"), ("img", "src"), ("use", "href"))


@dataclass(frozen=True)
class SiteFault:
    """Something wrong in a built site: in which file, and what."""

    path: str
    what: str


@dataclass(frozen=True)
class _Page:
    ids: Counter[str]
    links: tuple[str, ...]
    data: tuple[str, ...]


class _UnreadableError(Exception):
    """A file of the site is not of its format: it was changed since it was built."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.fault = SiteFault(path, f"it cannot be read: {why}")


class _ManifestFile(BaseModel):
    sha256: str


class _Manifest(BaseModel):
    files: dict[str, _ManifestFile]


class _ToolDocument(BaseModel):
    decision: str | None


class _ToolRow(_ToolDocument):
    slug: str


class _ReviewRow(BaseModel):
    reviewer: str
    take: str | None


class _FeedItem(BaseModel):
    id: str = ""
    url: str = ""
    content_text: str = ""
    content_html: str = ""


class _JsonFeed(BaseModel):
    version: str = ""
    title: str | None = None
    items: list[_FeedItem] | None = None


M = TypeVar("M", bound=BaseModel)


class BuiltFiles:
    """The files of a built site below `folder`, whose own address is `base_url`."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self.base_url = base_url

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all files."""
        return _paths_in(self._folder.resolve())

    def read(self, path: str) -> bytes:
        """Return the bytes of a file."""
        return (self._folder / path).read_bytes()

    def read_document(self, path: str, kind: type[M]) -> M:
        """Return a JSON file as `kind`. Raises _UnreadableError."""
        return _parse(path, kind, self.read(path))

    def read_rows(self, path: str, kind: type[M]) -> list[M]:
        """Return each line of a JSON Lines file as `kind`, none without the file."""
        if path not in self.paths:
            return []
        lines = self.read(path).split(b"\n")
        return [_parse(path, kind, line) for line in lines if line]

    def read_text(self, path: str) -> str:
        """Return a file of text. Raises _UnreadableError."""
        try:
            return self.read(path).decode()
        except UnicodeDecodeError as error:
            raise _UnreadableError(path, "it is no UTF-8") from error

    @cached_property
    def pages(self) -> Mapping[str, _Page]:
        """What every HTML page has: ids, links and JSON-LD."""
        return {path: _read_page(self.read(path)) for path in sorted(self.paths) if _is_page(path)}

    def locate(self, page: str, link: str) -> tuple[str, str] | None:
        """Return file and id that a link of a page leads to; None where it leaves the site."""
        whole = urljoin(self.base_url + page.removesuffix("index.html"), link)
        if not whole.startswith(self.base_url):
            return None
        parts = urlsplit(whole)
        path = unquote(parts.path[len(urlsplit(self.base_url).path) :])
        file = f"{path}index.html" if path.endswith("/") or not path else path
        return file, unquote(parts.fragment)


def _parse(path: str, kind: type[M], data: bytes) -> M:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise _UnreadableError(path, ": ".join(filter(None, first_fault_of(error)))) from error


def _paths_in(folder: Path) -> frozenset[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return frozenset(path.relative_to(folder).as_posix() for path in files)


def _is_page(path: str) -> bool:
    return path.endswith(".html")


def _read_page(html: bytes) -> _Page:
    tree = LexborHTMLParser(html)
    ids: Counter[str] = Counter()
    for node in tree.css("[id]"):
        ids[node.attributes.get("id") or ""] += 1
    links = [
        link
        for tag, name in _LINKS
        for node in tree.css(f"{tag}[{name}]")
        if (link := node.attributes.get(name)) is not None
    ]
    data = [node.text() for node in tree.css('script[type="application/ld+json"]')]
    return _Page(ids, tuple(links), tuple(data))


def check_files(site: BuiltFiles) -> list[SiteFault]:
    """Return everything that is wrong in a built site, in one order."""
    checks: tuple[Callable[[BuiltFiles], Iterator[SiteFault]], ...] = (
        _check_manifest,
        _check_ids,
        _check_links,
        _check_linked_data,
        _check_feeds,
        _check_documents,
        _check_contrast,
        _check_weight,
        _check_wording,
    )
    faults: list[SiteFault] = []
    for check in checks:
        try:
            faults.extend(check(site))
        except _UnreadableError as error:
            faults.append(error.fault)
    return faults


def _check_manifest(site: BuiltFiles) -> Iterator[SiteFault]:
    files = site.read_document("manifest.json", _Manifest).files
    for path in sorted(site.paths - {*files, "manifest.json"}):
        yield SiteFault(path, "it is not in the manifest")
    for path, known in files.items():
        if path not in site.paths:
            yield SiteFault(path, "it is in the manifest and not there")
        elif hashlib.sha256(site.read(path)).hexdigest() != known.sha256:
            yield SiteFault(
                path, "it is not what was built: its digest differs from the manifest's"
            )


def _check_ids(site: BuiltFiles) -> Iterator[SiteFault]:
    for path, page in site.pages.items():
        for name, times in page.ids.items():
            if times > 1:
                yield SiteFault(path, f"the id {name!r} stands {times} times")


def _check_links(site: BuiltFiles) -> Iterator[SiteFault]:
    for path, page in site.pages.items():
        for link in dict.fromkeys(page.links):
            if link.startswith("data:"):
                continue
            found = site.locate(path, link)
            if found is None:
                continue
            file, name = found
            if file not in site.paths:
                yield SiteFault(path, f"the link {link!r} leads nowhere")
            elif name and name not in site.pages[file].ids:
                yield SiteFault(path, f"the link {link!r} leads to an id that is not there")


def _check_linked_data(site: BuiltFiles) -> Iterator[SiteFault]:
    for path, page in site.pages.items():
        for text in page.data:
            try:
                document = json.loads(text)
            except ValueError as error:
                yield SiteFault(path, f"its JSON-LD is no JSON: {error}")
                continue
            for fault in list_term_faults(document):
                yield SiteFault(path, f"its JSON-LD: {fault}")


def _check_feeds(site: BuiltFiles) -> Iterator[SiteFault]:
    for path in sorted(site.paths):
        if path.endswith(".atom"):
            yield from _check_atom(site, path)
        elif path.endswith("feed.json"):
            try:
                yield from _check_json_feed(site, path)
            except _UnreadableError as error:
                yield error.fault
        elif path.endswith(".xml"):
            try:
                ET.fromstring(site.read(path))  # noqa: S314 - a file that we have written
            except ET.ParseError as error:
                yield SiteFault(path, f"it is no XML: {error}")


def _check_atom(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
    try:
        feed = ET.fromstring(site.read(path))  # noqa: S314 - a file that we have written
    except ET.ParseError as error:
        yield SiteFault(path, f"it is no XML: {error}")
        return
    entries = feed.findall(f"{_ATOM}entry")
    for number, node in enumerate((feed, *entries)):
        where = f"entry {number}" if number else "the feed"
        for name in ("id", "title", "updated"):
            if not (node.findtext(f"{_ATOM}{name}") or "").strip():
                yield SiteFault(path, f"{where} has no {name}")
    ids = Counter(entry.findtext(f"{_ATOM}id") for entry in entries)
    for twice in (one for one, times in ids.items() if times > 1):
        yield SiteFault(path, f"the id {twice} stands twice")
    for entry in entries:
        link = entry.find(f"{_ATOM}link")
        yield from _check_target(site, path, (link.get("href") if link is not None else None) or "")


def _check_json_feed(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
    feed = site.read_document(path, _JsonFeed)
    if not feed.version.startswith("https://jsonfeed.org/version/1"):
        yield SiteFault(path, "it names no version of JSON Feed")
    for name in ("title", "items"):
        if getattr(feed, name) is None:
            yield SiteFault(path, f"it has no {name}")
    for item in feed.items or ():
        if not item.id or not (item.content_text or item.content_html):
            yield SiteFault(path, f"an item has no id or no content: {item.url}")
        yield from _check_target(site, path, item.url)


def _check_target(site: BuiltFiles, path: str, url: str) -> Iterator[SiteFault]:
    found = site.locate("", url)
    if found is None or found[0] not in site.paths:
        yield SiteFault(path, f"{url!r} leads nowhere")


def _check_documents(site: BuiltFiles) -> Iterator[SiteFault]:
    """Yield each page whose JSON document tells another verdict than the list of tools does."""
    for row in site.read_rows("data/tools.jsonl", _ToolRow):
        path = f"tools/{row.slug}/index.json"
        if path not in site.paths:
            yield SiteFault(path, "the page of a published tool has no JSON document")
        elif site.read_document(path, _ToolDocument).decision != row.decision:
            what = f"it tells another verdict than data/tools.jsonl: {row.decision}"
            yield SiteFault(path, what)


def _check_contrast(site: BuiltFiles) -> Iterator[SiteFault]:
    for path in sorted(site.paths):
        if path.endswith(".css"):
            for pair in list_contrasts(site.read_text(path)):
                if pair.ratio < pair.least:
                    what = f"{pair.scheme}: {pair.ink} on {pair.paper} is {pair.ratio:.2f} to 1"
                    yield SiteFault(path, f"{what}, and {pair.least} is asked")


def _check_weight(site: BuiltFiles) -> Iterator[SiteFault]:
    for path in site.pages:
        size = len(gzip.compress(site.read(path), mtime=0))
        if size > MOST_OF_A_PAGE:
            yield SiteFault(path, f"it has {size:,} bytes gzipped; {MOST_OF_A_PAGE:,} are allowed")
    size = weight_of_style(site)
    if size > MOST_OF_STYLE:
        yield SiteFault(
            "assets", f"style and fonts have {size:,} bytes; {MOST_OF_STYLE:,} are allowed"
        )


def weight_of_style(site: BuiltFiles) -> int:
    """Return the bytes of the stylesheet, gzipped, and of the fonts."""
    sizes = (
        len(gzip.compress(data, mtime=0)) if path.endswith(".css") else len(data)
        for path in site.paths
        if path.endswith((".css", ".woff2"))
        for data in (site.read(path),)
    )
    return sum(sizes)


def _check_wording(site: BuiltFiles) -> Iterator[SiteFault]:
    """Yield each reviewer whose takes share too many runs of three words with one another.

    The share is that of a take's runs that stand in any other take of the same reviewer, averaged.
    """
    takes: dict[str, list[frozenset[tuple[str, ...]]]] = {}
    for row in site.read_rows("data/reviews.jsonl", _ReviewRow):
        if row.take:
            takes.setdefault(row.reviewer, []).append(_runs_of_three(row.take))
    for reviewer, known in takes.items():
        if len(known) < _FEWEST_TAKES:
            continue
        seen = Counter(run for runs in known for run in runs)
        shares = [sum(seen[run] > 1 for run in runs) / len(runs) for runs in known if runs]
        alike = sum(shares) / len(shares) if shares else 0.0
        if alike > _MOST_ALIKE:
            what = f"the takes of {reviewer} share {alike:.0%} of their runs of three words"
            yield SiteFault("data/reviews.jsonl", f"{what}; {_MOST_ALIKE:.0%} is the most")


def _runs_of_three(text: str) -> frozenset[tuple[str, ...]]:
    words = text.casefold().split()
    return frozenset(zip(words, words[1:], words[2:], strict=False))
