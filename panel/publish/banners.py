"""Banners: what a reader has to know before believing a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panel.domain.flag import Flag, FlagKind, excerpt
from panel.domain.run import Release
from panel.domain.wording import counted, listed, spelled
from panel.publish.columns import Column

_TITLES: dict[FlagKind, str] = {
    "addresses_reviewers": "This description addresses the reviewers",
    "hidden_text": "Hidden characters were taken out of this description",
    "encoded_instruction": "This description holds an encoded instruction",
    "control_tokens": "Control tokens of chat models were taken out of this description",
    "screening_limit": "This description could not be screened to its end",
    "name_mismatch": "The name and the description disagree",
    "own_maker": "A reviewer’s model and this tool have the same maker",
    "witnessed": "A reviewer reports a passage that addresses the reviewers",
    "canary": "An answer gives the prompt away",
    "text_cut": "The reviewers read a part of this description",
    "prompt_cut": "A model server did not read this description whole",
    "substitute": "Another model answered",
    "intake_facts": "Some facts could not be read",
    "intake_failed": "The facts could not be read from the description",
}
_AS_DATA = frozenset({"addresses_reviewers", "encoded_instruction", "control_tokens", "witnessed"})
_FENCED = "Reviewers saw the text between two markers, as data and not as instructions."
_HELD = "Held: a person has to look at it before anything is published."
_SPEAKS = "The pick quotes such a review only where no other stands on its side."
_STATES = {
    "waiting": ("This run waits for answers", "Some reviewers’ answers are still to be given."),
    "stopped": ("This run was stopped", "It can be taken up again where it stopped."),
    "open": ("This run is not finished", "It is under way, or was interrupted."),
}


@dataclass(frozen=True)
class Banner:
    """One warning about one tool: a title, what was found, the passage, what follows from it."""

    column: Column
    title: str
    message: str
    excerpt: str | None = None
    note: str | None = None


def list_banners(columns: Sequence[Column]) -> tuple[Banner, ...]:
    """Return every warning of a page: unfinished runs first, then the flags of each tool."""
    return tuple(banner for column in columns for banner in _banners(column))


def _banners(column: Column) -> Iterator[Banner]:
    run = column.run
    if run.state == "set_aside":
        message = run.reason or "No reason was given."
        yield Banner(column, "Not a tool: not put before the panel", message)
    elif run.state in _STATES:
        title, message = _STATES[run.state]
        yield Banner(column, title, message)
    if run.release is not None:
        yield from _released(column, run.release)
    for flag in run.flags:
        yield _flagged(column, flag)
    yield from _faulty(column)


def _flagged(column: Column, flag: Flag) -> Banner:
    notes = [_FENCED] if flag.kind in _AS_DATA else []
    notes += [_HELD] if flag.holds and column.run.is_held else []
    title = _TITLES.get(flag.kind, "Flagged")
    shown = flag.excerpt if flag.excerpt and flag.excerpt not in flag.message else None
    return Banner(column, title, flag.message, shown, " ".join(notes) or None)


def _released(column: Column, release: Release) -> Iterator[Banner]:
    """Yield that an editor let the tool go on, and whether the verdict moved without a passage."""
    if release.stands or not release.without:
        yield Banner(column, "Held, and released by an editor", release.reason)
    if release.without:
        yield _without_passages(column, release)


def _without_passages(column: Column, release: Release) -> Banner:
    reason = (release.former or release).reason
    moved = column.run.has_moved
    them = "it" if len(release.without) == 1 else "them"
    note = f"There is no verdict on the same facts with {them} to compare this one with."
    if release.before is not None:
        note = f"The verdict was {release.before.decision or 'none'} with {them}"
        if moved is not None:
            note += f", and {'moved' if moved else 'did not move'} without {them}"
        note += "."
    return Banner(
        column,
        f"Reviewed without {counted(len(release.without), 'passage')} that addressed the reviewers",
        f"An editor had {them} taken out: {reason}",
        " … ".join(excerpt(text) for text in release.without),
        note,
    )


def _faulty(column: Column) -> Iterator[Banner]:
    """Yield how many reviews checks found a fault in; each fault stands on its card."""
    names = [card.name.lower() for card in column.cards.values() if card.faults]
    if not names:
        return
    many = len(names) > 1
    verb, whose = ("reviews were", "Those") if many else ("review was", "That")
    yield Banner(
        column,
        f"{spelled(len(names)).capitalize()} {verb} kept with faults that checks found",
        f"{whose} of the {listed(names)}. Each fault stands on its card.",
        note=_SPEAKS,
    )
