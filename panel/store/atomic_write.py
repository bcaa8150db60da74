"""Files written whole: a reader, a full disk or a killed process meets the old content or the new."""

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

_DRAFT: Final = re.compile(r"\..{1,240}\.[0-9a-f]{8}\.draft", re.DOTALL)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of `path` with `data`, on the disk when this returns. Raises OSError.

    `write_atomically(Path("runs/2026-11-22/a-1/run.json"), b"{}")`
    """
    write_together(path.parent, {path.name: data})


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace several files of one folder, by name; as `write_atomically` does it with one.

    All of them are written before the first takes its place: a full disk leaves every one as it was.
    """
    with _writing_in(folder) as handle:
        _replace(handle, folder, files)


def write_alone(path: Path, data: bytes) -> None:
    """Replace the content of `path` as `write_atomically` does it, in a folder that is the caller's.

    Nobody else may write there meanwhile: no lock is taken, and no draft of a dead process removed.
    """
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _replace(handle, path.parent, {path.name: data})
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Have a folder to oneself for this block: what is looked at there is so when it is written.

    Who writes in it meanwhile, in whichever process, waits; in the block itself use `write_alone`.
    Where the file system has no locks nobody waits. Raises OSError where there is no such folder.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(handle: int, folder: Path, files: Mapping[str, bytes]) -> None:
    drafts = {name: folder / f".{name}.{token_hex(4)}.draft" for name in files}
    try:
        for name, data in files.items():
            _refuse_special(folder / name)
            _write_new(drafts[name], data)
        for name in files:
            drafts[name].replace(folder / name)
        os.fsync(handle)  # a rename is on the disk when its folder is
    except BaseException:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
        raise


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Have all of `data` on the disk: a full one may take a part first and fail on the next call."""
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


@contextmanager
def _writing_in(folder: Path) -> Iterator[int]:
    """Yield a handle of `folder`, locked by one who writes there.

    Writers share the lock of the folder. Who gets it alone knows that nobody is writing, so every
    draft there was left by a process that died, on whichever machine. Where the file system has no
    locks, drafts are left alone.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in folder.iterdir():
                if _DRAFT.fullmatch(path.name):
                    path.unlink()
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        write_all(handle, data)
    finally:
        os.close(handle)


def _refuse_special(path: Path) -> None:
    """Raise FileExistsError for what is there and no file: a rename would replace a device, too."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
