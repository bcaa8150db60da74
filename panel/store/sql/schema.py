"""The tables of a ledger, in the words of both databases.

Documents are JSON text as pydantic writes it, money and moments are text (see columns). Numbers are
given out by the code under the lock of `journal_head`, so that they follow the journal's order.
"""

from typing import Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from panel.store.advisory_locks import AdvisoryLock
from panel.store.sql.columns import DecimalColumn, TextColumn, UtcColumn
from panel.store.sql.preparation import Schema, Version

VERSION: Final = 4
METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _number(name: str = "number") -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


VERSIONS: Final = Table(
    "ledger_version",
    METADATA,
    _number("id"),
    Column("version", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

BATCHES: Final = Table(
    "batches",
    METADATA,
    _number(),
    Column("id", Text, nullable=False, unique=True),
    Column("date", Date, nullable=False),
    Column("began", UtcColumn, nullable=False),
    Column("engine", TextColumn, nullable=False),
    Column("ended", UtcColumn),
    Column("exit", Integer),
    Column("resumed", Boolean, nullable=False),
    Column("max_cost", DecimalColumn),
    Index(None, "date"),
)

# The primary key is what keeps a tool from being a job twice, whoever writes.
JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("batch", Text, ForeignKey("batches.id"), nullable=False),
    Column("source", TextColumn, nullable=False),
    Column("tool", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("state", Text, nullable=False),
    Column("revises", Text, ForeignKey("jobs.id")),
    Column("run", Text),
    Column("run_date", Date),
    Column("reason", TextColumn),
    Column("tries", Integer, nullable=False),
    Column("cleared", Boolean, nullable=False),
    Column("outcome", Text),
    Column("moved", UtcColumn, nullable=False),
    Index(None, "state", "number"),
    Index(None, "slug", "number"),
    Index(None, "batch", "number"),
)

# Each announcement of a batch, once: `key` is the digest of who said it, under which id, what, and
# its how-manieth among equal ones. `of_run` is what it was when the entry was announced.
ENTRIES: Final = Table(
    "entries",
    METADATA,
    _number(),
    Column("batch", Text, ForeignKey("batches.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("source", TextColumn, nullable=False),
    Column("id", TextColumn, nullable=False),
    Column("link", TextColumn),
    Column("title", TextColumn, nullable=False),
    Column("published", UtcColumn),
    Column("seen", Text, nullable=False),
    Column("job", Text, ForeignKey("jobs.id"), nullable=False),
    Column("of_run", Text),
    Column("at", UtcColumn, nullable=False),
    UniqueConstraint("batch", "key"),
    Index(None, "job"),
)

# The newest job that was announced under an id or a link.
ORIGINS: Final = Table(
    "origins",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id"), nullable=False),
    Index(None, "job"),
)

# What each run of a job came to and cost: a job that is tried again has one for each run.
JOB_RUNS: Final = Table(
    "job_runs",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id"), nullable=False),
    Column("batch", Text, ForeignKey("batches.id"), nullable=False),
    Column("began", UtcColumn, nullable=False),
    Column("moved", UtcColumn, nullable=False),
    Column("state", Text, nullable=False),
    Column("decision", Text),
    Column("calls", BigInteger, nullable=False),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_cached", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("cost_usd", DecimalColumn),
    Index(None, "job"),
    Index(None, "moved"),
)

# What the reviewers of finished jobs came to, for the drift of a persona over time.
RESULTS: Final = Table(
    "voices",
    METADATA,
    Column("job", Text, ForeignKey("jobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcColumn, nullable=False),
    Column("persona", TextColumn, nullable=False),
    Column("model", TextColumn, nullable=False),
    Column("verdict", Text),
    Column("score", Double),
    Index(None, "at", "job", "position"),
)

FEEDS: Final = Table(
    "feeds",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("source", TextColumn, nullable=False),
    Column("etag", TextColumn),
    Column("last_modified", TextColumn),
)

# What each feed of a batch gave, as the report says it: a FeedLine in JSON, by the feed's digest.
FEED_LINES: Final = Table(
    "feed_lines",
    METADATA,
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("line", Text, nullable=False),
)

# The page that the published run of a tool came from, and what the last look at it found. `decided` is
# the decision that the run was taken from, `text` what the page said when it could last be read.
WATCHED_PAGES: Final = Table(
    "watched_pages",
    METADATA,
    Column("tool", Text, primary_key=True),
    Column("decided", Integer, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("day", Date),
    Column("run", Text),
    Column("url", TextColumn),
    Column("etag", TextColumn),
    Column("last_modified", TextColumn),
    Column("checked", UtcColumn),
    Column("answer", Text),
    Column("why", TextColumn),
    Column("text", TextColumn),
    Column("unconfirmed", TextColumn),
)

# Batches at the makers' services; `closed` is None as long as their answers are not in the runs.
SUBMITTED: Final = Table(
    "posted",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("model", TextColumn, nullable=False),
    Column("request_keys", Text, nullable=False),
    Column("at", UtcColumn, nullable=False),
    Column("closed", UtcColumn),
    Index(None, "closed", "at"),
)

# `document` is JSON: of an editor's decision all that it says. `ticket` names the transaction, for one
# that has to learn whether it was written before its connection broke; it is no part of the chain.
JOURNAL: Final = Table(
    "journal",
    METADATA,
    _number(),
    Column("at", UtcColumn, nullable=False),
    Column("actor", TextColumn, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", TextColumn, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("reason", TextColumn),
    Column("chain", Text, nullable=False),
    Column("ticket", Text),
    Column("document", Text),
)
# The decisions of the editors, which are few among the rows of batches: by their tool, and all of them.
for _of in (("object", "number"), ("number",)):
    Index(
        "_".join(("ix_journal_documents_by", *_of)),
        *(JOURNAL.c[_name] for _name in _of),
        sqlite_where=JOURNAL.c.document.is_not(None),
    ).ddl_if(dialect="sqlite")

# The last row of the journal. Who writes locks this row first: the journal is one line of rows.
JOURNAL_HEAD: Final = Table(
    "journal_head",
    METADATA,
    _number("id"),
    Column("number", Integer, nullable=False),
    Column("chain", Text, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

_APPEND_ONLY = "the journal is append-only"
_SQLITE_GUARDS = {
    "update": "BEFORE UPDATE ON journal",
    "delete": "BEFORE DELETE ON journal",
    # INSERT OR REPLACE takes the old row out without asking the trigger of DELETE.
    "replace": "BEFORE INSERT ON journal WHEN NEW.number <= (SELECT max(number) FROM journal)",
}
_POSTGRES_GUARD = (
    "CREATE OR REPLACE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$",
    "CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses()",
)


def _after_create(dialect: str, statement: str) -> None:
    made = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(JOURNAL, "after_create", made.execute_if(dialect=dialect))


for _name, _when in _SQLITE_GUARDS.items():
    _after_create(
        "sqlite",
        f"CREATE TRIGGER journal_refuses_{_name} {_when} "
        f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
    )
for _statement in _POSTGRES_GUARD:
    _after_create("postgresql", _statement)
# As SQL: an index with `postgresql_where` imports that dialect with all its drivers, in 50 ms.
for _index in JOURNAL.indexes:
    _after_create(
        "postgresql",
        f"CREATE INDEX {_index.name} ON journal ({', '.join(_index.columns.keys())}) "
        "WHERE document IS NOT NULL",
    )

LEDGER: Final = Schema(
    METADATA,
    lock=AdvisoryLock.LEDGER_TABLES,
    version=Version(VERSIONS, VERSION, older=frozenset(range(1, VERSION))),
    first_rows={JOURNAL_HEAD: {"id": 1, "number": 0, "chain": ""}},
)
