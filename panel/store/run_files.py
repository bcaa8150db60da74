"""Runs on disk: `runs/<date>/<id>/run.json` and `exchanges.jsonl`, readable in a diff."""

import asyncio
import errno
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from panel.domain.exchange import Exchange, Request
from panel.domain.recording import (
    Recording,
    looks_final,
    read_exchange,
    read_run,
    write_exchange,
    write_run,
)
from panel.domain.run import Run
from panel.errors import Busy, StoreError, Tampered

RUN, EXCHANGES, TORN = "run.json", "exchanges.jsonl", "exchanges.torn"
_SAY_AGAIN = "Then run the same command again: what is recorded stays."
_MEND = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Free some space."),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Make it writable."),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "Move away the file that stands there."),
}
_READ_NEXT = "Restore it from version control, or move the run's folder away."


class RunFiles:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The folder, for a message."""
        return str(self.folder)

    def place(self, run: Run) -> Path:
        """Return the folder of `run`."""
        return self.folder / run.inputs.date.isoformat() / run.id

    def find(self, day: date, id: str) -> Path | None:  # noqa: A002 - its word
        """Return the folder of the run of that date and id, if it was ever saved."""
        path = self.folder / day.isoformat() / id
        return path if (path / RUN).is_file() else None

    def at(self, name: str) -> Path | None:
        """Return the folder that is written as `name`, if it is that of a run."""
        path = Path(name)
        return path if (path / RUN).is_file() else None

    def beside(self, path: PurePath) -> Path:
        """Return the run's own folder: what a person writes to it lies there too."""
        return Path(path)

    def paths(self) -> list[Path]:
        """Return the folders of all runs, oldest date first."""
        return sorted(path.parent for path in self.folder.glob(f"*/*/{RUN}"))

    def load(self, path: PurePath) -> Recording:
        """Return the recording in the folder `path`. Raises StoreError, and Tampered by name.

        A run that can go on may have ended in the middle of a line, and may hold more exchanges
        than its run.json knows of; a final one may not.
        """
        run, digests = read_run(str(path / RUN), _read_bytes(path / RUN))
        *lines, rest = _read_bytes(path / EXCHANGES).split(b"\n")
        if rest and run.is_final:
            raise Tampered(
                f"{path / EXCHANGES}, line {len(lines) + 1}: it is cut off. "
                "Restore the file from version control."
            )
        found = tuple(_read_line(path, n, line) for n, line in enumerate(lines, start=1))
        known = found if run.is_final else found[: len(digests)]
        if tuple(digest for digest, _ in known) != digests:
            raise Tampered(
                f"{path / EXCHANGES}: its lines are not the {len(digests)} that {RUN} was written "
                "with. Restore both files from version control."
            )
        return Recording(path, run, tuple(exchange for _, exchange in found))

    def read(self, path: PurePath) -> Run:
        """Return the run in the folder `path` without its exchanges."""
        return read_run(str(path / RUN), _read_bytes(path / RUN))[0]

    def unfinished(self, task: str) -> Path | None:
        """Return the newest run of the same task that can go on, if there is one."""
        for path in reversed(self.paths()):
            data = _read_bytes(path / RUN)
            if looks_final(data):  # a thousand finished runs cost no parsing
                continue
            run, _ = read_run(str(path / RUN), data)
            if run.inputs.task == task:
                return path
        return None

    @contextmanager
    def lock(self, run: Run) -> Iterator["OpenRunFolder"]:
        """Yield the run's folder, made where it is missing, with this process as its one writer.

        Raises Busy where another process holds it, and StoreError.
        """
        path = self.place(run)
        with _said(path):
            path.mkdir(parents=True, exist_ok=True)
            handle = os.open(path / EXCHANGES, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            _lock(handle, path)
            folder = OpenRunFolder(path, handle)
            try:
                yield folder
            finally:
                folder.finish()
        finally:
            os.close(handle)


@dataclass(slots=True)
class _Line:
    """An exchange on its way to the disk; `fault` is why it did not get there."""

    exchange: Exchange
    digest: str
    data: bytes
    fault: StoreError | None = None


class OpenRunFolder:
    """One run's folder, held by this process: the journal of its exchanges, and its run.json."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._found: dict[str, Exchange] = {}
        self._digests: list[str] = []
        self._waiting: list[_Line] = []
        self._disk = threading.Lock()
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        # Made or not by us: who made one may have died before it was on the disk.
        self._unsynced = [path, path.parent, path.parent.parent]
        self._end = self._recover()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order in which they ended."""
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
        self._waiting.append(line)
        if self._next is None:
            self._next = asyncio.create_task(self._write_next())
        await asyncio.shield(self._next)
        if line.fault is not None:
            raise line.fault

    def finish(self) -> None:
        """Write what still waits, for a call that was cancelled may be paid; nothing comes after."""
        self._write_waiting()

    def save(self, run: Run) -> None:
        """Write run.json whole or not at all. Raises StoreError."""
        with self._disk:
            _replace(self.path / RUN, write_run(run, tuple(self._digests)))
            with _said(self.path):
                self._sync_folders()

    async def _write_next(self) -> None:
        async with self._turn:
            self._next = None
            if self._waiting:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, self._write_waiting)

    def _write_waiting(self) -> None:
        """Have all lines that wait on the disk; where they do not fit together, those that do."""
        with self._disk:
            lines = tuple(self._waiting)  # more may come while this thread is at it
            if lines and (fault := self._put(lines)) is not None:
                for line in lines:
                    line.fault = self._put([line]) if lines[1:] else fault
            del self._waiting[: len(lines)]

    def _put(self, lines: Sequence[_Line]) -> StoreError | None:
        """Write `lines`, all or none of them; return why they are not there, None where they are."""
        data = b"".join(line.data for line in lines)
        try:
            self._cut_back()
            _write(self._handle, data)
            self._sync_folders()
        except OSError as error:
            with suppress(OSError):
                self._cut_back()
            return _store_error(self.path / EXCHANGES, error)
        self._end += len(data)
        self._found.update((line.exchange.request.key, line.exchange) for line in lines)
        self._digests += (line.digest for line in lines)
        return None

    def _sync_folders(self) -> None:
        """Have the names of the folder and its file on the disk, once."""
        while self._unsynced:
            _sync_folder(self._unsynced[-1])
            self._unsynced.pop()

    def _recover(self) -> int:
        """Take up what is recorded and return its size; a last line that was torn is set aside."""
        data = _read_bytes(self.path / EXCHANGES)
        *lines, rest = data.split(b"\n")
        if rest:
            with _said(self.path / TORN):
                _write_to(self.path / TORN, os.O_APPEND, rest + b"\n")
                os.ftruncate(self._handle, len(data) - len(rest))
        for number, line in enumerate(lines, start=1):
            digest, exchange = _read_line(self.path, number, line)
            self._found[exchange.request.key] = exchange
            self._digests.append(digest)
        return len(data) - len(rest)

    def _cut_back(self) -> None:
        """Take off what a failed write left behind: it is in no digest, and nobody used it."""
        if os.fstat(self._handle).st_size > self._end:
            os.ftruncate(self._handle, self._end)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(
            f"{path}: another process is at work on this run. Wait for it, or stop it."
        ) from error
    except OSError as error:
        raise _store_error(path, error) from error


def _replace(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_to(draft, os.O_TRUNC, data)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise _store_error(path, error) from error


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_to(path: Path, how: int, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o644)
    try:
        _write(handle, data)
    finally:
        os.close(handle)


def _write(handle: int, data: bytes) -> None:
    """Have all of `data` on the disk: a full one may take a part first and fail on the next call."""
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


def _read_line(path: PurePath, number: int, line: bytes) -> tuple[str, Exchange]:
    return read_exchange(f"{path / EXCHANGES}, line {number}", line)


def _read_bytes(path: PurePath) -> bytes:
    with _said(path, _READ_NEXT):
        return Path(path).read_bytes()


@contextmanager
def _said(path: PurePath, do_next: str | None = None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _store_error(path, error, do_next) from error


def advice_for(error: OSError) -> str:
    """Return what a person can do about a file or folder that cannot be written."""
    return _MEND.get(error.errno or 0, "See to the disk.")


def _store_error(path: PurePath, error: OSError, do_next: str | None = None) -> StoreError:
    do_next = do_next or f"{advice_for(error)} {_SAY_AGAIN}"
    return StoreError(f"{path}: {error.strerror or type(error).__name__}. {do_next}")
