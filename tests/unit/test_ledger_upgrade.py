"""A ledger of earlier tables is brought up, in both databases, and nothing in it is lost."""

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from panel.errors import StoreError
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.migrations import STEPS
from panel.store.sql.schema import METADATA, VERSION
from tests.ledgers import ROOT, an_entry, announce

pytestmark = pytest.mark.slow

LEDGERS = ROOT / "tests" / "data" / "ledgers"
DUMPED = sorted(int(path.stem.rpartition("-")[2]) for path in LEDGERS.glob("sqlite-*.sql"))


def rows_of(address: str, columns: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Return all rows of all tables that are there, or of these, in these columns."""
    found: dict[str, Any] = {}
    with connected(address) as connection:
        for table in columns or tables_of(connection):
            wanted = ", ".join(f'"{name}"' for name in (columns or {}).get(table, ())) or "*"
            rows = connection.execute(f"SELECT {wanted} FROM {table}")  # noqa: S608 - our names
            names = [column[0] for column in rows.description]
            found[table] = (names, sorted(map(repr, rows.fetchall())))
    return found


def tables_of(connection: Any) -> list[str]:
    """Return the names of the ledger's tables that are there."""
    is_file = isinstance(connection, sqlite3.Connection)
    listed = "sqlite_master" if is_file else "information_schema.tables"
    column = "name" if is_file else "table_name"
    there = {row[0] for row in connection.execute(f"SELECT {column} FROM {listed}")}  # noqa: S608 - ours
    return [table.name for table in METADATA.sorted_tables if table.name in there]


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Yield a connection to a ledger without Shipskip."""
    import psycopg  # noqa: PLC0415 - an extra: where it is missing the tests are skipped

    is_file = "://" not in address
    with closing(sqlite3.connect(address) if is_file else psycopg.connect(address)) as connection:
        yield connection


@pytest.fixture(params=DUMPED)
def older(request: pytest.FixtureRequest, ledger_address: str) -> str:
    """The address of a ledger with the tables of an earlier version."""
    return lay_down(ledger_address, request.param)


def lay_down(address: str, version: int) -> str:
    """Return `address`, where a ledger with the tables of that version is from now on."""
    is_file = "://" not in address
    if is_file:
        Path(address).parent.mkdir(parents=True, exist_ok=True)
    script = (LEDGERS / f"{'sqlite' if is_file else 'postgres'}-{version}.sql").read_text("utf-8")
    with connected(address) as connection:
        connection.executescript(script) if is_file else connection.execute(script)
        connection.commit()
    return address


@pytest.fixture
def brought_up(older: str) -> Iterator[SqlLedger]:
    ledger = SqlLedger.open(older)
    yield ledger
    ledger.close()


def test_there_is_a_ledger_and_a_step_for_every_earlier_version() -> None:
    assert list(range(1, VERSION)) == DUMPED
    assert sorted(STEPS) == list(range(2, VERSION + 1))


def test_an_older_ledger_has_all_its_rows_and_takes_new_ones(older: str) -> None:
    before = rows_of(older)
    ledger = SqlLedger.open(older)
    names = {table: columns for table, (columns, _) in before.items()}
    after = rows_of(older, names)
    assert after.pop("ledger_version") == (["id", "version"], [repr((1, VERSION))])
    assert after == {table: rows for table, rows in before.items() if table != "ledger_version"}
    count = len(before["journal"][1])
    assert ledger.journal.verify() == count
    assert announce(ledger, an_entry("Another tool"))[0].seen == "new"
    assert ledger.journal.verify() == count + 1
    ledger.close()


def test_its_tables_are_those_of_a_new_one(brought_up: SqlLedger, ledger: SqlLedger) -> None:
    for one in (brought_up, ledger):
        with one.database.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []


def test_its_journal_still_refuses_a_change(brought_up: SqlLedger) -> None:
    change = text("UPDATE journal SET document = '{}'")
    with pytest.raises(StoreError, match="append-only"):
        brought_up.database.write(lambda c: c.execute(change))


def test_a_copy_of_the_file_is_kept_and_its_path_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = lay_down(str(tmp_path / "ledger.db"), 1)
    before = rows_of(address)
    (tmp_path / "ledger.db.version-1").write_text("somebody's own")
    with caplog.at_level(logging.WARNING):
        SqlLedger.open(address).close()
    copy = tmp_path / "ledger.db.version-1.2"
    assert caplog.messages == [
        f"{address}: brought from tables of version 1 to {VERSION}; as it was, it is kept in {copy}"
    ]
    assert rows_of(str(copy)) == before
    assert sorted(path.name for path in tmp_path.iterdir() if "version" in path.name) == [
        "ledger.db.version-1",
        "ledger.db.version-1.2",
    ]


def test_four_may_bring_up_one_ledger_at_once(older: str) -> None:
    ready = threading.Barrier(4)

    def bring_up(_: int) -> None:
        ready.wait(30)
        SqlLedger.open(older).close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(bring_up, range(4)))
    if "://" not in older:
        assert len(list(Path(older).parent.glob("*.version-*"))) == 1
    ledger = SqlLedger.open(older)
    ledger.journal.verify()
    ledger.close()


def test_an_older_ledger_that_was_changed_by_hand_stays_as_it_is(older: str) -> None:
    with connected(older) as connection:
        connection.execute("ALTER TABLE jobs DROP COLUMN cleared")
        connection.commit()
    before = rows_of(older)
    with pytest.raises(StoreError, match="the table jobs has no column cleared"):
        SqlLedger.open(older)
    assert rows_of(older) == before
    if "://" not in older:
        assert list(Path(older).parent.glob("*.version-*")) == []


def test_where_no_copy_can_be_kept_the_ledger_stays_as_it_is(tmp_path: Path) -> None:
    address = lay_down(str(tmp_path / "ledger.db"), 1)
    before = rows_of(address)
    (tmp_path / ".ledger.db.version-1.draft").mkdir()
    with pytest.raises(StoreError, match=r"ledger\.db\.version-1.*Nothing was changed"):
        SqlLedger.open(address)
    assert rows_of(address) == before


def test_a_ledger_of_today_is_opened_without_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from panel.store.sql.ledger import SqlLedger\n"
        "for _ in range(2): SqlLedger.open(sys.argv[1]).close()\n"
        "print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "ledger.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"
