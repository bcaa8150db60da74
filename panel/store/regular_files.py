"""Files opened as files: a pipe or a device in the place of one is a fault, and nobody waits for it."""

import errno
import os
import stat
from pathlib import PurePath


def open_file(path: PurePath, flags: int = os.O_RDONLY) -> int:
    """Return a handle on a file. Raises OSError, also where what stands there is no file."""
    # Without O_NONBLOCK a pipe keeps its reader waiting for somebody who writes.
    handle = os.open(path, flags | os.O_NONBLOCK, 0o644)
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind):
        return handle
    os.close(handle)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is no file", str(path))


def read_file(path: PurePath) -> bytes:
    """Return what stands in a file. Raises OSError as `open_file` does."""
    with os.fdopen(open_file(path), "rb") as file:
        return file.read()


def read_text(path: PurePath, encoding: str = "utf-8") -> str:
    """Return the text in a file, its lines ended by a line feed. Raises OSError and UnicodeError."""
    with os.fdopen(open_file(path), encoding=encoding) as file:
        return file.read()


def describe_unread(error: OSError | ValueError) -> str:
    """Return why a file cannot be opened or read, in words for a person.

    >>> describe_unread(PermissionError(13, "Permission denied"))
    'Permission denied'
    """
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    # A NUL in a name is a ValueError.
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
