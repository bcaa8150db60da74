"""What an entry is: a new tool, another text of a known one, or the same again."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)

from panel.domain.exchange import digest
from panel.domain.feed import Entry
from panel.domain.job import Announced, Job, Seen
from panel.domain.tool import Tool
from panel.store.sql.columns import words
from panel.store.sql.journal import JournalEnd, value_digest
from panel.store.sql.mapping import fetch, integer, job_row, read_announced, string
from panel.store.sql.schema import ENTRIES, JOBS, ORIGINS

T = TypeVar("T")
_AT_ONCE: Final = 1_000
_ANNOUNCED = tuple(ENTRIES.c[name] for name in Announced.model_fields)


@dataclass(frozen=True, slots=True)
class Keyed:
    """An entry and what it is known by; `key` tells it from all that its batch announces."""

    entry: Entry
    identity: str
    origins: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A job as far as an entry may meet it again; a higher number is a newer job."""

    number: int
    id: str
    run: str | None


def with_keys(source: str, entries: Iterable[Entry]) -> Iterator[Keyed]:
    """Yield each entry with what it is known by."""
    before: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        name = (entry.id, entry.identity)
        key = digest([source, *name, before[name]])
        before[name] += 1
        yield Keyed(entry, name[1], entry.origins(source), key)


class Deduplication:
    """The announcement of one feed in one transaction, which has the journal's end.

    `tools` are those of the entries that may be new, by identity.
    """

    def __init__(
        self,
        connection: Connection,
        end: JournalEnd,
        batch: str,
        source: str,
        at: datetime,
        *,
        tools: Mapping[str, Tool],
    ) -> None:
        self._connection = connection
        self._end = end
        self._batch = batch
        self._source = source
        self._at = at
        self._tools = tools
        self._jobs: dict[str, _Known] = {}
        self._origins: dict[str, _Known] = {}
        self._new_jobs: list[dict[str, Any]] = []
        self._new_entries: list[dict[str, Any]] = []
        self._kept_origins: dict[str, str] = {}  # as the table has them

    def announce(self, said: Sequence[Keyed]) -> tuple[Announced, ...]:
        """Return what each entry is, in order, and write down those that are not yet."""
        found = self._find(
            _of_batch(self._batch), ENTRIES.c.key, [one.key for one in said], _keyed_announced
        )
        made = dict(found)
        fresh = [one for one in said if one.key not in made]
        if fresh:
            self._look_up(fresh)
            made |= {one.key: self._decide(one) for one in fresh}
            self._write()
        return tuple(made[one.key] for one in said)

    def _look_up(self, fresh: Sequence[Keyed]) -> None:
        jobs = select(JOBS.c.number, JOBS.c.id, JOBS.c.run)
        identities = {one.identity for one in fresh}
        self._jobs = {job.id: job for job in self._find(jobs, JOBS.c.id, identities, _known)}
        origins = jobs.add_columns(ORIGINS.c.origin).join(ORIGINS, ORIGINS.c.job == JOBS.c.id)
        asked = {origin for one in fresh for origin in one.origins}
        self._origins = dict(self._find(origins, ORIGINS.c.origin, asked, _origin))
        self._kept_origins = {origin: job.id for origin, job in self._origins.items()}
        self._last_job, self._last_entry = (self._last(table) for table in (JOBS, ENTRIES))

    def _last(self, table: Table) -> int:
        newest = select(func.coalesce(func.max(table.c.number), 0).label("number"))
        return fetch(self._connection, newest, lambda row: integer(row.number), str(table))[0]

    def _decide(self, one: Keyed) -> Announced:
        known = self._jobs.get(one.identity)
        met = [self._origins[origin] for origin in one.origins if origin in self._origins]
        earlier = max(met, key=lambda job: job.number, default=None)
        seen: Seen = "duplicate" if known else "revised" if earlier else "new"
        same = known or earlier
        job = known or self._queue(one, earlier)
        self._take_over(one.origins, job)
        announced = Announced(
            source=self._source,
            seen=seen,
            job=one.identity,
            title=words(one.entry.title),
            of_run=same.run if same else None,
        )
        self._note(one, announced)
        return announced

    def _queue(self, one: Keyed, earlier: _Known | None) -> _Known:
        job = Job(
            id=one.identity,
            batch=self._batch,
            source=self._source,
            tool=self._tools[one.identity],
            revises=earlier.id if earlier else None,
            reason=one.entry.aside,
            moved=self._at,
        )
        self._last_job += 1
        self._new_jobs.append({**job_row(job), "number": self._last_job})
        self._end.add(
            self._at,
            f"batch {self._batch}",
            "announced -> queued",
            f"job {job.id}",
            after=value_digest(job),
            reason=f"revises {job.revises}" if job.revises else None,
        )
        known = self._jobs[job.id] = _Known(self._last_job, job.id, None)
        return known

    def _take_over(self, origins: Iterable[str], job: _Known) -> None:
        """Have `origins` lead to `job`, where they do not lead to a newer one."""
        for origin in origins:
            there = self._origins.get(origin)
            if there is None or there.number < job.number:
                self._origins[origin] = job

    def _note(self, one: Keyed, announced: Announced) -> None:
        entry = one.entry
        self._last_entry += 1
        said = {"id": entry.id, "link": entry.link, "published": entry.published}
        row = {"number": self._last_entry, "batch": self._batch, "key": one.key, "at": self._at}
        self._new_entries.append({**row, **said, **announced.model_dump()})
        if announced.seen == "duplicate":
            self._end.add(
                self._at,
                f"batch {self._batch}",
                "announced -> duplicate",
                f"job {announced.job}",
                reason=f"{self._source}: {entry.id}",
            )

    def _write(self) -> None:
        stored = self._kept_origins
        leads = {origin: job.id for origin, job in self._origins.items()}
        rows = [
            {"b_origin": origin, "b_job": job}
            for origin, job in leads.items()
            if stored.get(origin, job) != job
        ]
        new = [
            {"origin": origin, "job": job} for origin, job in leads.items() if origin not in stored
        ]
        turned = (
            update(ORIGINS)
            .where(ORIGINS.c.origin == bindparam("b_origin"))
            .values(job=bindparam("b_job"))
        )
        for statement, values in (
            (insert(JOBS), self._new_jobs),
            (insert(ENTRIES), self._new_entries),
            (insert(ORIGINS), new),
            (turned, rows),
        ):
            if values:
                self._connection.execute(statement, values)

    def _find(
        self,
        found: Select[Any],
        column: ColumnElement[str],
        keys: Collection[str],
        make: Callable[[Row[Any]], T],
    ) -> Iterator[T]:
        asked = list(keys)
        for start in range(0, len(asked), _AT_ONCE):
            some = found.where(column.in_(asked[start : start + _AT_ONCE]))
            yield from fetch(self._connection, some, make, f"a row by its {column}")


def _of_batch(batch: str) -> Select[Any]:
    return select(ENTRIES.c.key, *_ANNOUNCED).where(ENTRIES.c.batch == batch)


def _keyed_announced(row: Row[Any]) -> tuple[str, Announced]:
    return string(row.key), read_announced(row)


def _known(row: Row[Any]) -> _Known:
    run = None if row.run is None else string(row.run)
    return _Known(integer(row.number), string(row.id), run)


def _origin(row: Row[Any]) -> tuple[str, _Known]:
    return string(row.origin), _known(row)
