"""Group commit: what many callers write at the same time costs one disk sync or one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Writes items in groups: while one group is being written, the next one collects.

    `write_group` gets the items in the order in which they came, in one thread at a time. It notes
    in each item what became of it, and raises only what is a mistake of the program. The `executor`,
    by default a thread that is started when it is needed, writes what is handed in by `add` and
    `write`.
    """

    def __init__(
        self, write_group: Callable[[Sequence[T]], None], executor: Executor | None = None
    ) -> None:
        self._write_group = write_group
        self._executor = executor or ThreadPoolExecutor(1)
        self._waiting: list[T] = []
        self._next: Future[None] | None = None
        self._gate = Lock()  # guards the two fields above, and is never held while writing
        self._turn = Lock()  # held while a group is written

    def add(self, item: T) -> Future[None]:
        """Have `item` written by a thread of the executor; the future is done when it is."""
        done, is_first = self._join(item)
        if is_first:
            self._executor.submit(self.flush)
        return done

    async def write(self, item: T) -> None:
        """Return when `item` was written. Whoever is cancelled here leaves it to be written."""
        await asyncio.shield(asyncio.wrap_future(self.add(item)))

    def write_here(self, item: T) -> None:
        """Return when `item` was written: the first thread of a group writes for all of them."""
        done, is_first = self._join(item)
        if is_first:
            try:
                self.flush()
            finally:
                if not done.done():  # interrupted before its turn: the others must not wait forever
                    self.flush()
        done.result()

    def flush(self) -> None:
        """Return when all that was added by now is written; this thread writes what still waits."""
        done: Future[None] | None = None
        try:
            with self._turn:
                with self._gate:
                    group, self._waiting = self._waiting, []
                    done, self._next = self._next, None
                if group:
                    self._write_group(group)
        except BaseException as error:
            if done is not None:
                done.set_exception(error)
            raise
        if done is not None:
            done.set_result(None)

    def _join(self, item: T) -> tuple[Future[None], bool]:
        """Return the future of the group that collects, and whether `item` is the first of it."""
        with self._gate:
            self._waiting.append(item)
            if self._next is not None:
                return self._next, False
            self._next = Future()
            self._next.set_running_or_notify_cancel()  # so that nobody cancels it for the others
            return self._next, True

    def discard(self, item: T) -> bool:
        """Tell whether `item` still waited, and is not written now."""
        with self._gate:
            try:
                self._waiting.remove(item)
            except ValueError:
                return False
            return True
