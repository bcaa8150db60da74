"""A bounded pool of tasks: each takes one job after the other, and none is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from panel.errors import PanelError

Job = TypeVar("Job")
Done = TypeVar("Done")


async def run_pool(
    jobs: Iterable[Job],
    work: Callable[[Job], Awaitable[Done]],
    hand_on: Callable[[Done], None],
    *,
    workers: int,
) -> None:
    """Do `work` on each of `jobs`, at most `workers` at a time, and hand each outcome on as it ends.

    A job is drawn only when a worker is free and its outcome is not kept, so memory does not grow
    with the number of jobs. Outcomes come in the order in which they end. After a PanelError, of
    `work` or of `hand_on`, no further job is drawn; what is under way ends and is handed on, for it
    may be paid for, and then the first error is raised.
    """
    waiting = iter(jobs)
    failed: list[PanelError] = []

    async def take_jobs() -> None:
        while not failed:
            try:
                job = next(waiting)
            except StopIteration:
                return
            try:
                hand_on(await work(job))
            except PanelError as error:
                failed.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(take_jobs())
    if failed:
        raise failed[0]


def panels_at_a_time(calls: int, reviewers: int) -> int:
    """Return how many panels of so many reviewers keep `calls` in flight.

    It is twice what their reviews alone would take, for half of them are at their intake or at the
    disk meanwhile; more would hold memory and no call.

    >>> panels_at_a_time(64, reviewers=4), panels_at_a_time(4, reviewers=4), panels_at_a_time(1, 4)
    (32, 2, 1)
    """
    return min(calls, max(2, -(-2 * calls // reviewers)))
