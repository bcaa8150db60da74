"""How a job goes from one state to the next, with all that is kept of it."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from panel.domain.exchange import canonical
from panel.domain.job import TRANSITIONS, Job, JobState, Outcome
from panel.errors import Busy
from panel.store.sql.database import is_again
from panel.store.sql.journal import JournalEnd, is_written
from panel.store.sql.mapping import JOB_COLUMNS, fetch, outcome_text, read_job
from panel.store.sql.schema import JOB_RUNS, JOBS, RESULTS
from panel.store.sql.upsert import upsert_into

_WITH_RESULTS = ("in_review", "failed")
# Statements made once: to build one takes as long again as to run it.
_JOB = select(*JOB_COLUMNS).where(JOBS.c.id == bindparam("b_id"))
_UPDATE = update(JOBS).where(JOBS.c.id == bindparam("b_id"))
_UPDATE_SEEN = _UPDATE.where(
    JOBS.c.state == bindparam("b_state"),
    JOBS.c.moved == bindparam("b_moved"),
    JOBS.c.tries == bindparam("b_tries"),
)
_UPDATE_RUN = update(JOB_RUNS).where(
    JOB_RUNS.c.run == bindparam("b_run"), JOB_RUNS.c.run_date == bindparam("b_date")
)
_COSTS = ("decision", "calls", "tokens_in", "tokens_cached", "tokens_out", "cost_usd")
_DELETE_RESULTS = delete(RESULTS).where(RESULTS.c.job == bindparam("b_id"))
_ADD_RESULTS = insert(RESULTS)


def find_job(connection: Connection, id: str) -> Job:  # noqa: A002 - its word
    """Return one job. Raises KeyError."""
    found = fetch(connection, _JOB, read_job, f"the job {id}", {"b_id": id})
    if not found:
        raise KeyError(id)
    return found[0]


def change_job(
    connection: Connection,
    end: JournalEnd,
    *,
    id: str,  # noqa: A002 - its word
    given: Mapping[str, Any],
    actor: str,
    ticket: str,
    seen: Job | None = None,
    only_from: JobState | None = None,
    is_stale: bool = False,
) -> Job:
    """Return the job with what is `given`, its state among it. Raises Busy, KeyError and ValueError.

    `seen` is the job as the caller last saw it; it is read again where it `is_stale`, and Busy says
    that another process has moved it to where it cannot go on from. A job in another state than
    `only_from` is left as it is.
    """
    if is_again(connection):
        is_stale = True  # what was seen is past where the first try was committed
    before = find_job(connection, id) if seen is None or is_stale else seen
    if is_written(connection, ticket):
        return before
    if only_from not in (None, before.state):
        raise ValueError(f"a job that is {before.state} is not {only_from}: {id}")
    job = _moved(before, given, seen)
    changes = {"b_id": id, **_changes(before, job)}
    if seen is None or is_stale:
        connection.execute(_UPDATE, changes)
    elif not connection.execute(_UPDATE_SEEN, changes | _mark(seen)).rowcount:
        return change_job(
            connection,
            end,
            id=id,
            given=given,
            actor=actor,
            ticket=ticket,
            seen=seen,
            only_from=only_from,
            is_stale=True,
        )
    outcome: Outcome | None = given.get("outcome")
    if job.run is not None:
        _keep_run(connection, before, job, outcome)
    if outcome is not None and job.state in _WITH_RESULTS:
        _keep_results(connection, before, job, outcome)
    _write_down(end, before, job, actor, ticket)
    return job


def _write_down(end: JournalEnd, before: Job, job: Job, actor: str, ticket: str) -> None:
    tool = canonical(job.tool.model_dump(mode="json"))  # a transition leaves it as it is
    end.add(
        job.moved,
        actor,
        f"{before.state} -> {job.state}",
        f"job {job.id}",
        before=job_digest(before, tool),
        after=job_digest(job, tool),
        reason=job.reason,
        ticket=ticket,
    )


def _moved(before: Job, given: Mapping[str, Any], seen: Job | None) -> Job:
    """Return the job after a transition.

    Where TRANSITIONS has none of that kind it raises Busy if the job was moved since it was `seen`,
    else ValueError.
    """
    to: JobState = given["state"]
    if to not in TRANSITIONS[before.state]:
        if seen is not None and _mark(before) != _mark(seen):
            raise Busy(
                f"the job {before.id} is {before.state} by now: another process has moved it. "
                "It stays as that one left it."
            )
        raise ValueError(f"a job that is {before.state} cannot become {to}: {before.id}")
    tries = before.tries + (to == "running")
    cleared = before.cleared or (before.state == "held" and to == "queued")
    return Job(**{**dict(before), **given, "tries": tries, "cleared": cleared})


def _mark(job: Job) -> dict[str, Any]:
    """Return what tells whether a job was moved: no two transitions leave the same behind."""
    return {"b_state": job.state, "b_moved": job.moved, "b_tries": job.tries}


def job_digest(job: Job, tool: str) -> str:
    """Return the digest of `job`, as `value_digest` does; `tool` is its tool in canonical form."""
    content = job.model_dump(mode="json", exclude={"tool"})
    first = canonical({name: value for name, value in content.items() if name < "tool"})
    rest = canonical({name: value for name, value in content.items() if name > "tool"})
    return hashlib.sha256(f'{first[:-1]},"tool":{tool},{rest[1:]}'.encode()).hexdigest()


def _changes(before: Job, job: Job) -> dict[str, Any]:
    """Return the columns that differ: writing a column of an index or a key costs most."""
    old = dict(before)
    changed = {name: value for name, value in job if value != old[name]}
    if "outcome" in changed:
        changed["outcome"] = outcome_text(job.outcome)
    return changed


def _keep_run(connection: Connection, before: Job, job: Job, outcome: Outcome | None) -> None:
    """Have a row for the job's run as it is now; its cost stays until an outcome brings another."""
    values: dict[str, Any] = {"batch": job.batch, "state": job.state, "moved": job.moved}
    if outcome is not None:
        values |= _costs(outcome)
    if (before.run, before.run_date) == (job.run, job.run_date):
        connection.execute(_UPDATE_RUN, {"b_run": job.run, "b_date": job.run_date, **values})
        return
    add = _insert_run(connection.dialect.name, tuple(values))
    names = {"run": job.run, "run_date": job.run_date, "job": job.id, "began": job.moved}
    connection.execute(add, {**_costs(Outcome()), **values, **names})


@cache
def _insert_run(dialect: str, updated: tuple[str, ...]) -> Any:  # noqa: ANN401 - a statement
    """Return what adds a row for a run, and updates these columns of one that is there."""
    add = upsert_into(dialect, JOB_RUNS)
    return add.on_conflict_do_update(
        index_elements=["run", "run_date"], set_={name: add.excluded[name] for name in updated}
    )


def _costs(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in _COSTS}


def _keep_results(connection: Connection, before: Job, job: Job, outcome: Outcome) -> None:
    if before.outcome is not None:
        connection.execute(_DELETE_RESULTS, {"b_id": job.id})
    rows = [
        {"job": job.id, "position": position, "at": job.moved, **dict(result)}
        for position, result in enumerate(outcome.voices)
    ]
    if rows:
        connection.execute(_ADD_RESULTS, rows)
