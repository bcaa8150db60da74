"""The front page: its sentence, the most divided comparison, the latest verdicts and what changed."""

from dataclasses import dataclass
from datetime import date, timedelta

from panel.publish.catalogue import Catalogue
from panel.publish.history import VerdictEvent, list_changes
from panel.publish.leads import FEWEST_VERDICTS, MOST_VERDICTS, Clause, Lead, headline_of, lead_of
from panel.publish.rows import Row

WEEK = timedelta(days=7)
_MOST_CHANGES = 3


@dataclass(frozen=True)
class Front:
    """All that the front page shows."""

    day: date | None
    clauses: tuple[Clause, ...]
    lead: Lead | None
    latest: tuple[Row, ...]
    is_week: bool
    changes: tuple[VerdictEvent, ...]


def front_of(catalogue: Catalogue) -> Front:
    """Return what the front page shows: the week up to the newest approval, whatever day it is now."""
    changes = tuple(list_changes(catalogue)[:_MOST_CHANGES])
    if not catalogue.tools:
        return Front(None, (), None, (), is_week=False, changes=changes)
    newest = catalogue.tools[0].first_published
    week = [tool for tool in catalogue.tools if tool.first_published > newest - WEEK]
    is_week = len(week) >= FEWEST_VERDICTS
    latest = tuple(map(catalogue.row, (week if is_week else catalogue.tools)[:MOST_VERDICTS]))
    rows = tuple(map(catalogue.row, week))
    pairs = [one for one in catalogue.comparisons if one.first_published > newest - WEEK]
    return Front(
        day=newest.date(),
        clauses=tuple(headline_of(rows or latest)),
        lead=lead_of(catalogue, pairs, rows or latest),
        latest=latest,
        is_week=is_week,
        changes=changes,
    )
