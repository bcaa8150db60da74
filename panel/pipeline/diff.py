"""What differs between two runs of one tool, in words, most visible first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from panel.domain.ballot import Ballot
from panel.domain.flag import Flag
from panel.domain.review import Abstention, Review, Scorecard
from panel.domain.run import Assignment, Run, State
from panel.domain.tool import FACTS, Tool, price_line
from panel.domain.verdict import Verdict
from panel.domain.witness import Testimony

_STATES: Mapping[State, str] = {
    "open": "unfinished",
    "waiting": "waiting for answers",
    "stopped": "stopped",
    "set_aside": "set aside",
    "finished": "finished",
}


def differences(before: Run, after: Run) -> Iterator[str]:
    """Yield a sentence for each difference: verdict, reviewers, flags, facts, who answered.

    What no reader of a page sees is no difference: the id, the cost, the versions. Between two runs
    of the checklist no score is named, but what their ballots say. A run yields nothing beside
    itself.
    """
    if before.state != after.state:
        yield f"The run was {_STATES[before.state]}, now it is {_STATES[after.state]}."
    is_scored = not (before.is_checklist and after.is_checklist)
    if before.verdict != after.verdict:
        found = _verdicts(before.verdict, after.verdict, is_scored=is_scored)
        yield from _said_or(found, "What the verdict is made of differs.")
    if before.reviews != after.reviews:
        found = _reviews(before.reviews, after.reviews, is_scored=is_scored)
        yield from _said_or(found, "The order of the reviews differs.")
    if before.flags != after.flags:
        yield from _said_or(_flags(before.flags, after.flags), "The order of the flags differs.")
    if before.testimony != after.testimony:
        yield _testimony(before.testimony, after.testimony)
    if before.tool != after.tool:
        found = _facts(before.tool, after.tool)
        yield from _said_or(found, "What was read from the description differs.")
    if before.assignments != after.assignments:
        found = _assignments(before.assignments, after.assignments)
        yield from _said_or(found, "Who was assigned differs.")


def _said_or(sentences: Iterator[str], otherwise: str) -> Iterator[str]:
    """Yield `sentences`, or `otherwise` where there are none: no difference goes without a word."""
    said = False
    for sentence in sentences:
        said = True
        yield sentence
    if not said:
        yield otherwise


def _verdicts(before: Verdict | None, after: Verdict | None, *, is_scored: bool) -> Iterator[str]:
    if _decision(before) != _decision(after):
        yield f"The verdict was {_decision(before)}, now it is {_decision(after)}."
    if before is None or after is None:
        return
    if _votes(before) != _votes(after):
        yield f"Panel ship was {_votes(before)}, now it is {_votes(after)}."
    if is_scored and before.score != after.score:
        yield f"The score was {_points(before.score)}, now it is {_points(after.score)}."
    if before.split != after.split:
        yield f"The panel is {'now' if after.split else 'no longer'} split in half."


def _reviews(
    before: Sequence[Review], after: Sequence[Review], *, is_scored: bool
) -> Iterator[str]:
    old = {review.reviewer: review for review in before}
    new = {review.reviewer: review for review in after}
    for key in dict.fromkeys((*old, *new)):
        if key not in old:
            yield f"{new[key].name} is new on the panel: {_said(new[key], is_scored)}."
        elif key not in new:
            yield f"{old[key].name} is no longer on the panel."
        elif old[key] != new[key]:
            otherwise = f"What is kept of {new[key].name}'s review differs."
            yield from _said_or(_review(old[key], new[key], is_scored=is_scored), otherwise)


def _review(before: Review, after: Review, *, is_scored: bool) -> Iterator[str]:
    was, now = _said(before, is_scored), _said(after, is_scored)
    if was != now:
        yield f"{after.name} {was}, now {now}."
    if before.model != after.model:
        yield f"{after.name} was answered by {before.model}, now by {after.model}."
    if not (isinstance(before, Scorecard) and isinstance(after, Scorecard)):
        return
    yield from _ballots(after.name, before.ballot, after.ballot)
    if before.agreement != after.agreement:
        yield f"{after.name}: {_agreement(before)}, now {_agreement(after)}."
    yield from (f"{after.name}: {one}" for one in _flags(before.flags, after.flags))


def _ballots(name: str, before: Ballot, after: Ballot) -> Iterator[str]:
    changed = [
        field.replace("_", " ")
        for field in type(after).model_fields
        if field != "verdict" and getattr(before, field) != getattr(after, field)
    ]
    if changed:
        yield f"{name} answered otherwise: {', '.join(changed)}."


def _flags(before: Sequence[Flag], after: Sequence[Flag]) -> Iterator[str]:
    for flag in after:
        if flag not in before:
            yield f"New flag: {flag.message}"
    for flag in before:
        if flag not in after:
            yield f"Flag gone: {flag.message}"


def _testimony(before: Testimony, after: Testimony) -> str:
    old, new = len(before.passages), len(after.passages)
    return f"Passages that speak to the reviewers: {old} before, {new} now, reported otherwise."


def _facts(before: Tool, after: Tool) -> Iterator[str]:
    for fact in FACTS:
        old, new = _fact(before, fact), _fact(after, fact)
        if old != new:
            yield f"The {fact} was {old}, now it is {new}."
    if before.description != after.description:
        yield "The description is another one."


def _assignments(before: Sequence[Assignment], after: Sequence[Assignment]) -> Iterator[str]:
    old = {one.persona: one for one in before}
    for new in after:
        was = old.get(new.persona)
        if was is not None and was.ref != new.ref:
            yield f"{new.persona} was assigned to {was.ref}, now to {new.ref}."
        elif was is not None and was.own_maker != new.own_maker:
            yield f"{new.persona} {'now' if new.own_maker else 'no longer'} judges its own maker."
        elif was is not None and was.instead_of != new.instead_of:
            yield f"{new.persona} was answered by {_who(was)}, now by {_who(new)}."


def _who(one: Assignment) -> str:
    return f"{one.ref} in the place of {one.instead_of}" if one.instead_of else one.ref


def _decision(verdict: Verdict | None) -> str:
    return (verdict.decision if verdict else None) or "none"


def _votes(verdict: Verdict) -> str:
    ships, cards = len(verdict.ships), len(verdict.ships) + len(verdict.skips)
    share = "unknown" if verdict.ship_share is None else f"{verdict.ship_share:.0%}"
    failed = f" with {len(verdict.abstentions)} abstaining" if verdict.abstentions else ""
    return f"{share}, {ships} of {cards}{failed}"


def _points(score: float | None) -> str:
    return "none" if score is None else f"{score} of 10"


def _said(review: Review, is_scored: bool) -> str:
    if isinstance(review, Abstention):
        return f"gave no valid review ({review.reason})"
    score = f" with {review.score} of 10" if is_scored else ""
    return f"said {review.verdict}{score}"


def _agreement(card: Scorecard) -> str:
    found = card.agreement
    return f"{found.agree} of {found.of} samples agreed" if found else "one sample was taken"


def _fact(tool: Tool, fact: str) -> str:
    value: Any = getattr(tool, fact)
    if fact == "prices":
        value = ", ".join(map(price_line, tool.prices))
    missing = "not stated" if fact in tool.not_stated else "not known"
    return str(value) if value else "not read" if fact in tool.not_read else missing
