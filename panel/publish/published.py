"""What is published: a tool with the decisions on it, and tools side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from panel.domain.ballot import Decision
from panel.domain.comparison import Comparison, choose, compare
from panel.domain.monthly_cost import Month
from panel.domain.run import Run
from panel.domain.tool import slugify
from panel.editorial.publication import Publication

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
UNFILED = "Other tools"
"""The category of tools whose text names none."""


@dataclass(frozen=True)
class PublishedTool:
    """One tool that the public may read of: its run, edited and corrected, and what was decided.

    `recorded` is None for a withdrawn tool whose run is gone. `earlier` has the runs of the tool that
    were public before this one, in the order of their approvals; theirs may be gone too.
    """

    recorded: Run | None
    publication: Publication
    earlier: "tuple[PublishedTool, ...]" = ()

    @property
    def run(self) -> Run:
        """The run as readers see it. Raises ValueError for a withdrawn tool whose run is gone."""
        if self.recorded is None:
            raise ValueError(f"{self.slug} is withdrawn and its run is gone")
        return self.recorded

    @cached_property
    def slug(self) -> str:
        """The name of its folder."""
        return self.publication.subject.tool

    @cached_property
    def name(self) -> str:
        """The tool's name."""
        return self.recorded.tool.name if self.recorded else self.publication.subject.name

    @cached_property
    def path(self) -> str:
        """Its address within the site."""
        return f"tools/{self.slug}/"

    @property
    def category(self) -> str:
        """The category that it is listed in."""
        return (self.recorded.tool.category if self.recorded else None) or UNFILED

    @cached_property
    def is_withdrawn(self) -> bool:
        """Whether its page has been replaced by the reason for that."""
        return self.publication.state == "withdrawn"

    @property
    def decision(self) -> Decision | None:
        """Ship or skip as readers are told it: the editor's where there is one."""
        return self.publication.decision

    @cached_property
    def first_published(self) -> datetime:
        """When it was approved first."""
        return self.publication.first_published or _NEVER

    @cached_property
    def updated(self) -> datetime:
        """When the last decision was made that readers see."""
        return self.publication.updated or _NEVER


@dataclass(frozen=True)
class SiteComparison:
    """Tools side by side, in the order of their slugs."""

    tools: tuple[PublishedTool, ...]
    months: tuple[Month, ...]

    @cached_property
    def slug(self) -> str:
        """The name of its folder: the slugs joined, shortened where no file may be called so."""
        return comparison_slug([tool.slug for tool in self.tools])

    @cached_property
    def path(self) -> str:
        """Its address within the site."""
        return f"compare/{self.slug}/"

    @cached_property
    def is_withdrawn(self) -> bool:
        """Whether any of its tools has been withdrawn."""
        return any(tool.is_withdrawn for tool in self.tools)

    @cached_property
    def title(self) -> str:
        """The names of the tools."""
        return " vs ".join(tool.name for tool in self.tools)

    @cached_property
    def first_published(self) -> datetime:
        """When the last of its tools was approved first."""
        return max(tool.first_published for tool in self.tools)

    @cached_property
    def updated(self) -> datetime:
        """When the last decision was made that readers of it see."""
        return max(tool.updated for tool in self.tools)

    @cached_property
    def pick(self) -> tuple[str | None, str]:
        """The slug of the pick and the reason, by the same rule as `comparison` and much sooner."""
        return choose([tool.run for tool in self.tools], overrides_of(self.tools))

    @cached_property
    def comparison(self) -> Comparison:
        """What the rule says of them, by an editor's verdict where there is one.

        The runs have the panel's own verdicts, so that a page shows both.
        """
        return compare([tool.run for tool in self.tools], self.months, overrides_of(self.tools))


def overrides_of(tools: Iterable[PublishedTool]) -> dict[str, Decision]:
    """Return the editors' verdicts on `tools` that count in the place of the panel's, by run."""
    return {
        tool.run.id: tool.publication.override.verdict
        for tool in tools
        if tool.publication.override is not None
    }


_LONGEST_NAME = 200  # bytes; file systems take 255


def comparison_slug(slugs: Sequence[str]) -> str:
    """Return the name of a comparison's folder for slugs in any order.

    One that is too long for a file's name is cut and told from others by a digest.
    """
    whole = "-vs-".join(sorted(slugs))
    return whole if len(whole) <= _LONGEST_NAME else slugify(whole)
