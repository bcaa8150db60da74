"""A bounded pool that takes one job after the other and hands each outcome on."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.batch.pool import run_pool
from panel.errors import StoreError


@given(jobs=st.lists(st.integers(0, 5), max_size=30), workers=st.integers(1, 8))
def test_every_job_is_done_once_by_no_more_workers_than_allowed(
    jobs: list[int], workers: int
) -> None:
    done: list[int] = []
    busy, most = 0, 0

    async def work(job: int) -> int:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        for _ in range(job):
            await asyncio.sleep(0)
        busy -= 1
        return job

    asyncio.run(run_pool(jobs, work, done.append, workers=workers))
    assert sorted(done) == sorted(jobs)
    assert most <= workers


async def test_outcomes_are_handed_on_in_the_order_in_which_they_end() -> None:
    done: list[str] = []
    ends = {"slow": asyncio.Event(), "fast": asyncio.Event()}

    async def work(job: str) -> str:
        await ends[job].wait()
        return job

    def hand_on(job: str) -> None:
        done.append(job)
        ends["slow"].set()

    ends["fast"].set()
    await run_pool(["slow", "fast"], work, hand_on, workers=2)
    assert done == ["fast", "slow"]


async def test_a_job_is_drawn_only_when_a_worker_is_free() -> None:
    drawn: list[int] = []
    open_at_the_end: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(20):
            drawn.append(number)
            yield number

    async def work(job: int) -> int:
        await asyncio.sleep(0)
        return job

    def hand_on(job: int) -> None:
        open_at_the_end.append(len(drawn) - job)

    await run_pool(jobs(), work, hand_on, workers=3)
    assert max(open_at_the_end) <= 3


async def test_after_an_error_nothing_is_drawn_and_what_is_under_way_ends() -> None:
    drawn: list[int] = []
    done: list[int] = []
    failed = asyncio.Event()

    def jobs() -> Iterator[int]:
        for number in range(9):
            drawn.append(number)
            yield number

    async def work(job: int) -> int:
        if job == 1:
            await asyncio.sleep(0)
            failed.set()
            raise StoreError("the disk is full")
        await failed.wait()
        await asyncio.sleep(0)
        return job

    with pytest.raises(StoreError, match="the disk is full"):
        await run_pool(jobs(), work, done.append, workers=3)
    assert drawn == [0, 1, 2]
    assert sorted(done) == [0, 2]


async def test_an_outcome_that_cannot_be_handed_on_ends_the_crowd() -> None:
    async def work(job: int) -> int:
        return job

    def refuse(job: int) -> None:
        raise StoreError(f"no room for {job}")

    with pytest.raises(StoreError, match="no room for 0"):
        await run_pool(range(9), work, refuse, workers=1)


async def test_a_cancelled_crowd_leaves_no_worker_behind() -> None:
    async def work(_: int) -> None:
        await asyncio.Event().wait()

    crowd = asyncio.create_task(run_pool(range(9), work, lambda _: None, workers=4))
    await asyncio.sleep(0)
    crowd.cancel()
    with pytest.raises(asyncio.CancelledError):
        await crowd
    assert len(asyncio.all_tasks()) == 1
