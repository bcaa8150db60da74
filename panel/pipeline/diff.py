"""What differs between two runs of one panel, most visible first."""

from collections.abc import Iterator, Sequence

from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run


def differences(before: Run, after: Run) -> Iterator[str]:
    """Yield what differs between two runs of one panel: verdict, share, scores, then the rest."""
    if before.state != after.state:
        yield f"state: {before.state} -> {after.state}"
    yield from _verdicts(before, after)
    yield from _reviews(before.reviews, after.reviews)
    if before.flags != after.flags:
        yield f"flags: {[f.kind for f in before.flags]} -> {[f.kind for f in after.flags]}"
    if before.tool != after.tool:
        yield f"facts: {_changed(before.tool.model_dump(), after.tool.model_dump())}"
    if before.assignments != after.assignments:
        yield f"seats: {[s.ref for s in before.assignments]} -> {[s.ref for s in after.assignments]}"


def _verdicts(before: Run, after: Run) -> Iterator[str]:
    old, new = before.verdict, after.verdict
    if old is None or new is None:
        if old is not new:
            yield f"verdict: {'none' if old is None else old.decision} -> {new and new.decision}"
        return
    for field in ("decision", "ship_share", "score", "ships", "skips", "abstentions", "split"):
        if getattr(old, field) != getattr(new, field):
            yield f"verdict.{field}: {getattr(old, field)} -> {getattr(new, field)}"
    if old.findings != new.findings:
        yield "verdict.findings: a criterion's mean, spread or dissenters differ"


def _reviews(
    before: Sequence[Scorecard | Abstention], after: Sequence[Scorecard | Abstention]
) -> Iterator[str]:
    old = {review.reviewer: review for review in before}
    new = {review.reviewer: review for review in after}
    for key in dict.fromkeys((*old, *new)):
        if key not in old or key not in new:
            yield f"{key}: {'was not' if key not in old else 'is no longer'} on the panel"
        elif old[key] != new[key]:
            yield f"{key}: {_changed(old[key].model_dump(), new[key].model_dump())}"


def _changed(before: dict[str, object], after: dict[str, object]) -> str:
    fields = [key for key in (*before, *after) if before.get(key) != after.get(key)]
    return ", ".join(dict.fromkeys(fields)) + " changed"
