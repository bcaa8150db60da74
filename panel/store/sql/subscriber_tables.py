"""The tables of the weekly mail, in the words of both databases.

`sign_ups` has what waits to be confirmed, by the token of its mail, for 48 hours. `subscribers` has one
row an address: `active`, `left` (kept for 48 hours, so that a press can be taken back) or `dead` (its
server said that there is no such mailbox). `deliveries` has what became of each mail of a week.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, MetaData, Table, Text

from panel.store.advisory_locks import AdvisoryLock
from panel.store.sql.columns import TextColumn, UtcColumn
from panel.store.sql.preparation import Schema, Version

_METADATA: Final = MetaData()

VERSIONS: Final = Table(
    "subscribers_version",
    _METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

SIGN_UPS: Final = Table(
    "sign_ups",
    _METADATA,
    Column("token", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("categories", Text, nullable=False),  # a JSON list
    Column("at", UtcColumn, nullable=False),
)
Index("sign_ups_by_address", SIGN_UPS.c.address)

SUBSCRIBERS: Final = Table(
    "subscribers",
    _METADATA,
    Column("address", Text, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("categories", Text, nullable=False),
    Column("confirmed", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed", UtcColumn, nullable=False),
    CheckConstraint("state IN ('active', 'left', 'dead')", name="subscribers_state"),
)

MAILINGS: Final = Table(
    "mailings",
    _METADATA,
    Column("week", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("begun", UtcColumn, nullable=False),
)

DELIVERIES: Final = Table(
    "deliveries",
    _METADATA,
    Column("week", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("answer", TextColumn, nullable=False),
    Column("at", UtcColumn, nullable=False),
    CheckConstraint(
        "state IN ('sending', 'sent', 'deferred', 'refused', 'unsure')", name="deliveries_state"
    ),
)

SUBSCRIBER_SCHEMA: Final = Schema(
    _METADATA,
    lock=AdvisoryLock.SUBSCRIBER_TABLES,
    version=Version(VERSIONS, 1),
)
