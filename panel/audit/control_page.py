"""The page of a report on controls: figures drawn, each vote beside its lens, takes side by side."""

from collections.abc import Callable
from pathlib import Path

from panel.audit.control_report import ControlReport, pair_lines
from panel.audit.tables import Table, confidence_table, figure_row, figure_table
from panel.domain.wording import counted
from panel.publish.figures import long_date
from panel.publish.pages import Pages, make_environment

RUNS = "controls"
"""The anchor of the runs that every figure is of."""


def render_controls(report: ControlReport, address: Callable[[str], str | None]) -> str:
    """Return the report as one self-contained page; `address` gives that of a run's page, if any."""
    finished = [one for one in report.results if one.is_finished]
    votes = [vote for one in finished for vote in one.votes if vote.vote and vote.expected]
    misses = sum(vote.is_miss for vote in votes)
    environment = make_environment(Path(__file__).parent / "templates")
    return environment.get_template("controls.j2").render(
        style=Pages.load().style,
        made=long_date(report.made.date()),
        engine=report.engine,
        finished=f"{len(finished)} of {counted(len(report.results), 'control')}",
        found=f"{len(votes) - misses} of {counted(len(votes), 'vote')}",
        misses=counted(misses, "miss", "misses"),
        tables=_tables(report),
        reviewers=[lens.name for lens in report.lenses],
        results=[(one, address(one.run)) for one in report.results],
        pairs=[line.strip() for line in pair_lines(report)],
        moved=report.moved,
        runs=RUNS,
    )


def _tables(report: ControlReport) -> list[Table]:
    lenses = [(one.name, one.figure) for one in report.lenses]
    divisive = [(one.name, one.on_divisive) for one in report.lenses]
    panel = tuple(figure_row(one, one.label, "") for one in (report.errors, report.flips))
    tables = [
        figure_table("Votes as its lens implies", lenses),
        figure_table("On divisive controls alone", divisive),
        Table("The panel", panel, None),
    ]
    if report.confidence:
        title = "As the lens implies, by how sure the reviewer was"
        tables.append(confidence_table(title, report.confidence, "votes", RUNS))
    return tables
