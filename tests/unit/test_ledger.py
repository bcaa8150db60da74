"""Every test of this module runs on SQLite and on a real Postgres."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args

import pytest
from sqlalchemy import select

from panel.domain.feed import Validators
from panel.domain.job import TRANSITIONS, JobState
from panel.errors import Busy, StoreError
from panel.ports import Ledger
from panel.screening.original import entry_tool
from panel.store.sql.ledger import SqlLedger
from panel.store.sql.schema import JOB_RUNS, JOBS
from tests.ledgers import (
    AT,
    BATCH,
    DAY,
    RUN,
    after,
    an_entry,
    an_outcome,
    announce,
    begin,
    in_processes,
    review,
    some_entries,
)

pytestmark = pytest.mark.no_cover


def test_it_is_a_ledger(ledger: SqlLedger) -> None:
    promised: Ledger = ledger
    assert promised.batches.last() is not None


def test_a_batch_is_named_by_its_day_and_from_the_second_on_by_a_number(ledger: SqlLedger) -> None:
    ledger.batches.end(BATCH, after(9), 0)
    second = ledger.batches.open(DAY, after(10), "mistral")
    ledger.batches.end(second.id, after(11), 3)
    other_day = ledger.batches.open(date(2026, 11, 23), after(12), "openai")
    assert (second.id, second.engine, second.resumed) == ("2026-11-22-2", "mistral", False)
    assert other_day.id == "2026-11-23"
    assert ledger.batches.last() == other_day


def test_a_batch_that_has_not_ended_is_taken_up_again_whatever_the_day(ledger: SqlLedger) -> None:
    again = ledger.batches.open(date(2026, 11, 23), after(60), "mistral")
    assert (again.id, again.date, again.began, again.engine) == (BATCH, DAY, AT, "openai")
    assert again.resumed
    assert ledger.batches.last() == again


def test_the_end_of_a_batch_is_written_down(ledger: SqlLedger) -> None:
    ended = ledger.batches.end(BATCH, after(90), 3)
    assert (ended.ended, ended.exit) == (after(90), 3)
    assert ledger.batches.last() == ended
    with pytest.raises(KeyError):
        ledger.batches.end("2026-01-01", AT, 0)


def test_a_new_ledger_has_had_no_batch(ledger_address: str) -> None:
    empty = SqlLedger.open(ledger_address)
    assert empty.batches.last() is None
    assert empty.entries.of_batch(BATCH) == ()
    assert list(empty.journal.rows()) == []
    assert empty.journal.verify() == 0
    empty.close()


def test_a_new_entry_is_a_queued_job(ledger: SqlLedger) -> None:
    entry = an_entry()
    (made,) = announce(ledger, entry)
    assert (made.seen, made.job, made.title, made.of_run) == (
        "new",
        entry.identity,
        "Quillbase",
        None,
    )
    job = ledger.jobs.get(made.job)
    assert (job.state, job.batch, job.tool) == ("queued", BATCH, entry_tool(entry))
    assert (job.revises, job.run, job.tries, job.outcome, job.moved) == (None, None, 0, None, AT)
    assert ledger.jobs.known([made.job, "0" * 32]) == {made.job}


def test_the_same_tool_under_another_id_is_a_duplicate_of_its_run(ledger: SqlLedger) -> None:
    (first,) = announce(ledger, an_entry())
    review(ledger, first.job)
    ledger.batches.end(BATCH, after(5), 0)
    next_day = ledger.batches.open(date(2026, 11, 23), after(1440), "openai").id
    (again,) = announce(
        ledger, an_entry(id="other", link="https://elsewhere.example/q"), batch=next_day
    )
    assert (again.seen, again.job, again.of_run) == ("duplicate", first.job, RUN[1])
    assert ledger.jobs.ids(["queued"]) == ()


@pytest.mark.parametrize(
    "shared",
    [{"link": "https://elsewhere.example/"}, {"id": "other"}, {"link": None}],
    ids=["its id", "its link", "its id without a link"],
)
def test_another_text_of_the_same_entry_revises_its_job(
    ledger: SqlLedger, shared: dict[str, Any]
) -> None:
    (first,) = announce(ledger, an_entry())
    review(ledger, first.job)
    (changed,) = announce(
        ledger,
        an_entry(text="It reads mail now, which it did not before, and costs more.", **shared),
    )
    assert (changed.seen, changed.of_run) == ("revised", RUN[1])
    assert ledger.jobs.get(changed.job).revises == first.job
    assert ledger.jobs.get(first.job).state == "in_review"


def test_two_feeds_that_count_their_entries_announce_different_tools(ledger: SqlLedger) -> None:
    (one,) = announce(ledger, an_entry(id="1"), source="one.xml")
    (two,) = announce(ledger, an_entry("Wren", id="1"), source="two.xml")
    (text,) = announce(ledger, an_entry("Wren", "Another text.", id="1"), source="two.xml")
    (link,) = announce(ledger, an_entry(text="Another text of it.", id="2"), source="three.xml")
    assert [made.seen for made in (one, two, text, link)] == ["new", "new", "revised", "revised"]
    assert ledger.jobs.get(text.job).revises == two.job
    assert ledger.jobs.get(link.job).revises == one.job


def test_a_revision_revises_the_newest_job_of_its_origins(ledger: SqlLedger) -> None:
    texts = [
        f"The text number {number} of a tool that keeps changing its text." for number in "123"
    ]
    first, second = announce(ledger, *(an_entry(text=text) for text in texts[:2]))
    (back,) = announce(ledger, an_entry(text=texts[0]), source="another feed")
    (third,) = announce(ledger, an_entry(text=texts[2]))
    assert (second.seen, ledger.jobs.get(second.job).revises) == ("revised", first.job)
    assert (back.seen, back.job) == ("duplicate", first.job)
    assert (third.seen, ledger.jobs.get(third.job).revises) == ("revised", second.job)


def test_a_duplicates_own_id_leads_to_its_job(ledger: SqlLedger) -> None:
    (first,) = announce(ledger, an_entry())
    announce(ledger, an_entry(id="second id", link=None))
    (later,) = announce(
        ledger,
        an_entry(
            text="A text that is new under the second id it goes by.", id="second id", link=None
        ),
    )
    assert (later.seen, ledger.jobs.get(later.job).revises) == ("revised", first.job)


def test_the_same_tool_twice_in_a_feed_or_over_two_is_one_job(ledger: SqlLedger) -> None:
    one, twin = an_entry(), an_entry(id="twin", link=None)
    first = announce(ledger, one, twin, one)
    second = announce(ledger, one, source="another feed")
    assert [a.seen for a in (*first, *second)] == ["new", "duplicate", "duplicate", "duplicate"]
    assert ledger.jobs.ids(["queued"]) == (one.identity,)
    assert ledger.entries.of_batch(BATCH) == (*first, *second)


def test_what_a_batch_announced_before_it_was_killed_is_what_it_was_then(
    ledger: SqlLedger,
) -> None:
    entries = (an_entry(), an_entry("Wren"), an_entry(), an_entry(text="x " * 20))
    first = announce(ledger, *entries)
    review(ledger, first[0].job)
    rows = list(ledger.journal.rows())
    again = announce(ledger, *entries)
    assert again == first
    assert list(ledger.journal.rows()) == rows
    assert ledger.entries.of_batch(BATCH) == first


def test_a_feed_that_has_grown_since_adds_what_is_new(ledger: SqlLedger) -> None:
    first = announce(ledger, an_entry())
    grown = announce(ledger, an_entry("Wren"), an_entry(), an_entry())
    assert [a.seen for a in grown] == ["new", "new", "duplicate"]
    assert grown[1:2] == first
    assert ledger.entries.of_batch(BATCH) == (first[0], grown[0], grown[2])


def test_announcements_come_back_in_order_however_many(ledger: SqlLedger) -> None:
    entries = some_entries(1_201)
    made = announce(ledger, *entries)
    assert [a.job for a in made] == [entry.identity for entry in entries]
    assert ledger.entries.of_batch(BATCH) == made
    assert ledger.jobs.ids(["queued"], BATCH) == tuple(a.job for a in made)
    assert [job.id for job in ledger.jobs.of_batch(BATCH)] == [a.job for a in made]
    assert len(ledger.jobs.known([a.job for a in made])) == 1_201
    assert announce(ledger) == ()


def test_what_a_feed_may_say_comes_back_as_both_databases_can_hold_it(ledger: SqlLedger) -> None:
    entry = an_entry(
        id="nul \0 in it", text="A text with a \0 in it, and one \N{PILE OF POO} more."
    )
    source = "f\udcffeed\0"
    first = announce(ledger, entry, source=source)
    assert announce(ledger, entry, source=source) == first
    assert ledger.entries.of_batch(BATCH) == first
    assert ledger.jobs.get(first[0].job).tool.description == entry.text
    assert ledger.jobs.get(first[0].job).source == first[0].source


def test_an_entry_of_no_batch_is_refused_and_leaves_nothing(ledger: SqlLedger) -> None:
    rows = len(list(ledger.journal.rows()))
    with pytest.raises(StoreError):
        announce(ledger, an_entry(), batch="nobody's")
    assert ledger.jobs.ids(["queued"]) == ()
    assert len(list(ledger.journal.rows())) == rows


def test_a_job_that_is_not_there_is_a_key_error(ledger: SqlLedger) -> None:
    with pytest.raises(KeyError):
        ledger.jobs.get("0" * 32)
    with pytest.raises(KeyError):
        ledger.jobs.transition("0" * 32, "running", AT, actor="batch")


def test_namesakes_are_the_jobs_whose_tool_has_the_slug(ledger: SqlLedger) -> None:
    long = "A text that makes two tools of one name two, for it is another text: "
    first, _, third = announce(
        ledger,
        an_entry("Quill"),
        an_entry("Wren"),
        an_entry("Quill!", text=long, id="q", link=None),
    )
    assert ledger.jobs.namesakes("quill") == (first.job, third.job)


@pytest.mark.parametrize("state", get_args(JobState))
@pytest.mark.parametrize("to", get_args(JobState))
def test_a_job_moves_as_the_table_of_moves_says(
    sqlite_ledger: SqlLedger, state: JobState, to: JobState
) -> None:
    (made,) = announce(sqlite_ledger, an_entry())
    sqlite_ledger.database.write(lambda c: c.execute(JOBS.update().values(state=state)))
    rows = len(list(sqlite_ledger.journal.rows()))
    if to in TRANSITIONS[state]:
        assert sqlite_ledger.jobs.transition(made.job, to, after(1), actor="batch").state == to
    else:
        with pytest.raises(ValueError, match=f"a job that is {state} cannot become {to}"):
            sqlite_ledger.jobs.transition(made.job, to, after(1), actor="batch")
        assert sqlite_ledger.jobs.get(made.job).state == state
        assert len(list(sqlite_ledger.journal.rows())) == rows


def test_a_move_keeps_what_it_is_not_told_the_reason_excepted(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    begin(ledger, made.job)
    outcome = an_outcome("ship", cost_usd=Decimal("0.10420000000000000001"))
    failed = ledger.jobs.transition(
        made.job, "failed", after(2), actor="batch", reason="no quorum", outcome=outcome
    )
    assert (failed.run_date, failed.run) == RUN
    assert (failed.reason, failed.outcome, failed.moved) == ("no quorum", outcome, after(2))
    again = ledger.jobs.transition(made.job, "running", after(3), actor="batch")
    assert (again.run, again.outcome, again.reason, again.tries) == (RUN[1], outcome, None, 2)
    assert ledger.jobs.get(made.job) == again
    assert str(ledger.jobs.get(made.job).outcome.cost_usd) == "0.10420000000000000001"  # type: ignore[union-attr]


def test_tries_count_how_often_a_job_was_begun(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    states: tuple[JobState, ...] = ("running", "running", "waiting", "running", "queued", "running")
    for state in states:
        ledger.jobs.transition(made.job, state, after(1), actor="batch")
    assert ledger.jobs.get(made.job).tries == 4


def test_a_job_that_another_process_has_done_meanwhile_stays_as_that_one_left_it(
    ledger: SqlLedger,
) -> None:
    (made,) = announce(ledger, an_entry())
    ours = ledger.jobs.transition(made.job, "running", after(1), actor="first")
    ledger.jobs.transition(made.job, "running", after(2), actor="second")
    done = ledger.jobs.transition(made.job, "failed", after(3), actor="second", reason="No answer.")
    with pytest.raises(Busy, match="is failed by now: another process has moved it"):
        ledger.jobs.transition(made.job, "in_review", after(4), actor="first", seen=ours)
    assert ledger.jobs.get(made.job) == done
    with pytest.raises(ValueError, match="failed cannot become in_review"):
        ledger.jobs.transition(made.job, "in_review", after(5), actor="first", seen=done)


def test_a_job_that_was_moved_since_it_was_seen_is_read_again(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    queued = ledger.jobs.get(made.job)
    begun = ledger.jobs.transition(made.job, "running", after(1), actor="batch", seen=queued)
    assert begun == ledger.jobs.get(made.job)
    again = ledger.jobs.transition(made.job, "running", after(2), actor="other", seen=queued)
    assert (again.tries, again) == (2, ledger.jobs.get(made.job))
    with pytest.raises(ValueError, match="queued cannot become in_review"):
        ledger.jobs.transition(made.job, "in_review", after(3), actor="batch", seen=queued)
    rows = [row for row in ledger.journal.rows() if row.object == f"job {made.job}"]
    assert [row.action for row in rows] == [
        "announced -> queued",
        "queued -> running",
        "running -> running",
    ]
    assert [row.before for row in rows[1:]] == [row.after for row in rows[:-1]]


def test_a_later_batch_takes_over_what_an_earlier_one_left(ledger: SqlLedger) -> None:
    first, second = announce(ledger, an_entry(), an_entry("Wren"))
    begin(ledger, first.job)
    ledger.batches.end(BATCH, after(5), 3)
    later = ledger.batches.open(date(2026, 11, 23), after(1440), "openai").id
    (third,) = announce(ledger, an_entry("Heron"), batch=later)
    ledger.jobs.transition(first.job, "running", after(1441), actor="batch", batch=later)
    assert [job.id for job in ledger.jobs.of_batch(later)] == [first.job, third.job]
    assert ledger.jobs.ids(["queued", "running"]) == (first.job, second.job, third.job)
    assert ledger.jobs.ids(["queued"], later) == (third.job,)
    assert ledger.jobs.ids([]) == ()


def test_each_run_of_a_job_has_its_cost(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    begin(ledger, made.job)
    first = an_outcome("ship", decision=None, cost_usd=Decimal("0.01"), calls=3, tokens_in=900)
    ledger.jobs.transition(made.job, "failed", after(2), actor="batch", outcome=first)
    begin(ledger, made.job, run=(DAY, "second"))
    second = an_outcome("ship", cost_usd=Decimal("0.0250"), calls=5)
    ledger.jobs.transition(made.job, "in_review", after(4), actor="batch", outcome=second)
    rows = ledger.database.read(
        lambda c: c.execute(select(JOB_RUNS).order_by("began", "run")).all()
    )
    assert [(row.run, row.state, str(row.cost_usd), row.calls, row.tokens_in) for row in rows] == [
        (RUN[1], "failed", "0.01", 3, 900),
        ("second", "in_review", "0.0250", 5, 0),
    ]


def test_the_voices_of_finished_jobs_are_told_by_the_time_they_finished(
    ledger: SqlLedger,
) -> None:
    jobs = [made.job for made in announce(ledger, *some_entries(3))]
    for number, job in enumerate(jobs):
        begin(ledger, job)
        outcome = an_outcome("ship", "skip", None, decision=("ship", "skip", None)[number])
        to: JobState = "failed" if number == 2 else "in_review"
        ledger.jobs.transition(job, to, after(10 * number), actor="batch", outcome=outcome)
    told = list(ledger.results.between(after(0), after(20)))
    assert told == [*an_outcome("ship", "skip", None).voices] * 2
    assert len(list(ledger.results.between(after(20), after(21)))) == 3
    assert list(ledger.results.between(after(21), after(99))) == []


def test_voices_come_page_by_page_and_none_is_lost_between_two(ledger: SqlLedger) -> None:
    jobs = [made.job for made in announce(ledger, *some_entries(4))]
    many = an_outcome(*["ship"] * 260)
    for job in jobs:
        review(ledger, job, many)
    told = list(ledger.results.between(AT, after(60)))
    assert told == [*many.voices] * 4


def test_a_job_that_is_tried_again_speaks_with_its_last_voices(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    begin(ledger, made.job)
    early = an_outcome("ship", None, None)
    ledger.jobs.transition(made.job, "failed", after(2), actor="batch", outcome=early)
    begin(ledger, made.job)
    assert list(ledger.results.between(AT, after(60))) == list(early.voices)
    ledger.jobs.transition(
        made.job, "in_review", after(3), actor="batch", outcome=an_outcome("skip", "skip")
    )
    assert list(ledger.results.between(AT, after(60))) == list(an_outcome("skip", "skip").voices)


def test_a_feeds_validators_are_those_of_its_last_answer(ledger: SqlLedger) -> None:
    long = "https://feeds.example/" + "x" * 8_000
    ledger.feeds.remember(
        long, Validators(etag='"a"', last_modified="Sun, 22 Nov 2026 03:30:00 GMT")
    )
    ledger.feeds.remember("other", Validators(etag='"b"'))
    ledger.feeds.remember("other", Validators(last_modified="today"))
    assert ledger.feeds.validators() == {
        long: Validators(etag='"a"', last_modified="Sun, 22 Nov 2026 03:30:00 GMT"),
        "other": Validators(last_modified="today"),
    }


def test_feeds_whose_validators_cannot_be_read_are_asked_for_whole(
    sqlite_ledger: SqlLedger,
) -> None:
    for name in ("one", "other"):
        sqlite_ledger.feeds.remember(name, Validators(etag='"a"'))
    with closing(sqlite3.connect(sqlite_ledger.database.name)) as file:
        file.execute("UPDATE feeds SET etag = CAST(x'ff' AS TEXT) WHERE source = 'one'")
        file.commit()
    assert sqlite_ledger.feeds.validators() == {}
    sqlite_ledger.feeds.remember("one", Validators(etag='"b"'))
    assert len(sqlite_ledger.feeds.validators()) == 2


def test_moments_come_back_with_their_zone_and_in_order(ledger: SqlLedger) -> None:
    (made,) = announce(ledger, an_entry())
    berlin = datetime(2026, 11, 22, 4, 31, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    job = ledger.jobs.transition(made.job, "running", berlin, actor="batch")
    read = ledger.jobs.get(made.job).moved
    assert read == job.moved == berlin
    assert read.tzinfo == UTC
    with pytest.raises(ValueError, match="no time zone"):
        ledger.jobs.transition(made.job, "running", datetime(2026, 11, 22, 3, 30), actor="batch")  # noqa: DTZ001
    assert ledger.jobs.get(made.job).tries == 1


def test_threads_may_share_a_ledger(ledger: SqlLedger) -> None:
    jobs = [made.job for made in announce(ledger, *some_entries(24))]

    def work(mine: list[str]) -> None:
        for job in mine:
            review(ledger, job)

    threads = [threading.Thread(target=work, args=(jobs[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.jobs.ids(["in_review"])) == 24
    assert ledger.journal.verify() == 1 + 24 + 48


@pytest.mark.slow
def test_two_processes_that_announce_the_same_feed_make_one_job_of_each_tool(
    ledger_address: str,
) -> None:
    code = """
ledger = SqlLedger.open(sys.argv[1])
sys.stdin.readline()
batch = ledger.batches.open(DAY, AT, "openai").id
for start in range(0, 200, 20):
    ledger.entries.announce(batch, sys.argv[2], some_entries(200)[start:start + 20], AT)
print(len(ledger.entries.of_batch(batch)))
"""
    children = [*in_processes(code, ledger_address, "a"), *in_processes(code, ledger_address, "b")]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    ledger = SqlLedger.open(ledger_address)
    made = ledger.entries.of_batch(BATCH)
    assert sorted(a.seen for a in made) == ["duplicate"] * 200 + ["new"] * 200
    assert sorted(ledger.jobs.ids(["queued"])) == sorted(e.identity for e in some_entries(200))
    assert ledger.journal.verify() == 402
    ledger.close()


def test_the_cost_cap_of_a_batch_is_known_while_its_answers_are_waited_for(
    ledger: SqlLedger,
) -> None:
    batches = ledger.batches
    assert batches.cap_of_waiting() is None
    assert batches.open(DAY, after(1), "openai", Decimal("6.10")).max_cost == Decimal("6.10")
    assert batches.open(DAY, after(2), "openai").max_cost == Decimal("6.10"), "resumed"
    assert batches.cap_of_waiting() is None
    (one,) = announce(ledger, an_entry())
    begin(ledger, one.job, batch=BATCH)
    ledger.jobs.transition(one.job, "waiting", after(3), actor="batch")
    assert batches.cap_of_waiting() == Decimal("6.10")
    batches.end(BATCH, after(4), 8)
    later = batches.open(DAY, after(5), "openai", Decimal(9)).id
    assert batches.cap_of_waiting() == Decimal("6.10"), "nothing of the later one waits"
    begin(ledger, one.job, batch=later)
    ledger.jobs.transition(one.job, "waiting", after(6), actor="batch")
    assert batches.cap_of_waiting() == Decimal(9)
    begin(ledger, one.job)
    assert batches.cap_of_waiting() is None
