"""Where a panel divides: reviewer against reviewer, each on the criterion that carries its vote.

Reviewers answer for different sides of a tool, so three to one is an ordinary panel: it is shown, with
what would turn each of the two, and holds nothing.
"""

from collections.abc import Sequence

from panel.domain.ballot import Decision, Finding
from panel.domain.review import Points, Scorecard
from panel.domain.run import Run
from panel.domain.scale import POINTS_A_STEP
from panel.domain.value import Value


class Side(Value):
    """A reviewer on one side, and the criterion of its own that speaks clearest for its vote.

    `points` are that criterion's, out of 10. `flagged` says that checks found a fault in that review,
    as in all others of its side.
    """

    reviewer: str
    name: str
    criterion: str
    label: str
    points: Points
    finding: str
    flips_if: str
    flagged: bool = False


class Division(Value):
    """The tool on which reviewers lie furthest apart, and the two who do; `gap` out of 10."""

    slug: str
    ship: Side
    skip: Side
    gap: Points


def divide(runs: Sequence[Run]) -> Division | None:
    """Return where the panels of `runs` divide most; None where each of them votes one way.

    Of each side it is the reviewer with the clearest score, a review without a fault first, then by
    key; of the tools the one with the widest gap between the two, the first of equals.
    """
    divided = [found for run in runs if (found := _divide(run))]
    return max(divided, key=lambda division: division.gap, default=None)


def _divide(run: Run) -> Division | None:
    ships = [card for card in run.scorecards if card.verdict == "ship"]
    skips = [card for card in run.scorecards if card.verdict == "skip"]
    if run.verdict is None or not ships or not skips:
        return None
    ship = min(sound(ships), key=lambda card: (-card.score, card.reviewer))
    skip = min(sound(skips), key=lambda card: (card.score, card.reviewer))
    return Division(
        slug=run.slug,
        ship=_side(run, ship),
        skip=_side(run, skip),
        gap=round(max(0.0, ship.score - skip.score), 1),
    )


def sound(cards: Sequence[Scorecard]) -> Sequence[Scorecard]:
    """Return those of `cards` in which checks found no fault, all of them where each has one."""
    return [card for card in cards if not card.flags] or cards


def _side(run: Run, card: Scorecard) -> Side:
    finding = decisive(card)
    return Side(
        reviewer=card.reviewer,
        name=card.name,
        criterion=finding.criterion,
        label=label_of(run, card.reviewer, finding.criterion),
        points=float(finding.score * POINTS_A_STEP),
        finding=finding.finding,
        flips_if=card.ballot.flips_if,
        flagged=bool(card.flags),
    )


def decisive(card: Scorecard) -> Finding:
    """Return the finding that speaks clearest for the vote: the best of a ship, the worst of a skip."""
    sign: dict[Decision, int] = {"ship": -1, "skip": 1}
    return min(card.ballot.findings, key=lambda finding: sign[card.verdict] * finding.score)


def label_of(run: Run, reviewer: str, criterion: str) -> str:
    """Return the label of a reviewer's criterion, its key where the persona is not in the inputs."""
    for persona in run.inputs.personas:
        if persona.key == reviewer and criterion in persona.criterion_keys:
            return persona.criterion(criterion).label
    return criterion
