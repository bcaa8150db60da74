"""Every test of this module runs on SQLite and on a real Postgres."""

import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from panel.domain.exchange import canonical
from panel.domain.job import Job, JobState, Outcome
from panel.errors import StoreError, Tampered
from panel.store.sql.job_transition import job_digest
from panel.store.sql.journal import value_digest
from panel.store.sql.ledger import SqlLedger
from tests.factories import a_tool
from tests.ledgers import (
    AT,
    BATCH,
    after,
    an_entry,
    an_outcome,
    announce,
    begin,
    review,
    some_entries,
)

pytestmark = pytest.mark.no_cover

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


def test_changes_of_threads_that_come_together_are_fewer_transactions(
    sqlite_ledger: SqlLedger,
) -> None:
    jobs = [made.job for made in announce(sqlite_ledger, *some_entries(64))]
    commits, rows = [], sqlite_ledger.journal.verify()

    @event.listens_for(sqlite_ledger.database.engine, "commit")
    def _count(_: Connection) -> None:
        commits.append(1)
        time.sleep(0.005)  # as a disk may take, so that others come meanwhile

    def work(mine: list[str]) -> None:
        for job in mine:
            review(sqlite_ledger, job)

    threads = [threading.Thread(target=work, args=(jobs[start::16],)) for start in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sqlite_ledger.journal.verify() == rows + 128
    assert len(sqlite_ledger.jobs.ids(["in_review"])) == 64
    assert len(commits) < 64


def test_a_change_that_cannot_be_made_spoils_no_other_of_its_group(
    sqlite_ledger: SqlLedger,
) -> None:
    jobs = [made.job for made in announce(sqlite_ledger, *some_entries(8))]
    begin(sqlite_ledger, jobs[0])
    told: list[Exception] = []
    together = threading.Barrier(16)

    def change(work: Callable[[], object]) -> None:
        together.wait()
        try:
            work()
        except (KeyError, ValueError, StoreError) as error:
            told.append(error)

    def move(job: str, to: JobState) -> None:
        sqlite_ledger.jobs.transition(job, to, after(2), actor="batch")

    works: list[Callable[[], object]] = [partial(move, job, "running") for job in jobs[1:]]
    works += [partial(move, "0" * 32, "running") for _ in range(3)]
    works += [partial(move, jobs[0], "held") for _ in range(3)]
    works += [partial(announce, sqlite_ledger, an_entry("Wren"), batch="nobody's")] * 3
    threads = [threading.Thread(target=change, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(error).__name__ for error in told) == [
        *["KeyError"] * 3,
        *["StoreError"] * 3,
        *["ValueError"] * 3,
    ]
    assert sorted(sqlite_ledger.jobs.ids(["running"])) == sorted(jobs)
    sqlite_ledger.journal.verify()


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([None, an_outcome("ship")]))
def test_the_digest_of_a_job_is_that_of_its_whole_value(
    name: str, reason: str, outcome: Outcome | None
) -> None:
    tool = a_tool().model_copy(update={"description": name})
    job = Job(
        id="0" * 32, batch=BATCH, source=name, tool=tool, reason=reason, moved=AT, outcome=outcome
    )
    assert job_digest(job, canonical(tool.model_dump(mode="json"))) == value_digest(job)
