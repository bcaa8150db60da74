"""The page of an audit: a table a subject, each row with its interval drawn and said in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from panel.audit.control_report import ControlReport
from panel.audit.report import Audit, PanelAudit, ReviewerAudit
from panel.audit.tables import Table, confidence_table, figure_row, figure_table
from panel.domain.wording import counted
from panel.publish.figures import long_date
from panel.publish.pages import Pages, make_environment

MOST_LINKS = 100


@dataclass(frozen=True)
class RunLinks:
    """A list of runs as the page has it: its anchor, its words, the newest runs with their address."""

    key: str
    says: str
    number: int
    links: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class PanelSection:
    """What the page says of one set of personas."""

    title: str
    counts: str
    alarms: tuple[tuple[str, str, str], ...]
    no_alarm: str
    panel: Table
    tables: tuple[Table, ...]
    confidence: tuple[tuple[str, Table], ...]
    lists: tuple[RunLinks, ...]


def render_audit(audit: Audit, address: Callable[[str], str | None]) -> str:
    """Return the audit as one self-contained page; `address` gives that of a run's page, if any."""
    environment = make_environment(Path(__file__).parent / "templates")
    return environment.get_template("audit.j2").render(
        style=Pages.load().style,
        made=long_date(audit.made.date()),
        parts=[
            _part(panel, number, len(audit.panels), address)
            for number, panel in enumerate(audit.panels, start=1)
        ],
        controls=_controls(audit.controls) if audit.controls else None,
        left_out=sorted(audit.left_out.items()),
        faults=[_fault(text) for text in audit.faults],
    )


def _part(
    panel: PanelAudit, number: int, of: int, address: Callable[[str], str | None]
) -> PanelSection:
    names, prefix = ", ".join(one.name for one in panel.reviewers), f"p{number}-"
    return PanelSection(
        title=f"{names} (set {number} of {of})" if of > 1 else names,
        counts=(
            f"{counted(panel.runs, 'run')} on {counted(panel.tools, 'text')}, "
            f"{long_date(panel.first)} to {long_date(panel.last)}"
        ),
        alarms=tuple((one.kind, one.says, prefix + one.runs) for one in panel.alarms),
        no_alarm=panel.no_alarm,
        panel=Table(
            "The panel", tuple(figure_row(one, one.label, prefix) for one in panel.figures), None
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
        title = first.label[:1].upper() + first.label[1:]
        yield figure_table(title, [(one.name, one.figures[place]) for one in reviewers], prefix)


def _confidence(one: ReviewerAudit, prefix: str) -> Table:
    title = f"{one.name}: how steady when asked again"
    return confidence_table(title, one.confidence, "reviews", f"{prefix}repeated")


def _controls(report: ControlReport) -> tuple[str, Table, list[str]]:
    """Return the day of a report on controls, its figures as a table, and its runs."""
    figures = [(f"{one.name} votes as its lens implies", one.figure) for one in report.lenses]
    figures += [(one.label, one) for one in (report.errors, report.flips)]
    rows = tuple(figure_row(figure, label, "") for label, figure in figures)
    runs = [f"{one.key}: {one.run}" for one in report.results]
    return long_date(report.made.date()), Table("On controls", rows, None), runs


def _fault(text: str) -> str:
    """Return a fault without the folders of this machine: a page may be shown to others."""
    place, _, why = text.partition(": ")
    return f"{'/'.join(PurePosixPath(place).parts[-3:])}: {why}"
