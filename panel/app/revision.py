"""A tool that is reviewed again: what changed since the run that is published of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from panel.app.decision_index import fold_runs
from panel.app.decisions import RunPublication, with_publication
from panel.app.workspace import Workspace
from panel.domain.difference import Difference, TextChange, difference
from panel.domain.job import Job
from panel.domain.run import Run
from panel.domain.watched_page import FlipCheck, PageChange
from panel.editorial.publication import Publication
from panel.errors import StoreError
from panel.ports import Ledger
from panel.publish.changes import describe_changes, in_short


@dataclass(frozen=True)
class Revision:
    """What is otherwise in a run than in `former`, the published run of the same tool before it.

    `changes` has what the watch saw on the tool's page, the last of them the text that was reviewed:
    then the text is no part of `difference`. `flips` is what a model said of that text.
    """

    former: RunPublication
    difference: Difference
    changes: tuple[PageChange, ...] = ()
    flips: FlipCheck | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """A sentence for each change between the two runs."""
        return describe_changes(self.difference)

    @property
    def in_short(self) -> str:
        """The weightiest changes in one line; empty where nothing changed that a reader sees."""
        if said := in_short(self.difference):
            return said
        return in_short(self.changes[-1].difference) if self.changes else ""


@dataclass(frozen=True)
class LaterChange:
    """What the page of a published run says otherwise since, and the job of that text.

    A text that was before the panel already has the job of then, and its run is not made again.
    """

    change: PageChange
    job: Job

    @property
    def was_reviewed(self) -> bool:
        """Whether the panel had that text before the page said it again."""
        day = self.job.run_date
        return day is not None and day < self.change.at.astimezone(UTC).date()


def later_changes(workspace: Workspace, found: RunPublication) -> tuple[LaterChange, ...]:
    """Return what the page of `found` says otherwise since it is published, oldest first.

    Of a run that readers do not see there are none. Raises StoreError and Busy.
    """
    if found.publication.state != "approved":
        return ()
    run = found.run
    with workspace.ledger() as ledger:
        seen = ledger.watched.changes(run.slug)
        return tuple(
            LaterChange(one, ledger.jobs.get(one.job)) for one in seen if one.run == run.id
        )


def find_revision(workspace: Workspace, found: RunPublication) -> Revision | None:
    """Return what changed since the published run before `found`; None where there is none to read.

    Raises StoreError where the ledger cannot be read.
    """
    if not workspace.has_ledger:
        return None
    with workspace.ledger() as ledger:
        past = ledger.decisions.of_tool(found.run.slug)
        published = former_publication(fold_runs(past), found.run)
        if published is None:
            return None
        subject = published.subject
        try:
            path = workspace.runs.find(subject.day, subject.run)
            if path is None:
                return None
            former = with_publication(workspace.runs.read(path), path, past)
            former.require_fit()
        except StoreError:
            return None
        changes = _changes(ledger, former.run, found.run)
        whole = difference(former.public, found.public)
        if not changes:
            return Revision(former, whole)
        flips = ledger.watched.flip_checks(subject.tool)
        return Revision(
            former,
            whole.model_copy(update={"text": TextChange()}),
            changes,
            next((one for one in reversed(flips) if one.job == changes[-1].job), None),
        )


def former_publication(publications: Iterable[Publication], run: Run) -> Publication | None:
    """Return the approved one among the publications of a tool's runs that was so before `run`."""
    of_run = (run.inputs.date, run.id)
    listed = [(one, one.approval.number) for one in publications if one.approval is not None]
    own = (number for one, number in listed if one.subject.key == of_run)
    until = next(own, None)
    before = [
        (number, one)
        for one, number in listed
        if one.state == "approved" and one.subject.key != of_run
    ]
    earlier = [pair for pair in before if until is None or pair[0] < until]
    return max(earlier, key=lambda pair: pair[0])[1] if earlier else None


def _changes(ledger: Ledger, former: Run, run: Run) -> tuple[PageChange, ...]:
    """Return the changes of the page of `former` up to the one whose text `run` is of."""
    tool = former.slug
    seen = [one for one in ledger.watched.changes(tool) if one.run == former.id]
    for number, change in enumerate(seen, start=1):
        if ledger.jobs.get(change.job).run == run.id:
            return tuple(seen[:number])
    return ()
