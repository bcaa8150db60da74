"""The report of a batch in words: one model, which the terminal and Markdown render."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from panel.domain.addresses import redact_source
from panel.domain.batch_figures import Calls, Cost, RowState, ToolLine, Tools
from panel.domain.batch_report import BatchReport, FeedLine, Standing, Stop
from panel.domain.drift import Drift
from panel.domain.job import Batch
from panel.domain.review import CHECKLIST
from panel.domain.scale import percent, round_half_up
from panel.domain.wording import counted, in_one_line, listed, plural
from panel.publish.batch_next_steps import Options, Step, next_steps
from panel.publish.cells import plain
from panel.publish.figures import points, say_cost
from panel.publish.provenance import NO_MODEL

_NONE: Final = "-"
_UNKNOWN: Final = "?"
_STATES: Final[dict[RowState, str]] = {
    "in_review": "in review",
    "set_aside": "aside",
    "waiting": "waiting",
    "left": "left",
    "held": "held",
    "failed": "failed",
}
"""How each state is shown, in the order of the table: what a person has to act on comes last."""

_STOPS: Final[dict[Stop, str]] = {
    "cap": "at the cost cap",
    "price": "because no price is known, so the cost cap cannot be kept",
    "deadline": "at the deadline",
    "max_tools": "after as many tools as were asked for",
    "signal": "by a signal",
    "key": "because the provider refused the key",
    "quota": "because the provider's quota is used up",
    "address": "because no model answers at the provider's address",
    "provider": "because the provider is down",
}
EXITS: Final = {
    0: "done",
    2: "stopped: a setting is missing",
    3: "finished, some failed",
    4: "nothing could be evaluated",
    5: "stopped at the cost cap",
    8: "waiting for answers",
    130: "interrupted, goes on with --resume",
}
"""The exit codes of a batch and what they mean."""


class ReportColumn(NamedTuple):
    """A column of the table behind the tool's name; a figure is set to the right."""

    head: str
    is_figure: bool = True


COLUMNS: Final = (
    ReportColumn("Ship"),
    ReportColumn("Mean"),
    ReportColumn("Split", is_figure=False),
    ReportColumn("Calls"),
    ReportColumn("Retry"),
    ReportColumn("Cost"),
    ReportColumn("Time"),
    ReportColumn("State", is_figure=False),
)


_NOTHING_TO_DO: Final = Step(None, "nothing: all is done")


class ReportFact(NamedTuple):
    """One fact below the table: its label, its text and further lines."""

    label: str
    text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableRow:
    """One tool: `texts` has one text for each of `COLUMNS`, `note` what stands beside them."""

    name: str
    state: RowState
    texts: tuple[str, ...]
    note: str
    run: str | None
    needs_attention: bool


@dataclass(frozen=True)
class BatchSummary:
    """All that a report says, in its order. The texts may hold what others wrote: not escaped."""

    title: str
    times: str
    rows: tuple[TableRow, ...]
    facts: tuple[ReportFact, ...]
    steps: tuple[Step, ...]
    ending: str


def summarise_batch(
    report: BatchReport,
    *,
    zone: tzinfo | None = None,
    root: str | None = None,
    options: Options = (),
) -> BatchSummary:
    """Return what is said of a batch.

    Times are given in `zone`, or as they were recorded. The commands of `steps` name the workspace
    `root` and repeat the `options` of this batch.
    """
    order = list(_STATES)
    rows = sorted(report.rows, key=lambda row: order.index(row.state))
    return BatchSummary(
        title=f"Batch {report.batch.id}",
        times=_times(report, zone),
        rows=tuple(map(_table_row, rows)),
        facts=tuple(_facts(report)),
        steps=tuple(next_steps(report, root, options)) or (_NOTHING_TO_DO,),
        ending=ending(report.exit),
    )


def ending(code: int) -> str:
    """Return the exit code of a batch with its meaning: `exit 0: done`."""
    return f"exit {code}: {EXITS[code]}"


def notice(batch: Batch) -> str | None:
    """Return that no model was asked, or where none was; None where each reviewer had one."""
    if batch.engine == CHECKLIST:
        return NO_MODEL
    is_mixed = CHECKLIST in batch.engine.split(", ")
    return f"{NO_MODEL} where the checklist answered" if is_mixed else None


def duration(ms: int) -> str:
    """Return milliseconds as `1:04`, or `1:02:03` from an hour on."""
    minutes, seconds = divmod((ms + 500) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def feeds_fact(feeds: Sequence[FeedLine]) -> ReportFact:
    """Return how many of the feeds were read, with a line on each that lost something."""
    read = [feed for feed in feeds if feed.entries is not None]
    unchanged = sum(feed.unchanged for feed in read)
    entries = sum(feed.entries or 0 for feed in read)
    text = f"{len(read)} of {len(feeds)} read, {counted(entries, 'entry', 'entries')}"
    text += f", {unchanged} unchanged" if unchanged else ""
    return ReportFact("Feeds", text, tuple(line for feed in feeds for line in _feed(feed)))


def _times(report: BatchReport, zone: tzinfo | None) -> str:
    began = report.batch.began.astimezone(zone or report.batch.began.tzinfo)
    name = plain(str(getattr(began.tzinfo, "key", None) or began.tzname()))
    if report.ended is None:
        return f"began {began:%H:%M:%S} {name}, not ended"
    ended = report.ended.astimezone(began.tzinfo)
    took = duration(round((report.ended - report.batch.began) / timedelta(milliseconds=1)))
    resumed = ", resumed" if report.batch.resumed else ""
    return f"{began:%H:%M:%S} to {ended:%H:%M:%S} {name}, {took}{resumed}"


def _table_row(row: ToolLine) -> TableRow:
    return TableRow(
        name=row.tool,
        state=row.state,
        texts=_texts(row),
        note=_note(row),
        run=row.run,
        needs_attention=row.needs_attention,
    )


def _texts(row: ToolLine) -> tuple[str, ...]:
    share = mean = _NONE
    if row.decision is not None and row.scorecards and row.mean is not None:
        share = _whole_percent((row.ships or 0) / row.scorecards)
        mean = points(row.mean)
    unpriced = _UNKNOWN if row.calls else _NONE
    return (
        share,
        mean,
        ", ".join(map(_spaced, row.split)) or _NONE,
        _NONE if row.calls is None else f"{row.calls}",
        _NONE if row.retries is None else f"{row.retries}",
        unpriced if row.cost_usd is None else say_cost(row.cost_usd),
        duration(row.ms) if row.ms else _NONE,
        _STATES[row.state],
    )


def _note(row: ToolLine) -> str:
    notes = [_spaced(flag) for flag in row.flags]
    if row.reason:
        notes.append(row.reason)
    elif row.state == "in_review" and row.abstentions:
        notes.append(f"{row.abstentions} of {row.seats} reviewers gave none")
    if row.revised:
        notes.append("a new text of a known tool")
    if row.carried:
        notes.append("from an earlier batch")
    return in_one_line(*notes)


def _facts(report: BatchReport) -> Iterator[ReportFact]:
    yield ReportFact("Engine", _engine(report.batch))
    if report.feeds:
        yield feeds_fact(report.feeds)
    yield ReportFact("Tools", _tools(report.tools))
    if report.stop is not None:
        yield ReportFact(
            "Stopped", f"{_STOPS[report.stop]}: {counted(report.tools.left, 'tool')} left"
        )
    if report.notices:
        first, *more = report.notices
        yield ReportFact("Notices", first, tuple(more))
    yield from _standing(report.standing)
    yield from _calls(report.calls)
    yield _cost(report.cost)
    if report.calls.scorecards:
        yield ReportFact("Quality", _quality(report))
    yield _drift(report)


def _engine(batch: Batch) -> str:
    said = notice(batch)
    return f"{batch.engine}: {said}" if said else batch.engine


def _feed(feed: FeedLine) -> Iterator[str]:
    name = redact_source(feed.source)
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


def _tools(tools: Tools) -> str:
    if not tools.seen and not tools.carried:
        return "none seen"
    kinds = (
        (tools.duplicates, f"{plural(tools.duplicates, 'duplicate')} skipped"),
        (tools.set_aside, "set aside"),
        (tools.held, "held"),
        (tools.failed, "failed"),
        (tools.waiting, "waiting"),
        (tools.left, "left"),
    )
    came = f"{tools.seen} seen"
    came += f" and {tools.carried} from an earlier batch" if tools.carried else ""
    parts = [f"{tools.reviewed} reviewed", *(f"{n} {what}" for n, what in kinds if n)]
    new = f" ({tools.revised} with a new text of a known tool)" if tools.revised else ""
    return f"{came}: {', '.join(parts)}{new}"


def _standing(standing: Standing) -> Iterator[ReportFact]:
    kinds = ((standing.held, "held"), (standing.failed, "failed"))
    parts = [f"{number:,} {what}" for number, what in kinds if number]
    if parts:
        tools = plural(standing.held + standing.failed, "tool")
        yield ReportFact("Standing", f"{' and '.join(parts)} {tools} of earlier batches")


def _calls(calls: Calls) -> Iterator[ReportFact]:
    if not calls.exchanges:
        yield ReportFact("Calls", "none was made")
        return
    asked = counted(calls.exchanges, "request")
    text = (
        f"{calls.calls:,} for {asked}" if calls.calls else f"none to a model, {asked} answered here"
    )
    if calls.invalid:
        least = "at least " if calls.at_least else ""
        text += f", {counted(calls.invalid, 'invalid answer')} ({least}{calls.recovered} repaired)"
    if calls.retries:
        text += f", {counted(calls.retries, 'retry', 'retries')}"
    yield ReportFact("Calls", text)
    if calls.seats:
        missing = calls.seats - calls.scorecards
        lost = f", {counted(missing, 'abstention')}" if missing else ""
        yield ReportFact(
            "Reviews", f"{calls.scorecards:,} scorecards of {calls.seats:,} asked for{lost}"
        )


def _cost(cost: Cost) -> ReportFact:
    if cost.known is None:
        text = "not known" + (f" (cap {say_cost(cost.cap)})" if cost.cap is not None else "")
    else:
        text = f"{'at least ' if cost.unknown else ''}{say_cost(cost.known)}"
        text += f" of {say_cost(cost.cap)}" if cost.cap is not None else ""
    if cost.yesterday is not None:
        text += f" (the batch before {say_cost(cost.yesterday)})"
    if cost.median is not None and cost.highest is not None:
        text += f"; per tool median {say_cost(cost.median)}, highest {say_cost(cost.highest)}"
    return ReportFact("Cost", text, tuple(_cost_details(cost)))


def _cost_details(cost: Cost) -> Iterator[str]:
    if cost.unknown:
        why = f"no price for {', '.join(cost.unpriced)}" if cost.unpriced else "nobody counted"
        yield f"not known for {counted(cost.unknown, 'tool')}: {why}"
    if not cost.by_model or cost.known is None:
        return
    rest = cost.known - sum((amount for _, amount in cost.by_model), Decimal(0))
    parts = [f"{model} {say_cost(amount)}" for model, amount in cost.by_model]
    parts += [f"panels of several models and interrupted ones {say_cost(rest)}"] if rest else []
    if len(parts) > 1:
        yield ", ".join(parts)


def _quality(report: BatchReport) -> str:
    verbatim, skips = report.verbatim_share, report.skip_rate
    evidence = "not known" if verbatim is None else _percent(verbatim)
    rate = "not known" if skips is None else _whole_percent(float(skips))
    return f"evidence verbatim {evidence}, skip rate {rate}"


def _drift(report: BatchReport) -> ReportFact:
    if report.drift is None or not report.drift.compared:
        return ReportFact("Drift", "not known: too few scorecards to compare with the last 30 days")
    if not report.drift.drifts:
        return ReportFact("Drift", f"none in {listed(list(map(_spaced, report.drift.compared)))}")
    first, *more = map(_drift_line, report.drift.drifts)
    return ReportFact("Drift", first, tuple(more))


def _drift_line(drift: Drift) -> str:
    show = points if drift.of == "mean" else _whole_percent
    figures = f"{drift.of} {show(drift.today)}, 30-day {show(drift.before)}"
    return f"{_spaced(drift.persona)} {figures}: look before publishing"


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def _whole_percent(share: float) -> str:
    return f"{percent(share)}%"


def _percent(share: Fraction) -> str:
    """Return a share to a tenth of a per cent; only all of it is 100%."""
    if share == 1:
        return "100%"
    return f"{min(round_half_up(share * 100), 99.9):.1f}%"
