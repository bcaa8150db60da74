"""The jobs of a ledger: one for each tool, and how far it has come."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Executable, Row, bindparam, select

from panel.domain.job import Job, JobState, Outcome
from panel.store.sql.columns import storable_text, utc
from panel.store.sql.job_transition import change_job, find_job
from panel.store.sql.journal import Journal
from panel.store.sql.mapping import JOB_COLUMNS, fetch, integer, read_job, string
from panel.store.sql.schema import JOBS

_PAGE: Final = 500
_NAMESAKES: Final = (
    select(JOBS.c.id).where(JOBS.c.slug == bindparam("b_slug")).order_by(JOBS.c.number)
)


class Jobs:
    """The jobs; see `ports.Jobs`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    def get(self, id: str) -> Job:  # noqa: A002 - its word
        """Return one job. Raises KeyError."""
        return self._database.read(partial(find_job, id=id))

    def ids(self, states: Collection[JobState], batch: str | None = None) -> tuple[str, ...]:
        """Return the jobs in one of `states`, of one batch or of all.

        Those whose panel was begun come before the others, and older ones before newer ones.
        """
        found = select(JOBS.c.id).where(JOBS.c.state.in_(sorted(states)))
        found = found.order_by(JOBS.c.run.is_(None), JOBS.c.number)
        if batch is not None:
            found = found.where(JOBS.c.batch == batch)
        return tuple(self._ids(found))

    def of_batch(self, batch: str) -> Iterator[Job]:
        """Yield the jobs that a batch worked on, in the order of their announcement."""
        page = select(JOBS.c.number, *JOB_COLUMNS).where(JOBS.c.batch == batch)
        page = page.order_by(JOBS.c.number).limit(_PAGE)
        last = 0
        while rows := self._database.read(
            partial(fetch, statement=page.where(JOBS.c.number > last), make=_numbered, what="a job")
        ):
            yield from (job for _, job in rows)
            last = rows[-1][0]

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of `ids` that are jobs."""
        asked = list(ids)
        pages = (asked[start : start + _PAGE] for start in range(0, len(asked), _PAGE))
        found = (self._ids(select(JOBS.c.id).where(JOBS.c.id.in_(page))) for page in pages)
        return frozenset(id_ for page in found for id_ in page)

    def namesakes(self, slug: str) -> tuple[str, ...]:
        """Return the id of every job whose tool has that slug, oldest first."""
        values = {"b_slug": slug}
        return tuple(
            self._database.read(
                lambda c: fetch(c, _NAMESAKES, _id, f"a job of the slug {slug}", values)
            )
        )

    def transition(
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
        seen: Job | None = None,
        only_from: JobState | None = None,
    ) -> Job:
        """Return the job in its new state; `batch` takes over a job that an earlier one left.

        What is None stays as it was, the reason excepted. `seen` is the job as the caller last saw it:
        it is read again only where it was moved since. Raises KeyError, ValueError where TRANSITIONS
        has none of that kind, or the job is in another state than `only_from`, and Busy where it
        cannot go on because another process has moved it since it was `seen`.
        """
        given: Mapping[str, Any] = {
            "state": to,
            "moved": utc(at),
            "reason": storable_text(reason),
            **({} if batch is None else {"batch": batch}),
            **({} if run is None else {"run_date": run[0], "run": run[1]}),
            **({} if outcome is None else {"outcome": outcome}),
        }
        ticket = uuid4().hex
        return self._journal.write(
            partial(
                change_job,
                id=id,
                given=given,
                actor=actor,
                ticket=ticket,
                seen=seen,
                only_from=only_from,
            )
        )

    def _ids(self, found: Executable) -> list[str]:
        return self._database.read(lambda c: fetch(c, found, lambda row: string(row.id), "a job"))


def _numbered(row: Row[Any]) -> tuple[int, Job]:
    return integer(row.number), read_job(row)


def _id(row: Row[Any]) -> str:
    return string(row.id)
