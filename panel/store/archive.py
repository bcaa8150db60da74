"""Folders put into one tar file, which is read back before anybody deletes what is in it."""

import errno
import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Final

from panel.errors import StoreError
from panel.store.atomic_write import sync_folder
from panel.store.disk_errors import store_error

_CHUNK: Final = 1 << 20
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems without hard links say: https://man7.org/linux/man-pages/man2/link.2.html."""


def write_archive(path: Path, folders: Iterable[Path], below: Path) -> int:
    """Return the bytes of a new tar file at `path` with all files of `folders`; `.gz` is compressed.

    Names are relative to `below`. The file is written under another name, read back, compared with
    what is on the disk, and only then renamed to `path`. Raises StoreError: then there is none.
    """
    draft = path.with_name(f".{path.name}.{token_hex(4)}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digests = _write(draft, folders, below, compressed=path.suffix in (".gz", ".tgz"))
        _verify(draft, digests)
        _put(draft, path)
        sync_folder(path.parent)
        return path.stat().st_size
    except (OSError, tarfile.TarError) as error:
        raise _cannot_archive(path, error) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _put(draft: Path, path: Path) -> None:
    """Have `draft` at `path`; it never takes the place of another file."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        draft.replace(path)
    else:
        draft.unlink()


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the regular files of `folder` and of all below it, in one order."""
    yield from (
        path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()
    )


def _write(
    draft: Path, folders: Iterable[Path], below: Path, *, compressed: bool
) -> Mapping[str, str]:
    """Return the digest of each file that was written to `draft`, by its name in there."""
    digests: dict[str, str] = {}
    with draft.open("xb") as file:
        with tarfile.open(fileobj=file, mode="w:gz" if compressed else "w") as archive:
            for path in (path for folder in folders for path in files_in(folder)):
                name = path.relative_to(below).as_posix()
                archive.add(path, name, recursive=False)
                with path.open("rb") as source:
                    digests[name] = _digest(source)
        file.flush()
        os.fsync(file.fileno())
    return digests


def _verify(draft: Path, digests: Mapping[str, str]) -> None:
    """Raise TarError where `draft` does not hold exactly these files with these contents."""
    found: dict[str, str] = {}
    with tarfile.open(draft) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                found[member.name] = _digest(content)
    if found != digests:
        raise tarfile.TarError("what was written is not what can be read back")


def _digest(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while data := source.read(_CHUNK):
        digest.update(data)
    return digest.hexdigest()


def _cannot_archive(path: Path, error: OSError | tarfile.TarError) -> StoreError:
    do_next = "Nothing was removed. Name another file with --archive, or free some space."
    if isinstance(error, OSError):
        return store_error(path, error, do_next)
    return StoreError(f"{path}: {error}. {do_next}")
