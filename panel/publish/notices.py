"""Notices: corrections, overrides and withdrawals, as the public is told of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from panel.domain.decision import Change
from panel.domain.wording import spelled
from panel.editorial.publication import Correction
from panel.publish.catalogue import Catalogue
from panel.publish.fact_words import say_field
from panel.publish.published import PublishedTool
from panel.publish.rows import row_of

TITLES = {"correct": "Corrected", "override": "Overridden", "withdraw": "Withdrawn"}


@dataclass(frozen=True)
class Notice:
    """A correction of a published tool; `is_replaced` tells that it was of a run before today's."""

    tool: PublishedTool
    correction: Correction
    is_replaced: bool = False

    @property
    def title(self) -> str:
        """What was done, in a word or a few."""
        title, one = TITLES[self.correction.kind], self.correction
        return f"{title}, verdict changed" if one.kind == "correct" and one.moved else title

    @property
    def anchor(self) -> str:
        """Where it stands on the page of corrections."""
        return f"c-{self.correction.number}"

    @property
    def stands(self) -> str:
        """Whether the verdict stands, in a sentence."""
        if self.is_replaced:
            return "The tool has been reviewed again since."
        if self.correction.kind == "withdraw":
            return "The page keeps its address and gives this reason."
        if self.tool.is_withdrawn:
            return "The page has been withdrawn since."
        if self.correction.kind == "override":
            row = row_of(self.tool)
            votes = f"{spelled(row.ships)} of {spelled(row.cards)} ship it"
            return f"The panel’s vote stays on the page beside it: {votes}."
        return "The verdict changed." if self.correction.moved else "The verdict stands."


def field_name(change: Change) -> str:
    """Return what a change was made to, in words: `price 2`, `builder: sentence 3, basis`."""
    of, *part = change.field.replace("_", " ").split(".")
    match part:
        case []:
            return say_field(of)
        case ["take", number, *its]:
            return ", ".join([f"{of}: sentence {number}", *its])
        case [number] if of == "price":
            return f"price {number}"
        case _:
            return f"{of}: {' '.join(part)}"


def notices_of(tool: PublishedTool) -> Iterator[Notice]:
    """Yield the notices of one tool, those of its earlier runs first, each run's oldest first."""
    for before in tool.earlier:
        yield from (Notice(before, one, is_replaced=True) for one in before.publication.corrections)
    yield from (Notice(tool, one) for one in tool.publication.corrections)


def list_notices(catalogue: Catalogue) -> list[Notice]:
    """Return the notices of all tools, the newest first."""
    found = [notice for tool in catalogue.every for notice in notices_of(tool)]
    return sorted(found, key=lambda notice: -notice.correction.number)
