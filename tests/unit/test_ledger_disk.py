"""A disk that fails, and a process that is killed, at every point of a transaction on SQLite."""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from panel.errors import StoreError
from panel.store.sql.database import open_ledger_database
from panel.store.sql.ledger import SqlLedger
from tests.ledgers import (
    AT,
    BATCH,
    DAY,
    after,
    an_outcome,
    announce,
    begin,
    some_entries,
)

pytestmark = pytest.mark.slow

ENTRIES = some_entries(8)
SIZE = 4096


def night(ledger: SqlLedger) -> None:
    """Do what a batch does, from wherever the last one was stopped."""
    batch = ledger.batches.open(DAY, AT, "openai").id
    for job in (made.job for made in announce(ledger, *ENTRIES, batch=batch)):
        if ledger.jobs.get(job).state == "queued":
            begin(ledger, job)
        if ledger.jobs.get(job).state == "running":
            ledger.jobs.transition(
                job, "in_review", after(2), actor="batch", outcome=an_outcome("ship", None)
            )
    ledger.batches.end(batch, after(9), 0)


def check(file: Path) -> SqlLedger:
    """Return the ledger, opened anew, having seen that it is sound and half of nothing is in it."""
    ledger = SqlLedger.open(file)
    ledger.journal.verify()
    raw = sqlite3.connect(file)
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()
    assert len(ledger.jobs.ids(["queued", "running", "in_review"])) in (0, len(ENTRIES))
    told = [row for row in ledger.journal.rows() if row.action == "running -> in_review"]
    assert len(told) == len(ledger.jobs.ids(["in_review"]))
    assert len(list(ledger.results.between(AT, after(60)))) == 2 * len(told)
    return ledger


def finish(file: Path) -> None:
    """Run the night again and see that nothing is lost or there twice."""
    ledger = check(file)
    if (last := ledger.batches.last()) is None or last.ended is None:
        night(ledger)
    done = ledger.jobs.ids(["in_review"])
    assert sorted(done) == sorted(entry.identity for entry in ENTRIES)
    assert [made.seen for made in ledger.entries.of_batch(BATCH)] == ["new"] * len(ENTRIES)
    told = [row.action for row in ledger.journal.rows()]
    assert told.count("running -> in_review") == len(ENTRIES)
    ledger.close()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size`: the write that would, does its part and fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def whole_size(folder: Path) -> int:
    """Return how large the largest file of an undisturbed night grows."""
    ledger = SqlLedger.open(folder / "ledger.db")
    night(ledger)
    largest = max(path.stat().st_size for path in folder.iterdir())
    ledger.close()
    return largest


@pytest.mark.long
def test_whichever_write_finds_no_space_the_ledger_opens_clean_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    largest = whole_size(tmp_path / "whole")
    sizes = (*range(0, largest, max(SIZE, largest // 30 + 1)), largest // 2 + 100)
    told = []
    for number, size in enumerate(sizes):
        file = tmp_path / str(number) / "ledger.db"
        file.parent.mkdir()
        ledger = None
        try:
            with files_of_at_most(size):
                ledger = SqlLedger.open(file)
                night(ledger)
        except StoreError as error:
            told.append(str(error).removeprefix(str(file)))
        if ledger is not None:
            ledger.close()
        finish(file)
    assert len(told) >= len(sizes) - 2
    assert all(line.startswith(": ") and "\n" not in line for line in told)


def test_a_ledger_that_ran_full_goes_on_in_the_same_process(tmp_path: Path) -> None:
    ledger = SqlLedger.open(tmp_path / "ledger.db")
    ledger.batches.open(DAY, AT, "openai")
    size = Path(f"{ledger.database.name}-wal").stat().st_size
    with files_of_at_most(size + 3 * SIZE), pytest.raises(StoreError):
        announce(ledger, *ENTRIES)
    assert ledger.jobs.ids(["queued"]) == ()
    night(ledger)
    ledger.close()
    finish(tmp_path / "ledger.db")


def test_whichever_step_of_sqlite_is_broken_off_nothing_is_half_done(tmp_path: Path) -> None:
    told = []
    for number in range(1_000):
        file = tmp_path / f"{number}.db"
        open_ledger_database(file).close()
        steps = iter([0] * (number * 24))
        ledger = SqlLedger.open(file)

        @event.listens_for(ledger.database.engine, "connect")
        def watch(connection: sqlite3.Connection, _: object, steps: Iterator[int] = steps) -> None:
            connection.set_progress_handler(lambda: next(steps, 1), 20)

        ledger.close()  # so that the next connection is watched
        try:
            night(ledger)
        except StoreError as error:
            told.append(str(error))
            ledger.close()
            finish(file)
        else:
            ledger.close()
            break
    assert len(told) > 15
    assert all("interrupted" in line for line in told)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_killed_at_any_step_leaves_a_ledger_that_goes_on(tmp_path: Path) -> None:
    killed = 0
    for number in range(1_000):
        file = tmp_path / f"{number}.db"
        open_ledger_database(file).close()
        child = os.fork()
        if child == 0:
            _die(file, number * 24)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        finish(file)
        if os.WIFEXITED(status):
            break
    assert os.waitstatus_to_exitcode(status) == 0
    assert killed > 15


def _die(file: Path, steps: int) -> None:
    left = iter(range(steps))

    def step() -> int:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    ledger = SqlLedger.open(file)

    @event.listens_for(ledger.database.engine, "connect")
    def watch(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(step, 20)

    ledger.close()
    try:
        night(ledger)
        os._exit(0)
    finally:
        os._exit(1)
