"""Whatever is announced, in whatever order, however often it is broken off: one job a tool."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from panel.domain.feed import Entry
from panel.errors import StoreError
from panel.store.sql.ledger import SqlLedger
from tests.conftest import tries
from tests.ledgers import AT, DAY, after, an_outcome

pytestmark = pytest.mark.slow  # it opens a ledger for each example, and more for what is killed
ids = st.sampled_from(["a", "b", "c", "nul\0"])
links = st.sampled_from([None, "https://tools.example/1", "http://tools.example/2?utm_source=x"])
texts = st.sampled_from(["", "short", *(f"{word} " * 14 for word in ("one", "two", "three"))])
entries = st.builds(
    Entry, id=ids, link=links, title=st.sampled_from(["Quill", "Wren", "QUILL"]), text=texts
)
feeds = st.lists(entries, max_size=6).map(tuple)
steps = st.one_of(
    st.tuples(st.just("announce"), st.sampled_from(["x", "y"]), feeds),
    st.tuples(st.just("killed"), st.integers(0, 60), feeds),
    st.tuples(st.just("review"), st.integers(0, 5), st.just(())),
    st.tuples(st.just("next batch"), st.just(0), st.just(())),
)


def killed(file: Path, after_steps: int, batch: str, feed: tuple[Entry, ...]) -> None:
    """Announce a feed and be broken off after so many steps of the database."""
    ledger = SqlLedger.open(file)
    left = iter(range(after_steps))

    @event.listens_for(ledger.database.engine, "connect")
    def watch(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(lambda: next(left, None) is None, 20)

    ledger.close()
    try:
        ledger.entries.announce(batch, "x", feed, AT)
    except StoreError:
        return
    finally:
        ledger.close()


def review(ledger: SqlLedger, number: int) -> None:
    queued = ledger.jobs.ids(["queued"])
    if queued:
        job = queued[number % len(queued)]
        ledger.jobs.transition(job, "running", after(1), actor="batch", run=(DAY, f"run-{job[:6]}"))
        ledger.jobs.transition(
            job, "in_review", after(2), actor="batch", outcome=an_outcome("ship")
        )


def check(ledger: SqlLedger, said: dict[str, set[str]]) -> None:
    """See that each tool is one job, and that each job revises an earlier one that it shares with."""
    ledger.journal.verify()
    batches = {
        row.object.removeprefix("batch ") for row in ledger.journal.rows() if row.action == "begun"
    }
    told = [one for batch in batches for one in ledger.entries.of_batch(batch)]
    assert len([one for one in told if one.seen != "duplicate"]) == len({one.job for one in told})
    jobs = [job for batch in batches for job in ledger.jobs.of_batch(batch)]
    assert sorted(job.id for job in jobs) == sorted({one.job for one in told})
    assert {job.id for job in jobs} <= said.keys()
    for job in jobs:
        revised = next((one for one in told if one.job == job.id and one.seen == "revised"), None)
        assert (job.revises is not None) == (revised is not None)
        if job.revises is not None:
            assert job.revises != job.id
            assert said[job.revises] & said[job.id]


@given(st.lists(steps, max_size=10))
@tries(40)
def test_any_announcements_and_kills_give_one_job_a_tool_and_a_sound_journal(
    told: list[tuple[str, object, tuple[Entry, ...]]],
) -> None:
    said: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        ledger = SqlLedger.open(file)
        batch = ledger.batches.open(DAY, AT, "openai").id
        for what, how, feed in told:
            source = str(how) if what == "announce" else "x"
            for entry in feed:
                said.setdefault(entry.identity, set()).update(entry.origins(source))
            if what == "announce":
                first = ledger.entries.announce(batch, str(how), feed, AT)
                assert [one.job for one in first] == [entry.identity for entry in feed]
                assert ledger.entries.announce(batch, str(how), feed, AT) == first
            elif what == "killed":
                assert isinstance(how, int)
                killed(file, how, batch, feed)
            elif what == "review":
                assert isinstance(how, int)
                review(ledger, how)
            else:
                ledger.batches.end(batch, after(9), 0)
                batch = ledger.batches.open(DAY, after(10), "openai").id
        check(ledger, said)
        ledger.close()
