"""Controls before today's panel: convened like any review, in a store of their own, and compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from panel.app.audit import CONTROLS, FOLDER, MISSING, page_addresses, write_file
from panel.app.event_loop import run_async
from panel.app.panels import ReviewOptions
from panel.app.publish import PublishedRun
from panel.app.review import ReviewEvents, ReviewService
from panel.app.workspace import Workspace
from panel.domain.control import Control, compare_with_control
from panel.domain.persona import Persona
from panel.domain.review import Review, Scorecard
from panel.domain.run import Run
from panel.domain.run_document import slug_of
from panel.domain.tool import Tool
from panel.domain.verdict import Rules
from panel.errors import ConfigError, ExitCode
from panel.publish.provenance import name_model
from panel.store.control_files import load_controls
from panel.store.persona_files import PersonaSet, load_persona
from panel.store.run_files import RunFiles

if TYPE_CHECKING:
    from panel.audit.control_report import ControlReport

STARTER: Final = "starter"
"""The name of the controls that come with the package, instead of a folder."""


@dataclass(frozen=True)
class CheckedControls:
    """A report on controls, and the exit codes of their runs."""

    report: "ControlReport"
    exit_codes: tuple[ExitCode, ...]


@dataclass(frozen=True)
class TriedPersona:
    """A changed persona's review of a tool beside the recorded one, which may be missing."""

    persona: Persona
    tool: Tool
    before: Review | None
    now: Review | None
    exit_code: ExitCode

    @property
    def is_reviewed(self) -> bool:
        """Whether the changed persona gave a scorecard."""
        return isinstance(self.now, Scorecard)


def controls_folder(name: str | Path) -> Path:
    """Return the folder of controls that `name` is; `starter` is the one of the package."""
    if str(name) == STARTER and not Path(name).is_dir():
        return Path(str(files("panel"))) / "audit" / "controls"
    return Path(name)


def control_workspace(workspace: Workspace) -> Workspace:
    """Return the workspace in which controls are reviewed: runs and pages below `audit/`.

    So no control waits for an editor, is counted in an archive or stands on the site.
    """
    root = workspace.root / FOLDER
    return replace(workspace, root=root, runs=RunFiles(root / "runs"), pages=root / "pages")


def check_controls(
    workspace: Workspace,
    folder: str | Path,
    options: ReviewOptions | None = None,
    events: ReviewEvents | None = None,
) -> CheckedControls:
    """Return what today's panel makes of the controls in `folder`, beside the last time.

    They are reviewed like any tool: an interrupted command is resumed, answers may be given by hand.
    Raises ConfigError with every fault of the folder, and as a review does.
    """
    try:
        from panel.audit.control_report import report_controls  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(MISSING) from error
    controls = load_controls(controls_folder(folder))
    _check_personas(controls, [one.key for one in workspace.persona_set.personas])
    apart = control_workspace(workspace)
    found = _review(apart, [one.tool for one in controls], options, events)
    runs = {one.run.slug: one.run for one in found}
    reviewed = [(one, runs[one.tool.slug]) for one in controls if one.tool.slug in runs]
    before = _last_runs(apart, [run for _, run in reviewed])
    results = [compare_with_control(control, run, before.get(run.id)) for control, run in reviewed]
    report = report_controls(
        workspace.clock.now(), _name_engine([run for _, run in reviewed]), results
    )
    if any(one.is_finished for one in results):
        write_file(workspace.root / FOLDER / CONTROLS, to_json(report, indent=1) + b"\n")
    return CheckedControls(report, tuple(one.exit_code for one in found))


def _check_personas(controls: Sequence[Control], known: Sequence[str]) -> None:
    """Raise ConfigError for a vote by a misspelt persona, and for a control that nobody votes on.

    A vote by a persona that this workspace has done without is compared with nobody's.
    """
    faults: list[str] = []
    for control in controls:
        strangers = [key for key in control.votes if key not in known]
        left = sorted(set(known) - set(control.votes))
        faults += [
            f"{control.key}: no persona is {key!r}; {near[0]!r} is meant?"
            for key in strangers
            if (near := get_close_matches(key, left, n=1))
        ]
        if len(strangers) == len(control.votes):
            faults.append(f"{control.key}: no persona with a vote on it is in this workspace")
    if faults:
        more = f" ({len(faults) - 1:,} more of the kind)" if faults[1:] else ""
        raise ConfigError(f"{faults[0]}{more}. The personas are {', '.join(known)}.")


def write_control_page(workspace: Workspace, report: "ControlReport", file: Path) -> None:
    """Write a report on controls as a page with links to the pages of its runs. Raises StoreError."""
    from panel.audit.control_page import render_controls  # noqa: PLC0415 - an extra

    address = page_addresses(control_workspace(workspace), file)
    write_file(file, render_controls(report, address).encode())


def try_persona(
    workspace: Workspace, file: Path, on: str, options: ReviewOptions | None = None
) -> TriedPersona:
    """Return how the persona in `file` reviews the tool of the run `on`, beside that run's review.

    Raises ConfigError with every fault of the file, and as a review does.
    """
    persona = load_persona(file)
    run = workspace.find(on).run
    settings = workspace.settings.model_copy(update={"verdict": Rules(quorum=1)})
    apart = replace(
        control_workspace(workspace),
        settings=settings,
        load_personas=lambda: PersonaSet((persona,), workspace.persona_set.prompts),
    )
    (found,) = _review(apart, [run.inputs.tool], options, None)
    return TriedPersona(
        persona=persona,
        tool=run.tool,
        before=_review_of(run, persona.key),
        now=_review_of(found.run, persona.key),
        exit_code=found.exit_code,
    )


def _review(
    workspace: Workspace,
    tools: Sequence[Tool],
    options: ReviewOptions | None,
    events: ReviewEvents | None,
) -> list[PublishedRun]:
    async def review_all() -> list[PublishedRun]:
        async with ReviewService(options, workspace=workspace) as service:
            return await service.review_all(tools, events or ReviewEvents())

    return run_async(review_all)


def _last_runs(workspace: Workspace, runs: Sequence[Run]) -> dict[str, Run]:
    """Return for the id of each of `runs` the newest finished run of its tool before it."""
    slugs = {run.slug for run in runs}
    places = [path for path in workspace.runs.paths() if slug_of(path) in slugs]
    earlier, _ = workspace.read_each(workspace.runs.read, places)
    found: dict[str, Run] = {}
    for run in runs:
        same = [
            one
            for one in earlier
            if one.inputs.tool == run.inputs.tool
            and one.started < run.started
            and one.state == "finished"
            and len(one.inputs.personas) > 1
        ]
        if same:
            found[run.id] = max(same, key=lambda one: one.started)
    return found


def _name_engine(runs: Sequence[Run]) -> str:
    """Return who answered in `runs`: the models by name, those asked where there is no answer yet."""
    names = [
        name
        for run in runs
        for name in [name_model(one.provider, one.model) for one in run.reviews] or [run.engine]
    ]
    return " and ".join(dict.fromkeys(names)) or "nobody"


def _review_of(run: Run, persona: str) -> Review | None:
    return next((one for one in run.reviews if one.reviewer == persona), None)
