"""A batch's figures in a file that Prometheus reads through the node exporter's textfile collector.

The file is about one batch and the next one replaces it, so its figures are gauges and have no
`_total` in their names; so too the histogram, which is of its panels alone. Only what is known is
written.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, SupportsFloat

from panel.domain.batch_report import BatchReport
from panel.store.atomic_write import write_atomically
from panel.store.disk_errors import translated
from panel.store.regular_files import read_text

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

SUCCESSES: Final = frozenset({0, 3, 5, 8})
"""The exit codes of a batch that did its work, as far as it was allowed to."""

_PREFIX: Final = "shipskip_"
_SUCCESS: Final = "batch_last_success_timestamp_seconds"
_SECONDS: Final = (5, 10, 20, 30, 60, 120, 300, 600)

_Sample = tuple[str, float]
_Gauge = tuple[str, str, str | None, Sequence[_Sample]]
"""A metric: its name, what it is, its label if it has one, and a figure for each value of that."""


def write_metrics(path: Path, report: BatchReport) -> None:
    """Write the figures of `report` to `path`, whole or not at all. Raises StoreError.

    The time of the last success is taken over from the file that is there, where this batch was none.
    """
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - 0.1 s

    last_success = _last_success(path, report)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(report, last_success))
    with translated(path, "The batch is safe; name another file with --metrics."):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, generate_latest(registry))


class _Figures:
    """What the registry collects: the metrics of one report."""

    def __init__(self, report: BatchReport, last_success: float | None) -> None:
        self._report = report
        self._last_success = last_success

    def collect(self) -> "Iterator[Metric]":
        """Yield every metric of which something is known."""
        for name, text, label, samples in (*self._state(), *self._work(), *self._quality()):
            if samples:
                yield _gauge(name, text, label, samples)
        if times := [row.ms / 1000 for row in self._report.rows if row.ms]:
            yield _histogram(times)

    def _state(self) -> Iterator[_Gauge]:
        report, tools = self._report, self._report.tools
        last = () if self._last_success is None else (("", self._last_success),)
        yield _SUCCESS, "When a batch last did its work (exit 0, 3, 5 or 8).", None, last
        if report.ended is not None:
            ended = report.ended.timestamp()
            yield "batch_end_timestamp_seconds", "When this batch ended.", None, (("", ended),)
            took = ended - report.batch.began.timestamp()
            yield "batch_duration_seconds", "How long this batch took.", None, (("", took),)
        yield "batch_exit_code", "The exit code of this batch.", None, (("", report.exit),)
        yield "batch_tools_seen", "Entries that this batch read.", None, (("", tools.seen),)
        states = (
            ("in_review", tools.reviewed),
            ("duplicate", tools.duplicates),
            ("set_aside", tools.set_aside),
            ("held", tools.held),
            ("failed", tools.failed),
            ("waiting", tools.waiting),
            ("left", tools.left),
        )
        yield "batch_tools", "Tools of this batch by state.", "state", states
        unread = sum(feed.has_failed for feed in report.feeds)
        feeds = (("read", len(report.feeds) - unread), ("unread", unread))
        yield "batch_feeds", "Feeds of this batch.", "outcome", feeds

    def _work(self) -> Iterator[_Gauge]:
        calls, cost = self._report.calls, self._report.cost
        yield "batch_calls", "HTTP calls to models.", None, (("", calls.calls),)
        yield "batch_retries", "Calls beyond the first of a request.", None, (("", calls.retries),)
        invalid = (("", calls.invalid),)
        yield "batch_invalid_answers", "Answers that had to be repaired or dropped.", None, invalid
        tokens = (
            ("in", calls.tokens_in),
            ("in_cached", calls.tokens_cached),
            ("out", calls.tokens_out),
        )
        yield "batch_tokens", "Tokens; in_cached is part of in.", "dir", _known(tokens)
        total = _known([("", _float(cost.total))])
        yield "batch_cost_usd", "What this batch cost; absent if not known.", None, total
        models = [(model, float(amount)) for model, amount in cost.by_model]
        text = "What panels of one model cost, by model."
        yield "batch_cost_by_model_usd", text, "model", models
        cap = _known([("", _float(cost.cap))])
        yield "batch_cost_cap_usd", "What this batch may cost at most.", None, cap

    def _quality(self) -> Iterator[_Gauge]:
        report = self._report
        tallies = [(line.persona, line.tally) for line in report.personas]
        ships = _known((name, _float(tally.ship_share)) for name, tally in tallies)
        yield "batch_ship_ratio", "Ships among a persona's scorecards.", "persona", ships
        means = _known((name, _float(tally.mean)) for name, tally in tallies)
        yield "batch_score_mean", "A persona's mean score of ten.", "persona", means
        cards = [(name, tally.scorecards) for name, tally in tallies]
        yield "batch_scorecards", "A persona's scorecards.", "persona", cards
        none = [(name, tally.abstentions) for name, tally in tallies]
        yield "batch_abstentions", "A persona's abstentions.", "persona", none
        share = _known([("", _float(report.verbatim_share))])
        yield "batch_citation_verbatim_ratio", "Evidence found word for word.", None, share
        flagged = (("", report.addressed),)
        text = "Tools whose text addresses the reviewers."
        yield "batch_injection_flags", text, None, flagged
        if report.drift is not None and report.drift.compared:
            drifted = {drift.persona for drift in report.drift.drifts}
            drifts = [(name, float(name in drifted)) for name in report.drift.compared]
            text = "1 where a persona judges otherwise than in the last 30 days."
            yield "batch_drift", text, "persona", drifts


def _gauge(
    name: str, text: str, label: str | None, samples: Sequence[_Sample]
) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    family = GaugeMetricFamily(_PREFIX + name, text, labels=[label] if label else [])
    for value, number in samples:
        family.add_metric([value] if label else [], number)
    return family


def _histogram(seconds: list[float]) -> "HistogramMetricFamily":
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415

    buckets = [(f"{most:.1f}", sum(one <= most for one in seconds)) for most in _SECONDS]
    family = HistogramMetricFamily(
        f"{_PREFIX}batch_panel_seconds", "How long a tool's panel took.", labels=[]
    )
    family.add_metric([], [*buckets, ("+Inf", len(seconds))], sum(seconds))
    return family


def _known(samples: Iterable[tuple[str, float | None]]) -> list[_Sample]:
    return [(label, value) for label, value in samples if value is not None]


def _float(figure: SupportsFloat | None) -> float | None:
    return None if figure is None else float(figure)


def _last_success(path: Path, report: BatchReport) -> float | None:
    """Return when a batch last did its work: this one, or the one that the file at `path` tells of."""
    if report.exit in SUCCESSES:
        return report.ended.timestamp() if report.ended else None
    name = f"{_PREFIX}{_SUCCESS} "
    try:
        lines = read_text(path).splitlines()
        return next(
            (float(line.removeprefix(name)) for line in lines if line.startswith(name)), None
        )
    except (OSError, ValueError):
        return None
