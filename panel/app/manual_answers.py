"""Answers that a run waits for by hand: the prompts that a person pastes into a chat."""

from dataclasses import dataclass
from pathlib import PurePath

from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.errors import ConfigError
from panel.providers.manual import give, open_prompts


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


def keep_answer(workspace: Workspace, path: PurePath, who: str, text: str) -> None:
    """Write down an answer to the open prompt of `who`; the run takes it when it goes on.

    Raises ConfigError where there is no text, or no such prompt is open, and StoreError.
    """
    if not text.strip():
        raise ConfigError("The answer is empty: paste what the model wrote.")
    if not give(workspace.manual_folder(path), who, text):
        raise ConfigError(f"Nobody asks for an answer of {who[:80]} any more: it was given before.")
