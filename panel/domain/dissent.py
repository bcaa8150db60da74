"""Dissent: where a panel ships against one of its reviewers, a person reads that review first.

A description that has turned several reviewers leaves its trace there: those who were turned give full
marks, and the others see the same average tool as before.
"""

from collections.abc import Sequence
from typing import Final

from panel.domain.flag import Flag
from panel.domain.review import Abstention, Scorecard
from panel.domain.verdict import Verdict, panel_score

SHARP: Final = 3.0
"""Points of 10 between who skips and the mean of those who ship: from here on it holds."""


def dissent_flags(reviews: Sequence[Scorecard | Abstention], verdict: Verdict) -> tuple[Flag, ...]:
    """Return a flag for each reviewer who skips what the panel ships, in alphabetical order."""
    if verdict.decision != "ship":
        return ()
    cards = {card.reviewer: card for card in reviews if isinstance(card, Scorecard)}
    shipped = panel_score([cards[key] for key in verdict.ships])
    return tuple(_flag(cards[key], shipped) for key in verdict.skips)


def _flag(card: Scorecard, shipped: float) -> Flag:
    return Flag(
        kind="dissent",
        message=(
            f"The panel ships it against the {card.name.lower()}, who gives {card.score} of 10 where "
            f"those who ship give {shipped}."
        ),
        holds=round(shipped - card.score, 1) >= SHARP,
    )
