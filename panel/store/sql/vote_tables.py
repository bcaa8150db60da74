"""The tables of the readers' votes, in the words of both databases.

`votes` has a row for each voter and tool, and the primary key keeps it at one. `voter` is a keyed hash
of a random cookie; nothing else is known of a reader. `folded_votes` has what is left of votes whose
hash is forgotten: counts.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from panel.store.advisory_locks import AdvisoryLock
from panel.store.sql.preparation import Schema, Version

_METADATA: Final = MetaData()

VERSIONS: Final = Table(
    "votes_version",
    _METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

VOTES: Final = Table(
    "votes",
    _METADATA,
    Column("tool", Text, primary_key=True),
    Column("voter", LargeBinary, primary_key=True),
    Column("choice", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("rule", Text, nullable=False),  # what set it aside; empty where it counts
    CheckConstraint("choice IN ('ship', 'skip')", name="votes_choice"),
    sqlite_with_rowid=False,
)
Index("votes_by_day", VOTES.c.day)

FOLDED: Final = Table(
    "folded_votes",
    _METADATA,
    Column("tool", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("choice", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("votes", Integer, nullable=False),
)

VOTE_SCHEMA: Final = Schema(
    _METADATA,
    lock=AdvisoryLock.VOTE_TABLES,
    version=Version(VERSIONS, 1),
)
