"""What has changed in a folder of runs since somebody looked last, without reading any run."""

import os
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from panel.domain.run_document import Changes
from panel.store.disk_errors import translated

_DOCUMENT: Final = "run.json"
_ALWAYS_LISTED: Final = (
    2  # the newest days: a folder's time is too coarse to tell what is new there
)
_Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _Day:
    """A day's folder as it was listed last: its time, and what was seen of each of its runs."""

    time: int = 0
    runs: dict[Path, _Stamp | None] = field(default_factory=dict)
    documents: dict[Path, str] = field(default_factory=dict)


class FolderWatch:
    """Tells which runs of a folder are new, changed or gone, by the times and sizes of their files.

    The folder of a day is listed again only where its time has changed, the two newest days always.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._days: dict[str, _Day] = {}

    def poll(self, settled: Container[PurePath] = ()) -> Changes:
        """Return what has changed since the last call; the first has every run as changed.

        Of `settled` runs only those that are gone are told.
        """
        with translated(self._folder):
            gone = self._list_days()
        changed: set[PurePath] = set()
        for day in self._days.values():
            for path, before in day.runs.items():
                if before is not None and path in settled:
                    continue
                now = _stamp_of(day.documents[path])
                if now != before:
                    day.runs[path] = now
                    (gone if now is None else changed).add(path)
        return Changes(frozenset(changed), frozenset(gone))

    def _list_days(self) -> set[PurePath]:
        folders = {one.name: one for one in _folders(self._folder) if one.name[:1].isdigit()}
        newest = sorted(folders)[-_ALWAYS_LISTED:]
        gone: set[PurePath] = set()
        for name in self._days.keys() - folders.keys():
            gone |= _seen(self._days.pop(name).runs)
        for name, folder in folders.items():
            day = self._days.setdefault(name, _Day())
            time = folder.stat().st_mtime_ns
            if day.time == time and name not in newest:
                continue
            there = {Path(found.path) for found in _folders(Path(folder.path))}
            gone |= _seen({path: day.runs.pop(path) for path in day.runs.keys() - there})
            day.runs |= dict.fromkeys(there - day.runs.keys())
            day.documents = {path: f"{path}/{_DOCUMENT}" for path in day.runs}
            day.time = time
        return gone


def _seen(runs: dict[Path, _Stamp | None]) -> set[PurePath]:
    return {path for path, stamp in runs.items() if stamp is not None}


def _folders(folder: Path) -> Iterator["os.DirEntry[str]"]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from (entry for entry in entries if entry.is_dir())


def _stamp_of(document: str) -> _Stamp | None:
    """Return what changes with the document of a run; None where there is none yet, or no more."""
    try:
        found = os.stat(document)  # noqa: PTH116 - a tenth of the time of Path.stat
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
