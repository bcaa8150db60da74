"""The verdict: what the scorecards come to, by a rule that can be redone by hand.

The rule (printed on every page). Each reviewer has one vote. The panel's ship share is the ships
among the scorecards. More than half ship: ship. Exactly half: "split", decided by the setting
`tie`. Fewer: skip. Fewer scorecards than the quorum: no verdict. A criterion's mean is the plain
mean of its scores; a reviewer 1.5 steps or more from it is named as dissenting.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from panel.domain.ballot import Decision
from panel.domain.review import Abstention, Points, Scorecard
from panel.domain.rubric import Rubric
from panel.domain.scale import mean, out_of_ten, round_half_up
from panel.domain.value import Value

_DISSENT = Fraction(3, 2)


class Rules(Value):
    """What an editor may set about the verdict: the quorum and who wins a tie."""

    quorum: Annotated[int, Field(ge=1, le=20)] = 3
    tie: Decision = "skip"


class Finding(Value):
    """The panel's view of one criterion: `mean` and `spread` out of 10, and who differs."""

    criterion: str
    label: str
    mean: Points
    spread: Points
    scores: dict[str, int]
    dissenters: tuple[str, ...]


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
    findings: tuple[Finding, ...]


def aggregate(
    reviews: Sequence[Scorecard | Abstention], *, rubric: Rubric, rules: Rules
) -> Verdict:
    """Return the verdict on `reviews`, the same for any order of them."""
    ordered = sorted(reviews, key=lambda review: review.reviewer)
    cards = [review for review in ordered if isinstance(review, Scorecard)]
    ships = tuple(card.reviewer for card in cards if card.verdict == "ship")
    skips = tuple(card.reviewer for card in cards if card.verdict == "skip")
    quorate = len(cards) >= rules.quorum
    split = bool(cards) and len(ships) == len(skips)
    return Verdict(
        decision=_decide(len(ships), len(skips), rules) if quorate else None,
        ship_share=round_half_up(Fraction(len(ships), len(cards)), 4) if cards else None,
        ships=ships,
        skips=skips,
        abstentions=tuple(r.reviewer for r in ordered if isinstance(r, Abstention)),
        split=split,
        quorate=quorate,
        score=panel_score(cards) if cards else None,
        findings=tuple(
            _find(criterion.key, criterion.label, cards) for criterion in rubric.criteria
        )
        if cards
        else (),
    )


def _decide(ships: int, skips: int, rules: Rules) -> Decision:
    if ships == skips:
        return rules.tie
    return "ship" if ships > skips else "skip"


def panel_score(cards: Sequence[Scorecard]) -> float:
    """Return the plain mean of the scores of one or more `cards`, out of 10."""
    return round_half_up(mean(Fraction(card.score).limit_denominator(10) for card in cards))


def _find(key: str, label: str, cards: Sequence[Scorecard]) -> Finding:
    scores = {card.reviewer: card.ballot.scores[key].score for card in cards}
    count, total = len(scores), sum(scores.values())
    far = _DISSENT * count
    return Finding(
        criterion=key,
        label=label,
        mean=out_of_ten(Fraction(total, count)),
        spread=out_of_ten(Fraction(max(scores.values()) - min(scores.values()))),
        scores=scores,
        dissenters=tuple(
            name for name, score in scores.items() if abs(score * count - total) >= far
        ),
    )
