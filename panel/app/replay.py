"""Recorded runs replayed in a workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from panel.app.event_loop import run_async
from panel.app.workspace import Workspace
from panel.domain.run import Inputs, Run
from panel.errors import ConfigError, ReplayError, StoreError


@dataclass(frozen=True)
class Replayed:
    """One recording, and how today's code departs from it."""

    path: PurePath
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Tell whether reviews and verdict came out as recorded."""
        return not self.differences

    @property
    def document(self) -> Mapping[str, Any]:
        """The outcome as data."""
        return {"path": str(self.path), "same": self.same, "differences": list(self.differences)}


def replay_runs(
    workspace: Workspace, names: Sequence[str] = (), *, as_recorded: bool = False
) -> list[Replayed]:
    """Return what a replay of each named run came to; of all finished ones where none is named.

    A run is replayed under today's personas, rubric and prompts, its tool, date, seats and rules
    being as recorded; `as_recorded` takes its own texts too. A recording that cannot be read counts as
    one that differs, and says why. Raises ConfigError.
    """
    return run_async(lambda: _replay_runs(workspace, names, as_recorded=as_recorded))


async def _replay_runs(
    workspace: Workspace, names: Sequence[str], *, as_recorded: bool
) -> list[Replayed]:
    from panel.pipeline.convener import Convener  # noqa: PLC0415 - langgraph takes 1 to 2 s
    from panel.pipeline.replay import replay  # noqa: PLC0415

    paths = [workspace.place_of(name) for name in names] or workspace.runs.paths()
    convener = Convener()
    found = []
    for path in paths:
        try:
            recording = workspace.runs.load(path)
            if not recording.run.is_final:
                if not names:
                    continue
                raise ConfigError(
                    f"{path}: it is {recording.run.state}, so there is no end to compare with. Finish "
                    "it with `shipskip review`, then replay it."
                )
            inputs = recording.run.inputs
            if not as_recorded:
                inputs = todays(workspace, recording.run)
            outcome = await replay(convener, recording.run, recording.exchanges, inputs)
            found.append(Replayed(path, outcome.differences))
        except (ReplayError, StoreError) as error:
            found.append(Replayed(path, (str(error),)))
    return found


def todays(workspace: Workspace, run: Run) -> Inputs:
    """Return the inputs of `run` with the workspace's texts. Raises ReplayError for a lost persona."""
    persona_set = workspace.persona_set
    known = {persona.key: persona for persona in persona_set.personas}
    lost = [persona.key for persona in run.inputs.personas if persona.key not in known]
    if lost:
        raise ReplayError(
            f"the persona {lost[0]!r} is no longer in {workspace.root / 'personas'}. Put it back, "
            "or replay with --as-recorded."
        )
    return run.inputs.model_copy(
        update={
            "personas": tuple(known[p.key].without_signals() for p in run.inputs.personas),
            "rubric": persona_set.rubric,
            "prompts": persona_set.prompts,
        }
    )
