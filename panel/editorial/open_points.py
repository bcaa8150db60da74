"""The open points of a run: what an editor has to answer or to read before the public does.

A flag is `flag-N`, counted over the flags of the run and then over those of each scorecard; a sentence
is its field, `builder.take.4`. The ids hold as long as the run is as it was recorded.
"""

from panel.domain.flag import OF_THE_PANEL, Flag
from panel.domain.run import Run
from panel.domain.value import Value


class RaisedFlag(Value):
    """A flag of a run under its id; `reviewer` is whose scorecard has it, None for the run's own.

    `is_answered_by_release`: an editor let the held tool go on, and that is kept in the run.
    """

    id: str
    flag: Flag
    reviewer: str | None
    is_answered_by_release: bool


class KnownSentence(Value):
    """A sentence that a reviewer wrote from the model's own knowledge, which nobody has checked."""

    id: str
    reviewer: str
    text: str


def raised_flags(run: Run) -> tuple[RaisedFlag, ...]:
    """Return the flags of `run` and of its scorecards, each with its id."""
    all_flags: list[tuple[Flag, str | None]] = [(flag, None) for flag in run.flags]
    all_flags += [(flag, card.reviewer) for card in run.scorecards for flag in card.flags]
    return tuple(
        RaisedFlag(
            id=f"flag-{number}",
            flag=flag,
            reviewer=reviewer,
            is_answered_by_release=reviewer is None and _is_released(run, flag),
        )
        for number, (flag, reviewer) in enumerate(all_flags, start=1)
    )


def known_sentences(run: Run) -> tuple[KnownSentence, ...]:
    """Return the sentences of `run` with the basis `known`, in the order of the reviews."""
    return tuple(
        KnownSentence(id=f"{card.reviewer}.take.{number}", reviewer=card.reviewer, text=one.text)
        for card in run.scorecards
        for number, one in enumerate(card.ballot.take, start=1)
        if one.basis == "known"
    )


def _is_released(run: Run, flag: Flag) -> bool:
    """Tell whether the release of a held run speaks of `flag`, as `Run.is_held` has it."""
    if run.release is None or not flag.holds:
        return False
    return run.release.stands or flag.kind not in OF_THE_PANEL
