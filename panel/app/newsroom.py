"""What lies before the editors, kept in memory: only what has changed is read again.

A page of the desk is asked for often, and there may be ten thousand runs. Decisions are read from the
one after the last that is known; a run is read where its file has changed and it may still wait.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from panel.app.decision_index import DecisionIndex
from panel.app.decisions import RunPublication, gates, with_namesake
from panel.app.revision import Revision, find_revision
from panel.app.run_summary import RunSummary, summarise
from panel.app.workspace import Workspace
from panel.domain.ballot import Decision
from panel.domain.decision import EditorialDecision, SiteBuild, grounds_of
from panel.domain.run_document import slug_of
from panel.editorial.publication import Publication
from panel.errors import StoreError

FOREVER: Final = float("inf")
_REST: Final = 20  # times as long as a look at the store takes, pages do without the next one
_RECENT: Final = 500  # decisions of all editors among which one's own last is looked for


@dataclass(frozen=True)
class PublicRunSummary:
    """What the list of public runs shows of one, beside its publication.

    `decision` is the panel's, None where it decided nothing or the run cannot be read. `has_prices`
    tells whether readers are shown prices of it. `last` is the number of the last decision on the run
    when it was read.
    """

    decision: Decision | None
    has_prices: bool
    last: int


class Newsroom:
    """The runs that wait for an editor and the decisions made, of one workspace.

    The workspace has its ledger open (see Workspace.with_open_ledger). Any thread may call.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._watch = workspace.runs.watch()
        self._lock = threading.Lock()
        self._index = DecisionIndex(workspace)
        self._newest: dict[str, int] = {}
        self._recent: deque[EditorialDecision] = deque(maxlen=_RECENT)
        self._build: SiteBuild | None = None
        self._places: dict[str, set[PurePath]] = defaultdict(set)
        self._unread: dict[str, None] = {}
        self._rows: dict[str, RunSummary] = {}
        self._sorted: list[RunSummary] | None = None
        self._look_at = 0.0
        self._public: dict[str, Publication] = {}
        self._public_upto = 0
        self._summaries: dict[tuple[str, str], PublicRunSummary] = {}
        self._faults: dict[PurePath, StoreError] = {}
        self._settled: set[PurePath] = set()

    def refresh(self, at_most_s: float = FOREVER) -> int:
        """Take in what has changed, for so many seconds at most; return how many tools are unread.

        Raises StoreError where the ledger or the store cannot be read.
        """
        clock = self.workspace.clock
        with self._lock:
            self._read_decisions()
            if at_most_s == FOREVER or (not self._unread and clock.monotonic() >= self._look_at):
                began = clock.monotonic()
                self._read_changes()
                now = clock.monotonic()
                self._look_at = now + (now - began) * _REST
            end = clock.monotonic() + at_most_s
            while self._unread and clock.monotonic() < end:
                slug = next(reversed(self._unread))
                self._read_tool(slug)
                del self._unread[slug]  # not before: a ledger that is away for a moment loses none
            return len(self._unread)

    @property
    def rows(self) -> Sequence[RunSummary]:
        """The run of each tool that waits, is held or is not finished, oldest first.

        The same object is returned as long as nothing has changed.
        """
        with self._lock:
            if self._sorted is None:
                self._sorted = sorted(self._rows.values(), key=lambda row: (row.started, row.run))
            return self._sorted

    @property
    def waiting(self) -> int:
        """How many tools wait."""
        return len(self._rows)

    @property
    def faults(self) -> list[StoreError]:
        """Why runs that may wait cannot be read."""
        with self._lock:
            return list(self._faults.values())

    @property
    def public(self) -> dict[str, Publication]:
        """For each tool what is public of it, approved last first; without the panels' verdicts."""
        with self._lock:
            if self._public_upto != self._index.upto:
                self._public, self._public_upto = self._index.public(), self._index.upto
            return dict(self._public)

    @property
    def last(self) -> int:
        """The number of the last decision."""
        return self._index.upto

    @property
    def built(self) -> SiteBuild | None:
        """The last build of the public site."""
        with self._lock:
            return self._build

    def summarise_public(self, publication: Publication) -> PublicRunSummary:
        """Return what the panel decided on a run, and whether it has prices now."""
        key = _key(publication)
        known = self._summaries.get(key)
        if known is not None and known.last == publication.last:
            return known
        runs, subject = self.workspace.runs, publication.subject
        nothing = PublicRunSummary(None, has_prices=False, last=publication.last)
        path = runs.find(subject.day, subject.run)
        if path is None:
            return nothing
        try:
            run = runs.read(path)
            public = RunPublication(run, path, publication).public
        except StoreError:
            return nothing
        decision = run.decision
        found = PublicRunSummary(decision, bool(public.tool.prices), publication.last)
        self._summaries[key] = found
        return found

    def last_by(self, editor: str) -> EditorialDecision | None:
        """Return the last decision of an editor that can be undone, None where there is none.

        It is the newest on its tool, and not on the public site yet.
        """
        with self._lock:
            built = self._build.upto if self._build else 0
            ours = [
                one
                for one in self._recent
                if one.editor == editor
                and one.number > built
                and one.kind != "undo"
                and self._newest[one.subject.tool] == one.number
            ]
        return ours[-1] if ours else None

    def _read_decisions(self) -> None:
        changed = [self._index.of_tool(slug)[-1] for slug in self._index.refresh()]
        for one in sorted(changed, key=lambda one: one.number):
            self._newest[one.subject.tool] = one.number
            self._recent.append(one)
            self._mark(one.subject.tool)
        with self.workspace.ledger() as ledger:
            self._build = ledger.decisions.last_build()

    def _read_changes(self) -> None:
        found = self._watch.poll(self._settled)
        for path in sorted(found.changed):
            self._places[slug_of(path)].add(path)
            self._mark(slug_of(path))
        for path in found.gone:
            self._places[slug_of(path)].discard(path)
            self._faults.pop(path, None)
            self._mark(slug_of(path))

    def _mark(self, slug: str) -> None:
        self._unread.pop(slug, None)
        self._unread[slug] = None

    def _read_tool(self, slug: str) -> None:
        """Read the runs of a tool's last date, where one of them may wait for an editor."""
        self._sorted = None
        self._rows.pop(slug, None)
        past = self._index.of_tool(slug)
        ended = {_key(one) for one in self._index.publications_of(slug) if not one.is_open}
        places = self._places.get(slug, set())
        for path in places:
            self._faults.pop(path, None)
        newest = max((path.parent.name for path in places), default="")
        of_last_date = {path for path in places if path.parent.name == newest}
        self._settled |= places
        if all((newest, path.name) in ended for path in of_last_date):
            return
        self._settled -= of_last_date
        read = [one for path in of_last_date if (one := self._read(path, past)) is not None]
        last = max(read, key=lambda one: (one.run.is_final, one.run.started), default=None)
        if last is None or (newest, last.path.name) in ended or last.run.state == "set_aside":
            return
        again = find_revision(self.workspace, last) if past else None
        self._rows[slug] = _summary(last, again)

    def _read(self, path: PurePath, past: Sequence[EditorialDecision]) -> RunPublication | None:
        try:
            run = self.workspace.runs.read(path)
            found = with_namesake(self.workspace, run, path, past)
            found.require_fit()
        except StoreError as error:
            self._faults[path] = error
            return None
        return found


def _summary(found: RunPublication, again: Revision | None) -> RunSummary:
    checked = gates(found) if found.run.state == "finished" else ()
    digest = grounds_of(found.run).run if found.run.is_final else ""
    return summarise(
        found.public,
        found.path,
        found.publication,
        checked,
        seen=found.seen,
        digest=digest,
        again=again.in_short if again else "",
    )


def _key(publication: Publication) -> tuple[str, str]:
    return publication.subject.day.isoformat(), publication.subject.run
