"""Checks of a built site, offline: links, ids, JSON-LD, feeds, contrast, weight and wording."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
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
        """Return the bytes of a file. Raises _UnreadableError."""
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise _UnreadableError(path, error.strerror or "it is gone") from error

    def read_document(self, path: str, kind: type[M]) -> M:
        """Return a JSON file as `kind`. Raises _UnreadableError."""
        return _parse(path, kind, self.read(path))

    def read_rows(self, path: str, kind: type[M]) -> tuple[list[M], list[SiteFault]]:
        """Return the lines of a JSON Lines file as `kind`, none without the file; and the bad ones."""
        rows: list[M] = []
        faults: list[SiteFault] = []
        lines = self.read(path).split(b"\n") if path in self.paths else []
        for number, line in enumerate(lines, start=1):
            try:
                if line:
                    rows.append(_parse(path, kind, line, f"line {number}: "))
            except _UnreadableError as error:
                faults.append(error.fault)
        return rows, faults

    def read_text(self, path: str) -> str:
        """Return a file of text. Raises _UnreadableError."""
        try:
            return self.read(path).decode()
        except UnicodeDecodeError as error:
            raise _UnreadableError(path, "it is no UTF-8") from error

    @cached_property
    def pages(self) -> Mapping[str, _Page]:
        """What every HTML page that can be read has: ids, links and JSON-LD."""
        found: dict[str, _Page] = {}
        for path in sorted(filter(_is_page, self.paths)):
            with suppress(_UnreadableError):  # the manifest's check names it
                found[path] = _read_page(self.read(path))
        return found

    def locate(self, page: str, link: str) -> tuple[str, str] | None:
        """Return file and id that a link of a page leads to; None where it leaves the site.

        Raises ValueError where it is no address.
        """
        whole = urljoin(self.base_url + page.removesuffix("index.html"), link)
        if not whole.startswith(self.base_url):
            return None
        parts = urlsplit(whole)
        path = unquote(parts.path[len(urlsplit(self.base_url).path) :])
        file = f"{path}index.html" if path.endswith("/") or not path else path
        return file, unquote(parts.fragment)


def _parse(path: str, kind: type[M], data: bytes, where: str = "") -> M:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        why = ": ".join(filter(None, first_fault_of(error)))
        raise _UnreadableError(path, f"{where}{why}") from error


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
        faults.extend(_found(partial(check, site)))
    return list(dict.fromkeys(faults))


def _found(check: Callable[[], Iterator[SiteFault]]) -> Iterator[SiteFault]:
    """Yield what a check finds, and where it ends at a file that cannot be read, that file."""
    try:
        yield from check()
    except _UnreadableError as error:
        yield error.fault


def _check_each(
    check: Callable[[BuiltFiles, str], Iterator[SiteFault]], site: BuiltFiles, paths: Iterable[str]
) -> Iterator[SiteFault]:
    """Yield what a check finds in each of `paths`: one that cannot be read hides no other."""
    for path in paths:
        yield from _found(partial(check, site, path))


def _check_manifest(site: BuiltFiles) -> Iterator[SiteFault]:
    files = site.read_document("manifest.json", _Manifest).files
    for path in sorted(site.paths - {*files, "manifest.json"}):
        yield SiteFault(path, "it is not in the manifest")

    def check(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
        if path not in site.paths:
            yield SiteFault(path, "it is in the manifest and not there")
        elif hashlib.sha256(site.read(path)).hexdigest() != files[path].sha256:
            yield SiteFault(
                path, "it is not what was built: its digest differs from the manifest's"
            )

    yield from _check_each(check, site, files)


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
            try:
                found = site.locate(path, link)
            except ValueError:
                yield SiteFault(path, f"the link {link!r} is no address")
                continue
            if found is None:
                continue
            file, name = found
            if file not in site.paths:
                yield SiteFault(path, f"the link {link!r} leads nowhere")
            elif name and file in site.pages and name not in site.pages[file].ids:
                yield SiteFault(path, f"the link {link!r} leads to an id that is not there")


def _check_linked_data(site: BuiltFiles) -> Iterator[SiteFault]:
    for path, page in site.pages.items():
        for text in page.data:
            try:
                for fault in list_term_faults(json.loads(text)):
                    yield SiteFault(path, f"its JSON-LD: {fault}")
            except (ValueError, RecursionError) as error:
                yield SiteFault(path, f"its JSON-LD is no JSON: {error}")


def _check_feeds(site: BuiltFiles) -> Iterator[SiteFault]:
    yield from _check_each(_check_feed, site, sorted(site.paths))


def _check_feed(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
    if path.endswith(".atom"):
        yield from _check_atom(site, path)
    elif path.endswith(".json") and f"{path.removesuffix('.json')}.atom" in site.paths:
        yield from _check_json_feed(site, path)
    elif path.endswith(".xml"):
        _read_xml(site, path)


def _read_xml(site: BuiltFiles, path: str) -> ET.Element:
    try:
        return ET.fromstring(site.read(path))  # noqa: S314 - a file that we have written
    except (ET.ParseError, ValueError, LookupError) as error:  # the latter of an unknown encoding
        raise _UnreadableError(path, f"it is no XML: {error}") from error


def _check_atom(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
    feed = _read_xml(site, path)
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
    try:
        found = site.locate("", url)
    except ValueError:
        found = None
    if found is None or found[0] not in site.paths:
        yield SiteFault(path, f"{url!r} leads nowhere")


def _check_documents(site: BuiltFiles) -> Iterator[SiteFault]:
    """Yield each page whose JSON document tells another verdict than the list of tools does."""
    rows, faults = site.read_rows("data/tools.jsonl", _ToolRow)
    yield from faults
    decisions = {f"tools/{row.slug}/index.json": row.decision for row in rows}

    def check(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
        if path not in site.paths:
            yield SiteFault(path, "the page of a published tool has no JSON document")
        elif site.read_document(path, _ToolDocument).decision != decisions[path]:
            what = f"it tells another verdict than data/tools.jsonl: {decisions[path]}"
            yield SiteFault(path, what)

    yield from _check_each(check, site, decisions)


def _check_contrast(site: BuiltFiles) -> Iterator[SiteFault]:
    styles = (path for path in sorted(site.paths) if path.endswith(".css"))
    yield from _check_each(_check_style, site, styles)


def _check_style(site: BuiltFiles, path: str) -> Iterator[SiteFault]:
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
    """Return the bytes of the stylesheet, gzipped, and of the fonts, as far as they can be read."""
    size = 0
    for path in site.paths:
        if path.endswith((".css", ".woff2")):
            with suppress(_UnreadableError):  # the manifest's check names it
                data = site.read(path)
                size += len(gzip.compress(data, mtime=0)) if path.endswith(".css") else len(data)
    return size


def _check_wording(site: BuiltFiles) -> Iterator[SiteFault]:
    """Yield each reviewer whose takes share too many runs of three words with one another.

    The share is that of a take's runs that stand in any other take of the same reviewer, averaged.
    """
    takes: dict[str, list[frozenset[tuple[str, ...]]]] = {}
    rows, faults = site.read_rows("data/reviews.jsonl", _ReviewRow)
    yield from faults
    for row in rows:
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
