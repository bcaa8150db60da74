"""Sections: the rows of a page's tables and charts, computed before a template sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from panel.domain.pricing import PricingRead
from panel.domain.tool import Price
from panel.publish.cards import Card
from panel.publish.columns import Column, Fact
from panel.publish.figures import add_up, money, per, points
from panel.publish.marks import Point, Strip, small_strip, strip

_LONE = 3  # scorecards on the other side that make one reviewer split the panel


@dataclass(frozen=True)
class ReviewerLine:
    """One reviewer across the columns; `alone` tells where it stands against all others."""

    key: str
    name: str
    motto: str | None
    cards: tuple[Card | None, ...]
    drawing: Strip
    alone: tuple[bool, ...]
    profile: tuple["ProfileLine", ...]

    @property
    def splits(self) -> bool:
        """Tell whether the reviewer stands alone against the others on any tool."""
        return any(self.alone)

    @property
    def ships(self) -> int:
        """How many of the tools the reviewer ships."""
        return sum(card.verdict == "ship" for card in self.cards if card)


@dataclass(frozen=True)
class ProfileLine:
    """One reviewer's points on one criterion across the columns."""

    label: str
    points: tuple[str | None, ...]
    drawing: Strip


@dataclass(frozen=True)
class PriceLine:
    """One stated price or fact about money across the columns."""

    label: str
    cells: tuple[Fact, ...]


@dataclass(frozen=True)
class MonthCell:
    """What an example month costs: the amount, the sum that shows it, a bar in per cent."""

    amount: str
    sum: str
    width: str


@dataclass(frozen=True)
class MonthLine:
    """One example month across the columns; None where nothing can be computed."""

    label: str
    cells: tuple[MonthCell | None, ...]


def line_up_reviewers(columns: Sequence[Column]) -> list[ReviewerLine]:
    """Return every reviewer of the page once, in the order of the panels."""
    keys = dict.fromkeys(key for column in columns for key in column.cards)
    return [_reviewer(key, columns) for key in keys]


def _reviewer(key: str, columns: Sequence[Column]) -> ReviewerLine:
    cards = tuple(column.cards.get(key) for column in columns)
    personas = [p for column in columns for p in column.run.inputs.personas if p.key == key]
    drawing = strip(
        [
            Point(
                column.mark,
                card.scorecard.score if card and card.scorecard else None,
                filled=bool(card and card.verdict == "ship"),
            )
            for column, card in zip(columns, cards, strict=True)
        ]
    )
    return ReviewerLine(
        key=key,
        name=next(card.name for card in cards if card),
        motto=personas[0].motto if personas else None,
        cards=cards,
        drawing=drawing,
        alone=tuple(_stands_alone(key, column) for column in columns),
        profile=_profile(columns, cards),
    )


def _stands_alone(key: str, column: Column) -> bool:
    verdict = column.run.verdict
    if verdict is None:
        return False
    sides = (verdict.ships, verdict.skips)
    return any(mine == (key,) and len(others) >= _LONE for mine, others in (sides, sides[::-1]))


def _profile(columns: Sequence[Column], cards: Sequence[Card | None]) -> tuple[ProfileLine, ...]:
    """Return a line for each criterion that a card of the reviewer scores."""
    scores = [{score.key: score for score in card.scores} if card else {} for card in cards]
    keys = dict.fromkeys(key for scored in scores for key in scored)
    lines = []
    for key in keys:
        found = [scored.get(key) for scored in scores]
        known = next(score for score in found if score)
        lines.append(
            ProfileLine(
                label=known.label,
                points=tuple(points(score.points) if score else None for score in found),
                drawing=small_strip(
                    [
                        Point(column.mark, score.points if score else None)
                        for column, score in zip(columns, found, strict=True)
                    ]
                ),
            )
        )
    return tuple(lines)


def list_prices(columns: Sequence[Column]) -> list[PriceLine]:
    """Return what the texts state about money: entry, every stated price once, licence.

    Prices of one label and unit stand in as many lines as the tool with most of them has.
    """
    stated = [_group_prices(column) for column in columns]
    wanted = dict.fromkeys(key for groups in stated for key in groups)
    lines = [PriceLine("Entry", tuple(column.fact("entry") for column in columns))]
    if not wanted:
        lines.append(PriceLine("Prices", tuple(column.fact("prices") for column in columns)))
    for label, unit in wanted:
        heading = f"{label[:1].upper()}{label[1:]}, {per(unit)}"
        found = [groups.get((label, unit), []) for groups in stated]
        for row in zip_longest(*found):
            cells = tuple(_price(*pair) for pair in zip(columns, row, strict=True))
            lines.append(PriceLine(heading, cells))
    lines.append(PriceLine("Licence", tuple(column.fact("licence") for column in columns)))
    return lines


def _group_prices(column: Column) -> dict[tuple[str, str], list[Price]]:
    groups: dict[tuple[str, str], list[Price]] = {}
    for price in column.tool.prices:
        groups.setdefault((price.label, price.unit), []).append(price)
    return groups


def _price(column: Column, price: Price | None) -> Fact:
    if price is not None:
        return Fact(money(price.amount, price.currency), known=True)
    missing = column.fact("prices")
    return Fact("not stated", known=False) if missing.known else missing


def list_months(reads: Sequence[PricingRead]) -> list[MonthLine]:
    """Return the example months that at least one tool's prices allow."""
    labels = dict.fromkeys(month.label for read in reads for month in read.months)
    most = {
        currency: max(m.amount for read in reads for m in read.months if m.currency == currency)
        for currency in {month.currency for read in reads for month in read.months}
    }
    return [
        MonthLine(_title(label, reads), tuple(_month(read, label, most) for read in reads))
        for label in labels
    ]


def _title(label: str, reads: Sequence[PricingRead]) -> str:
    """Return a month's title: what is counted, where that is the same for every tool, else its label.

    The labels tell how much work a month of tokens is; of seats they would tell nothing.
    """
    counted = {
        tuple(term.count for term in month.terms)
        for read in reads
        for month in read.months
        if month.label == label
    }
    only = counted.pop() if len(counted) == 1 else ()
    return f"{only[0] if len(only) == 1 else label}, one month"


def _month(read: PricingRead, label: str, most: dict[str, Decimal]) -> MonthCell | None:
    for month in read.months:
        if month.label == label:
            top = most[month.currency]
            width = month.amount * 100 / top if top else Decimal(0)
            return MonthCell(money(month.amount, month.currency), add_up(month), f"{width:.2f}%")
    return None
