"""What lies in a row as a value of the domain, and the reverse."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.exc import OperationalError

from panel.domain.job import Announced, Batch, Job, Outcome, ReviewerResult
from panel.domain.tool import Tool
from panel.domain.value import Value
from panel.store.sql.faults import Unreadable, is_undecodable
from panel.store.sql.schema import BATCHES, JOBS

T = TypeVar("T")
JOB_COLUMNS = tuple(JOBS.c[name] for name in Job.model_fields)
BATCH_COLUMNS = tuple(BATCHES.c[name] for name in Batch.model_fields)


def fetch(
    connection: Connection,
    statement: Executable,
    make: Callable[[Row[Any]], T],
    what: str,
    values: Mapping[str, Any] | None = None,
) -> list[T]:
    """Return what `make` makes of each row that a statement finds.

    Raises Unreadable, which says `what` the rows are, where one does not hold what was written.
    """
    try:
        result = connection.execute(statement, values)
        return [make(row) for row in result]
    except (ValueError, TypeError, ArithmeticError) as error:
        raise Unreadable(what) from error
    except OperationalError as error:
        if is_undecodable(error):
            raise Unreadable(what) from error
        raise


def string(value: object) -> str:
    """Return `value`, a text. Raises TypeError where a damaged row holds something else."""
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value


def integer(value: object) -> int:
    """Return `value`, a number. Raises TypeError where a damaged row holds something else."""
    if not isinstance(value, int):
        raise TypeError(type(value))
    return value


def fields(kind: type[Value], row: Row[Any]) -> dict[str, Any]:
    """Return the columns of `row` that a value of this kind has."""
    return {name: getattr(row, name) for name in kind.model_fields}


def job_row(job: Job) -> dict[str, Any]:
    """Return the columns of `job`, its number excepted."""
    named = {"slug": job.tool.slug, "name": job.tool.name}
    documents = {"tool": job.tool.model_dump_json(), "outcome": outcome_text(job.outcome)}
    return {**dict(job), **named, **documents}


def outcome_text(outcome: Outcome | None) -> str | None:
    """Return what a row of JOBS has of an outcome."""
    return None if outcome is None else outcome.model_dump_json()


def read_job(row: Row[Any]) -> Job:
    """Return the job in a row of JOB_COLUMNS. Raises ValueError where it is none."""
    tool = Tool.model_validate_json(row.tool)
    outcome = None if row.outcome is None else Outcome.model_validate_json(row.outcome)
    return Job(**{**fields(Job, row), "tool": tool, "outcome": outcome})


def read_batch(row: Row[Any]) -> Batch:
    """Return the batch in a row of BATCH_COLUMNS. Raises ValueError where it is none."""
    return Batch(**fields(Batch, row))


def read_announced(row: Row[Any]) -> Announced:
    """Return what was made of an entry. Raises ValueError where the row does not say it."""
    return Announced(**fields(Announced, row))


def read_result(row: Row[Any]) -> ReviewerResult:
    """Return what a reviewer came to. Raises ValueError where the row does not say it."""
    return ReviewerResult(**fields(ReviewerResult, row))
