"""Reviews that are started from the desk, and the event streams of runs, whoever convenes them."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from datetime import date
from pathlib import PurePath
from typing import Any, Final

from anyio import Event
from sse_starlette.event import ServerSentEvent

from panel.app.held import find_held_run, review_without_passages
from panel.app.panels import BY_HAND, ReviewOptions, StoredRun, load_panel
from panel.app.review import ReviewEvents, ReviewService
from panel.app.workspace import Workspace
from panel.desk.run_page import RunEvent, list_events
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.errors import PanelError, StoreError

_POLL_S: Final = 0.1
_RETRY_MS: Final = 500
_BEGIN_S: Final = 60.0


class LiveRuns:
    """The reviews that this process convenes for the desk; a run may be watched wherever it runs."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._faults: dict[str, str] = {}
        self._again: dict[str, tuple[Run, ReviewOptions]] = {}

    def is_running(self, run: str) -> bool:
        """Whether this process is at work on a run."""
        return run in self._tasks

    def fault(self, run: str) -> str | None:
        """Return why a review that was started here ended early, None where it did not."""
        return self._faults.get(run)

    async def go_on(self, run: Run, answered_by: str = BY_HAND) -> None:
        """Have a run that was begun before go on; where it is at work, once more after that.

        Raises PanelError where it could not begin.
        """
        seats = run.inputs.assignments
        options = ReviewOptions(
            models=tuple(one.ref for one in seats),
            personas=tuple(one.persona for one in seats),
            samples=run.inputs.calls.samples,
            answered_by=answered_by,
        )
        if self.is_running(run.id):
            self._again[run.id] = run, options
        elif not await self._is_over(run):
            await self.start(run.inputs.tool, options)

    async def start(self, tool: Tool, options: ReviewOptions) -> StoredRun:
        """Begin a review of `tool` and return its run, which goes on by itself.

        An unfinished run of the same tool by the same models is resumed. Raises PanelError where it
        could not begin.
        """
        await asyncio.to_thread(load_panel)
        begun: asyncio.Future[StoredRun] = asyncio.get_running_loop().create_future()

        def on_begun(stored: StoredRun) -> None:
            if not begun.done():
                begun.set_result(stored)

        async def review() -> None:
            async with ReviewService(options, workspace=self._workspace) as service:
                await service.review_all([tool], ReviewEvents(begun=on_begun))

        return await self._run(review(), begun)

    async def ask_without_passages(self, stored_id: str, reason: str) -> None:
        """Convene the panel of a held run again without its passages, in the background.

        Raises PanelError where the run is not held.
        """
        stored = await asyncio.to_thread(find_held_run, self._workspace, stored_id)
        refs = tuple(dict.fromkeys(one.ref for one in stored.run.inputs.assignments))
        options = ReviewOptions(models=refs)

        async def review() -> None:
            await review_without_passages(self._workspace, stored, reason, options)

        self._keep(stored_id, asyncio.create_task(review()))

    def stop(self, run: str) -> bool:
        """Stop a review of this process; what is answered is kept. False where it is not at work."""
        task = self._tasks.get(run)
        return task is not None and task.cancel()

    async def close(self) -> None:
        """Stop every review; each can be resumed."""
        for task in self._tasks.values():
            task.cancel()
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def stream(
        self, day: date, run: str, after: int, ending: Event
    ) -> AsyncIterator[ServerSentEvent]:
        """Yield the exchanges of a run after number `after` as they are recorded, and its end.

        Each event has its number as its id, so that a browser goes on where it was cut off. It is over
        soon after `ending` is set.
        """
        before: tuple[str, bool] | None = None
        while not ending.is_set():
            path = await asyncio.to_thread(self._workspace.runs.find, day, run)
            now = await asyncio.to_thread(self._version, path), self.is_running(run)
            if now != before:
                before = now
                for event in await asyncio.to_thread(self._events_after, path, after):
                    after = event.number
                    yield _sse("exchange", event.document(), str(event.number))
                if await self._has_ended(path, run):
                    yield _sse("end", {"run": run})
                    return
            await asyncio.sleep(_POLL_S)

    def _events_after(self, path: PurePath | None, number: int) -> list[RunEvent]:
        """Return the events after one; none while a write is under way, the next look has them."""
        if path is None:
            return []
        try:
            found = self._workspace.runs.load(path)
        except StoreError:
            return []
        return list_events(found.run, found.exchanges)[number:]

    def _version(self, path: PurePath | None) -> str:
        return "" if path is None else self._workspace.runs.version(path)

    async def _has_ended(self, path: PurePath | None, run: str) -> bool:
        if self.is_running(run):
            return False
        if path is None:
            return True
        try:
            found: Run = await asyncio.to_thread(self._workspace.runs.read, path)
        except StoreError:
            return False
        return found.state != "open"

    async def _run(
        self, work: Coroutine[Any, Any, None], begun: "asyncio.Future[StoredRun]"
    ) -> StoredRun:
        task = asyncio.create_task(work)
        both: set[asyncio.Future[Any]] = {task, begun}
        await asyncio.wait(both, timeout=_BEGIN_S, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            if task.done():
                task.result()
            task.cancel()
            raise StoreError(
                "The review did not begin. Look into `shipskip doctor`, and try again."
            )
        stored = begun.result()
        self._keep(stored.run.id, task)
        return stored

    async def _is_over(self, run: Run) -> bool:
        """Tell whether nothing more will come of a run: to review its tool again makes another run."""
        runs = self._workspace.runs
        path = await asyncio.to_thread(runs.find, run.inputs.date, run.id)
        return path is None or (await asyncio.to_thread(runs.read, path)).is_final

    async def _start_again(self, run: Run, options: ReviewOptions) -> None:
        if await self._is_over(run):
            return
        async with ReviewService(options, workspace=self._workspace) as service:
            await service.review_all([run.inputs.tool])

    def _keep(self, run: str, task: "asyncio.Task[None]") -> None:
        self._faults.pop(run, None)
        self._tasks[run] = task

        def on_done(done: "asyncio.Task[None]") -> None:
            self._tasks.pop(run, None)
            again = self._again.pop(run, None)
            if again is not None and not done.cancelled():
                self._keep(run, asyncio.create_task(self._start_again(*again)))
            if done.cancelled():
                return
            error = done.exception()
            if isinstance(error, PanelError):
                self._faults[run] = str(error)
            elif error is not None:
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"the review {run} failed", "exception": error}
                )

        task.add_done_callback(on_done)


def _sse(kind: str, document: dict[str, Any], id_: str | None = None) -> ServerSentEvent:
    text = json.dumps(document, ensure_ascii=False)
    return ServerSentEvent(data=text, event=kind, id=id_, retry=_RETRY_MS)
