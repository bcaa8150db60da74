"""Which runs are recorded in a folder, so that a run whose folder is gone is missed.

`runs/manifest.jsonl` has a line for each run that was finished and for each that was pruned. Each line
carries its own digest and stands for itself, in any order and any number of times: so lines are only
ever appended, and what two branches of a repository add is merged line by line (`merge=union`).
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from panel.domain.run_document import Damaged
from panel.domain.value import Value
from panel.store.atomic_write import alone_in, sync_folder, write_all, write_alone
from panel.store.disk_errors import store_error, translated
from panel.store.regular_files import open_file, read_file

MANIFEST: Final = "manifest.jsonl"
_START: Final = '{"digest":"'
_MIDDLE: Final = '","run":'
_DIGITS: Final = 16  # it has to show a damaged byte, and is no protection from a forger
_READ_NEXT: Final = "Restore it from version control."


class Listed(Value):
    """What one line says of a run. `archive` names the file that a pruned run was put into."""

    day: date
    id: str
    state: Literal["recorded", "pruned"] = "recorded"
    at: datetime | None = None
    archive: str | None = None

    @property
    def key(self) -> tuple[date, str]:
        """What tells the run from all others."""
        return self.day, self.id


class Manifest:
    """The manifest of one folder of runs. Any number of processes may append to it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST

    @property
    def exists(self) -> bool:
        """Whether there is one: a workspace of an older Shipskip has none yet."""
        return self.path.exists()

    def read(self) -> tuple[tuple[Listed, ...], tuple[Damaged, ...]]:
        """Return what its lines say, and which of them cannot be read."""
        try:
            data = read_file(self.path)
        except OSError as error:
            return (), (Damaged(self.path, str(store_error(self.path, error, _READ_NEXT))),)
        listed, damaged = [], []
        for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
            if (found := _read_line(line)) is not None:
                listed.append(found)
            elif data:
                why = f"{self.path}, line {number}: it is damaged. {_READ_NEXT}"
                damaged.append(Damaged(self.path, why))
        return tuple(listed), tuple(damaged)

    def add(self, listed: Sequence[Listed]) -> None:
        """Append a line for each, all of them or none. Raises StoreError."""
        lines = b"".join(_write_line(one) for one in listed)
        with translated(self.path):
            if not self.exists:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = open_file(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if _append(handle, lines) == 0:
                    sync_folder(self.path.parent)
            finally:
                os.close(handle)

    def create(self, list_runs: Callable[[], Iterable[Listed]]) -> None:
        """Write a new manifest of the runs that were there before it, where there is none yet.

        Of many processes that do so at once one does, and the others find what it wrote: a second
        manifest would lose what was listed in the first. Raises StoreError.
        """
        with translated(self.path), alone_in(self.path.parent):
            if not self.exists:
                write_alone(self.path, b"".join(map(_write_line, list_runs())))


def _append(handle: int, lines: bytes) -> int:
    """Append `lines`, all or none, and return the size of the file before."""
    end = os.fstat(handle).st_size
    try:
        if end and os.pread(handle, 1, end - 1) != b"\n":  # a process died in the middle of a line
            lines = b"\n" + lines
        write_all(handle, lines)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, end)
        raise
    return end


def _write_line(listed: Listed) -> bytes:
    body = listed.model_dump_json(exclude_none=True)
    return f"{_START}{_digest(body.encode())}{_MIDDLE}{body}}}\n".encode()


def _read_line(line: bytes) -> Listed | None:
    body = line[len(_START) + _DIGITS + len(_MIDDLE) : -1]
    if line != f"{_START}{_digest(body)}{_MIDDLE}".encode() + body + b"}":
        return None
    try:
        return Listed.model_validate_json(body)
    except ValidationError:
        return None


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:_DIGITS]
