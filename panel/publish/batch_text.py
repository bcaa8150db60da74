"""The report of a batch as text for a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from panel.domain.batch_figures import RowState
from panel.publish.batch_next_steps import Step
from panel.publish.batch_summary import COLUMNS, BatchSummary, TableRow
from panel.publish.cells import cells, cut, pad, plain, wrap

_HEADS: Final = tuple(column.head.upper() for column in COLUMNS)
_SPLIT: Final = _HEADS.index("SPLIT")
_DROPPED_FIRST: Final = tuple(map(_HEADS.index, ("RETRY", "TIME", "CALLS", "SPLIT", "COST")))
"""The columns that a narrow terminal has no room for; ship, mean and state stay."""

_LEAST_OF_A_SPLIT: Final = 8
_LEAST_OF_A_NAME: Final = 12
_MOST_OF_A_NAME: Final = 30
_MARKED_STATES: Final = ("in_review", "held", "failed")
_GAP: Final = "  "
_LABEL: Final = 9
_URGENT: Final[tuple[RowState, ...]] = (
    "failed",
    "held",
    "in_review",
    "waiting",
    "left",
    "set_aside",
)


def batch_text(
    summary: BatchSummary,
    *,
    width: int = 100,
    most_rows: int = 40,
    full_report: str | None = None,
    pages: str | None = None,
) -> str:
    """Return the report for a terminal of `width` cells, ending in a line break.

    At most `most_rows` tools are shown, those that need a person first. `full_report` is the file
    that has all of them and `pages` the folder of the pages.
    """
    lines = wrap(f"{summary.title}   {summary.times}", "", "  ", width)
    if summary.rows:
        lines += [*_table(summary.rows, width, most_rows, full_report), ""]
    for fact in summary.facts:
        lines += wrap(fact.text, f"{fact.label:<{_LABEL}}", " " * _LABEL, width)
        for line in fact.more:
            lines += wrap(line, " " * _LABEL, " " * (_LABEL + 2), width)
    lines += _next(summary.steps, width)
    for label, place in (("Report", full_report), ("Pages", pages)):
        if place:
            lines.append(f"{label:<{_LABEL}}{plain(place)}")
    return "\n".join((*lines, summary.ending, ""))


def _next(steps: Sequence[Step], width: int) -> Iterator[str]:
    """Yield what to do next; a command stays on its line, so that it can be copied."""
    label = "Next"
    for step in steps:
        indent, label = f"{label:<{_LABEL}}", ""
        if step.command is None:
            yield from wrap(step.purpose, indent, " " * _LABEL, width)
            continue
        line = f"{indent}{step.command}"
        if cells(f"{line}  # {step.purpose}") <= width:
            yield f"{line}  # {step.purpose}"
            continue
        yield line
        yield from wrap(step.purpose, " " * _LABEL + "  # ", " " * _LABEL + "  # ", width)


def _table(
    rows: Sequence[TableRow], width: int, most: int, full_report: str | None
) -> Iterator[str]:
    chosen = _choose(rows, most)
    texts = [tuple(map(plain, row.texts)) for row in chosen]
    sizes = [max(map(cells, column)) for column in zip(_HEADS, *texts, strict=True)]
    name, sizes = _fit(width, max(cells(plain(row.name)) for row in chosen), sizes)
    yield _line(pad("TOOL", name), _HEADS, sizes)
    for row, text in zip(chosen, texts, strict=True):
        line = _line(pad(cut(row.name, name), name), text, sizes)
        note = plain(row.note)
        if note and cells(line) + len(_GAP) + cells(note) <= width:
            yield f"{line}{_GAP}{note}"
            continue
        yield line
        if note:
            mark = "    ! " if row.state in _MARKED_STATES else "      "
            yield from wrap(note, mark, "      ", width)
    if len(chosen) < len(rows):
        yield from wrap(_more(rows, chosen, full_report), "", "  ", width)


def _fit(width: int, longest: int, wanted: Sequence[int]) -> tuple[int, list[int]]:
    """Return the cells of the names and of each column; one without room has 0."""
    sizes = list(wanted)
    sizes[_SPLIT] = min(sizes[_SPLIT], _LEAST_OF_A_SPLIT)
    for column in _DROPPED_FIRST:
        if _room(width, sizes) < _LEAST_OF_A_NAME:
            sizes[column] = 0
    room = _room(width, sizes)
    name = min(longest, _MOST_OF_A_NAME, max(room, _LEAST_OF_A_NAME))
    if sizes[_SPLIT]:
        sizes[_SPLIT] = min(wanted[_SPLIT], sizes[_SPLIT] + max(0, room - name))
    return max(name, len("TOOL")), sizes


def _room(width: int, sizes: Sequence[int]) -> int:
    return width - sum(size + len(_GAP) for size in sizes if size)


def _choose(rows: Sequence[TableRow], most: int) -> list[TableRow]:
    """Return at most `most` rows in their order, preferring those that need a person."""
    if len(rows) <= most:
        return list(rows)
    urgent = sorted(
        range(len(rows)),
        key=lambda n: (_URGENT.index(rows[n].state), not rows[n].needs_attention, n),
    )
    return [rows[n] for n in sorted(urgent[:most])]


def _more(rows: Sequence[TableRow], chosen: Sequence[TableRow], full_report: str | None) -> str:
    states = Counter(row.texts[-1] for row in rows)
    states.subtract(row.texts[-1] for row in chosen)
    counts = ", ".join(f"{number:,} {state}" for state, number in states.items() if number)
    where = full_report or "give --report FILE.md"
    return f"… {len(rows) - len(chosen):,} more: {counts}; all of them: {where}"


def _line(name: str, texts: Sequence[str], sizes: Sequence[int]) -> str:
    padded = (
        pad(cut(text, size), size, right=column.is_figure)
        for column, text, size in zip(COLUMNS, texts, sizes, strict=True)
        if size
    )
    return _GAP.join((name, *padded)).rstrip()
