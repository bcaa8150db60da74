"""A night for the batch: a workspace with a feed of tools, and models that answer as was recorded.

All tools have one text under many names, so the recorded answers are sound for each of them. An
entry of a feed has no facts, so a tool takes five calls: intake, then four reviews.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

from benchmarks.fake_server import MODEL, Marked, Server
from benchmarks.measuring import ROOT, recorded_by_models
from panel.app.settings import FILE
from panel.app.workspace import Workspace
from panel.domain.ballot import read_ballot
from panel.domain.ballot_checks import check
from panel.domain.exchange import INTAKE, Completion, Request
from panel.domain.feed import Entry
from panel.domain.prompts import brief, intake_request, review_request
from panel.domain.run import Assignment, Inputs
from panel.domain.run_document import Recording
from panel.screening.original import entry_tool
from panel.store.persona_files import write_persona

REF = f"openai:{MODEL}"
_IN_A_FEED = 1_000
"""Tools: a feed may have 5 MB."""
_AHEAD = timedelta(days=365)
_TODAY = datetime.now(UTC).date()  # noqa: TID251 - the day of the batch
_SETTINGS = """
[models]
panel = ["{ref}"]
[batch]
read_links = false
[calls]
recent_reviews = 0
[openai]
base_url = "{address}"
[prices."{ref}"]
input = 3
output = 15
"""


@dataclass(frozen=True)
class Night:
    """A recorded panel that a model was asked for, intake included: its tool, personas, answers."""

    recording: Recording

    @classmethod
    def take(cls) -> "Night":
        """Return the recorded panel of the longest text. Raises RuntimeError where it fits no more."""
        runs = Workspace.open(ROOT).runs
        found = [
            one for one in recorded_by_models(runs) if one.exchanges[0].request.label == INTAKE
        ]
        if not found:
            sys.exit(f"{runs.name}: no panel of a model with its intake is recorded here")
        night = cls(max(found, key=lambda one: len(one.run.inputs.tool.description)))
        night.refuse_faults()
        return night

    @property
    def entry(self) -> dict[str, Any]:
        """The recorded tool as an item of a JSON Feed."""
        tool = self.recording.run.inputs.tool
        return {"title": tool.name, "tags": [tool.category], "content_text": tool.description}

    @property
    def inputs(self) -> Inputs:
        """What a run of that entry is convened with today."""
        seat = Assignment(persona=INTAKE, provider="openai", model=MODEL)
        inputs = self.recording.run.inputs
        title, (category,), text = self.entry.values()
        entry = Entry(id="one", title=title, text=text, category=category)
        return inputs.model_copy(
            update={
                "tool": entry_tool(entry),
                "date": _TODAY,
                "assignments": tuple(
                    seat.model_copy(update={"persona": p.key}) for p in inputs.personas
                ),
                "intake": seat,
                "fallbacks": (),
            }
        )

    def requests(self) -> tuple[Request, ...]:
        """Return the five requests of one tool, intake first."""
        inputs = self.inputs
        shared = brief(inputs)
        reviews = (
            review_request(inputs, shared, persona, seat, 0)
            for persona, seat in zip(inputs.personas, inputs.assignments, strict=True)
        )
        return intake_request(inputs, shared), *reviews

    def asked(self) -> Mapping[str, Any]:
        """Return the same requests for who speaks to the SDK alone."""
        chats = [
            [{"role": message.role, "content": message.text} for message in request.messages]
            for request in self.requests()
        ]
        return {"model": MODEL, "chats": chats}

    def answers(self) -> Mapping[str, str]:
        """Return what was answered, by the request's label, predictions dated a year from today."""
        texts = {
            one.request.label: one.outcome.text
            for one in reversed(self.recording.exchanges)
            if isinstance(one.outcome, Completion)
        }
        return {label: _redated(text) for label, text in texts.items()}

    def marked(self) -> Sequence[Marked]:
        """Return the answers for the server: a review is known by its persona's motto."""
        answers = self.answers()
        mottos = {
            f"review:{p.key}": json.dumps(p.motto, ensure_ascii=False)[1:-1]
            for p in self.inputs.personas
        }
        return [Marked(mark, answers[label]) for label, mark in mottos.items()]

    def refuse_faults(self) -> None:
        """Raise RuntimeError where an answer would be asked again."""
        inputs, answers = self.inputs, self.answers()
        shown = brief(inputs).shown
        for persona in inputs.personas:
            ballot = read_ballot(answers[f"review:{persona.key}"], persona.criterion_keys)
            if faults := check(ballot, shown=shown, today=inputs.date):
                raise RuntimeError(
                    f"{persona.key}: a recorded ballot does not fit: {faults[0].message}"
                )

    def lay_out(self, root: Path, server: Server, tools: int, **database: str) -> None:
        """Write the workspace to `root`, with feeds of so many tools."""
        inputs = self.inputs
        copytree(ROOT / "prompts", root / "prompts")
        (root / "personas").mkdir()
        for persona in inputs.personas:
            file = root / "personas" / f"{persona.key}.yaml"
            file.write_text(write_persona(persona), encoding="utf-8")
        lines = "".join(f'{name} = "{value}"\n' for name, value in database.items())
        settings = lines + _SETTINGS.format(address=server.base_url, ref=REF)
        (root / FILE).write_text(settings, encoding="utf-8")
        items = [self._item(number) for number in range(1, tools + 1)]
        for start in range(0, tools, _IN_A_FEED):
            feed = {"title": "New", "items": items[start : start + _IN_A_FEED]}
            file = root / f"feed-{start:05}.json"
            file.write_text(json.dumps(feed), encoding="utf-8")

    def _item(self, number: int) -> dict[str, Any]:
        link = f"https://tools.example/{number:05}"
        return {
            **self.entry,
            "id": link,
            "url": link,
            "title": f"{self.entry['title']} {number:05}",
        }


def feeds(root: Path) -> list[str]:
    """Return the feeds in a workspace that was laid out."""
    return sorted(map(str, root.glob("feed-*.json")))


def _redated(text: str) -> str:
    answer = json.loads(text)
    if "prediction" in answer:
        answer["prediction"]["by"] = (_TODAY + _AHEAD).isoformat()
    return json.dumps(answer, ensure_ascii=False)
