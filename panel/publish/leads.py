"""What leads a page or a mail: the most divided comparison, and one sentence on the tools."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from panel.domain.ballot import Decision
from panel.domain.wording import plural, spelled
from panel.publish.catalogue import Catalogue
from panel.publish.columns import build_columns
from panel.publish.pick import Advice, pick_of_comparison, pick_of_tool
from panel.publish.published import SiteComparison, overrides_of
from panel.publish.rows import Row, say_votes

FEWEST_VERDICTS, MOST_VERDICTS = 3, 8
"""How many verdicts are a week of its own, and how many are shown."""
_LONG_NAME = 60


@dataclass(frozen=True)
class Clause:
    """A part of the headline; `linked` is the part of it that leads to `href`."""

    before: str
    linked: str
    after: str
    href: str


@dataclass(frozen=True)
class LeadVotes:
    """One reviewer's votes on the tools of the leading comparison, in their order."""

    name: str
    votes: tuple[Decision | None, ...]


@dataclass(frozen=True)
class Lead:
    """What the front page begins with: a comparison, or one tool where there is none.

    `divides` tells that its panel is divided, and on a comparison not alike on all of its tools.
    """

    rows: tuple[Row, ...]
    comparison: SiteComparison | None
    crossings: tuple[LeadVotes, ...]
    divides: bool


def rank_pairs(catalogue: Catalogue, pairs: Iterable[SiteComparison]) -> list[Lead]:
    """Return comparisons by how they divide their panels, the most divided first.

    Those on which a reviewer votes differently on the tools go first. Most votes in the smaller halves
    come first among them, then most reviewers who vote differently, then the newest.
    """
    ranked = []
    for pair in pairs:
        rows = tuple(map(catalogue.row, pair.tools))
        crossings = _votes_by_reviewer(rows)
        differ = sum(len(set(one.votes) - {None}) > 1 for one in crossings)
        smaller = sum(row.divided for row in rows)
        divides = smaller > 0 and differ > 0
        key = (not divides, -smaller, -differ, -pair.first_published.timestamp(), pair.slug)
        ranked.append((key, Lead(rows, pair, crossings, divides=divides)))
    return [lead for _, lead in sorted(ranked, key=lambda one: one[0])]


def lead_of(
    catalogue: Catalogue, pairs: Sequence[SiteComparison], rows: Sequence[Row]
) -> Lead | None:
    """Return the most divided comparison; without one the most divided single tool."""
    if ranked := rank_pairs(catalogue, pairs):
        return ranked[0]
    if not rows:
        return None
    row = min(rows, key=lambda row: (-row.divided, -row.day.toordinal(), row.tool.slug))
    return Lead((row,), None, _votes_by_reviewer((row,)), divides=row.divided > 0)


def _votes_by_reviewer(rows: Sequence[Row]) -> tuple[LeadVotes, ...]:
    names = dict.fromkeys(vote.name for row in rows for vote in row.votes)
    votes = [{vote.name: vote.vote for vote in row.votes} for row in rows]
    return tuple(LeadVotes(name, tuple(one.get(name) for one in votes)) for name in names)


def headline_of(rows: Sequence[Row]) -> list[Clause]:
    """Return the headline: the tool that most reviewers ship, and how many split the panel."""
    found = []
    shipped = [row for row in rows if row.badge == row.panel_badge == "ship"]
    best = max(shipped, key=lambda row: (row.ships, -len(row.tool.name)), default=None)
    if best and len(best.tool.name) <= _LONG_NAME:
        some = (
            f"{spelled(best.ships)} of {spelled(best.cards)} {plural(best.ships, 'ships', 'ship')}"
        )
        who = say_votes(best.votes) if best.ships == best.cards else some
        found.append(Clause(who, best.tool.name, "", best.tool.path))
    split = sum(row.panel_badge == "split" for row in rows)
    skipped = sum(row.badge == "skip" for row in rows)
    if split:
        verb = plural(split, "splits", "split")
        tools = f"{spelled(split)} {plural(split, 'tool')}"
        found.append(Clause(tools, f"{verb} the panel", "", "#latest"))
    elif skipped:
        tools = f"{spelled(skipped)} {plural(skipped, 'tool')}"
        found.append(Clause(f"{tools} to", "skip", "", "#latest"))
    if found:
        first = found[0]
        found[0] = replace(first, before=f"{first.before[:1].upper()}{first.before[1:]}")
    return found


def advice_of(lead: Lead) -> tuple[Advice, ...]:
    """Return when to take each tool of a lead, in their order."""
    if lead.comparison is None:
        tool = lead.rows[0].tool
        (column,) = build_columns((tool.run,), overrides_of((tool,)))
        return pick_of_tool(column).advice[:1]
    comparison = lead.comparison.comparison
    advice = pick_of_comparison(
        comparison, build_columns(comparison.runs, comparison.overrides)
    ).advice
    return tuple(sorted(advice, key=lambda line: line.column.mark.letter))
