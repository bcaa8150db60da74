"""Tables of figures for a page: each row with its interval drawn and said in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from panel.audit.figure import BOUNDS, Estimate, Figure, say_cases, say_interval, say_value
from panel.domain.calibration import CalibrationGroup

_AXES: Final = {unit: ends for unit, ends in BOUNDS.items() if isfinite(ends[1])}


@dataclass(frozen=True)
class FigureRow:
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
    rows: tuple[FigureRow, ...]
    ends: tuple[str, str] | None


def figure_table(title: str, figures: Sequence[tuple[str, Figure]], prefix: str = "") -> Table:
    """Return a table of figures of one unit, each with its label, drawn on one axis."""
    said = [one for _, one in figures if isinstance(one, Estimate)]
    axis = _axis(said)
    ends = (say_value(said[0].unit, axis[0]), say_value(said[0].unit, axis[1])) if axis else None
    return Table(title, tuple(figure_row(one, name, prefix, axis) for name, one in figures), ends)


def confidence_table(title: str, groups: Sequence[CalibrationGroup], of: str, runs: str) -> Table:
    """Return a table of how often what was said to be sure came about; `of` are its cases."""
    rows = tuple(
        FigureRow(
            label=f"said {group.said:.0%} sure",
            value=f"{group.happened:.0%}",
            interval=f"{group.low:.0%} to {group.high:.0%}",
            cases=say_cases(group.cases, of),
            note="",
            runs=runs,
            at=_percent(group.happened),
            low=_percent(group.low),
            high=_percent(group.high),
        )
        for group in groups
    )
    return Table(title, rows, ("0%", "100%"))


def figure_row(
    figure: Figure, label: str, prefix: str, axis: tuple[float, float] | None = None
) -> FigureRow:
    """Return the row of a figure; `prefix` stands before the anchor of its runs."""
    cases, runs = say_cases(figure.cases, figure.of), prefix + figure.runs
    if not isinstance(figure, Estimate):
        return FigureRow(label, "not said", "", cases, figure.why, runs)
    low, high = axis or _AXES.get(figure.unit, (0.0, 0.0))
    drawn: list[str | None] = [None, None, None]
    if high > low:
        ends = (figure.value, figure.low, figure.high)
        drawn = [None if end is None else _percent((end - low) / (high - low)) for end in ends]
    return FigureRow(
        label,
        say_value(figure.unit, figure.value),
        say_interval(figure),
        cases,
        figure.note,
        runs,
        *drawn,
    )


def _axis(figures: Sequence[Estimate]) -> tuple[float, float] | None:
    """Return the ends of an axis on which all of `figures` lie; None where there is none."""
    if not figures:
        return None
    if (ends := _AXES.get(figures[0].unit)) is not None:
        return ends
    return 0.0, max(*(one.high or one.value for one in figures), 0.001) * 1.1


def _percent(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"
