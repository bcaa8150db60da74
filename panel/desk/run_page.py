"""A run under way: what each recorded exchange tells of a reviewer's progress."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from panel.domain.ballot import read_ballot
from panel.domain.exchange import Completion, Exchange
from panel.domain.json_answer import UnreadableError
from panel.domain.run import Run
from panel.domain.verdict import reviewer_score
from panel.domain.wording import counted

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
    reviewer = request.label.rpartition(":")[2]
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
        return "read", "the facts are read"
    persona = next((one for one in run.inputs.personas if one.key == reviewer), None)
    if persona is None:
        return "answered", f"{counted(len(text.split()), 'word')}"
    try:
        ballot = read_ballot(text, persona.criterion_keys)
    except UnreadableError as error:
        return "unreadable", str(error)
    if run.is_checklist:
        return "filled in", ballot.take[0].text
    return f"{ballot.verdict} {reviewer_score(ballot):.1f}", ballot.take[0].text


def _name(run: Run, key: str) -> str:
    return next((one.name for one in run.inputs.personas if one.key == key), "Intake")
