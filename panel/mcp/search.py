"""Search over what is published: each approved run is read once and kept while it stays approved."""

from collections.abc import Sequence

from panel.app.decision_index import DecisionIndex
from panel.app.decisions import RunPublication, read_approved
from panel.app.workspace import Workspace
from panel.domain.ballot import Decision
from panel.domain.run import Run
from panel.errors import StoreError

_IN_NAME, _IN_FACTS, _IN_REVIEWS = 9, 3, 1


class PublishedVerdicts:
    """The approved runs of a workspace and the words in them. One thread at a time may call."""

    def __init__(self, workspace: Workspace, index: DecisionIndex) -> None:
        self._workspace = workspace
        self._index = index
        self._read: dict[tuple[str, int], RunPublication] = {}

    def search(self, words: str, verdict: Decision | None) -> tuple[list[RunPublication], int]:
        """Return the published runs that have each of `words`, and how many are damaged.

        Where a word stands in a tool's name it counts most, then in its facts, then in the reviews; at
        the same rank the one approved last comes first. Without words all are returned.
        """
        every, damaged = self._refresh()
        wanted = words.casefold().split()
        ranked = [
            (rank, one)
            for one in every
            if verdict in (None, one.publication.decision)
            and (rank := _rank(one.public, wanted)) is not None
        ]
        ranked.sort(key=lambda pair: -pair[0])
        return [one for _, one in ranked], damaged

    def _refresh(self) -> tuple[Sequence[RunPublication], int]:
        self._index.refresh()
        read, damaged = {}, 0
        for one in self._index.public().values():
            if one.state != "approved":
                continue
            key = one.subject.run, one.last
            try:
                read[key] = self._read.get(key) or read_approved(self._workspace, one)
            except StoreError:
                damaged += 1
        self._read = read
        return tuple(read.values()), damaged


def _rank(run: Run, words: Sequence[str]) -> int | None:
    """Return how well a run matches, None where a word stands nowhere in it."""
    tool, cards = run.tool, run.scorecards
    name = f"{tool.name} {run.slug}".casefold()
    facts = " ".join(filter(None, (tool.tagline, tool.category, tool.vendor, tool.licence)))
    said = [text for one in cards for text in (one.ballot.best_for, one.ballot.avoid_if)]
    said += [sentence.text for one in cards for sentence in one.ballot.take]
    places = (
        (name, _IN_NAME),
        (facts.casefold(), _IN_FACTS),
        (" ".join(said).casefold(), _IN_REVIEWS),
    )
    ranks = [max((rank for text, rank in places if word in text), default=0) for word in words]
    return None if 0 in ranks else sum(ranks)
