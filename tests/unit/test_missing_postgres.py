"""Without the packages of Postgres, what needs them says so in a line; the rest does not notice."""

import subprocess
import sys
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
from panel.cli.main import main
sys.argv[0] = "shipskip"
sys.exit(main())
"""
ALL = ("psycopg", "psycopg_pool", "procrastinate", "croniter", "attr")
COMMANDS = (("worker",), ("batch", "--watch"), ("batch", "feed.json", "--enqueue"))
ADDRESS = "postgresql://me:word@127.0.0.1:9/none"


def shipskip(
    folder: Path, *arguments: str, address: str = "", blocked: tuple[str, ...] = ALL
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(blocked=blocked), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(CHECKOUT),
            "SHIPSKIP_DATABASE_URL": address,
        },
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a feed."""
    (tmp_path / "feed.json").write_bytes((CHECKOUT / "examples/feeds/today.json").read_bytes())
    return tmp_path


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_of_many_machines_names_the_packages_in_a_line(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    ran = shipskip(folder, *arguments, address=ADDRESS)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "Postgres needs more packages: pip install 'shipskip[postgres]'" in ran.stderr


@pytest.mark.parametrize("arguments", [COMMANDS[0], COMMANDS[2]], ids=" ".join)
def test_that_no_database_is_named_is_said_first(folder: Path, arguments: tuple[str, ...]) -> None:
    ran = shipskip(folder, *arguments)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "workers need a Postgres that they share" in ran.stderr


def test_to_watch_where_no_batch_was_begun_is_said_first(folder: Path) -> None:
    ran = shipskip(folder, "batch", "--watch")
    assert ran.returncode == 2
    assert "no batch is under way" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_batch_on_one_machine_needs_none_of_them(folder: Path) -> None:
    ran = shipskip(folder, "batch", "feed.json", "--max-tools", "1")
    assert ran.returncode == 0, ran.stderr


def test_without_the_queues_own_packages_nothing_of_it_can_be_made() -> None:
    code = """
from panel import errors
from panel.store import queue
for name in ("PanelQueue", "Daily", "Standing", "is_cron"):
    try:
        getattr(queue, name)("* * * * *")
    except errors.ConfigError as error:
        print(name, error)
"""
    text = BLOCKED.format(blocked=("procrastinate",)).partition("from panel")[0] + code
    ran = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd=CHECKOUT
    )
    assert ran.stdout.splitlines() == [
        f"{name} Postgres needs more packages: pip install 'shipskip[postgres]'"
        for name in ("PanelQueue", "Daily", "Standing", "is_cron")
    ]


def test_a_fault_in_our_own_modules_is_not_taken_for_a_package_that_is_missing() -> None:
    text = BLOCKED.format(blocked=("zoneinfo",)).partition("from panel")[0]
    ran = subprocess.run(
        [sys.executable, "-c", f"{text}import panel.store.queue"],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    assert "No module named 'zoneinfo'" in ran.stderr.splitlines()[-1]
