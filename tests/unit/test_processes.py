"""Many items are shared out to processes, and the results are those of one process."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest

from panel.app.processes import MANY, share_out
from tests.conftest import CHECKOUT

HEAD = f"""
import os
from panel.app.processes import share_out
here = os.getpid()
items = list(range({MANY}))
"""
several = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1, reason="it takes two processors"
)


def alone(code: str) -> str:
    """Return what `code` prints in a process that has one thread."""
    command = (sys.executable, "-c", HEAD + code)
    return subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=CHECKOUT, timeout=60
    ).stdout


def who(items: Sequence[int]) -> list[tuple[int, int]]:
    return [(os.getpid(), item) for item in items]


@several
def test_many_items_are_worked_on_by_other_processes_and_stay_in_order() -> None:
    said = alone("""
def work(items): return [(os.getpid(), item) for item in items]
done = share_out(work, items)
print([item for _, item in done] == items, here in {process for process, _ in done})
""")
    assert said == "True False\n"


def test_a_process_that_is_ended_from_outside_loses_nothing() -> None:
    said = alone("""
def work(items):
    if os.getpid() != here: os._exit(9)
    return items
print(share_out(work, items) == items)
""")
    assert said == "True\n"


def test_what_the_work_raises_is_raised() -> None:
    said = alone("""
from panel.errors import ConfigError
def work(items): raise ConfigError("no")
try: share_out(work, items)
except ConfigError as error: print(error)
""")
    assert said == "no\n"


def test_a_process_with_another_thread_is_not_forked() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        done = share_out(who, range(MANY))
    finally:
        leave.set()
        thread.join()
    assert done == who(range(MANY))


def test_few_items_are_worked_on_here() -> None:
    assert share_out(who, range(MANY - 1)) == who(range(MANY - 1))
