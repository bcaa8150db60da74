"""Without the packages of Postgres, what needs them says so in a line; the rest does not notice."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

pytestmark = pytest.mark.slow

BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""
COMMANDS = """
import json
from contextlib import redirect_stderr
from io import StringIO
from panel.cli.main import run
came_to = []
for arguments in json.loads(sys.argv[1]):
    with redirect_stderr(StringIO()) as said:
        code = run(arguments)
    came_to.append((code, said.getvalue()))
print(json.dumps(came_to))
"""
ALL = ("psycopg", "psycopg_pool", "procrastinate", "croniter", "attr")
WORKER, WATCH, ENQUEUE = ["worker"], ["batch", "--watch"], ["batch", "feed.json", "--enqueue"]
ADDRESS = "postgresql://me:word@127.0.0.1:9/none"


def without(
    blocked: tuple[str, ...],
    code: str,
    *arguments: str,
    cwd: Path = CHECKOUT,
    env: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Return what came of a process that runs `code` and finds none of these packages."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(blocked=blocked) + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=env,
    )


def come_to(folder: Path, *commands: Sequence[str], address: str = "") -> list[tuple[int, str]]:
    """Return the exit code of each command, and what it says on standard error."""
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(CHECKOUT),
        "SHIPSKIP_DATABASE_URL": address,
    }
    ran = without(ALL, COMMANDS, json.dumps(commands), cwd=folder, env=env)
    assert ran.returncode == 0, ran.stderr
    return [(code, said) for code, said in json.loads(ran.stdout.splitlines()[-1])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a feed."""
    (tmp_path / "feed.json").write_bytes((CHECKOUT / "examples/feeds/today.json").read_bytes())
    return tmp_path


def test_a_command_of_many_machines_names_the_packages_in_a_line(folder: Path) -> None:
    for code, said in come_to(folder, WORKER, WATCH, ENQUEUE, address=ADDRESS):
        assert code == 2
        assert said.count("\n") == 1
        assert "Postgres needs more packages: pip install 'shipskip[postgres]'" in said


def test_where_no_database_is_named_that_is_said_first_and_a_batch_needs_none(folder: Path) -> None:
    worker, enqueue, watch, batch = come_to(
        folder, WORKER, ENQUEUE, WATCH, ["batch", "feed.json", "--max-tools", "1", "--json"]
    )
    for code, said in (worker, enqueue):
        assert code == 2
        assert said.count("\n") == 1
        assert "workers need a Postgres that they share" in said
    assert watch[0] == 2
    assert "no batch is under way" in watch[1]
    assert batch[0] == 0, batch[1]


def test_without_the_queues_own_packages_nothing_of_it_can_be_made() -> None:
    code = """
from panel import errors
from panel.store import queue
for name in ("PanelQueue", "Daily", "QueueCounts", "is_cron"):
    try:
        getattr(queue, name)("* * * * *")
    except errors.ConfigError as error:
        print(name, error)
"""
    ran = without(("procrastinate",), code)
    assert ran.stdout.splitlines() == [
        f"{name} Postgres needs more packages: pip install 'shipskip[postgres]'"
        for name in ("PanelQueue", "Daily", "QueueCounts", "is_cron")
    ]


def test_a_fault_in_our_own_modules_is_not_taken_for_a_package_that_is_missing() -> None:
    ran = without(("zoneinfo",), "import panel.store.queue")
    assert "No module named 'zoneinfo'" in ran.stderr.splitlines()[-1]
