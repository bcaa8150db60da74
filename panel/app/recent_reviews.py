"""Recent reviews: what each persona wrote last in a workspace, so that its next review differs."""

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final, TypeAlias

from panel.domain.ballot import Sentence
from panel.domain.repetition import MOST_TAKES, RecentTakes, recent_takes_of
from panel.domain.review import CHECKLIST
from panel.domain.run import Inputs, Run
from panel.errors import StoreError
from panel.ports import RunStore

Takes: TypeAlias = dict[str, deque[tuple[str, tuple[Sentence, ...]]]]
"""By persona, newest first: the tool's slug and the take."""
_MOST_READ: Final = 2 * MOST_TAKES  # runs: not each of them has every persona
_KEPT: Final = 2 * MOST_TAKES  # takes: some are of the tool itself


class RecentReviews:
    """The last takes of each persona: read from the run store once, added to as runs end.

    Takes of the checklist are left out, for it is no model, and so are those of the tool itself: who
    reviews it again may well say the same. May be used from any thread.
    """

    def __init__(self, runs: RunStore) -> None:
        self._runs = runs
        self._lock = Lock()
        self._takes: Takes | None = None

    def of(self, inputs: Inputs) -> tuple[RecentTakes, ...]:
        """Return what the personas of `inputs` wrote in their last reviews of other tools.

        How many those are is a setting of the calls. A run that cannot be read is passed over.
        """
        slug, most = inputs.tool.slug, inputs.calls.recent_reviews
        asked = [one.persona for one in inputs.assignments if one.provider != CHECKLIST]
        with self._lock:
            known = self._load() if asked and most else {}
            found = [
                recent_takes_of(
                    persona,
                    (take for other, take in known.get(persona, ()) if other != slug),
                    most,
                )
                for persona in asked
            ]
        return tuple(takes for takes in found if takes.openings)

    def add(self, run: Run) -> None:
        """Count the reviews of `run` as the newest, if it is finished."""
        with self._lock:
            if self._takes is not None and run.state == "finished":
                _add(self._takes, run, newest=True)

    def _load(self) -> Takes:
        if self._takes is None:
            takes: Takes = {}
            for run in self._newest():
                _add(takes, run, newest=False)
            self._takes = takes
        return self._takes

    def _newest(self) -> Iterable[Run]:
        """Yield the last finished runs by date, newest first, and by their names within one."""
        for path in list(self._runs.paths())[: -_MOST_READ - 1 : -1]:
            try:
                run = self._runs.read(path)
            except StoreError:
                continue
            if run.state == "finished":
                yield run


def _add(takes: Takes, run: Run, *, newest: bool) -> None:
    for card in run.scorecards:
        if card.provider == CHECKLIST:
            continue
        known = takes.setdefault(card.reviewer, deque(maxlen=_KEPT))
        entry = (run.slug, card.ballot.take)
        if newest:
            known.appendleft(entry)
        elif len(known) < _KEPT:
            known.append(entry)
