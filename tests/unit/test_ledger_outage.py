"""Postgres goes away under a ledger, and comes back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Literal
from urllib.parse import urlsplit

import pytest

from panel.domain.decision import SiteBuild
from panel.domain.feed import Validators
from panel.errors import Busy, StoreError
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.subscribers import SubscriberStore
from tests.decisions import a_draft
from tests.factories import a_run
from tests.ledgers import (
    AT,
    BATCH,
    DAY,
    after,
    an_entry,
    an_outcome,
    announce,
    review,
    some_entries,
)
from tests.postgres import PASSWORD, Cluster

pytestmark = pytest.mark.slow


class Line:
    """A way to Postgres that breaks: it takes the next COMMIT there and nothing back."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.port is not None
        self._server = ("127.0.0.1", parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        own = self._listener.getsockname()[1]
        self.address = address.replace(f":{parts.port}/", f":{own}/")
        self.breaks = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._server)
                doomed = threading.Event()
                for carry in (self._there, self._back):
                    threading.Thread(
                        target=carry, args=(client, server, doomed), daemon=True
                    ).start()

    def _there(self, client: socket.socket, server: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError), server:
            while data := client.recv(65_536):
                if self.breaks and b"COMMIT" in data:
                    self.breaks -= 1
                    doomed.set()
                server.sendall(data)

    def _back(self, client: socket.socket, server: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError), client:
            while data := server.recv(65_536):
                if doomed.is_set():  # the server has answered: it is committed
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)


@pytest.fixture
def line(postgres_address: str) -> Iterator[Line]:
    opened = Line(postgres_address)
    yield opened
    opened.close()


@pytest.fixture
def over_line(line: Line) -> Iterator[SqlLedger]:
    """A ledger behind a line, with one batch and one queued job, `Quillbase`."""
    ledger = SqlLedger.open(line.address)
    announce(ledger, an_entry(), batch=ledger.batches.open(DAY, AT, "openai").id)
    yield ledger
    ledger.close()


def test_a_job_whose_moves_answer_was_lost_has_moved_once(line: Line, over_line: SqlLedger) -> None:
    job = an_entry().identity
    line.breaks = 1
    moved = over_line.jobs.transition(job, "running", after(1), actor="batch")
    assert line.breaks == 0
    assert (moved.state, moved.tries) == ("running", 1)
    line.breaks = 1
    outcome = an_outcome("ship", "skip")
    moved = over_line.jobs.transition(job, "in_review", after(2), actor="batch", outcome=outcome)
    assert line.breaks == 0
    assert moved == over_line.jobs.get(job)
    assert [row.action for row in over_line.journal.rows()][2:] == [
        "queued -> running",
        "running -> in_review",
    ]
    assert len(list(over_line.results.between(AT, after(60)))) == 2


def test_a_decision_whose_answer_was_lost_is_made_once(line: Line, over_line: SqlLedger) -> None:
    run = a_run()
    line.breaks = 1
    first = over_line.decisions.add(a_draft(run), seen=0)
    assert line.breaks == 0
    line.breaks = 1
    over_line.decisions.record_build(SiteBuild(at=AT, digest="d" * 64, upto=first.number))
    assert line.breaks == 0
    second = over_line.decisions.add(a_draft(run, "withdraw"), seen=first.number)
    assert over_line.decisions.of_tool(run.tool.slug) == (first, second)
    assert [row.action for row in over_line.journal.rows()][2:] == ["approve", "built", "withdraw"]
    over_line.journal.verify()


def test_a_confirmation_whose_answer_was_lost_is_one_and_is_used_up(line: Line) -> None:
    address = "mira@example.org"
    with closing(SubscriberStore.open(line.address)) as store:
        token = store.sign_up(address, ("Audio",), AT)
        assert token is not None
        line.breaks = 1
        found = store.confirm(token, AT)
        assert line.breaks == 0
        assert found is not None
        assert (found.address, found.categories) == (address, ("Audio",))
        assert list(store.subscribers()) == [found]
        assert store.confirm(token, AT) is None


def test_a_batch_whose_beginning_was_not_answered_is_not_a_resumed_one(
    line: Line, over_line: SqlLedger
) -> None:
    line.breaks = 1
    assert over_line.batches.end(BATCH, after(3), 0).exit == 0
    line.breaks = 1
    second = over_line.batches.open(DAY, after(4), "openai")
    assert (second.id, second.resumed) == ("2026-11-22-2", False)
    line.breaks = 1
    assert over_line.batches.open(DAY, after(5), "openai").resumed
    assert line.breaks == 0
    actions = [row.action for row in over_line.journal.rows()]
    assert actions == ["begun", "announced -> queued", "ended", "begun", "resumed"]


def test_a_feed_whose_announcement_was_not_answered_is_announced_once(
    line: Line, over_line: SqlLedger
) -> None:
    line.breaks = 1
    made = announce(over_line, *some_entries(3), an_entry(id="twin"))
    assert line.breaks == 0
    assert [one.seen for one in made] == ["new", "new", "new", "duplicate"]
    assert over_line.entries.of_batch(BATCH)[1:] == made
    line.breaks = 1
    over_line.feeds.remember("feed", Validators(etag='"a"'))
    assert over_line.feeds.validators() == {"feed": Validators(etag='"a"')}


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_is_away_for_a_while_loses_nothing(
    postgres: Cluster, postgres_address: str, how: Literal["fast", "immediate"]
) -> None:
    ledger = SqlLedger.open(postgres_address)
    batch = ledger.batches.open(DAY, AT, "openai").id
    jobs = [made.job for made in announce(ledger, *some_entries(240), batch=batch)]
    at_work = threading.Event()

    def work(mine: list[str]) -> None:
        for number, job in enumerate(mine):
            review(ledger, job)
            if number == 3:
                at_work.set()

    threads = [threading.Thread(target=work, args=(jobs[start::6],)) for start in range(6)]
    with ledger.lock():
        for thread in threads:
            thread.start()
        at_work.wait()
        with postgres.stopped(how):
            time.sleep(0.8)
        for thread in threads:
            thread.join()
        other = SqlLedger.open(postgres_address)
        with pytest.raises(Busy):
            other.lock().__enter__()
        other.close()
    assert len(ledger.jobs.ids(["in_review"])) == 240
    assert {job.tries for job in ledger.jobs.of_batch(batch)} == {1}
    assert ledger.journal.verify() == 1 + 240 + 480
    ledger.close()


def test_who_lost_the_ledger_to_another_in_an_outage_writes_no_more(
    postgres: Cluster, postgres_address: str
) -> None:
    first, second = SqlLedger.open(postgres_address), SqlLedger.open(postgres_address)
    batch = first.batches.open(DAY, AT, "openai").id
    with first.lock():
        with postgres.stopped():
            pass
        with second.lock(), pytest.raises(Busy, match="another batch is at work"):
            announce(first, an_entry(), batch=batch)
        assert announce(first, an_entry(), batch=batch)[0].seen == "new"
    first.close()
    second.close()


def test_patience_has_an_end_and_a_line_that_tells_no_secret(
    postgres: Cluster, postgres_address: str
) -> None:
    ledger = SqlLedger.open(postgres_address, patience_s=2)
    with (
        postgres.stopped(),
        pytest.raises(StoreError, match="Check that the server runs") as caught,
    ):
        ledger.batches.open(DAY, AT, "openai")
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert ledger.batches.open(DAY, AT, "openai").id == BATCH
    ledger.close()
