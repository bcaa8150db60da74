"""Columns: one tool on a page, with its verdict, its facts, its text and its cards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from panel.checklist.tally import lead_line
from panel.domain.ballot import Decision
from panel.domain.licence import read_licences
from panel.domain.monthly_cost import absence
from panel.domain.run import Run
from panel.domain.scale import percent
from panel.domain.tool import FactName, Tool
from panel.domain.wording import spelled
from panel.publish.cards import Card, build_cards
from panel.publish.fact_words import say_entry, say_field
from panel.publish.figures import points, price_in_words
from panel.publish.marks import MARKS, Mark
from panel.publish.passages import GivenText, mark_passages
from panel.spdx import licence_table

Badge = Literal["ship", "skip", "split", "none", "aside", "open"]
BADGES: dict[Badge, str] = {
    "ship": "Ship",
    "skip": "Skip",
    "split": "Split",
    "none": "No verdict",
    "aside": "Set aside",
    "open": "Not finished",
}
ONE_SOURCE = "All its ballots were filled in from the same signals"


@dataclass(frozen=True)
class Fact:
    """A fact as it is printed; `known` is False for "not stated", "not read" and "not looked up"."""

    text: str
    known: bool


@dataclass(frozen=True)
class Citation:
    """Who cites a passage: the letter that is printed after it, the reviewer, and where."""

    letter: str
    name: str
    href: str


@dataclass(frozen=True)
class Column:
    """One tool of a page, in its place; `override` is an editor's verdict against the panel's."""

    mark: Mark
    run: Run
    given: GivenText
    cards: dict[str, Card]
    override: Decision | None = None

    @property
    def tool(self) -> Tool:
        """The tool with the facts that intake found."""
        return self.run.tool

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.run.tool.name

    @property
    def panel_badge(self) -> Badge:
        """What the panel came to: its decision, or why there is none."""
        return badge_of(self.run)

    @property
    def badge(self) -> Badge:
        """What readers are told: the editor's verdict where there is one, else the panel's."""
        return self.override or self.panel_badge

    @property
    def share(self) -> str | None:
        """The panel's ship share in per cent; None where there is no verdict to print it for."""
        return share_of(self.run)

    @property
    def score(self) -> str | None:
        """The panel's score out of ten; None where no reviewer gave a scorecard."""
        verdict = self.run.verdict
        return None if verdict is None or verdict.score is None else points(verdict.score)

    @property
    def lead(self) -> str | None:
        """A checklist's signals, counted: they stand where a panel of models has share and score."""
        line = lead_line(self.run)
        return None if line is None else f"{line[:1].upper()}{line[1:]}"

    @property
    def tally(self) -> tuple[str, ...]:
        """How the share came about, in one line or a few, and an editor's verdict against it."""
        editor = (f"The editor {self.override}s it",) if self.override else ()
        return (*_tally(self.run), *editor)

    def fact(self, name: FactName) -> Fact:
        """Return one fact as it is printed."""
        return state_fact(self.tool, name)

    def sentence_id(self, card: Card, number: int) -> str:
        """Return the anchor of a sentence of a take."""
        return f"{self.mark.key}-{card.key}-{number}"

    def finding_id(self, card: Card, criterion: str) -> str:
        """Return the anchor of a finding."""
        return f"{self.mark.key}-{card.key}-{criterion}"

    @cached_property
    def citations(self) -> dict[int, tuple[Citation, ...]]:
        """Who cites each passage, by its number: sentences of takes first, then findings."""
        found: dict[int, list[Citation]] = {}
        for card in self.cards.values():
            cited = [
                (said.passage, self.sentence_id(card, n)) for n, said in enumerate(card.take, 1)
            ]
            cited += [(one.passage, self.finding_id(card, one.key)) for one in card.scores]
            for number, where in cited:
                if number is not None:
                    mine = Citation(card.short[:1].upper(), card.name, f"#{where}")
                    found.setdefault(number, []).append(mine)
        return {number: tuple(cites) for number, cites in found.items()}

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the text does not say: the facts that were looked for, then the open points.

        They stand in one sentence, so none has a mark at its end.
        """
        facts = (say_field(name) for name in self.tool.not_stated)
        points = (point.rstrip(" .,;:!?") for point in self.tool.open_points)
        return tuple(dict.fromkeys(filter(None, (*facts, *points))))

    @property
    def read_facts(self) -> tuple[tuple[str, str, int | None], ...]:
        """The facts that intake read: label, text and the number of the passage."""
        return tuple(
            (say_field(name), state_fact(self.tool, name).text, self.given.numbers.get(span))
            for name, span in self.tool.evidence.items()
        )


def badge_of(run: Run) -> Badge:
    """Return what a page says first of a run: the decision, or why there is none."""
    verdict = run.verdict
    if run.state == "set_aside":
        return "aside"
    if verdict is None:
        return "open"
    if verdict.decision is None:
        return "none"
    return "split" if verdict.split else verdict.decision


def share_of(run: Run) -> str | None:
    """Return a panel's ship share in per cent; None where there is no verdict to print it for."""
    verdict = run.verdict
    if verdict is None or verdict.decision is None or verdict.ship_share is None:
        return None
    return str(percent(verdict.ship_share))


def build_columns(
    runs: Sequence[Run], overrides: Mapping[str, Decision] | None = None
) -> tuple[Column, ...]:
    """Return a column for each run, marked in their order.

    `overrides` has the editors' verdicts against the panels', by the run's id.
    """
    editors = overrides or {}
    return tuple(
        _column(mark, run, editors.get(run.id)) for mark, run in zip(MARKS, runs, strict=False)
    )


def _column(mark: Mark, run: Run, override: Decision | None) -> Column:
    given = mark_passages(
        # The facts' evidence is intake's; what the reviewers saw is the tool as it was handed in.
        run.inputs.tool,
        _evidence(run),
    )
    return Column(mark, run, given, build_cards(run, given.numbers), override)


def _evidence(run: Run) -> Iterator[str]:
    """Yield all that was cited: by the reviewers, and by intake for the facts."""
    for card in run.scorecards:
        cited = [sentence.evidence for sentence in card.ballot.take]
        cited += [finding.evidence for finding in card.ballot.findings]
        yield from (text for text in cited if text is not None)
    yield from run.tool.evidence.values()


def state_fact(tool: Tool, name: FactName) -> Fact:
    """Return a fact of `tool` as text: absence is said, and what nobody looked for is told apart."""
    if name == "prices":
        stated = ", ".join(f"{price.label} {price_in_words(price)}" for price in tool.prices)
    elif name == "entry":
        stated = say_entry(tool.entry).capitalize() if tool.entry else ""
    elif name == "licence":
        read = read_licences(tool.licence or "", licence_table())
        stated = "; ".join(one.text for one in read)
    else:
        stated = getattr(tool, name) or ""
    if stated:
        return Fact(stated, known=True)
    return Fact(absence(tool, name), known=False)


def _tally(run: Run) -> Iterator[str]:
    verdict = run.verdict
    if verdict is None:
        return
    cards = len(verdict.ships) + len(verdict.skips)
    ships, missing = len(verdict.ships), len(verdict.abstentions)
    quorum = run.inputs.rules.quorum
    if (line := lead_line(run)) and verdict.decision:
        yield f"{line[:1].upper()}{line[1:]}"
        yield ONE_SOURCE
        return
    if verdict.decision is None:
        some = spelled(cards).capitalize() if cards else "None"
        yield f"{some} of {cards + missing} reviewers answered; a verdict needs {quorum}"
        return
    yield f"Panel ship: {ships} of {cards}"
    if run.is_held:
        yield "Held for an editor"
    if verdict.split:
        yield f"A tie, which counts as {verdict.decision} here"
    if missing:
        yield f"{spelled(missing).capitalize()} gave no valid review"
