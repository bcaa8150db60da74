"""The short answer: what a reader in a hurry should take away, and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panel.domain.comparison import Comparison, most_confident
from panel.domain.division import Division, Side, divide
from panel.publish.cards import Card
from panel.publish.columns import Column
from panel.publish.figures import count, listed

_NOBODY = "nobody yet"
_SKIPPED = frozenset({"Neither", "None"})
_FLAWED = "in whose review checks found a fault"


@dataclass(frozen=True)
class Advice:
    """One line of advice: a heading around the tool's name that the sentence under it completes."""

    before: str
    column: Column
    after: str
    lead: str
    words: str | None = None
    tail: str = ""


@dataclass(frozen=True)
class Divide:
    """Where reviewers divide: who ships and who skips, on which criterion, what would turn each."""

    column: Column
    ship: Side
    skip: Side


@dataclass(frozen=True)
class Answer:
    """The short answer of a page; `reviewed` tells whether there is any scorecard.

    `agreed` tells that the reviewers of each tool vote the same way.
    """

    heading: str
    picked: Column | None
    reason: str | None
    advice: tuple[Advice, ...]
    divide: Divide | None
    agreed: bool
    reviewed: bool


def answer_comparison(comparison: Comparison, columns: Sequence[Column]) -> Answer:
    """Return the short answer of a comparison, by its rules."""
    by_slug = {column.tool.slug: column for column in columns}
    taken = {when.slug: when.reviewer for when in comparison.take_when}
    lead, _, rest = comparison.reason.partition(": ")
    unless = lead in _SKIPPED
    advice = tuple(_take(column, taken[column.tool.slug], unless=unless) for column in columns)
    some = any(line.words for line in advice)
    return Answer(
        heading=f"{lead}, unless" if unless and some else lead,
        picked=by_slug[comparison.pick] if comparison.pick else None,
        reason=comparison.reason if comparison.pick else f"{rest[:1].upper()}{rest[1:]}",
        advice=advice,
        divide=_spell_out(comparison.division, by_slug),
        agreed=all(_agree(column) for column in columns),
        reviewed=bool(comparison.rows),
    )


def _take(column: Column, reviewer: str | None, *, unless: bool = False) -> Advice:
    """Return when to take a tool; `unless` for the lines below a heading that ends in this word."""
    card = column.cards[reviewer] if reviewer else None
    if card is None or card.scorecard is None:
        return Advice("", column, "", "No reviewer gave a valid review.")
    if column.badge == "none":
        return Advice("", column, "", "There are too few reviews for a verdict.")
    ballot = card.scorecard.ballot
    if _is_for_nobody(card):
        before, after = ("", "") if unless else ("Leave", "unless")
        return Advice(before, column, after, "", ballot.flips_if.rstrip("."), _says(card))
    before, after = ("", "") if unless else ("Take", "when")
    tail = _says(card, doubts=card.verdict == "skip" and not unless)
    return Advice(before, column, after, "", ballot.best_for.rstrip("."), tail)


def _is_for_nobody(card: Card) -> bool:
    """Tell whether a reviewer that skips a tool can think of nobody to take it."""
    if card.scorecard is None or card.verdict != "skip":
        return False
    return card.scorecard.ballot.best_for.casefold().strip(" .") == _NOBODY


def _says(card: Card, *, doubts: bool = False) -> str:
    clauses = ["who skips it"] if doubts else []
    clauses += [_FLAWED] if card.faults else []
    return f"says the {', '.join((card.name.lower(), *([listed(clauses)] if clauses else [])))}."


def answer_tool(column: Column) -> Answer:
    """Return the short answer for one tool: whom it is for, who should leave it, the dissent."""
    cards = [card.scorecard for card in column.cards.values() if card.scorecard]
    ships = [card for card in cards if card.verdict == "ship"]
    skips = [card for card in cards if card.verdict == "skip"]
    advice = []
    if cards:
        for_it, against = most_confident(ships or skips), most_confident(skips or ships)
        advice.append(_take(column, for_it.reviewer))
        if not _is_for_nobody(column.cards[for_it.reviewer]):
            tail = _says(column.cards[against.reviewer])
            words = against.ballot.avoid_if.rstrip(".")
            advice.append(Advice("Leave", column, "when", "", words, tail))
    return Answer(
        heading=_tool_heading(column),
        picked=None,
        reason=_standing(column),
        advice=tuple(advice),
        divide=_spell_out(
            divide((column.run,)) if column.run.verdict else None, {column.tool.slug: column}
        ),
        agreed=_agree(column),
        reviewed=bool(cards),
    )


def _agree(column: Column) -> bool:
    return len({card.verdict for card in column.cards.values() if card.verdict}) < 2  # noqa: PLR2004 - sides


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
        verb, who = "ship" if verdict.ships else "skip", len(verdict.ships or verdict.skips)
        return f"All {count(who)} reviewers {verb} it." if who > 1 else f"One reviewer {verb}s it."
    ships, skips = (
        [names.get(key, key) for key in side] for side in (verdict.ships, verdict.skips)
    )
    return f"Ship: {listed(ships)}. Skip: {listed(skips)}."


def _spell_out(division: Division | None, by_slug: Mapping[str, Column]) -> Divide | None:
    if division is None:
        return None
    return Divide(by_slug[division.slug], division.ship, division.skip)
