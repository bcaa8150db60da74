"""The checklist as a provider: it asks no model and opens no connection."""

import re
from collections.abc import Sequence
from datetime import date

from panel.checklist.facts import find_facts
from panel.checklist.filling import fill_in
from panel.checklist.language import is_english
from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import read_prose
from panel.checklist.signals import SIGNALS, Signals, load_signals
from panel.domain.exchange import INTAKE, REVIEW, Completion, Request
from panel.domain.persona import Persona
from panel.domain.review import CHECKLIST
from panel.domain.value import Value
from panel.errors import Refused

_FENCED = re.compile(
    r"^(?P<marker>[0-9a-f]{32})\n(?P<shown>.*?)\n(?P=marker)$", re.DOTALL | re.MULTILINE
)
_DAY = re.compile(r"\bToday\s+is\s+(?P<day>\d{4}-\d{2}-\d{2})\b")
_NO_ENGLISH = (
    "the checklist reads English prose only, and finds none in this text. Ask a model with --model"
)


class Checklist:
    """A provider that fills in ballots and facts from the signals of a description.

    It stands in for a model wherever what is behind a panel is to be run or tested; it is no jury. A
    repair request gets the same answer again. It may be shared by any number of runs.
    """

    def __init__(self, personas: Sequence[Persona], signals: Signals | None = None) -> None:
        self._personas = {f"{REVIEW}{persona.key}": persona for persona in personas}
        self._signals = signals or load_signals()
        self._matcher = SignalMatcher(self._signals)

    async def complete(self, request: Request) -> Completion:
        """Return the ballot or the facts that `request` asks for.

        Raises Refused for anything else, and where there is nothing to go on: for a text without
        English prose, and for a persona with a criterion that no signal bears on.
        """
        prose = read_prose(_shown(request))
        english, others = self._signals.english, self._signals.not_english
        if not prose.says_something or not is_english(prose.words, english, others):
            raise _refused(_NO_ENGLISH)
        found = self._matcher.find(prose)
        if request.label == INTAKE:
            return _completion(find_facts(prose, found, self._matcher))
        persona = self._personas.get(request.label)
        if persona is None:
            raise _refused(f"the checklist knows no {request.label!r}, only reviews and intake")
        for key in persona.criterion_keys:
            if not any(key in signal.criteria for signal in self._signals.signals):
                raise _refused(
                    f"the checklist has no signal for the criterion {key}. Give it one in "
                    f"{SIGNALS.name}, or ask a model with --model"
                )
        unclear = self._matcher.find_unclear(prose) - found.keys()
        today = _today(request)
        return _completion(
            fill_in(persona, self._signals, found, unclear, name=prose.name, today=today)
        )


def _completion(answer: Value) -> Completion:
    return Completion(text=answer.model_dump_json(), model=CHECKLIST, calls=0)


def _refused(why: str) -> Refused:
    return Refused(why, calls=0)


def _shown(request: Request) -> str:
    """Return the description: what stands between the first two equal marker lines."""
    for message in request.messages:
        for part in message.parts:
            if fenced := _FENCED.search(part.text):
                return fenced["shown"]
    raise _refused(
        "the checklist found no description between two marker lines: see prompts/tool.md"
    )


def _today(request: Request) -> date:
    found = [_DAY.search(message.text) for message in request.messages if message.role == "system"]
    try:
        return date.fromisoformat(next(match["day"] for match in found if match))
    except (StopIteration, ValueError) as error:
        raise _refused(
            'the checklist found no "Today is YYYY-MM-DD" in the system message: see prompts/house.md'
        ) from error
