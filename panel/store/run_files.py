"""Runs on disk: `runs/<date>/<id>/run.json` and `exchanges.jsonl`, readable in a diff."""

import errno
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path, PurePath

from panel.domain.exchange import Exchange, Request
from panel.domain.run import Run
from panel.domain.run_document import (
    Damaged,
    MissingRun,
    Recording,
    digest_of,
    looks_final,
    read_exchange,
    read_run,
    write_exchange,
    write_run,
)
from panel.errors import Busy, StoreError, Tampered
from panel.store.atomic_write import sync_folder, write_all, write_alone, write_atomically
from panel.store.disk_errors import store_error, translated
from panel.store.group_commit import GroupCommit
from panel.store.manifest import Listed, Manifest
from panel.store.regular_files import open_file, read_file
from panel.store.run_watch import FolderWatch

RUN, EXCHANGES = "run.json", "exchanges.jsonl"
TORN, DAMAGED = "exchanges.torn", "damaged"
_REMOVED = ".removed-"
_READ_NEXT = "Restore it from version control, or move the run's folder away."
_READABLE = "Make it and what is in it readable, then run the same command again."
_DISK_THREADS = 4
_PATIENCE_S = 5.0
_POLL_S = 0.001


class RunFiles:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        """Name the folder. Its `threads` wait for the disk, for all runs that this object opens.

        `synced_days` are folders of a day that this process found, and had on the disk by their names.
        """
        self.folder = folder
        self.manifest = Manifest(folder)
        self.synced_days: set[Path] = set()
        self.threads = ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="disk")

    def __reduce__(self) -> tuple[type["RunFiles"], tuple[Path]]:
        return RunFiles, (self.folder,)  # another process has threads of its own

    @property
    def name(self) -> str:
        """The folder, for a message."""
        return str(self.folder)

    def place(self, run: Run) -> Path:
        """Return the folder of `run`."""
        return self.folder / run.inputs.date.isoformat() / run.id

    def find(self, day: date, id: str) -> Path | None:  # noqa: A002 - its word
        """Return the folder of the run of that date and id, if it was ever saved."""
        return self.at(str(self._path(day, id)))

    def at(self, name: str) -> Path | None:
        """Return the folder that is written as `name`, if it is that of a run."""
        path = Path(name)
        with translated(path, _READABLE):
            return path if (path / RUN).is_file() else None

    def beside(self, path: PurePath) -> Path:
        """Return the run's own folder: what a person writes to it lies there too."""
        return Path(path)

    def paths(self) -> list[Path]:
        """Return the folders of all runs, oldest date first."""
        days = [self.folder / name for name in _names(self.folder)]
        return [
            day / name
            for day in days
            for name in _names(day)
            if os.path.exists(f"{day}/{name}/{RUN}")  # noqa: PTH110 - a tenth of the time of Path.exists
        ]

    def watch(self) -> FolderWatch:
        """Return what tells which runs have changed, by the times of their files."""
        return FolderWatch(self.folder)

    def version(self, path: PurePath) -> str:
        """Return the times and sizes of the run's two files."""
        found = []
        for name in (RUN, EXCHANGES):
            with suppress(OSError):
                status = (Path(path) / name).stat()
                found.append(f"{status.st_mtime_ns}:{status.st_size}")
        return " ".join(found)

    def load(self, path: PurePath) -> Recording:
        """Return the recording in the folder `path`. Raises StoreError, and Tampered by name.

        A run that can go on may have ended in the middle of a line, and may hold more exchanges
        than its run.json knows of; a final one may not.
        """
        run, digests = read_run(str(path / RUN), _read_bytes(path / RUN))
        file = path / EXCHANGES
        *lines, rest = _read_bytes(file).split(b"\n")
        if rest and run.is_final:
            raise Tampered(
                f"{file}, line {len(lines) + 1}: it is cut off. "
                "Restore the file from version control."
            )
        found = tuple(_read_line(file, n, line) for n, line in enumerate(lines, start=1))
        known = found if run.is_final else found[: len(digests)]
        if tuple(digest for digest, _ in known) != digests:
            raise Tampered(
                f"{file}: its lines are not the {len(digests)} that {RUN} was written "
                "with. Restore both files from version control."
            )
        return Recording(path, run, tuple(exchange for _, exchange in found))

    def read(self, path: PurePath) -> Run:
        """Return the run in the folder `path` without its exchanges."""
        return self.read_with_digest(path)[0]

    def read_with_digest(self, path: PurePath) -> tuple[Run, str]:
        """Return the run in the folder `path` and the digest of its document."""
        data = _read_bytes(path / RUN)
        return read_run(str(path / RUN), data)[0], digest_of(data)

    def unfinished(self, task: str) -> Path | None:
        """Return the newest run of the same task that can go on, if there is one.

        A run whose run.json is damaged is passed over, for nobody can tell what its task was.
        """
        for path in reversed(self.paths()):
            with suppress(StoreError):
                data = _read_bytes(path / RUN)
                if looks_final(data):  # a thousand finished runs cost no parsing
                    continue
                run, _ = read_run(str(path / RUN), data)
                if run.inputs.task == task:
                    return path
        return None

    def missing(self) -> tuple[Damaged, ...]:
        """Return the runs that were recorded and are gone (MissingRun), and damage of the manifest.

        A workspace that has no manifest yet gets one of the runs that are there, where it can be
        written.
        """
        if not self.manifest.exists:
            with suppress(StoreError):
                self.manifest.create(self._list_finished)
            return ()
        listed, damaged = self.manifest.read()
        # After the manifest: a run that ends meanwhile is not in that yet.
        there = set(self.paths())
        recorded = {one.key for one in listed} - _pruned(listed)
        gone = {key for key in recorded if self._path(*key) not in there}
        if gone:  # or pruned meanwhile
            gone -= _pruned(self.manifest.read()[0])
        return *damaged, *(_missing(self._path(*key)) for key in sorted(gone))

    def remove(self, path: PurePath, at: datetime, archive: str | None = None) -> None:
        """Delete a run, which the manifest has as pruned from then on. Raises Busy and StoreError.

        `archive` names the file that holds a copy of it, if there is one. One that is gone already is
        no error.
        """
        folder = Path(path)
        day, id_ = _day_of(folder), folder.name
        if day is None:
            raise StoreError(
                f"{folder}: it is in no folder of a date. Move it to one, or remove it by hand."
            )
        with translated(folder):
            try:
                handle = open_file(folder / EXCHANGES, os.O_RDWR | os.O_CREAT)
            except FileNotFoundError:
                return
        try:
            _lock(handle, folder)
            if not (folder / RUN).exists():
                return
            self.list_in_manifest(Listed(day=day, id=id_, state="pruned", at=at, archive=archive))
            with translated(folder):
                _delete(folder, self.folder / f"{_REMOVED}{folder.name}")
            with suppress(OSError):
                folder.parent.rmdir()
        finally:
            os.close(handle)

    def finish_removals(self) -> None:
        """Delete what is left of runs whose removal was cut off, as far as that can be deleted."""
        for removed in self.folder.glob(f"{_REMOVED}*"):
            shutil.rmtree(removed, ignore_errors=True)

    def set_aside(self, path: PurePath) -> Path:
        """Return the folder below `runs/damaged` that has now what is damaged of the run in `path`.

        That is its run.json, and each exchange that cannot be read. The run counts as never saved,
        and the sound exchanges stay: who begins it anew under the same id pays for none of them
        again. Raises Busy and StoreError.
        """
        folder = Path(path)
        place = self._free_place(folder)
        with translated(folder):
            handle = open_file(folder / EXCHANGES, os.O_RDWR | os.O_CREAT)
        try:
            _lock(handle, folder)
            sound, bad = _sort_lines(folder)
            with translated(place):
                place.mkdir(parents=True)
                if bad:
                    write_atomically(place / EXCHANGES, bad)
                    _shrink(handle, sound)
                (folder / RUN).rename(place / RUN)
                for changed in (folder, place):
                    sync_folder(changed)
        finally:
            os.close(handle)
        return place

    def damaged(self) -> list[Path]:
        """Return the folders of what was set aside of runs, oldest date first."""
        return sorted(self.folder.glob(f"{DAMAGED}/*/*"))

    def list_in_manifest(self, listed: Listed) -> None:
        """Append to the manifest, which is made of the runs that are there where it is missing."""
        if not self.manifest.exists:
            self.manifest.create(self._list_finished)
        self.manifest.add([listed])

    @contextmanager
    def lock(self, run: Run) -> Iterator["OpenRunFolder"]:
        """Yield the run's folder, made where it is missing, with this process as its one writer.

        A last line that was torn is set aside, and its request asked again. Raises Busy where another
        process has the run, StoreError, and Tampered where another line is damaged.
        """
        path = self.place(run)
        if not path.parent.is_dir():
            self.synced_days.discard(path.parent)
        with translated(path):
            is_new = _make_folder(path)
            handle = open_file(path / EXCHANGES, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            _lock(handle, path)
            if not is_new:
                _sweep(path)
            folder = OpenRunFolder(self, path, handle)
            try:
                yield folder
            finally:
                folder.finish()
        finally:
            os.close(handle)

    def is_at_work(self, path: PurePath) -> bool:
        """Tell whether a process has locked the run in a place at this moment."""
        with suppress(OSError):  # where nobody could have locked it either
            handle = open_file(path / EXCHANGES)
            try:
                return not _try_lock(handle, fcntl.LOCK_SH)
            finally:
                os.close(handle)
        return False

    def _path(self, day: date, id: str) -> Path:  # noqa: A002 - its word
        return self.folder / day.isoformat() / id

    def _free_place(self, folder: Path) -> Path:
        names = (f"{folder.name}-{n}" if n else folder.name for n in count())
        places = (self.folder / DAMAGED / folder.parent.name / name for name in names)
        return next(place for place in places if not place.exists())

    def _list_finished(self) -> Iterator[Listed]:
        for path in self.paths():
            day = _day_of(path)
            if day is not None and _is_finished(path):
                yield Listed(day=day, id=path.name)


@dataclass(slots=True)
class _Line:
    """An exchange on its way to the disk; `fault` is why it did not get there."""

    exchange: Exchange
    digest: str
    data: bytes
    fault: StoreError | None = None


class OpenRunFolder:
    """The folder of a run that this process has locked: its exchanges, and its run.json."""

    def __init__(self, files: RunFiles, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._files = files
        self._is_listed = False
        self._found: dict[str, Exchange] = {}
        self._digests: list[str] = []
        self._disk = threading.Lock()
        self._lines = GroupCommit(self._write_lines, files.threads)
        # Made or not by us: who made one may have died before it was on the disk.
        self._unsynced = [path, path.parent]
        if path.parent not in files.synced_days:
            self._unsynced.append(path.parent.parent)
        self._end = self._recover()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order in which they ended; none once the run was let go."""
        return tuple(self._found.values())

    def find(self, request: Request) -> Exchange | None:
        """Return the recorded exchange of exactly this request, if there is one."""
        return self._found.get(request.key)

    async def append(self, exchange: Exchange) -> None:
        """Write one exchange and have it on the disk before returning. Raises StoreError.

        A thread waits for the disk, so that other calls go on. What comes in meanwhile is written
        and synced together, in its order. Who is cancelled here leaves the exchange to be written.
        """
        digest, data = write_exchange(exchange)
        line = _Line(exchange, digest, data + b"\n")
        await self._lines.write(line)
        if line.fault is not None:
            raise line.fault

    def finish(self) -> None:
        """Write what still waits, for a call that was cancelled may be paid; nothing comes after."""
        self._lines.flush()
        self._found = {}  # this object and `_lines` hold each other until the collector finds them

    def save(self, run: Run) -> None:
        """Write run.json whole or not at all. Raises StoreError.

        Exchanges that still wait for the disk are written first, so that it has their digests. A
        finished run is listed in the manifest first: so none is finished that would not be missed.
        """
        self._lines.flush()
        if run.is_final and not self._is_listed:
            self._files.list_in_manifest(Listed(day=run.inputs.date, id=run.id))
            self._is_listed = True
        with self._disk, translated(self.path / RUN):
            write_alone(self.path / RUN, write_run(run, tuple(self._digests)))
            # Its own folder was synced with the rename.
            self._unsynced = [folder for folder in self._unsynced if folder != self.path]
            self._sync_folders()

    def _write_lines(self, lines: Sequence[_Line]) -> None:
        """Have `lines` on the disk; where they do not fit together, those that do."""
        with self._disk:
            if (fault := self._put(lines)) is not None:
                for line in lines:
                    line.fault = self._put([line]) if lines[1:] else fault

    def _put(self, lines: Sequence[_Line]) -> StoreError | None:
        """Write `lines`, all or none of them; return why they are not there, None where they are."""
        data = b"".join(line.data for line in lines)
        try:
            self._cut_back()
            write_all(self._handle, data)
            self._sync_folders()
        except OSError as error:
            with suppress(OSError):
                self._cut_back()
            return store_error(self.path / EXCHANGES, error)
        self._end += len(data)
        self._found.update((line.exchange.request.key, line.exchange) for line in lines)
        self._digests += (line.digest for line in lines)
        return None

    def _sync_folders(self) -> None:
        """Have the names of the folder and its file on the disk, once."""
        while self._unsynced:
            sync_folder(self._unsynced[-1])
            self._unsynced.pop()
        self._files.synced_days.add(self.path.parent)

    def _recover(self) -> int:
        """Take up what is recorded and return its size; a last line that was torn is set aside."""
        if os.fstat(self._handle).st_size == 0:
            return 0
        file = self.path / EXCHANGES
        *lines, rest = _read_bytes(file).split(b"\n")
        if rest:
            with translated(self.path / TORN):
                _append(self.path / TORN, rest + b"\n")
                os.ftruncate(self._handle, sum(len(line) + 1 for line in lines))
        for number, line in enumerate(lines, start=1):
            digest, exchange = _read_line(file, number, line)
            self._found[exchange.request.key] = exchange
            self._digests.append(digest)
        return sum(len(line) + 1 for line in lines)

    def _cut_back(self) -> None:
        """Take off what a failed write left behind: it is in no digest, and nobody used it."""
        if os.fstat(self._handle).st_size > self._end:
            os.ftruncate(self._handle, self._end)


def _names(folder: Path) -> list[str]:
    """Return what is in a folder, sorted: nothing where it is none.

    Nor where it may not be read and has no runs, as `lost+found` of a volume. Raises StoreError.
    """
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names alone, not 10,000 paths
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if folder.name == "lost+found":
            return []
        raise store_error(folder, error, _READABLE) from error


def _make_folder(path: Path) -> bool:
    """Tell whether the folder was missing; it is there now."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return False
    return True


def _delete(folder: Path, moved: Path) -> None:
    """Delete the folder of a run, by way of the place `moved`. Raises OSError where some is left."""
    try:
        # In one step: what is half deleted is no run, and `finish_removals` deletes the rest.
        folder.rename(moved)
    except OSError as error:
        if error.errno != errno.EXDEV:  # else the folder of its day is a link to another disk
            raise
        (folder / RUN).unlink()
        moved = folder
    with suppress(FileNotFoundError):  # another prune is at it too
        shutil.rmtree(moved)


def _lock(handle: int, path: Path) -> None:
    """Be the one writer of a run. Raises Busy where another process is, and StoreError.

    Who asks whether a run is at work shares the lock for an instant, and is waited for.
    """
    until = time.monotonic() + _PATIENCE_S
    try:
        while not _try_lock(handle, fcntl.LOCK_EX):
            if not _try_lock(handle, fcntl.LOCK_SH) or time.monotonic() > until:
                raise Busy(
                    f"{path}: another process is at work on this run. Wait for it, or stop it."
                )
            fcntl.flock(handle, fcntl.LOCK_UN)  # so that two who wait do not keep each other out
            time.sleep(_POLL_S)
    except OSError as error:
        raise store_error(path, error) from error


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sort_lines(folder: Path) -> tuple[bytes, bytes]:
    """Return the lines of a run's exchanges that can be read, and those that cannot."""
    sound, bad = b"", b""
    for number, line in enumerate(_read_bytes(folder / EXCHANGES).split(b"\n"), start=1):
        if not line:
            continue
        try:
            _read_line(folder / EXCHANGES, number, line)
        except Tampered:
            bad += line + b"\n"
        else:
            sound += line + b"\n"
    return sound, bad


def _shrink(handle: int, data: bytes) -> None:
    """Have `data`, which is a part of a file, as all of it: the file itself has the lock, and stays.

    Lines only move towards the beginning. So whoever dies here leaves each of them there at least
    once, between pieces that are set aside the next time.
    """
    os.lseek(handle, 0, os.SEEK_SET)
    write_all(handle, data)
    os.ftruncate(handle, len(data))


def _append(path: Path, data: bytes) -> None:
    handle = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        write_all(handle, data)
    finally:
        os.close(handle)


def _sweep(path: Path) -> None:
    """Remove the drafts of run.json in a locked folder: who wrote them had the lock, and died."""
    for draft in path.glob(f".{RUN}.*"):
        with translated(draft):
            draft.unlink()


def _read_line(file: PurePath, number: int, line: bytes) -> tuple[str, Exchange]:
    return read_exchange(f"{file}, line {number}", line)


def _read_bytes(path: PurePath) -> bytes:
    with translated(path, _READ_NEXT):
        return read_file(path)


def _is_finished(path: Path) -> bool:
    try:
        return looks_final(_read_bytes(path / RUN))
    except StoreError:
        return False


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.parent.name)
    except ValueError:
        return None


def _pruned(listed: Iterable[Listed]) -> set[tuple[date, str]]:
    return {one.key for one in listed if one.state == "pruned"}


def _missing(path: Path) -> MissingRun:
    why = (
        f"{path}: it was recorded and is missing. Restore it from version control or a backup; "
        "what may go is deleted with `shipskip runs prune`."
    )
    return MissingRun(path, why)
