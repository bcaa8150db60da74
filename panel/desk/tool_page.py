"""The page of a run that an editor decides on: text, reviews, open points, facts and gates."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, get_args

from panel.app.decisions import RunPublication, gates
from panel.app.run_summary import cost_of
from panel.desk.desk_points import GATE_TITLES, DeskPoint, list_open_points
from panel.domain.decision import Grounds, grounds_of
from panel.domain.run import Run
from panel.domain.tool import EntryTerms
from panel.domain.wording import counted
from panel.editorial.fields import FACT_FIELDS, field_text
from panel.editorial.gates import Gate
from panel.editorial.publication import MOVES
from panel.publish.cards import Card
from panel.publish.columns import Column, build_columns

_LABELS: Final = {
    "name": "Name",
    "tagline": "Tagline",
    "category": "Category",
    "vendor": "Vendor",
    "url": "Address",
    "entry": "Entry",
    "licence": "Licence",
}
_A_LINE: Final = 34  # characters of a fact that its field has room for
_NOT_BY_AN_EDITOR: Final = ("checklist", "quorum")
"""Gates that only another run of the panel clears."""
ENTRIES: Final = ("", *get_args(EntryTerms))


@dataclass(frozen=True)
class FactRow:
    """A fact to be corrected in place: what is printed, and what the panel had."""

    field: str
    label: str
    printed: str
    read: str
    passage: int | None

    @property
    def is_changed(self) -> bool:
        """Whether an editor changed it."""
        return self.printed != self.read

    @property
    def rows(self) -> int:
        """How many lines its field needs for all of it to be seen."""
        return 1 + len(self.printed) // _A_LINE


@dataclass(frozen=True)
class GateRow:
    """A gate with the place on the page where it is cleared, None where that is not here."""

    gate: Gate
    title: str
    place: str | None


@dataclass(frozen=True)
class ToolPage:
    """All that the page of a run prints; `redacted` is its panel's run without its passages."""

    found: RunPublication
    column: Column
    grounds: Grounds
    points: list[DeskPoint]
    facts: list[FactRow]
    gates: list[GateRow]
    letters: dict[str, str]
    citations: dict[int, list[tuple[str, str, str]]]
    redacted: Run | None

    @property
    def open_points(self) -> list[DeskPoint]:
        """The points without an answer."""
        return [one for one in self.points if one.answer is None]

    @property
    def kinds_of_points(self) -> str:
        """How many of the points are of each kind: `2 flags, 1 name`."""
        kinds = Counter(one.kind for one in self.points)
        return ", ".join(counted(number, kind) for kind, number in kinds.items())

    @property
    def refusing(self) -> list[GateRow]:
        """The gates that stand in the way of an approval."""
        return [one for one in self.gates if not one.gate.passed]

    @property
    def needs_a_panel(self) -> Gate | None:
        """The gate that refuses whatever an editor decides: only another run of the panel clears it."""
        return next((one.gate for one in self.refusing if one.gate.name in _NOT_BY_AN_EDITOR), None)

    @property
    def moves(self) -> frozenset[str]:
        """What may be decided now, but for what would be refused whatever else is decided."""
        moves = frozenset[str](MOVES[self.found.publication.state])
        return moves - {"approve", "override"} if self.needs_a_panel else moves

    @property
    def cost(self) -> Decimal | None:
        """What the run has cost in dollars, None where that is not known."""
        return cost_of(self.found.run)

    @property
    def cards(self) -> list[Card]:
        """The reviewers' cards in the order of the panel."""
        return list(self.column.cards.values())

    @property
    def best(self) -> Card | None:
        """The card whose conditions are printed first; None of a checklist: it recommends nothing."""
        if self.column.lead is not None:
            return None
        decision = self.found.run.decision
        scored = [(card.scorecard.score, card) for card in self.cards if card.scorecard]
        agreeing = [pair for pair in scored if pair[1].verdict == decision] or scored
        best = max(agreeing, key=lambda pair: pair[0], default=None)
        return best[1] if best else None


def build_tool_page(
    found: RunPublication,
    *,
    redacted: Run | None = None,
    shown: Grounds | None = None,
    given: Mapping[str, str] | None = None,
) -> ToolPage:
    """Return the page of a run.

    `shown` is what an editor looked at who was refused, `given` what that editor typed, which is
    printed again; `redacted` is its panel's run without its passages.
    """
    public = found.public
    (column,) = build_columns((public,))
    letters = _letters(column)
    return ToolPage(
        found=found,
        column=column,
        grounds=grounds_of(found.run),
        points=list_open_points(found),
        facts=_facts(found, column.given.numbers, given or {}),
        gates=[_gate_row(one) for one in gates(found, shown=shown)],
        letters=letters,
        citations=_citations(column, letters),
        redacted=redacted,
    )


def _facts(
    found: RunPublication, numbers: Mapping[str, int], given: Mapping[str, str]
) -> list[FactRow]:
    run, public = found.run, found.public
    prices = max(len(public.tool.prices), len(run.tool.prices))
    rows = []
    for field in (*FACT_FIELDS, *(f"price.{n}" for n in range(1, prices + 2))):
        read = field_text(run, field)
        printed = given.get(field, field_text(public, field))
        label = _LABELS.get(field) or f"Price {field.partition('.')[2]}"
        rows.append(FactRow(field, label, printed, read, numbers.get(_evidence(found, field))))
    return rows


def _evidence(found: RunPublication, field: str) -> str:
    tool = found.run.tool
    if field.startswith("price."):
        number = int(field.partition(".")[2])
        price = tool.prices[number - 1] if number <= len(tool.prices) else None
        return (price.evidence or "") if price else ""
    return next((span for name, span in tool.evidence.items() if name == field), "")


def _gate_row(gate: Gate) -> GateRow:
    first = gate.missing[0] if gate.missing else None
    place = {
        "namesake": f"#{first}",
        "addressed": f"#{first}",
        "flags": f"#{first}",
        "known": f"#{first}",
        "stale": f"#{first}",
        "quoted": f"#s-{first}",
    }.get(gate.name)
    return GateRow(gate, GATE_TITLES[gate.name], place if first else None)


def _letters(column: Column) -> dict[str, str]:
    """Return a letter for each reviewer, or two where one is not enough."""
    shorts = {key: card.short for key, card in column.cards.items()}
    firsts = [short[:1].upper() for short in shorts.values()]
    return {
        key: short[:1].upper() if firsts.count(short[:1].upper()) == 1 else short[:2].title()
        for key, short in shorts.items()
    }


def _citations(column: Column, letters: Mapping[str, str]) -> dict[int, list[tuple[str, str, str]]]:
    """Return for each passage who rests on it: letter, name, and the place of the sentence."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    for key, card in column.cards.items():
        places: Sequence[tuple[int | None, str]] = [
            *((one.passage, f"s-{key}.take.{n}") for n, one in enumerate(card.take, start=1)),
            *((one.passage, f"f-{key}.{one.key}") for one in card.scores),
        ]
        named: set[int] = set()
        for passage, place in places:
            if passage is not None and passage not in named:
                named.add(passage)
                found.setdefault(passage, []).append((letters[key], card.name, place))
    return found
