"""Decisions on runs: what waits for an editor, what an editor decides, and what the public may read.

The command line and the desk both decide here, so that one does all that the other does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePath

from pydantic import ValidationError

from panel.app.decision_index import DecisionIndex, fold_runs
from panel.app.redacted_runs import find_redacted, say_redacted
from panel.app.workspace import Workspace
from panel.domain.ballot import Decision
from panel.domain.decision import (
    DONE,
    NOUNS,
    Change,
    DecisionKind,
    Draft,
    EditorialDecision,
    Grounds,
    SiteBuild,
    Subject,
    grounds_of,
    subject_of,
)
from panel.domain.namesakes import compare_tools
from panel.domain.run import Run
from panel.domain.run_document import slug_of
from panel.domain.tool import Tool
from panel.domain.validation import first_fault_of
from panel.editorial.fields import apply, change_of
from panel.editorial.gates import NAMESAKE, Gate, check_gates, require_gates
from panel.editorial.open_points import known_sentences, raised_flags
from panel.editorial.publication import (
    MOVES,
    Publication,
    PublicationState,
    current,
    publication_of,
)
from panel.editorial.stale_reviews import stale_reviews
from panel.errors import Busy, ConfigError, Overtaken, StoreError
from panel.ports import Ledger

_OF_WHAT_IS_PUBLIC: frozenset[DecisionKind] = frozenset({"correct", "withdraw"})
_INSTEAD: Mapping[PublicationState, str] = {
    "waiting": "approve, edit, override, hold or reject it",
    "held": "approve, edit, override or reject it, or undo the hold",
    "rejected": "approve or hold it, or undo the rejection",
    "approved": "correct, override or withdraw it",
    "withdrawn": "approve it again, correct it, or undo the withdrawal",
}


@dataclass(frozen=True)
class RunPublication:
    """A run, its place in the store, and what the decisions on it come to.

    `seen` is the number of the last decision on any run of its tool: a further one names it. `document`
    is the digest of what the run was read from, where it was read to be decided on. `namesake` is
    another tool that is public under its slug, where that was looked for.
    """

    run: Run
    path: PurePath
    publication: Publication
    seen: int = 0
    document: str | None = None
    namesake: Tool | None = None

    @property
    def public(self) -> Run:
        """The run as readers see it: see `as_public`."""
        return as_public(self.run, self.publication)

    def require_fit(self) -> None:
        """Raise StoreError where what the editors changed does not fit the run any more."""
        as_public(self.run, self.publication)


@dataclass(frozen=True)
class Published:
    """What the public may read: the approved runs, one a tool, and the withdrawn ones.

    `withdrawn` are publications without their runs, which may be gone. `earlier` has for a tool's slug
    what was public of it before, each with its run as readers saw it, None where that is gone or was
    changed. `upto` is the number of the last decision that it has. `faults` names each approved run
    that is gone, or was changed after its approval: it is in neither.
    """

    approved: tuple[RunPublication, ...]
    withdrawn: tuple[Publication, ...]
    upto: int
    faults: tuple[StoreError, ...]
    earlier: Mapping[str, tuple[tuple[Run | None, Publication], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldEdit:
    """A new value for a field; None says that it is not stated. `found` is where it was found."""

    field: str
    value: str | None
    found: str | None = None


@dataclass(frozen=True)
class Order:
    """What an editor asks for: a kind of decision and all that goes with it.

    What the editor was looking at: `shown` has the digests of the run, `seen` the number of the last
    decision on its tool, and `redacted` the id of the run without the passages of this one, empty where
    there was none. `undoes` is the number of the decision that an undo was offered for. None where
    that is read now.
    """

    kind: DecisionKind
    editor: str
    reason: str
    edits: tuple[FieldEdit, ...] = ()
    verdict: Decision | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    from_list: bool = False
    shown: Grounds | None = None
    seen: int | None = None
    redacted: str | None = None
    undoes: int | None = None


def publication(
    workspace: Workspace, name: str | PurePath, kind: DecisionKind | None = None
) -> RunPublication:
    """Return the run that `name` is (a folder, an id or a slug) with its publication.

    A slug is the run that is public where `kind` is about that, the one that was decided on last where
    it is an undo, else its newest run with a verdict. Raises ConfigError, also for a run of another
    workspace, and StoreError.
    """
    with _ledger(workspace) as ledger:
        subject = _subject_of_slug(_of_tool(ledger, str(name)), kind)
        path = workspace.runs.find(subject.day, subject.run) if subject else None
        path = path or workspace.place_of(name)
        run, document = workspace.runs.read_with_digest(path)
        _refuse_foreign(workspace, run, path)
        found = with_namesake(workspace, run, path, _of_tool(ledger, run.slug))
        return replace(found, document=document)


def _refuse_foreign(workspace: Workspace, run: Run, path: PurePath) -> None:
    """Raise ConfigError where a run lies elsewhere: its publication is in the ledger of that place."""
    if Path(path).resolve() != Path(workspace.runs.place(run)).resolve():
        raise ConfigError(
            f"{path}: this run is not in {workspace.runs.name}. Decide on it in its own workspace "
            "(--root), or copy its folder there first."
        )


def as_public(run: Run, publication: Publication) -> Run:
    """Return `run` as readers see it: with what the editors changed, its verdict still the panel's.

    Raises StoreError where a change does not fit the run: it is not the one that was decided on.
    """
    try:
        return apply(run, publication.changes)
    except ConfigError as error:
        raise StoreError(
            f"{run.id}: what its editors changed does not fit it, so it was changed since. Restore it, "
            f"or decide on it anew. ({error})"
        ) from error


def waiting(
    workspace: Workspace, index: DecisionIndex | None = None
) -> tuple[list[RunPublication], list[StoreError]]:
    """Return the newest run of each tool that waits or is held, oldest first, and the damage met.

    Last come the runs that wait for answers by hand, where no run of their tool is finished.
    Only runs that may wait are read: those decided on are known from the ledger.
    """
    index = _refreshed(workspace, index)
    ended = {(str(day), run) for day, run in index.ended()}
    found, faults = [], []
    for paths in _newest_of_each(workspace.runs.paths()).values():
        open_ = [path for path in paths if (path.parent.name, path.name) not in ended]
        runs, damaged = workspace.read_each(
            lambda path: (workspace.runs.read(path), path), paths if open_ else ()
        )
        faults += damaged
        if not runs:
            continue
        run, path = max(runs, key=lambda pair: (pair[0].is_final, pair[0].started))
        if path in open_ and (run.state == "finished" or run.waits_by_hand):
            try:
                one = with_namesake(workspace, run, path, index.of_tool(run.slug))
                one.require_fit()
            except StoreError as error:
                faults.append(error)
            else:
                found.append(one)
    return sorted(found, key=lambda one: (one.run.waits_by_hand, one.run.started)), faults


def gates(
    found: RunPublication,
    *,
    answers: Mapping[str, str] | None = None,
    read: Iterable[str] = (),
    shown: Grounds | None = None,
) -> tuple[Gate, ...]:
    """Return every gate before the approval of a run: see `panel.editorial.gates`."""
    return check_gates(
        found.run,
        found.publication,
        answers=answers,
        read=read,
        seen=shown,
        namesake=found.namesake,
    )


def decide(workspace: Workspace, name: str | PurePath, order: Order) -> RunPublication:
    """Write down a decision on the run that `name` is, and return what it comes to.

    Raises GateRefused where a gate stands before an approval, Overtaken where another editor decided
    on the tool meanwhile, or the run is another one than was shown, Busy while its panel is at work,
    ConfigError where the run is in no state for it or the order names what is not there, and
    StoreError. In each of these cases nothing is written.
    """
    found = publication(workspace, name, order.kind)
    require_unchanged(workspace, found, order)
    _require_move(found.publication, order)
    _require_parts(found, order)
    if order.kind == "approve":
        checked = gates(found, answers=order.answers, read=order.read, shown=order.shown)
        require_gates(checked, found.run.id)
    seen = found.seen if order.seen is None else order.seen
    with workspace.ledger() as ledger:
        undone = _undone(found, ledger, order) if order.kind == "undo" else None
        draft = _draft(workspace.clock.now(), found, order, undone)
        ledger.decisions.add(draft, seen)
        return with_publication(found.run, found.path, ledger.decisions.of_tool(draft.subject.tool))


def published(workspace: Workspace, index: DecisionIndex | None = None) -> Published:
    """Return all that the public may read, each tool once, that approved last first."""
    index = _refreshed(workspace, index)
    approved, faults = [], []
    public = index.public().values()
    for one in public:
        if one.state == "approved":
            try:
                approved.append(read_approved(workspace, one))
            except StoreError as error:
                faults.append(error)
    withdrawn = tuple(one for one in public if one.state == "withdrawn")
    earlier = {
        slug: tuple(_read_replaced(workspace, one) for one in ones)
        for slug, ones in index.replaced().items()
    }
    return Published(tuple(approved), withdrawn, index.upto, tuple(faults), earlier)


def _read_replaced(workspace: Workspace, listed: Publication) -> tuple[Run | None, Publication]:
    """Return a run that another one has replaced in public, None where it is not as it was approved."""
    try:
        found = read_approved(workspace, listed)
    except StoreError:  # it is shown no more: its dates and reasons are the ledger's
        return None, listed
    return found.public, found.publication


def read_approved(workspace: Workspace, listed: Publication) -> RunPublication:
    """Return the run of a publication of `DecisionIndex.public`, as it was approved.

    Raises StoreError where it is gone, damaged, or another one than was approved.
    """
    subject, approval = listed.subject, listed.approval
    path = workspace.runs.find(subject.day, subject.run)
    if path is None or approval is None:
        raise StoreError(
            f"{subject.run}: it was approved and is gone from {workspace.runs.name}. Restore it, or "
            f"withdraw it: `shipskip withdraw {subject.tool}`."
        )
    run, document = workspace.runs.read_with_digest(path)
    stands_on = approval.grounds
    if document != stands_on.document and grounds_of(run).run != stands_on.run:
        raise StoreError(
            f"{path}: it was changed after {approval.editor} approved it. Restore it, or withdraw and "
            "approve it as it is now."
        )
    return with_publication(run, path, listed.history)


def with_publication(run: Run, path: PurePath, past: Sequence[EditorialDecision]) -> RunPublication:
    """Return `run` with what the decisions on its tool come to, which are `past`, oldest first."""
    seen = past[-1].number if past else 0
    return RunPublication(run, path, publication_of(run, past), seen)


def with_namesake(
    workspace: Workspace, run: Run, path: PurePath, past: Sequence[EditorialDecision]
) -> RunPublication:
    """Return as `with_publication`, with another tool that is public under the slug of `run`.

    A public run that cannot be read any more is known by its name alone.
    """
    found = with_publication(run, path, past)
    public = next(iter(current(fold_runs(past)).values()), None)
    if public is None or public.subject == found.publication.subject:
        return found
    there = _tools_of(workspace, public)
    here = (run.tool, found.public.tool)
    pairs = ((_known(one), _known(other)) for one in here for other in there)
    if any(compare_tools(one, other) != "other" for one, other in pairs):
        return found
    return replace(found, namesake=there[-1])


def _tools_of(workspace: Workspace, public: Publication) -> tuple[Tool, ...]:
    """Return the tool of what is public as it was recorded, and as readers see it."""
    try:
        found = read_approved(workspace, public)
    except StoreError:
        return (Tool(name=public.subject.name, description="."),)
    return found.run.tool, found.public.tool


def _known(tool: Tool) -> tuple[str, str | None, str | None]:
    return tool.name, tool.url, tool.vendor


def record_build(workspace: Workspace, build: SiteBuild) -> None:
    """Write down a build of the public site: decisions up to `build.upto` cannot be undone then."""
    with workspace.ledger() as ledger:
        ledger.decisions.record_build(build)


@contextmanager
def _ledger(workspace: Workspace) -> Iterator[Ledger | None]:
    """Yield the ledger, None where none was ever made: to read what was decided makes none."""
    if not workspace.has_ledger:
        yield None
        return
    with workspace.ledger() as ledger:
        yield ledger


def _of_tool(ledger: Ledger | None, slug: str) -> tuple[EditorialDecision, ...]:
    return ledger.decisions.of_tool(slug) if ledger else ()


def _subject_of_slug(
    past: Sequence[EditorialDecision], kind: DecisionKind | None
) -> Subject | None:
    """Return the run that a slug means for this kind of decision; None: its newest."""
    if kind in _OF_WHAT_IS_PUBLIC:
        return next((one.subject for one in current(fold_runs(past)).values()), None)
    return past[-1].subject if past and kind == "undo" else None


def _refreshed(workspace: Workspace, index: DecisionIndex | None) -> DecisionIndex:
    index = index or DecisionIndex(workspace)
    index.refresh()
    return index


def _newest_of_each(paths: Iterable[PurePath]) -> dict[str, list[PurePath]]:
    """Return for each slug the runs of the last date on which there was one."""
    newest: dict[str, list[PurePath]] = {}
    for path in paths:
        slug = slug_of(path)
        if slug not in newest or newest[slug][0].parent.name < path.parent.name:
            newest[slug] = []
        if not newest[slug] or newest[slug][0].parent.name == path.parent.name:
            newest[slug].append(path)
    return newest


def require_unchanged(workspace: Workspace, found: RunPublication, order: Order) -> None:
    """Raise Overtaken where a run is not as the editor of an order saw it, Busy while it is written.

    Decisions that came meanwhile are for the ledger to refuse, and another text of the run at an
    approval for its gate: both say more.
    """
    name = found.run.tool.name
    if workspace.runs.is_at_work(found.path):
        raise Busy(
            f"{name}: its panel is at work on this run, and nothing was written. Wait until it has "
            "ended, and look at it as it is then."
        )
    shown = order.shown.run if order.shown and order.kind != "approve" else ""
    if shown and shown != grounds_of(found.run).run:
        raise Overtaken(
            f"{name}: its run was changed since it was shown to you, and nothing was written. Look at "
            "it as it is now, and decide again."
        )
    again = None if order.redacted is None else find_redacted(workspace, found.run)
    if again is not None and again.id != order.redacted:
        raise Overtaken(
            f"{name}: {say_redacted(again)}, and nothing was written. Look at both, and decide again."
        )


def require_seen(workspace: Workspace, found: RunPublication, order: Order) -> None:
    """Raise as `require_unchanged`, and Overtaken where another decision on the tool came meanwhile."""
    require_unchanged(workspace, found, order)
    if order.seen in (None, found.seen):
        return
    on_it = (one for one in found.publication.history if one.number == found.seen)
    last = next(on_it, None)
    who = (
        f"{last.editor} decided on it ({last.kind})" if last else "another run of it was decided on"
    )
    raise Overtaken(
        f"{found.run.tool.name}: {who} meanwhile, and nothing was written. Look at it as it is now, "
        "and decide again.",
        number=found.seen,
    )


def _require_move(publication: Publication, order: Order) -> None:
    if order.kind in MOVES[publication.state]:
        return
    state, run = publication.state, publication.subject.run
    last = publication.effective[-1] if publication.effective else None
    by = f" by {last.editor}" if last is not None and state != "waiting" else ""
    raise ConfigError(
        f"{run}: it is {state}{by}, so it cannot be {DONE[order.kind]}. You may {_INSTEAD[state]}."
    )


def _draft(now: datetime, found: RunPublication, order: Order, undone: int | None) -> Draft:
    """Return the decision that an order asks for. Raises ConfigError where a value of it is none."""
    try:
        return Draft(
            kind=order.kind,
            subject=subject_of(found.run),
            editor=order.editor,
            reason=order.reason,
            at=now,
            grounds=grounds_of(found.run, found.document),
            changes=_changes(found, order.edits),
            verdict=order.verdict,
            answers=dict(order.answers),
            read=order.read,
            undoes=undone,
            from_list=order.from_list,
        )
    except ValidationError as error:
        place, why = first_fault_of(error)
        raise ConfigError(f"{place}: {why}. Correct it and decide again.") from error


def _changes(found: RunPublication, edits: Iterable[FieldEdit]) -> tuple[Change, ...]:
    changes: list[Change] = []
    run = found.public if edits else found.run
    for edit in edits:
        changes.append(change_of(run, edit.field, edit.value, edit.found))
        run = apply(run, changes[-1:])
    return tuple(changes)


def _require_parts(found: RunPublication, order: Order) -> None:
    run = found.run.id
    if order.kind == "correct" and not order.edits:
        raise ConfigError(f"{run}: a correction names a field and its value: --field and --value.")
    if order.kind == "edit" and not (order.edits or order.answers or order.read):
        raise ConfigError(
            f"{run}: an edit names a field and its value, an answer to a flag, or a sentence that was "
            "read: --field and --value, --answer, --read."
        )
    if order.edits and order.kind not in ("edit", "correct"):
        raise ConfigError(f"{run}: a field is changed by `edit` or `correct`, on its own.")
    if (order.verdict is not None) != (order.kind == "override"):
        raise ConfigError(
            f"{run}: an override names the verdict: --verdict ship or --verdict skip."
        )
    if order.kind == "override" and order.verdict == found.publication.decision:
        raise ConfigError(f"{run}: its verdict is {order.verdict} already.")
    if order.answers:
        points = [one.id for one in raised_flags(found.run)]
        points += [one.id for one in stale_reviews(found.run, found.publication)]
        points += [NAMESAKE] if found.namesake else []
        _require_known(f"{run} has no such flag", order.answers, points)
    if order.read:
        sentences = [one.id for one in known_sentences(found.public)]
        _require_known(f"{run} has no such unchecked sentence", order.read, sentences)


def _require_known(why: str, named: Iterable[str], there: Sequence[str]) -> None:
    for one in named:
        if one not in there:
            raise ConfigError(f"{one}: {why}. It has {', '.join(there) or 'none'}.")


def _undone(found: RunPublication, ledger: Ledger, order: Order) -> int:
    """Return the number of the decision that an undo takes back: the last one that counts."""
    run, effective = found.run.id, found.publication.effective
    if not effective:
        raise ConfigError(f"{run}: nothing was decided on it that could be undone.")
    last, build = effective[-1], ledger.decisions.last_build()
    if order.undoes not in (None, last.number):
        raise Overtaken(
            f"{found.run.tool.name}: {last.editor} decided on it after that ({last.kind}, "
            f"{last.at:%Y-%m-%d %H:%M} UTC), and nothing was undone. Look at it as it is now.",
            number=last.number,
        )
    was_public = any(one.kind == "approve" for one in effective)
    if build is not None and was_public and last.number <= build.upto:
        raise ConfigError(
            f"{run}: its {NOUNS[last.kind]} is in the site that was built at "
            f"{build.at:%Y-%m-%d %H:%M} UTC, so it cannot be undone. Correct or withdraw the run."
        )
    return last.number
