"""Provenance: who wrote a page, from what, at what cost, and by which rules."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from panel.checklist.tally import lead_line
from panel.domain.comparison import MARGIN
from panel.domain.review import CHECKLIST, MANUAL, Scorecard
from panel.domain.run import Run
from panel.domain.scale import TOP
from panel.domain.verdict import Rules
from panel.domain.wording import counted, listed, plural, spelled
from panel.publish.columns import Column
from panel.publish.figures import long_date, say_cost

UNNAMED = "answers given by hand"  # the model of such answers where nobody says whose they are
NO_MODEL = "no model was asked"
_NO_MODEL_TITLE = "No model was asked"
_NAMES = {"shipskip": "Ship/Skip"}  # a package by the name that readers know it by


@dataclass(frozen=True)
class Made:
    """How one run was made: label and text, in the order that they are printed.

    `writers` has names of reviewers and who wrote as them; `silent` those who gave no review.
    """

    column: Column
    lines: tuple[tuple[str, str], ...]
    writers: tuple[tuple[str, str], ...]
    silent: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Byline:
    """Who wrote the page: `disclosure` in one or two sentences.

    Where no model was asked `notice` says so, under `title`: a checklist's signals, counted.
    """

    disclosure: str
    notice: str | None
    title: str


def byline_of(runs: Sequence[Run]) -> Byline:
    """Return the byline of a page about `runs`: what wrote it, and that nobody has run the tools.

    An abstention is nobody's writing; the checklist is no reviewer of the AI's.
    """
    them = {1: "the tool", 2: "either tool"}.get(len(runs), "any of the tools")
    source = plural(len(runs), "description")
    written = [(run.tool.name, run.scorecards) for run in runs if run.scorecards]
    cards = [card for _, found in written for card in found]
    kinds = {card.provider == CHECKLIST for card in cards}
    if not cards:
        first = f"No review was written; nobody here has run {them}."
    elif kinds == {False}:
        first = f"Reviews written by {_authors(cards)} from the published {source}; "
        first += f"nobody here has run {them}."
    elif kinds == {True}:
        first = f"Filled in by {_authors(cards)} from the published {source}; {NO_MODEL}, "
        first += f"and nobody here has run {them}."
    else:
        parts = [
            f"{f'of {name} ' if len(runs) > 1 else ''}by {_authors(found)}"
            for name, found in written
        ]
        first = f"Reviews written from the published {source} {listed(parts)}; "
        first += f"nobody here has run {them}."
    return Byline(f"{first}{_by_hand(cards)}", _notice(runs), _title(runs))


def _title(runs: Sequence[Run]) -> str:
    lines = [line for run in runs if (line := lead_line(run))]
    return lines[0].capitalize() if len(runs) == len(lines) == 1 else _NO_MODEL_TITLE


def _authors(cards: Sequence[Scorecard]) -> str:
    """Return who wrote `cards`: AI reviewers, reviewers answered for by hand, the checklist.

    Who answered by hand is not known to be an AI, whatever name an editor gave.
    """
    models, by_hand, ticked = (
        len({card.reviewer for card in cards if _kind(card) == kind})
        for kind in ("model", MANUAL, CHECKLIST)
    )
    who = [f"{spelled(models)} AI {plural(models, 'reviewer')}"] if models else []
    if by_hand:
        others = plural(by_hand, "other") if models else plural(by_hand, "reviewer")
        who.append(f"{spelled(by_hand)} {others}")
    personas = f"{spelled(ticked)} {plural(ticked, 'persona')}"
    who += [f"the built-in checklist as {personas}"] if ticked else []
    return listed(who)


def _kind(card: Scorecard) -> str:
    return card.provider if card.provider in (CHECKLIST, MANUAL) else "model"


def _by_hand(cards: Sequence[Scorecard]) -> str:
    """Return who gave the answers that no provider did, as the editor named them."""
    models = dict.fromkeys(card.model for card in cards if card.provider == MANUAL)
    if not models:
        return ""
    named = [model for model in models if model != UNNAMED]
    some = "Answers" if all(_kind(card) == MANUAL for card in cards) else "Some answers"
    return f" {some} were given by hand{f' by {listed(named)}' if named else ''}."


def _is_all_checklist(run: Run) -> bool:
    return all(review.provider == CHECKLIST for review in run.reviews)


def _notice(runs: Sequence[Run]) -> str | None:
    if not any(run.has_checklist_part for run in runs):
        return None
    rest = (
        "No model was asked: the built-in checklist filled in the reviews. It looks for words in the "
        "description and knows nothing else. A page like this shows how the panel works; it cannot be "
        "published."
    )
    parts = [_checklist_part(run, several=len(runs) > 1) for run in runs if run.has_checklist_part]
    whole = all(run.has_checklist_part and _is_all_checklist(run) for run in runs)
    return rest if whole else f"{' '.join(parts)} {rest}"


def _checklist_part(run: Run, *, several: bool) -> str:
    place = f" on {run.tool.name}" if several else ""
    return f"This is so for {listed(_by_checklist(run))}{place}."


def _by_checklist(run: Run) -> list[str]:
    """Return the names of the reviewers that the checklist answers as."""
    names = {persona.key: persona.name for persona in run.inputs.personas}
    return [
        names.get(assignment.persona, assignment.persona)
        for assignment in run.assignments or run.inputs.assignments
        if assignment.provider == CHECKLIST
    ]


def no_model_notice(run: Run) -> str | None:
    """Return that no model was asked, or for which reviewers none was; None where each had one."""
    if not run.has_checklist_part:
        return None
    return NO_MODEL if run.is_checklist else f"{NO_MODEL} for {listed(_by_checklist(run))}"


def trace(columns: Sequence[Column]) -> tuple[Made, ...]:
    """Return how each run of a page was made."""
    return tuple(
        Made(
            column,
            _lines(column.run),
            _by_model(column, wrote=True),
            _by_model(column, wrote=False),
        )
        for column in columns
    )


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
        made = (f"{_NAMES.get(n, n)} {v}" for n, v in sorted(run.versions.items()))
        lines.append(("Made with", ", ".join(made)))
    return tuple(lines)


def _by_model(column: Column, *, wrote: bool) -> tuple[tuple[str, str], ...]:
    """Return the reviewers who wrote, or who did not, and what model each group had."""
    assignments = {
        assignment.persona: assignment.ref
        for assignment in column.run.assignments or column.run.inputs.assignments
    }
    reviews = {review.reviewer: review for review in column.run.reviews}
    names: dict[str, list[str]] = {}
    for key, card in column.cards.items():
        if (card.kind == "scorecard") is wrote:
            review = reviews.get(key)
            ref = (
                name_model(review.provider, review.model)
                if review
                else assignments.get(key, "unknown")
            )
            names.setdefault(ref, []).append(card.name.lower())
    return tuple((listed(who), ref) for ref, who in names.items())


def name_model(provider: str, model: str) -> str:
    """Return who wrote what came of a provider, for readers.

    >>> name_model("manual", "Some Model")
    'Some Model, collected by hand'
    """
    if provider == CHECKLIST:
        return f"checklist, {NO_MODEL}"
    if provider == MANUAL:
        return model if model in (MANUAL, UNNAMED) else f"{model}, collected by hand"
    return f"{provider}: {model}"


def _cost(run: Run) -> str:
    spending = run.spending
    if _spent_nothing(run):
        return f"nothing: {NO_MODEL}"
    if not spending.calls and any(review.provider == MANUAL for review in run.reviews):
        return "not counted"
    if spending.cost_usd is not None:
        calls = counted(spending.calls, "call")
        least = "at least " if spending.at_least else ""
        return f"{least}{say_cost(spending.cost_usd)} for {calls}"
    if spending.unpriced:
        return f"not known: no price for {listed(spending.unpriced)}"
    return "not counted"


def _spent_nothing(run: Run) -> bool:
    return run.engine == CHECKLIST and not run.spending.calls


def _tokens(run: Run) -> str:
    if _spent_nothing(run):
        return f"none: {NO_MODEL}"
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
    """Return the first sixteen digits of a hash; the JSON document has the rest."""
    return f"{whole[:16]}…"


def print_rules(rules: Rules, *, several: bool) -> list[str]:
    """Return the rules that make a verdict in words; `several` adds those of a comparison."""
    lines = [
        "Each reviewer has one vote and decides it by its own test; no score makes a ship.",
        f"More than half ship: ship. A tie counts as {rules.tie}. Fewer than {rules.quorum} valid "
        "reviews: no verdict. A failed review is an abstention, never a score.",
        f"Scores are whole steps from 1 to 5, shown out of {TOP} as twice the step. A reviewer’s "
        "score is the plain mean of its own criteria, the panel’s the plain mean of its reviewers. "
        "Means are rounded half up.",
        "The pick has the words of the most confident reviewer of a side; one in whose "
        "review checks found a fault speaks only where no other of its side can.",
    ]
    if several:
        lines.append(
            "The pick is the highest ship share among the tools that the panel ships; at equal "
            f"shares the higher panel score, if it leads by {MARGIN} of {TOP} or more. "
            "An editor’s verdict counts in the place of the panel’s. "
            "A checklist and a panel of models are not compared."
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
