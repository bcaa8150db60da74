"""The issue of a week: what its mail says, chosen by rule from what is published."""

from collections.abc import Callable
from datetime import date, datetime

from panel.domain.ballot import Decision
from panel.domain.mailing import Week
from panel.domain.prediction import claim_id
from panel.domain.scale import percent
from panel.domain.value import Value
from panel.publish.catalogue import Catalogue
from panel.publish.columns import Badge
from panel.publish.figures import web_link, with_full_stop
from panel.publish.leads import (
    FEWEST_VERDICTS,
    MOST_VERDICTS,
    Lead,
    advice_of,
    headline_of,
    lead_of,
    rank_pairs,
)
from panel.publish.notices import Notice, list_notices
from panel.publish.rows import Row

_MOST_NOTICES = 6
_MOST_MORE = 4  # comparisons beside the one that leads
_EVEN = 50
DayOf = Callable[[datetime], date]


class IssueVote(Value):
    """One reviewer's vote: its letter, its name, and ship, skip or neither."""

    letter: str
    name: str
    vote: Decision | None


class IssueVotes(Value):
    """One reviewer's votes on the tools of the leading comparison, in their order."""

    name: str
    votes: tuple[Decision | None, ...]


class IssueAdvice(Value):
    """When to take a tool: `opening` is `Take Quillbase when`, `words` what a reviewer wrote."""

    opening: str
    words: str


class IssueLead(Value):
    """The comparison, or the one tool, that the mail begins with; `url` is its page."""

    tag: str | None
    url: str
    names: tuple[str, ...]
    shares: tuple[str | None, ...]
    told: tuple[Badge, ...]
    crossings: tuple[IssueVotes, ...]
    advice: tuple[IssueAdvice, ...]


class Link(Value):
    """A page by its title."""

    title: str
    url: str


class IssueVerdict(Value):
    """One tool: what readers are told, the panel's votes, and one sentence of a reviewer.

    `day` is when it was approved, where that was before the week. `panel` is what the panel came to,
    where an editor overrode it.
    """

    slug: str
    name: str
    url: str
    category: str
    told: Badge
    panel: Badge | None
    share: str | None
    standing: str
    votes: tuple[IssueVote, ...]
    who: str | None
    words: str | None
    day: date | None


class IssueChange(Value):
    """A correction, an override or a withdrawal of the week."""

    slug: str
    title: str
    name: str
    url: str
    reason: str
    stands: str
    day: date


class IssuePrediction(Value):
    """A prediction that an editor looked up in the week, or one whose day was in it.

    `came_true` and `note` are None where nobody has looked it up; `source` is where a reader sees it.
    """

    reviewer: str
    claim: str
    percent: int
    by: date
    slug: str
    tool: str
    url: str
    came_true: bool | None = None
    note: str | None = None
    source: str | None = None


class Issue(Value):
    """All that the mail of one week says, but for its approval and its reader.

    `newest` is the last decision that is in it. `slugs` are the tools that it speaks of as published:
    in a verdict, the headline, a comparison, a change or a prediction. `is_week` tells that the
    verdicts are the week's own, else they are filled up with earlier ones. `url` is the site.
    """

    v: int = 1
    week: str
    title: str
    url: str
    newest: datetime
    slugs: tuple[str, ...]
    headline: str
    lead: IssueLead | None
    more: tuple[Link, ...]
    verdicts: tuple[IssueVerdict, ...]
    is_week: bool
    changed: tuple[IssueChange, ...]
    due: IssuePrediction | None


def issue_of(catalogue: Catalogue, week: Week, day_of: DayOf) -> Issue | None:
    """Return the issue of a week, None where nothing happened in it.

    `day_of` tells the day of a moment. The most divided come first: the comparison that leads, and the
    verdicts after it.
    """
    own = [tool for tool in catalogue.tools if day_of(tool.first_published) in week]
    changed = [notice for notice in list_notices(catalogue) if day_of(notice.correction.at) in week]
    due = _looked_up(catalogue, week, day_of) or _due(catalogue, week)
    if not own and not changed and due is None:
        return None
    before = [tool for tool in catalogue.tools if day_of(tool.first_published) < week.monday]
    is_week = len(own) >= FEWEST_VERDICTS
    shown = own if is_week else own + before[: FEWEST_VERDICTS - len(own)]
    rows = sorted(
        map(catalogue.row, shown),
        key=lambda row: (-row.divided, -row.tool.first_published.timestamp(), row.tool.slug),
    )
    pairs = [one for one in catalogue.comparisons if day_of(one.first_published) in week]
    ranked = rank_pairs(catalogue, pairs)[: _MOST_MORE + 1]
    leading = lead_of(catalogue, pairs, rows)
    moments = [tool.updated for tool in shown] + [notice.correction.at for notice in changed]
    told = [*shown, *(row.tool for one in ranked for row in one.rows)]
    told += [one.tool for one in changed if not one.tool.is_withdrawn]
    return Issue(
        week=week.name,
        title=catalogue.identity.title,
        url=catalogue.identity.base_url,
        newest=max(moments, default=_last(catalogue)),
        slugs=tuple(sorted({*(tool.slug for tool in told), *([due.slug] if due else [])})),
        headline=_headline(rows),
        lead=_leading(catalogue, leading) if leading else None,
        more=tuple(
            Link(title=one.comparison.title, url=catalogue.identity.url(one.comparison.path))
            for one in ranked[1:]
            if one.comparison
        ),
        verdicts=tuple(_verdict(catalogue, row, week, day_of) for row in rows[:MOST_VERDICTS]),
        is_week=is_week,
        changed=tuple(_changed(catalogue, one, day_of) for one in changed[:_MOST_NOTICES]),
        due=due,
    )


def _last(catalogue: Catalogue) -> datetime:
    return max(tool.updated for tool in catalogue.every)


def _headline(rows: list[Row]) -> str:
    parts = [f"{one.before} {one.linked}{one.after}" for one in headline_of(rows)]
    said = ", ".join(parts) or "What changed this week"
    return " ".join(said.split())


def _leading(catalogue: Catalogue, lead: Lead) -> IssueLead:
    page = lead.comparison or lead.rows[0].tool
    tag = "Most divided this week" if lead.comparison else "Splits the panel"
    return IssueLead(
        tag=tag if lead.divides else None,
        url=catalogue.identity.url(page.path),
        names=tuple(row.tool.name for row in lead.rows),
        shares=tuple(row.share for row in lead.rows),
        told=tuple(row.badge for row in lead.rows),
        crossings=tuple(IssueVotes(name=one.name, votes=one.votes) for one in lead.crossings),
        advice=tuple(
            IssueAdvice(
                opening=f"{one.verb} {one.column.name} {one.when}"
                if one.words
                else f"{one.column.name}:",
                words=with_full_stop(one.words or one.lacks),
            )
            for one in advice_of(lead)
        ),
    )


def _verdict(catalogue: Catalogue, row: Row, week: Week, day_of: DayOf) -> IssueVerdict:
    day = day_of(row.tool.first_published)
    return IssueVerdict(
        slug=row.tool.slug,
        name=row.tool.name,
        url=catalogue.identity.url(row.tool.path),
        category=row.tool.category,
        told=row.badge,
        panel=row.panel_badge if row.is_overridden else None,
        share=row.share,
        standing=row.standing,
        votes=tuple(IssueVote(letter=v.letter, name=v.name, vote=v.vote) for v in row.votes),
        who=row.words.who if row.words else None,
        words=row.words.text if row.words else None,
        day=None if day in week else day,
    )


def _changed(catalogue: Catalogue, notice: Notice, day_of: DayOf) -> IssueChange:
    return IssueChange(
        slug=notice.tool.slug,
        title=notice.title,
        name=notice.tool.name,
        url=catalogue.identity.url(f"corrections/#{notice.anchor}"),
        reason=with_full_stop(notice.correction.reason),
        stands=notice.stands,
        day=day_of(notice.correction.at),
    )


def _looked_up(catalogue: Catalogue, week: Week, day_of: DayOf) -> IssuePrediction | None:
    """Return the surest prediction, one way or the other, of those that were looked up in the week."""
    names = {one.key: one.name for one in catalogue.personas}
    found = []
    for claim, resolution in catalogue.resolved:
        tool = catalogue.by_slug.get(claim.tool)
        told = resolution.outcome != "void" and day_of(resolution.at) in week
        if not told or tool is None or tool.is_withdrawn:
            continue
        said = percent(claim.probability)
        due = IssuePrediction(
            reviewer=names.get(claim.reviewer, claim.reviewer.replace("_", " ").capitalize()),
            claim=claim.claim,
            percent=said,
            by=claim.by,
            slug=tool.slug,
            tool=tool.name,
            url=catalogue.identity.url(tool.path),
            came_true=resolution.outcome == "yes",
            note=with_full_stop(" ".join(resolution.note.split())),
            source=web_link(resolution.source),
        )
        found.append((_sureness(said), claim.id, due))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _due(catalogue: Catalogue, week: Week) -> IssuePrediction | None:
    """Return the surest prediction whose day is in the week and which nobody has looked up."""
    known = {claim.id for claim, _ in catalogue.resolved}
    found = [
        (
            _sureness(percent(said.probability)),
            tool.slug,
            card.reviewer,
            IssuePrediction(
                reviewer=card.name,
                claim=said.claim,
                percent=percent(said.probability),
                by=day,
                slug=tool.slug,
                tool=tool.name,
                url=catalogue.identity.url(tool.path),
            ),
        )
        for tool in catalogue.tools
        for card in tool.run.scorecards
        if (said := card.ballot.prediction)
        and (day := said.day) is not None
        and day in week
        and claim_id(tool.run.id, card.reviewer) not in known
    ]
    return min(found, key=lambda one: one[:3])[3] if found else None


def _sureness(said: int) -> int:
    """Return what predictions are ordered by: the surest first, one way or the other."""
    return -abs(said - _EVEN)
