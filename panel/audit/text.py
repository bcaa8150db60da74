"""The audit as text for a terminal: a line a figure, with its interval and its cases."""

from collections.abc import Iterator, Sequence

from panel.audit.control_report import figure_lines
from panel.audit.figure import Estimate, Figure, Silent, say_figure
from panel.audit.report import Audit, PanelAudit
from panel.domain.wording import counted


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield the audit line by line."""
    if not audit.panels:
        yield (
            "no finished run by a model is here, so there is nothing to audit; `shipskip review FILE "
            "--model REF` makes one"
        )
    if audit.panels[1:]:
        yield f"{len(audit.panels)} sets of personas, each apart:"
    for panel in audit.panels:
        yield from _panel_lines(panel)
    if audit.controls is not None:
        yield f"controls of {audit.controls.made:%Y-%m-%d}, by {audit.controls.engine}"
        yield from figure_lines(audit.controls)
    for why, number in sorted(audit.left_out.items()):
        yield f"left out: {number:,} {why}"
    if audit.faults:
        yield f"passed over: {len(audit.faults):,} that cannot be read"


def _panel_lines(panel: PanelAudit) -> Iterator[str]:
    names = ", ".join(one.name for one in panel.reviewers)
    counts = f"{counted(panel.runs, 'run')} on {counted(panel.tools, 'text')}"
    yield f"{names}: {counts}, {panel.first} to {panel.last}"
    for alarm in panel.alarms:
        yield f"  ! {alarm.kind}: {alarm.says}"
    if not panel.alarms:
        yield f"  {panel.no_alarm}"
    yield from _figure_lines(panel.figures, "  ")
    for one in panel.reviewers:
        yield f"  {one.name} ({', '.join(one.models) or 'no review'})"
        yield from _figure_lines(one.figures, "    ")
        for group in one.confidence:
            yield (
                f"    said {group.said:.0%} sure: {group.happened:.0%} steady when asked again "
                f"(likely {group.low:.0%} to {group.high:.0%}), {counted(group.cases, 'review')}"
            )


def _figure_lines(figures: Sequence[Figure], indent: str) -> Iterator[str]:
    """Yield a line for each estimate, then one for all figures with too few cases."""
    for figure in figures:
        if isinstance(figure, Estimate) or not figure.fewest:
            yield f"{indent}{figure.label}: {say_figure(figure)}"
    few = [one for one in figures if isinstance(one, Silent) and one.fewest]
    if few:
        listed = "; ".join(f"{one.label} ({one.cases} of {one.fewest} {one.of})" for one in few)
        yield f"{indent}not said, for too few cases: {listed}"
