"""The page of an audit: a table a subject, each row with its interval drawn and said in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from panel.audit.control_report import ControlReport
from panel.audit.figure import Estimate, Figure, Unit, say_interval, say_value
from panel.audit.report import Audit, PanelAudit, ReviewerAudit
from panel.domain.wording import counted
from panel.publish.figures import long_date
from panel.publish.pages import Pages, make_environment

MOST_LINKS = 100
_RANGE: dict[Unit, tuple[float, float]] = {
    "share": (0, 1),
    "points": (0, 10),
    "correlation": (-1, 1),
}


@dataclass(frozen=True)
class Row:
    """A row of a table: what it is about, its value, interval and cases in words, and its drawing.

    `at`, `low` and `high` are per cent of the axis; None where nothing is drawn.
    """

    label: str
    value: str
    interval: str
    cases: str
    note: str
    runs: str
    at: str | None = None
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Table:
    """A table of rows that are drawn on one axis, whose ends `ends` names."""

    title: str
    rows: tuple[Row, ...]
    ends: tuple[str, str] | None


@dataclass(frozen=True)
class RunLinks:
    """A list of runs as the page has it: its anchor, its words, the newest runs with their address."""

    key: str
    says: str
    number: int
    links: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Part:
    """What the page says of one set of personas."""

    title: str
    counts: str
    alarms: tuple[tuple[str, str, str], ...]
    panel: Table
    tables: tuple[Table, ...]
    confidence: tuple[tuple[str, Table], ...]
    lists: tuple[RunLinks, ...]


def render_audit(
    audit: Audit, address: Callable[[str], str | None] = lambda _: None, *, fonts: bool = True
) -> str:
    """Return the audit as one self-contained page; `address` gives that of a run's page, if any."""
    environment = make_environment(Path(__file__).parent / "templates")
    return environment.get_template("audit.j2").render(
        style=Pages.load(fonts=fonts).style,
        made=long_date(audit.made.date()),
        parts=[
            _part(panel, number, len(audit.panels), address)
            for number, panel in enumerate(audit.panels, start=1)
        ],
        controls=_controls(audit.controls) if audit.controls else None,
        left_out=sorted(audit.left_out.items()),
        faults=[_fault(text) for text in audit.faults],
    )


def _part(panel: PanelAudit, number: int, of: int, address: Callable[[str], str | None]) -> Part:
    names, prefix = ", ".join(one.name for one in panel.reviewers), f"p{number}-"
    return Part(
        title=f"{names} (set {number} of {of})" if of > 1 else names,
        counts=(
            f"{counted(panel.runs, 'run')} on {counted(panel.tools, 'text')}, "
            f"{long_date(panel.first)} to {long_date(panel.last)}"
        ),
        alarms=tuple((one.kind, one.says, prefix + one.runs) for one in panel.alarms),
        panel=Table(
            "The panel", tuple(_row(one, one.label, prefix) for one in panel.figures), None
        ),
        tables=tuple(_tables(panel.reviewers, prefix)),
        confidence=tuple(
            (one.name, _confidence(one, prefix)) for one in panel.reviewers if one.confidence
        ),
        lists=tuple(
            RunLinks(
                prefix + one.key,
                one.says,
                len(one.runs),
                tuple((run, address(run)) for run in one.runs[:MOST_LINKS]),
            )
            for one in panel.lists
        ),
    )


def _tables(reviewers: Sequence[ReviewerAudit], prefix: str) -> Iterable[Table]:
    """Yield a table for each figure of the reviewers, with a row for each reviewer."""
    for place, first in enumerate(reviewers[0].figures):
        figures = [(one.name, one.figures[place]) for one in reviewers]
        unit = next((one.unit for _, one in figures if isinstance(one, Estimate)), None)
        axis = _axis([one for _, one in figures if isinstance(one, Estimate)])
        ends = (say_value(unit, axis[0]), say_value(unit, axis[1])) if unit and axis else None
        title = first.label[:1].upper() + first.label[1:]
        yield Table(title, tuple(_row(one, name, prefix, axis) for name, one in figures), ends)


def _confidence(one: ReviewerAudit, prefix: str) -> Table:
    rows = tuple(
        Row(
            label=f"said {group.said:.0%} sure",
            value=f"{group.happened:.0%}",
            interval=f"{group.low:.0%} to {group.high:.0%}",
            cases=counted(group.cases, "review"),
            note="",
            runs=f"{prefix}repeated",
            at=_percent(group.happened),
            low=_percent(group.low),
            high=_percent(group.high),
        )
        for group in one.confidence
    )
    return Table(f"{one.name}: how steady when asked again", rows, ("0%", "100%"))


def _controls(report: ControlReport) -> tuple[str, Table, list[str]]:
    """Return the day of a report on controls, its figures as a table, and its runs."""
    figures = [(f"{one.name} votes as its lens implies", one.figure) for one in report.lenses]
    figures += [(one.label, one) for one in (report.errors, report.flips)]
    rows = tuple(_row(figure, label, "") for label, figure in figures)
    runs = [f"{one.key}: {one.run}" for one in report.results]
    return long_date(report.made.date()), Table("On controls", rows, None), runs


def _axis(figures: Sequence[Estimate]) -> tuple[float, float] | None:
    """Return the ends of an axis on which all of `figures` lie; None where there is none."""
    if not figures:
        return None
    if (ends := _RANGE.get(figures[0].unit)) is not None:
        return ends
    return 0.0, max(*(one.high or one.value for one in figures), 0.001) * 1.1


def _row(figure: Figure, label: str, prefix: str, axis: tuple[float, float] | None = None) -> Row:
    cases, runs = f"{figure.cases:,} {figure.of}", prefix + figure.runs
    if not isinstance(figure, Estimate):
        return Row(label, "not said", "", cases, figure.why, runs)
    low, high = axis or _RANGE.get(figure.unit, (0.0, 0.0))
    drawn: list[str | None] = [None, None, None]
    if high > low:
        ends = (figure.value, figure.low, figure.high)
        drawn = [None if end is None else _percent((end - low) / (high - low)) for end in ends]
    return Row(
        label,
        say_value(figure.unit, figure.value),
        say_interval(figure),
        cases,
        figure.note,
        runs,
        *drawn,
    )


def _percent(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"


def _fault(text: str) -> str:
    """Return a fault without the folders of this machine: a page may be shown to others."""
    place, _, why = text.partition(": ")
    return f"{'/'.join(PurePosixPath(place).parts[-3:])}: {why}"
