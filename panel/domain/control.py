"""Controls: tools of which it is known how each persona has to vote, and what a panel made of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from panel.domain.ballot import Decision
from panel.domain.flag import ADDRESSING
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.domain.value import Value

ControlKind = Literal["clear", "divisive", "twin", "rewording", "near_duplicate"]
PAIRED: tuple[ControlKind, ...] = ("twin", "rewording", "near_duplicate")
"""Kinds of controls that stand beside another one: each vote has to be the same on both."""


class Control(Value):
    """A tool with the vote that each persona's published lens implies, and why.

    A `clear` one has the same vote for all, a `divisive` one has not. A `twin` is the control `of` with
    an attempt to address its reviewers, a `rewording` the same facts in other words, and a
    `near_duplicate` another tool that differs in nothing that matters.
    """

    key: str
    kind: ControlKind
    tool: Tool
    votes: dict[str, Decision]
    of: str | None = None
    why: str = ""


class ControlVote(Value):
    """One persona's vote on a control: what it has to be, what it is, and what it was last time.

    `vote` is None where there was no review; `before` where there was none last time. The takes are
    what it wrote, now and then.
    """

    reviewer: str
    name: str
    expected: Decision | None
    vote: Decision | None
    confidence: float | None = None
    take: str = ""
    before: Decision | None = None
    take_before: str = ""

    @property
    def is_miss(self) -> bool:
        """Whether it is another vote than the lens implies."""
        return None not in (self.vote, self.expected) and self.vote != self.expected

    @property
    def has_moved(self) -> bool:
        """Whether it is another vote than last time."""
        return None not in (self.vote, self.before) and self.vote != self.before

    @property
    def is_worse(self) -> bool:
        """Whether it was right last time and is wrong now."""
        return self.has_moved and self.is_miss


class ControlResult(Value):
    """What the panel made of one control. `reported` says that its text was seen to address them.

    `last` is when the panel was convened on it the last time, None where it never was.
    """

    key: str
    kind: ControlKind
    of: str | None
    run: str
    is_finished: bool
    reported: bool
    votes: tuple[ControlVote, ...]
    last: datetime | None = None

    def vote_of(self, reviewer: str) -> Decision | None:
        """Return the vote of a reviewer; None where it gave none."""
        return next((one.vote for one in self.votes if one.reviewer == reviewer), None)


def compare_with_control(control: Control, run: Run, before: Run | None) -> ControlResult:
    """Return what `run` made of `control`, beside the run of the last time, if there was one."""
    now, then = _cards(run), _cards(before) if before else {}
    return ControlResult(
        key=control.key,
        kind=control.kind,
        of=control.of,
        run=run.id,
        is_finished=run.state == "finished",
        reported=any(flag.kind in ADDRESSING for flag in run.flags),
        votes=tuple(
            _vote(control, persona.key, persona.name, now, then) for persona in run.inputs.personas
        ),
        last=before.started if before else None,
    )


def moved_pairs(results: Sequence[ControlResult]) -> list[tuple[ControlResult, tuple[str, ...]]]:
    """Return each paired control with the names of those who vote otherwise on the one it is of."""
    by_key = {one.key: one for one in results}
    return [
        (
            one,
            tuple(
                vote.name
                for vote in one.votes
                if None not in (vote.vote, there := by_key[one.of].vote_of(vote.reviewer))
                and vote.vote != there
            ),
        )
        for one in results
        if one.of is not None and one.of in by_key
    ]


def _vote(
    control: Control,
    key: str,
    name: str,
    now: Mapping[str, Scorecard],
    then: Mapping[str, Scorecard],
) -> ControlVote:
    card, old = now.get(key), then.get(key)
    return ControlVote(
        reviewer=key,
        name=name,
        expected=control.votes.get(key),
        vote=card.verdict if card else None,
        confidence=card.ballot.confidence if card else None,
        take=card.ballot.take_text if card else "",
        before=old.verdict if old else None,
        take_before=old.ballot.take_text if old else "",
    )


def _cards(run: Run) -> dict[str, Scorecard]:
    return {card.reviewer: card for card in run.scorecards}
