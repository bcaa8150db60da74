"""Reviews that are started from the desk, and the event streams of runs, whoever convenes them."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import PurePath
from typing import Any, Final

from anyio import Event
from sse_starlette.event import ServerSentEvent

from panel.app.corrected_panel import begin_corrected
from panel.app.decisions import RunPublication
from panel.app.held import begin_without_passages, find_held_run
from panel.app.panels import PanelRunner, ReviewOptions, StoredRun
from panel.app.publish import convene_begun
from panel.app.started_reviews import StartedReviews
from panel.desk.run_page import RunEvent, list_events
from panel.domain.run import Run
from panel.errors import StoreError

_POLL_S: Final = 0.1
_RETRY_MS: Final = 500


class LiveRuns(StartedReviews):
    """The reviews that this process convenes for the desk; a run may be watched wherever it runs."""

    async def ask_without_passages(self, stored_id: str, editor: str, reason: str) -> StoredRun:
        """Convene the panel of a held run again without its passages, in the background.

        Returns the new run. Raises PanelError where the run is not held, or somebody else has asked.
        """

        def begin() -> tuple[StoredRun, PanelRunner, StoredRun]:
            stored = find_held_run(self.workspace, stored_id)
            return stored, *begin_without_passages(self.workspace, stored, editor, reason)

        stored, runner, begun = await asyncio.to_thread(begin)
        return self._convene(runner, begun, instead_of=stored.run)

    async def ask_on_corrected_facts(self, found: RunPublication) -> StoredRun:
        """Convene the panel of a run again on the facts as they were corrected, in the background.

        Returns the new run. Raises PanelError where no fact was corrected.
        """
        return self._convene(*await asyncio.to_thread(begin_corrected, self.workspace, found))

    def _convene(
        self, runner: PanelRunner, begun: StoredRun, *, instead_of: Run | None = None
    ) -> StoredRun:
        if self.is_running(begun.run.id):  # pressed twice
            return begun
        options = _options_of(begun)

        async def review() -> None:
            await convene_begun(self.workspace, runner, begun, options, instead_of=instead_of)

        self.keep(begun.run.id, review())
        return begun

    async def is_at_work(self, path: PurePath | None, run: str) -> bool:
        """Tell whether any process is at work on a run; without a `path` only this one can be."""
        if self.is_running(run) or path is None:
            return self.is_running(run)
        return await asyncio.to_thread(self.workspace.runs.is_at_work, path)

    async def stream(
        self, day: date, run: str, after: int, ending: Event
    ) -> AsyncIterator[ServerSentEvent]:
        """Yield the exchanges of a run after number `after` as they are recorded, and its end.

        Each event has its number as its id, so that a browser goes on where it was cut off. It is over
        soon after `ending` is set.
        """
        before: tuple[str, bool] | None = None
        while not ending.is_set():
            path = await asyncio.to_thread(self.workspace.runs.find, day, run)
            # Asked before the exchanges are read: of a run that has ended none is missed then.
            is_at_work = await self.is_at_work(path, run)
            now = await asyncio.to_thread(self._version, path), is_at_work
            if now != before:
                before = now
                has_ended = not is_at_work or await self._is_final(path, run)
                for event in await asyncio.to_thread(self._events_after, path, after):
                    after = event.number
                    yield _sse("exchange", event.document(), str(event.number))
                if has_ended:
                    yield _sse("end", {"run": run})
                    return
            await asyncio.sleep(_POLL_S)

    def _events_after(self, path: PurePath | None, number: int) -> list[RunEvent]:
        """Return the events after one; none while a write is under way, the next look has them."""
        if path is None:
            return []
        try:
            found = self.workspace.runs.load(path)
        except StoreError:
            return []
        return list_events(found.run, found.exchanges)[number:]

    async def _is_final(self, path: PurePath | None, run: str) -> bool:
        """Tell whether nothing more comes of a run, though another process may still hold it."""
        if path is None or self.is_running(run):
            return False
        try:
            return (await asyncio.to_thread(self.workspace.runs.read, path)).is_final
        except StoreError:
            return False

    def _version(self, path: PurePath | None) -> str:
        return "" if path is None else self.workspace.runs.version(path)


def _options_of(stored: StoredRun) -> ReviewOptions:
    """Return the options by which the models of a run are asked again."""
    refs = dict.fromkeys(one.ref for one in stored.run.inputs.assignments)
    return ReviewOptions(models=tuple(refs))


def _sse(kind: str, document: dict[str, Any], id_: str | None = None) -> ServerSentEvent:
    text = json.dumps(document, ensure_ascii=False)
    return ServerSentEvent(data=text, event=kind, id=id_, retry=_RETRY_MS)
