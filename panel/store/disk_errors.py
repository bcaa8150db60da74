"""What an error of the disk means for a person, in one line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final

from panel.errors import StoreError

_ADVICE: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Free some space."),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Make it writable."),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "Move away the file that stands there."),
}
_TRY_AGAIN: Final = "Then run the same command again: what is recorded stays."


def advice_for(error: OSError, otherwise: str | None = None) -> str:
    """Return what a person can do about a file or folder that cannot be written, or do `otherwise`."""
    advice = _ADVICE.get(error.errno or 0, "Check the disk.")
    return f"{advice.removesuffix('.')}, or {otherwise}." if otherwise else advice


def store_error(path: PurePath, error: OSError, do_next: str | None = None) -> StoreError:
    """Return the error to raise for `path`: what, why, and what to do next."""
    do_next = do_next or f"{advice_for(error)} {_TRY_AGAIN}"
    return StoreError(f"{path}: {error.strerror or type(error).__name__}. {do_next}")


@contextmanager
def translated(path: PurePath, do_next: str | None = None) -> Iterator[None]:
    """Raise a StoreError about `path` for each OSError inside."""
    try:
        yield
    except OSError as error:
        raise store_error(path, error, do_next) from error
