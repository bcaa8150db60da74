"""What happens in a batch as JSON Lines for other programs; `docs/batch-events.md` has their keys.

A key is always there: what is not known is null, never 0. A key may be added under the same version
`v`; one that goes or changes its meaning raises it.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from panel.domain.addresses import redact_source
from panel.domain.batch_report import BatchReport, FeedLine
from panel.domain.job import Announced, Batch, Job, Outcome
from panel.domain.tool import slugify
from panel.publish.batch_summary import notice

VERSION: Final = 1
_PLACES: Final = 6

Event = dict[str, Any]


def batch_began(batch: Batch, at: datetime) -> Event:
    """Return that a batch began, or goes on where an earlier process left it."""
    return _event(
        at,
        "batch.began",
        batch=batch.id,
        date=batch.date.isoformat(),
        engine=batch.engine,
        resumed=batch.resumed,
    )


def feed_event(feed: FeedLine, at: datetime) -> Event:
    """Return that a feed was read, or that it could not be, and why."""
    source = redact_source(feed.source)
    if feed.entries is None:
        return _event(at, "feed.unread", feed=source, why=feed.why)
    return _event(
        at,
        "feed.read",
        feed=source,
        entries=feed.entries,
        unchanged=feed.unchanged,
        malformed=feed.malformed,
        left_out=feed.left_out,
        beyond=feed.beyond,
    )


def entry_event(announced: Announced, at: datetime) -> Event:
    """Return that an entry is a job from now on, or that it was skipped as a duplicate."""
    tool = slugify(announced.title)
    if announced.seen == "duplicate":
        return _event(
            at,
            "tool.skipped",
            tool=tool,
            name=announced.title,
            job=announced.job,
            code="duplicate",
            of_run=announced.of_run,
        )
    return _event(
        at,
        "tool.queued",
        tool=tool,
        name=announced.title,
        job=announced.job,
        revised=announced.seen == "revised",
        of_run=announced.of_run,
    )


def job_event(job: Job, at: datetime) -> Event | None:
    """Return what became of a job; None where it has not ended: it waits, or is to go on later.

    A failed one is retryable where asking again may do better; one that could not be convened is,
    once what stood in its way is mended.
    """
    about: Event = {"tool": job.tool.slug, "name": job.tool.name, "job": job.id}
    if job.state == "held":
        return _event(at, "tool.held", **about, reason=job.reason)
    about["run"] = job.run
    if job.state == "set_aside":
        figures = _calls(job.outcome)
        return _event(at, "tool.aside", **about, reason=job.reason, **figures)
    if job.state == "failed":
        return _event(
            at,
            "tool.failed",
            **about,
            code="not_convened" if job.outcome is None else "no_verdict",
            reason=job.reason,
            attempts=job.tries,
            retryable=job.outcome is None or job.outcome.retryable,
            **_calls(job.outcome),
        )
    if job.state == "in_review" and job.outcome is not None:
        return _event(at, "tool.done", **about, **_done(job.outcome), state=job.state)
    return None


def notice_event(notice: str, at: datetime) -> Event:
    """Return what else went wrong: a damaged file, or a batch of a service that did not complete."""
    return _event(at, "batch.notice", notice=notice)


def worker_began(name: str, workers: int, at: datetime) -> Event:
    """Return that a worker is at work, as one of so many."""
    return _event(at, "worker.began", worker=name, workers=workers)


def worker_ended(name: str, jobs: int, at: datetime) -> Event:
    """Return that a worker has ended, after so many jobs."""
    return _event(at, "worker.ended", worker=name, jobs=jobs)


def batch_done(report: BatchReport, at: datetime) -> Event:
    """Return the last event of a batch: its exit code and what became of its tools.

    `seen` and `carried` are what done, dup, aside, held, failed, waiting and left add up to.
    """
    tools, cost = report.tools, report.cost
    return _event(
        at,
        "batch.done",
        exit=report.exit,
        seen=tools.seen,
        done=tools.reviewed,
        dup=tools.duplicates,
        aside=tools.set_aside,
        held=tools.held,
        failed=tools.failed,
        usd=_usd(cost.total),
        usd_at_least=_usd(cost.known),
        waiting=tools.waiting,
        left=tools.left,
        carried=tools.carried,
        revised=tools.revised,
        stop=report.stop,
        calls=report.calls.calls,
        retries=report.calls.retries,
        unread=sum(feed.has_failed for feed in report.feeds),
        drift=None
        if report.drift is None or not report.drift.compared
        else [drift.persona for drift in report.drift.drifts],
        batch=report.batch.id,
        standing_held=report.standing.held,
        standing_failed=report.standing.failed,
        engine=report.batch.engine,
        notice=notice(report.batch),
    )


def event_line(event: Event) -> str:
    """Return an event as one line without its end, in ASCII: no sign in it can end the line."""
    return json.dumps(event, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _done(outcome: Outcome) -> Event:
    return {
        "decision": outcome.decision,
        "ship": outcome.ships,
        "of": outcome.scorecards,
        "seats": outcome.seats,
        "mean": outcome.mean,
        "split": list(outcome.split),
        **_calls(outcome),
        "flags": list(outcome.flags),
    }


def _calls(outcome: Outcome | None) -> Event:
    """Return what was asked of models, nulls where there was no run; no call costs nothing."""
    if outcome is None:
        return dict.fromkeys(("calls", "retries", "usd", "tok_in", "tok_out", "ms"))
    counted = outcome.tokens_in > 0
    return {
        "calls": outcome.calls,
        "retries": outcome.retries,
        "usd": _usd(outcome.cost_usd if outcome.calls else Decimal(0)),
        "tok_in": outcome.tokens_in if counted else None,
        "tok_out": outcome.tokens_out if counted else None,
        "ms": outcome.ms,
    }


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), _PLACES)


def _event(at: datetime, kind: str, **keys: Any) -> Event:  # noqa: ANN401 - any JSON value
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"v": VERSION, "t": moment, "ev": kind, **keys}
