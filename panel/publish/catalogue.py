"""The catalogue: all that is published, and what the publication is called and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from panel.domain.community import Community
from panel.domain.comparison import FEWEST, MOST
from panel.domain.last_audit import LastAudit, panel_key
from panel.domain.monthly_cost import MONTHS, Month
from panel.domain.persona import Persona
from panel.domain.prediction import Claim, Prediction, Resolution
from panel.domain.template import Template
from panel.domain.tool import slugify
from panel.domain.verdict import Rules
from panel.publish.pairing import pair_tools
from panel.publish.published import PublishedTool, SiteComparison
from panel.publish.rows import Row, row_of


@dataclass(frozen=True)
class Identity:
    """What the publication is called and its address, which ends in a slash.

    `sign_up` is the page on which readers ask for the weekly mail, None where there is none.
    """

    title: str
    base_url: str
    sign_up: str | None = None

    @property
    def root(self) -> str:
        """The path that every address of the site begins with: `/`, or `/reviews/`."""
        return urlsplit(self.base_url).path

    @property
    def host(self) -> str:
        """The name of its host, which identifiers of feeds are made with."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def sign_up_origin(self) -> str | None:
        """The origin of the sign-up page, which the site's form posts to; None where there is none."""
        if self.sign_up is None:
            return None
        parts = urlsplit(self.sign_up)
        return f"{parts.scheme}://{parts.netloc}"

    def url(self, path: str) -> str:
        """Return the whole address of a page of the site."""
        return self.base_url + path


@dataclass(frozen=True)
class Category:
    """A category by the name that most of its tools have, and its published tools, newest first."""

    slug: str
    name: str
    tools: tuple[PublishedTool, ...]

    @property
    def path(self) -> str:
        """Its address within the site."""
        return f"category/{self.slug}/"


@dataclass(frozen=True)
class Catalogue:
    """All that a site is built from. `published` has each tool once, in any order.

    `pairs` are the editor's comparisons, by slugs; `pairs_a_tool` is the most that the rule adds for
    one tool. Prices that were read more than `price_days` before the last decision are old. `personas`,
    `prompts` and `rules` are today's, for the pages that explain the method.
    `community` has the readers' frozen votes, None where no votes service is configured. `audit` is the
    last audit of the panel, None before the first. `predictions` has those that editors have resolved.
    """

    identity: Identity
    published: tuple[PublishedTool, ...]
    personas: tuple[Persona, ...]
    prompts: tuple[Template, ...]
    rules: Rules
    pairs: tuple[tuple[str, ...], ...] = ()
    pairs_a_tool: int = 4
    price_days: int = 30
    months: tuple[Month, ...] = MONTHS
    community: Community | None = None
    audit: LastAudit | None = None
    predictions: tuple[Prediction, ...] = ()

    @cached_property
    def resolved(self) -> tuple[tuple[Claim, Resolution], ...]:
        """The claims that editors have resolved, with what they found, that resolved last first."""
        found = [(one.claim, one.resolution) for one in self.predictions if one.resolution]
        return tuple(sorted(found, key=lambda pair: (pair[1].at, pair[0].id), reverse=True))

    @cached_property
    def panel(self) -> str:
        """The key of today's panel."""
        return panel_key(self.personas)

    def audit_of(self, panel: str) -> LastAudit | None:
        """Return the last audit where it is of the panel with this key: none is told of another."""
        return self.audit if self.audit is not None and self.audit.panel == panel else None

    def audit_of_tool(self, tool: PublishedTool) -> LastAudit | None:
        """Return the last audit where it is of the panel that reviewed a tool whose verdict stands."""
        if self.audit is None or tool.is_withdrawn:
            return None
        return self.audit_of(panel_key(tool.run.inputs.personas))

    @cached_property
    def every(self) -> tuple[PublishedTool, ...]:
        """Every tool that has an address, the newest first, withdrawn ones too."""
        return tuple(
            sorted(self.published, key=lambda one: (-one.first_published.timestamp(), one.slug))
        )

    @cached_property
    def tools(self) -> tuple[PublishedTool, ...]:
        """The tools whose verdict stands, the newest first."""
        return tuple(tool for tool in self.every if not tool.is_withdrawn)

    @cached_property
    def by_slug(self) -> dict[str, PublishedTool]:
        """Every tool by its slug."""
        return {tool.slug: tool for tool in self.every}

    @cached_property
    def day(self) -> date | None:
        """The day of the last decision that readers see, None where nothing is published."""
        return max((tool.updated.date() for tool in self.every), default=None)

    @cached_property
    def old_prices(self) -> frozenset[str]:
        """The slugs of the tools whose prices were read long before the last decision of all."""
        return frozenset(
            tool.slug
            for tool in self.tools
            if self.day is not None
            and tool.run.tool.prices
            and (self.day - tool.publication.prices_read).days > self.price_days
        )

    @cached_property
    def _rows(self) -> dict[tuple[str, str], Row]:
        return {}

    def row(self, tool: PublishedTool) -> Row:
        """Return the row of a published tool."""
        key = (tool.slug, tool.publication.subject.run)
        if key not in self._rows:
            self._rows[key] = row_of(tool)
        return self._rows[key]

    @cached_property
    def every_comparison(self) -> tuple[SiteComparison, ...]:
        """Every comparison that has an address, the newest first: the editor's and the rule's."""
        named = [tuple(sorted(set(slugs))) for slugs in self.pairs]
        oldest_first = [
            (tool.slug, slugify(tool.category)) for tool in reversed(self.every) if tool.recorded
        ]
        chosen = dict.fromkeys((*named, *pair_tools(oldest_first, self.pairs_a_tool)))
        found = [
            SiteComparison(tuple(self.by_slug[slug] for slug in slugs), self.months)
            for slugs in chosen
            if all(slug in self.by_slug for slug in slugs) and FEWEST <= len(slugs) <= MOST
        ]
        found.sort(key=lambda one: (-one.first_published.timestamp(), one.slug))
        return tuple(found)

    @cached_property
    def comparisons(self) -> tuple[SiteComparison, ...]:
        """The comparisons whose tools are all published, the newest first."""
        return tuple(one for one in self.every_comparison if not one.is_withdrawn)

    @cached_property
    def comparisons_of(self) -> dict[str, tuple[SiteComparison, ...]]:
        """The comparisons with a tool, by its slug."""
        found: dict[str, list[SiteComparison]] = {}
        for one in self.comparisons:
            for tool in one.tools:
                found.setdefault(tool.slug, []).append(one)
        return {slug: tuple(ones) for slug, ones in found.items()}

    def comparisons_in(self, category: Category) -> list[SiteComparison]:
        """Return the comparisons whose tools are all of a category, the newest first."""
        return self._comparisons_within.get(category.slug, [])

    @cached_property
    def _comparisons_within(self) -> dict[str, list[SiteComparison]]:
        found: dict[str, list[SiteComparison]] = {}
        for one in self.comparisons:
            slug, *others = {slugify(tool.category) for tool in one.tools}
            if not others:
                found.setdefault(slug, []).append(one)
        return found

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The categories of published tools by name; spellings that share a slug are one."""
        found: dict[str, list[PublishedTool]] = {}
        for tool in self.tools:
            found.setdefault(slugify(tool.category), []).append(tool)
        named = [
            Category(slug, _most_common([tool.category for tool in tools]), tuple(tools))
            for slug, tools in found.items()
        ]
        return tuple(sorted(named, key=lambda one: (one.name.casefold(), one.slug)))


def _most_common(names: Sequence[str]) -> str:
    return min(set(names), key=lambda name: (-names.count(name), name))
