"""Reviewers: each with its card on every tool and its criteria across the tools."""

from collections.abc import Sequence
from dataclasses import dataclass

from panel.publish.cards import Card, CriterionScore
from panel.publish.columns import Column
from panel.publish.marks import Dumbbell, Point, dumbbell

_LONE = 3  # scorecards on the other side that a lone vote stands against


@dataclass(frozen=True)
class CriterionLine:
    """One criterion of a reviewer across the columns; None where it has no score."""

    key: str
    label: str
    question: str
    scores: tuple[CriterionScore | None, ...]
    drawing: Dumbbell


@dataclass(frozen=True)
class ReviewerSection:
    """One reviewer of a page: `cards` by column, `against` how many others each vote stands against."""

    key: str
    name: str
    motto: str | None
    cards: tuple[Card | None, ...]
    against: tuple[int | None, ...]
    criteria: tuple[CriterionLine, ...]

    @property
    def has_review(self) -> bool:
        """Tell whether there is a scorecard on any tool."""
        return any(card and card.scorecard for card in self.cards)


def list_reviewers(columns: Sequence[Column]) -> list[ReviewerSection]:
    """Return every reviewer of the page once, in the order of the panels."""
    keys = dict.fromkeys(key for column in columns for key in column.cards)
    return [_reviewer(key, columns) for key in keys]


def _reviewer(key: str, columns: Sequence[Column]) -> ReviewerSection:
    cards = tuple(column.cards.get(key) for column in columns)
    personas = [p for column in columns for p in column.run.inputs.personas if p.key == key]
    return ReviewerSection(
        key=key,
        name=next(card.name for card in cards if card),
        motto=personas[0].motto if personas else None,
        cards=cards,
        against=tuple(_stands_against(key, column) for column in columns),
        criteria=_criteria(columns, cards),
    )


def _stands_against(key: str, column: Column) -> int | None:
    """Return how many reviewers a lone vote stands against, None where it is not alone."""
    verdict = column.run.verdict
    if verdict is None:
        return None
    for mine, others in (
        (verdict.ships, verdict.skips),
        (verdict.skips, verdict.ships),
    ):
        if mine == (key,) and len(others) >= _LONE:
            return len(others)
    return None


def _criteria(columns: Sequence[Column], cards: Sequence[Card | None]) -> tuple[CriterionLine, ...]:
    """Return a line for each criterion that a card of the reviewer scores."""
    scores = [{score.key: score for score in card.scores} if card else {} for card in cards]
    lines = []
    for key in dict.fromkeys(key for scored in scores for key in scored):
        found = tuple(scored.get(key) for scored in scores)
        known = next(score for score in found if score)
        drawn = [
            Point(column.mark, score.step, filled=bool(card and card.verdict == "ship"))
            for column, card, score in zip(columns, cards, found, strict=True)
            if score
        ]
        lines.append(CriterionLine(key, known.label, known.question, found, dumbbell(drawn)))
    return tuple(lines)
