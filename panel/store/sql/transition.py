"""How a job goes from one state to the next, with all that is kept of it, in one transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from panel.domain.job import TRANSITIONS, Job, Outcome
from panel.store.sql.journal import is_written, value_digest, writing
from panel.store.sql.mapping import JOB_COLUMNS, job_row, read_job
from panel.store.sql.schema import JOB_RUNS, JOBS, VOICES

_SPOKEN = ("in_review", "failed")
_JOB = select(*JOB_COLUMNS).where(JOBS.c.id == bindparam("b_id"))
_TURN = update(JOBS).where(JOBS.c.id == bindparam("b_id"))
_TURN_RUN = update(JOB_RUNS).where(
    JOB_RUNS.c.run == bindparam("b_run"), JOB_RUNS.c.run_date == bindparam("b_date")
)
_ADD_RUN = insert(JOB_RUNS)
_HUSH = delete(VOICES).where(VOICES.c.job == bindparam("b_id"))
_ADD_VOICES = insert(VOICES)


def find_job(connection: Connection, id: str) -> Job:  # noqa: A002 - its word
    """Return one job. Raises KeyError."""
    row = connection.execute(_JOB, {"b_id": id}).first()
    if row is None:
        raise KeyError(id)
    return read_job(row)


def move(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - its word
    given: Mapping[str, Any],
    actor: str,
    ticket: str,
) -> Job:
    """Return the job with what is `given`, its state among it. Raises KeyError and ValueError."""
    with writing(connection) as end:
        before = find_job(connection, id)
        if is_written(connection, ticket):
            return before
        to = given["state"]
        if to not in TRANSITIONS[before.state]:
            raise ValueError(f"a job that is {before.state} cannot become {to}: {id}")
        tries = before.tries + (to == "running")
        cleared = before.cleared or (before.state == "held" and to == "queued")
        job = Job(**{**dict(before), **given, "tries": tries, "cleared": cleared})
        connection.execute(_TURN, {"b_id": id, **_changes(before, job)})
        outcome: Outcome | None = given.get("outcome")
        if job.run is not None:
            _keep_run(connection, job, outcome)
        if outcome is not None and to in _SPOKEN:
            _keep_voices(connection, job, outcome)
        end.add(
            job.moved,
            actor,
            f"{before.state} -> {to}",
            f"job {id}",
            before=value_digest(before),
            after=value_digest(job),
            reason=job.reason,
            ticket=ticket,
        )
    return job


def _changes(before: Job, job: Job) -> dict[str, Any]:
    """Return the columns that differ: to write an index's column, or a key's, is dear."""
    old, new = job_row(before), job_row(job)
    return {name: value for name, value in new.items() if old[name] != value}


def _keep_run(connection: Connection, job: Job, outcome: Outcome | None) -> None:
    """Have a row for the job's run as it is now; what it cost stays until it is told anew."""
    values: dict[str, Any] = {"batch": job.batch, "state": job.state, "moved": job.moved}
    if outcome is not None:
        values |= _costs(outcome)
    if connection.execute(_TURN_RUN, {"b_run": job.run, "b_date": job.run_date, **values}).rowcount:
        return
    names = {"run": job.run, "run_date": job.run_date, "job": job.id, "began": job.moved}
    connection.execute(_ADD_RUN, {**_costs(Outcome()), **values, **names})


def _costs(outcome: Outcome) -> dict[str, Any]:
    names = ("decision", "calls", "tokens_in", "tokens_cached", "tokens_out", "cost_usd")
    return {name: getattr(outcome, name) for name in names}


def _keep_voices(connection: Connection, job: Job, outcome: Outcome) -> None:
    connection.execute(_HUSH, {"b_id": job.id})
    rows = [
        {"job": job.id, "position": position, "at": job.moved, **dict(persona_set)}
        for position, persona_set in enumerate(outcome.voices)
    ]
    if rows:
        connection.execute(_ADD_VOICES, rows)
