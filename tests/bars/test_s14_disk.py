"""S14: fail the N-th operation of a review on the disk, for N = 1 until it passes."""

import errno
import io
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.errors import StoreError
from tests.bars.conftest import Show
from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, a_room, a_wish, answer, review_all, settings_for, tools

BY_PATH = ("open", "replace", "rename", "mkdir", "unlink", "symlink")
BY_HANDLE = ("write", "fsync", "ftruncate")
REVIEWERS = 4
MOST = 200


@dataclass
class Disk:
    """What a review does to the files below `root`, of which the N-th operation fails.

    With `for_good` each one after it fails too, as on a disk that is full or went read-only.
    """

    root: Path
    failing: int
    code: int
    for_good: bool
    count: int = 0
    failed: str = ""
    handles: set[int] = field(default_factory=set)
    turn: Lock = field(default_factory=Lock)  # a thread may wait for the disk beside the review

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        for name in (*BY_PATH, *BY_HANDLE):
            patch.setattr(os, name, self._watched(name, getattr(os, name)))
        patch.setattr(io, "open", self._watched("open", io.open))

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operate(*args: Any, **options: Any) -> Any:
            if not self._is_ours(name, args, options):
                return real(*args, **options)
            with self.turn:
                self.count += 1
                fails = self.count == self.failing or (self.for_good and self.count > self.failing)
            if fails:
                self.failed = self.failed or name
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])  # a full disk takes a part first
                raise OSError(self.code, os.strerror(self.code), str(args[0]))
            found = real(*args, **options)
            if name == "open":
                self.handles.add(found if isinstance(found, int) else found.fileno())
            return found

        return operate

    def _is_ours(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> bool:
        if name in BY_HANDLE:
            return args[0] in self.handles
        if name == "open" and self._only_reads(args, options):
            return False
        return any(str(path).startswith(str(self.root)) for path in args[:2])

    def _only_reads(self, args: tuple[Any, ...], options: dict[str, Any]) -> bool:
        mode = args[1] if len(args) > 1 else options.get("mode", "r")
        return "w" not in mode and "a" not in mode if isinstance(mode, str) else mode == os.O_RDONLY


@dataclass(frozen=True)
class Came:
    """What one failure led to: the operation, the message, and the calls of the command again.

    `through` tells that the review ended as an undisturbed one; `same` that the next one did.
    """

    failed: str
    said: str
    through: bool
    recorded: int
    finished: bool
    calls_again: int
    same: bool

    @property
    def paid_again(self) -> int:
        """The recorded calls that the command again has paid for; a finished run is left as it is."""
        return 0 if self.finished else self.calls_again - (REVIEWERS - self.recorded)


def fail(room: Workspace, desk: Desk, disk: Disk, whole: Run) -> Came:
    """Review a tool while the disk fails, look at what lies there, and run the same command again."""
    before, said, through = len(desk.calls), "", False
    with pytest.MonkeyPatch.context() as patch:
        disk.watch(patch)
        try:
            (done,) = review_all(room, tools(1), a_wish(CHAT))
            through = outcome(done.run) == outcome(whole)
        except StoreError as error:
            said = str(error)
    calls = len(desk.calls) - before
    found = [room.runs.load(path) for path in room.runs.paths()]  # without a complaint
    (again,) = review_all(room, tools(1), a_wish(CHAT))
    came = Came(
        failed=disk.failed,
        said=said,
        recorded=sum(len(one.exchanges) for one in found),
        finished=any(one.run.is_final for one in found),
        calls_again=len(desk.calls) - before - calls,
        through=through,
        same=outcome(again.run) == outcome(whole),
    )
    shutil.rmtree(room.root)
    return came


def outcome(run: Run) -> tuple[object, ...]:
    return run.state, run.reviews, run.verdict


@pytest.mark.parametrize(
    ("codes", "for_good"),
    [((errno.EIO,), False), ((errno.ENOSPC, errno.EROFS), True)],
    ids=["one I/O error", "full or read-only from then on"],
)
def test_s14_whichever_operation_fails_the_store_reads_clean_and_goes_on(
    codes: Sequence[int], for_good: bool, tmp_path: Path, show: Show
) -> None:
    root = tmp_path / "room"
    came: list[Came] = []
    with Desk(lambda heard: answer(CHAT, heard)) as desk:
        room = a_room(root, settings_for(CHAT, desk.address))
        (quiet,) = review_all(room, tools(1), a_wish(CHAT))
        shutil.rmtree(root)
        for number in range(1, MOST):
            disk = Disk(root, number, codes[number % len(codes)], for_good)
            came.append(fail(room, desk, disk, quiet.run))
            if not disk.failed:
                break
    *failed, passed = came
    assert not passed.failed
    places = ", ".join(f"{n} {name}" for name, n in Counter(one.failed for one in failed).items())
    paid_again = sum(one.paid_again for one in failed)
    only_page = sum(one.finished and bool(one.said) for one in failed)
    show(
        f"S14, {' or '.join(map(os.strerror, codes))}, {'from then on' if for_good else 'once'}: "
        f"N = 1 to {len(failed)} of a whole review ({places})",
        f"     the store read clean {len(failed)}/{len(failed)}, stopped by one clear line "
        f"{sum(bool(one.said) for one in failed)}, not at all {sum(one.through for one in failed)}; "
        f"after the same command the same review {sum(one.same for one in failed)}/{len(failed)}",
        f"     recorded calls of an unfinished run paid again {paid_again}; only the page of a "
        f"finished run failed {only_page} times, and the command wrote it without a call",
    )
    assert len(failed) > 20
    for one in failed:
        # What is only tried beforehand need not stop a review: it comes through whole, or says why.
        assert bool(one.said) != one.through, one
        assert "\n" not in one.said
        assert one.same
    assert paid_again == 0
