"""Builds of the public site on disk: each a folder of its own, and one link that says which is served.

`public` is a symbolic link into `public.builds/`, where a build is named by the digest of its manifest.
A build is written beside the one that is served and the link is put in its place by one rename: who
reads `public` sees the old site or the new one, whenever a build fails or is killed.
"""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final, NamedTuple, Protocol

from pydantic_core import from_json, to_json

from panel.errors import Busy, StoreError
from panel.store.atomic_write import sync_folder
from panel.store.disk_errors import advice_for, store_error
from panel.store.regular_files import read_file

MANIFEST: Final = "manifest.json"
_RECORD: Final = "record.json"
_DRAFT: Final = ".draft-"
_KEPT: Final = 2
"""Builds that stay: the one that is served and the one before it, of which pages are still open."""


class FileToBuild(Protocol):
    """A file of the site: its path, the key of all that decides its bytes, and how it is made."""

    @property
    def path(self) -> str:
        """Its path within the site."""
        ...

    @property
    def key(self) -> str:
        """The same for the same bytes."""
        ...

    @property
    def make(self) -> Callable[[], bytes]:
        """What returns its bytes."""
        ...


@dataclass(frozen=True)
class BuiltSite:
    """A finished build: where it is served from, its digest, and how many files were made anew."""

    folder: Path
    digest: str
    files: int
    made: int
    size: int
    is_new: bool


class _Written(NamedTuple):
    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class _Earlier:
    """An earlier build: its folder, and what was written there by path."""

    folder: Path
    files: Mapping[str, _Written]

    def is_all_of(self, planned: Mapping[str, FileToBuild]) -> bool:
        """Tell whether it has every planned file as it was written, and no other."""
        return (
            self.files.keys() == planned.keys()
            and all(one.key == planned[path].key for path, one in self.files.items())
            and _is_whole(self.folder, self.files)
        )

    def link(self, file: FileToBuild, target: str) -> _Written | None:
        """Return what `target` is once it is this build's file; None where that has another key."""
        known = self.files.get(file.path)
        if known is None or known.key != file.key:
            return None
        return known if _link(f"{self.folder}/{file.path}", target, known.size) else None


class SiteBuilds:
    """The builds of the site that is served from `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._builds = folder.with_name(f"{folder.name}.builds")

    def build(self, files: Iterable[FileToBuild]) -> BuiltSite:
        """Return the build of `files`, once it is served in the place of the one before.

        A file whose key is that of an earlier build is taken from there. Raises StoreError, and Busy
        while another process builds; then the site is as it was.
        """
        self._refuse_folder()
        try:
            self._builds.mkdir(parents=True, exist_ok=True)
            with self._locked():
                planned = _by_path(files)
                build = self._served()
                served = None if build is None else self._read(build)
                if served is not None and served.is_all_of(planned):
                    return self._unchanged(served)
                draft = self._builds / f"{_DRAFT}{token_hex(4)}"
                try:
                    written, made = self._write(draft, planned, served)
                    return self._switch(draft, written, made)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            advice = advice_for(error, "choose another folder with --out")
            do_next = f"The site is as it was. {advice}"
            raise store_error(self._folder, error, do_next) from error

    def _served(self) -> Path | None:
        """Return the build that is served, None where none is, or the link leads to itself."""
        with suppress(RuntimeError):
            return self._folder.resolve() if self._folder.is_symlink() else None
        return None

    def _refuse_folder(self) -> None:
        if self._folder.is_symlink() or not self._folder.exists():
            return
        raise StoreError(
            f"{self._folder}: it is no build of the site, and nothing is put in its place. Remove it, "
            "or choose another folder with --out."
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._builds, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy(
                    f"{self._folder}: another process is building the site. Wait until it has ended."
                ) from error
            for left in self._builds.glob(f"{_DRAFT}*"):  # by a build that was killed
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()
            yield
        finally:
            os.close(handle)

    def _unchanged(self, served: "_Earlier") -> BuiltSite:
        digest = hashlib.sha256(_manifest(served.files)).hexdigest()
        files = len(served.files) + 1
        return BuiltSite(self._folder, digest, files, 0, _size(served.files), is_new=False)

    def _write(
        self, draft: Path, planned: Mapping[str, FileToBuild], served: "_Earlier | None"
    ) -> tuple[dict[str, _Written], int]:
        """Return what stands in `draft` now, by path, and how many files of it were made anew."""
        written = self._take_over(draft, planned, served)
        folders: set[str] = set()
        made = 0
        for path, file in planned.items():
            if path in written:
                continue
            target = f"{draft}/{path}"
            folder = target.rpartition("/")[0]
            if folder not in folders:
                Path(folder).mkdir(parents=True, exist_ok=True)
                folders.add(folder)
            known = served.link(file, target) if served else None
            if known is None:
                data = file.make()
                Path(target).write_bytes(data)
                made += 1
                known = _Written(file.key, hashlib.sha256(data).hexdigest(), len(data))
            written[path] = known
        return written, made

    def _take_over(
        self, draft: Path, planned: Mapping[str, FileToBuild], served: "_Earlier | None"
    ) -> dict[str, _Written]:
        """Make `draft` of the build before the served one; return its files that are as planned.

        That build goes in any case, and most of its files are the same: to make thousands of links
        beside it and to remove as many takes longer than all the rest.
        """
        before = max(self._older_than(served), key=lambda one: one.stat().st_mtime, default=None)
        if before is None:
            return {}
        earlier = self._read(before)
        self._record_of(before).unlink(missing_ok=True)
        before.rename(draft)
        kept: dict[str, _Written] = {}
        _remove_stale(str(draft), "", planned, earlier.files, kept)
        return kept

    def _older_than(self, served: "_Earlier | None") -> list[Path]:
        if served is None:
            return []
        return [
            one
            for one in self._builds.iterdir()
            if one.is_dir() and one.resolve() != served.folder  # which the link was followed to
        ]

    def _switch(self, draft: Path, written: Mapping[str, _Written], made: int) -> BuiltSite:
        manifest = _manifest(written)
        digest = hashlib.sha256(manifest).hexdigest()
        (draft / MANIFEST).write_bytes(manifest)
        place = self._builds / digest[:16]
        if place.is_dir() and not _is_whole(place, written):  # it was damaged since it was built
            place = place.with_name(f"{place.name}-{token_hex(4)}")
        served = self._served()
        is_new = served != place.resolve()
        if not place.is_dir():
            os.sync()  # one for all files: one each takes minutes for thousands
            draft.rename(place)
        self._write_record(place, written)
        sync_folder(self._builds)
        if is_new:
            link = self._builds / f"{_DRAFT}{token_hex(4)}"
            link.symlink_to(os.path.relpath(place, self._folder.parent))
            link.replace(self._folder)
        with suppress(OSError):  # it is served now: what is left over goes with the next build
            sync_folder(self._folder.parent)
            self._forget(place, served)
        return BuiltSite(self._folder, digest, len(written) + 1, made, _size(written), is_new)

    def _forget(self, place: Path, served: Path | None) -> None:
        kept = {place.name, served.name if served else place.name}
        others = sorted(
            (one for one in self._builds.iterdir() if one.is_dir() and one.name not in kept),
            key=lambda one: one.stat().st_mtime,
        )
        for old in others[: max(0, len(others) + len(kept) - _KEPT)]:
            shutil.rmtree(old, ignore_errors=True)
            self._record_of(old).unlink(missing_ok=True)

    def _record_of(self, build: Path) -> Path:
        return self._builds / f"{build.name}.{_RECORD}"

    def _read(self, build: Path) -> "_Earlier":
        """Return what is known of a build's files; nothing where that cannot be read."""
        try:
            rows = from_json(read_file(self._record_of(build)))
            return _Earlier(build, {path: _Written(*row) for path, row in rows.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return _Earlier(build, {})

    def _write_record(self, build: Path, written: Mapping[str, _Written]) -> None:
        rows = {path: [one.key, one.sha256, one.size] for path, one in written.items()}
        draft = self._builds / f"{_DRAFT}{token_hex(4)}.json"
        draft.write_bytes(to_json(rows))
        draft.replace(self._record_of(build))


def _by_path(files: Iterable[FileToBuild]) -> dict[str, FileToBuild]:
    planned: dict[str, FileToBuild] = {}
    for file in files:
        if _checked(file.path) in planned:
            raise ValueError(f"{file.path} is planned twice")
        planned[file.path] = file
    return planned


def _checked(path: str) -> str:
    """Return a file's path within a build. Raises ValueError for one that leads out of it."""
    parts = path.split("/")
    if not path or any(part in ("", ".", "..") or "\\" in part or "\x00" in part for part in parts):
        raise ValueError(f"{path!r} is no path of a site")
    return path


def _remove_stale(
    folder: str,
    below: str,
    planned: Mapping[str, FileToBuild],
    known: Mapping[str, _Written],
    kept: dict[str, _Written],
) -> None:
    """Remove what is not as planned from `folder`, which is `below` in its build.

    What stays is added to `kept`. A file is removed and never written to: builds share files by
    hard links.
    """
    before = len(kept)
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        path, place = f"{below}{name}", f"{folder}/{name}"
        if is_folder:
            _remove_stale(place, f"{path}/", planned, known, kept)
            continue
        file, one = planned.get(path), known.get(path)
        if file and one and one.key == file.key and _has_size(place, one.size):
            kept[path] = one
        else:
            Path(place).unlink()
    if below and len(kept) == before:
        Path(folder).rmdir()


def _is_whole(build: Path, written: Mapping[str, _Written]) -> bool:
    """Tell whether a build has every file that was `written` to it, each of its size."""
    files = all(_has_size(f"{build}/{path}", one.size) for path, one in written.items())
    return files and (build / MANIFEST).is_file()


def _has_size(path: str, size: int) -> bool:
    """Tell whether `path` is a file of `size` bytes; no link is followed."""
    # Thousands of files: a Path for each of them would take as long as all the rest.
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _link(source: str, target: str, size: int) -> bool:
    """Tell whether `target` is `source` now: not where it is gone, or another size than was written."""
    if not _has_size(source, size):
        return False
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _size(written: Mapping[str, _Written]) -> int:
    return sum(one.size for one in written.values())


def _manifest(written: Mapping[str, _Written]) -> bytes:
    """Return the manifest: SHA-256 and size of every file, in the order of their paths."""
    rows = {path: {"sha256": one.sha256, "size": one.size} for path, one in sorted(written.items())}
    return to_json({"v": 1, "files": rows}, indent=1) + b"\n"
