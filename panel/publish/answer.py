"""The short answer: what a reader in a hurry should take away, and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panel.domain.comparison import Comparison, Division, divide
from panel.domain.review import Scorecard
from panel.publish.columns import Column
from panel.publish.figures import count, listed, points

_NOBODY = "nobody yet"
_LEADS = frozenset({"Neither", "None", "No pick", "Too close to call"})


@dataclass(frozen=True)
class Advice:
    """One line of advice: a heading around the tool's name, a reviewer's words around nothing else."""

    before: str
    column: Column
    after: str
    lead: str
    words: str | None = None
    tail: str = ""


@dataclass(frozen=True)
class Divide:
    """Where the panel divides: the criterion, how far apart, and what would change a mind."""

    label: str
    column: Column
    spread: str
    reviewer: str
    flips_if: str


@dataclass(frozen=True)
class Answer:
    """The short answer of a page; `reviewed` tells whether there is any scorecard."""

    heading: str
    picked: Column | None
    reason: str | None
    advice: tuple[Advice, ...]
    divide: Divide | None
    reviewed: bool


def answer_comparison(comparison: Comparison, columns: Sequence[Column]) -> Answer:
    """Return the short answer of a comparison, by its rules."""
    by_slug = {column.tool.slug: column for column in columns}
    ships = [c for c in columns if c.run.verdict and c.run.verdict.decision == "ship"]
    taken = {when.slug: when for when in comparison.take_when}
    advice = []
    for column in columns:
        when = taken[column.tool.slug]
        advice.append(_take(column, when.text, when.reviewer, unless=not ships))
    return Answer(
        heading=_heading(columns, ships, advice),
        picked=by_slug[comparison.pick] if comparison.pick else None,
        reason=_plain(comparison.reason),
        advice=tuple(advice),
        divide=_spell_out(comparison.division, by_slug),
        reviewed=bool(comparison.rows),
    )


def _heading(columns: Sequence[Column], ships: Sequence[Column], advice: Sequence[Advice]) -> str:
    if ships:
        return "Too close to call"
    if not any(c.run.verdict and c.run.verdict.decision for c in columns):
        return "No verdict"
    neither = "Neither" if len(columns) == 2 else "None"  # noqa: PLR2004 - a pair
    return f"{neither}, unless" if any(line.words for line in advice) else neither


def _plain(reason: str) -> str:
    """Return the reason without the words before a colon that the heading says already."""
    lead, colon, rest = reason.partition(": ")
    return f"{rest[:1].upper()}{rest[1:]}" if colon and lead in _LEADS else reason


def _take(column: Column, words: str | None, key: str | None, *, unless: bool) -> Advice:
    before, after = ("", "") if unless else ("Take", "when")
    card = column.cards.get(key) if key else None
    if words is None or card is None:
        return Advice(before, column, after, "No reviewer gave a valid review.")
    if column.badge == "none":
        return Advice("", column, "", "There are too few reviews for a verdict.")
    if words.casefold().strip(" .") == _NOBODY:
        return Advice(before, column, after, f"It is for nobody yet, says the {card.name.lower()}.")
    doubt = ", who skips it" if card.verdict == "skip" and not unless else ""
    tail = f"says the {card.name.lower()}{doubt}."
    return Advice(before, column, after, "It is for", words.rstrip("."), tail)


def answer_tool(column: Column) -> Answer:
    """Return the short answer for one tool: whom it is for, who should leave it, the dissent."""
    cards = [card.scorecard for card in column.cards.values() if card.scorecard]
    ships = [card for card in cards if card.verdict == "ship"]
    skips = [card for card in cards if card.verdict == "skip"]
    advice = []
    if cards:
        for_it, against = _surest(ships or skips), _surest(skips or ships)
        advice = [
            _take(column, for_it.ballot.best_for, for_it.reviewer, unless=False),
            Advice(
                "Leave",
                column,
                "if",
                "",
                against.ballot.avoid_if.rstrip("."),
                f"says the {against.name.lower()}.",
            ),
        ]
    return Answer(
        heading=_tool_heading(column),
        picked=None,
        reason=_standing(column),
        advice=tuple(advice),
        divide=_spell_out(
            divide((column.run,)) if column.run.verdict else None, {column.tool.slug: column}
        ),
        reviewed=bool(cards),
    )


def _surest(cards: Sequence[Scorecard]) -> Scorecard:
    return max(sorted(cards, key=lambda c: c.reviewer), key=lambda c: c.ballot.confidence)


def _tool_heading(column: Column) -> str:
    return {
        "ship": "The panel ships it",
        "skip": "The panel skips it",
        "split": "The panel is split",
        "none": "No verdict",
        "aside": "Not put before the panel",
        "open": "Not finished",
    }[column.badge]


def _standing(column: Column) -> str | None:
    verdict = column.run.verdict
    if verdict is None:
        return column.run.reason
    if verdict.decision is None or not (verdict.ships or verdict.skips):
        return None
    names = {key: card.name.lower() for key, card in column.cards.items()}
    if not verdict.skips or not verdict.ships:
        verb = "ship" if verdict.ships else "skip"
        who = count(len(verdict.ships or verdict.skips))
        return f"All {who} reviewers {verb} it."
    ships, skips = (
        [names.get(key, key) for key in side] for side in (verdict.ships, verdict.skips)
    )
    return f"Ship: {listed(ships)}. Skip: {listed(skips)}."


def _spell_out(division: Division | None, by_slug: Mapping[str, Column]) -> Divide | None:
    if division is None:
        return None
    column = by_slug[division.slug]
    return Divide(
        division.label,
        column,
        points(division.spread),
        column.cards[division.reviewer].name,
        division.flips_if.rstrip("."),
    )
