"""The catalogue: all that is published, and what the publication is called and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

from panel.domain.ballot import Decision
from panel.domain.comparison import FEWEST, MOST, Comparison, compare
from panel.domain.persona import Persona
from panel.domain.pricing import MONTHS, Month
from panel.domain.run import Run
from panel.domain.template import Template
from panel.domain.tool import slugify
from panel.domain.verdict import Rules
from panel.editorial.publication import Publication
from panel.site.pairing import pair_tools

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
UNFILED = "Other tools"
"""The category of tools whose text names none."""


@dataclass(frozen=True)
class Identity:
    """What the publication is called and its address, which ends in a stroke."""

    title: str
    base_url: str

    @property
    def root(self) -> str:
        """The path that every address of the site begins with: `/`, or `/reviews/`."""
        return urlsplit(self.base_url).path

    @property
    def host(self) -> str:
        """The name of its host, which identifiers of feeds are made with."""
        return urlsplit(self.base_url).hostname or "localhost"

    def url(self, path: str) -> str:
        """Return the whole address of a page of the site."""
        return self.base_url + path


@dataclass(frozen=True)
class PublishedTool:
    """One tool that the public may read of: its run, edited and corrected, and what was decided.

    `recorded` is None for a withdrawn tool whose run is gone.
    """

    recorded: Run | None
    publication: Publication

    @property
    def run(self) -> Run:
        """The run as readers see it. Raises ValueError for a withdrawn tool whose run is gone."""
        if self.recorded is None:
            raise ValueError(f"{self.slug} is withdrawn and its run is gone")
        return self.recorded

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return self.publication.subject.tool

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.recorded.tool.name if self.recorded else self.publication.subject.name

    @property
    def path(self) -> str:
        """Its address within the site."""
        return f"tools/{self.slug}/"

    @property
    def category(self) -> str:
        """The category that it is listed in."""
        return (self.recorded.tool.category if self.recorded else None) or UNFILED

    @property
    def is_withdrawn(self) -> bool:
        """Whether its page has been replaced by the reason for that."""
        return self.publication.state == "withdrawn"

    @property
    def decision(self) -> Decision | None:
        """Ship or skip as readers are told it: the editor's where there is one."""
        return self.publication.decision

    @property
    def first_published(self) -> datetime:
        """When it was approved first."""
        return self.publication.first_published or _NEVER

    @property
    def updated(self) -> datetime:
        """When the last decision was made that readers see."""
        return self.publication.updated or _NEVER


@dataclass(frozen=True)
class PublishedComparison:
    """Tools side by side, in the order of their slugs."""

    tools: tuple[PublishedTool, ...]
    months: tuple[Month, ...]

    @property
    def slug(self) -> str:
        """The name of its folder: the slugs joined, shortened where no file may be called so."""
        return comparison_slug([tool.slug for tool in self.tools])

    @property
    def path(self) -> str:
        """Its address within the site."""
        return f"compare/{self.slug}/"

    @property
    def is_withdrawn(self) -> bool:
        """Whether any of its tools has been withdrawn."""
        return any(tool.is_withdrawn for tool in self.tools)

    @property
    def title(self) -> str:
        """The names of the tools."""
        return " vs ".join(tool.name for tool in self.tools)

    @property
    def first_published(self) -> datetime:
        """When the last of its tools was approved first."""
        return max(tool.first_published for tool in self.tools)

    @property
    def updated(self) -> datetime:
        """When the last decision was made that readers of it see."""
        return max(tool.updated for tool in self.tools)

    @cached_property
    def comparison(self) -> Comparison:
        """What the rule says of them, with an editor's verdict in the place of one that it overrides.

        The runs are the panel's own, so that a page shows both.
        """
        found = compare([_as_decided(tool) for tool in self.tools], self.months)
        runs = {tool.run.id: tool.run for tool in self.tools}
        return found.model_copy(update={"runs": tuple(runs[run.id] for run in found.runs)})


def _as_decided(tool: PublishedTool) -> Run:
    verdict, override = tool.run.verdict, tool.publication.override
    if verdict is None or override is None:
        return tool.run
    told = verdict.model_copy(update={"decision": override.verdict, "split": False})
    return tool.run.model_copy(update={"verdict": told})


_LONGEST_NAME = 200  # bytes; file systems take 255


def comparison_slug(slugs: Sequence[str]) -> str:
    """Return the name of a comparison's folder for slugs in any order.

    One that is too long for a file's name is cut and told from others by a digest.
    """
    whole = "-vs-".join(sorted(slugs))
    return whole if len(whole) <= _LONGEST_NAME else slugify(whole)


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
    one tool. `personas`, `prompts` and `rules` are today's, for the pages that explain the method.
    """

    identity: Identity
    published: tuple[PublishedTool, ...]
    personas: tuple[Persona, ...]
    prompts: tuple[Template, ...]
    rules: Rules
    pairs: tuple[tuple[str, ...], ...] = ()
    pairs_a_tool: int = 4
    months: tuple[Month, ...] = MONTHS

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
    def every_comparison(self) -> tuple[PublishedComparison, ...]:
        """Every comparison that has an address, the newest first: the editor's and the rule's."""
        named = [tuple(sorted(set(slugs))) for slugs in self.pairs]
        oldest_first = [
            (tool.slug, slugify(tool.category)) for tool in reversed(self.every) if tool.recorded
        ]
        chosen = dict.fromkeys((*named, *pair_tools(oldest_first, self.pairs_a_tool)))
        found = [
            PublishedComparison(tuple(self.by_slug[slug] for slug in slugs), self.months)
            for slugs in chosen
            if all(slug in self.by_slug for slug in slugs) and FEWEST <= len(slugs) <= MOST
        ]
        found.sort(key=lambda one: (-one.first_published.timestamp(), one.slug))
        return tuple(found)

    @cached_property
    def comparisons(self) -> tuple[PublishedComparison, ...]:
        """The comparisons whose tools are all published, the newest first."""
        return tuple(one for one in self.every_comparison if not one.is_withdrawn)

    @cached_property
    def comparisons_of(self) -> dict[str, tuple[PublishedComparison, ...]]:
        """The comparisons with a tool, by its slug."""
        found: dict[str, list[PublishedComparison]] = {}
        for one in self.comparisons:
            for tool in one.tools:
                found.setdefault(tool.slug, []).append(one)
        return {slug: tuple(ones) for slug, ones in found.items()}

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
