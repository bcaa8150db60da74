"""A comparison: two to five verdicts side by side, with a pick or the reason for none.

The rule (printed on every page). Only a tool that the panel ships can be picked. The higher ship
share wins; at equal shares the higher panel score, if it leads by at least 0.5 of 10; within that
it is too close to call. A checklist and a panel of models are not compared: no pick. "Take it when"
is the `best_for` of the most confident reviewer who ships it, else of those who skip. "Where the
panel divides" is the tool on which a reviewer who ships and one who skips lie furthest apart, with the
criterion of each and what would turn it. A review in which checks found a fault speaks in neither
while another of its side can.
"""

from collections.abc import Sequence

from panel.domain.disagreement import Division, divide, label_of, sound
from panel.domain.monthly_cost import MONTHS, Month, PricingRead, read_pricing
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.scale import POINTS_A_STEP, percent
from panel.domain.value import Value
from panel.domain.verdict import Verdict

FEWEST, MOST = 2, 5
MARGIN = 0.5
_CHECKLIST = "checklist"
_UNLIKE = "No pick: a checklist and a panel of models are not compared."


class TakeWhen(Value):
    """When to take a tool, in its reviewer's words; None where no reviewer gave a scorecard.

    `flagged` says that checks found a fault in that review, as in all others of its side.
    """

    slug: str
    text: str | None
    reviewer: str | None
    flagged: bool = False


class CriterionRow(Value):
    """One criterion of one reviewer across the tools: its points out of 10 by slug, and who leads.

    `leader` is None where the tools are level or only one of them was scored.
    """

    reviewer: str
    criterion: str
    label: str
    points: dict[str, float]
    gap: float
    leader: str | None


class Comparison(Value):
    """Two to five runs, ordered by slug, and what the rule says of them."""

    runs: tuple[Run, ...]
    pick: str | None
    reason: str
    take_when: tuple[TakeWhen, ...]
    division: Division | None
    rows: tuple[CriterionRow, ...]
    pricing: tuple[PricingRead, ...]

    @property
    def slug(self) -> str:
        """The page's name: the slugs in alphabetical order, joined by `-vs-`."""
        return "-vs-".join(run.tool.slug for run in self.runs)


def compare(runs: Sequence[Run], months: Sequence[Month] = MONTHS) -> Comparison:
    """Return the comparison of two to five finished runs, the same for any order of them.

    Raises ValueError for another number of runs, for two of one slug, or for a run without a
    verdict object.
    """
    ordered = tuple(sorted(runs, key=lambda run: run.tool.slug))
    slugs = [run.tool.slug for run in ordered]
    if not FEWEST <= len(ordered) <= MOST:
        raise ValueError(f"a comparison takes {FEWEST} to {MOST} tools, not {len(ordered)}")
    if len(set(slugs)) < len(slugs):
        twice = next(slug for slug in slugs if slugs.count(slug) > 1)
        raise ValueError(f"two of the tools are named {twice!r}: rename one of them")
    pick, reason = choose(ordered)
    return Comparison(
        runs=ordered,
        pick=pick,
        reason=reason,
        take_when=tuple(recommend(run) for run in ordered),
        division=divide(ordered),
        rows=_rows(ordered),
        pricing=tuple(read_pricing(run.tool, months) for run in ordered),
    )


def choose(runs: Sequence[Run]) -> tuple[str | None, str]:
    """Return the slug of the pick among finished runs, None where there is none, and the reason.

    Raises ValueError for a run without a verdict object.
    """
    if _is_mixed(runs):
        return None, _UNLIKE
    slugs = {run.id: run.tool.slug for run in runs}
    verdicts = {slugs[run.id]: _verdict(run) for run in runs}
    return _pick(verdicts, {slugs[run.id]: run.tool.name for run in runs})


def _verdict(run: Run) -> Verdict:
    if run.verdict is None:
        raise ValueError(f"{run.tool.name} has no verdict: its run is {run.state}")
    return run.verdict


def _is_mixed(runs: Sequence[Run]) -> bool:
    """Tell whether some of the reviews are a model's and some the checklist's, which is no model."""
    cards = [card for run in runs for card in _cards(run)]
    return len({card.provider == _CHECKLIST for card in cards}) > 1


def _pick(verdicts: dict[str, Verdict], names: dict[str, str]) -> tuple[str | None, str]:
    """Return the picked slug, or None, and the reason in one sentence."""
    ships = {slug: v for slug, v in verdicts.items() if v.decision == "ship"}
    if not ships:
        return None, _no_pick(verdicts, names)
    ranked = sorted(ships, key=lambda slug: (-_share(ships[slug]), -_score(ships[slug]), slug))
    first = ranked[0]
    best = _share(ships[first])
    level = [slug for slug in ranked if _share(ships[slug]) == best]
    if len(level) == 1:
        return first, _by_share(first, verdicts, names)
    lead = round(_score(ships[level[0]]) - _score(ships[level[1]]), 1)
    if lead >= MARGIN:
        return first, (
            f"{_listed([names[slug] for slug in sorted(level)])} have the same ship share, "
            f"{percent(best)}%; {names[first]} leads by {lead:.1f} of 10 on the panel's score."
        )
    close = [s for s in level if _score(ships[level[0]]) - _score(ships[s]) < MARGIN]
    return None, (
        f"Too close to call: {_listed([names[slug] for slug in sorted(close)])} have the same ship "
        f"share, {percent(best)}%, and lie within {MARGIN} of 10 on the panel's score."
    )


def _by_share(first: str, verdicts: dict[str, Verdict], names: dict[str, str]) -> str:
    others = [slug for slug in sorted(verdicts) if slug != first]
    rest = ", ".join(f"{names[slug]} {_share_text(verdicts[slug])}" for slug in others)
    return (
        f"{names[first]} has the highest ship share, {percent(_share(verdicts[first]))}% ({rest})."
    )


def _no_pick(verdicts: dict[str, Verdict], names: dict[str, str]) -> str:
    silent = [names[slug] for slug in sorted(verdicts) if verdicts[slug].decision is None]
    if len(silent) == len(verdicts):
        return "No pick: too few reviewers answered on any of the tools."
    if silent:
        return f"No pick: no verdict is ship, and there is none on {_listed(silent)}."
    return (
        "Neither: both verdicts are skip."
        if len(verdicts) == FEWEST
        else "None: all verdicts are skip."
    )


def _share(verdict: Verdict) -> float:
    return verdict.ship_share or 0.0


def _score(verdict: Verdict) -> float:
    return verdict.score or 0.0


def _share_text(verdict: Verdict) -> str:
    return "has no verdict" if verdict.decision is None else f"{percent(_share(verdict))}%"


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _cards(run: Run) -> list[Scorecard]:
    return [review for review in run.reviews if isinstance(review, Scorecard)]


def most_confident(cards: Sequence[Scorecard]) -> Scorecard:
    """Return the most confident of `cards` without a fault, of all where each has one; then by key."""
    return min(sound(cards), key=lambda card: (-card.ballot.confidence, card.reviewer))


def recommend(run: Run) -> TakeWhen:
    """Return when to take the tool of `run`, by the rule above. Raises ValueError without verdict."""
    verdict = _verdict(run)
    cards = _cards(run)
    cards = [card for card in cards if card.reviewer in verdict.ships] or cards
    if not cards:
        return TakeWhen(slug=run.tool.slug, text=None, reviewer=None)
    card = most_confident(cards)
    return TakeWhen(
        slug=run.tool.slug,
        text=card.ballot.best_for,
        reviewer=card.reviewer,
        flagged=bool(card.flags),
    )


def _rows(runs: Sequence[Run]) -> tuple[CriterionRow, ...]:
    """Return the criteria of all reviewers, in the order of the panels and of their personas."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    labels: dict[tuple[str, str], str] = {}
    for run in runs:
        order = [persona.key for persona in run.inputs.personas]
        for card in sorted(_cards(run), key=lambda card: _place(order, card.reviewer)):
            for finding in card.ballot.findings:
                key = card.reviewer, finding.criterion
                labels.setdefault(key, label_of(run, *key))
                points = float(finding.score * POINTS_A_STEP)
                found.setdefault(key, {})[run.tool.slug] = points
    # A reviewer of the second run alone comes after those of the first, with all of its criteria.
    reviewers = list(dict.fromkeys(reviewer for reviewer, _ in found))
    ranked = sorted(found, key=lambda key: reviewers.index(key[0]))
    return tuple(_row(key, labels[key], found[key]) for key in ranked)


def _place(order: Sequence[str], reviewer: str) -> int:
    return order.index(reviewer) if reviewer in order else len(order)


def _row(key: tuple[str, str], label: str, points: dict[str, float]) -> CriterionRow:
    ranked = sorted(points, key=lambda slug: (-points[slug], slug))
    gap = round(points[ranked[0]] - points[ranked[-1]], 1)
    return CriterionRow(
        reviewer=key[0],
        criterion=key[1],
        label=label,
        points=points,
        gap=gap,
        leader=ranked[0] if gap else None,
    )
