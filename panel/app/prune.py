"""Old runs are removed, except what is still needed: see `plan_prune`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Final

from panel.app.workspace import Workspace
from panel.domain.job import JobState
from panel.errors import Busy, ConfigError, PanelError, StoreError
from panel.store.archive import files_in, write_archive
from panel.store.page_files import SiteFiles

_GOES_ON: Final[frozenset[JobState]] = frozenset({"queued", "running", "waiting", "failed"})
_ON_A_PAGE: Final = "a page stands on it"
_CAN_GO_ON: Final = "it can go on"
_HAS_A_JOB: Final = "a batch can go on with it"
_DECIDED: Final = "an editor decided on it"
_DAMAGED: Final = "it is damaged: look at it first"


@dataclass(frozen=True)
class OldRun:
    """A run that is old enough to be removed, with its size on the disk.

    `kept` says why it stays, None where it goes.
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

    A run stays where it has not ended, where a page or comparison below `site` (the workspace's by
    default) shows it, where its job in the ledger may go on, where an editor decided on it, unless it
    was rejected, and where it is damaged. The public site stands on runs that the pages of `site` may
    have left behind. Raises StoreError where a page or the ledger cannot be read, since then nobody
    knows what they stand on.
    """
    before = workspace.clock.now() - older_than
    shown = SiteFiles(site or workspace.site).runs_shown()
    has_job, decided = _runs_in_ledger(workspace)
    found = []
    for path in workspace.runs.paths():
        try:
            run = workspace.runs.read(path)
        except StoreError:
            found.append(OldRun(path, _size(workspace, path), _DAMAGED))
            continue
        if run.started >= before:
            continue
        why = (
            _CAN_GO_ON
            if not run.is_final
            else _ON_A_PAGE
            if run.id in shown
            else _HAS_A_JOB
            if run.id in has_job
            else _DECIDED
            if run.id in decided
            else None
        )
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

    `archive` is the file that has a copy of them. A removed run is not missing from then on.
    """
    now, name = workspace.clock.now(), None if archive is None else archive.name
    for run in plan.removed:
        try:
            workspace.runs.remove(run.path, now, name)
        except (Busy, StoreError) as error:
            is_gone = workspace.runs.at(str(run.path)) is None  # another prune was faster
            yield run, None if is_gone else error
        else:
            yield run, None


def reasons(plan: PrunePlan) -> Mapping[str, int]:
    """Return how many old runs stay for each reason."""
    counts: dict[str, int] = {}
    for run in plan.kept:
        counts[run.kept or ""] = counts.get(run.kept or "", 0) + 1
    return counts


def _runs_in_ledger(workspace: Workspace) -> tuple[frozenset[str], frozenset[str]]:
    """Return the runs whose jobs may go on, and those on which an editor decided but to reject them."""
    if not workspace.has_ledger:
        return frozenset(), frozenset()
    with workspace.ledger() as ledger:
        jobs = map(ledger.jobs.get, ledger.jobs.ids(_GOES_ON))
        has_job = frozenset(job.run for job in jobs if job.run is not None)
        last = {decision.subject.run: decision.kind for decision in ledger.decisions.after()}
        return has_job, frozenset(run for run, kind in last.items() if kind != "reject")


def _size(workspace: Workspace, path: PurePath) -> int:
    return sum(file.stat().st_size for file in files_in(workspace.runs.beside(path)))
