"""A run on disk outlives whatever ends its process, and is written by one process at a time."""

import asyncio
import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from panel.domain.run import Run
from panel.errors import Busy, StoreError, Tampered
from panel.store.run_files import EXCHANGES, RUN, TORN, OpenRunFolder, RunFiles
from tests.conftest import CHECKOUT
from tests.factories import a_persona, a_run, a_tool, some_inputs
from tests.panels import an_exchange, an_open_run, panel_inputs
from tests.virtual import a_request

pytestmark = pytest.mark.no_cover


def append(folder: OpenRunFolder, *numbers: int) -> None:
    """Append one exchange after the other."""

    async def one_by_one() -> None:
        for number in numbers:
            await folder.append(an_exchange(number))

    asyncio.run(one_by_one())


def add(files: RunFiles, run: Run, *numbers: int) -> None:
    with files.lock(run) as folder:
        append(folder, *numbers)


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path / "runs")


def recorded(files: RunFiles, run: Run) -> list[int]:
    with files.lock(run) as folder:
        return [exchange.request.sample for exchange in folder.exchanges]


def test_a_run_comes_back_as_it_was_saved(files: RunFiles) -> None:
    run = a_run()
    with files.lock(run) as folder:
        append(folder, 1, 2)
        folder.save(run)
        assert folder.path == files.place(run) == files.folder / "2026-11-22" / run.id
    recording = files.load(files.place(run))
    assert recording.run == run == files.read(files.place(run))
    assert recording.exchanges == (an_exchange(1), an_exchange(2))
    assert files.paths() == [files.place(run)]


def test_a_run_under_a_name_that_no_tool_may_have_today_is_read(files: RunFiles) -> None:
    tool = a_tool().model_copy(update={"name": "\x07\u202e"})
    run = a_run(tool)
    with files.lock(run) as folder:
        folder.save(run)
    assert files.read(files.place(run)) == run
    assert files.load(files.place(run)).run.tool.slug.startswith("tool-")


def test_runs_of_one_panel_share_it_and_a_changed_persona_or_prompt_is_read_anew(
    files: RunFiles,
) -> None:
    speaks_of_it = a_tool(description='It prints\n   "personas": [],\n   "assignments": [')
    same = [a_run(a_tool(name=name)) for name in ("First", "Second")]
    same.append(a_run(speaks_of_it))
    persona = a_persona(motto="Another one.")
    prompt = same[0].inputs.prompts[0].model_copy(update={"text": "Today is another $date."})
    others = [
        a_run(inputs=some_inputs(a_tool(name="Third"), personas=(persona,))),
        a_run(inputs=some_inputs(a_tool(name="Fourth"), prompts=(prompt,))),
    ]
    read = []
    for run in (*same, *others):
        add(files, run, 1)
        with files.lock(run) as folder:
            folder.save(run)
        read.append(files.read(files.place(run)))
    assert read == [*same, *others]
    assert len({id(run.inputs.personas) for run in read[:3]}) == 1


def test_a_recording_is_readable_line_by_line(files: RunFiles) -> None:
    run = a_run()
    with files.lock(run) as folder:
        append(folder, 0)
        folder.save(run)
        text = (folder.path / RUN).read_text(encoding="utf-8")
        lines = (folder.path / EXCHANGES).read_text(encoding="utf-8").splitlines()
    assert '\n  "id": "quillbase-0a1b2c3d",\n' in text
    assert text.endswith("}\n")
    assert len(lines) == 1
    assert lines[0].startswith('{"digest":"')


def test_runs_are_listed_oldest_date_first(files: RunFiles) -> None:
    days = ["2026-11-30", "2026-02-01", "2025-12-31"]
    for day in days:
        run = a_run(inputs=some_inputs(date=date.fromisoformat(day)))
        with files.lock(run) as folder:
            folder.save(run)
    assert [path.parent.name for path in files.paths()] == sorted(days)


def test_the_newest_unfinished_run_of_a_task_is_found_and_no_other(files: RunFiles) -> None:
    open_run, other = an_open_run(), an_open_run(panel_inputs(a_tool("Other")))
    for run in (other, a_run(inputs=open_run.inputs, id="quillbase-done")):
        with files.lock(run) as folder:
            folder.save(run)
    assert files.unfinished(open_run.inputs.task) is None
    for state in ("open", "waiting", "stopped"):
        run = open_run.model_copy(update={"state": state, "id": f"quillbase-{state}"})
        with files.lock(run) as folder:
            folder.save(run)
            assert files.unfinished(run.inputs.task) is not None
    aside = open_run.model_copy(update={"state": "set_aside", "id": "quillbase-zzz"})
    with files.lock(aside) as folder:
        folder.save(aside)
    found = files.unfinished(open_run.inputs.task)
    assert found is not None
    assert found.name == "quillbase-waiting"


def test_a_finished_run_that_is_damaged_does_not_keep_others_from_going_on(
    files: RunFiles,
) -> None:
    for run in (an_open_run(), a_run(id="quillbase-zzz")):
        with files.lock(run) as folder:
            folder.save(run)
    with (files.place(run) / RUN).open("ab") as file:
        file.write(b" ")
    assert files.unfinished(an_open_run().inputs.task) == files.place(an_open_run())


def test_a_second_writer_is_told_that_the_run_is_held(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        append(folder, 0)
        with pytest.raises(Busy, match="another process is at work"), files.lock(run):
            pytest.fail("two writers at once")
    assert recorded(files, run) == [0]


def test_a_writer_waits_for_who_only_asks_whether_a_run_is_at_work(files: RunFiles) -> None:
    run = an_open_run()
    add(files, run, 1)
    asking = os.open(files.place(run) / EXCHANGES, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)
    answered = threading.Timer(0.01, os.close, (asking,))
    answered.start()
    assert recorded(files, run) == [1]
    answered.join()


def test_an_error_of_the_work_inside_lets_the_run_go(files: RunFiles) -> None:
    run = an_open_run()
    with pytest.raises(ConnectionError), files.lock(run):
        raise ConnectionError("an error of the work, not of the store")
    assert recorded(files, run) == []


def test_a_run_that_was_let_go_holds_no_answers_in_memory(files: RunFiles) -> None:
    with files.lock(an_open_run()) as folder:
        append(folder, 1)
        held = folder.exchanges
    assert held == (an_exchange(1),)
    assert folder.exchanges == ()


def test_a_torn_last_line_is_set_aside_and_the_run_goes_on(files: RunFiles) -> None:
    run = an_open_run()
    add(files, run, 1, 2)
    path = files.place(run) / EXCHANGES
    whole = path.read_bytes()
    for cut in (1, 20, len(whole) // 2 - 1):
        path.write_bytes(whole[:-cut])
        assert recorded(files, run) == [1]
        assert path.read_bytes() == whole[: whole.index(b"\n") + 1]
    torn = (files.place(run) / TORN).read_bytes().splitlines()
    assert torn[0] == whole.splitlines()[1]
    assert len(torn) == 3
    add(files, run, 3)
    assert recorded(files, run) == [1, 3]


def test_an_unfinished_run_reads_clean_however_it_ended(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        append(folder, 1)
        folder.save(run)
        append(folder, 2)
    path = files.place(run) / EXCHANGES
    path.write_bytes(path.read_bytes() + b'{"digest":"0a')
    assert [one.request.sample for one in files.load(files.place(run)).exchanges] == [1, 2]


def test_an_exchange_that_an_unfinished_run_knew_of_may_not_be_missing(files: RunFiles) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        append(folder, 1)
        folder.save(run)
    (files.place(run) / EXCHANGES).write_bytes(b"")
    with pytest.raises(Tampered, match=r"not the 1 that run\.json"):
        files.load(files.place(run))


APPENDER = """
import asyncio, sys
from pathlib import Path
from panel.store.run_files import RunFiles
from tests.panels import an_exchange, an_open_run
async def main():
    with RunFiles(Path(sys.argv[1])).lock(an_open_run()) as folder:
        for first in range(0, 100_000, 4):
            tasks = [asyncio.create_task(add(folder, first + n)) for n in range(4)]
            await asyncio.wait(tasks)
async def add(folder, number):
    await folder.append(an_exchange(number))
    print(number, flush=True)
asyncio.run(main())
"""


def test_after_a_kill_every_exchange_that_was_reported_is_there(files: RunFiles) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(files.folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert child.stdout is not None
    seen = [int(child.stdout.readline()) for _ in range(20)]
    with pytest.raises(Busy), files.lock(an_open_run()):
        pytest.fail("two writers at once")
    child.send_signal(signal.SIGKILL)
    seen += [
        int(line) for line in child.stdout.read().splitlines(keepends=True) if line[-1] == "\n"
    ]
    child.stdout.close()
    child.wait()
    found = recorded(files, an_open_run())
    assert found == list(range(len(found)))
    assert len(found) >= len(seen) >= 20


FILLER = """
import asyncio, resource, sys
from pathlib import Path
from panel.store.run_files import RunFiles
from panel.errors import StoreError
from tests.panels import an_exchange, an_open_run
def append(number):
    asyncio.run(folder.append(an_exchange(number)))
with RunFiles(Path(sys.argv[1])).lock(an_open_run()) as folder:
    folder.save(an_open_run())
    append(0)
    size = (folder.path / "exchanges.jsonl").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * size + size // 2, resource.RLIM_INFINITY))
    append(1)
    for write in (lambda: append(2), lambda: folder.save(an_open_run())):
        try:
            write()
        except StoreError as error:
            print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    append(3)
"""


def test_a_file_that_can_grow_no_further_leaves_what_was_there_and_goes_on_later(
    files: RunFiles,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(files.folder)],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=True,
    )
    run = an_open_run()
    first, second = done.stdout.splitlines()
    assert first == (
        f"{files.place(run) / EXCHANGES}: {os.strerror(errno.EFBIG)}. Free some space. "
        "Then run the same command again: what is recorded stays."
    )
    assert second.startswith(f"{files.place(run) / RUN}: ")
    assert files.read(files.place(run)) == run
    assert not list(files.place(run).glob(".run.json.*"))
    assert recorded(files, run) == [0, 1, 3]


class Failing:
    """The system's calls that write, of which some in a row fail, from the n-th; a write in part."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, in_a_row: int) -> None:
        self._left = at
        self._in_a_row = in_a_row
        for name in ("write", "fsync", "replace", "ftruncate"):
            patch.setattr(os, name, self._wrap(name, getattr(os, name)))

    @property
    def has_failed(self) -> bool:
        return self._left <= 0

    def _wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self._left -= 1
            if -self._in_a_row < self._left <= 0:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args)

        return call


def work(folder: OpenRunFolder, run: Run) -> list[int]:
    """Save, append and save again as far as it goes; return what the folder says it has."""
    stored = []
    for step in (0, 1, 2, 0, 3, 4):
        try:
            if step:
                append(folder, step)
                stored.append(step)
            else:
                folder.save(run)
        except StoreError as error:
            told = str(error)
            assert os.strerror(errno.ENOSPC) in told
    return stored


@pytest.mark.parametrize("in_a_row", [1, 2, 3, 1000])
def test_whichever_call_to_the_system_fails_the_store_reads_clean(
    tmp_path: Path, in_a_row: int
) -> None:
    for at in range(1, 100):
        files, run = RunFiles(tmp_path / str(at)), an_open_run()
        with pytest.MonkeyPatch.context() as patch, files.lock(run) as folder:
            failing = Failing(patch, at, in_a_row)
            stored = work(folder, run)
        place = files.place(run)
        if (place / RUN).exists():
            files.load(place)
        found = recorded(files, run)
        assert found[: len(stored)] == stored
        # A line that is whole, of which nobody could be told and which could not be taken off:
        assert len(found) - len(stored) <= (1 if in_a_row > 1 else 0)
        assert len(list(place.glob(".run.json.*"))) == 0
        if not failing.has_failed:
            assert at > 10
            return
    pytest.fail("it never went through")


def test_a_write_that_takes_a_part_at_a_time_is_written_whole(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    add(files, an_open_run(), 1, 2)
    assert recorded(files, an_open_run()) == [1, 2]


def is_of(folder: OpenRunFolder, handle: int) -> bool:
    return os.path.sameopenfile(folder._handle, handle)


def test_an_exchange_is_synced_to_the_disk_before_it_counts(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        if is_of(folder, handle):
            found = folder.find(a_request(sample=1)) is not None
            seen.append((os.fstat(handle).st_size, found))

    with files.lock(an_open_run()) as folder:
        monkeypatch.setattr(os, "fsync", watched)
        append(folder, 1)
        size = (folder.path / EXCHANGES).stat().st_size
        assert folder.find(a_request(sample=1)) == an_exchange(1)
    assert seen == [(size, False)]


@pytest.mark.parametrize("first", ["append", "save"])
def test_the_name_of_a_folder_is_synced_once_before_anything_in_it_counts(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    run = an_open_run()
    synced: list[os.stat_result] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        synced.append(os.fstat(handle))

    def times(path: Path) -> int:
        return sum(os.path.samestat(one, path.stat()) for one in synced)

    place = files.place(run)
    with files.lock(run) as folder:
        monkeypatch.setattr(os, "fsync", watched)
        append(folder, 1) if first == "append" else folder.save(run)
        assert [times(path) > 0 for path in (place, place.parent, files.folder)] == [True] * 3
        append(folder, 2, 3)
        folder.save(run)
        assert [times(path) for path in (place.parent, files.folder)] == [1, 1]


def test_the_folder_of_all_runs_is_synced_when_a_days_folder_is_new_in_it_and_only_then(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [an_open_run().model_copy(update={"id": f"quillbase-{n}"}) for n in range(3)]
    synced: list[os.stat_result] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        synced.append(os.fstat(handle))

    def times() -> int:
        return sum(os.path.samestat(one, files.folder.stat()) for one in synced)

    monkeypatch.setattr(os, "fsync", watched)
    for run in runs[:2]:
        with files.lock(run) as folder:
            append(folder, 1)
        assert times() == 1
    shutil.rmtree(files.place(runs[0]).parent)
    with files.lock(runs[2]) as folder:
        append(folder, 1)
    assert times() == 2


class Held:
    """The disk, on which a sync of one file waits until it is let go; what it synced."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: OpenRunFolder) -> None:
        self.begun, self._go = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        self._fsync = os.fsync
        self._folder = folder
        patch.setattr(os, "fsync", self._wait)

    def let_go(self) -> None:
        self._go.set()

    def _wait(self, handle: int) -> None:
        if is_of(self._folder, handle):
            self.begun.set()
            assert self._go.wait(30)
            self.sizes.append(os.fstat(handle).st_size)
        self._fsync(handle)


async def begun(held: Held) -> None:
    await asyncio.get_running_loop().run_in_executor(None, held.begun.wait, 30)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_other_work_goes_on_while_the_disk_is_waited_for(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    with files.lock(an_open_run()) as folder:
        held = Held(monkeypatch, folder)
        first = asyncio.create_task(folder.append(an_exchange(1)))
        await begun(held)
        later = [asyncio.create_task(folder.append(an_exchange(n))) for n in (2, 3, 4)]
        await settle()
        assert not any(task.done() for task in (first, *later))
        assert folder.exchanges == ()
        held.let_go()
        await asyncio.wait([first, *later])
        size = (folder.path / EXCHANGES).stat().st_size
        assert folder.exchanges == tuple(map(an_exchange, (1, 2, 3, 4)))
    assert held.sizes == [size // 4, size], "what came meanwhile is synced together"


async def test_who_is_cancelled_while_the_disk_is_waited_for_loses_no_answer(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        held = Held(monkeypatch, folder)
        tasks = [asyncio.create_task(folder.append(an_exchange(1)))]
        await begun(held)
        tasks.append(asyncio.create_task(folder.append(an_exchange(2))))
        await settle()
        for task in tasks:
            task.cancel()
        await settle()
        assert all(task.cancelled() for task in tasks)
        threading.Timer(0.01, held.let_go).start()
    assert recorded(files, run) == [1, 2]


async def test_what_still_waits_for_the_disk_is_sealed_in_the_run_that_is_saved(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        held = Held(monkeypatch, folder)
        tasks = [asyncio.create_task(folder.append(an_exchange(1)))]
        await begun(held)
        tasks.append(asyncio.create_task(folder.append(an_exchange(2))))
        await settle()
        threading.Timer(0.01, held.let_go).start()
        folder.save(run)
        written = json.loads((folder.path / RUN).read_text(encoding="utf-8"))
        assert len(written["recorded"]) == 2
        await asyncio.wait(tasks)


def test_a_loop_that_ends_at_once_loses_no_answer(files: RunFiles) -> None:
    run = an_open_run()

    async def begin(folder: OpenRunFolder) -> None:
        tasks.append(asyncio.ensure_future(folder.append(an_exchange(1))))
        await asyncio.sleep(0)

    tasks: list[asyncio.Future[None]] = []
    with files.lock(run) as folder:
        asyncio.run(begin(folder))
        folder.save(run)
    assert recorded(files, run) == [1]


@pytest.mark.parametrize(
    ("in_a_row", "stored"),
    [
        (1, [1, 2, 3, 4]),  # the sync of both: each is written by itself
        (4, [1, 3, 4]),  # ... and what comes for the first of them, cutting back included
        (20, [1, 4]),
    ],
)
async def test_where_a_write_of_several_fails_each_is_tried_alone_and_hears_what_became_of_it(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch, in_a_row: int, stored: list[int]
) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        await folder.append(an_exchange(0))
        with monkeypatch.context() as patch:
            held = Held(patch, folder)
            first = asyncio.create_task(folder.append(an_exchange(1)))
            await begun(held)
            tasks = [asyncio.create_task(folder.append(an_exchange(n))) for n in (2, 3)]
            await settle()
            Failing(patch, 2, in_a_row)
            held.let_go()
            await asyncio.wait([first, *tasks])
        lost = [n for n, task in enumerate(tasks, start=2) if task.exception() is not None]
        assert lost == [n for n in (2, 3) if n not in stored]
        assert all(type(tasks[n - 2].exception()) is StoreError for n in lost)
        await folder.append(an_exchange(4))
        folder.save(run)
    assert recorded(files, run) == [0, *stored]


def test_a_file_in_the_place_of_the_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("not a folder")
    files = RunFiles(tmp_path / "runs")
    with pytest.raises(StoreError) as raised, files.lock(an_open_run()):
        pytest.fail("there is no folder")
    assert str(raised.value).startswith(
        f"{files.place(an_open_run())}: {os.strerror(errno.ENOTDIR)}."
    )
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("number", "next_"),
    [
        (errno.ENOSPC, "Free some space."),
        (errno.EDQUOT, "Free some space."),
        (errno.EACCES, "Make it writable."),
        (errno.EPERM, "Make it writable."),
        (errno.EROFS, "Make it writable."),
        (errno.EIO, "Check the disk."),
    ],
    ids=errno.errorcode.get,
)
def test_what_can_be_done_follows_from_what_was_wrong(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch, number: int, next_: str
) -> None:
    run = an_open_run()
    with files.lock(run) as folder:

        def fail(_: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("os.fsync", fail)
        with pytest.raises(StoreError) as raised:
            folder.save(run)
        monkeypatch.undo()
    assert f"{os.strerror(number)}. {next_} Then run the same command" in str(raised.value)


def test_a_folder_that_vanishes_is_one_clear_line(files: RunFiles, tmp_path: Path) -> None:
    run = an_open_run()
    with files.lock(run) as folder:
        files.folder.rename(tmp_path / "elsewhere")
        files.folder.write_text("a file now")
        with pytest.raises(StoreError, match="Move away the file that stands there"):
            folder.save(run)


def test_a_lock_that_the_file_system_does_not_know_is_no_second_writer(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(StoreError, match=os.strerror(errno.ENOLCK)), files.lock(an_open_run()):
        pytest.fail("it is not locked")


@pytest.mark.parametrize("name", [RUN, EXCHANGES])
def test_a_file_that_is_missing_or_unreadable_is_named_with_what_to_do(
    files: RunFiles, name: str
) -> None:
    run = a_run()
    with files.lock(run) as folder:
        folder.save(run)
    path = files.place(run) / name
    path.unlink()
    with pytest.raises(StoreError, match=rf"{name}: .*Restore it from version control"):
        files.load(files.place(run))
    path.mkdir()
    with pytest.raises(StoreError, match=f"{name}: {os.strerror(errno.EISDIR)}"):
        files.load(files.place(run))


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(a_tool())
    with files.lock(run) as folder:
        folder.save(run)
    (files.folder / "lost+found").mkdir()
    (place,) = files.paths()
    listdir, locked = os.listdir, {files.folder / "lost+found"}

    def refuse(folder: Path) -> list[str]:
        if folder in locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    assert files.paths() == [place]
    for unreadable in (place.parent, files.folder):
        locked.add(unreadable)
        with pytest.raises(
            StoreError, match=r"Permission denied\. Make it and what is in it readable"
        ):
            files.paths()
        locked.discard(unreadable)


def test_a_run_that_may_not_be_read_is_not_taken_for_one_that_is_gone(
    files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(a_tool())
    with files.lock(run) as folder:
        folder.save(run)

    def refuse(path: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(StoreError, match=r"Permission denied\. Make it and what is in it readable"):
        files.find(run.inputs.date, run.id)
