"""The history of a tool's verdicts: what readers were told, when, and what changed it and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from panel.domain.decision import EditorialDecision
from panel.domain.difference import Difference, difference
from panel.domain.wording import counted
from panel.publish.catalogue import Catalogue
from panel.publish.columns import BADGES, Badge, badge_of
from panel.publish.fact_words import say_field, say_value
from panel.publish.figures import price_in_words, stopped
from panel.publish.notices import TITLES, field_name
from panel.publish.published import PublishedTool
from panel.publish.rows import VoteBlock, votes_of

EventKind = Literal["first", "again", "back", "correct", "override", "withdraw"]
_TITLES: Final[dict[EventKind, str]] = {
    "first": "First verdict",
    "again": "Reviewed again",
    "back": "Published again",
    "correct": TITLES["correct"],
    "override": TITLES["override"],
    "withdraw": TITLES["withdraw"],
}
_TAGS: Final[dict[EventKind, str]] = {
    "again": "review",
    "back": "review",
    "correct": "correction",
    "override": "override",
    "withdraw": "withdrawal",
}
Fact = Literal["price", "licence", "vendor", "text"]
_FACTS: Final[tuple[Fact, ...]] = get_args(Fact)
_FACT_OF: Final[dict[str, Fact]] = {
    "price": "price",
    "entry": "price",
    "licence": "licence",
    "vendor": "vendor",
}


@dataclass(frozen=True)
class Shift:
    """One thing that changed, and what it was; None where it was not stated, or is not any more.

    `fact` is what it is filed under, None for a sentence of a review.
    """

    label: str
    before: str | None
    after: str | None
    fact: Fact | None = None


@dataclass(frozen=True)
class VerdictEvent:
    """One event of a tool's history. `tool` is the run that it is about, `page` the one that stands.

    `told` is the verdict that readers had from then on, `before` the one before, None where there was
    none. `votes` are the panel's, and empty where the run is gone or was withdrawn. `reason` is the
    editor's where readers are told one.
    """

    page: PublishedTool
    tool: PublishedTool
    kind: EventKind
    number: int
    at: datetime
    editor: str
    reason: str | None
    told: Badge | None
    before: Badge | None
    votes: tuple[VoteBlock, ...]
    votes_before: tuple[VoteBlock, ...]
    shifts: tuple[Shift, ...]

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        moved = ", verdict changed" if self.has_moved and self.kind != "override" else ""
        return f"{_TITLES[self.kind]}{moved}"

    @property
    def has_moved(self) -> bool:
        """Whether readers were told another verdict from then on."""
        return self.before is not None and self.told is not None and self.told != self.before

    @property
    def is_first(self) -> bool:
        """Whether nothing of the tool was public before."""
        return self.kind == "first"

    @property
    def tags(self) -> tuple[str, ...]:
        """What happened and what changed, in single words.

        First review, correction, override or withdrawal, then verdict, price, licence, vendor, text.
        """
        words = [_TAGS[self.kind]] if self.kind in _TAGS else []
        words += ["verdict"] if self.has_moved else []
        facts = {shift.fact for shift in self.shifts}
        return (*words, *(fact for fact in _FACTS if fact in facts))

    @property
    def path(self) -> str:
        """Its address within the site."""
        return f"{self.page.path}#e-{self.number}"

    @property
    def record(self) -> str | None:
        """The address of its run as data; None where the run is gone or was withdrawn."""
        return record_path(self.page, self.tool)

    @property
    def says(self) -> str:
        """The verdict in words: `from split to ship`, `ship`; empty for a withdrawal."""
        if self.told is None or self.kind == "withdraw":
            return ""
        told = BADGES[self.told].lower()
        if self.has_moved and self.before is not None:
            return f"from {BADGES[self.before].lower()} to {told}"
        return told


def record_path(page: PublishedTool, tool: PublishedTool) -> str | None:
    """Return the address of a run's data on the site, None where there is none."""
    if tool.recorded is None or tool.is_withdrawn or page.is_withdrawn:
        return None
    if tool is page:
        return f"{page.path}index.json"
    return f"{page.path}runs/{tool.publication.subject.run}.json"


def say_shift(shift: Shift) -> str:
    """Return what changed as a sentence.

    >>> say_shift(Shift("Licence", "MIT", "Apache-2.0"))
    'Licence: MIT, now Apache-2.0.'
    """
    if shift.before is None:
        return stopped(f"{shift.label}: {shift.after or 'not stated'}")
    return stopped(f"{shift.label}: {shift.before}, now {shift.after or 'not stated'}")


def history_of(page: PublishedTool) -> list[VerdictEvent]:
    """Return the history of a tool, the newest event first."""
    steps = sorted(
        (
            (decision, tool)
            for tool in (*page.earlier, page)
            for decision in _public_decisions(tool)
        ),
        key=lambda step: step[0].number,
    )
    events: list[VerdictEvent] = []
    for decision, tool in steps:
        events.append(_event(page, tool, decision, events))
    return events[::-1]


def list_changes(catalogue: Catalogue) -> list[VerdictEvent]:
    """Return what changed since it was first published, of all tools, the newest first."""
    changed = (tool for tool in catalogue.every if tool.earlier or tool.publication.effective[1:])
    found = [one for tool in changed for one in history_of(tool) if not one.is_first]
    return sorted(found, key=lambda one: -one.number)


def _public_decisions(tool: PublishedTool) -> Iterator[EditorialDecision]:
    """Yield the decisions on a run that readers could see the effect of."""
    is_public = False
    for one in tool.publication.effective:
        is_public = is_public or one.kind == "approve"
        if is_public and one.kind in ("approve", "correct", "override", "withdraw"):
            yield one


def _event(
    page: PublishedTool,
    tool: PublishedTool,
    decision: EditorialDecision,
    past: Sequence[VerdictEvent],
) -> VerdictEvent:
    last = past[-1] if past else None
    kind = _kind(tool, decision, last)
    seen = tool.recorded if not tool.is_withdrawn else None
    was = last.tool if last is not None and kind == "again" else None
    run_before = was.recorded if was is not None and not was.is_withdrawn else None
    shifts: tuple[Shift, ...] = ()
    if decision.kind == "correct":
        shifts = tuple(
            _shift(one.field, field_name(one), one.before, one.after) for one in decision.changes
        )
    elif seen is not None and run_before is not None:
        shifts = tuple(_shifts(difference(run_before, seen)))
    return VerdictEvent(
        page=page,
        tool=tool,
        kind=kind,
        number=decision.number,
        at=decision.at,
        editor=decision.editor,
        reason=None if decision.kind == "approve" else decision.reason,
        told=_told(tool, decision.number),
        before=last.told if last is not None else None,
        votes=votes_of(seen) if seen is not None else (),
        votes_before=votes_of(run_before) if run_before is not None else (),
        shifts=shifts,
    )


def _kind(tool: PublishedTool, decision: EditorialDecision, last: VerdictEvent | None) -> EventKind:
    if decision.kind in ("correct", "override", "withdraw"):
        return decision.kind
    if last is None:
        return "first"
    return "back" if last.tool is tool else "again"


def _told(tool: PublishedTool, upto: int) -> Badge | None:
    """Return the verdict of a run as readers were told it after the decision of that number."""
    if tool.recorded is None or tool.is_withdrawn:
        return None
    verdict, told = tool.recorded.verdict, badge_of(tool.recorded)
    panel = told
    for one in tool.publication.effective:
        if one.number <= upto and one.kind == "override" and one.verdict is not None:
            agrees = verdict is not None and verdict.decision == one.verdict
            told = panel if agrees else one.verdict
    return told


def _shifts(found: Difference) -> Iterator[Shift]:
    """Yield what changed between two runs that readers can check: prices, terms, votes, text."""
    for price in found.prices.changed:
        label = f"Price, {price.after.label}"
        yield Shift(label, price_in_words(price.before), price_in_words(price.after), "price")
    for one in found.prices.new:
        yield Shift(f"New price, {one.label}", None, price_in_words(one), "price")
    for one in found.prices.gone:
        yield Shift(f"Price, {one.label}", price_in_words(one), None, "price")
    for term in found.terms:
        yield _shift(term.term, say_field(term.term), term.before, term.after)
    text = found.text
    if text.new or text.gone:
        new, gone = (counted(len(part), "sentence") for part in (text.new, text.gone))
        more = " or more" if text.left_out else ""
        yield Shift("Text", None, f"{new} new, {gone} gone{more}", "text")


def _shift(field: str, label: str, before: str | None, after: str | None) -> Shift:
    return Shift(
        label.capitalize(),
        say_value(field, before),
        say_value(field, after),
        _FACT_OF.get(field.partition(".")[0]),
    )
