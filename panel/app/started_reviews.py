"""Reviews that a service starts and does not wait for: each goes on while the service answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from panel.app.panels import BY_HAND, ReviewOptions, StoredRun, load_panel
from panel.app.publish import PublishedRun
from panel.app.review import ReviewEvents, ReviewService
from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.errors import PanelError, StoreError

_BEGIN_S: Final = 60.0


class StartedReviews:
    """The reviews that this process has started in a workspace, inside one event loop."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._beginning: set[asyncio.Task[None]] = set()
        self._faults: dict[str, str] = {}
        self._again: dict[str, tuple[Run, ReviewOptions]] = {}

    @property
    def under_way(self) -> int:
        """How many have not ended."""
        return len(self._tasks)

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
        assignments = run.inputs.assignments
        options = ReviewOptions(
            models=tuple(one.ref for one in assignments),
            personas=tuple(one.persona for one in assignments),
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

        def on_done(found: PublishedRun) -> None:  # where an earlier command had finished it
            on_begun(StoredRun(found.run, found.path, resumed=found.resumed))

        async def review() -> None:
            async with ReviewService(options, workspace=self.workspace) as service:
                await service.review_all([tool], ReviewEvents(begun=on_begun, done=on_done))

        task = asyncio.create_task(review())
        self._beginning.add(task)
        task.add_done_callback(self._forget)
        both: set[asyncio.Future[Any]] = {task, begun}
        try:
            await asyncio.wait(both, timeout=_BEGIN_S, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not begun.done():
            if task.done() and not task.cancelled():
                task.result()
            task.cancel()
            raise StoreError(
                "The review did not begin. Look into `shipskip doctor`, and try again."
            )
        stored = begun.result()
        self._beginning.discard(task)
        self._watch(stored.run.id, task)
        return stored

    def keep(self, run: str, work: Coroutine[Any, Any, None]) -> None:
        """Start other work on a run, to be stopped and asked after like a review."""
        self._watch(run, asyncio.create_task(work))

    def stop(self, run: str) -> bool:
        """Stop a review of this process; what is answered is kept. False where it is not at work."""
        task = self._tasks.get(run)
        return task is not None and task.cancel()

    async def close(self) -> None:
        """Stop every review; each can be resumed."""
        for task in (*self._beginning, *self._tasks.values()):
            task.cancel()
        while at_work := [*self._beginning, *self._tasks.values()]:
            await asyncio.wait(at_work)

    async def _is_over(self, run: Run) -> bool:
        """Tell whether nothing more will come of a run: to review its tool again makes another run."""
        runs = self.workspace.runs
        path = await asyncio.to_thread(runs.find, run.inputs.date, run.id)
        return path is None or (await asyncio.to_thread(runs.read, path)).is_final

    async def _start_again(self, run: Run, options: ReviewOptions) -> None:
        if await self._is_over(run):
            return
        async with ReviewService(options, workspace=self.workspace) as service:
            await service.review_all([run.inputs.tool])

    def _forget(self, task: "asyncio.Task[None]") -> None:
        """Let go of a task that has ended; what one raises that never began, its caller is told."""
        self._beginning.discard(task)
        if not task.cancelled():
            task.exception()

    def _watch(self, run: str, task: "asyncio.Task[None]") -> None:
        self._faults.pop(run, None)
        self._tasks[run] = task

        def on_done(done: "asyncio.Task[None]") -> None:
            self._tasks.pop(run, None)
            again = self._again.pop(run, None)
            if again is not None and not done.cancelled():
                self._watch(run, asyncio.create_task(self._start_again(*again)))
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
