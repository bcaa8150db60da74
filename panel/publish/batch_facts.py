"""The facts of a batch's report in words, the same for every form that it is printed in."""

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from panel.domain.addresses import redact_url
from panel.domain.batch_figures import Calls, Cost, Row, RowState, Tools
from panel.domain.batch_report import BatchReport, FeedLine, Standing, Stop
from panel.domain.drift import drift_line
from panel.domain.job import Batch
from panel.domain.scale import round_half_up
from panel.publish.cells import plain
from panel.publish.figures import cost as dollars
from panel.publish.figures import listed, points
from panel.publish.provenance import CHECKLIST, NO_MODEL

NOTHING: Final = "-"
UNKNOWN: Final = "?"
ORDER: Final[tuple[RowState, ...]] = (
    "in_review",
    "set_aside",
    "waiting",
    "left",
    "held",
    "failed",
)
"""How rows are grouped: what needs a person's hand stands last, next to the sums."""

_STATES: Final[dict[RowState, str]] = {
    "in_review": "in review",
    "set_aside": "aside",
    "waiting": "waiting",
    "left": "left",
    "held": "held",
    "failed": "failed",
}
_STOPS: Final[dict[Stop, str]] = {
    "cap": "at the cost cap",
    "price": "because no price is known, so the cost cap cannot be kept",
    "deadline": "at the deadline",
    "max_tools": "after as many tools as were asked for",
    "signal": "by a signal",
    "key": "because the provider refused the key",
    "quota": "because the provider's quota is used up",
    "provider": "because the provider is down",
}


_EXITS: Final = {
    0: "done",
    2: "stopped: a setting is missing",
    3: "finished, some failed",
    4: "nothing could be evaluated",
    5: "stopped at the cost cap",
    8: "waiting for answers",
    130: "interrupted, goes on with --resume",
}


class Fact(NamedTuple):
    """One fact: its label, what is said, and further lines."""

    label: str
    said: str
    more: tuple[str, ...] = ()


def title(report: BatchReport) -> str:
    """Return what a report is headed with."""
    return f"Batch {report.batch.id}"


def times(report: BatchReport, zone: tzinfo | None) -> str:
    """Return when the batch began and ended and how long it took, in `zone` or as it was recorded."""
    began = report.batch.began.astimezone(zone or report.batch.began.tzinfo)
    name = plain(str(getattr(began.tzinfo, "key", None) or began.tzname()))
    if report.ended is None:
        return f"began {began:%H:%M:%S} {name}, not ended"
    ended = report.ended.astimezone(began.tzinfo)
    took = duration(round((report.ended - report.batch.began) / timedelta(milliseconds=1)))
    resumed = ", resumed" if report.batch.resumed else ""
    return f"{began:%H:%M:%S} to {ended:%H:%M:%S} {name}, {took}{resumed}"


def ending(code: int) -> str:
    """Return the exit code of a batch and what it means."""
    return f"exit {code}: {_EXITS[code]}"


def sorted_rows(report: BatchReport) -> list[Row]:
    """Return the rows grouped by state, each group in the order of the batch."""
    return sorted(report.rows, key=lambda row: ORDER.index(row.state))


def columns(row: Row) -> tuple[str, ...]:
    """Return a row's figures: ships, mean, split, calls, retries, cost, time, state."""
    share = mean = NOTHING
    if row.decision is not None and row.scorecards and row.mean is not None:
        share = _whole_percent(Fraction(row.ships or 0, row.scorecards))
        mean = points(row.mean)
    price = UNKNOWN if row.calls else NOTHING
    return (
        share,
        mean,
        ", ".join(key.replace("_", " ") for key in row.split) or NOTHING,
        NOTHING if row.calls is None else f"{row.calls}",
        NOTHING if row.retries is None else f"{row.retries}",
        price if row.cost_usd is None else dollars(row.cost_usd),
        duration(row.ms) if row.ms else NOTHING,
        _STATES[row.state],
    )


def note(row: Row) -> str:
    """Return what is to be said beside a row's state, empty where nothing is."""
    said = [flag.replace("_", " ") for flag in row.flags]
    if row.reason:
        said.append(row.reason)
    elif row.state == "in_review" and row.abstentions:
        said.append(f"{row.abstentions} of {row.seats} reviewers gave none")
    if row.revised:
        said.append("a new text of a known tool")
    if row.carried:
        said.append("from an earlier batch")
    return "; ".join(said)


def needs_a_look(row: Row) -> bool:
    """Tell whether an editor should see this row before others of its state."""
    return bool(row.flags or row.abstentions or row.split)


def notice(batch: Batch) -> str | None:
    """Return that no model was asked, where the checklist was to answer for any reviewer."""
    return NO_MODEL if CHECKLIST in batch.engine.split(", ") else None


def facts(report: BatchReport) -> Iterator[Fact]:
    """Yield the facts below the table, in order."""
    yield Fact("Engine", _engine(report.batch))
    if report.feeds:
        yield feeds_read(report.feeds)
    yield Fact("Tools", _tools(report.tools))
    if report.stop is not None:
        left = report.tools.left
        yield Fact("Stopped", f"{_STOPS[report.stop]}: {counted(left, 'tool')} left")
    yield from _standing(report.standing)
    yield from _calls(report.calls)
    yield _cost(report.cost)
    if report.calls.scorecards:
        yield Fact("Quality", _quality(report))
    yield _drift(report)


def duration(ms: int) -> str:
    """Return milliseconds as `1:04`, or `1:02:03` from an hour on."""
    minutes, seconds = divmod((ms + 500) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def counted(number: int, what: str, many: str | None = None) -> str:
    """Return a number with what is counted: `1 tool`, `2 tools`."""
    return f"{number:,} {what if number == 1 else many or f'{what}s'}"


def feeds_read(feeds: Sequence[FeedLine]) -> Fact:
    """Return how many of the feeds were read, and a line on each that lost something."""
    read = [feed for feed in feeds if feed.entries is not None]
    unchanged = sum(feed.unchanged for feed in read)
    entries = sum(feed.entries or 0 for feed in read)
    said = f"{len(read)} of {len(feeds)} read, {counted(entries, 'entry', 'entries')}"
    said += f", {unchanged} unchanged" if unchanged else ""
    return Fact("Feeds", said, tuple(line for feed in feeds for line in _feed(feed)))


def _feed(feed: FeedLine) -> Iterator[str]:
    name = redact_url(feed.source) if "://" in feed.source else feed.source
    if feed.why is not None:
        yield feed.why if feed.why.startswith(name) else f"{name}: {feed.why}"
    if feed.malformed:
        yield f"{name}: {feed.malformed}"
    elif feed.left_out:
        yield f"{name}: {counted(feed.left_out, 'item')} left out"
    yield from (f"{name}: {reason}" for reason in feed.reasons)
    if feed.reasons and (more := feed.left_out - len(feed.reasons)):
        yield f"{name}: {counted(more, 'more item')} left out"
    if feed.beyond:
        yield f"{name}: {counted(feed.beyond, 'item')} beyond the most that are read"


def _engine(batch: Batch) -> str:
    """Return who was to answer, and that a checklist is no model."""
    said = notice(batch)
    if said is None:
        return batch.engine
    where = "" if batch.engine == CHECKLIST else " where the checklist answered"
    return f"{batch.engine}: {said}{where}"


def _standing(standing: Standing) -> Iterator[Fact]:
    kinds = ((standing.held, "held"), (standing.failed, "failed"))
    parts = [f"{number:,} {what}" for number, what in kinds if number]
    if parts:
        what = "tool" if standing.held + standing.failed == 1 else "tools"
        yield Fact("Standing", f"{' and '.join(parts)} {what} of earlier batches")


def _tools(tools: Tools) -> str:
    kinds = (
        (tools.duplicates, "duplicate skipped" if tools.duplicates == 1 else "duplicates skipped"),
        (tools.set_aside, "set aside"),
        (tools.held, "held"),
        (tools.failed, "failed"),
        (tools.waiting, "waiting"),
        (tools.left, "left"),
    )
    came = f"{tools.seen} seen"
    came += f" and {tools.carried} from an earlier batch" if tools.carried else ""
    parts = [f"{tools.panelled} panelled", *(f"{n} {what}" for n, what in kinds if n)]
    new = f" ({tools.revised} with a new text of a known tool)" if tools.revised else ""
    return f"{came}: {', '.join(parts)}{new}" if tools.seen or tools.carried else "none seen"


def _calls(calls: Calls) -> Iterator[Fact]:
    if not calls.exchanges:
        yield Fact("Calls", "none was made")
        return
    asked = counted(calls.exchanges, "request")
    said = (
        f"{calls.calls:,} for {asked}" if calls.calls else f"none to a model, {asked} answered here"
    )
    if calls.invalid:
        least = "at least " if calls.at_least else ""
        said += f", {counted(calls.invalid, 'invalid answer')} ({least}{calls.recovered} made good)"
    if calls.retries:
        said += f", {counted(calls.retries, 'retry', 'retries')}"
    yield Fact("Calls", said)
    missing = calls.seats - calls.scorecards
    if calls.seats:
        lost = f", {counted(missing, 'abstention')}" if missing else ""
        said = f"{calls.scorecards:,} scorecards of {calls.seats:,} asked for{lost}"
        yield Fact("Reviews", said)


def _cost(cost: Cost) -> Fact:
    of = f" of {dollars(cost.cap)}" if cost.cap is not None else ""
    if cost.known is None:
        said = f"not known{of and f' (cap {dollars(cost.cap or Decimal(0))})'}"
    else:
        said = f"{'at least ' if cost.unknown else ''}{dollars(cost.known)}{of}"
    if cost.yesterday is not None:
        said += f" (the batch before {dollars(cost.yesterday)})"
    if cost.median is not None and cost.highest is not None:
        said += f"; per tool median {dollars(cost.median)}, highest {dollars(cost.highest)}"
    return Fact("Cost", said, tuple(_cost_more(cost)))


def _cost_more(cost: Cost) -> Iterator[str]:
    if cost.unknown:
        why = f"no price for {', '.join(cost.unpriced)}" if cost.unpriced else "nobody counted"
        yield f"not known for {counted(cost.unknown, 'tool')}: {why}"
    if not cost.by_model or cost.known is None:
        return
    rest = cost.known - sum((amount for _, amount in cost.by_model), Decimal(0))
    parts = [f"{model} {dollars(amount)}" for model, amount in cost.by_model]
    parts += [f"panels of several models and broken off {dollars(rest)}"] if rest else []
    if len(parts) > 1:
        yield ", ".join(parts)


def _quality(report: BatchReport) -> str:
    verbatim, skips = report.verbatim_share, report.skip_rate
    first = "not known" if verbatim is None else _percent(verbatim)
    second = "not known" if skips is None else _whole_percent(skips)
    return f"evidence verbatim {first}, skip rate {second}"


def _drift(report: BatchReport) -> Fact:
    if report.drift is None or not report.drift.compared:
        return Fact("Drift", "not known: too few scorecards to compare with the last 30 days")
    if not report.drift.drifts:
        names = [key.replace("_", " ") for key in report.drift.compared]
        return Fact("Drift", f"none in {listed(names)}")
    first, *more = map(drift_line, report.drift.drifts)
    return Fact("Drift", first, tuple(more))


def _whole_percent(share: Fraction) -> str:
    return f"{round_half_up(share * 100, 0):.0f}%"


def _percent(share: Fraction) -> str:
    """Return a share to a tenth of a per cent; only all of it is 100%."""
    if share == 1:
        return "100%"
    return f"{min(round_half_up(share * 100), 99.9):.1f}%"
