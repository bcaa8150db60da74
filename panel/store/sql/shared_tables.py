"""The tables of what many machines share: runs, the cost cap, and who is at work.

The text of a run or an exchange is what `panel.domain.run_document` writes: the same bytes, and so the
same digests, as in a run's folder. The other columns are for finding it.
"""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)

from panel.store.advisory_locks import AdvisoryLock
from panel.store.sql.preparation import Schema

_METADATA: Final = MetaData()

RUNS: Final = Table(
    "runs",
    _METADATA,
    Column("day", Date, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("document", Text, nullable=False),
)
Index("runs_by_task", RUNS.c.task, RUNS.c.final)

EXCHANGES: Final = Table(
    "exchanges",
    _METADATA,
    Column("day", Date, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("line", Text, nullable=False),
)

# What is spent of a cap; the row is locked by whoever reserves or settles.
BUDGETS: Final = Table(
    "budgets",
    _METADATA,
    Column("name", Text, primary_key=True),
    Column("cap", Numeric),
    Column("spent", Numeric, nullable=False),
)

# The worst case of each call in flight.
RESERVATIONS: Final = Table(
    "reservations",
    _METADATA,
    Column("key", Text, primary_key=True),
    Column("budget", Text, ForeignKey("budgets.name"), nullable=False),
    Column("worker", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
)
Index("reservations_by_budget", RESERVATIONS.c.budget)
Index("reservations_by_worker", RESERVATIONS.c.worker)

# `parts` is how many parts a worker divides the limits into; see WorkerRegistry for the rule.
WORKERS: Final = Table(
    "workers",
    _METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("beat", DateTime(timezone=True), nullable=False),
    Column("parts", Integer, nullable=False),
    Column("admitted", Boolean, nullable=False),
)

SHARED: Final = Schema(_METADATA, lock=AdvisoryLock.SHARED_TABLES)
