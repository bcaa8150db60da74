"""The queue gives each job to somebody until it is done, whatever becomes of workers and server."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from panel.errors import Busy, StoreError
from panel.store.queue import PanelQueue, QueueCounts
from tests.postgres import Cluster

SCRIPT = Path(__file__).with_name("panel_worker.py")
Begin = Callable[[float], "subprocess.Popen[str]"]


@pytest.fixture
def begin(postgres_address: str, tmp_path: Path) -> Iterator[Begin]:
    """Start workers that leave their marks in a folder."""
    children: list[subprocess.Popen[str]] = []

    def start(seconds: float) -> "subprocess.Popen[str]":
        command = [sys.executable, str(SCRIPT), postgres_address, str(tmp_path), str(seconds)]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def wait_for(child: "subprocess.Popen[str]", line: str) -> None:
    assert child.stdout is not None
    assert any(said.startswith(line) for said in iter(child.stdout.readline, ""))


def marks(folder: Path) -> dict[str, int]:
    """Return how often each job was done."""
    return {path.name: len(path.read_text().splitlines()) for path in folder.iterdir()}


async def enqueue(address: str, *jobs: str) -> int:
    async with PanelQueue(address) as queue:
        return await queue.enqueue(jobs)


JOBS = tuple(f"job-{number:02}" for number in range(12))


async def test_a_job_that_waits_is_not_enqueued_twice(postgres_address: str) -> None:
    async with PanelQueue(postgres_address) as queue:
        assert await queue.enqueue(JOBS[:3]) == 3
        assert await queue.enqueue(JOBS) == 9
        assert await queue.counts() == QueueCounts(waiting=12, under_way=0, failed=0)


async def test_work_is_bounded_and_ends_when_nothing_is_left(postgres_address: str) -> None:
    under_way, most, done = 0, 0, []
    three = asyncio.Event()

    async def work(job: str) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            three.set()
        await asyncio.wait_for(three.wait(), 60)
        await asyncio.sleep(0.05)
        under_way -= 1
        done.append(job)

    async with PanelQueue(postgres_address) as queue:
        await queue.enqueue(JOBS)
        await queue.work(work, concurrency=3, stop=asyncio.Event(), until_empty=True)
        assert (await queue.counts()).is_empty
    assert sorted(done) == sorted(JOBS)
    assert most == 3


async def test_busy_work_is_done_again_and_a_bug_is_told_and_given_up(
    postgres_address: str,
) -> None:
    tries: list[str] = []
    told: list[str] = []

    async def work(job: str) -> None:
        tries.append(job)
        if job == "bug":
            raise ValueError("a bug")
        if tries.count(job) == 1:
            raise Busy("held by another")

    async with PanelQueue(postgres_address) as queue:
        await queue.enqueue(["bug", "busy"])
        await queue.work(
            work, concurrency=2, stop=asyncio.Event(), until_empty=True, tell=told.append
        )
        assert await queue.counts() == QueueCounts(waiting=0, under_way=0, failed=1)
    assert (tries.count("bug"), tries.count("busy")) == (1, 2)
    assert any("a bug" in line for line in told)


async def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(StoreError, match=r"Check that the server of database_url runs"):
        async with PanelQueue("postgresql://nobody:secret@127.0.0.1:9/none"):
            pass


async def test_what_a_killed_worker_had_is_taken_over(
    postgres_address: str, tmp_path: Path, begin: Begin
) -> None:
    await enqueue(postgres_address, *JOBS)
    first = begin(600)
    wait_for(first, "begin")
    second = begin(0.1)
    first.kill()
    killed = time.monotonic()
    await asyncio.to_thread(second.wait, 120)
    print(f"\ntaken over and done {time.monotonic() - killed:.0f} s after the kill")  # noqa: T201
    assert marks(tmp_path) == dict.fromkeys(JOBS, 1)


async def test_workers_live_through_an_absence_of_the_server(
    postgres: Cluster, postgres_address: str, tmp_path: Path, begin: Begin
) -> None:
    await enqueue(postgres_address, *JOBS)
    workers = [begin(2), begin(2)]
    for worker in workers:
        wait_for(worker, "begin")
    with postgres.stopped("immediate"):
        await asyncio.sleep(20)
    assert [await asyncio.to_thread(worker.wait, 120) for worker in workers] == [0, 0]
    found = marks(tmp_path)
    assert sorted(found) == sorted(JOBS)
    assert sum(found.values()) <= len(JOBS) + 8, "no more than what was under way is done again"


async def test_a_worker_that_is_told_to_stop_puts_back_what_it_had(
    postgres_address: str, tmp_path: Path, begin: Begin
) -> None:
    await enqueue(postgres_address, *JOBS)
    first = begin(600)
    wait_for(first, "begin")
    first.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.wait, 30) == 0
    async with PanelQueue(postgres_address) as queue:
        assert await queue.counts() == QueueCounts(waiting=12, under_way=0, failed=0)
    assert marks(tmp_path) == {}
