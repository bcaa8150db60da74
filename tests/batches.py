"""A night's batch to report on: name what matters to the test, the rest is plausible."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from panel.domain.batch_report import BatchReport, FeedLine, report_batch
from panel.domain.drift import Drift, DriftCheck
from panel.domain.job import Announced, Batch, Job, JobState, Outcome, ReviewerResult, Seen
from tests.factories import REVIEWERS, a_tool

BEGAN = datetime(2026, 11, 22, 3, 30, 2, tzinfo=UTC)
ENDED = datetime(2026, 11, 22, 4, 2, 41, tzinfo=UTC)
MODEL = "openai:gpt-test"


def a_batch(**fields: Any) -> Batch:
    given: dict[str, Any] = {"date": date(2026, 11, 22), "began": BEGAN, "engine": MODEL}
    return Batch(id="2026-11-22", **(given | {"ended": ENDED} | fields))


def some_voices(votes: str, score: float = 7.0, model: str = MODEL) -> tuple[ReviewerResult, ...]:
    """Return a voice for each word of `votes`: ship, skip or none, in the reviewers' order."""
    return tuple(
        ReviewerResult(persona=persona, model=model, verdict=None, score=None)
        if vote == "none"
        else ReviewerResult(persona=persona, model=model, verdict=vote, score=score)  # type: ignore[arg-type]
        for persona, vote in zip(REVIEWERS, votes.split(), strict=False)
    )


def an_outcome(votes: str = "ship ship ship ship", **fields: Any) -> Outcome:
    """Return what a panel with these votes comes to, its calls and its cost."""
    words = votes.split()
    ships, skips = words.count("ship"), words.count("skip")
    given: dict[str, Any] = {
        "decision": ("ship" if ships > skips else "skip") if ships + skips > 2 else None,
        "ships": ships,
        "scorecards": ships + skips,
        "seats": len(words),
        "mean": 7.0 if ships + skips else None,
        "voices": some_voices(votes),
        "exchanges": len(words),
        "calls": len(words),
        "tokens_in": 12_000,
        "tokens_cached": 6_000,
        "tokens_out": 3_000,
        "cost_usd": Decimal("0.1042"),
        "evidence": 20,
        "verbatim": 20,
        "ms": 64_000,
    }
    return Outcome(**(given | fields))


def a_job(
    name: str = "Quillbase", state: JobState = "in_review", *, own_id: str = "", **fields: Any
) -> Job:
    """Return a job; one in review has an outcome and a run unless others are named."""
    tool = a_tool(name)
    given: dict[str, Any] = {"batch": "2026-11-22", "source": "feed.xml", "moved": ENDED}
    if state == "in_review":
        given |= {"outcome": an_outcome(), "run": f"{tool.slug}-0a1b2c3d"}
    return Job(id=own_id or f"job {name}", tool=tool, state=state, **(given | fields))


def announce(job: Job, seen: Seen = "new", **fields: Any) -> Announced:
    return Announced(
        **({"source": "feed.xml", "seen": seen, "job": job.id, "title": job.tool.name} | fields)
    )


def a_report(jobs: Sequence[Job], *, duplicates: int = 0, **fields: Any) -> BatchReport:
    """Return the report on `jobs`, all of them new, and some duplicates of the first."""
    announced = [announce(job) for job in jobs]
    announced += [announce(a_job(), "duplicate", of_run="old-0a1b2c3d")] * duplicates
    batch = fields.pop("batch", a_batch())
    return report_batch(batch, fields.pop("announced", announced), jobs, **fields)


def a_night(**fields: Any) -> BatchReport:
    """Return a night with a bit of everything."""
    jobs = (
        a_job(
            "Mistral 8x24B",
            outcome=an_outcome(calls=12, exchanges=12, mean=7.3, flags=("name_mismatch",)),
        ),
        a_job(
            "OpenAI o3 Pro API",
            outcome=an_outcome(
                "ship ship ship skip",
                mean=6.5,
                split=("business_analyst",),
                calls=13,
                retries=1,
                exchanges=12,
                invalid=2,
                ms=69_120,
                cost_usd=Decimal("0.1092"),
            ),
        ),
        a_job(
            "Turbo | OCR",
            "failed",
            run="turbo-ocr-0a1b2c3d",
            reason="2 of 4 reviewers gave no valid review: the answer is no JSON document",
            outcome=an_outcome(
                "skip none none skip", invalid=4, evidence=10, verbatim=8, ms=58_000
            ),
        ),
        a_job("Magic CRM", "held", reason="The text addresses the reviewers."),
        a_job("We are hiring", "set_aside", reason="a job offer, not a tool", run="we-are-1"),
        a_job(
            "דוגמה ארוכה מאוד של שם של כלי חדש ומיוחד", outcome=an_outcome("skip skip skip none")
        ),
        a_job("名前がとても長い道具の例", "queued", revises="job old"),
    )
    given: dict[str, Any] = {
        "duplicates": 4,
        "feeds": (
            FeedLine(
                source="feeds/today.xml", entries=11, malformed="2 of its items cannot be read"
            ),
            FeedLine(source="feeds/gone.xml", entries=None, why="feeds/gone.xml: No such file."),
        ),
        "stop": "deadline",
        "cap": Decimal(6),
        "yesterday": Decimal("2.31"),
        "drift": DriftCheck(
            compared=REVIEWERS,
            drifts=(Drift(persona="skeptic", of="mean", today=5.4, before=6.0),),
        ),
    }
    return a_report(jobs, **(given | fields))
