"""The doctor: who would answer, what is missing, and what could fail tonight."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from panel.app.assignments import available_models, choose_assignments, choose_substitutes
from panel.app.panels import quorum_fault
from panel.app.settings import Settings
from panel.app.workspace import Workspace
from panel.domain.addresses import redact_url
from panel.domain.job import JobState
from panel.domain.review import CHECKLIST
from panel.domain.run import Assignment
from panel.errors import PanelError
from panel.providers.registry import ADAPTERS
from panel.providers.services import ModelService, built_in
from panel.store.disk_errors import advice_for

_LEFT: Final[frozenset[JobState]] = frozenset({"queued", "running", "waiting"})
_SHOWN_WHOLE_H: Final = 10
_LIBRARIES = (
    *dict.fromkeys(adapter.library for adapter in ADAPTERS.values()),
    *("langgraph", "pydantic", "aiohttp", "uvloop"),
)
_OPTIONAL = {
    **{one.library: one.extra for one in ADAPTERS.values() if one.extra},
    "aiohttp": "shipskip[fast]",
    "uvloop": "shipskip[fast]",
}


def examine(root: str | Path | None) -> dict[str, Any]:
    """Return what was found in the workspace at `root` as one JSON document.

    `services` has those that are configured: by a key, a setting or an assignment. `faults` are what
    stops a panel; `damaged` has the runs that cannot be read, which stop none.
    Raises ConfigError.
    """
    workspace = Workspace.open(root)
    settings = workspace.settings
    assignments, _, _ = choose_assignments(settings, workspace.persona_set, (), ())
    choose_substitutes(settings, assignments)
    last, batch_faults = _last_batch(workspace)
    readable, damaged = workspace.read_each(lambda path: workspace.runs.read(path).id)
    faults = [*_write_faults(workspace), *_package_faults(), *_quorum_faults(settings, assignments)]
    faults += [*batch_faults, *_missing_runs(workspace)]
    return {
        "v": 1,
        "ok": not faults,
        "faults": faults,
        "root": str(workspace.root),
        "assignments": [
            {"persona": assignment.persona, "ref": assignment.ref} for assignment in assignments
        ],
        "keys": {
            variable: name in settings.keys
            for name in _configured(settings, assignments)
            if (variable := settings.services[name].key_variable)
        },
        "services": [
            _describe(settings, name, service)
            for name in _configured(settings, assignments)
            if (service := settings.service(name))
        ],
        "libraries": {name: _installed(name) for name in _LIBRARIES},
        "runs": len(readable) + len(damaged),
        "damaged": [str(fault) for fault in damaged],
        "last_batch": last,
        "notes": [*_notes(settings, assignments), *_damage_notes(workspace)],
    }


def _last_batch(workspace: Workspace) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the last batch, None where there was none, and what is wrong with the ledger or it."""
    if not workspace.has_ledger:
        return None, []
    try:
        with workspace.ledger() as ledger:
            ledger.try_writing()
            batch, waiting = ledger.batches.last(), len(ledger.jobs.ids(_LEFT))
    except PanelError as error:
        return None, str(error).splitlines()
    if batch is None:
        return None, []
    hours = (workspace.clock.now() - (batch.ended or batch.began)).total_seconds() / 3600
    most = workspace.settings.batch.overdue_after_h
    overdue = most is not None and hours > most
    found = {
        "id": batch.id,
        "ended": batch.ended.isoformat() if batch.ended else None,
        "exit": batch.exit,
        "hours_ago": round(hours, 1),
        "left": waiting,
    }
    age = f"{hours:.0f}" if hours >= _SHOWN_WHOLE_H else f"{hours:.1f}"
    why = f"the last batch, {batch.id}, is {age} hours old. See why none has run since."
    return found, [why] if overdue else []


def _write_faults(workspace: Workspace) -> list[str]:
    """Return a fault for each folder of a batch that is there and cannot be written to."""
    root, now = workspace.root, workspace.clock.now()
    folders = {root: "nothing", root / "batches": "no report", workspace.pages: "no page"}
    if workspace.settings.database_url is None:
        zones = (UTC, ZoneInfo(workspace.settings.batch.zone))
        today = {root / "runs" / now.astimezone(zone).date().isoformat() for zone in zones}
        folders |= dict.fromkeys((root / "runs", *sorted(today)), "no run")
    return [
        f"{folder}: {fault.strerror}; {what} can be kept here. {advice_for(fault)}"
        for folder, what in folders.items()
        if os.path.lexists(folder) and (fault := _try_writing(folder)) is not None
    ]


def _try_writing(folder: Path) -> OSError | None:
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"shipskip")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return error
    return None


def _missing_runs(workspace: Workspace) -> list[str]:
    return [one.why for one in workspace.runs.missing()]


def _quorum_faults(settings: Settings, assignments: Sequence[Assignment]) -> list[str]:
    fault = quorum_fault(len(assignments), settings.verdict.quorum)
    return [fault] if fault else []


def _package_faults() -> list[str]:
    """Return a fault where another distribution's `panel` took the place of ours."""
    if (Path(str(files("panel"))) / "ports.py").is_file():
        return []
    return ["another package named panel is installed over this one; give shipskip its own venv"]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return f"not installed; pip install '{_OPTIONAL[name]}'" if name in _OPTIONAL else "missing"


def _configured(settings: Settings, assignments: Sequence[Assignment]) -> list[str]:
    """Return the services that a key, a setting or an assignment names, and those asked by a key."""
    assigned = {assignment.provider for assignment in assignments}
    own = {name for name, one in settings.services.items() if one != built_in().get(name)}
    named = {*settings.keys, *settings.providers, *settings.models.defaults, *own, *assigned}
    return [name for name in settings.services if name in named]


def _describe(settings: Settings, name: str, service: ModelService) -> dict[str, Any]:
    """Return how a service is asked, and what it lacks; no key, no password and no query."""
    variable = service.key_variable
    if name in settings.keys:
        key = f"{variable} is set"
    elif service.needs_key:
        key = f"{variable} is not set" if variable else "no variable is named for its key"
    else:
        key = "needs no key" + (f" ({variable} is not set)" if variable else "")
    return {
        "name": name,
        "ready": settings.has_key(name),
        "key": key,
        "address": _address(service),
        "takes": ", ".join(_takes(service)),
    }


def _address(service: ModelService) -> str:
    if service.base_url is None:
        return "a file on this machine" if service.has_address else "no base_url is set"
    query = " with a query" if "?" in service.base_url else ""
    return f"{redact_url(service.base_url)}{query}"


def _takes(service: ModelService) -> Iterator[str]:
    """Yield what a service takes and what it is not sent, a phrase each."""
    adapter = ADAPTERS[service.api]
    if adapter.extra and not _installed(adapter.library)[0].isdigit():
        yield f"pip install '{adapter.extra}' first"
    beside = " and the schema in the prompt" if service.quirks.puts_schema_in_prompt else ""
    form = "no response format" if service.answer_format == "none" else service.answer_format
    yield f"{service.api} API with {form}{beside}"
    if service.describes:
        yield "bounds as descriptions"
    if service.leaves_out:
        yield f"without {' and '.join(service.leaves_out)}"


def _notes(settings: Settings, assignments: Sequence[Assignment]) -> list[str]:
    """Return what an editor may want to know: who is asked where, and what else could answer."""
    notes = [
        f"{name} has a key and no model: name one, as --model {name}:{one.model_example} or under "
        "[models]"
        for name in settings.keys
        if (one := settings.services.get(name)) and settings.default_model(name) is None
    ]
    if not settings.keys and available_models(settings) == (CHECKLIST,):
        asked = [one.key_variable for one in settings.services.values() if one.default_model]
        notes.append(
            f"no key is set. Set {' or '.join(filter(None, asked))}, or use --model manual to paste "
            "the prompts into any chat"
        )
    if any(assignment.provider == CHECKLIST for assignment in assignments):
        notes.append("the built-in checklist answers; it asks no model, and says so on every page")
    notes.append(
        "a model on this machine answers as --model local:PATH.gguf: install 'shipskip[local]' and "
        "download weights as one .gguf file (model hubs have them; an instruct model of 7B or more in "
        "4 bits takes about 5 GB)"
    )
    return notes


def _damage_notes(workspace: Workspace) -> list[str]:
    """Return a note on each run that a batch has set aside because it is damaged."""
    return [
        f"{path}: a damaged run, set aside by a batch that convened its panel anew. Look at it, then "
        "remove it"
        for path in workspace.runs.damaged()
    ]
