"""Answers that a run waits for by hand: the prompts that a person pastes into a chat."""

from dataclasses import dataclass
from pathlib import PurePath

from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.providers.manual import open_prompts


@dataclass(frozen=True)
class OpenPrompt:
    """A prompt without an answer: `who` is the persona's key or `intake`, `name` what it is called."""

    who: str
    name: str
    text: str


def list_open_prompts(workspace: Workspace, path: PurePath, run: Run) -> list[OpenPrompt]:
    """Return the prompts that `run` waits for. Raises StoreError."""
    if run.state != "waiting":
        return []
    names = {persona.key: persona.name for persona in run.inputs.personas}
    return [
        OpenPrompt(who, names.get(who, "Intake"), text)
        for who, text in open_prompts(workspace.manual_folder(path))
    ]
