"""Whatever ends a write, a file has its old content or its new one, and no draft is left for good."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from panel.store.atomic_write import write_atomically, write_together
from tests.conftest import CHECKOUT

OLD, NEW = {"a": b"old a", "b": b"old b"}, {"a": b"new a" * 999, "b": b"new b" * 999}
CALLS = ("write", "fsync", "replace", "open")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_together(tmp_path, OLD)
    return tmp_path


def test_files_of_one_folder_are_written_together_and_leave_no_draft(folder: Path) -> None:
    assert content(folder) == OLD
    write_together(folder, NEW)
    assert content(folder) == NEW
    write_atomically(folder / "c", b"")
    assert content(folder) == {**NEW, "c": b""}


def failing(patch: pytest.MonkeyPatch, at: int) -> Callable[[], bool]:
    """Have the system's calls fail from the `at`-th on, as on a full disk; a write does a part."""
    left = at

    def wrap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left <= 0:
                if name == "write":
                    real(args[0], args[1][:3])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args, **options)

        return call

    for name in CALLS:
        patch.setattr(os, name, wrap(name, getattr(os, name)))
    return lambda: left <= 0


def test_whichever_call_finds_the_disk_full_no_file_is_cut_off_and_no_draft_stays(
    folder: Path,
) -> None:
    seen = set()
    for at in range(1, 40):
        write_together(folder, OLD)
        with pytest.MonkeyPatch.context() as patch:
            has_failed = failing(patch, at)
            with suppress(OSError):
                write_together(folder, NEW)
        found = content(folder)
        assert found.keys() == OLD.keys()
        assert all(data in (OLD[name], NEW[name]) for name, data in found.items())
        seen.add(found == OLD)
        if not has_failed():
            assert at > 8
            return
    pytest.fail("it never went through")


def test_a_full_disk_leaves_all_files_as_they_were_while_they_are_written(folder: Path) -> None:
    for at in (2, 3, 4, 5, 6, 7):  # open, write and sync of the first draft, then of the second
        with pytest.MonkeyPatch.context() as patch:
            failing(patch, at)
            with pytest.raises(OSError, match="space"):
                write_together(folder, NEW)
        assert content(folder) == OLD, at


WRITER = """
import os, sys
from pathlib import Path
from panel.store.atomic_write import write_together
steps = iter(range(int(sys.argv[2])))
def wrap(real):
    def call(*args, **options):
        if next(steps, None) is None:
            os.kill(os.getpid(), 9)
        return real(*args, **options)
    return call
for name in ("open", "write", "fsync", "replace", "unlink"):
    setattr(os, name, wrap(getattr(os, name)))
write_together(Path(sys.argv[1]), {"a": b"new a" * 999, "b": b"new b" * 999})
"""


@pytest.mark.slow
def test_a_process_killed_at_any_call_leaves_whole_files_and_its_drafts_are_swept(
    folder: Path,
) -> None:
    drafts = 0
    for steps in range(30):
        command = [sys.executable, "-c", WRITER, str(folder), str(steps)]
        ended = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
        found = content(folder)
        assert all(found[name] in (OLD[name], NEW[name]) for name in OLD)
        drafts += len(found) - len(OLD)
        write_together(folder, OLD)
        assert content(folder) == OLD
        if ended == 0:
            assert drafts > 4
            return
        assert ended == -signal.SIGKILL
    pytest.fail("it was always killed")


def test_the_draft_of_a_process_that_writes_is_not_swept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, inside = os.fsync, iter([True])

    def write_another(handle: int) -> None:
        fsync(handle)
        if next(inside, False):  # somebody else writes to the folder in the meantime
            write_atomically(folder / "c", b"c")

    monkeypatch.setattr(os, "fsync", write_another)
    write_atomically(folder / "a", b"new")
    assert content(folder) == {"a": b"new", "b": OLD["b"], "c": b"c"}


def test_what_only_looks_like_a_draft_is_left_alone(folder: Path) -> None:
    names = (".a.draft", "a.0123abcd.draft", ".a.0123abcd.draft.txt", ".a.0123ABCD.draft")
    for name in names:
        (folder / name).write_bytes(b"mine")
    (folder / ".a.0123abcd.draft").write_bytes(b"left over")
    write_atomically(folder / "a", b"new")
    assert content(folder).keys() == {*names, "a", "b"}


def test_a_device_is_never_replaced_by_a_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(FileExistsError):
        write_atomically(folder / "pipe", b"x")
    assert (folder / "pipe").is_fifo()


def test_a_symbolic_link_is_replaced_and_not_followed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "b"
    (folder / "link").symlink_to(other)
    write_atomically(folder / "link", b"new")
    assert other.read_bytes() == OLD["b"]
    assert not (folder / "link").is_symlink()


def test_a_file_is_synced_before_its_name_and_the_name_before_the_write_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        fsync(handle)
        is_folder = os.path.samestat(os.fstat(handle), folder.stat())
        steps.append("folder" if is_folder else "draft")

    def renamed(*args: Any, **options: Any) -> None:
        replace(*args, **options)
        steps.append("rename")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    write_together(folder, NEW)
    assert steps == ["draft", "draft", "rename", "rename", "folder"]
