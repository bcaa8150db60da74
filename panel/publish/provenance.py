"""Provenance: who wrote a page, from what, at what cost, and by which rules."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from panel.domain.comparison import LEVEL, MARGIN
from panel.domain.run import Run
from panel.domain.scale import TOP
from panel.publish.columns import Column
from panel.publish.figures import cost, count, listed, long_date

CHECKLIST, MANUAL = "checklist", "manual"
NO_MODEL = "no model was asked"


@dataclass(frozen=True)
class Made:
    """How one run was made: label and text, in the order that they are printed."""

    column: Column
    lines: tuple[tuple[str, str], ...]
    seats: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Byline:
    """Who wrote the page: `disclosure` in one or two sentences, `notice` where no model was asked."""

    disclosure: str
    notice: str | None


def sign(runs: Sequence[Run]) -> Byline:
    """Return the byline of a page about `runs`: what wrote it, and that nobody has run the tools."""
    names = dict.fromkeys(_reviewers(runs))
    them = {1: "the tool", 2: "either tool"}.get(len(runs), "any of the tools")
    source = "description" if len(runs) == 1 else "descriptions"
    who = f"{count(len(names))} AI reviewer{'s' if len(names) != 1 else ''}"
    answered = [run for run in runs if run.reviews]
    if not answered:
        return Byline(f"No review was written; nobody here has run {them}.", _notice(runs))
    if all(_is_all_checklist(run) for run in answered):
        first = (
            f"Filled in by the built-in checklist from the published {source}, as "
            f"{count(len(names))} personas; {NO_MODEL}, and nobody here has run {them}."
        )
        return Byline(first, _notice(runs))
    first = f"Reviews written by {who} from the published {source}; nobody here has run {them}."
    by_hand = dict.fromkeys(
        review.model for run in runs for review in run.reviews if review.provider == MANUAL
    )
    if by_hand:
        first += f" Answers were collected by hand from {listed(tuple(by_hand))}."
    return Byline(first, _notice(runs))


def _reviewers(runs: Sequence[Run]) -> list[str]:
    return [review.reviewer for run in runs for review in run.reviews]


def _is_all_checklist(run: Run) -> bool:
    return all(review.provider == CHECKLIST for review in run.reviews)


def _notice(runs: Sequence[Run]) -> str | None:
    if not any(run.asked_no_model for run in runs):
        return None
    rest = (
        "The built-in checklist filled in the reviews: it looks for words in the description and "
        "knows nothing else. A page like this shows how the panel works; it cannot be published."
    )
    parts = [_checklist_part(run, several=len(runs) > 1) for run in runs if run.asked_no_model]
    whole = all(run.asked_no_model and _is_all_checklist(run) for run in runs)
    return rest if whole else f"{' '.join(parts)} {rest}"


def _checklist_part(run: Run, *, several: bool) -> str:
    seats = run.seats or run.inputs.seats
    names = {persona.key: persona.name for persona in run.inputs.personas}
    who = [names.get(seat.persona, seat.persona) for seat in seats if seat.provider == CHECKLIST]
    place = f" on {run.tool.name}" if several else ""
    return f"This is so for {listed(who)}{place}."


def trace(columns: Sequence[Column]) -> tuple[Made, ...]:
    """Return how each run of a page was made."""
    return tuple(Made(column, _lines(column.run), _seats(column)) for column in columns)


def _lines(run: Run) -> tuple[tuple[str, str], ...]:
    lines = [
        ("Run", run.id),
        ("Date", long_date(run.started.date())),
        ("Cost", _cost(run)),
        ("Tokens", _tokens(run)),
        ("Description", f"sha256 {short(description_digest(run))}"),
    ]
    if run.inputs.calls.samples > 1:
        lines.insert(2, ("Samples", f"{run.inputs.calls.samples} of each reviewer"))
    if run.versions:
        lines.append(("Made with", ", ".join(f"{n} {v}" for n, v in sorted(run.versions.items()))))
    return tuple(lines)


def _seats(column: Column) -> tuple[tuple[str, str], ...]:
    """Return who wrote as which reviewers: their names and the model, or what stood in for one."""
    seats = {seat.persona: seat.ref for seat in column.run.seats or column.run.inputs.seats}
    reviews = {review.reviewer: review for review in column.run.reviews}
    wrote: dict[str, list[str]] = {}
    for key, card in column.cards.items():
        review = reviews.get(key)
        ref = _ref(review.provider, review.model) if review else seats.get(key, "unknown")
        wrote.setdefault(ref, []).append(card.name.lower())
    return tuple((listed(names), ref) for ref, names in wrote.items())


def _ref(provider: str, model: str) -> str:
    if provider == CHECKLIST:
        return f"checklist, {NO_MODEL}"
    return f"{model}, collected by hand" if provider == MANUAL else f"{provider}: {model}"


def _cost(run: Run) -> str:
    spending = run.spending
    if not spending.calls and any(review.provider == MANUAL for review in run.reviews):
        return "not counted"
    if spending.cost_usd is not None:
        calls = f"{spending.calls} call{'s' if spending.calls != 1 else ''}"
        return f"{cost(spending.cost_usd)} for {calls}"
    if spending.unpriced:
        return f"not known: no price for {listed(spending.unpriced)}"
    return "not counted"


def _tokens(run: Run) -> str:
    used = run.spending.usage
    if used is None or not (used.input or used.output):
        return "not counted"
    return f"{used.input:,} in, {used.output:,} out"


def description_digest(run: Run) -> str:
    """Return the SHA-256, in hex, of what the reviewers were given: fields and description."""
    return hashlib.sha256(run.inputs.tool.as_shown().encode()).hexdigest()


def prompt_digests(run: Run) -> dict[str, str]:
    """Return the SHA-256, in hex, of each prompt file of a run by its name."""
    return {
        prompt.name: hashlib.sha256(prompt.text.encode()).hexdigest()
        for prompt in run.inputs.prompts
    }


def list_prompts(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Return each prompt's name and short hash once; one that differs between runs, once each."""
    found: dict[tuple[str, str], list[str]] = {}
    for column in columns:
        for name, whole in prompt_digests(column.run).items():
            found.setdefault((name, whole), []).append(column.mark.letter)
    names = [name for name, _ in found]
    return [
        (
            f"{name} ({listed(letters)})" if names.count(name) > 1 else name,
            f"sha256 {short(whole)}",
        )
        for (name, whole), letters in found.items()
    ]


def short(whole: str) -> str:
    """Return the first sixteen digits of a hash; the data twin has the rest."""
    return f"{whole[:16]}…"


def print_rules(columns: Sequence[Column]) -> list[str]:
    """Return the rules that made the page, in words, with the settings of its runs."""
    rules = columns[0].run.inputs.rules
    lines = [
        "Each reviewer has one vote and decides it by its own test; no score makes a ship.",
        f"More than half ship: ship. A tie counts as {rules.tie}. Fewer than {rules.quorum} valid "
        "reviews: no verdict. A failed review is an abstention, never a score.",
        f"Scores are whole steps from 1 to 5, shown out of {TOP} as twice the step. A reviewer’s "
        "score is their mean by its own weights (×2 counts double); the panel’s is the plain mean "
        "of its reviewers. Means are rounded half up, gaps computed from rounded means.",
    ]
    if len(columns) > 1:
        lines.append(
            "The pick is the highest ship share among the tools that the panel ships; at equal "
            f"shares the higher panel score, if it leads by {MARGIN} of {TOP} or more. A gap under "
            f"{LEVEL} is “about level”."
        )
    return lines


def state_interests(columns: Sequence[Column]) -> list[str]:
    """Return what ties a reviewer's model to a tool, one sentence each, or that nothing is known."""
    found = [
        f"{card.own_maker} made {column.name} and the model of its {card.name.lower()}."
        for column in columns
        for card in column.cards.values()
        if card.own_maker
    ]
    if found or not any(column.run.reviews for column in columns):
        return found
    return ["As far as names tell, no reviewer’s model was made by a vendor on this page."]
