"""Many writers, few groups: each item is written once, in order, and before anybody goes on."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from panel.store.group_commit import GroupCommit


class Disk:
    """What was written, group by group; the first group waits until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self._alone = threading.Lock()

    def write(self, items: Sequence[int]) -> None:
        assert self._alone.acquire(blocking=False), "two groups at once"
        self.begun.set()
        assert self.go.wait(30)
        self.groups.append(list(items))
        self._alone.release()

    @property
    def written(self) -> list[int]:
        return [item for group in self.groups for item in group]


async def test_what_comes_while_a_group_is_written_is_the_next_group() -> None:
    disk = Disk()
    with ThreadPoolExecutor(4) as threads:
        group = GroupCommit(disk.write, threads)
        first = asyncio.create_task(group.write(0))
        await asyncio.to_thread(disk.begun.wait, 30)
        others = [asyncio.create_task(group.write(number)) for number in range(1, 9)]
        await asyncio.sleep(0)
        assert not first.done()
        disk.go.set()
        await asyncio.wait([first, *others])
    assert disk.groups == [[0], list(range(1, 9))]


async def test_who_is_cancelled_leaves_the_item_to_be_written() -> None:
    disk = Disk()
    with ThreadPoolExecutor(4) as threads:
        group = GroupCommit(disk.write, threads)
        tasks = [asyncio.create_task(group.write(number)) for number in range(3)]
        await asyncio.to_thread(disk.begun.wait, 30)
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        disk.go.set()
        group.flush()
    assert sorted(disk.written) == [0, 1, 2]
    assert all(task.cancelled() for task in tasks)


async def test_what_still_waits_can_be_taken_back() -> None:
    disk = Disk()
    with ThreadPoolExecutor(4) as threads:
        group = GroupCommit(disk.write, threads)
        group.add(0)
        await asyncio.to_thread(disk.begun.wait, 30)
        group.add(1)
        assert group.discard(1)
        assert not group.discard(0)
        disk.go.set()
        group.flush()
    assert disk.written == [0]


def test_threads_write_for_each_other_and_lose_nothing() -> None:
    disk = Disk()
    disk.go.set()
    group = GroupCommit(disk.write)

    def work(first: int) -> None:
        for number in range(first, first + 200):
            group.write_here(number)
            assert number in disk.written

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 1600, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(disk.written) == list(range(1600))
    assert all(
        [one for one in disk.written if start <= one < start + 200]
        == list(range(start, start + 200))
        for start in range(0, 1600, 200)
    )


async def test_a_mistake_of_the_program_is_not_taken_for_a_success() -> None:
    def fail(_: Sequence[int]) -> None:
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as threads, pytest.raises(ZeroDivisionError):
        await GroupCommit(fail, threads).write(1)
    with pytest.raises(ZeroDivisionError):
        GroupCommit(fail).write_here(1)
