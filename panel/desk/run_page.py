"""A run under way: what each recorded exchange tells of a reviewer's progress."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args

from panel.app.workspace import Workspace
from panel.domain.ballot import Decision, read_ballot
from panel.domain.difference import TextChange, tool_difference
from panel.domain.exchange import Completion, Exchange
from panel.domain.intake import read_facts
from panel.domain.json_answer import UnreadableAnswerError
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.verdict import reviewer_score
from panel.domain.wording import counted
from panel.errors import PanelError
from panel.publish.changes import describe_changes

_FIRST_TURN: Final = 2  # messages: system and user
_SHOWN: Final = 200


@dataclass(frozen=True)
class RunEvent:
    """One recorded exchange: its number in the run, whose it is, and what it came to in words.

    `reviewer` is the key of a persona, or `intake`.
    """

    number: int
    reviewer: str
    name: str
    state: str
    says: str
    seconds: str

    def document(self) -> dict[str, Any]:
        """Return it as the event stream sends it."""
        return asdict(self)


@dataclass(frozen=True)
class ReviewerProgress:
    """How far one reviewer of a run is, or the intake: the last exchange of it, None before one."""

    key: str
    name: str
    last: RunEvent | None

    @property
    def vote(self) -> Decision | None:
        """Its vote, where what came last of it is one."""
        word = self.last.state.partition(" ")[0] if self.last else ""
        return next((vote for vote in get_args(Decision) if vote == word), None)


@dataclass(frozen=True)
class HeldBefore:
    """The run that was held, beside the one without its passages: each reviewer's card, by key.

    `words` counts those that were taken out, `pairs` the reviewers who voted in both runs, and `moved`
    those of them whose vote is another one now. `also` says what else is otherwise than in the held
    run, and may have moved a vote: facts, and the models that were asked.
    """

    cards: Mapping[str, Scorecard]
    words: int
    pairs: int
    moved: int
    also: tuple[str, ...] = ()


def find_held_before(
    workspace: Workspace, run: Run, reviewers: Sequence[ReviewerProgress]
) -> HeldBefore | None:
    """Return the held run whose passages were taken out for `run`; None where it is gone."""
    release = run.release
    if release is None or not release.without:
        return None
    try:
        held = workspace.runs.read(workspace.place_of(release.run))
    except PanelError:  # it was pruned: this run has what was taken out, and the verdict before
        return None
    cards = _cards(held)
    now = {one.key: one.vote for one in reviewers if one.vote}
    now |= {key: card.verdict for key, card in _cards(run).items()}
    return HeldBefore(
        cards=cards,
        words=sum(len(text.split()) for text in release.without),
        pairs=len(cards.keys() & now.keys()),
        moved=sum(cards[key].verdict != now[key] for key in cards.keys() & now.keys()),
        also=(*_other_facts(held, run), *_other_models(held, run)),
    )


def _other_facts(held: Run, run: Run) -> tuple[str, ...]:
    found = tool_difference(held.tool, run.tool)
    return describe_changes(found.model_copy(update={"text": TextChange()}))


def _other_models(held: Run, run: Run) -> Iterator[str]:
    before = {one.persona: one.ref for one in held.assignments or held.inputs.assignments}
    for one in run.assignments or run.inputs.assignments:
        was = before.get(one.persona, one.ref)
        if was != one.ref:
            yield f"{_name(run, one.persona)} is {one.ref}, was {was}"


def _cards(run: Run) -> dict[str, Scorecard]:
    return {card.reviewer: card for card in run.scorecards}


def list_events(run: Run, exchanges: Sequence[Exchange]) -> list[RunEvent]:
    """Return an event for each exchange, numbered from 1 in the order in which they were recorded."""
    return [_event(run, number, one) for number, one in enumerate(exchanges, start=1)]


def list_progress(run: Run, events: Sequence[RunEvent]) -> list[ReviewerProgress]:
    """Return the intake, where it was asked, and the reviewers in the order of the panel."""
    last = {event.reviewer: event for event in events}
    keys = [*(("intake",) if "intake" in last else ()), *(p.key for p in run.inputs.personas)]
    return [ReviewerProgress(key, _name(run, key), last.get(key)) for key in keys]


def _event(run: Run, number: int, exchange: Exchange) -> RunEvent:
    request, outcome = exchange.request, exchange.outcome
    reviewer = request.reviewer or request.label
    if isinstance(outcome, Completion):
        state, says = _answer(run, reviewer, outcome.text)
    else:
        state, says = "failed", outcome.reason
    turns = len(request.messages)
    if turns > _FIRST_TURN:
        says = f"asked again: {says}"
    if request.sample:
        says = f"sample {request.sample + 1}: {says}"
    return RunEvent(
        number=number,
        reviewer=reviewer,
        name=_name(run, reviewer),
        state=state,
        says=says[:_SHOWN],
        seconds=f"{exchange.ms / 1000:.1f} s",
    )


def _answer(run: Run, reviewer: str, text: str) -> tuple[str, str]:
    """Return the state that an answer comes to, and its first sentence."""
    if reviewer == "intake":
        try:
            read_facts(text)
        except UnreadableAnswerError as error:
            return "unreadable", str(error)
        return "read", "the facts are read"
    persona = next((one for one in run.inputs.personas if one.key == reviewer), None)
    if persona is None:
        return "answered", f"{counted(len(text.split()), 'word')}"
    try:
        ballot = read_ballot(text, persona.criterion_keys)
    except UnreadableAnswerError as error:
        return "unreadable", str(error)
    if run.is_checklist:
        return "filled in", ballot.take[0].text
    return f"{ballot.verdict} {reviewer_score(ballot):.1f}", ballot.take[0].text


def _name(run: Run, key: str) -> str:
    return next((one.name for one in run.inputs.personas if one.key == key), "Intake")
