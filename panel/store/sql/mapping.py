"""What lies in a row as a value of the domain, and the reverse."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from panel.domain.job import Announced, Batch, Job, Outcome, ReviewerResult
from panel.domain.tool import Tool
from panel.domain.value import Value
from panel.errors import StoreError
from panel.store.sql.schema import BATCHES, JOBS

JOB_COLUMNS = tuple(JOBS.c[name] for name in Job.model_fields)
BATCH_COLUMNS = tuple(BATCHES.c[name] for name in Batch.model_fields)


def fields(kind: type[Value], row: Row[Any]) -> dict[str, Any]:
    """Return the columns of `row` that a value of this kind has."""
    return {name: getattr(row, name) for name in kind.model_fields}


def job_row(job: Job) -> dict[str, Any]:
    """Return the columns of `job`, its number excepted."""
    outcome = None if job.outcome is None else job.outcome.model_dump_json()
    named = {"slug": job.tool.slug, "name": job.tool.name}
    return {**dict(job), **named, "tool": job.tool.model_dump_json(), "outcome": outcome}


def read_job(row: Row[Any]) -> Job:
    """Return the job in a row of JOB_COLUMNS. Raises StoreError where it is none."""
    try:
        tool = Tool.model_validate_json(row.tool)
        outcome = None if row.outcome is None else Outcome.model_validate_json(row.outcome)
        return Job(**{**fields(Job, row), "tool": tool, "outcome": outcome})
    except ValidationError as error:
        raise _unreadable(f"the job {row.id}") from error


def read_batch(row: Row[Any]) -> Batch:
    """Return the batch in a row of BATCH_COLUMNS. Raises StoreError where it is none."""
    try:
        return Batch(**fields(Batch, row))
    except ValidationError as error:
        raise _unreadable(f"the batch {row.id}") from error


def read_announced(row: Row[Any]) -> Announced:
    """Return what was made of an entry. Raises StoreError where the row does not say it."""
    try:
        return Announced(**fields(Announced, row))
    except ValidationError as error:
        raise _unreadable(f"the entry {row.number}") from error


def read_voiced(row: Row[Any]) -> ReviewerResult:
    """Return what a reviewer came to. Raises StoreError where the row does not say it."""
    try:
        return ReviewerResult(**fields(ReviewerResult, row))
    except ValidationError as error:
        raise _unreadable(f"voice {row.position} of the job {row.job}") from error


def _unreadable(what: str) -> StoreError:
    return StoreError(
        f"the ledger: {what} cannot be read; it was changed by hand, or by another Shipskip. "
        "Restore the ledger from a backup."
    )
