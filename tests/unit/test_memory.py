"""The memory of a batch: threads share pools of it, and what is loaded lies in large pages."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
POOLS = """
import ctypes, sys, tempfile, threading
from panel.app.memory import share_pools
share_pools()
all_hold = threading.Barrier(8)
def hold():
    held = [bytes(50_000) for _ in range(20)]
    all_hold.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as said:
    file = ctypes.c_void_p(c.fopen(said.name.encode(), b"w"))
    c.malloc_info(0, file)
    c.fclose(file)
    print(said.read().count(b"<heap nr="))
"""
PAGES = """
import re
from pathlib import Path
from panel.app.memory import use_huge_pages
held = [bytes([n]) * 100_000 for n in range(256)]
count = use_huge_pages()
assert held == [bytes([n]) * 100_000 for n in range(256)]
kilobytes = re.search(r"AnonHugePages: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())
print(count, int(kilobytes[1]) // 2048)
"""


def run(script: str) -> str:
    command = (sys.executable, "-c", script)
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such pools")
def test_eight_threads_take_their_memory_from_two_pools() -> None:
    assert int(run(POOLS)) <= 2


@pytest.mark.skipif(
    not HUGE_PAGES.is_dir() or tuple(map(int, platform.release().split(".")[:2])) < (6, 1),
    reason="only Linux joins pages of memory when it is asked, from 6.1 on",
)
def test_what_a_process_holds_lies_in_large_pages_afterwards_as_it_was() -> None:
    asked, there = map(int, run(PAGES).split())
    assert there >= asked >= 1
