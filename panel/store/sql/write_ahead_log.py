"""Whether SQLite's write-ahead log has lost transactions: a damaged one is cut off without a word.

SQLite reads the log as far as its checksums hold, and takes what comes after for a commit that a crash
cut off. Of a commit that is the last one that is right. Each is synced before the next begins, so where
two or more commits lie behind the first wrong checksum, one that was kept is gone.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from panel.store.regular_files import read_file

# https://www.sqlite.org/fileformat2.html#the_write_ahead_log
_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_BIG, _LITTLE = 0x377F0683, 0x377F0682
_ORDERS: Final = {_BIG: ">", _LITTLE: "<"}
_PAGE_SIZES: Final = frozenset(512 << power for power in range(8))
_MASK: Final = 0xFFFFFFFF
_SUMMED_OF_HEADER, _SUMMED_OF_FRAME = 24, 8
_CUT_OFF: Final = 1  # commits that a crash may cut off


def find_damage(database: Path) -> int | None:
    """Return the offset of the damage by which the log of `database` loses commits, None for none.

    The log may be in use: what a writer is just changing is no damage, so it is read a second time.
    Of one that cannot be read SQLite says so itself.

    Example: `find_damage(Path("ledger.db"))` reads `ledger.db-wal`.
    """
    log = database.with_name(f"{database.name}-wal")
    try:
        data = read_file(log)
        found = _find(data)
        return found if found is not None and read_file(log) == data else None
    except OSError:
        return None


def _find(data: bytes) -> int | None:
    if len(data) <= _HEADER.size:
        return None
    magic, _, page, _, salt, other_salt, *sums = _HEADER.unpack_from(data)
    order = _ORDERS.get(magic)
    if order is None or page not in _PAGE_SIZES:
        return 0
    if _sum(order, data[:_SUMMED_OF_HEADER]) != tuple(sums):
        return 0
    salts = salt, other_salt
    size = _FRAME.size + page
    frames = range(_HEADER.size, len(data) - size + 1, size)
    chain = tuple(sums)
    for number, at in enumerate(frames):
        chain = _sum(order, data[at : at + _SUMMED_OF_FRAME], chain)
        chain = _sum(order, data[at + _FRAME.size : at + size], chain)
        *_, first, second = _FRAME.unpack_from(data, at)
        if chain != (first, second) or _salts(data, at) != salts:
            behind = _commits(data, frames[number:], salts)
            return at if next(islice(behind, _CUT_OFF, None), None) is not None else None
    return None


def _commits(data: bytes, frames: range, salts: tuple[int, int]) -> Iterator[int]:
    """Yield where commits of this log end; what an older one left behind has other salts."""
    for at in frames:
        _, pages_after_commit, *_ = _FRAME.unpack_from(data, at)
        if pages_after_commit and _salts(data, at) == salts:
            yield at


def _salts(data: bytes, at: int) -> tuple[int, int]:
    _, _, salt, other, *_ = _FRAME.unpack_from(data, at)
    return salt, other


def _sum(order: str, data: bytes, start: tuple[int, ...] = (0, 0)) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
