"""Every test of this module runs on SQLite and on a real Postgres."""

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from panel.errors import StoreError, Tampered
from panel.store.sql.ledger import SqlLedger
from tests.ledgers import AT, BATCH, after, an_entry, announce, review, some_entries

UNGUARD = {
    "sqlite": (
        "DROP TRIGGER journal_refuses_update",
        "DROP TRIGGER journal_refuses_delete",
        "DROP TRIGGER journal_refuses_replace",
    ),
    "postgresql": ("DROP TRIGGER journal_is_append_only ON journal",),
}


def execute(ledger: SqlLedger, *statements: str) -> None:
    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    ledger.database.write(work)


def tamper(ledger: SqlLedger, *statements: str) -> None:
    """Do what somebody would who owns the database: take the triggers away first."""
    execute(ledger, *UNGUARD[ledger.database.engine.dialect.name], *statements)


@pytest.fixture
def told(ledger: SqlLedger) -> SqlLedger:
    """A ledger whose journal has ten rows."""
    made = announce(ledger, *some_entries(4), an_entry("Tool 0"))
    review(ledger, made[0].job)
    ledger.jobs.transition(
        made[1].job, "held", after(3), actor="screen", reason="it addresses the reviewers"
    )
    ledger.batches.end(BATCH, after(9), 3)
    return ledger


def test_every_change_is_a_row_that_says_who_did_what(told: SqlLedger) -> None:
    rows = list(told.journal.rows())
    assert [row.number for row in rows] == list(range(1, 11))
    assert [row.action for row in rows] == [
        "begun",
        *["announced -> queued"] * 4,
        "announced -> duplicate",
        "queued -> running",
        "running -> in_review",
        "queued -> held",
        "ended",
    ]
    held = rows[8]
    assert (held.at, held.actor, held.reason) == (after(3), "screen", "it addresses the reviewers")
    assert rows[0].at == AT
    assert rows[9].reason == "exit 3"


def test_what_a_row_found_is_what_the_row_before_it_left(told: SqlLedger) -> None:
    left: dict[str, str] = {}
    for row in told.journal.rows():
        if row.after is not None:
            assert row.before == left.get(row.object), row.action
            assert row.after != row.before
            left[row.object] = row.after
    assert len(left) == 5


def test_the_journal_verifies_and_says_how_long_it_is(told: SqlLedger) -> None:
    assert told.journal.verify() == 10


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET reason = 'none' WHERE number = 3",
        "DELETE FROM journal WHERE number = 10",
        "DELETE FROM journal",
    ],
)
def test_the_database_refuses_to_change_a_row(told: SqlLedger, statement: str) -> None:
    with pytest.raises(StoreError, match="the journal is append-only"):
        execute(told, statement)
    assert told.journal.verify() == 10


def test_sqlite_refuses_to_put_a_row_in_the_place_of_another(sqlite_ledger: SqlLedger) -> None:
    with pytest.raises(StoreError, match="the journal is append-only"):
        execute(
            sqlite_ledger,
            "INSERT OR REPLACE INTO journal (number, at, actor, action, object, chain) "
            "VALUES (1, 'x', 'x', 'x', 'x', 'x')",
        )
    assert sqlite_ledger.journal.verify() == 1


def test_postgres_refuses_to_empty_the_journal(postgres_address: str) -> None:
    ledger = SqlLedger.open(postgres_address)
    with pytest.raises(StoreError, match="the journal is append-only"):
        execute(ledger, "TRUNCATE journal")
    ledger.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE journal SET reason = 'none' WHERE number = 9", "row 9 .*is not what was written"),
        ("UPDATE journal SET at = 'never' WHERE number = 2", "row 2 .*is not what was written"),
        ("UPDATE journal SET after = before WHERE number = 7", "row 7 .*is not what was written"),
        ("UPDATE journal SET chain = 'x' WHERE number = 4", "row 4 .*is not what was written"),
        ("DELETE FROM journal WHERE number = 5", "row 5 .*is missing"),
        ("DELETE FROM journal WHERE number = 1", "row 1 .*is missing"),
        ("DELETE FROM journal WHERE number >= 9", "row 9 .*is missing"),
        ("DELETE FROM journal", "row 1 .*is missing"),
        ("UPDATE journal_head SET chain = 'x'", "row 10 .*is not the one that was written last"),
        (
            "UPDATE journal SET number = -number WHERE number IN (2, 3);"
            "UPDATE journal SET number = 5 + number WHERE number < 0",
            "row 2 .*is not what was written",
        ),
    ],
)
def test_the_first_row_that_does_not_fit_is_named(
    told: SqlLedger, statement: str, said: str
) -> None:
    tamper(told, *statement.split(";"))
    with pytest.raises(Tampered, match=said):
        told.journal.verify()


def test_a_row_more_than_was_written_does_not_fit(told: SqlLedger) -> None:
    execute(
        told,
        "INSERT INTO journal (number, at, actor, action, object, chain) "
        "VALUES (11, '2026-11-22T03:30:00.000000+00:00', 'x', 'x', 'x', 'x')",
    )
    with pytest.raises(Tampered, match=r"row 11 .*is not what was written"):
        told.journal.verify()


def test_a_long_journal_is_read_page_by_page(ledger: SqlLedger) -> None:
    announce(ledger, *some_entries(2_100))
    assert [row.number for row in ledger.journal.rows()] == list(range(1, 2_102))
    assert ledger.journal.verify() == 2_101


def test_the_journal_may_be_read_while_it_is_written(ledger: SqlLedger) -> None:
    announce(ledger, *some_entries(1_100))
    rows = ledger.journal.rows()
    next(rows)
    announce(ledger, an_entry())
    assert len(list(rows)) == 1_101


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE jobs SET tool = '{}'", lambda ledger: list(ledger.jobs.of_batch(BATCH))),
        ("UPDATE jobs SET state = 'lost'", lambda ledger: list(ledger.jobs.of_batch(BATCH))),
        ("UPDATE entries SET seen = 'lost'", lambda ledger: ledger.entries.of_batch(BATCH)),
        (
            "UPDATE voices SET score = 99",
            lambda ledger: list(ledger.results.between(AT, after(60))),
        ),
    ],
)
def test_a_row_that_was_spoiled_by_hand_is_a_line_that_says_so(
    told: SqlLedger, statement: str, read: Callable[[SqlLedger], object]
) -> None:
    execute(told, statement)
    with pytest.raises(StoreError, match="cannot be read; it was changed by hand") as caught:
        read(told)
    assert "\n" not in str(caught.value)


def test_the_tables_have_names_for_all_that_they_refuse(sqlite_ledger: SqlLedger) -> None:
    file = sqlite3.connect(sqlite_ledger.database.name)
    made = " ".join(row[0] for row in file.execute("SELECT sql FROM sqlite_master WHERE sql > ''"))
    file.close()
    for name in ("pk_jobs", "uq_entries_batch_key", "fk_jobs_batch", "ck_journal_head_one_row"):
        assert f"CONSTRAINT {name}" in made
