"""The audit as text for a terminal: a line a figure, with its interval and its cases."""

from collections.abc import Iterator, Sequence

from panel.audit.figure import Estimate, Figure, Silent, Unit
from panel.audit.report import Audit, PanelAudit

_DIGITS: dict[Unit, str] = {
    "points": "{:.1f}",
    "number": "{:.2f}",
    "correlation": "{:.2f}",
    "seconds": "{:.1f}",
    "usd": "{:.4f}",
}


def say_value(unit: Unit, value: float) -> str:
    """Return a value as it is shown. Example: `"63%"` for a share of 0.634."""
    return f"{value:.0%}" if unit == "share" else _DIGITS[unit].format(value)


def say_figure(figure: Figure) -> str:
    """Return a figure in words: its value, its interval, its cases; or why it is not said."""
    if not isinstance(figure, Estimate):
        return f"not said: {figure.why}"
    said = say_value(figure.unit, figure.value)
    if figure.low is not None and figure.high is not None:
        ends = (say_value(figure.unit, end) for end in (figure.low, figure.high))
        said += f" (likely {' to '.join(ends)})"
    note = f"; {figure.note}" if figure.note else ""
    return f"{said}, {figure.cases:,} {figure.of}{note}"


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield the audit line by line."""
    if not audit.panels:
        yield "no finished run by a model is here, so there is nothing to audit"
    if audit.panels[1:]:
        yield f"{len(audit.panels)} sets of personas, each apart:"
    for panel in audit.panels:
        yield from _panel_lines(panel)
    for why, number in sorted(audit.left_out.items()):
        yield f"left out: {number:,} {why}"
    if audit.faults:
        yield f"passed over: {len(audit.faults):,} that cannot be read"


def _panel_lines(panel: PanelAudit) -> Iterator[str]:
    names = ", ".join(one.name for one in panel.reviewers)
    yield f"{names}: {panel.runs:,} runs on {panel.tools:,} texts, {panel.first} to {panel.last}"
    for alarm in panel.alarms:
        yield f"  ! {alarm.kind}: {alarm.says}"
    if not panel.alarms:
        yield "  nothing stands out"
    yield from _figure_lines(panel.figures, "  ")
    for one in panel.reviewers:
        yield f"  {one.name} ({', '.join(one.models) or 'no review'})"
        yield from _figure_lines(one.figures, "    ")
        for group in one.confidence:
            yield (
                f"    said {group.said:.0%} sure: {group.happened:.0%} steady when asked again "
                f"(likely {group.low:.0%} to {group.high:.0%}), {group.cases} reviews"
            )


def _figure_lines(figures: Sequence[Figure], indent: str) -> Iterator[str]:
    """Yield a line for each estimate, then one for all figures with too few cases."""
    for figure in figures:
        if isinstance(figure, Estimate) or not figure.fewest:
            yield f"{indent}{figure.label}: {say_figure(figure)}"
    few = [one for one in figures if isinstance(one, Silent) and one.fewest]
    if few:
        listed = "; ".join(f"{one.label} ({one.cases} {one.of} of {one.fewest})" for one in few)
        yield f"{indent}not said, for too few cases: {listed}"
