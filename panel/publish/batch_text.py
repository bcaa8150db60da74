"""The report of a batch as text for a terminal and as Markdown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from panel.domain.batch_figures import Row
from panel.domain.batch_report import BatchReport
from panel.publish.batch_facts import (
    columns,
    ending,
    facts,
    needs_a_look,
    note,
    sorted_rows,
    times,
    title,
)
from panel.publish.batch_next_steps import Options, steps
from panel.publish.cells import cells, cut, fold, pad, plain

_HEADS: Final = ("SHIP", "MEAN", "SPLIT", "CALLS", "RETRY", "COST", "TIME", "STATE")
_LEFT: Final = (2, 7)  # words; the other columns are figures
_SPLIT: Final = 2
_LEAST_OF_A_SPLIT: Final = 8
_LEAST_OF_A_NAME: Final = 12
_MOST_OF_A_NAME: Final = 30
_FIRST_TO_GO: Final = (4, 6, 3, 2, 5)  # on a narrow terminal; ship, mean and state stay
_MARKED_STATES: Final = ("in_review", "held", "failed")
_GAP: Final = "  "
_LABEL: Final = 9
_NOTHING_NEXT: Final = "nothing: all is done"
_URGENT: Final = ("failed", "held", "in_review", "waiting", "left", "set_aside")
_MARKED: Final = re.compile(r"[\\`*_\[\]|~!#]|(?<=:)/(?=/)|(?<=\bwww)\.", re.IGNORECASE)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def batch_text(
    report: BatchReport,
    *,
    width: int = 100,
    most_rows: int = 40,
    root: str | None = None,
    zone: tzinfo | None = None,
    full_report: str | None = None,
    pages: str | None = None,
    options: Options = (),
) -> str:
    """Return the report for a terminal of `width` cells, with a line's end.

    At most `most_rows` tools are shown: those that need a person before those that do not.
    `full_report` is the file that has them all and `pages` the folder of the pages; `root` is the
    workspace and `options` what else commands have to name, and `zone` the one that times are told in.
    """
    lines = fold(f"{title(report)}   {times(report, zone)}", "", "  ", width)
    if report.rows:
        lines += [*_table(report, width, most_rows, full_report), ""]
    for fact in facts(report):
        lines += fold(fact.said, f"{fact.label:<{_LABEL}}", " " * _LABEL, width)
        for line in fact.more:
            lines += fold(line, " " * _LABEL, " " * (_LABEL + 2), width)
    lines += _next(report, root, options, width)
    for label, place in (("Report", full_report), ("Pages", pages)):
        if place:
            lines.append(f"{label:<{_LABEL}}{plain(place)}")
    return "\n".join((*lines, ending(report.exit), ""))


def batch_markdown(
    report: BatchReport,
    *,
    root: str | None = None,
    zone: tzinfo | None = None,
    options: Options = (),
) -> str:
    """Return the report as Markdown, with every tool. What others wrote is text there, never markup."""
    lines = [f"# {_escape(title(report))}", ""]
    lines += [f"{_escape(times(report, zone))}.", ""]
    if report.rows:
        heads = ("Tool", *(head.capitalize() for head in _HEADS), "Note", "Run")
        rule = ("---", *("---" if n in _LEFT else "---:" for n in range(len(_HEADS))), "---", "---")
        lines += [_row(heads), _row(rule)]
        for row in sorted_rows(report):
            texts = (row.tool, *columns(row), note(row), row.run or "-")
            lines.append(_row(map(_escape, texts)))
        lines.append("")
    for fact in facts(report):
        lines.append(f"- **{fact.label}**: {_escape(fact.said)}")
        lines += [f"  - {_escape(line)}" for line in fact.more]
    lines += ["", "## Next", ""]
    to_do = [
        f"- {_code(step.command)}: {step.why}" if step.command else f"- {step.why}"
        for step in steps(report, root, options)
    ]
    return "\n".join((*lines, *(to_do or [f"- {_NOTHING_NEXT}"]), "", ending(report.exit), ""))


def _next(report: BatchReport, root: str | None, options: Options, width: int) -> Iterator[str]:
    """Yield what to do next; a command stays on its line, so that it can be copied."""
    label = "Next"
    for step in steps(report, root, options):
        indent, label = f"{label:<{_LABEL}}", ""
        if step.command is None:
            yield from fold(step.why, indent, " " * _LABEL, width)
            continue
        line = f"{indent}{step.command}"
        if cells(f"{line}  # {step.why}") <= width:
            yield f"{line}  # {step.why}"
            continue
        yield line
        yield from fold(step.why, " " * _LABEL + "  # ", " " * _LABEL + "  # ", width)
    if label:
        yield f"{label:<{_LABEL}}{_NOTHING_NEXT}"


def _table(report: BatchReport, width: int, most: int, full_report: str | None) -> Iterator[str]:
    rows = _chosen(report, most)
    texts = [tuple(map(plain, columns(row))) for row in rows]
    sizes = [max(map(cells, column)) for column in zip(_HEADS, *texts, strict=True)]
    name, sizes = _fit(width, max(cells(plain(row.tool)) for row in rows), sizes)
    yield _line(pad("TOOL", name), _HEADS, sizes)
    for row, text in zip(rows, texts, strict=True):
        line = _line(pad(cut(row.tool, name), name), text, sizes)
        said = plain(note(row))
        if said and cells(line) + len(_GAP) + cells(said) <= width:
            yield f"{line}{_GAP}{said}"
            continue
        yield line
        if said:
            yield from fold(
                said, "    ! " if row.state in _MARKED_STATES else "      ", "      ", width
            )
    if hidden := len(report.rows) - len(rows):
        yield from fold(_more(report, rows, hidden, full_report), "", "  ", width)


def _fit(width: int, longest: int, wanted: Sequence[int]) -> tuple[int, list[int]]:
    """Return the cells of the names and of each column; one for which there is no room has 0."""
    sizes = list(wanted)
    sizes[_SPLIT] = min(sizes[_SPLIT], _LEAST_OF_A_SPLIT)
    for column in _FIRST_TO_GO:
        if _room(width, sizes) < _LEAST_OF_A_NAME:
            sizes[column] = 0
    room = _room(width, sizes)
    name = min(longest, _MOST_OF_A_NAME, max(room, _LEAST_OF_A_NAME))
    if sizes[_SPLIT]:
        sizes[_SPLIT] = min(wanted[_SPLIT], sizes[_SPLIT] + max(0, room - name))
    return max(name, len("TOOL")), sizes


def _room(width: int, sizes: Sequence[int]) -> int:
    return width - sum(size + len(_GAP) for size in sizes if size)


def _chosen(report: BatchReport, most: int) -> list[Row]:
    """Return the rows to show: all of them, or those that need a person first."""
    rows = sorted_rows(report)
    if len(rows) <= most:
        return rows
    urgent = sorted(
        range(len(rows)),
        key=lambda n: (_URGENT.index(rows[n].state), not needs_a_look(rows[n]), n),
    )
    return [rows[n] for n in sorted(urgent[:most])]


def _more(report: BatchReport, shown: Sequence[Row], hidden: int, full_report: str | None) -> str:
    states = Counter(columns(row)[-1] for row in report.rows)
    states.subtract(columns(row)[-1] for row in shown)
    counts = ", ".join(f"{number:,} {state}" for state, number in states.items() if number)
    where = full_report or "give --report FILE.md"
    return f"… {hidden:,} more: {counts}; all of them: {where}"


def _line(name: str, texts: Sequence[str], sizes: Sequence[int]) -> str:
    padded = (
        pad(cut(text, size), size, right=n not in _LEFT)
        for n, (text, size) in enumerate(zip(texts, sizes, strict=True))
        if size
    )
    return _GAP.join((name, *padded)).rstrip()


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _escape(text: str) -> str:
    """Return `text` on one line with all that Markdown would read as markup made plain."""
    marked = _MARKED.sub(lambda found: f"\\{found.group()}", plain(text))
    return "".join(_ENTITIES.get(sign, sign) for sign in marked)


def _code(command: str) -> str:
    """Return a command as code; one with a backtick stands between two of them."""
    fence = "``" if "`" in command else "`"
    return f"{fence}{command}{fence}"
