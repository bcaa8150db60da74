"""Replays: recorded runs through today's code, without a key or a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from panel.app.event_loop import run_async
from panel.app.processes import share_out
from panel.app.workspace import Workspace, open_workspace
from panel.domain.run import Inputs, Run
from panel.domain.run_document import MissingRun
from panel.errors import ConfigError, ReplayError, StoreError
from panel.store.run_files import RunFiles


@dataclass(frozen=True)
class ReplayResult:
    """One recording, and how today's code departs from it, in words.

    `damage` says why the recording could not be read, or that it `is_missing`; then nothing was
    replayed.

    >>> from panel import ReviewOptions, replay, review
    >>> by_checklist = ReviewOptions(models=("checklist",))
    >>> _ = review("examples/tools/rowboat-sync.md", by_checklist)
    >>> (found,) = replay("rowboat-sync")
    >>> found.differences, found.damage
    ((), None)
    """

    path: PurePath
    differences: tuple[str, ...] = ()
    damage: str | None = None
    is_missing: bool = False

    @property
    def is_same(self) -> bool:
        """Whether reviews and verdict came out as recorded."""
        return not self.differences and self.damage is None

    @property
    def document(self) -> Mapping[str, Any]:
        """The outcome as JSON."""
        said = [self.damage] if self.damage else list(self.differences)
        return {"path": str(self.path), "same": self.is_same, "differences": said}


def replay(
    *runs: str | Path,
    workspace: Workspace | str | Path | None = None,
    as_recorded: bool = False,
) -> list[ReplayResult]:
    """Return what a replay of each named run came to; of all finished ones where none is named.

    A run is named by its folder, its id, or its tool's slug. It is replayed under today's personas
    and prompts; its tool, date, assignments and rules are as recorded. `as_recorded` takes its
    own texts too. Where none is named, a run that was recorded and is gone is among the results. Raises
    ConfigError for a run that is not there or has not ended.

    >>> from panel import ReviewOptions, replay, review
    >>> by_checklist = ReviewOptions(models=("checklist",))
    >>> _ = review("examples/tools/rowboat-sync.md", by_checklist)
    >>> [found.is_same for found in replay()]
    [True]
    """
    opened = open_workspace(workspace)
    missing = () if runs else opened.runs.missing()
    paths = [opened.place_of(name) for name in runs] or opened.runs.paths()
    import panel.pipeline.graph  # noqa: F401, PLC0415 - before the processes, each of which needs it

    work = partial(_replay_share, opened, as_recorded=as_recorded, named=bool(runs))
    replayed = share_out(work, paths) if isinstance(opened.runs, RunFiles) else work(paths)
    lost = [
        ReplayResult(one.path, damage=one.why, is_missing=isinstance(one, MissingRun))
        for one in missing
    ]
    return lost + replayed


def _replay_share(
    workspace: Workspace, paths: Sequence[PurePath], *, as_recorded: bool, named: bool
) -> list[ReplayResult]:
    """Return what a replay of each run came to; a run that has not ended is passed over or refused."""
    return run_async(lambda: _replay_each(workspace, paths, as_recorded=as_recorded, named=named))


async def _replay_each(
    workspace: Workspace, paths: Sequence[PurePath], *, as_recorded: bool, named: bool
) -> list[ReplayResult]:
    from panel.pipeline.graph import PanelGraph  # noqa: PLC0415 - langgraph takes 1 to 2 s
    from panel.pipeline.replay import replay as replay_run  # noqa: PLC0415

    graph, found = PanelGraph(), []
    for path in paths:
        try:
            recording = workspace.runs.load(path)
        except StoreError as error:
            found.append(ReplayResult(path, damage=str(error)))
            continue
        if not recording.run.is_final:
            if not named:
                continue
            raise ConfigError(
                f"{path}: it is {recording.run.state}, so there is no end to compare with. Finish it "
                "with `shipskip review`, then replay it."
            )
        try:
            inputs = recording.run.inputs
            if not as_recorded:
                inputs = todays_inputs(workspace, recording.run)
            outcome = await replay_run(graph, recording.run, recording.exchanges, inputs)
            found.append(ReplayResult(path, outcome.differences))
        except ReplayError as error:
            found.append(ReplayResult(path, (str(error),)))
    return found


def todays_inputs(workspace: Workspace, run: Run) -> Inputs:
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
            "personas": tuple(known[p.key] for p in run.inputs.personas),
            "prompts": persona_set.prompts,
        }
    )
