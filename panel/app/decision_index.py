"""The decisions of a workspace by tool and run, kept up to date: only what is new is read again."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from threading import Lock

from panel.app.workspace import Workspace
from panel.domain.decision import EditorialDecision
from panel.editorial.publication import Publication, current, publication_of_subject


class DecisionIndex:
    """What has been decided in a workspace. May be used from any thread.

    A process that shows many pages keeps one: `refresh` reads the decisions since the last time. The
    publications in it are folded without the panels' verdicts, since no run is read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._upto = 0
        self._by_tool: dict[str, list[EditorialDecision]] = defaultdict(list)
        self._folded: dict[str, list[Publication]] = {}

    @property
    def upto(self) -> int:
        """The number of the last decision that is in it; 0 where there is none."""
        return self._upto

    def refresh(self) -> frozenset[str]:
        """Read what was decided since the last time, and return the slugs of those tools.

        Where no ledger was ever made, none is made for it. Raises StoreError and Busy.
        """
        if not self._workspace.has_ledger:
            return frozenset()
        changed: set[str] = set()
        with self._lock, self._workspace.ledger() as ledger:
            for one in ledger.decisions.after(self._upto):
                self._by_tool[one.subject.tool].append(one)
                self._folded.pop(one.subject.tool, None)
                self._upto = one.number
                changed.add(one.subject.tool)
        return frozenset(changed)

    def of_tool(self, slug: str) -> Sequence[EditorialDecision]:
        """Return the decisions on the runs of one tool, oldest first."""
        with self._lock:
            return tuple(self._by_tool.get(slug, ()))

    def publications_of(self, slug: str) -> list[Publication]:
        """Return the publications of the runs of one tool, without the panel's verdict."""
        with self._lock:
            if slug not in self._by_tool:
                return []
            if slug not in self._folded:
                self._folded[slug] = fold_runs(self._by_tool[slug])
            return self._folded[slug]

    def publications(self) -> list[Publication]:
        """Return the publication of every run that was ever decided on, without the panel's verdict."""
        with self._lock:
            for slug, past in self._by_tool.items():
                if slug not in self._folded:
                    self._folded[slug] = fold_runs(past)
            return [one for of_tool in self._folded.values() for one in of_tool]

    def public(self) -> dict[str, Publication]:
        """Return for each tool's slug what is public of it, that approved last first."""
        return current(self.publications())

    def replaced(self) -> dict[str, list[Publication]]:
        """Return for each tool's slug what was public of it before, in the order of the approvals.

        A tool with one public run is not in it.
        """
        public, found = self.public(), defaultdict(list)
        for one in self.publications():
            if one.approval is not None and one is not public.get(one.subject.tool):
                found[one.subject.tool].append(one)
        for of_tool in found.values():
            of_tool.sort(key=lambda one: one.approval.number if one.approval else 0)
        return found

    def ended(self) -> frozenset[tuple[date, str]]:
        """Return date and id of each run that was approved, rejected or withdrawn."""
        return frozenset(one.subject.key for one in self.publications() if not one.is_open)


def fold_runs(past: Sequence[EditorialDecision]) -> list[Publication]:
    """Return the publications of the runs of a tool by all decisions on them."""
    by_run: dict[tuple[date, str], list[EditorialDecision]] = defaultdict(list)
    for one in past:
        by_run[one.subject.key].append(one)
    return [publication_of_subject(of_run[-1].subject, of_run) for of_run in by_run.values()]
