"""Gates: what has to hold before a run may be approved, each a pure rule.

A gate that refuses says what is missing and how to clear it. The sentences are those that the public
would read: with the changes of the editors, as long as the run is the one that they changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from panel.domain.ballot import Sentence
from panel.domain.decision import EditorialDecision, Grounds, grounds_of
from panel.domain.grounding import is_verbatim
from panel.domain.prompts import shown_text
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.domain.value import Value
from panel.domain.wording import counted, plural
from panel.editorial.fields import apply
from panel.editorial.open_points import RaisedFlag, known_sentences, raised_flags
from panel.editorial.publication import Publication
from panel.editorial.stale_reviews import StaleReview, stale_reviews
from panel.errors import GateRefused

GateName = Literal[
    "checklist",
    "unchanged",
    "quorum",
    "namesake",
    "addressed",
    "flags",
    "quoted",
    "known",
    "stale",
]
NAMESAKE = "namesake"
"""The id of the point whether the tool that is public under this address is the same one."""

_MOST_NAMED = 4


class Gate(Value):
    """One gate and whether it lets the run through.

    `says` is what it found, without a full stop. `missing` has the ids of what is open: of flags, of
    sentences. `clear` says what to do, and is empty where the gate is passed.
    """

    name: GateName
    passed: bool
    says: str
    missing: tuple[str, ...] = ()
    clear: str = ""


@dataclass(frozen=True)
class _Case:
    """What the gates look at: the run as recorded and as changed, and what the editor has done.

    `overtaken` has the decisions that speak of words of the run which are others by now, `stale` the
    reviews that rest on facts which are others. `namesake` is another tool with the same address.
    """

    run: Run
    changed: Run
    overtaken: Sequence[EditorialDecision]
    stale: Sequence[StaleReview]
    answers: Mapping[str, str]
    read: frozenset[str]
    seen: Grounds | None
    namesake: Tool | None


def check_gates(
    run: Run,
    publication: Publication,
    *,
    answers: Mapping[str, str] | None = None,
    read: Iterable[str] = (),
    seen: Grounds | None = None,
    namesake: Tool | None = None,
) -> tuple[Gate, ...]:
    """Return every gate before the approval of `run`, those that cannot be cleared by hand first.

    `answers` and `read` come with the decision that is about to be made and count with those made
    before. `seen` is what the editor looked at; None where it is the run as it is now. `namesake` is
    another tool that is public under the address of this one, None where there is none.
    """
    overtaken = _overtaken(run, publication)
    case = _Case(
        run=run,
        changed=run if overtaken else apply(run, publication.changes),
        overtaken=overtaken,
        stale=() if overtaken else stale_reviews(run, publication, answers),
        answers={**publication.answers, **(answers or {})},
        read=frozenset((*publication.read, *read)),
        seen=seen,
        namesake=namesake,
    )
    return tuple(rule(case) for rule in _RULES)


def require_gates(gates: Sequence[Gate], run: str) -> None:
    """Return where all `gates` are passed. Raises GateRefused, with a line for each that is not."""
    refused = [gate for gate in gates if not gate.passed]
    if refused:
        lines = [f"{run}: not approved, {counted(len(refused), 'gate')} refused."]
        lines += [f"{gate.name}: {gate.says}. {gate.clear}" for gate in refused]
        raise GateRefused("\n".join(lines), gates=tuple(gate.name for gate in refused))


def _checklist(case: _Case) -> Gate:
    if not case.run.has_checklist_part:
        return Gate(name="checklist", passed=True, says="no checklist wrote any of it")
    return Gate(
        name="checklist",
        passed=False,
        says="the checklist wrote it, which is no model, and its verdict is no judgement",
        clear="Convene a panel of models: `shipskip review TOOL --model REF`.",
    )


def _unchanged(case: _Case) -> Gate:
    if case.seen is not None and case.seen.run != grounds_of(case.run).run:
        return Gate(
            name="unchanged",
            passed=False,
            says="the run was changed after it was shown to you",
            clear="Read it again as it is now, and decide again.",
        )
    if not case.overtaken:
        return Gate(name="unchanged", passed=True, says="the run is as it was decided on")
    return Gate(
        name="unchanged",
        passed=False,
        says=f"the run was changed after {counted(len(case.overtaken), 'decision')} on it",
        missing=tuple(str(one.number) for one in case.overtaken),
        clear="Take the decisions back with `shipskip undo`, the last one first, and decide again.",
    )


def _overtaken(run: Run, publication: Publication) -> list[EditorialDecision]:
    """Return the decisions that speak of the words of a run which are others by now."""
    resting = [one for one in publication.effective if _rests(one)]
    now = grounds_of(run).run if resting else ""
    return [one for one in resting if one.grounds.run != now]


def _rests(decision: EditorialDecision) -> bool:
    return bool(decision.changes or decision.answers or decision.read or decision.verdict)


def _quorum(case: _Case) -> Gate:
    verdict, needed = case.run.verdict, case.run.inputs.rules.quorum
    cards = len(verdict.ships) + len(verdict.skips) if verdict else 0
    passed = case.run.state == "finished" and verdict is not None and verdict.decision is not None
    says = f"{counted(cards, 'valid review')}, {needed} are needed"
    if case.run.state != "finished":
        says = f"the run is {case.run.state.replace('_', ' ')}, not finished"
    clear = "" if passed else _to_quorum(case.run)
    return Gate(name="quorum", passed=passed, says=says, clear=clear)


def _to_quorum(run: Run) -> str:
    """Return what brings a run to enough reviews: the missing answers, or another attempt."""
    if run.state != "waiting":
        return "Run the same `shipskip review` again: who failed is asked again."
    missing = tuple(dict.fromkeys(one.reviewer for one in run.pending))
    return (
        f"Answers are missing: {', '.join(missing)}. By hand: the same `shipskip review` with "
        f"`--answer {missing[0]}=FILE`. Of a batch service: `shipskip batch --collect`."
    )


def _namesake(case: _Case) -> Gate:
    other = case.namesake
    open_ = () if other is None or NAMESAKE in case.answers else (NAMESAKE,)
    return _gate_of_points(
        "namesake",
        open_,
        passed="no other tool has its address" if other is None else "an editor answered",
        refused=f"{known_by(other)} has its address and would be replaced" if other else "",
        clear="Review it under a name of its own; or, where it is the same tool, say so: "
        "`--answer {}=TEXT`.",
    )


def known_by(tool: Tool) -> str:
    """Return a tool as an editor tells it from others of its name."""
    return ", ".join(filter(None, (tool.name, tool.vendor, tool.url)))


def _addressed(case: _Case) -> Gate:
    flags = [one for one in raised_flags(case.run) if one.flag.holds]
    answered = "an editor answered for the text"
    return _gate_of_points(
        "addressed",
        _unanswered(flags, case),
        passed=answered if flags else "the text does not address the reviewers",
        refused="the text addresses the reviewers or hides something",
        clear="Read the passage and say why it may stand: `--answer {}=TEXT`.",
    )


def _flags(case: _Case) -> Gate:
    flags = [one for one in raised_flags(case.run) if not one.flag.holds]
    open_ = _unanswered(flags, case)
    return _gate_of_points(
        "flags",
        open_,
        passed=f"{counted(len(flags), 'flag')} answered" if flags else "no flag was raised",
        refused=f"{counted(len(open_), 'flag')} without an answer",
        clear="Answer each: `--answer {}=TEXT`.",
    )


def _quoted(case: _Case) -> Gate:
    shown = shown_text(case.run.inputs)
    open_ = tuple(
        f"{card.reviewer}.take.{number}"
        for card in case.changed.scorecards
        for number, sentence in enumerate(card.ballot.take, start=1)
        if sentence.basis == "quoted" and not _stands_in(sentence, shown)
    )
    rest = plural(len(open_), "rests on a passage", "rest on passages")
    return _gate_of_points(
        "quoted",
        open_,
        passed="every quoted sentence stands in the text",
        refused=f"{counted(len(open_), 'quoted sentence')} {rest} that the text has not",
        clear="Name the passage, or another basis: "
        "`shipskip edit RUN --field {}.evidence --value PASSAGE`.",
    )


def _stands_in(sentence: Sentence, shown: str) -> bool:
    return sentence.evidence is not None and is_verbatim(sentence.evidence, shown)


def _known(case: _Case) -> Gate:
    sentences = known_sentences(case.changed)
    open_ = tuple(one.id for one in sentences if one.id not in case.read)
    return _gate_of_points(
        "known",
        open_,
        passed="every unchecked sentence was read" if sentences else "no sentence is unchecked",
        refused=f"{counted(len(open_), 'unchecked sentence')} not read",
        clear="Read each, then name it: `--read {}`.",
    )


def _stale(case: _Case) -> Gate:
    open_ = tuple(one.id for one in case.stale if one.answer is None)
    facts = dict.fromkeys(f for one in case.stale if one.id in open_ for f in one.facts)
    rest = plural(len(open_), "rests", "rest")
    return _gate_of_points(
        "stale",
        open_,
        passed="no review rests on what was corrected" if not case.stale else "an editor answered",
        refused=f"{counted(len(open_), 'review')} {rest} on facts as they were ({'; '.join(facts)})",
        clear="`shipskip reconvene RUN` asks the panel again on the facts as they are now; or say why "
        "the review may stand: `--answer {}=TEXT`.",
    )


def _gate_of_points(
    name: GateName, missing: tuple[str, ...], *, passed: str, refused: str, clear: str
) -> Gate:
    """Return a gate that is passed where no point is `missing`; `{}` in `clear` is the first one."""
    if not missing:
        return Gate(name=name, passed=True, says=passed)
    says = f"{refused} ({_named(missing)})"
    return Gate(name=name, passed=False, says=says, missing=missing, clear=clear.format(missing[0]))


def _unanswered(flags: Iterable[RaisedFlag], case: _Case) -> tuple[str, ...]:
    return tuple(
        one.id for one in flags if not one.is_answered_by_release and one.id not in case.answers
    )


def _named(ids: Sequence[str]) -> str:
    more = len(ids) - _MOST_NAMED
    return ", ".join(ids[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


_RULES: tuple[Callable[[_Case], Gate], ...] = (
    _checklist,
    _unchanged,
    _quorum,
    _namesake,
    _addressed,
    _flags,
    _quoted,
    _known,
    _stale,
)
