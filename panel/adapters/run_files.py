"""Runs on disk: `runs/<date>/<id>/run.json` and `exchanges.jsonl`, readable in a diff.

A line of `exchanges.jsonl` is `{"digest":"<sha256>","exchange":{...}}`, the digest being that of the
exchange's bytes; `run.json` begins with the digest of all that follows it and has those of its
exchanges. So one changed byte is found and named.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from panel.domain.exchange import Exchange, Request, canonical
from panel.domain.run import Run
from panel.domain.value import Value
from panel.errors import Busy, StoreError, Tampered

RUN, EXCHANGES, TORN = "run.json", "exchanges.jsonl", "exchanges.torn"
_HEAD = '{"digest":"'
_MIDDLE = '","exchange":'
_SIGNED = '{\n "digest": "'
_FINAL = (b'\n  "state": "finished",', b'\n  "state": "set_aside",')
_START = len(_HEAD) + 64 + len(_MIDDLE)
_WRITE_NEXT = (
    "Free some space or choose another folder with --root, then run the same command again: what is "
    "recorded stays."
)
_READ_NEXT = "Restore it from version control, or move the run's folder away."


class _Content(Value):
    recorded: tuple[str, ...]
    run: Run


class _Signed(_Content):
    digest: str


@dataclass(frozen=True)
class Recording:
    """A run and its exchanges as they were read from disk, checked against their digests."""

    path: Path
    run: Run
    exchanges: tuple[Exchange, ...]


class RunFiles:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, run: Run) -> Path:
        """Return the folder of `run`."""
        return self.folder / run.inputs.date.isoformat() / run.id

    def paths(self) -> list[Path]:
        """Return the folders of all runs, oldest date first."""
        return sorted(path.parent for path in self.folder.glob(f"*/*/{RUN}"))

    def load(self, path: Path) -> Recording:
        """Return the recording in the folder `path`. Raises StoreError, and Tampered by name.

        A run that can go on may have ended in the middle of a line, and may hold more exchanges
        than its run.json knows of; a final one may not.
        """
        run, digests = _read_run(path / RUN)
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

    def read(self, path: Path) -> Run:
        """Return the run in the folder `path` without its exchanges."""
        return _read_run(path / RUN)[0]

    def unfinished(self, task: str) -> Path | None:
        """Return the newest run of the same task that can go on, if there is one."""
        for path in reversed(self.paths()):
            data = _read_bytes(path / RUN)
            if any(mark in data for mark in _FINAL):  # a thousand finished runs cost no parsing
                continue
            run, _ = _parse_run(path / RUN, data)
            if run.inputs.task == task:
                return path
        return None

    @contextmanager
    def hold(self, run: Run) -> Iterator["RunFolder"]:
        """Yield the run's folder, made where it is missing, with this process as its one writer.

        Raises Busy where another process holds it, and StoreError.
        """
        path = self.place(run)
        with _said(path, _WRITE_NEXT):
            path.mkdir(parents=True, exist_ok=True)
            handle = os.open(path / EXCHANGES, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            _lock(handle, path)
            yield RunFolder(path, handle)
        finally:
            os.close(handle)


class RunFolder:
    """One run's folder, held by this process: the journal of its exchanges, and its run.json."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._found: dict[str, Exchange] = {}
        self._digests: list[str] = []
        self._end = self._recover()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order in which they ended."""
        return tuple(self._found.values())

    def find(self, request: Request) -> Exchange | None:
        """Return the recorded exchange of exactly this request, if there is one."""
        return self._found.get(request.key)

    def append(self, exchange: Exchange) -> None:
        """Write one exchange and have it on the disk before returning. Raises StoreError."""
        body = canonical(exchange.model_dump(mode="json")).encode()
        digest = hashlib.sha256(body).hexdigest()
        line = f"{_HEAD}{digest}{_MIDDLE}".encode() + body + b"}\n"
        try:
            self._cut_back()
            _write(self._handle, line)
        except OSError as error:
            with suppress(OSError):
                self._cut_back()
            raise _store_error(self.path / EXCHANGES, error, _WRITE_NEXT) from error
        self._end += len(line)
        self._found[exchange.request.key] = exchange
        self._digests.append(digest)

    def save(self, run: Run) -> None:
        """Write run.json whole or not at all. Raises StoreError."""
        content = _Content(recorded=tuple(self._digests), run=run)
        body = content.model_dump_json(indent=1)[1:] + "\n"
        digest = hashlib.sha256(body.encode()).hexdigest()
        _replace(self.path / RUN, f'{_SIGNED}{digest}",{body}'.encode())

    def _recover(self) -> int:
        """Take up what is recorded and return its size; a last line that was torn is set aside."""
        data = _read_bytes(self.path / EXCHANGES)
        *lines, rest = data.split(b"\n")
        if rest:
            with _said(self.path / TORN, _WRITE_NEXT):
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
        raise _store_error(path, error, _WRITE_NEXT) from error


def _replace(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_to(draft, os.O_TRUNC, data)
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise _store_error(path, error, _WRITE_NEXT) from error


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


def _read_run(path: Path) -> tuple[Run, tuple[str, ...]]:
    return _parse_run(path, _read_bytes(path))


def _parse_run(path: Path, data: bytes) -> tuple[Run, tuple[str, ...]]:
    body = data[len(_SIGNED) + 64 + 2 :]
    digest = hashlib.sha256(body).hexdigest()
    if data != f'{_SIGNED}{digest}",'.encode() + body:
        raise Tampered(
            f"{path}: its content does not match its digest, so it was changed after it was "
            "recorded. Restore it from version control."
        )
    try:
        signed = _Signed.model_validate_json(data)
    except ValidationError as error:
        raise Tampered(f"{path}: {_of_another_version(error)}") from error
    return signed.run, signed.recorded


def _read_line(path: Path, number: int, line: bytes) -> tuple[str, Exchange]:
    where = f"{path / EXCHANGES}, line {number}"
    body = line[_START:-1]
    digest = hashlib.sha256(body).hexdigest()
    if line != f"{_HEAD}{digest}{_MIDDLE}".encode() + body + b"}":
        raise Tampered(
            f"{where}: its content does not match its digest, so it was changed after it was "
            "recorded. Restore it from version control."
        )
    try:
        return digest, Exchange.model_validate_json(body)
    except ValidationError as error:
        raise Tampered(f"{where}: {_of_another_version(error)}") from error


def _read_bytes(path: Path) -> bytes:
    with _said(path, _READ_NEXT):
        return path.read_bytes()


@contextmanager
def _said(path: Path, do_next: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _store_error(path, error, do_next) from error


def _store_error(path: Path, error: OSError, do_next: str) -> StoreError:
    return StoreError(f"{path}: {error.strerror or type(error).__name__}. {do_next}")


def _of_another_version(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in fault["loc"])[:80]
    return (
        f"it was written by another version of shipskip ({place}: {fault['msg']}). "
        "Read it with that version, or convene the panel again."
    )
