"""The ledger of batches and decisions in a database."""

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import update

from panel.store.sql.batches import Batches
from panel.store.sql.database import PATIENCE_S, Database, open_ledger_database
from panel.store.sql.decisions import Decisions
from panel.store.sql.feed_entries import Entries
from panel.store.sql.feeds import Feeds
from panel.store.sql.jobs import Jobs
from panel.store.sql.journal import Journal
from panel.store.sql.predictions import Predictions
from panel.store.sql.results import Results
from panel.store.sql.schema import JOURNAL_HEAD
from panel.store.sql.submitted_batches import SubmittedBatches
from panel.store.sql.watched_pages import WatchedPages


class SqlLedger:
    """What batches have seen and editors decided: `ports.Ledger` on SQLite or Postgres.

    It is made of its parts: `ledger.jobs.transition(...)`, `ledger.batches.last()`. Every method of
    a part is one transaction and raises StoreError, and Busy where another process keeps an SQLite
    file locked. What is yielded is read page by page: no transaction is open meanwhile.

    `ledger = SqlLedger.open("ledger.db")`
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database)
        self.batches = Batches(self.journal)
        self.entries = Entries(self.journal)
        self.jobs = Jobs(self.journal)
        self.feeds = Feeds(self.journal)
        self.submitted = SubmittedBatches(self.journal)
        self.results = Results(database)
        self.decisions = Decisions(self.journal)
        self.predictions = Predictions(self.journal)
        self.watched = WatchedPages(self.journal)

    @classmethod
    def open(cls, address: str | Path, *, patience_s: float = PATIENCE_S) -> "SqlLedger":
        """Return the ledger in a file, or at a `postgresql://` address; made where it is missing.

        A Postgres that goes away later is waited for, `patience_s` at most. Raises ConfigError too.
        """
        return cls(open_ledger_database(address, patience_s=patience_s))

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
