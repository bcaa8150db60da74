"""Old runs are removed, except what is still needed: see `plan_prune`."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Final

from panel.app.decision_index import DecisionIndex
from panel.app.predictions import predictions
from panel.app.workspace import Workspace
from panel.domain.job import JobState
from panel.domain.run import Run
from panel.errors import Busy, ConfigError, PanelError, StoreError
from panel.store.archive import files_in, write_archive
from panel.store.page_files import PageFiles

_GOES_ON: Final[frozenset[JobState]] = frozenset({"queued", "running", "waiting", "failed"})
_IS_PUBLISHED: Final = "it is published"
_ON_A_PAGE: Final = "a page stands on it"
_CAN_GO_ON: Final = "it can go on"
_HAS_A_JOB: Final = "a batch can go on with it"
_IS_DECIDED_ON: Final = "an editor decided on it"
_DAMAGED: Final = "it is damaged: look at it first"


@dataclass(frozen=True)
class OldRun:
    """A run that is old enough to be removed, or damaged, with the bytes of its files on the disk.

    `kept` says why it stays, None where it goes. Of a run in a database `size` has only what lies
    beside it.
    """

    path: PurePath
    size: int
    kept: str | None = None


@dataclass(frozen=True)
class PrunePlan:
    """What would be removed, and which old runs stay with the reason for each.

    The ledger, its journal and all newer runs stay in any case.
    """

    runs: tuple[OldRun, ...]

    @property
    def removed(self) -> tuple[OldRun, ...]:
        """The runs that go, oldest first."""
        return tuple(run for run in self.runs if run.kept is None)

    @property
    def kept(self) -> tuple[OldRun, ...]:
        """The old runs that stay, oldest first."""
        return tuple(run for run in self.runs if run.kept is not None)

    @property
    def size(self) -> int:
        """The bytes that become free."""
        return sum(run.size for run in self.removed)


def plan_prune(workspace: Workspace, older_than: timedelta, site: Path | None = None) -> PrunePlan:
    """Return which runs that began longer ago than `older_than` can be removed.

    A run stays where it has not ended, where it is what is published of its tool, where an editor
    decided on it otherwise than to reject it, where a page or comparison below `site` (the workspace's
    by default) shows it, where its job in the ledger may go on, and where it is damaged. Raises
    StoreError where a page or the ledger cannot be read, since then nobody knows what they stand on.
    """
    before = workspace.clock.now() - older_than
    shown = PageFiles(site or workspace.pages).runs_shown()
    needed = _runs_of_jobs(workspace)
    decided = _decided_on(workspace)
    found = []
    for path in workspace.runs.paths():
        try:
            run = workspace.runs.read(path)
        except StoreError:
            found.append(OldRun(path, _size(workspace, path), _DAMAGED))
            continue
        if run.started >= before:
            continue
        why = decided.get((run.inputs.date, run.id)) or _why_needed(run, shown, needed)
        found.append(OldRun(path, _size(workspace, path), why))
    return PrunePlan(tuple(found))


def archive_runs(workspace: Workspace, plan: PrunePlan, archive: Path) -> int:
    """Return the bytes of a new tar file with the runs that go, read back and compared.

    Raises ConfigError where there is such a file, or where runs are in a database, and StoreError.
    """
    if workspace.settings.database_url is not None:
        raise ConfigError(
            "--archive: these runs are in a database. Back it up with pg_dump, then prune without it."
        )
    if archive.exists():
        raise ConfigError(f"{archive}: it is there already. Name another file for the archive.")
    folders = [Path(run.path) for run in plan.removed]
    return write_archive(archive, folders, workspace.root)


def remove_runs(
    workspace: Workspace, plan: PrunePlan, archive: Path | None = None
) -> Iterator[tuple[OldRun, PanelError | None]]:
    """Remove the runs that go, one after the other; yield each, with the error where it stayed.

    `archive` is the file that has a copy of them. A removed run is not missing from then on. What a
    prune that was killed left behind goes first. Raises StoreError and Busy where predictions cannot be
    written to the ledger; then no run goes.
    """
    workspace.runs.finish_removals()
    if plan.removed:
        predictions(workspace)
    now, name = workspace.clock.now(), None if archive is None else archive.name
    for run in plan.removed:
        try:
            workspace.runs.remove(run.path, now, name)
        except StoreError as error:
            yield run, error
        except Busy as error:
            is_gone = workspace.runs.at(str(run.path)) is None  # another prune is at it
            yield run, None if is_gone else error
        else:
            yield run, None


def reasons(plan: PrunePlan) -> Mapping[str, int]:
    """Return how many old runs stay for each reason."""
    counts: dict[str, int] = {}
    for run in plan.kept:
        counts[run.kept or ""] = counts.get(run.kept or "", 0) + 1
    return counts


def _runs_of_jobs(workspace: Workspace) -> frozenset[str]:
    if not workspace.has_ledger:
        return frozenset()
    with workspace.ledger() as ledger:
        jobs = map(ledger.jobs.get, ledger.jobs.ids(_GOES_ON))
        return frozenset(job.run for job in jobs if job.run is not None)


def _why_needed(run: Run, shown: Container[str], of_jobs: Container[str]) -> str | None:
    if not run.is_final:
        return _CAN_GO_ON
    if run.id in shown:
        return _ON_A_PAGE
    return _HAS_A_JOB if run.id in of_jobs else None


def _decided_on(workspace: Workspace) -> dict[tuple[date, str], str]:
    """Return why runs stay for what editors decided on them, by date and id."""
    index = DecisionIndex(workspace)
    index.refresh()
    found = {
        one.subject.key: _IS_DECIDED_ON for one in index.publications() if one.state != "rejected"
    }
    public = index.public().values()
    return found | {one.subject.key: _IS_PUBLISHED for one in public if one.state == "approved"}


def _size(workspace: Workspace, path: PurePath) -> int:
    return sum(file.stat().st_size for file in files_in(workspace.runs.beside(path)))
