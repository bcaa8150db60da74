"""The memory of a batch: threads share pools of it, and what is loaded lies in large pages."""

import platform
import subprocess
import sys

import pytest

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


@pytest.mark.skipif(sys.platform != "linux", reason="another system has no such pages")
def test_what_a_process_holds_lies_in_large_pages_afterwards_as_it_was() -> None:
    said = run(PAGES)
    asked, there = map(int, said.split())
    if not asked:
        pytest.skip("this kernel joins no pages: it is older than Linux 6.1, or none are free")
    assert asked >= 8
    assert there >= asked
