"""Held runs: panels after which a person has to read the text, and what that person decides.

A run is held where a reviewer or intake reported a passage that speaks to the reviewers, or another
flag says so. An editor lets it stand as it is, or has the panel convened on the text without the
passages. Either is kept in the run, with the reason.
"""

import asyncio
from functools import partial
from pathlib import PurePath

from pydantic import ValidationError

from panel.app.decision_index import DecisionIndex
from panel.app.panels import PanelRunner, ReviewOptions, StoredRun
from panel.app.publish import PublishedRun, Publisher, convene_begun
from panel.app.redacted_runs import find_redacted, say_redacted
from panel.app.workspace import Workspace
from panel.domain.decision import EditorName, Reason
from panel.domain.job import Job, JobState
from panel.domain.run import Release, Run
from panel.domain.validation import first_fault_of
from panel.domain.value import Value
from panel.errors import ConfigError, Overtaken, StoreError, UnreadableRow


def held_runs(workspace: Workspace) -> tuple[list[StoredRun], list[StoreError]]:
    """Return the runs that are held and not decided on, oldest first, and the damage met on the way.

    One that was approved, rejected or withdrawn, or whose panel was convened again without its
    passages, is decided on. Raises StoreError where the ledger cannot be read.
    """
    index, asked_again = DecisionIndex(workspace), set[str]()
    index.refresh()
    ended = index.ended()

    def read(path: PurePath) -> StoredRun | None:
        run = workspace.runs.read(path)
        if run.release and run.state == "finished":
            asked_again.add(run.release.run)
        waits = run.is_final and run.is_held and (run.inputs.date, run.id) not in ended
        return StoredRun(run, path) if waits else None

    read_runs, faults = workspace.read_each(read)
    found = [one for one in read_runs if one is not None and one.run.id not in asked_again]
    return sorted(found, key=lambda one: one.run.started), faults


def held_jobs(workspace: Workspace) -> tuple[list[Job], list[StoreError]]:
    """Return the tools that are held before a panel, the longest held first, and the damage met.

    There are none where no batch was ever begun. Raises StoreError where the ledger cannot be read.
    """
    found: list[Job] = []
    faults: list[StoreError] = []
    if workspace.has_ledger:
        with workspace.ledger() as ledger:
            for id_ in ledger.jobs.ids(frozenset({"held"})):
                try:
                    found.append(ledger.jobs.get(id_))
                except UnreadableRow as error:
                    faults.append(error)
    return found, faults


class _Signature(Value):
    """Who decides on what is held, and why: by the rules of every other decision."""

    editor: EditorName
    reason: Reason


def find_held_run(workspace: Workspace, name: str) -> StoredRun:
    """Return the held run that `name` is: its folder, its id or its tool's slug. Raises ConfigError."""
    path = workspace.place_of(name)
    run = workspace.runs.read(path)
    if not run.is_final or not run.is_held:
        raise ConfigError(f"{path}: it is not held. `shipskip held` shows what is.")
    return StoredRun(run, path, resumed=True)


def release_run(
    workspace: Workspace, stored: StoredRun, editor: str, reason: str
) -> PublishedRun | None:
    """Let a held run stand as it is, and return it with its page written anew.

    None where the page is of another run of the tool by now, or where there never was one. Raises
    Overtaken where another editor released it, or it was changed, since it was read, and where its
    panel was asked again without its passages: nothing is written then. Raises Busy, StoreError, and
    ConfigError for a name or a reason that cannot be kept.
    """
    now, signed = workspace.clock.now(), _signed(editor, reason)
    again = find_redacted(workspace, stored.run)
    if again is not None:
        raise Overtaken(
            f"{stored.run.tool.name}: {say_redacted(again)}, and nothing was written. Decide on that "
            f"run, or let this one stand all the same: `shipskip approve {stored.run.id}`."
        )
    former = stored.run.release
    release = Release(
        reason=signed.reason,
        editor=signed.editor,
        at=now,
        run=former.run if former else stored.run.id,
        without=former.without if former else (),
        before=former.before if former else None,
        former=former,
    )
    run = stored.run.model_copy(update={"release": release})
    with workspace.runs.lock(run) as folder:
        _require_unchanged(stored.run, workspace.runs.read(stored.path))
        folder.save(run)
    publisher = Publisher(workspace)
    place = publisher.place_of(run)
    return (
        publisher.publish_run(StoredRun(run, stored.path, resumed=True), place) if place else None
    )


def _require_unchanged(seen: Run, there: Run) -> None:
    """Raise Overtaken where a run is not as its editor saw it any more."""
    if there == seen:
        return
    who, told = "it was changed", there.release
    if told is not None and told != seen.release:
        by = told.editor or "another editor"
        who = f"{by} released it meanwhile ({told.at:%Y-%m-%d %H:%M} UTC)"
    raise Overtaken(
        f"{seen.tool.name}: {who}, and nothing was written. `shipskip held` shows what is held."
    )


def release_job(workspace: Workspace, job: Job, editor: str, reason: str) -> None:
    """Let a tool that is held before its panel go before it with the next batch.

    Raises ConfigError where it is not held any more, or for a name or a reason that cannot be kept,
    and StoreError.
    """
    _transition(workspace, job, "queued", editor, reason)


def dismiss_job(workspace: Workspace, job: Job, editor: str, reason: str) -> None:
    """Set a tool aside that is held before its panel: no panel is convened for this text of it.

    Raises as `release_job` does.
    """
    _transition(workspace, job, "set_aside", editor, reason)


def _transition(workspace: Workspace, job: Job, state: JobState, editor: str, reason: str) -> None:
    now, signed = workspace.clock.now(), _signed(editor, reason)
    with workspace.ledger() as ledger:
        try:
            ledger.jobs.transition(
                job.id, state, now, actor=signed.editor, reason=signed.reason, only_from="held"
            )
        except ValueError as error:
            raise ConfigError(
                f"{job.tool.name}: it is not held any more, so nothing was written. "
                "`shipskip held` shows what is."
            ) from error


async def review_without_passages(
    workspace: Workspace, stored: StoredRun, editor: str, reason: str, options: ReviewOptions
) -> PublishedRun:
    """Return the panel of a held run convened again, by the same reviewers, without its passages.

    The page of the held run becomes that of the new one. Where answers are given by hand, the same
    call goes on once they are there. Raises as `begin_without_passages` and as a review do.
    """
    begin = partial(begin_without_passages, workspace, stored, editor, reason)
    runner, begun = await asyncio.to_thread(begin)
    return await convene_begun(workspace, runner, begun, options, instead_of=stored.run)


def begin_without_passages(
    workspace: Workspace, stored: StoredRun, editor: str, reason: str
) -> tuple[PanelRunner, StoredRun]:
    """Return the run of a held run's panel without its passages, to be convened, and who convenes it.

    It is on disk, so that whoever decides next is told of it; an unfinished one of the same editor and
    reason goes on. Raises Overtaken where somebody else has asked for it already, and as `release_run`
    does; ConfigError where no passage can be taken out, or for a name or a reason that cannot be kept;
    Busy where another editor asks for it in the same moment, and StoreError.
    """
    runner, signed = PanelRunner(workspace), _signed(editor, reason)
    _require_unchanged(stored.run, workspace.runs.read(stored.path))
    again = find_redacted(workspace, stored.run)
    if again is not None:
        _require_own(again, signed)
    begun = runner.begin_without_passages(stored.run, signed.editor, signed.reason)
    if begun.resumed:
        _require_own(begun.run, signed)
        return runner, begun
    with workspace.runs.lock(begun.run) as folder:
        # Another editor may have been faster, between our look and the lock.
        again = find_redacted(workspace, stored.run)
        if again is None:
            folder.save(begun.run)
            return runner, begun
    _require_own(again, signed)
    return runner, StoredRun(again, workspace.runs.place(again), resumed=True)


def _require_own(again: Run, signed: _Signature) -> None:
    """Raise Overtaken where a run without passages has ended, or is not by this editor and reason."""
    release = again.release
    if (
        release is None
        or again.is_final
        or (release.editor, release.reason) != (signed.editor, signed.reason)
    ):
        raise Overtaken(
            f"{again.tool.name}: {say_redacted(again)}, and nothing was written. Decide on that run; "
            "one that is under way goes on at the desk, or with the same --as and --reason."
        )


def _signed(editor: str, reason: str) -> _Signature:
    try:
        return _Signature(editor=editor, reason=reason)
    except ValidationError as error:
        place, why = first_fault_of(error)
        raise ConfigError(f"{place}: {why}. Correct it and decide again.") from error
