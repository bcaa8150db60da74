"""What stands on a card of one tool: all that decides its picture beside the printer."""

from typing import NamedTuple

from panel.domain.ballot import Decision
from panel.publish.columns import Badge
from panel.publish.rows import Row


class CardTool(NamedTuple):
    """One tool of a card: its name, its slug for fonts that lack a character of it, and its verdict.

    `panel_badge` is what the panel came to where an editor overrode it, else None; `share` is the
    panel's in per cent. `votes` has each reviewer's letter and vote.
    """

    name: str
    slug: str
    share: str | None
    badge: Badge
    panel_badge: Badge | None
    votes: tuple[tuple[str, Decision | None], ...]


def card_tool(row: Row) -> CardTool:
    """Return what stands of a tool on a card."""
    return CardTool(
        name=row.tool.name,
        slug=row.tool.slug,
        share=row.share,
        badge=row.badge,
        panel_badge=row.panel_badge if row.is_overridden else None,
        votes=tuple((vote.letter, vote.vote) for vote in row.votes),
    )
