"""The threads of a batch share pools of memory, which keeps its peak down."""

import platform
import subprocess
import sys

import pytest

POOLS = """
import ctypes, sys, tempfile, threading
from panel.cli.malloc import share_pools
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such pools")
def test_eight_threads_take_their_memory_from_two_pools() -> None:
    command = (sys.executable, "-c", POOLS)
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert int(said.stdout) <= 2
