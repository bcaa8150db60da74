"""Ledgers in both databases, and sound entries to announce to them.

Fixtures: `ledger_address` is a new ledger's file, then a new Postgres database; `ledger` is one opened
there, with one batch begun, `2026-11-22`.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from panel.domain.feed import Entry
from panel.domain.job import Announced, Outcome, ReviewerResult
from panel.store.sql.ledger import SqlLedger
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 22)
BATCH = "2026-11-22"
AT = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
RUN = (DAY, "quillbase-0a1b2c3d")
FEED = "feeds/today.xml"
LEAVE = "sys.stdout.flush(); __import__('os')._exit(0)"
"""How a process of the tests ends: to give back what it imported takes a quarter of a second."""


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be made: a file, then a database on the Postgres of the session."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "ledger.db")
    return str(request.getfixturevalue("postgres_address"))


@pytest.fixture(scope="session")
def made_ledger(postgres: Cluster) -> str:
    """The name of a database in which a ledger was made: a copy takes a third of the work."""
    postgres.command("CREATE DATABASE made_ledger")
    SqlLedger.open(postgres.address("made_ledger")).close()
    return "made_ledger"


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLedger]:
    """A new ledger with one batch begun."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            address = lay_down_ledger(tmp_path / "new" / "ledger.db")
        else:
            made = request.getfixturevalue("made_ledger")
            cluster: Cluster = request.getfixturevalue("postgres")
            address = stack.enter_context(cluster.database(like=made))
        opened = stack.enter_context(closing(SqlLedger.open(address)))
        opened.batches.open(DAY, AT, "openai")
        yield opened


@pytest.fixture
def sqlite_ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    """A new ledger in a file, for what is the same code for both databases."""
    opened = SqlLedger.open(lay_down_ledger(tmp_path / "ledger.db"))
    opened.batches.open(DAY, AT, "openai")
    yield opened
    opened.close()


def lay_down_ledger(path: Path) -> str:
    """Return `path` with a new ledger in it: to make its tables takes twice as long as to open them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_made_file())
    return str(path)


@cache
def _made_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        SqlLedger.open(path).close()
        return path.read_bytes()


def after(minutes: float) -> datetime:
    """Return the moment so many minutes after the batch began."""
    return AT + timedelta(minutes=minutes)


def an_entry(name: str = "Quillbase", text: str | None = None, **fields: Any) -> Entry:
    """Return an entry; its id and link follow from its name, its identity from name and text."""
    text = text or f"{name} keeps the notes of a team in plain files on a server of its own."
    slug = name.casefold().replace(" ", "-")
    given: dict[str, Any] = {"id": f"tag:{slug}", "link": f"https://tools.example/{slug}"}
    return Entry(title=name, text=text, **(given | fields))


def some_entries(count: int) -> tuple[Entry, ...]:
    return tuple(an_entry(f"Tool {number}") for number in range(count))


def an_outcome(*verdicts: str | None, **fields: Any) -> Outcome:
    """Return an outcome with a voice for each verdict, None being an abstention."""
    voices = tuple(
        ReviewerResult(
            persona=f"persona_{number}",
            model="gpt-test",
            verdict=verdict,  # type: ignore[arg-type]
            score=None if verdict is None else 7.1,
        )
        for number, verdict in enumerate(verdicts)
    )
    given: dict[str, Any] = {"decision": "ship", "voices": voices, "cost_usd": Decimal("0.1042")}
    return Outcome(**(given | fields))


def announce(
    ledger: SqlLedger, *entries: Entry, batch: str = BATCH, source: str = FEED
) -> tuple[Announced, ...]:
    return ledger.entries.announce(batch, source, entries, AT)


def begin(ledger: SqlLedger, job: str, **options: Any) -> None:
    """Have a job running."""
    ledger.jobs.transition(job, "running", after(1), actor="batch", **({"run": RUN} | options))


def review(ledger: SqlLedger, job: str, outcome: Outcome | None = None, **options: Any) -> None:
    """Have a queued job reviewed."""
    begin(ledger, job, **options)
    outcome = outcome or an_outcome("ship", "skip")
    ledger.jobs.transition(job, "in_review", after(2), actor="batch", outcome=outcome)


def in_processes(code: str, *arguments: str, count: int = 1) -> list[subprocess.Popen[str]]:
    """Return so many processes, started together, that run `code` with what this module has."""
    script = f"import sys\nfrom tests.ledgers import *\n{code}\n{LEAVE}"
    return [
        subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(count)
    ]


def in_forks(
    first: str, code: str, *arguments: str, count: int
) -> "subprocess.CompletedProcess[str]":
    """Return what came of a process that runs `first`, then `code` in so many forks, begun together.

    Its exit code is the number of forks that failed.
    """
    script = f"""import os, sys
from tests.ledgers import *
{first}
start, begin = os.pipe()
forks = []
for _ in range({count}):
    forks.append(os.fork())
    if not forks[-1]:
        os.close(begin)
        os.read(start, 1)
        exec({code!r})
        {LEAVE}
os.close(begin)
sys.exit(sum(os.waitpid(fork, 0)[1] != 0 for fork in forks))
"""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
