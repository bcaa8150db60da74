"""The plan of a site: every file with the key of all that decides its bytes, and how it is made."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import NamedTuple, Protocol

from panel.domain.community import VotableTool, VotableTools
from panel.domain.last_audit import LastAudit
from panel.publish.catalogue import Catalogue, Category
from panel.publish.documents import Document, write_document
from panel.publish.history import list_changes, record_path
from panel.publish.notices import list_notices, notices_of
from panel.publish.published import PublishedTool, SiteComparison
from panel.publish.rows import Row
from panel.site.assets import Assets
from panel.site.card_contents import CardTool, card_tool
from panel.site.documents import (
    notices_document,
    pair_document,
    replaced_document,
    rows_document,
    tool_document,
)
from panel.site.feeds import SiteFeed, change_feed, json_feed, notice_feed, verdict_feed, write_atom
from panel.site.hosting import (
    list_redirects,
    write_headers,
    write_opensearch,
    write_redirects,
    write_robots,
    write_sitemap,
)
from panel.site.listing import ORDERS, ListOrder, Sheet, by_letter, cut, in_order
from panel.site.pages import SitePages, reviewer_path
from panel.site.tables import (
    COMPARISON_COLUMNS,
    REVIEW_COLUMNS,
    TOOL_COLUMNS,
    DataRow,
    comparison_rows,
    review_rows,
    tool_rows,
    write_csv,
    write_json_lines,
)

_PACKAGE = Path(__file__).parent.parent
_NEWEST = 50  # tools on the first page of the A to Z


class PlannedFile(NamedTuple):
    """One file of the site: its path, the key of all that decides its bytes, and how it is made."""

    path: str
    key: str
    make: Callable[[], bytes]


def code_of_pages() -> Iterator[Path]:
    """Yield the code, templates, styles and fonts that pages are made with, in one order."""
    for name in ("spdx.py", "checklist/__init__.py", "checklist/tally.py"):
        yield _PACKAGE / name
    for folder in ("domain", "editorial", "publish", "site"):
        for path in sorted((_PACKAGE / folder).rglob("*")):
            if path.suffix in (".py", ".j2", ".css", ".typ", ".woff2"):
                yield path


def digest_of_code() -> str:
    """Return a digest of the code and templates that pages are made with."""
    whole = hashlib.sha256()
    for path in code_of_pages():
        whole.update(path.relative_to(_PACKAGE).as_posix().encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


class Cards(Protocol):
    """What draws the cards of pages."""

    @property
    def digest(self) -> str:
        """What decides the bytes of a card beside its words."""
        ...

    def draw(self, title: str, tools: Sequence[CardTool]) -> bytes:
        """Return the card of one tool or of several side by side, as PNG."""
        ...


class SitePlan:
    """Lists the files of a catalogue's site. No file is made before its `make` is called."""

    def __init__(
        self, catalogue: Catalogue, assets: Assets, code: str, cards: Cards | None = None
    ) -> None:
        self._catalogue = catalogue
        self._site = catalogue.identity
        self._assets = assets
        self._cards = cards
        drawn = cards.digest if cards else ""
        settings = (repr(self._site), repr(catalogue.months))
        self._base = _digest(code, drawn, *settings)
        self._pages = SitePages(catalogue, assets, has_cards=cards is not None)

    def files(self) -> Iterator[PlannedFile]:
        """Yield every file but the manifest, each path once."""
        for path, data in self._assets.files.items():
            yield PlannedFile(path, _digest(path), partial(_same, data))
        for tool in self._catalogue.every:
            yield from self._tool(tool)
        for one in self._catalogue.every_comparison:
            yield from self._comparison(one)
        yield from self._moved()
        yield from self._categories()
        yield from self._tool_lists()
        yield from self._comparison_lists()
        yield from self._reviewers()
        yield from self._corrections()
        yield from self._texts()
        yield from self._tables()
        yield from self._for_hosts()

    @cached_property
    def _fingerprints(self) -> dict[str, str]:
        return {tool.slug: _fingerprint(tool) for tool in self._catalogue.every}

    @cached_property
    def _whole(self) -> str:
        """The key of a file that all of the catalogue decides."""
        persons = (one.model_dump_json() for one in self._catalogue.personas)
        prompts = (one.model_dump_json() for one in self._catalogue.prompts)
        pairs = (one.path for one in self._catalogue.every_comparison)
        rules = self._catalogue.rules.model_dump_json()
        return self._key(*self._fingerprints.values(), *persons, *prompts, *pairs, rules)

    @cached_property
    def _record(self) -> str:
        """The key of a file that the audit and what came of predictions decide too."""
        found = (one.model_dump_json() for one in self._catalogue.predictions)
        return self._key(self._whole, *_audit_parts(self._catalogue.audit), *found)

    def _key(self, *parts: str) -> str:
        return _digest(self._base, *parts)

    def _key_of(self, tools: Iterable[PublishedTool], *more: str) -> str:
        return self._key(*(self._fingerprints[tool.slug] for tool in tools), *more)

    def _votes(self, tools: Iterable[PublishedTool]) -> Iterator[str]:
        """Yield what readers' votes decide on the page of `tools`."""
        community = self._catalogue.community
        if community is not None:
            yield f"{community.service} {community.snapshot and community.snapshot.day}"
            yield from (community.count_of(tool.slug).model_dump_json() for tool in tools)

    def _old_prices(self, tools: Iterable[PublishedTool]) -> Iterator[str]:
        """Yield the tools whose prices are old by now, as a page says."""
        for tool in tools:
            if tool.slug in self._catalogue.old_prices:
                yield f"prices of {tool.slug}, {self._catalogue.price_days}"

    def _taken(self) -> Iterator[str]:
        """Yield the moment of the frozen votes: a page shows its day, and its document all of it."""
        community = self._catalogue.community
        if community is not None and community.snapshot is not None:
            yield community.snapshot.taken.isoformat()

    def _votable(self) -> VotableTools:
        return VotableTools(
            tools=tuple(
                VotableTool(
                    slug=tool.slug,
                    name=tool.name,
                    withdrawn=tool.is_withdrawn,
                    page=f"{self._site.root}{tool.path}",
                )
                for tool in self._catalogue.every
            )
        )

    def _html(self, path: str, key: str, make: Callable[[], str]) -> PlannedFile:
        name = path if path.endswith(".html") else f"{path}index.html"
        return self._text(name, key, make)

    def _data(self, path: str, key: str, make: Callable[[], Document]) -> PlannedFile:
        return PlannedFile(path, key, lambda: write_document(make()).encode())

    def _text(self, path: str, key: str, make: Callable[[], str]) -> PlannedFile:
        return PlannedFile(path, key, partial(_encoded, make))

    def _tool(self, tool: PublishedTool) -> Iterator[PlannedFile]:
        compared = self._catalogue.comparisons_of.get(tool.slug, ())
        listed = (one.title + one.path for one in compared)
        audit = self._catalogue.audit_of_tool(tool)
        told = (*self._votes((tool,)), *self._old_prices((tool,)), *_audit_parts(audit))
        key = self._key_of((tool,), *listed, *told)
        yield from self._card(tool.path, (tool,))
        yield self._html(tool.path, key, partial(self._pages.tool, tool))
        yield self._data(
            f"{tool.path}index.json",
            self._key(key, *self._taken()),
            lambda: tool_document(
                self._site, tool, list(notices_of(tool)), self._catalogue.community, audit
            ),
        )

        for before in tool.earlier:
            if (path := record_path(tool, before)) is not None:
                make = partial(replaced_document, self._site, tool, before)
                yield self._data(path, self._key_of((tool,)), make)

    def _card(self, path: str, tools: Sequence[PublishedTool]) -> Iterator[PlannedFile]:
        if self._cards is not None and not any(tool.is_withdrawn for tool in tools):
            shown = [self._card_tools[tool.slug] for tool in tools]
            make = partial(self._cards.draw, self._site.title, [one for one, _ in shown])
            yield PlannedFile(f"{path}card.png", self._key(*(key for _, key in shown)), make)

    @cached_property
    def _card_tools(self) -> dict[str, tuple[CardTool, str]]:
        """What stands of each tool on a card, and what tells that from another."""
        shown = [card_tool(self._catalogue.row(tool)) for tool in self._catalogue.tools]
        return {one.slug: (one, repr(one)) for one in shown}

    def _comparison(self, one: SiteComparison) -> Iterator[PlannedFile]:
        key = self._key_of(one.tools, *self._votes(one.tools), *self._old_prices(one.tools))
        yield from self._card(one.path, one.tools)
        yield self._html(one.path, key, partial(self._pages.comparison, one))
        yield self._data(f"{one.path}index.json", key, partial(pair_document, self._site, one))

    def _moved(self) -> Iterator[PlannedFile]:
        for path, to in list_redirects(self._catalogue).items():
            yield self._html(path, self._key(path, to), partial(self._pages.moved, to))

    def _categories(self) -> Iterator[PlannedFile]:
        catalogue = self._catalogue
        yield self._html("category/", self._whole, self._pages.categories)
        for category in catalogue.categories:
            key = self._category_key(category)
            rows = list(map(catalogue.row, category.tools))
            for order in ORDERS:
                base = f"{category.path}{order.suffix}"
                for sheet in cut(base, in_order(rows, order)):
                    yield self._category_sheet(category, order, sheet, rows, key)
            title = f"{self._site.title}: {category.name}"
            feed = partial(verdict_feed, self._site, title, category.path, rows)
            yield from self._feed(f"{category.path}feed", feed, key)
            yield self._data(
                f"{category.path}index.json",
                key,
                partial(rows_document, self._site, category.name, category.path, rows),
            )

    def _category_key(self, category: Category) -> str:
        pairs = [one.path for one in self._catalogue.comparisons_in(category)]
        return self._key_of(category.tools, category.name, *pairs, *self._persons)

    @cached_property
    def _persons(self) -> list[str]:
        return [one.name + one.short for one in self._catalogue.personas]

    def _category_sheet(
        self, category: Category, order: ListOrder, sheet: Sheet[Row], rows: list[Row], key: str
    ) -> PlannedFile:
        make = partial(self._pages.category, category, order, sheet, rows)
        return self._html(sheet.path, key, make)

    def _tool_lists(self) -> Iterator[PlannedFile]:
        tools = self._catalogue.tools
        rows = list(map(self._catalogue.row, tools))
        parts = by_letter(rows)
        letters = [(letter, len(part)) for letter, part in parts.items()]
        newest = cut("tools/", rows[:_NEWEST])[0]
        make = partial(self._pages.tools, newest, letters, "", len(rows))
        yield self._html("tools/", self._whole, make)
        listed = partial(rows_document, self._site, "All tools", "tools/", rows)
        yield self._data("tools/index.json", self._whole, listed)
        known = [f"{letter}:{many}" for letter, many in letters]
        for letter, part in parts.items():
            key = self._key_of((row.tool for row in part), *known, *self._persons)
            for sheet in cut(f"a-to-z/{letter}/", part):
                make = partial(self._pages.tools, sheet, letters, letter, len(part))
                yield self._html(sheet.path, key, make)

    def _comparison_lists(self) -> Iterator[PlannedFile]:
        sheets = cut("compare/", self._catalogue.comparisons, _NEWEST)
        for sheet in sheets:
            tools = (tool for one in sheet.items for tool in one.tools)
            key = self._key_of(
                tools, f"{sheet.of} {len(self._catalogue.comparisons)}", *self._persons
            )
            yield self._html(sheet.path, key, partial(self._pages.comparisons, sheet))

    def _reviewers(self) -> Iterator[PlannedFile]:
        yield self._html("reviewers/", self._whole, self._pages.reviewers)
        for number, persona in enumerate(self._catalogue.personas):
            path = reviewer_path(persona.key)
            yield self._html(path, self._record, partial(self._reviewer, number))
            brief = partial(_same, f"{persona.render()}\n".encode())
            yield PlannedFile(f"prompts/{persona.key}.txt", self._key(persona.render()), brief)
        for prompt in self._catalogue.prompts:
            path = f"prompts/{prompt.name}.txt"
            yield PlannedFile(path, self._key(prompt.text), partial(_same, prompt.text.encode()))

    def _reviewer(self, number: int) -> str:
        return self._pages.reviewer(self._pages.records[number])

    def _corrections(self) -> Iterator[PlannedFile]:
        notices = list_notices(self._catalogue)
        for sheet in cut("corrections/", notices):
            make = partial(self._pages.corrections, sheet, notices)
            yield self._html(sheet.path, self._whole, make)
        feed = partial(notice_feed, self._site, notices)
        yield from self._feed("corrections/feed", feed, self._whole)
        listed = partial(notices_document, self._site, notices)
        yield self._data("corrections/index.json", self._whole, listed)

    def _texts(self) -> Iterator[PlannedFile]:
        yield self._html("", self._whole, self._pages.front)
        newest = self._catalogue.tools[:_NEWEST]
        rows = [self._catalogue.row(tool) for tool in newest]
        listed = partial(rows_document, self._site, self._site.title, "", rows)
        yield self._data("index.json", self._whole, listed)
        yield self._html("method/", self._record, self._pages.method)
        yield self._html("about-ai/", self._whole, self._pages.about_ai)
        yield self._html("404.html", self._whole, self._pages.not_found)
        feed = partial(verdict_feed, self._site, self._site.title, "", rows)
        yield from self._feed("feed", feed, self._whole)
        changes = partial(change_feed, self._site, list_changes(self._catalogue))
        yield from self._feed("changes", changes, self._whole)

    def _feed(self, path: str, feed: Callable[[], SiteFeed], key: str) -> Iterator[PlannedFile]:
        yield self._text(f"{path}.atom", key, lambda: write_atom(feed()))
        yield self._data(f"{path}.json", key, lambda: json_feed(feed()))

    def _tables(self) -> Iterator[PlannedFile]:
        tables: tuple[tuple[str, list[str], Callable[[Catalogue], Iterable[DataRow]]], ...] = (
            ("tools", TOOL_COLUMNS, tool_rows),
            ("comparisons", COMPARISON_COLUMNS, comparison_rows),
            ("reviews", REVIEW_COLUMNS, review_rows),
        )
        for name, columns, read in tables:
            rows = cache(partial(_listed, read, self._catalogue))  # for both of its files
            as_csv = partial(_as_csv, columns, rows)
            yield self._text(f"data/{name}.csv", self._whole, as_csv)
            yield self._text(f"data/{name}.jsonl", self._whole, partial(_as_lines, rows))
        if (audit := self._catalogue.audit) is not None:
            document = partial(audit.model_dump, mode="json")
            yield self._data("data/audit.json", self._record, document)
        yield self._data(
            "data/tools.json", self._whole, lambda: self._votable().model_dump(mode="json")
        )

    def _for_hosts(self) -> Iterator[PlannedFile]:
        site, community = self._site, self._catalogue.community
        services = [community.service] if community else []
        services += [site.sign_up_origin] if site.sign_up_origin else []
        moved = list_redirects(self._catalogue)
        headers = partial(write_headers, site, services)
        yield self._text("_headers", self._key(*services), headers)
        yield self._text("_redirects", self._whole, partial(write_redirects, site, moved))
        yield self._text("robots.txt", self._base, partial(write_robots, site))
        yield self._text("opensearch.xml", self._base, partial(write_opensearch, site))
        pages = [(tool.path, tool.updated.date()) for tool in self._catalogue.tools]
        pages += [(one.path, one.updated.date()) for one in self._catalogue.comparisons]
        fixed = ("", "tools/", "compare/", "category/", "reviewers/", "method/", "about-ai/")
        whole = [
            *((path, None) for path in (*fixed, "corrections/")),
            *((category.path, None) for category in self._catalogue.categories),
            *((reviewer_path(one.key), None) for one in self._catalogue.personas),
            *pages,
        ]
        yield self._text("sitemap.xml", self._whole, partial(write_sitemap, site, whole))


def _audit_parts(audit: LastAudit | None) -> Iterator[str]:
    """Yield what an audit decides of the bytes of a file."""
    if audit is not None:
        yield audit.model_dump_json()


def _fingerprint(tool: PublishedTool) -> str:
    """Return what the pages of a tool are decided by: the runs as approved and every decision since."""
    effective = tool.publication.effective
    return _digest(
        *(one.grounds.run for one in effective[-1:]),
        *(one.model_dump_json() for one in effective),
        tool.name,
        *(f"{_fingerprint(one)} {one.recorded is None}" for one in tool.earlier),
    )


def _listed(
    read: Callable[[Catalogue], Iterable[DataRow]], catalogue: Catalogue
) -> Sequence[DataRow]:
    return tuple(read(catalogue))


def _as_csv(columns: Sequence[str], rows: Callable[[], Sequence[DataRow]]) -> str:
    return write_csv(columns, rows())


def _as_lines(rows: Callable[[], Sequence[DataRow]]) -> str:
    return write_json_lines(rows())


def _same(data: bytes) -> bytes:
    return data


def _encoded(make: Callable[[], str]) -> bytes:
    return make().encode()


def _digest(*parts: str) -> str:
    whole = "".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(whole.encode()).hexdigest()
