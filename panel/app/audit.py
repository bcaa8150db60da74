"""The audit of an archive: runs in, figures out; and what of the last one readers may see."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from pydantic_core import to_json

from panel.app.workspace import Workspace
from panel.domain.last_audit import LastAudit, ShownFigure
from panel.errors import ConfigError, StoreError
from panel.store.atomic_write import write_atomically
from panel.store.disk_errors import translated
from panel.store.page_files import PageFiles
from panel.store.regular_files import read_file

if TYPE_CHECKING:
    from panel.audit.calls import CallTally
    from panel.audit.control_report import ControlReport
    from panel.audit.figure import Figure
    from panel.audit.report import Audit, PanelAudit

FOLDER: Final = "audit"
LAST: Final = "last.json"
CONTROLS: Final = "controls.json"
MISSING: Final = "An audit needs more packages: pip install 'shipskip[audit]'"


def audit_runs(workspace: Workspace, names: Sequence[str] = ()) -> "Audit":
    """Return the audit of the runs named (a folder, an id or a slug), of the whole archive by default.

    A run that cannot be read, or is gone, is passed over and named in `faults`. What readers may see of
    an audit of the whole archive is kept for `last_audit`. Raises ConfigError, also where the extra is
    missing.
    """
    try:
        from panel.audit.case import Archive  # noqa: PLC0415 - an extra
        from panel.audit.report import Audit, audit_panel  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(MISSING) from error
    places = [workspace.place_of(name) for name in names] or list(workspace.runs.paths())
    missing = () if names else workspace.runs.missing()
    archive, where = Archive(workspace.clock.now()), dict[str, PurePath]()

    def take(path: PurePath) -> None:
        run = workspace.runs.read(path)
        where.setdefault(run.id, path)
        archive.add(run)

    _, faults = workspace.read_each(take, list(dict.fromkeys(reversed(places))))
    panels = [
        audit_panel(panel, *_read_calls(workspace, [case.run for case in panel.cases], where))
        for panel in archive.panels()
    ]
    audit = Audit(
        made=workspace.clock.now(),
        panels=tuple(panels),
        left_out=dict(archive.left_out),
        faults=(*map(str, faults), *(one.why for one in missing)),
        controls=last_controls(workspace),
    )
    if panels and not names:
        last = to_json(public_audit_of(audit, panels[0]), indent=1) + b"\n"
        write_file(workspace.root / FOLDER / LAST, last)
    return audit


def public_audit_of(audit: "Audit", panel: "PanelAudit") -> LastAudit:
    """Return what readers may see of the audit of one panel."""
    return LastAudit(
        made=audit.made,
        panel=panel.key,
        reviewers=tuple(one.name for one in panel.reviewers),
        tools=panel.tools,
        unanimous=_shown(panel.figure("unanimous")),
        effective_votes=_shown(panel.figure("effective_votes")),
        votes_on_errors=_shown(audit.controls.errors) if audit.controls else None,
        controls_made=audit.controls.made if audit.controls else None,
        flips=_shown(panel.figure("flips")),
        ship_rates={
            one.reviewer: _shown(panel.figure("ship_rate", one.reviewer)) for one in panel.reviewers
        },
    )


def last_audit(workspace: Workspace) -> LastAudit | None:
    """Return what readers may see of the last audit of the whole archive; None before the first.

    The extra is not needed. Raises ConfigError where the file is damaged.
    """
    file = workspace.root / FOLDER / LAST
    try:
        return LastAudit.model_validate_json(read_file(file))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{file}: the last audit cannot be read. `shipskip audit` writes it anew."
        ) from error


def last_controls(workspace: Workspace) -> "ControlReport | None":
    """Return the last report on controls, None before the first. Raises ConfigError."""
    from panel.audit.control_report import ControlReport  # noqa: PLC0415 - an extra

    file = workspace.root / FOLDER / CONTROLS
    try:
        return ControlReport.model_validate_json(read_file(file))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{file}: the last report cannot be read. `shipskip audit --controls` writes it anew."
        ) from error


def write_page(workspace: Workspace, audit: "Audit", file: Path) -> None:
    """Write an audit as a page, with links to the pages of its runs that are in the site's folder.

    Raises StoreError.
    """
    from panel.audit.page import render_audit  # noqa: PLC0415 - an extra

    write_file(file, render_audit(audit, page_addresses(workspace, file)).encode())


def page_addresses(workspace: Workspace, file: Path) -> Callable[[str], str | None]:
    """Return what gives the address of a run's page in the site's folder, seen from `file`."""
    files = PageFiles(workspace.pages)
    places = [f"tools/{folder}" for folder in files.folders("tools", "")]
    pages = {str((files.read_document(one) or {}).get("run")): files.page(one) for one in places}

    def address(run: str) -> str | None:
        page = pages.get(run)
        return None if page is None else os.path.relpath(page, file.parent).replace(os.sep, "/")

    return address


def _read_calls(
    workspace: Workspace, runs: Sequence[str], where: "dict[str, PurePath]"
) -> "tuple[CallTally, list[str]]":
    """Return what the calls of the newest of `runs` came to, and which those are."""
    from panel.audit.calls import MOST_RUNS, CallTally  # noqa: PLC0415 - an extra

    tally, read = CallTally(), []
    for run in runs[:MOST_RUNS]:
        try:
            recording = workspace.runs.load(where[run])
        except StoreError:  # its run.json was sound, so it is in the figures of the panel
            continue
        tally.add(recording.exchanges)
        read.append(run)
    return tally, read


def _shown(figure: "Figure") -> ShownFigure:
    from panel.audit.figure import Estimate, say_figure  # noqa: PLC0415 - an extra

    says, cases = say_figure(figure), figure.cases
    if not isinstance(figure, Estimate):
        return ShownFigure(value=None, says=says, cases=cases, fewest=figure.fewest)
    return ShownFigure(value=figure.value, low=figure.low, high=figure.high, says=says, cases=cases)


def write_file(file: Path, data: bytes) -> None:
    """Write a file of the audit, its folder too. Raises StoreError."""
    with translated(file, "Make its folder writable, then audit again."):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, data)
