"""The checklist as a provider: it asks no model and opens no connection."""

import re
from collections.abc import Sequence
from datetime import date

from panel.checklist.fact_rules import find_facts
from panel.checklist.filling import fill_in
from panel.checklist.sentences import read_sentences
from panel.checklist.signals import Lookout, lookout
from panel.domain.exchange import Completion, Request
from panel.domain.persona import Persona
from panel.domain.value import Value
from panel.errors import Refused

MODEL = "checklist"
_FENCED = re.compile(
    r"^(?P<marker>[0-9a-f]{32})\n(?P<shown>.*?)\n(?P=marker)$", re.DOTALL | re.MULTILINE
)
_FOREIGN = (
    "the checklist reads English only, and this text is not English. Ask a model with --model"
)
_DAY = re.compile(r"\bToday\s+is\s+(?P<day>\d{4}-\d{2}-\d{2})\b")


class Checklist:
    """A provider that fills in ballots and facts by rules, from the request alone.

    A repair request gets the same answer again. It may be shared by any number of runs.
    """

    def __init__(self, personas: Sequence[Persona]) -> None:
        self._seats: dict[str, tuple[Persona, Lookout]] = {
            f"review:{persona.key}": (persona, lookout(persona.key)) for persona in personas
        }

    async def complete(self, request: Request) -> Completion:
        """Return the ballot or the facts that `request` asks for.

        Raises Refused for anything else, and for a text that is not English: of what the rules
        cannot read they would say only that it is missing.
        """
        sentences = read_sentences(_shown(request))
        if not sentences.legible:
            raise Refused(_FOREIGN, calls=0)
        if request.label == "intake":
            return _completion(find_facts(sentences))
        if request.label not in self._seats:
            raise Refused(
                f"the checklist has no signals for {request.label!r}: it knows reviews and intake"
            )
        persona, out = self._seats[request.label]
        ballot = fill_in(persona, sentences, out.look(sentences), today=_today(request))
        return _completion(ballot)


def _completion(answer: Value) -> Completion:
    return Completion(text=answer.model_dump_json(), model=MODEL, usage=None, calls=0)


def _shown(request: Request) -> str:
    """Return the description: what stands between the first two equal marker lines."""
    for message in request.messages:
        for part in message.parts:
            fenced = _FENCED.search(part.text)
            if fenced:
                return fenced["shown"]
    raise Refused(
        "the checklist found no description between two marker lines: see prompts/tool.md"
    )


def _today(request: Request) -> date:
    for message in request.messages:
        found = _DAY.search(message.text) if message.role == "system" else None
        if found:
            try:
                return date.fromisoformat(found["day"])
            except ValueError:
                break
    raise Refused(
        'the checklist found no "Today is YYYY-MM-DD" in the system message: see prompts/house.md'
    )
