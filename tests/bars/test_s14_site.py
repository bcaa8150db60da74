"""S14, the site: fail the N-th operation of a build, then build on a disk that is really full."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from panel.errors import StoreError
from panel.store.site_builds import SiteBuilds
from tests.bars.conftest import Show
from tests.bars.test_s14_disk import Disk
from tests.commands.shop import clean_environment
from tests.conftest import CHECKOUT
from tests.unit.test_site_builds import contents, plan

MOST = 200
OLD, NEW = {"a": "same", "b": "old", "c": "gone"}, {"a": "same", "b": "new", "d": "more"}


def as_files(texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}/index.html": text for name, text in texts.items()}


@pytest.mark.parametrize(
    ("code", "for_good"),
    [(errno.EIO, False), (errno.ENOSPC, True)],
    ids=["one I/O error", "full from then on"],
)
def test_s14_whichever_operation_of_a_build_fails_the_old_site_stays(
    code: int, *, for_good: bool, tmp_path: Path, show: Show
) -> None:
    came: Counter[str] = Counter()
    prepared = tmp_path / "prepared"
    for texts in ({"z": "oldest"}, OLD):
        SiteBuilds(prepared / "public").build(plan(**texts))
    for number in range(1, MOST):
        room = tmp_path / "room"
        shutil.copytree(prepared, room, symlinks=True)
        disk, folder, said = Disk(room, number, code, for_good), room / "public", ""
        with pytest.MonkeyPatch.context() as patch:
            disk.watch(patch)
            try:
                SiteBuilds(folder).build(plan(**NEW))
            except StoreError as error:
                said = str(error)
        assert contents(folder) == as_files(OLD if said else NEW), (number, disk.failed, said)
        assert "\n" not in said
        assert not said or "The site is as it was." in said
        SiteBuilds(folder).build(plan(**NEW))
        assert contents(folder) == as_files(NEW), (number, disk.failed)
        assert not list((room / "public.builds").glob(".draft*"))
        shutil.rmtree(room)
        if not disk.failed:
            break
        came[f"{disk.failed} {'refused' if said else 'passed'}"] += 1
    assert came.total() > 10
    show(
        f"S14, a build of the site, {os.strerror(code)} {'from then on' if for_good else 'once'}: "
        f"N = 1 to {came.total()} ({', '.join(f'{n} {what}' for what, n in came.items())}); "
        "the old site or the new one was served each time"
    )


FULL = """
import contextlib, io, json, os, sys
from pathlib import Path
from panel.app.decisions import Order, decide
from panel.cli.main import run
from tests.desk import a_clean_run, lay_out_desk
root, filler = Path(sys.argv[1]) / "newsroom", Path(sys.argv[1]) / "filler"

def build():
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = int(run(["site", "build", "--root", str(root)]))
    links = os.readlink(root / "public")
    whole = all((root / "public" / one).stat().st_size == row["size"] for one, row in json.loads(
        (root / "public" / "manifest.json").read_bytes())["files"].items())
    return code, said.getvalue(), links, whole

workspace = lay_out_desk(root, [a_clean_run(), a_clean_run("Coldframe")])
decide(workspace, "fjordnotat", Order("approve", "Anna", "Read."))
print(json.dumps(build()), flush=True)
decide(workspace, "coldframe", Order("approve", "Anna", "Read."))
for free in (0, 1, 8, 32, 64, 96, 128, 256, 512, 1024, 4096):
    disk = os.statvfs(root)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, (disk.f_bavail - free) * disk.f_bsize)
    came = build()
    filler.unlink()
    print(json.dumps(came), flush=True)
    if came[0] == 0:
        break
with contextlib.redirect_stdout(io.StringIO()):
    assert run(["site", "check", "--root", str(root)]) in (0, 6)
    assert run(["journal", "--verify", "--root", str(root)]) == 0
print(json.dumps(build()), flush=True)
"""


def test_s14_on_a_disk_that_is_full_a_build_is_one_line_and_the_old_site_stays(
    tmp_path: Path, show: Show
) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    (tmp_path / "full.py").write_text(FULL, "utf-8")
    mounted = f"mount -t tmpfs -o size=32m none {place} && exec {sys.executable} full.py {place}"
    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted],
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unshare:" in ran.stderr or "mount:" in ran.stderr:
        pytest.skip(f"no disk of its own can be mounted here: {ran.stderr.splitlines()[0]}")
    assert ran.returncode == 0, ran.stderr
    first, *full, built, again = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (first[0], built[0], again[0]) == (0, 0, 0)
    assert again[2] == built[2] != first[2]
    assert len(full) > 2
    for code, said, link, whole in full:
        assert (code, whole) == (2, True)
        assert link in (first[2], built[2])
        assert len(said.splitlines()) == 1, said
        assert said.startswith(f"shipskip: {place}/newsroom/")
        assert "Free some space" in said or "Check the disk" in said, said  # SQLite says either
    show(
        f"S14, a disk that is full: {len(full)} builds refused in one line, "
        f"{sum(link == first[2] for _, _, link, _ in full)} of them with the old site served; the "
        "next one with space passed"
    )
