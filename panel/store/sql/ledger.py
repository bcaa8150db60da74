"""The ledger of a batch in a database."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, tuple_, update

from panel.domain.batch_report import FeedLine
from panel.domain.exchange import digest
from panel.domain.feed import Entry, Validators
from panel.domain.job import Announced, Batch, Job, JobState, Outcome, ReviewerResult, Transition
from panel.domain.submitted_batch import SubmittedBatch
from panel.store.sql.batches import end_batch, last_batch, open_batch
from panel.store.sql.columns import utc, words
from panel.store.sql.deduplication import Deduplication, sayings
from panel.store.sql.engine import PATIENCE_S, Database, open_database
from panel.store.sql.feed_lines import keep_feeds, read_feeds
from panel.store.sql.journal import read_journal, verify, writing
from panel.store.sql.mapping import JOB_COLUMNS, read_announced, read_job, read_voiced
from panel.store.sql.schema import ENTRIES, FEEDS, JOBS, JOURNAL_HEAD, VOICES
from panel.store.sql.submitted_batches import close_posted, open_posted, post
from panel.store.sql.transition import find_job, move

_PAGE: Final = 500
_NAMESAKES: Final = (
    select(JOBS.c.id, JOBS.c.name).where(JOBS.c.slug == bindparam("b_slug")).order_by(JOBS.c.number)
)


class SqlLedger:
    """What a batch has seen and how far each tool has come: `ports.Ledger` on SQLite or Postgres.

    Every method raises StoreError, and Busy where another process keeps an SQLite file locked. What
    is yielded is read page by page: no transaction is open meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, address: str | Path, *, patience_s: float = PATIENCE_S) -> "SqlLedger":
        """Return the ledger in a file, or at a `postgresql://` address; made where it is missing.

        A Postgres that goes away later is waited for, `patience_s` at most. Raises ConfigError too.
        """
        return cls(open_database(address, patience_s=patience_s))

    def close(self) -> None:
        """Close the connections."""
        self.database.close()

    def try_writing(self) -> None:
        """Return where the ledger can be written to, with nothing changed. Raises StoreError."""
        same = update(JOURNAL_HEAD).values(number=JOURNAL_HEAD.c.number)
        self.database.try_writing(lambda connection: connection.execute(same))

    def lock(self) -> AbstractContextManager[None]:
        """Be the one batch on this ledger for a while. Raises Busy where another is."""
        return self.database.lock()

    def open_batch(self, day: date, at: datetime, engine: str) -> Batch:
        """Return the batch that was begun and has not ended, `resumed`, or a new one of `day`."""
        return self.database.write(
            partial(open_batch, day=day, at=utc(at), engine=engine, ticket=uuid4().hex)
        )

    def end_batch(self, id: str, at: datetime, exit: int) -> Batch:  # noqa: A002 - its word
        """Return the batch with its end written down. Raises KeyError."""
        return self.database.write(
            partial(end_batch, id=id, at=utc(at), exit=exit, ticket=uuid4().hex)
        )

    def last_batch(self) -> Batch | None:
        """Return the batch that began last, if there was one."""
        return self.database.read(last_batch)

    def announce(
        self, batch: str, source: str, entries: Sequence[Entry], at: datetime
    ) -> tuple[Announced, ...]:
        """Return what each entry is, in order; a new and a revised one is a queued job from now on.

        An entry that this batch has announced before, under the same source and id, is what it was
        then.
        """
        source = words(source)
        said, moment = tuple(sayings(source, entries)), utc(at)

        def work(connection: Connection) -> tuple[Announced, ...]:
            with writing(connection) as end:
                return Deduplication(connection, end, batch, source, moment).announce(said)

        return self.database.write(work) if said else ()

    def announced(self, batch: str) -> tuple[Announced, ...]:
        """Return all that the batch has announced, in order."""
        found = select(ENTRIES).where(ENTRIES.c.batch == batch).order_by(ENTRIES.c.number)
        return tuple(map(read_announced, self._rows(found)))

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of `ids` that are jobs."""
        asked = list(ids)
        pages = (asked[start : start + _PAGE] for start in range(0, len(asked), _PAGE))
        found = (self._rows(select(JOBS.c.id).where(JOBS.c.id.in_(page))) for page in pages)
        return frozenset(row.id for rows in found for row in rows)

    def namesakes(self, slug: str) -> tuple[tuple[str, str], ...]:
        """Return id and name of every job whose tool has that slug, oldest first."""
        rows = self.database.read(lambda c: c.execute(_NAMESAKES, {"b_slug": slug}).all())
        return tuple((row.id, row.name) for row in rows)

    def job(self, id: str) -> Job:  # noqa: A002 - its word
        """Return one job. Raises KeyError."""
        return self.database.read(partial(find_job, id=id))

    def job_ids(self, states: Collection[JobState], batch: str | None = None) -> tuple[str, ...]:
        """Return the jobs in one of `states`, oldest first, of one batch or of all."""
        found = select(JOBS.c.id).where(JOBS.c.state.in_(sorted(states))).order_by(JOBS.c.number)
        if batch is not None:
            found = found.where(JOBS.c.batch == batch)
        return tuple(row.id for row in self._rows(found))

    def jobs(self, batch: str) -> Iterator[Job]:
        """Yield the jobs that a batch worked on, in the order of their announcement."""
        page = select(JOBS.c.number, *JOB_COLUMNS).where(JOBS.c.batch == batch)
        page = page.order_by(JOBS.c.number).limit(_PAGE)
        last = 0
        while rows := self._rows(page.where(JOBS.c.number > last)):
            yield from map(read_job, rows)
            last = rows[-1].number

    def move(
        self,
        id: str,  # noqa: A002 - its word
        to: JobState,
        at: datetime,
        *,
        actor: str,
        batch: str | None = None,
        run: tuple[date, str] | None = None,
        reason: str | None = None,
        outcome: Outcome | None = None,
    ) -> Job:
        """Return the job in its new state; `batch` takes over a job that an earlier one left.

        What is None stays as it was, the reason excepted. Raises KeyError, and ValueError where
        MOVES has no such move.
        """
        given: dict[str, Any] = {"state": to, "moved": utc(at), "reason": words(reason)}
        if batch is not None:
            given["batch"] = batch
        if run is not None:
            given["run_date"], given["run"] = run
        if outcome is not None:
            given["outcome"] = outcome
        return self.database.write(
            partial(move, id=id, given=given, actor=actor, ticket=uuid4().hex)
        )

    def keep_feeds(self, batch: str, lines: Sequence[FeedLine]) -> None:
        """Keep what feeds of the batch gave; of one that was read before, what it gives now."""
        self.database.write(partial(keep_feeds, batch=batch, lines=lines))

    def feeds(self, batch: str) -> tuple[FeedLine, ...]:
        """Return what the feeds of the batch gave, in the order in which they were first read."""
        return self.database.read(partial(read_feeds, batch=batch))

    def validators(self) -> Mapping[str, Validators]:
        """Return what to ask the servers of feeds with, by the feed's name."""
        rows = self._rows(select(FEEDS))
        return {
            row.source: Validators(etag=row.etag, last_modified=row.last_modified) for row in rows
        }

    def remember(self, source: str, validators: Validators) -> None:
        """Keep what the server of a feed wants to be asked with next time."""
        self.database.write(partial(_remember, source=words(source), validators=validators))

    def voices(self, since: datetime, until: datetime) -> Iterator[ReviewerResult]:
        """Yield what the reviewers of finished jobs came to between two moments, `until` excluded."""
        order = (VOICES.c.at, VOICES.c.job, VOICES.c.position)
        page = select(VOICES).where(VOICES.c.at >= since, VOICES.c.at < until)
        page = page.order_by(*order).limit(_PAGE)
        rows = self._rows(page)
        while rows:
            yield from map(read_voiced, rows)
            last = rows[-1]
            after = tuple_(*order) > (last.at, last.job, last.position)
            rows = self._rows(page.where(after))

    def post(self, posted: SubmittedBatch) -> None:
        """Keep a batch that a service has taken, until it is closed. Twice is as good as once."""
        self.database.write(partial(post, posted=posted))

    def posted(self) -> tuple[SubmittedBatch, ...]:
        """Return the batches at services that are not closed, oldest first."""
        return self.database.read(open_posted)

    def close_posted(self, posted: SubmittedBatch, at: datetime, reason: str) -> None:
        """Write down how a batch at a service ended: its answers are in their runs by now."""
        self.database.write(partial(close_posted, posted=posted, at=at, reason=reason))

    def journal(self) -> Iterator[Transition]:
        """Yield every row, oldest first."""
        return read_journal(self.database)

    def verify(self) -> int:
        """Return how many rows the journal has. Raises Tampered, which names the first bad one."""
        return verify(self.database)

    def _rows(self, found: Select[Any]) -> Sequence[Row[Any]]:
        return self.database.read(lambda connection: connection.execute(found).all())


def _remember(connection: Connection, source: str, validators: Validators) -> None:
    key = digest([source])
    values = {"source": source, **dict(validators)}
    with writing(connection):  # for its lock: two may not both find the row missing
        known = connection.execute(update(FEEDS).where(FEEDS.c.key == key).values(**values))
        if not known.rowcount:
            connection.execute(insert(FEEDS).values(key=key, **values))
