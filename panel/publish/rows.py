"""Rows: one tool in a list, with its verdict, its votes and one sentence of a reviewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from panel.domain.ballot import Decision
from panel.domain.run import Run
from panel.domain.wording import listed, spelled
from panel.publish.columns import Badge, badge_of, share_of, state_fact
from panel.publish.entry_price import entry_figure
from panel.publish.published import PublishedTool

_FEWEST_WORDS, _MOST_SIGNS = 4, 160


@dataclass(frozen=True)
class VoteBlock:
    """A reviewer's vote as a block shows it: its letter, its name, and ship, skip or neither."""

    letter: str
    name: str
    vote: Decision | None


@dataclass(frozen=True)
class Words:
    """One sentence of a reviewer, as it wrote it."""

    who: str
    text: str


@dataclass(frozen=True)
class Row:
    """One tool in a list.

    `badge` is what readers are told; `panel_badge` what the panel came to, another one where an editor
    overrode it. `share` is the panel's in per cent. `entry` is the entry price in figures or in words.
    """

    tool: PublishedTool
    badge: Badge
    panel_badge: Badge
    share: str | None
    votes: tuple[VoteBlock, ...]
    words: Words | None
    entry: str
    day: date

    @property
    def is_overridden(self) -> bool:
        """Whether an editor's verdict stands beside the panel's."""
        return self.tool.publication.override is not None

    @property
    def ships(self) -> int:
        """How many reviewers ship it."""
        return sum(vote.vote == "ship" for vote in self.votes)

    @property
    def cards(self) -> int:
        """How many reviewers voted."""
        return sum(vote.vote is not None for vote in self.votes)

    @property
    def divided(self) -> int:
        """How many reviewers are in the smaller half."""
        return min(self.ships, self.cards - self.ships)

    @property
    def standing(self) -> str:
        """The votes in words: who ships it."""
        return say_votes(self.votes)


def row_of(tool: PublishedTool) -> Row:
    """Return the row of a tool."""
    run, override = tool.run, tool.publication.override
    return Row(
        tool=tool,
        badge=override.verdict if override else badge_of(run),
        panel_badge=badge_of(run),
        share=share_of(run),
        votes=votes_of(run),
        words=_words(run),
        entry=entry_figure(run.tool) or state_fact(run.tool, "entry").text.lower(),
        day=tool.first_published.date(),
    )


def votes_of(run: Run) -> tuple[VoteBlock, ...]:
    """Return the votes of a panel in the order of its personas; None for a review that is missing."""
    cards = {card.reviewer: card for card in run.scorecards}
    found = []
    for persona in run.inputs.personas:
        card = cards.get(persona.key)
        found.append(
            VoteBlock(persona.short[:1].upper(), persona.name, card.verdict if card else None)
        )
    return tuple(found)


def _words(run: Run) -> Words | None:
    """Return the shortest opinion of the minority, of all where there is none."""
    minority = run.verdict.minority if run.verdict else ()
    side = [card for card in run.scorecards if card.reviewer in minority] or run.scorecards
    said = [
        Words(card.name, sentence.text)
        for card in side
        for sentence in card.ballot.take
        if sentence.basis == "judged"
        and len(sentence.text) <= _MOST_SIGNS
        and len(sentence.text.split()) >= _FEWEST_WORDS
    ]
    return min(said, key=lambda words: (len(words.text), words.text), default=None)


def say_votes(votes: Sequence[VoteBlock]) -> str:
    """Return in words who ships: `all four ship`, `only the skeptic ships`, `nobody ships`."""
    given = [vote for vote in votes if vote.vote]
    ships = [vote.name.lower() for vote in given if vote.vote == "ship"]
    skips = [vote.name.lower() for vote in given if vote.vote == "skip"]
    if not given:
        return "nobody voted"
    if not ships:
        return "nobody ships"
    if not skips:
        return f"all {spelled(len(ships))} ship" if len(ships) > 1 else f"the {ships[0]} ships"
    if len(skips) == 1 and len(ships) > 1:
        return f"all ship but the {skips[0]}"
    if len(ships) == 1:
        return f"only the {ships[0]} ships"
    return f"{listed([f'the {name}' for name in ships])} ship"
