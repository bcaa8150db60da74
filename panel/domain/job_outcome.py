"""What the report of a batch says of one run."""

from collections.abc import Iterator, Sequence

from panel.domain.exchange import Exchange, Failure
from panel.domain.grounding import is_verbatim
from panel.domain.job import JobState, Outcome, ReviewerResult
from panel.domain.prompts import shown_text
from panel.domain.review import Scorecard
from panel.domain.run import Run

_STATES: dict[str, JobState] = {
    "open": "queued",
    "stopped": "queued",
    "waiting": "waiting",
    "set_aside": "set_aside",
}


def job_state(run: Run) -> JobState:
    """Return where a convened run leaves its job; one that was stopped is queued to go on."""
    if run.state != "finished":
        return _STATES[run.state]
    return "in_review" if run.verdict and run.verdict.quorate else "failed"


def job_reason(run: Run) -> str | None:
    """Return what the report says beside the state: why there is no verdict, or none in full."""
    if run.reason:
        return run.reason
    if run.pending:
        return run.pending[0].reason
    lost = [review for review in run.reviews if not isinstance(review, Scorecard)]
    if not lost and job_state(run) == "failed":
        return (
            f"{len(run.reviews)} reviewers are fewer than the quorum of {run.inputs.rules.quorum}"
        )
    if not lost:
        return None
    return f"{len(lost)} of {len(run.reviews)} reviewers gave no valid review: {lost[0].reason}"


def is_retryable(exchanges: Sequence[Exchange]) -> bool:
    """Tell whether asking again may do better: some last attempt failed, rather than answered."""
    last = {exchange.request.turn: exchange for exchange in exchanges}
    return any(isinstance(exchange.outcome, Failure) for exchange in last.values())


def outcome_of(run: Run, exchanges: Sequence[Exchange], ms: int) -> Outcome:
    """Return the figures of `run`, which took `ms` milliseconds and these exchanges."""
    cards = run.scorecards
    verdict, usage = run.verdict, run.spending.usage
    quoted, verbatim = _count_evidence(run, cards)
    return Outcome(
        decision=run.decision,
        ships=len(verdict.ships) if verdict else 0,
        scorecards=len(cards),
        seats=len(run.inputs.assignments),
        mean=verdict.score if verdict and not run.is_checklist else None,
        split=verdict.minority if verdict else (),
        voices=tuple(
            ReviewerResult(
                persona=review.reviewer,
                model=review.model,
                verdict=review.verdict if isinstance(review, Scorecard) else None,
                score=review.score if isinstance(review, Scorecard) else None,
            )
            for review in run.reviews
        ),
        flags=tuple(dict.fromkeys(flag.kind for flag in run.flags)),
        exchanges=len(exchanges),
        invalid=sum(map(_is_invalid, exchanges)),
        calls=run.spending.calls,
        retries=sum(max(0, exchange.outcome.calls - 1) for exchange in exchanges),
        tokens_in=usage.input if usage else 0,
        tokens_cached=usage.cached if usage else 0,
        tokens_out=usage.output if usage else 0,
        cost_usd=run.spending.cost_usd,
        unpriced=run.spending.unpriced,
        evidence=quoted,
        verbatim=verbatim,
        ms=ms,
        retryable=is_retryable(exchanges),
    )


def _is_invalid(exchange: Exchange) -> bool:
    """Tell whether an answer could not be counted as it came: it was repaired, or was none."""
    if isinstance(exchange.outcome, Failure):
        return exchange.outcome.kind == "unusable"
    return exchange.request.is_repair


def _count_evidence(run: Run, cards: Sequence[Scorecard]) -> tuple[int, int]:
    """Return how many pieces of evidence there are and how many stand in what was shown."""
    quoted = verbatim = 0
    shown: str | None = None
    for card in cards:
        pieces = list(_evidence(card))
        quoted += len(pieces)
        if not card.flags:  # then the checks have found each of them
            verbatim += len(pieces)
            continue
        shown = shown_text(run.inputs) if shown is None else shown
        verbatim += sum(is_verbatim(piece, shown) for piece in pieces)
    return quoted, verbatim


def _evidence(card: Scorecard) -> Iterator[str]:
    for finding in card.ballot.findings:
        if finding.evidence is not None:
            yield finding.evidence
    for sentence in card.ballot.take:
        if sentence.evidence is not None:
            yield sentence.evidence
