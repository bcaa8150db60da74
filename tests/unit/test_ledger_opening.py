import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, text, update

from panel.errors import Busy, ConfigError, PanelError, StoreError
from panel.store.sql import batch_lock, database
from panel.store.sql.batch_lock import SessionLock
from panel.store.sql.database import open_ledger_database, open_shared_database
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.schema import VERSION, VERSIONS
from tests.ledgers import AT, DAY, an_entry, announce, in_forks, in_processes
from tests.postgres import PASSWORD, USER, Cluster

pytestmark = pytest.mark.slow

HOLDING = """
ledger = SqlLedger.open(sys.argv[1])
with ledger.lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def said(error: PanelError) -> str:
    """Return the error's line, having made sure that it is one and tells no secret."""
    assert "\n" not in str(error)
    assert PASSWORD not in str(error)
    return str(error)


def hold_in_a_process(address: str) -> "subprocess.Popen[str]":
    (child,) = in_processes(HOLDING, address)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_file_is_written_so_that_a_power_cut_loses_nothing(sqlite_ledger: SqlLedger) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    found = sqlite_ledger.database.read(
        lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    )
    assert found == ["wal", 2, 1, 20_000]


def test_what_was_written_is_there_when_the_ledger_is_opened_again(ledger_address: str) -> None:
    for number in range(2):
        ledger = SqlLedger.open(ledger_address)
        batch = ledger.batches.open(DAY, AT, "openai")
        assert batch.resumed == (number == 1)
        ledger.close()


@pytest.fixture
def another_address(ledger_address: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where there is another ledger of that kind, or may be."""
    if not ledger_address.startswith("postgresql:"):
        return str(tmp_path / "another.db")
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.address(request.getfixturevalue("made_ledger"))


def test_eight_processes_may_open_a_new_ledger_at_once(
    ledger_address: str, another_address: str
) -> None:
    warm = "SqlLedger.open(sys.argv[2]).close()"  # what an opening imports is imported once
    code = "SqlLedger.open(sys.argv[1]).batches.open(DAY, AT, 'openai')"
    ran = in_forks(warm, code, ledger_address, another_address, count=8)
    assert ran.returncode == 0, ran.stderr
    ledger = SqlLedger.open(ledger_address)
    assert ledger.journal.verify() == 8
    ledger.close()


STALE = {
    "UPDATE ledger_version SET version = 0": "an older Shipskip (tables of version 0,",
    "UPDATE ledger_version SET version = 99": "a newer Shipskip (tables of version 99,",
    "DELETE FROM ledger_version": "the table ledger_version has no row",
    "DROP TABLE ledger_version": "the table ledger_version is missing",
    "DROP TABLE feed_lines": "the table feed_lines is missing",
    "DROP TABLE voices": "the table voices is missing",
    "DELETE FROM journal_head": "the table journal_head has no row",
    "ALTER TABLE jobs DROP COLUMN cleared": "the table jobs has no column cleared",
    "ALTER TABLE job_runs DROP COLUMN decision": "the table job_runs has no column decision",
    "ALTER TABLE journal RENAME COLUMN ticket TO coupon": "the table journal has no column ticket",
    "ALTER TABLE ledger_version RENAME COLUMN version TO v": "ledger_version has no column version",
}


def state(address: str) -> object:
    """Return all that lies in a file, and the tables and columns of a Postgres database."""
    import psycopg  # noqa: PLC0415 - an extra: where it is missing the tests are skipped

    if "://" not in address:
        with closing(sqlite3.connect(address)) as raw:
            return list(raw.iterdump())
    columns = "SELECT table_name, column_name FROM information_schema.columns ORDER BY 1, 2"
    with psycopg.connect(address) as connection:
        return connection.execute(columns).fetchall()


@pytest.mark.parametrize(("change", "why"), STALE.items())
def test_a_ledger_with_other_tables_is_one_line_and_nothing_is_written(
    ledger_address: str, change: str, why: str
) -> None:
    ledger = SqlLedger.open(ledger_address)
    announce(ledger, an_entry(), batch=ledger.batches.open(DAY, AT, "openai").id)
    ledger.database.write(lambda c: c.exec_driver_sql(change))
    ledger.close()
    before = state(ledger_address)
    with pytest.raises(StoreError) as caught:
        SqlLedger.open(ledger_address)
    line = said(caught.value)
    assert why in line
    assert "nothing is written to it. " in line
    assert state(ledger_address) == before


def test_tables_of_another_program_are_not_taken_for_a_ledger(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs:
        theirs.execute("CREATE TABLE jobs (id, name)")
    with pytest.raises(StoreError, match="the table batches is missing"):
        SqlLedger.open(tmp_path / "theirs.db")


def test_shared_tables_that_lack_a_column_are_one_line(postgres_address: str) -> None:
    database = open_shared_database(postgres_address)
    database.write(lambda c: c.exec_driver_sql("ALTER TABLE workers DROP COLUMN parts"))
    with pytest.raises(StoreError, match="the table workers has no column parts") as caught:
        open_shared_database(postgres_address).prepare()
    assert said(caught.value).startswith("postgresql://127.0.0.1:")


@pytest.mark.parametrize(
    "address", ["mysql://u:p@h/d", "postgresql://u:p@h:port/d", "postgresql+x://"]
)
def test_an_address_that_is_none_is_a_setting_to_mend(address: str) -> None:
    with pytest.raises(ConfigError, match="database_url: it is no address of a Postgres"):
        open_ledger_database(address)


def test_postgres_without_its_library_is_a_setting_to_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'shipskip\[postgres\]'"):
        open_ledger_database("postgresql://127.0.0.1/ledger")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda address: address.replace(PASSWORD, "wrong-9f"), "password authentication failed"),
        (lambda address: address.rpartition("/")[0] + "/nowhere", "does not exist"),
        (lambda address: address.replace(f"{USER}:", f"{PASSWORD}:"), r"for user .\*\*\*"),
    ],
    ids=["a wrong password", "no such database", "the password in the place of the name"],
)
def test_a_postgres_that_lets_nobody_in_is_a_line_without_the_password(
    postgres_address: str, change: Callable[[str], str], why: str
) -> None:
    address = change(postgres_address)
    with pytest.raises(StoreError, match=why) as caught:
        open_ledger_database(address, patience_s=0)
    assert said(caught.value).startswith("postgresql://127.0.0.1:")
    assert "wrong-9f" not in str(caught.value)


def test_a_postgres_that_is_not_there_is_a_line(postgres: Cluster) -> None:
    with (
        postgres.stopped(),
        pytest.raises(StoreError, match="Check that the server runs") as caught,
    ):
        open_ledger_database(postgres.address(), patience_s=0.3)
    said(caught.value)


def test_a_file_that_is_no_ledger_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.write_text("Dear diary, " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"Take ledger\.db, ledger\.db-wal") as caught:
        open_ledger_database(file)
    said(caught.value)
    assert file.read_text(encoding="utf-8").startswith("Dear diary")


def test_a_damaged_ledger_is_taken_away_with_its_log_before_a_backup_takes_its_place(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.db"
    open_ledger_database(file).close()
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * 8000)
    with pytest.raises(StoreError, match="malformed") as caught:
        open_ledger_database(file)
    assert said(caught.value).endswith(
        "Take ledger.db, ledger.db-wal and ledger.db-shm away together, then put a backup in place as "
        "ledger.db. Without the old ledger every tool is new again, and is reviewed again."
    )


def test_trying_to_write_leaves_a_ledger_as_it_is(ledger: SqlLedger) -> None:
    before = list(ledger.journal.rows())
    ledger.try_writing()
    assert list(ledger.journal.rows()) == before
    assert announce(ledger, an_entry())[0].seen == "new"  # no lock is left behind
    ledger.journal.verify()


def test_what_is_tried_is_taken_back(sqlite_ledger: SqlLedger) -> None:
    database, other = sqlite_ledger.database, update(VERSIONS).values(version=VERSION + 1)
    database.try_writing(lambda c: c.execute(other))
    assert database.read(lambda c: c.execute(select(VERSIONS.c.version)).scalar()) == VERSION


def test_a_ledger_that_may_only_be_read_names_all_that_has_to_be_writable(
    sqlite_ledger: SqlLedger,
) -> None:
    engine = sqlite_ledger.database.engine

    @event.listens_for(engine, "connect")
    def only_read(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    sqlite_ledger.close()
    with pytest.raises(StoreError, match="readonly") as caught:
        sqlite_ledger.try_writing()
    assert "Make ledger.db, ledger.db-wal, ledger.db-shm and their folder writable." in said(
        caught.value
    )


def test_a_folder_that_cannot_be_made_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="Name a folder that can be written to") as caught:
        open_ledger_database(tmp_path / "file" / "ledger.db")
    said(caught.value)


@pytest.mark.parametrize(
    ("kind", "why"),
    [("dir", "no file"), ("fifo", "no file"), ("link", "leads nowhere"), ("", "empty")],
)
def test_what_is_no_ledger_any_more_is_never_taken_for_a_new_one(
    tmp_path: Path, kind: str, why: str
) -> None:
    file = tmp_path / "ledger.db"
    if kind == "dir":
        file.mkdir()
    elif kind == "fifo":
        os.mkfifo(file)
    elif kind == "link":
        file.symlink_to(tmp_path / "gone" / "ledger.db")
    else:
        file.touch()
    with pytest.raises(StoreError, match=why) as caught:
        open_ledger_database(file)
    said(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("kind", ["gone", "empty"])
def test_a_log_without_its_ledger_is_never_deleted_for_a_new_one(tmp_path: Path, kind: str) -> None:
    file, log = tmp_path / "ledger.db", tmp_path / "ledger.db-wal"
    ledger = SqlLedger.open(tmp_path / "first.db")
    ledger.batches.open(DAY, AT, "openai")
    log.write_bytes((tmp_path / "first.db-wal").read_bytes())
    ledger.close()
    if kind == "empty":
        file.touch()
    before = log.read_bytes()
    with pytest.raises(StoreError, match=f"it is {kind}, and its log ledger.db-wal is") as caught:
        open_ledger_database(file)
    assert "Put a backup in the place of both" in said(caught.value)
    assert before
    assert log.read_bytes() == before
    assert file.exists() == (kind == "empty")


@pytest.mark.parametrize("kind", ["journal", "shm", "wal"])
def test_a_pipe_beside_a_ledger_is_named_and_nobody_waits_for_it(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "ledger.db"
    open_ledger_database(file).close()
    os.mkfifo(tmp_path / f"ledger.db-{kind}")
    with pytest.raises(StoreError, match=f"ledger.db-{kind}: it is no file") as caught:
        open_ledger_database(file)
    said(caught.value)


def test_a_new_ledger_is_never_there_without_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger.db"
    monkeypatch.setattr(database, "sqlite_engine", _die)
    with pytest.raises(KeyboardInterrupt):
        open_ledger_database(file)
    assert file.read_bytes().startswith(b"SQLite format 3")
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]
    monkeypatch.undo()
    open_ledger_database(file).close()


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_ledger_that_another_program_keeps_locked_is_busy(
    sqlite_ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_ledger.close()
    monkeypatch.setattr("panel.store.sql.engines._BUSY_TIMEOUT_S", 0.05)
    ledger = SqlLedger.open(sqlite_ledger.database.name)
    other = sqlite3.connect(sqlite_ledger.database.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="another process is writing to it") as caught:
        announce(ledger, an_entry())
    said(caught.value)
    assert ledger.jobs.ids(["queued"]) == ()  # to read needs no turn
    other.execute("ROLLBACK")
    other.close()
    assert announce(ledger, an_entry())[0].seen == "new"
    ledger.close()


def test_a_file_that_another_is_just_making_a_ledger_of_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE theirs (id)")
    other.execute("BEGIN IMMEDIATE")  # SQLite does not wait here, whatever its timeout
    turn = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
    turn.start()
    open_ledger_database(file).close()
    turn.join()
    other.close()


def test_a_second_batch_on_a_ledger_is_busy(ledger_address: str) -> None:
    first, second = SqlLedger.open(ledger_address), SqlLedger.open(ledger_address)
    with first.lock():
        with pytest.raises(Busy, match="another batch is at work on this ledger") as caught:
            second.lock().__enter__()
        said(caught.value)
        assert (
            second.batches.open(DAY, AT, "openai").id == "2026-11-22"
        )  # who does not hold may write
    with second.lock(), pytest.raises(Busy):
        first.lock().__enter__()
    with first.lock():
        pass
    first.close()
    second.close()


def test_a_lock_is_free_though_the_server_notices_late_that_its_connection_has_ended(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SqlLedger.open(postgres_address), SqlLedger.open(postgres_address)
    with monkeypatch.context() as patch, first.lock():
        lock = first.database._batch_lock
        assert isinstance(lock, SessionLock)
        unnoticed = lock._connection
        assert unnoticed is not None
        patch.setattr(Connection, "close", lambda _: None)
    with second.lock():
        pass
    unnoticed.close()
    first.close()
    second.close()


def test_nobody_waits_to_let_a_lock_go_whose_server_does_not_answer(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_lock, "_LONGEST_RELEASE_S", 0.1)
    ledger = SqlLedger.open(postgres_address)
    lock = ledger.database._batch_lock
    assert isinstance(lock, SessionLock)
    lock.take()
    assert lock._connection is not None
    server = lock._connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    os.kill(server, signal.SIGSTOP)
    try:
        releasing = threading.Thread(target=lock.release, daemon=True)
        releasing.start()
        releasing.join(30)
        assert not releasing.is_alive()
    finally:
        os.kill(server, signal.SIGCONT)
    until = time.monotonic() + 30
    while True:  # told of it as soon as it answers again
        try:
            lock.take()
        except Busy:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            break
    lock.release()
    ledger.close()


def test_the_hold_dies_with_its_process(ledger_address: str) -> None:
    ledger = SqlLedger.open(ledger_address)
    child = hold_in_a_process(ledger_address)
    with pytest.raises(Busy):
        ledger.lock().__enter__()
    child.kill()
    child.communicate()
    until = time.monotonic() + 30
    while True:
        try:
            with ledger.lock():
                break
        except Busy:
            assert time.monotonic() < until
            time.sleep(0.02)
    ledger.close()


def test_a_lock_that_cannot_be_made_is_a_line(sqlite_ledger: SqlLedger) -> None:
    Path(f"{sqlite_ledger.database.name}.lock").mkdir()
    with pytest.raises(StoreError, match="Make the file and its folder writable") as caught:
        sqlite_ledger.lock().__enter__()
    said(caught.value)
