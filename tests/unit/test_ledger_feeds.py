"""What feeds gave, batches at the makers' services, and held tools, as the ledger keeps them."""

import pytest

from panel.domain.batch_report import FeedLine
from panel.domain.submitted_batch import SubmittedBatch
from panel.store.sql.ledger import SqlLedger
from tests.ledgers import AT, BATCH, after, an_entry, announce

pytestmark = pytest.mark.no_cover


def test_a_feed_has_one_line_a_batch_that_of_its_last_reading(ledger: SqlLedger) -> None:
    assert ledger.feeds.of_batch(BATCH) == ()
    absent = FeedLine(source="b.xml", entries=None, why="b.xml: No such file. Name a feed's file.")
    first = FeedLine(source="a.xml", entries=3, malformed="unclosed\0token")
    ledger.feeds.record(BATCH, [first, absent])
    there = FeedLine(source="b.xml", entries=2)
    ledger.feeds.record(BATCH, [there, FeedLine(source="c.xml", entries=0, unchanged=True)])
    read = ledger.feeds.of_batch(BATCH)
    assert [line.source for line in read] == ["a.xml", "b.xml", "c.xml"]
    assert read[1] == there
    assert read[2].unchanged


def test_a_batch_at_a_service_is_kept_until_it_is_closed(ledger: SqlLedger) -> None:
    one = SubmittedBatch(id="b-1", provider="openai", model="m", request_keys=("a" * 64,), at=AT)
    two = SubmittedBatch(
        id="b-1", provider="mistral", model="m", request_keys=("b" * 64,), at=after(1)
    )
    for posted in (two, one, one):
        ledger.submitted.add(posted)
    assert ledger.submitted.open() == (one, two)
    ledger.submitted.close(one, after(2), "1 answers")
    ledger.submitted.close(one, after(3), "twice")
    assert ledger.submitted.open() == (two,)
    actions = [move.action for move in ledger.journal.rows()]
    assert actions[-3:] == ["posted 1 requests", "posted 1 requests", "collected"]
    assert ledger.journal.verify() == len(actions)


def test_a_held_tool_that_is_let_go_is_cleared_for_good(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    assert not ledger.jobs.transition(
        made.job, "held", after(1), actor="batch", reason="it speaks"
    ).cleared
    assert ledger.jobs.transition(
        made.job, "queued", after(2), actor="editor", reason="read"
    ).cleared
    ledger.jobs.transition(made.job, "running", after(3), actor="batch")
    assert ledger.jobs.get(made.job).cleared
