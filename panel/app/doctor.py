"""The doctor: who would answer, what is missing, and what could fail tonight."""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from panel.app.assignments import CHECKLIST, by_keys, choose_assignments
from panel.app.panels import quorum_fault
from panel.app.settings import Settings
from panel.app.workspace import LEDGER, Workspace
from panel.domain.addresses import redact_url
from panel.domain.job import JobState
from panel.domain.run import Assignment
from panel.errors import PanelError
from panel.providers.registry import PROVIDERS, key_variables
from panel.store.disk_errors import advice_for

_LEFT: Final[frozenset[JobState]] = frozenset({"queued", "running", "waiting"})
_SHOWN_WHOLE_H: Final = 10
_LIBRARIES = (
    *(entry.library for entry in PROVIDERS.values() if entry.library),
    *("langgraph", "pydantic", "aiohttp", "uvloop"),
)
_OPTIONAL = {
    "xllamacpp": "shipskip[local]",
    "aiohttp": "shipskip[fast]",
    "uvloop": "shipskip[fast]",
}


def examine(root: str | Path | None) -> dict[str, Any]:
    """Return what was found in the workspace at `root` as one JSON document.

    `faults` are what stops a panel; `damaged` has the runs that cannot be read, which stop none.
    Raises ConfigError.
    """
    workspace = Workspace.open(root)
    settings = workspace.settings
    assignments, _, _ = choose_assignments(settings, workspace.persona_set, (), ())
    last, batch_faults = _last_batch(workspace)
    readable, damaged = workspace.read_each(workspace.runs.read)
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
        "keys": {name: provider in settings.keys for provider, name in key_variables().items()},
        "libraries": {name: _installed(name) for name in _LIBRARIES},
        "runs": len(readable) + len(damaged),
        "damaged": [str(fault) for fault in damaged],
        "last_batch": last,
        "notes": [*_notes(settings, assignments), *_damage_notes(workspace)],
    }


def _last_batch(workspace: Workspace) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the last batch, None where there was none, and what is wrong with the ledger or it."""
    if not workspace.has_ledger and not (workspace.root / LEDGER).exists():
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
    folders = {root: "nothing", root / "batches": "no report", workspace.site: "no page"}
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


def _notes(settings: Settings, assignments: Sequence[Assignment]) -> list[str]:
    """Return what an editor may want to know: who is asked where, and what else could answer."""
    notes = [
        f"{name} models are asked at {redact_url(one.base_url)}"
        for name, one in settings.providers.items()
        if one.base_url
    ]
    if by_keys(settings) == (CHECKLIST,):
        notes.append(
            f"no key is set. Set {' or '.join(key_variables().values())}, or use --model manual to "
            "paste the prompts into any chat"
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
