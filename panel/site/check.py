"""Checks of a built site, offline: links, ids, JSON-LD, feeds, contrast, weight and wording."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

from selectolax.lexbor import LexborHTMLParser

from panel.site.contrast import list_contrasts
from panel.site.terms import list_term_faults

MOST_OF_A_PAGE: Final = 25_000
"""Bytes of an HTML page, gzipped."""
MOST_OF_STYLE: Final = 65 * 1024
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
    return [fault for check in checks for fault in check(site)]


def _check_manifest(site: BuiltFiles) -> Iterator[SiteFault]:
    files = json.loads(site.read("manifest.json"))["files"]
    for path in sorted(site.paths - {*files, "manifest.json"}):
        yield SiteFault(path, "it is not in the manifest")
    for path, known in files.items():
        if path not in site.paths:
            yield SiteFault(path, "it is in the manifest and not there")
        elif hashlib.sha256(site.read(path)).hexdigest() != known["sha256"]:
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
            yield from _check_json_feed(site, path)
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
    try:
        feed = json.loads(site.read(path))
    except ValueError as error:
        yield SiteFault(path, f"it is no JSON: {error}")
        return
    if not str(feed.get("version", "")).startswith("https://jsonfeed.org/version/1"):
        yield SiteFault(path, "it names no version of JSON Feed")
    for name in ("title", "items"):
        if name not in feed:
            yield SiteFault(path, f"it has no {name}")
    for item in feed.get("items", ()):
        if not item.get("id") or not (item.get("content_text") or item.get("content_html")):
            yield SiteFault(path, f"an item has no id or no content: {item.get('url')}")
        yield from _check_target(site, path, item.get("url", ""))


def _check_target(site: BuiltFiles, path: str, url: str) -> Iterator[SiteFault]:
    found = site.locate("", url)
    if found is None or found[0] not in site.paths:
        yield SiteFault(path, f"{url!r} leads nowhere")


def _check_documents(site: BuiltFiles) -> Iterator[SiteFault]:
    """Yield each page whose twin tells another verdict than the list of tools does."""
    told: dict[str, Any] = {}
    if "data/tools.jsonl" in site.paths:
        lines = site.read("data/tools.jsonl").decode().split("\n")
        told = {row["slug"]: row["decision"] for row in map(json.loads, filter(None, lines))}
    for slug, decision in told.items():
        path = f"tools/{slug}/index.json"
        if path not in site.paths:
            yield SiteFault(path, "the page of a published tool has no twin")
        elif json.loads(site.read(path))["decision"] != decision:
            yield SiteFault(path, f"it tells another verdict than data/tools.jsonl: {decision}")


def _check_contrast(site: BuiltFiles) -> Iterator[SiteFault]:
    for path in sorted(site.paths):
        if path.endswith(".css"):
            for pair in list_contrasts(site.read(path).decode()):
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
    if "data/reviews.jsonl" not in site.paths:
        return
    takes: dict[str, list[frozenset[tuple[str, ...]]]] = {}
    for line in filter(None, site.read("data/reviews.jsonl").decode().split("\n")):
        row = json.loads(line)
        if row["take"]:
            takes.setdefault(row["reviewer"], []).append(_runs_of_three(row["take"]))
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
