"""The verdict: what the scorecards come to, by a rule that can be redone by hand.

The rule (printed on every page). Each reviewer has one vote. The panel's ship share is the ships
among the scorecards. More than half ship: ship. Exactly half: "split", decided by the setting
`tie`. Fewer: skip. Fewer scorecards than the quorum: no verdict. A reviewer's score is the plain
mean of its criteria, the panel's the plain mean of its reviewers'.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from panel.domain.ballot import Ballot, Decision
from panel.domain.review import Abstention, Points, Scorecard
from panel.domain.scale import mean, out_of_ten, round_half_up
from panel.domain.value import Value


class Rules(Value):
    """What an editor may set about the verdict: the quorum and who wins a tie."""

    quorum: Annotated[int, Field(ge=1, le=20)] = 3
    tie: Decision = "skip"


class Verdict(Value):
    """Ship, skip or no verdict, with all that it came from.

    `ship_share` and `score` are None where no reviewer gave a scorecard; `decision` is None below
    the quorum. Names are personas' keys in alphabetical order.

    >>> from panel import ReviewOptions, review
    >>> by_checklist = ReviewOptions(models=("checklist",))
    >>> found = review("examples/tools/rowboat-sync.md", by_checklist)
    >>> verdict = found.run.verdict
    >>> verdict.decision in ("ship", "skip"), len(verdict.ships) + len(verdict.skips)
    (True, 4)
    """

    decision: Decision | None
    ship_share: Annotated[float, Field(ge=0, le=1)] | None
    ships: tuple[str, ...]
    skips: tuple[str, ...]
    abstentions: tuple[str, ...]
    split: bool
    quorate: bool
    score: Points | None

    @property
    def minority(self) -> tuple[str, ...]:
        """The smaller side, of an even panel those who skip; empty where all vote alike."""
        if not self.ships or not self.skips:
            return ()
        return self.ships if len(self.ships) < len(self.skips) else self.skips


def aggregate(reviews: Sequence[Scorecard | Abstention], rules: Rules) -> Verdict:
    """Return the verdict on `reviews`, the same for any order of them."""
    ordered = sorted(reviews, key=lambda review: review.reviewer)
    cards = [review for review in ordered if isinstance(review, Scorecard)]
    ships = tuple(card.reviewer for card in cards if card.verdict == "ship")
    skips = tuple(card.reviewer for card in cards if card.verdict == "skip")
    quorate = len(cards) >= rules.quorum
    return Verdict(
        decision=_decide(len(ships), len(skips), rules) if quorate else None,
        ship_share=round_half_up(Fraction(len(ships), len(cards)), 4) if cards else None,
        ships=ships,
        skips=skips,
        abstentions=tuple(r.reviewer for r in ordered if isinstance(r, Abstention)),
        split=bool(cards) and len(ships) == len(skips),
        quorate=quorate,
        score=panel_score(cards) if cards else None,
    )


def _decide(ships: int, skips: int, rules: Rules) -> Decision:
    if ships == skips:
        return rules.tie
    return "ship" if ships > skips else "skip"


def reviewer_score(ballot: Ballot) -> float:
    """Return the plain mean of the steps of `ballot` as points out of 10."""
    return out_of_ten(mean(ballot.scores.values()))


def panel_score(cards: Sequence[Scorecard]) -> float:
    """Return the plain mean of the scores of one or more `cards`, out of 10."""
    return round_half_up(mean(Fraction(card.score).limit_denominator(10) for card in cards))
