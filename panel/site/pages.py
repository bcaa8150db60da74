"""The site's pages: each kind of page as a method that returns its HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from panel.domain.ballot import Basis
from panel.domain.wording import counted, listed, spelled
from panel.publish.catalogue import Catalogue, Category
from panel.publish.columns import Column, build_columns
from panel.publish.fact_words import say_value
from panel.publish.figures import long_date
from panel.publish.history import VerdictEvent, history_of
from panel.publish.leads import advice_of
from panel.publish.marks import MARKS
from panel.publish.notices import Notice, field_name, notices_of
from panel.publish.pages import (
    Page,
    make_environment,
    page_of_comparison,
    page_of_tool,
    structured,
)
from panel.publish.provenance import Byline, print_rules
from panel.publish.published import PublishedTool, SiteComparison, overrides_of
from panel.publish.rows import Row
from panel.publish.structured import Node
from panel.site.assets import Assets
from panel.site.audit_words import audited_figures, panel_sentences, ship_rate, ship_rates
from panel.site.feeds import FeedLink
from panel.site.front import Front, front_of
from panel.site.linked_data import complete, front_document, list_document
from panel.site.listing import ORDERS, ListOrder, Sheet
from panel.site.records import ReviewerRecord, records_of

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_PAIRS = 6  # on the page of a category
_BAR = 60  # pixels of the tallest bar of a category
_KINDS: tuple[tuple[Basis, str, str], ...] = (
    ("quoted", "quoted", "It stands in the maker’s text, word for word; code found it there."),
    ("computed", "a sum", "Code did the sum again; one that it could not follow is marked."),
    ("absent", "not said", "The reviewer did not find it in the text."),
    ("known", "unchecked", "The model knows it from elsewhere. Nobody has checked it."),
    ("judged", "no mark", "An opinion, in view of the rest."),
)


@dataclass(frozen=True)
class Head:
    """What stands in the head of a page, beside what is the same on all."""

    title: str
    summary: str
    path: str
    canonical: str | None = None
    data_path: str | None = None
    feeds: tuple[FeedLink, ...] = ()
    card: str | None = None
    card_alt: str = ""
    noindex: bool = False
    active: str = ""


@dataclass(frozen=True)
class SitePages:
    """Renders the pages of one catalogue; `has_cards` tells that tools and comparisons have a card.

    `style` is that of a page which has to be whole by itself; without it a page links to the assets.
    """

    catalogue: Catalogue
    assets: Assets
    has_cards: bool = False
    style: Markup | None = None

    @cached_property
    def _environment(self) -> Environment:
        environment = make_environment(_TEMPLATES)
        environment.globals.update(
            site=self.catalogue.identity,
            assets=self.assets,
            style=self.style,
            marks=MARKS,
            counted=counted,
            field_name=field_name,
            say_value=say_value,
            listed=listed,
            long_date=long_date,
            reviewer_path=reviewer_path,
            spelled=spelled,
            row_of=self.catalogue.row,
        )
        return environment

    def front(self) -> str:
        """Return the front page."""
        front = front_of(self.catalogue)
        site = self.catalogue.identity
        head = self._head("", site.title, _summary(front), data_path="index.json")
        return self._render(
            "front.j2",
            head,
            document=front_document(site),
            front=front,
            lead_advice=advice_of(front.lead) if front.lead else (),
            personas=self.catalogue.personas,
            records=self.records,
            categories=self.catalogue.categories,
            tool_count=len(self.catalogue.tools),
        )

    @cached_property
    def records(self) -> tuple[ReviewerRecord, ...]:
        """The records of the reviewers of today's panel, in its order."""
        return records_of(self.catalogue)

    def tool(self, tool: PublishedTool) -> str:
        """Return the page of a tool: its verdict, or why it was withdrawn."""
        if tool.is_withdrawn:
            return self._withdrawn(tool.path, tool.name, (tool,), (), history=history_of(tool))
        columns = build_columns((tool.run,), overrides_of((tool,)))
        url = self.catalogue.identity.url(tool.path)
        page = page_of_tool(
            columns,
            data_path="index.json",
            canonical=url,
            months=self.catalogue.months,
            community=self.catalogue.community,
            name=self.catalogue.identity.title,
        )
        compared = self.catalogue.comparisons_of.get(tool.slug, ())
        audit = self.catalogue.audit_of_tool(tool)
        return self._panel_page(
            "site_tool.j2",
            page,
            columns,
            tools=(tool,),
            path=tool.path,
            compared=compared,
            history=history_of(tool),
            audited=audit.made.date() if audit else "",
            audit_says=panel_sentences(audit) if audit else (),
        )

    def comparison(self, one: SiteComparison) -> str:
        """Return the page of a comparison, or which of its tools were withdrawn."""
        if one.is_withdrawn:
            gone = tuple(tool for tool in one.tools if tool.is_withdrawn)
            standing = tuple(tool for tool in one.tools if not tool.is_withdrawn)
            return self._withdrawn(one.path, one.title, gone, standing)
        columns = build_columns(one.comparison.runs, one.comparison.overrides)
        page = page_of_comparison(
            one.comparison,
            columns,
            data_path="index.json",
            canonical=self.catalogue.identity.url(one.path),
            community=self.catalogue.community,
            name=self.catalogue.identity.title,
        )
        notices = [notice for tool in one.tools for notice in notices_of(tool)]
        return self._panel_page(
            "site_comparison.j2",
            page,
            columns,
            tools=one.tools,
            path=one.path,
            notices=sorted(notices, key=lambda notice: -notice.correction.number),
        )

    def _panel_page(
        self,
        template: str,
        page: Page,
        columns: Sequence[Column],
        *,
        tools: tuple[PublishedTool, ...],
        path: str,
        **more: Any,  # noqa: ANN401 - whatever the template prints
    ) -> str:
        section = f"{path.partition('/')[0]}/"
        site = self.catalogue.identity
        document = complete(page.document, site, path, section, tools)
        lines = [line for tool in tools for line in approval_lines(tool, several=len(tools) > 1)]
        old = tuple(self._old_prices(tools))
        page = replace(page, editor=tuple(lines), document=document, old_prices=old)
        return self._environment.get_template(template).render(
            page=page,
            head=self._with_card(self._head(path, page.title, page.summary), page.byline),
            columns=columns,
            marks=MARKS[: len(columns)],
            structured=structured(document),
            tools=tools,
            **more,
        )

    def _old_prices(self, tools: Sequence[PublishedTool]) -> Iterator[str]:
        """Yield since when nobody has read the prices of each of `tools` whose prices are old."""
        for tool in tools:
            if tool.slug in self.catalogue.old_prices:
                whose = f"{tool.name}: its" if len(tools) > 1 else "The"
                yield (
                    f"{whose} prices were read on {long_date(tool.publication.prices_read)}, more than "
                    f"{self.catalogue.price_days} days before the last decision on this site. They may "
                    "be others by now."
                )

    def _withdrawn(
        self,
        path: str,
        title: str,
        gone: tuple[PublishedTool, ...],
        standing: tuple[PublishedTool, ...],
        *,
        history: Sequence[VerdictEvent] = (),
    ) -> str:
        """Return why tools were withdrawn; the page of one tool has the events before that, too."""
        summary = f"{title}: withdrawn, with the reason."
        head = self._head(path, title, summary, data_path="index.json", noindex=True)
        return self._render(
            "withdrawn.j2",
            head,
            gone=gone,
            standing=standing,
            gone_links=path != gone[0].path,
            history=history,
        )

    def category(
        self, category: Category, order: ListOrder, sheet: Sheet[Row], rows: list[Row]
    ) -> str:
        """Return one page of a category in one order; `rows` has all of its tools."""
        title = category.name
        feeds = (FeedLink(f"{title} (Atom)", f"{category.path}feed.atom"),)
        head = self._head(sheet.path, title, f"{title}: {counted(len(rows), 'tool')}.", feeds=feeds)
        canonical = self.catalogue.identity.url(category.path)
        if order.key != "date":
            head = replace(head, canonical=canonical, noindex=True)
        elif sheet.number == 1:
            head = replace(head, data_path="index.json")
        return self._render(
            "category.j2",
            head,
            document=list_document(
                self.catalogue.identity, title, sheet.path, [row.tool for row in sheet.items]
            ),
            category=category,
            order=order,
            orders=ORDERS,
            sheet=sheet,
            rows=rows,
            bars=_bars(rows),
            divided=sum(row.panel_badge == "split" for row in rows),
            personas=self.catalogue.personas,
            comparisons=self.catalogue.comparisons_in(category)[:_MOST_PAIRS],
        )

    def categories(self) -> str:
        """Return the list of categories."""
        head = self._head("category/", "Categories", "Tools by category.")
        return self._render(
            "categories.j2",
            head,
            categories=self.catalogue.categories,
            tool_count=len(self.catalogue.tools),
        )

    def tools(self, sheet: Sheet[Row], letters: list[tuple[str, int]], letter: str, of: int) -> str:
        """Return a page of tools: the newest, or those of one letter; `of` is how many there are."""
        title = f"Tools: {letter}" if letter else "All tools"
        head = self._head(
            sheet.path, title, f"{counted(of, 'tool')} with a verdict.", active="tools"
        )
        return self._render(
            "tools.j2",
            replace(head, data_path=None if letter else "index.json"),
            sheet=sheet,
            letters=letters,
            letter=letter,
            total=of,
            withdrawn=[tool for tool in self.catalogue.every if tool.is_withdrawn],
            personas=self.catalogue.personas,
        )

    def comparisons(self, sheet: Sheet[SiteComparison]) -> str:
        """Return a page of the list of comparisons."""
        head = self._head(sheet.path, "All comparisons", "Tools side by side.", active="compare")
        return self._render(
            "comparisons.j2",
            head,
            sheet=sheet,
            total=len(self.catalogue.comparisons),
            personas=self.catalogue.personas,
        )

    def reviewers(self) -> str:
        """Return the list of the reviewers."""
        head = self._head("reviewers/", "The reviewers", "Who sits on the panel.", active="panel")
        return self._render("reviewers.j2", head, records=self.records)

    def reviewer(self, record: ReviewerRecord) -> str:
        """Return the page of a reviewer."""
        who = record.persona
        head = self._head(
            reviewer_path(who.key), f"The {who.name}", f"{who.motto} Its record.", active="panel"
        )
        audit = self.catalogue.audit_of(self.catalogue.panel)
        return self._render(
            "reviewer.j2",
            head,
            record=record,
            audited=audit.made.date() if audit else "",
            rate=ship_rate(who.name, audit.ship_rates[who.key]) if audit else None,
        )

    def method(self) -> str:
        """Return the page on the method, from today's personas, prompts and rules."""
        head = self._head("method/", "How a verdict is made", "The rule.", active="method")
        audit = self.catalogue.audit
        return self._render(
            "method.j2",
            head,
            audit=audit,
            is_of_today=audit is not None and audit.panel == self.catalogue.panel,
            figures=tuple(audited_figures(audit)) if audit else (),
            rates=ship_rates(audit) if audit else (),
            personas=self.catalogue.personas,
            prompts=self.catalogue.prompts,
            rules=print_rules(self.catalogue.rules, several=True),
        )

    def corrections(self, sheet: Sheet[Notice], notices: Sequence[Notice]) -> str:
        """Return a page of corrections, overrides and withdrawals."""
        feeds = (FeedLink("Corrections (Atom)", "corrections/feed.atom"),)
        head = self._head(
            sheet.path, "Corrections", "What was wrong, and what is right.", feeds=feeds
        )
        kinds = [notice.correction.kind for notice in notices]
        return self._render(
            "corrections.j2",
            head,
            sheet=sheet,
            tally={kind: kinds.count(kind) for kind in ("correct", "override", "withdraw")},
            every_count=len(self.catalogue.every),
        )

    def about_ai(self) -> str:
        """Return the page on what is machine-made."""
        head = self._head("about-ai/", "What is machine-made here", "Who made which part.")
        approvals = (tool.publication.approval for tool in self.catalogue.every)
        return self._render(
            "about_ai.j2",
            head,
            personas=self.catalogue.personas,
            editors=sorted({approval.editor for approval in approvals if approval})[:12],
            bases=[(kind, self._example(basis), what) for basis, kind, what in _KINDS],
        )

    def _example(self, basis: Basis) -> str | None:
        for tool in self.catalogue.tools[:20]:
            for card in tool.run.scorecards:
                for sentence in card.ballot.take:
                    if sentence.basis == basis:
                        return sentence.text
        return None

    def not_found(self) -> str:
        """Return the page for an address at which there is none."""
        head = self._head("404.html", "No page, and so no verdict", "Nothing is published here.")
        return self._render("not_found.j2", replace(head, canonical=None, noindex=True))

    def moved(self, to: str) -> str:
        """Return the page of another order of a comparison's tools: it leads to the one page."""
        return self._environment.get_template("moved.j2").render(to=self.catalogue.identity.url(to))

    def _head(self, path: str, title: str, summary: str, **given: Any) -> Head:  # noqa: ANN401
        return Head(title, summary, path, canonical=self.catalogue.identity.url(path), **given)

    def _with_card(self, head: Head, byline: Byline) -> Head:
        if not self.has_cards:
            return head
        alt = f"{head.summary} {byline.disclosure}"
        return replace(head, card=f"{head.path}card.png", card_alt=alt)

    def _render(
        self,
        template: str,
        head: Head,
        *,
        document: Node | None = None,
        **values: Any,  # noqa: ANN401 - whatever the template prints
    ) -> str:
        return self._environment.get_template(template).render(
            head=head, structured=structured(document) if document else "", **values
        )


@dataclass(frozen=True)
class Bar:
    """How many tools of a category so many reviewers ship."""

    label: str
    badge: str
    tools: int
    height: int


def _bars(rows: Sequence[Row]) -> list[Bar]:
    """Return a bar for each share of ships, all first; tools without a verdict are in none."""
    decided = [row for row in rows if row.share is not None]
    most = max((row.cards for row in decided), default=0)
    full = [row for row in decided if row.cards == most]
    counts = [sum(row.ships == ships for row in full) for ships in range(most, -1, -1)]
    tallest = max(counts, default=0) or 1
    return [
        Bar(
            f"{ships} of {most}",
            "ship" if 2 * ships > most else "split" if 2 * ships == most else "skip",
            tools,
            round(_BAR * tools / tallest),
        )
        for ships, tools in zip(range(most, -1, -1), counts, strict=True)
        if most
    ]


def approval_lines(tool: PublishedTool, *, several: bool) -> list[str]:
    """Return who approved a tool's page, and how much was edited and corrected, a sentence each."""
    publication = tool.publication
    approval = publication.approval
    who = f"Approved by {approval.editor} on {long_date(approval.at.date())}." if approval else ""
    edits = sum(len(one.changes) for one in publication.effective if one.kind == "edit")
    kinds = [one.kind for one in publication.corrections]
    lines = [
        f"{tool.name}:" if several else "",
        who,
        f"Edits: {edits or 'none'}.",
        f"Corrections: {kinds.count('correct') or 'none'}.",
    ]
    return [line for line in lines if line]


def reviewer_path(key: str) -> str:
    """Return the address of a reviewer's page within the site."""
    return f"reviewers/{key.replace('_', '-')}/"


def _summary(front: Front) -> str:
    names = [row.tool.name for row in front.latest[:3]]
    return (
        f"New AI tools before a panel of AI reviewers: {listed(names)}."
        if names
        else ("New AI tools before a panel of AI reviewers.")
    )
