"""The report of a batch as Markdown, with every tool."""

import re
from collections.abc import Iterable
from typing import Final

from panel.publish.batch_next_steps import Step
from panel.publish.batch_summary import COLUMNS, BatchSummary
from panel.publish.cells import plain

_MARKED: Final = re.compile(r"[\\`*_\[\]|~!#]|(?<=:)/(?=/)|(?<=\bwww)\.", re.IGNORECASE)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def batch_markdown(summary: BatchSummary) -> str:
    """Return the report as Markdown. What others wrote is escaped: it is text, never markup."""
    lines = [f"# {escape(summary.title)}", "", f"{escape(summary.times)}.", ""]
    if summary.rows:
        lines += [_row(("Tool", *(column.head for column in COLUMNS), "Note", "Run"))]
        rules = ("---:" if column.is_figure else "---" for column in COLUMNS)
        lines += [_row(("---", *rules, "---", "---"))]
        for row in summary.rows:
            lines.append(_row(map(escape, (row.name, *row.texts, row.note, row.run or "-"))))
        lines.append("")
    for fact in summary.facts:
        lines.append(f"- **{fact.label}**: {escape(fact.text)}")
        lines += [f"  - {escape(line)}" for line in fact.more]
    steps = map(_step, summary.steps)
    return "\n".join((*lines, "", "## Next", "", *steps, "", summary.ending, ""))


def _step(step: Step) -> str:
    return f"- {_code(step.command)}: {step.purpose}" if step.command else f"- {step.purpose}"


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def escape(text: str) -> str:
    """Return `text` on one line with all that Markdown would read as markup escaped."""
    escaped = _MARKED.sub(lambda found: f"\\{found.group()}", plain(text))
    return "".join(_ENTITIES.get(sign, sign) for sign in escaped)


def _code(command: str) -> str:
    """Return a command as inline code; one with a backtick stands between two of them."""
    fence = "``" if "`" in command else "`"
    return f"{fence}{command}{fence}"
