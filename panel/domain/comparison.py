"""A comparison: two to five verdicts side by side, with a pick or the reason for none.

The rule (printed on every page). Only a tool that the panel ships can be picked; an editor's verdict
counts in the place of the panel's. The higher ship share wins; at equal shares the higher panel score,
if it leads by at least 0.5 of 10; within that it is too close to call. A checklist and a panel of
models are not compared: no pick. "Take it when" is the `best_for` of the most confident reviewer who
ships it, else of those who skip; it is not said of a tool that an editor skips. "Where the panel
divides" is the tool on which a reviewer who ships and one who skips lie furthest apart, with the
criterion of each and what would turn it. A review in which checks found a fault speaks in neither
while another of its side can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from panel.domain.ballot import Decision
from panel.domain.disagreement import Division, divide, label_of, sound
from panel.domain.monthly_cost import MONTHS, Month, PricingRead, read_pricing
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.scale import POINTS_A_STEP, percent
from panel.domain.value import Value
from panel.domain.verdict import Verdict
from panel.domain.wording import listed

FEWEST, MOST = 2, 5
MARGIN = 0.5
_UNLIKE = "No pick: a checklist and a panel of models are not compared."


class TakeWhen(Value):
    """When to take a tool, in its reviewer's words.

    `text` is None where no reviewer gave a scorecard, and where an editor skips the tool. `flagged`
    says that checks found a fault in that review, as in all others of its side.
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
    """Two to five runs, ordered by slug, and what the rule says of them.

    `overrides` has the editors' verdicts that count in the place of the panels', by the run's id.
    """

    runs: tuple[Run, ...]
    pick: str | None
    reason: str
    take_when: tuple[TakeWhen, ...]
    division: Division | None
    rows: tuple[CriterionRow, ...]
    pricing: tuple[PricingRead, ...]
    overrides: dict[str, Decision] = Field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The page's name: the slugs in alphabetical order, joined by `-vs-`."""
        return "-vs-".join(run.slug for run in self.runs)


def compare(
    runs: Sequence[Run],
    months: Sequence[Month] = MONTHS,
    overrides: Mapping[str, Decision] | None = None,
) -> Comparison:
    """Return the comparison of two to five finished runs, the same for any order of them.

    `overrides` has an editor's verdict by the id of the run whose panel it overrides.
    Raises ValueError for another number of runs, for two of one slug, or for a run without a
    verdict object.
    """
    ordered = tuple(sorted(runs, key=lambda run: run.slug))
    slugs = [run.slug for run in ordered]
    if not FEWEST <= len(ordered) <= MOST:
        raise ValueError(f"a comparison takes {FEWEST} to {MOST} tools, not {len(ordered)}")
    if len(set(slugs)) < len(slugs):
        twice = next(slug for slug in slugs if slugs.count(slug) > 1)
        raise ValueError(f"two of the tools are named {twice!r}: rename one of them")
    overrides = overrides or {}
    pick, reason = choose(ordered, overrides)
    return Comparison(
        runs=ordered,
        pick=pick,
        reason=reason,
        take_when=tuple(recommend(run, overrides.get(run.id)) for run in ordered),
        division=divide(ordered),
        rows=_rows(ordered),
        pricing=tuple(read_pricing(run.tool, months, run.slug) for run in ordered),
        overrides={run.id: overrides[run.id] for run in ordered if run.id in overrides},
    )


def choose(
    runs: Sequence[Run], overrides: Mapping[str, Decision] | None = None
) -> tuple[str | None, str]:
    """Return the slug of the pick among finished runs, None where there is none, and the reason.

    `overrides` are as for `compare`. Raises ValueError for a run without a verdict object.
    """
    if _is_mixed(runs):
        return None, _UNLIKE
    found = [
        _Candidate(run.slug, run.tool.name, _verdict(run), (overrides or {}).get(run.id))
        for run in sorted(runs, key=lambda run: run.slug)
    ]
    return _pick(found)


@dataclass(frozen=True)
class _Candidate:
    """A tool that may be picked: its panel's verdict, and the editor's where it counts instead."""

    slug: str
    name: str
    verdict: Verdict
    override: Decision | None

    @property
    def decision(self) -> Decision | None:
        return self.override or self.verdict.decision

    @property
    def share(self) -> float | None:
        """The panel's ship share; None where the panel has no verdict."""
        return None if self.verdict.decision is None else self.verdict.ship_share

    @property
    def rank(self) -> tuple[bool, float, float, str]:
        """What those that are shipped are sorted by: without a verdict of the panel they come last."""
        share, score = self.share, self.verdict.score
        if share is None or score is None:
            return True, 0.0, 0.0, self.slug
        return False, -share, -score, self.slug

    def lead_over(self, other: "_Candidate") -> float:
        """Return how far it leads on the panel's score, to the one decimal that scores have."""
        *_, mine, _ = self.rank
        *_, theirs, _ = other.rank
        return round(theirs - mine, 1)

    @property
    def standing(self) -> str:
        """The panel's ship share, and what the editor makes of it where that is something else."""
        share = "has no verdict" if self.share is None else f"{percent(self.share)}%"
        return f"{share}, the editor {self.override}s it" if self.override else share


def _verdict(run: Run) -> Verdict:
    if run.verdict is None:
        raise ValueError(
            f"{run.tool.name} has no verdict: its run is {run.state}. Let it end, or choose another."
        )
    return run.verdict


def _is_mixed(runs: Sequence[Run]) -> bool:
    """Tell whether some of the reviews are a model's and some the checklist's, which is no model."""
    cards = [card for run in runs for card in run.scorecards]
    return len({card.by_checklist for card in cards}) > 1


def _pick(every: Sequence[_Candidate]) -> tuple[str | None, str]:
    """Return the picked slug, or None, and the reason in one sentence."""
    ships = [one for one in every if one.decision == "ship"]
    if not ships:
        return None, _no_pick(every)
    ranked = sorted(ships, key=lambda one: one.rank)
    first, best = ranked[0], ranked[0].share
    level = [one for one in ranked if one.share == best]
    if len(level) == 1:
        return first.slug, _by_share(first, every)
    if best is None:
        return None, (
            f"Too close to call: the editor ships {_names(level)}, "
            "and the panel has no verdict on them."
        )
    lead = first.lead_over(level[1])
    if lead >= MARGIN:
        return first.slug, (
            f"{_names(level)} have the same ship share, "
            f"{percent(best)}%; {first.name} leads by {lead:.1f} of 10 on the panel's score."
        )
    close = [one for one in level if first.lead_over(one) < MARGIN]
    return None, (
        f"Too close to call: {_names(close)} have the same ship "
        f"share, {percent(best)}%, and lie within {MARGIN} of 10 on the panel's score."
    )


def _by_share(first: _Candidate, every: Sequence[_Candidate]) -> str:
    others = [one for one in every if one.slug != first.slug]
    rest = ", ".join(f"{one.name} {one.standing}" for one in others)
    share = first.share
    if share is None:
        return f"The editor ships {first.name} without a verdict of the panel ({rest})."
    if first.override:
        return f"The editor ships {first.name} at {percent(share)}% ({rest})."
    among = " of those that are shipped" if any(one.override for one in others) else ""
    return f"{first.name} has the highest ship share{among}, {percent(share)}% ({rest})."


def _no_pick(every: Sequence[_Candidate]) -> str:
    silent = [one for one in every if one.decision is None]
    if len(silent) == len(every):
        return "No pick: too few reviewers answered on any of the tools."
    by_editor = [one for one in every if one.override]
    if by_editor:
        rest = [one for one in every if one.decision and not one.override]
        said = [f"the editor skips {_names(by_editor)}"]
        said += [f"the panel skips {_names(rest)}"] if rest else []
        said += [f"the panel has no verdict on {_names(silent)}"] if silent else []
        return f"No pick: {listed(said)}."
    if silent:
        return f"No pick: the panel ships none of them, and has no verdict on {_names(silent)}."
    return (
        "Neither: the panel skips both." if len(every) == FEWEST else "None: the panel skips all."
    )


def _names(candidates: Sequence[_Candidate]) -> str:
    return listed([one.name for one in sorted(candidates, key=lambda one: one.slug)])


def most_confident(cards: Sequence[Scorecard]) -> Scorecard:
    """Return the most confident of `cards` without a fault, of all where each has one; then by key."""
    return min(sound(cards), key=lambda card: (-card.ballot.confidence, card.reviewer))


def recommend(run: Run, override: Decision | None = None) -> TakeWhen:
    """Return when to take the tool of `run`, by the rule above. Raises ValueError without verdict."""
    verdict = _verdict(run)
    if override == "skip":
        return TakeWhen(slug=run.slug, text=None, reviewer=None)
    ships = [card for card in run.scorecards if card.reviewer in verdict.ships]
    cards = ships or run.scorecards
    if not cards:
        return TakeWhen(slug=run.slug, text=None, reviewer=None)
    card = most_confident(cards)
    return TakeWhen(
        slug=run.slug,
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
        for card in sorted(run.scorecards, key=lambda card: _place(order, card.reviewer)):
            for finding in card.ballot.findings:
                key = card.reviewer, finding.criterion
                labels.setdefault(key, label_of(run, *key))
                points = float(finding.score * POINTS_A_STEP)
                found.setdefault(key, {})[run.slug] = points
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
