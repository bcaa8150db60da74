"""The community's figure as the pages print it, and the form with which readers vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from panel.domain.community import FEWEST, Community, VoteCount, is_local_path
from panel.domain.wording import counted
from panel.publish.columns import Column
from panel.publish.figures import long_date


@dataclass(frozen=True)
class CommunityFigure:
    """The readers' votes on one tool: a share in whole percent from 20 votes on, and lines under it."""

    share: str | None = None
    lines: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class VoteForm:
    """Where the form of one tool goes; `others` are the tools beside it on the page."""

    column: Column
    action: str
    others: tuple[str, ...]
    back: str | None


@dataclass(frozen=True)
class CommunityPart:
    """The community on a page: a figure for each column, and a form for each tool that takes votes."""

    figures: tuple[CommunityFigure, ...]
    forms: tuple[VoteForm, ...] = ()
    closed: tuple[Column, ...] = ()
    is_configured: bool = False
    dated: str | None = None


def state_community(
    columns: Sequence[Column], community: Community | None, canonical: str | None = None
) -> CommunityPart:
    """Return what a page shows of its readers' votes; only dashes where there is no votes service.

    `canonical` is the page's own address, to which readers are led back.
    """
    if community is None:
        return CommunityPart(tuple(CommunityFigure() for _ in columns))
    slugs = [column.run.slug for column in columns]
    back = urlsplit(canonical).path if canonical else None
    forms = tuple(
        VoteForm(
            column=column,
            action=f"{community.service}/vote/{quote(slug)}",
            others=tuple(other for other in slugs if other != slug),
            back=back if back and is_local_path(back) else None,
        )
        for column, slug in zip(columns, slugs, strict=True)
        if slug not in community.withdrawn
    )
    snapshot = community.snapshot
    return CommunityPart(
        figures=tuple(
            state_count(community.count_of(slug), is_open=slug not in community.withdrawn)
            for slug in slugs
        ),
        forms=forms,
        closed=tuple(one for one in columns if one.run.slug in community.withdrawn),
        is_configured=True,
        dated=long_date(snapshot.day) if snapshot else None,
    )


def state_count(count: VoteCount, *, is_open: bool = True) -> CommunityFigure:
    """Return a count as it is printed.

    >>> state_count(VoteCount(ship=30, skip=18)).lines
    ('ship, 48 votes, likely 48 to 75',)
    >>> state_count(VoteCount(ship=12, skip=7, set_aside={"burst": 3})).lines
    ('19 votes', '3 set aside')
    """
    interval, votes = count.interval, counted(count.votes, "vote")
    if interval is not None:
        said = f"ship, {votes}, likely {interval.low} to {interval.high}"
    else:
        said = votes if count.votes else "no votes yet"
    lines = [said]
    if count.aside:
        lines.append(f"{count.aside} set aside")
    if not is_open:
        lines.append("voting is closed")
    share = None if interval is None else str(interval.share)
    return CommunityFigure(share, tuple(lines), is_open)


def too_few(count: VoteCount) -> str:
    """Return why no share is shown."""
    return (
        f"{count.votes} of the {FEWEST} votes from which on a percentage is shown. "
        "Fewer say too little."
    )
