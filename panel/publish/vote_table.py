"""Votes by day, as a table for a spreadsheet."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

from panel.domain.community import DailyCount

_COLUMNS: Final = ("tool", "day", "choice", "set_aside_by", "votes")


def daily_csv(counts: Iterable[DailyCount]) -> str:
    """Return counts as CSV with a line of names; `set_aside_by` is empty where the votes count."""
    written = StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(_COLUMNS)
    for one in counts:
        lines.writerow((one.tool, one.day.isoformat(), one.choice, one.rule or "", one.votes))
    return written.getvalue()
