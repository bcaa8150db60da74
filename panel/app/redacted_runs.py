"""Runs that were convened on a held run's text without the passages that spoke to the panel."""

from contextlib import suppress

from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.domain.run_document import slug_of
from panel.errors import StoreError


def find_redacted(workspace: Workspace, run: Run) -> Run | None:
    """Return the newest run of the panel of `run` without its passages, whoever asked for it.

    None where there is none, where it came to no verdict, and where nothing was reported in `run`.
    """
    if not run.testimony.passages:
        return None
    day, slug = run.inputs.date.isoformat(), run.slug
    found: list[Run] = []
    for path in workspace.runs.paths():
        if path.parent.name >= day and slug_of(path) == slug and path.name != run.id:
            with suppress(StoreError):
                one = workspace.runs.read(path)
                if _is_redacted(one, run) and (one.is_decided or not one.is_final):
                    found.append(one)
    return max(found, key=lambda one: one.started, default=None)


def _is_redacted(found: Run, run: Run) -> bool:
    release = found.release
    return release is not None and release.run == run.id and bool(release.without)


def say_redacted(found: Run) -> str:
    """Return who had such a run convened, when and why, in one line without its end."""
    release = found.release
    if release is None:
        raise ValueError(f"{found.id}: nothing was taken out for it")
    ended = "has ended" if found.is_final else "has not ended"
    reason = " ".join(release.reason.split())
    return (
        f"{release.editor or 'an editor'} has its panel asked again without the passages since "
        f"{release.at:%Y-%m-%d %H:%M} UTC (“{reason}”); run {found.id} {ended}"
    )
